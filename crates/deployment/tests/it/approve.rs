//! A candidate that waits for approval.

use crate::history::events;
use crate::project::{NOW, ready, renew, run};
use crate::running::{deploy, deployed};
use testkit::Project;

/// A project with a release in force and, made from more data, a candidate that waits; its name.
fn with_candidate() -> (Project, String) {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    let held = deployment::hold(&run(&project, "2026-07-03T06:00:00Z")).unwrap();
    assert!(held.is_new);
    (project, held.release)
}

#[test]
fn a_candidate_waits_and_is_not_in_force() {
    let (project, candidate) = with_candidate();
    let list = deployed(&project, &["--list"]);
    assert_eq!(list["releases"].as_array().unwrap().len(), 2);
    assert_eq!(list["releases"][0]["current"], true);
    assert_eq!(list["releases"][1]["waiting"], true);
    assert_eq!(list["releases"][1]["release"], candidate);
    let table = deploy(&project, &["--list"]).out;
    assert!(table.contains("waits for approval"), "{table}");
}

#[test]
fn holding_the_same_again_changes_nothing() {
    let (project, candidate) = with_candidate();
    let before = project.files("production_deployment");
    let again = deployment::hold(&run(&project, "2026-07-20T06:00:00Z")).unwrap();
    assert_eq!((again.is_new, again.release), (false, candidate));
    assert_eq!(project.files("production_deployment"), before);
}

#[test]
fn a_newer_candidate_takes_the_place_of_the_one_that_waited() {
    let (project, candidate) = with_candidate();
    crate::project::ingest(&project, 0..90, &["a.csv", "b.csv", "c.csv"]);
    crate::project::train(&project, NOW);
    crate::project::score(&project);
    let newer = deployment::hold(&run(&project, "2026-07-20T06:00:00Z")).unwrap();
    assert_ne!(newer.release, candidate);
    let folders = std::fs::read_dir(project.path("production_deployment/waiting")).unwrap();
    assert_eq!(folders.count(), 1);
    let old = deploy(&project, &["--approve", &candidate]).ended(2);
    assert!(
        old.err.contains(&format!("{} does", newer.release)),
        "{}",
        old.err
    );
}

#[test]
fn approving_puts_it_in_force_under_its_name() {
    let (project, candidate) = with_candidate();
    let files = project.files(&format!("production_deployment/waiting/{candidate}"));
    let approved = deployed(&project, &["--approve", &candidate]);
    assert_eq!(approved["release"], candidate);
    assert_eq!(approved["deployed"], true);
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(manifest["deployed_at"], "2026-07-02T06:00:00Z");
    let mut released = project.files(&format!("production_deployment/releases/{candidate}"));
    released.insert("manifest.json".into(), files["manifest.json"].clone());
    assert_eq!(released, files, "all but the manifest is the same");
    assert!(project.files("production_deployment/waiting").is_empty());
    let recorded = events(&project);
    assert_eq!(recorded[1], format!("held {candidate} "));
    assert_eq!(recorded[2], format!("approved {candidate} "));
    let none = deploy(&project, &["--approve"]).ended(66);
    assert!(
        none.err.contains("no candidate waits for approval"),
        "{}",
        none.err
    );
    let list = deployed(&project, &["--list"]);
    assert_eq!(list["releases"][0]["previous"], true);
}

#[test]
fn a_candidate_that_was_changed_is_refused() {
    let (project, candidate) = with_candidate();
    let path = format!("production_deployment/waiting/{candidate}/latestscore.txt");
    project.write(&path, "1\n");
    let ran = deploy(&project, &["--approve"]).ended(1);
    assert!(
        ran.err.contains("latestscore.txt is not what was deployed"),
        "{}",
        ran.err
    );
    assert_eq!(
        deployed(&project, &["--list"])["releases"][0]["current"],
        true
    );
}

#[test]
fn a_candidate_whose_manifest_is_damaged_is_listed_refused_and_replaced() {
    let (project, candidate) = with_candidate();
    let path = format!("production_deployment/waiting/{candidate}/manifest.json");
    project.write(&path, "{");
    let list = deployed(&project, &["--list"]);
    assert_eq!(list["releases"][1]["intact"], false);
    deploy(&project, &["--approve"]).ended(1);
    let held = deployment::hold(&run(&project, "2026-07-04T06:00:00Z")).unwrap();
    assert!(held.is_new);
    assert_eq!(
        deployed(&project, &["--approve"])["release"],
        held.release.as_str()
    );
}

#[test]
fn a_freeze_holds_up_an_approval() {
    let (project, candidate) = with_candidate();
    deployed(&project, &["--freeze", "2026-12-31"]);
    let ran = deploy(&project, &["--approve"]).ended(1);
    assert!(ran.err.contains("frozen until"), "{}", ran.err);
    let forced = deployed(&project, &["--approve", "--force", "agreed by the board"]);
    assert_eq!(forced["release"], candidate);
}

#[test]
fn deploying_another_model_supersedes_it() {
    let (project, _) = with_candidate();
    deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    assert!(project.files("production_deployment/waiting").is_empty());
}
