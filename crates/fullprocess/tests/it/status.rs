//! The screen for the operator and the metrics for node_exporter.

use crate::{full, program, run, said};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use testkit::Project;

const NOW: &str = Project::PANEL_NOW;

fn status(project: &Project, now: &str, arguments: &[&str]) -> Output {
    let arguments = [&["--status", "--now", now], arguments].concat();
    run(project, "fullprocess", &arguments)
}

fn metrics(project: &Project) -> BTreeMap<String, f64> {
    let text = project.read("models/risk.prom");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let (name, _) = name.split_once('{').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[test]
fn before_the_first_run_it_says_what_to_do() {
    let project = Project::panel();
    let before = project.files(".");
    let output = status(&project, NOW, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("run fullprocess"),
        "{}",
        said(&output)
    );
    assert_eq!(project.files("."), before);
}

#[test]
fn a_healthy_project_fits_on_a_screen_and_nothing_is_changed() {
    let project = Project::panel();
    let outcome = full(&project, NOW, &[], 0);
    let before = project.files(".");
    let later = "2026-07-02T18:00:00Z";
    let output = status(&project, later, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() < 24, "{text}");
    for part in [
        outcome["release"].as_str().unwrap(),
        "(1.5 days ago), F1 0.",
        "last success  2026-07-01T06:00:00Z, run 1, exit code 0",
        "pending       none",
        "next list     2026-07-08",
        "healthy",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: Value = serde_json::from_slice(&status(&project, later, &["--json"]).stdout).unwrap();
    assert_eq!(json["healthy"], true);
    assert_eq!(json["release"]["id"], outcome["release"]);
    assert_eq!(json["last_success"]["run"], 1);
    assert_eq!(project.files("."), before);
}

#[test]
fn a_cron_that_runs_no_more_is_seen_when_the_next_list_is_overdue() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    // The list of 1 July ends on the 8th; a day is left for the next run.
    for (day, code) in [("2026-07-08", 0), ("2026-07-09", 0), ("2026-07-10", 1)] {
        let output = status(&project, &format!("{day}T23:00:00Z"), &[]);
        assert_eq!(output.status.code(), Some(code), "{day}: {}", said(&output));
        let told =
            said(&output).contains("The next list has been due for 2 days, since 2026-07-08");
        assert_eq!(told, code == 1, "{day}: {}", said(&output));
    }
}

#[test]
fn each_trouble_is_a_reason() {
    let project = Project::panel();
    project.write("sourcedata/broken.csv", "corporation,exited\n");
    full(&project, NOW, &[], 65);
    let output = status(&project, NOW, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("broken.csv: "), "{}", said(&output));
    std::fs::write(
        project.path("production_deployment/current/trainedmodel.json"),
        "{}",
    )
    .unwrap();
    std::fs::write(
        project.path("ingesteddata/history.sqlite"),
        "garbage ".repeat(900),
    )
    .unwrap();
    let output = status(&project, NOW, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let reasons = json["reasons"].to_string();
    for part in ["checksum differs", "history.sqlite", "broken.csv"] {
        assert!(reasons.contains(part), "{part}: {reasons}");
    }
}

#[test]
fn the_metrics_tell_of_every_run_and_are_readable_by_everybody() {
    let project = Project::panel();
    let run_at = |now: &str| {
        let line = "umask 077; exec \"$0\" \"$@\"";
        let arguments = ["--offline", "--now", now, "--config"];
        Command::new("/bin/sh")
            .args(["-c", line])
            .arg(program("fullprocess"))
            .args(arguments)
            .arg(project.config())
            .output()
            .unwrap()
    };
    let first = run_at(NOW);
    assert!(first.status.success(), "{}", said(&first));
    let path = project.path("models/risk.prom");
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    let success = metrics(&project)["risk_last_success_timestamp_seconds"];
    assert_eq!(success, 1_782_885_600.0);
    // Nothing to do, but alive.
    assert!(run_at("2026-07-01T06:10:00Z").stdout.is_empty());
    let alive = metrics(&project);
    assert_eq!(
        alive["risk_last_success_timestamp_seconds"],
        success + 600.0
    );
    assert_eq!(alive["risk_healthy"], 1.0);
    for name in [
        "risk_release_info",
        "risk_data_arrived_timestamp_seconds",
        "risk_decision",
    ] {
        assert!(alive.contains_key(name), "{name}");
    }
    std::fs::rename(project.path("sourcedata"), project.path("elsewhere")).unwrap();
    assert_eq!(run_at("2026-07-01T06:20:00Z").status.code(), Some(66));
    let failed = metrics(&project);
    assert_eq!(
        failed["risk_last_success_timestamp_seconds"],
        success + 600.0
    );
    assert_eq!(failed["risk_last_run_timestamp_seconds"], success + 1200.0);
    assert_eq!(
        (failed["risk_last_run_exit_code"], failed["risk_healthy"]),
        (66.0, 0.0)
    );
    std::fs::write(
        project.path("ingesteddata/history.sqlite"),
        "garbage ".repeat(900),
    )
    .unwrap();
    assert_eq!(run_at("2026-07-01T06:30:00Z").status.code(), Some(1));
    let lost = metrics(&project);
    assert_eq!(lost["risk_last_success_timestamp_seconds"], success + 600.0);
    assert_eq!(lost["risk_last_run_exit_code"], 1.0);
}
