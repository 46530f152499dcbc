//! Backup and restore, export, pruning.

use crate::{exported, full, program, run, said};
use risk_core::draft::Draft;
use std::fs;
use std::process::{Command, Stdio};
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";

/// Copies what a backup holds back to where it belongs, as the documentation says.
fn restore(project: &Project, backup: &str) {
    for (from, to) in [
        ("output", "ingesteddata"),
        ("models", "models"),
        ("production", "production_deployment"),
    ] {
        let target = project.path(to);
        fs::remove_dir_all(&target).unwrap();
        let copied = Command::new("cp")
            .arg("-a")
            .arg(project.path(&format!("{backup}/{from}")))
            .arg(&target)
            .status();
        assert!(copied.unwrap().success());
    }
}

#[test]
fn what_is_restored_from_a_backup_is_as_it_was() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let folders = ["models", "production_deployment"];
    let before = folders.map(|folder| project.files(folder));
    let runs = exported(&project, "runs");
    let backup = project.path("backup").display().to_string();
    let output = run(&project, "fullprocess", &["--backup", &backup]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(folders.map(|folder| project.files(folder)), before);

    let again = run(&project, "fullprocess", &["--backup", &backup]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    let inside = project.path("models/backup").display().to_string();
    let within = run(&project, "fullprocess", &["--backup", &inside]);
    assert_eq!(within.status.code(), Some(2), "{}", said(&within));

    restore(&project, "backup");
    assert_eq!(folders.map(|folder| project.files(folder)), before);
    assert_eq!(exported(&project, "runs"), runs);
    let silent = run(&project, "fullprocess", &["--now", FIRST]);
    assert!(
        silent.status.success() && silent.stdout.is_empty() && silent.stderr.is_empty(),
        "{}",
        said(&silent)
    );
    let without_metrics = |folder| {
        let mut files = project.files(folder);
        files.remove("risk.prom"); // Holds the time of the last run.
        files
    };
    let kept = before.map(|mut files| {
        files.remove("risk.prom");
        files
    });
    assert_eq!(folders.map(without_metrics), kept);
}

#[test]
fn a_backup_that_is_made_while_a_run_writes_can_be_restored() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    let mut writer = Command::new(program("fullprocess"))
        .args(["--offline", "--now", LATER, "--config"])
        .arg(project.config())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut backups = 0;
    while writer.try_wait().unwrap().is_none() {
        let folder = project.path(&format!("backup{backups}"));
        let output = run(
            &project,
            "fullprocess",
            &["--backup", &folder.display().to_string()],
        );
        assert!(output.status.success(), "{}", said(&output));
        backups += 1;
    }
    assert!(
        backups > 1,
        "the run was over before a second backup was made"
    );
    let undisturbed = project.read_json("production_deployment/current/manifest.json");
    let data = project.read("ingesteddata/finaldata.csv");
    for backup in [0, backups / 2, backups - 1] {
        restore(&project, &format!("backup{backup}"));
        full(&project, LATER, &[], 0);
        let manifest = project.read_json("production_deployment/current/manifest.json");
        assert_eq!(manifest["model_id"], undisturbed["model_id"], "{backup}");
        assert_eq!(project.read("ingesteddata/finaldata.csv"), data, "{backup}");
        assert_eq!(exported(&project, "judgements").len(), 1, "{backup}");
    }
}

#[test]
fn what_killed_backups_left_goes_with_the_next_one_whatever_its_name() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    project.write(
        "backups/.risk-backup-of-a-dead-one/output/history.sqlite",
        "half",
    );
    let alive = Draft::begin(&project.path("backups/.risk-backup-alive")).unwrap();
    let backup = |name: &str| {
        let folder = project.path(&format!("backups/{name}"));
        let folder = folder.display().to_string();
        run(&project, "fullprocess", &["--backup", &folder])
    };
    let done = backup("new");
    assert!(done.status.success(), "{}", said(&done));
    let same_name = backup("alive");
    assert_eq!(same_name.status.code(), Some(75), "{}", said(&same_name));
    let entries = fs::read_dir(project.path("backups")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".risk-backup-alive", "new"]);
    drop(alive);
    let taken_over = backup("alive");
    assert!(taken_over.status.success(), "{}", said(&taken_over));
}

#[test]
fn every_table_can_be_exported() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let unknown = run(&project, "fullprocess", &["--export", "nothing"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
    let message = said(&unknown);
    let tables = message.split("it has ").nth(1).unwrap().trim().split(", ");
    let tables: Vec<&str> = tables.collect();
    assert!(
        tables.contains(&"predictions") && tables.len() > 20,
        "{tables:?}"
    );
    for table in tables {
        let csv = run(&project, "fullprocess", &["--export", table]);
        assert!(csv.status.success(), "{}", said(&csv));
        let mut rows = csv::Reader::from_reader(csv.stdout.as_slice());
        assert_eq!(
            rows.records().map(Result::unwrap).count(),
            exported(&project, table).len()
        );
    }
    let run_row = &exported(&project, "runs")[0];
    assert_eq!(run_row["exit_code"], 0);
    assert!(run_row["elapsed_s"].is_f64() && run_row["error"].is_null());
    let csv = run(&project, "fullprocess", &["--export", "runs"]);
    let text = String::from_utf8(csv.stdout).unwrap();
    assert!(
        text.starts_with("run,command,started_at,elapsed_s,exit_code,error,project\n"),
        "{text}"
    );
    assert!(text.lines().nth(1).unwrap().contains(",0,,"), "{text}");
    let listed = project.read("models/contactlist.csv").lines().count() - 1;
    // The whole book is kept, also those who are not on the list.
    assert!(exported(&project, "predictions").len() > listed);
    assert_eq!(exported(&project, "contact_list_entries").len(), listed);
}

#[test]
fn pruning_keeps_what_later_decisions_need() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    full(&project, LATER, &[], 0);
    let judged = exported(&project, "judged_samples").len();
    assert!(judged > 0);
    let future = "2029-08-01T06:00:00Z";
    full(&project, future, &[], 0);

    let unchanged = full(&project, future, &["--prune"], 0);
    assert!(
        unchanged["removed"]["steps"].as_u64().unwrap() > 0,
        "{unchanged}"
    );
    let books = exported(&project, "books");
    assert_eq!(books.len(), 1, "the newest stays");
    assert_eq!(exported(&project, "judged_samples").len(), judged);
    assert_eq!(exported(&project, "deployments").len(), 1);
    let audit = &exported(&project, "prunings")[0];
    assert_eq!(audit["before"], "2027-08-02T06:00:00Z");
    assert!(
        audit["removed"].as_str().unwrap().contains("\"books\":2"),
        "{audit}"
    );
    let silent = run(&project, "fullprocess", &["--now", future]);
    assert!(
        silent.status.success() && silent.stdout.is_empty(),
        "{}",
        said(&silent)
    );
    let old = full(&project, future, &["--prune", "--keep-days", "100000"], 0);
    assert_eq!(old["removed"], serde_json::json!({}));
}

#[test]
fn the_modes_exclude_each_other() {
    let project = Project::panel();
    for arguments in [
        ["--prune", "--dry-run"].as_slice(),
        &["--export", "runs", "--erase", "x"],
        &["--format", "json"],
        &["--keep-days", "3"],
    ] {
        let output = run(&project, "fullprocess", arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    }
    let negative = run(&project, "fullprocess", &["--prune", "--keep-days", "-1"]);
    assert_eq!(negative.status.code(), Some(2));
    assert!(
        said(&negative).contains("-1 is not in 0..="),
        "{}",
        said(&negative)
    );
    let output = run(&project, "fullprocess", &["--export", "runs"]);
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
}
