//! The program: exit codes, output and help.

use crate::project::deployed;
use assert_cmd::Command;
use serde_json::Value;
use testkit::Project;

fn reporting(project: &Project) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reporting"));
    command
        .env_remove("RISK_CONFIG")
        .arg("--config")
        .arg(project.config());
    command.args(["--now", "2026-07-01T06:00:00Z"]);
    command
}

#[test]
fn without_a_deployed_model_it_says_so_and_ends_66() {
    let project = Project::new();
    let output = reporting(&project).assert().code(66).get_output().clone();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("no deployed model") && message.contains("run deployment"),
        "{message}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn the_result_is_told_in_words_or_as_json() {
    let project = deployed();
    let output = reporting(&project).assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("list 2026-07-01-") && text.contains("of 3 clients"),
        "{text}"
    );
    assert_eq!(text.matches("wrote ").count(), 6);
    assert!(output.stderr.is_empty());
    let output = reporting(&project)
        .arg("--json")
        .assert()
        .success()
        .get_output()
        .clone();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&String> = result.as_object().unwrap().keys().collect();
    let expected = [
        "release",
        "model_id",
        "list_id",
        "n_clients",
        "n_held_out",
        "n_urgent",
        "n_book",
        "from_training_rows",
        "rejected_rows",
        "valid_from",
        "valid_to",
        "files",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn the_help_says_what_the_program_does() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reporting"));
    let output = command
        .arg("--help")
        .assert()
        .success()
        .get_output()
        .clone();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(
        help.starts_with("Draws the charts of the deployed model"),
        "{help}"
    );
    assert!(help.contains("Usage: reporting [OPTIONS]"), "{help}");
}
