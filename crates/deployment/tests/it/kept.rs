//! Which releases are kept, and what a deployment that was killed leaves.

use crate::history::events;
use crate::project::{NOW, ingest, ready, renew, score, train};
use crate::running::{deployed, releases};
use serde_json::json;
use testkit::Project;

const KEEP_TWO: [&str; 2] = ["--set", "deployment.keep_releases=2"];

/// Deploys a model of so many clients on a day of July.
fn deploy_on(project: &Project, day: u64, arguments: &[&str]) -> String {
    ingest(project, 0..60 + day, &["a.csv", "b.csv"]);
    train(project, NOW);
    score(project);
    let now = format!("2026-07-{day:02}T06:00:00Z");
    let outcome = deployed(project, &[&["--now", &now], arguments].concat());
    assert_eq!(outcome["deployed"], true);
    outcome["release"].as_str().unwrap().to_owned()
}

#[test]
fn the_oldest_go_beyond_the_number_to_be_kept() {
    let project = ready();
    let kept: Vec<String> = (1..5)
        .map(|day| deploy_on(&project, day, &KEEP_TWO))
        .collect();
    assert_eq!(releases(&project), kept[2..]);
    assert_eq!(
        events(&project)[2..5],
        [
            format!("deployed {} ", kept[2]),
            format!("pruned {} ", kept[0]),
            format!("deployed {} ", kept[3]),
        ]
    );
}

#[test]
fn the_one_before_is_kept_even_where_one_is_to_be_kept() {
    let project = ready();
    let all: Vec<String> = (1..4)
        .map(|day| deploy_on(&project, day, &["--set", "deployment.keep_releases=1"]))
        .collect();
    assert_eq!(releases(&project), all[1..]);
    deployed(&project, &["--rollback"]);
}

#[test]
fn an_old_release_that_was_gone_back_to_is_never_removed() {
    let project = ready();
    let all: Vec<String> = (1..4).map(|day| deploy_on(&project, day, &[])).collect();
    deployed(&project, &["--rollback", &all[0]]);
    let newest = deploy_on(&project, 5, &KEEP_TWO);
    assert_eq!(releases(&project), [all[0].clone(), newest]);
}

#[test]
fn none_to_be_kept_is_bad_configuration() {
    let project = ready();
    crate::running::deploy(&project, &["--set", "deployment.keep_releases=0"]).ended(78);
}

#[test]
fn a_release_that_was_written_but_never_in_force_is_removed_by_the_next_run() {
    let project = ready();
    let first = deployed(&project, &[]);
    let first = first["release"].as_str().unwrap();
    // What a kill between the two renames of a deployment leaves.
    let orphan = "20260703T060000Z-0123456789abcdef";
    let files = project.files(&format!("production_deployment/releases/{first}"));
    for (name, bytes) in files {
        project.write(
            &format!("production_deployment/releases/{orphan}/{name}"),
            bytes,
        );
    }
    let mut state = project.read_json("production_deployment/state.json");
    state["unfinished"] = orphan.into();
    project.write("production_deployment/state.json", state.to_string());
    assert_eq!(deployed(&project, &[])["deployed"], false);
    assert_eq!(releases(&project), [first]);
    assert_eq!(
        events(&project).last().unwrap(),
        &format!("removed {orphan} ")
    );
    let state = project.read_json("production_deployment/state.json");
    assert_eq!(state["unfinished"], json!(null));
}

#[test]
fn what_follows_a_deployment_is_done_by_the_next_run_where_it_was_killed() {
    let project = ready();
    let all: Vec<String> = (1..4).map(|day| deploy_on(&project, day, &[])).collect();
    let mut state = project.read_json("production_deployment/state.json");
    state["unfinished"] = all[2].as_str().into();
    project.write("production_deployment/state.json", state.to_string());
    // Killed while it removed a release.
    project.write(
        "production_deployment/releases/.risk-removed-x/scores.json",
        "{}",
    );
    deployed(&project, &[&KEEP_TWO[..], &["--unfreeze"]].concat());
    assert_eq!(releases(&project), all[1..]);
}

#[test]
fn releases_of_before_are_left_alone_where_no_deployment_was_under_way() {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    for file in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
        let _ = std::fs::remove_file(project.path(&format!("ingesteddata/{file}")));
    }
    let before = project.files("production_deployment");
    assert_eq!(deployed(&project, &[])["deployed"], false);
    assert_eq!(project.files("production_deployment"), before);
}
