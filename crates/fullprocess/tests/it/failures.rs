//! What goes wrong, and what is left standing.

use crate::{full, program, run, said, steps};
use risk_core::history::History;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use testkit::{Project, sample::Scenario};

const NOW: &str = Project::PANEL_NOW;

#[test]
fn a_failed_publishing_step_keeps_the_deployment_and_is_done_by_the_next_run() {
    let project = Project::panel();
    // A folder where the report should go cannot be replaced by a file.
    std::fs::create_dir_all(project.path("models/report.html/in the way")).unwrap();
    let failed = full(&project, NOW, &[], 1);
    assert_eq!(failed["decision"], "bootstrap");
    assert_eq!(steps(&failed)["reporting"], "failed");
    assert!(failed["release"].is_string());
    std::fs::remove_dir_all(project.path("models/report.html")).unwrap();
    let next = full(&project, NOW, &[], 0);
    assert_eq!(next["decision"], "no_new_data");
    assert_eq!(steps(&next)["reporting"], "done");
    assert_eq!(next["release"], failed["release"]);
    assert_eq!(steps(&full(&project, NOW, &[], 0)).get("reporting"), None);
}

#[test]
fn an_output_that_was_deleted_is_made_again() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    let report = project.read("models/report.html");
    let data = project.read("ingesteddata/finaldata.csv");
    std::fs::remove_file(project.path("models/report.html")).unwrap();
    std::fs::remove_file(project.path("ingesteddata/finaldata.csv")).unwrap();
    full(&project, NOW, &[], 0);
    assert_eq!(project.read("ingesteddata/finaldata.csv"), data);
    assert_eq!(
        project.read("models/report.html").is_empty(),
        report.is_empty()
    );
}

#[test]
fn labels_that_a_killed_run_ingested_are_judged_by_the_next() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    let later = "2026-08-01T06:00:00Z";
    // Killed right after ingestion is as if only ingestion had been run.
    let ingested = run(&project, "ingestion", &["--now", later]);
    assert!(ingested.status.success(), "{}", said(&ingested));
    let outcome = full(&project, later, &[], 0);
    assert!(
        outcome["reason"]
            .as_str()
            .unwrap()
            .contains("newly labelled samples"),
        "{outcome}"
    );
}

#[test]
fn a_refused_file_ends_65_once_while_the_rest_is_done() {
    let project = Project::panel();
    project.write("sourcedata/broken.csv", "corporation,exited\n");
    let first = full(&project, NOW, &[], 65);
    assert_eq!(first["decision"], "bootstrap");
    assert_eq!(first["refused_files"][0], "broken.csv");
    let second = run(&project, "fullprocess", &["--now", NOW]);
    assert!(
        second.status.success() && second.stdout.is_empty(),
        "{}",
        said(&second)
    );
}

#[test]
fn missing_inputs_end_66_and_name_what_is_missing() {
    let project = Project::panel();
    std::fs::remove_dir_all(project.path("testdata")).unwrap();
    let output = run(&project, "fullprocess", &["--now", NOW]);
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
    assert!(said(&output).contains("testdata"), "{}", said(&output));
    std::fs::remove_dir_all(project.path("sourcedata")).unwrap();
    let output = run(&project, "fullprocess", &["--now", NOW]);
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
    assert!(said(&output).contains("sourcedata"), "{}", said(&output));
}

#[test]
fn an_input_folder_that_vanished_loses_nothing() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    let before = (
        project.files("ingesteddata/parts"),
        project.files("production_deployment"),
    );
    std::fs::rename(project.path("sourcedata"), project.path("elsewhere")).unwrap();
    let output = run(&project, "fullprocess", &["--now", NOW]);
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
    assert_eq!(
        (
            project.files("ingesteddata/parts"),
            project.files("production_deployment")
        ),
        before
    );
    std::fs::rename(project.path("elsewhere"), project.path("sourcedata")).unwrap();
    assert_eq!(full(&project, NOW, &[], 0)["decision"], "no_new_data");
}

#[test]
fn a_second_run_at_the_same_time_ends_75_and_names_the_first() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    let lock = std::fs::File::open(project.path("ingesteddata/.lock")).unwrap();
    lock.lock().unwrap();
    let output = run(&project, "fullprocess", &["--now", NOW]);
    assert_eq!(output.status.code(), Some(75), "{}", said(&output));
    assert!(
        said(&output).contains("another run holds the lock"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_lost_history_is_begun_anew_and_the_system_goes_on() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    for file in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
        let _ = std::fs::remove_file(project.path(&format!("ingesteddata/{file}")));
    }
    let outcome = full(&project, NOW, &[], 0);
    assert_eq!(outcome["decision"], "too_few_to_decide", "{outcome}");
    let history = History::open_to_read(&project.path("ingesteddata/history.sqlite"))
        .unwrap()
        .unwrap();
    assert!(history.published("reporting models").unwrap().is_some());
    let again = run(&project, "fullprocess", &["--now", NOW]);
    assert!(again.stdout.is_empty(), "{}", said(&again));
}

/// As cron runs it: its own short path, another home, no terminal, no language, the folder `/`, and a
/// umask that keeps everything to the user.
fn under_cron(project: &Project) -> std::process::Output {
    Command::new("setsid")
        .args(["--wait", "sh", "-c", "umask 077; exec \"$0\" \"$@\""])
        .arg(program("fullprocess"))
        .args(["--offline", "--now", NOW, "--config"])
        .arg(project.config())
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin:/bin")
        .env("HOME", "/nonexistent")
        .env("SHELL", "/bin/sh")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn it_runs_under_cron_and_is_silent_the_second_time() {
    let project = Project::panel();
    let first = under_cron(&project);
    assert!(first.status.success(), "{}", said(&first));
    let mode = |file: &str| {
        let metadata = std::fs::metadata(project.path(file)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    // The umask holds for all but the metrics, which another user reads; nobody sees clients by them.
    assert_eq!(mode("models/contactlist.csv"), 0o600);
    assert_eq!(mode("ingesteddata/history.sqlite"), 0o600);
    assert_eq!(mode("models/risk.prom"), 0o644);
    let second = under_cron(&project);
    assert!(
        second.status.success() && second.stdout.is_empty() && second.stderr.is_empty(),
        "{}",
        said(&second)
    );
}
