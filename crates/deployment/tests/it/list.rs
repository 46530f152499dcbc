//! The list of releases.

use crate::history::rows;
use crate::project::{ready, renew};
use crate::running::{deploy, deployed};
use serde_json::json;

#[test]
fn without_a_release_the_list_is_empty() {
    let project = ready();
    assert_eq!(
        deployed(&project, &["--list"]),
        json!({"releases": [], "frozen_until": null})
    );
    let ran = deploy(&project, &["--list"]).ended(0);
    assert_eq!(ran.out, "no release is kept yet\n");
}

#[test]
fn every_release_is_listed_with_its_score_and_place() {
    let project = ready();
    let first = deployed(&project, &[]);
    renew(&project);
    let second = deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    let list = deployed(&project, &["--list"]);
    let score = project.read("production_deployment/latestscore.txt");
    let f1: f64 = score.trim().parse().unwrap();
    let listed = &list["releases"][1];
    let expected = json!({
        "release": second["release"], "model_id": second["model_id"],
        "deployed_at": "2026-07-03T06:00:00Z", "f1": f1, "current": true, "previous": false,
        "rolled_back": false, "waiting": false, "intact": true, "problem": null,
        "force_reason": null,
    });
    assert_eq!(*listed, expected);
    assert_eq!(list["releases"][0]["release"], first["release"]);
    assert_eq!(list["releases"][0]["previous"], true);

    deployed(&project, &["--rollback"]);
    let list = deployed(&project, &["--list"]);
    let flags = |row: usize| {
        let release = &list["releases"][row];
        [
            &release["current"],
            &release["previous"],
            &release["rolled_back"],
        ]
        .map(|flag| flag.as_bool().unwrap())
    };
    assert_eq!(flags(0), [true, false, false]);
    assert_eq!(flags(1), [false, false, true]);
}

#[test]
fn the_table_marks_what_is_in_force_and_what_is_damaged() {
    let project = ready();
    let first = deployed(&project, &[]);
    renew(&project);
    deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    let first = first["release"].as_str().unwrap();
    project.write(
        &format!("production_deployment/releases/{first}/trainingrecord.json"),
        "edited",
    );
    let table = deploy(&project, &["--list"]).ended(0).out;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    let title: Vec<&str> = lines[0].split_whitespace().collect();
    let expected = ["release", "model", "deployed", "at", "F1", "status"];
    assert_eq!(title, expected, "{table}");
    let damaged = "the one before, damaged, trainingrecord.json is not what was deployed: its \
                   checksum differs";
    assert!(
        lines[1].starts_with(first) && lines[1].ends_with(damaged),
        "{table}"
    );
    assert!(lines[2].ends_with("  in force"), "{table}");
}

#[test]
fn it_needs_no_lock_changes_no_file_and_is_noted_in_the_history() {
    let project = ready();
    deployed(&project, &[]);
    let lock = std::fs::File::open(project.path("ingesteddata/.lock")).unwrap();
    lock.lock().unwrap();
    let before = project.files("production_deployment");
    deployed(&project, &["--list"]);
    assert_eq!(project.files("production_deployment"), before);
    let noted = rows(
        &project,
        "SELECT command FROM runs WHERE command = 'deployment --list'",
    );
    assert_eq!(noted.len(), 1);
    deploy(&project, &["--unfreeze"]).ended(75);
}
