//! Going back to an earlier release.

use crate::history::events;
use crate::project::{ready, renew};
use crate::running::{deploy, deployed, releases};
use serde_json::{Value, json};
use testkit::Project;

/// A project with two releases, and their outcomes.
fn with_two_releases() -> (Project, Value, Value) {
    let project = ready();
    let first = deployed(&project, &[]);
    renew(&project);
    let second = deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    (project, first, second)
}

fn id(outcome: &Value) -> &str {
    outcome["release"].as_str().unwrap()
}

fn model_of(project: &Project) -> String {
    let model = project.read_json("production_deployment/trainedmodel.json");
    model["model_id"].as_str().unwrap().to_owned()
}

#[test]
fn by_default_the_release_before_is_in_force_again() {
    let (project, first, second) = with_two_releases();
    let back = deployed(&project, &["--rollback", "--now", "2026-07-04T06:00:00Z"]);
    let expected = json!({
        "deployed": true, "release": first["release"], "model_id": first["model_id"],
        "previous_model_id": second["model_id"],
    });
    assert_eq!(back, expected);
    assert_eq!(model_of(&project), first["model_id"]);
    assert_eq!(releases(&project), [id(&first), id(&second)]);
    assert_eq!(
        events(&project),
        [
            format!("deployed {} ", id(&first)),
            format!("deployed {} ", id(&second)),
            format!("rolled_back {} ", id(&first)),
        ]
    );
    let in_force = crate::history::rows(
        &project,
        "SELECT release, previous_release, deployed_at FROM deployments ORDER BY rowid DESC LIMIT 1",
    );
    let line = format!("{} {} 2026-07-04T06:00:00Z", id(&first), id(&second));
    assert_eq!(in_force, [line]);
}

#[test]
fn it_is_told_in_words() {
    let (project, first, second) = with_two_releases();
    let ran = deploy(&project, &["--rollback"]).ended(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].contains(id(&first)), "{}", ran.out);
    let left = second["model_id"].as_str().unwrap();
    assert_eq!(
        lines[1],
        format!("model {left} is not deployed again by itself; --force REASON deploys it")
    );
}

#[test]
fn the_model_that_was_left_is_not_deployed_again_without_a_reason() {
    let (project, _, second) = with_two_releases();
    deployed(&project, &["--rollback"]);
    let refused = deploy(&project, &[]).ended(1);
    for words in ["was rolled back on 2026-07-02", "--force REASON"] {
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    let forced = deployed(
        &project,
        &["--force", "the list was at fault, not the model"],
    );
    assert_eq!(forced["model_id"], second["model_id"]);
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(
        manifest["force_reason"],
        "the list was at fault, not the model"
    );
    assert!(
        events(&project)
            .last()
            .unwrap()
            .ends_with("the list was at fault, not the model")
    );
    let state = project.read_json("production_deployment/state.json");
    assert_eq!(state["blocked"], json!([]), "it may be deployed again");
}

#[test]
fn going_forward_again_lets_the_model_be_deployed() {
    let (project, first, second) = with_two_releases();
    deployed(&project, &["--rollback"]);
    let forward = deployed(&project, &["--rollback", id(&second)]);
    assert_eq!(forward["release"], second["release"]);
    assert_eq!(forward["previous_model_id"], first["model_id"]);
    assert_eq!(deployed(&project, &[])["deployed"], false);
    let state = project.read_json("production_deployment/state.json");
    assert_eq!(state["blocked"][0]["model_id"], first["model_id"]);
    assert_eq!(state["blocked"].as_array().unwrap().len(), 1);
}

#[test]
fn a_name_that_is_not_known_is_refused_with_the_nearest_one() {
    let (project, first, _) = with_two_releases();
    let before = project.files("production_deployment");
    let mistyped = &id(&first)[..id(&first).len() - 1];
    let ran = deploy(&project, &["--rollback", mistyped]).ended(2);
    let words = format!("the most similar name is {}", id(&first));
    assert!(ran.err.contains(&words), "{}", ran.err);
    assert_eq!(project.files("production_deployment"), before);
}

#[test]
fn without_a_release_before_there_is_nothing_to_go_back_to() {
    let project = ready();
    let none = deploy(&project, &["--rollback"]).ended(66);
    assert!(none.err.contains("no release is in force"), "{}", none.err);
    deployed(&project, &[]);
    let one = deploy(&project, &["--rollback"]).ended(66);
    assert!(one.err.contains("no release before "), "{}", one.err);
}

#[test]
fn going_back_to_the_one_in_force_changes_nothing() {
    let (project, _, second) = with_two_releases();
    let before = project.files("production_deployment");
    assert_eq!(
        deployed(&project, &["--rollback", id(&second)])["deployed"],
        false
    );
    assert_eq!(project.files("production_deployment"), before);
}

#[test]
fn a_damaged_release_is_not_gone_back_to() {
    let (project, first, second) = with_two_releases();
    let path = format!("production_deployment/releases/{}/scores.json", id(&first));
    project.write(&path, "{}");
    let ran = deploy(&project, &["--rollback"]).ended(1);
    for words in [
        "the release in force stays",
        "scores.json is not what was deployed",
    ] {
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    assert_eq!(model_of(&project), second["model_id"]);
}

#[test]
fn a_damaged_release_in_force_is_left_by_going_back() {
    let (project, first, _) = with_two_releases();
    project.write("production_deployment/current/scores.json", "{}");
    let refused = deploy(&project, &[]).ended(0);
    assert!(
        refused.out.contains("is in force"),
        "the same again mends it"
    );
    project.write("production_deployment/current/manifest.json", "{");
    let list = deployed(&project, &["--list"]);
    assert_eq!(list["releases"][2]["intact"], false);
    let back = deployed(&project, &["--rollback", id(&first)]);
    assert_eq!(back["release"], first["release"]);
    assert_eq!(back["previous_model_id"], Value::Null);
}

#[test]
fn a_rollback_that_was_killed_before_its_last_step_did_not_happen() {
    let (project, _, second) = with_two_releases();
    let mut state = project.read_json("production_deployment/state.json");
    state["blocked"] = json!([{
        "model_id": second["model_id"], "release": second["release"], "since": "2026-07-04T06:00:00Z",
    }]);
    project.write("production_deployment/state.json", state.to_string());
    assert_eq!(deployed(&project, &[])["deployed"], false);
    let state = project.read_json("production_deployment/state.json");
    assert_eq!(state["blocked"], json!([]));
}

#[test]
fn a_rollback_that_was_killed_after_its_last_step_is_recorded_by_the_next_run() {
    let (project, first, _) = with_two_releases();
    std::fs::remove_file(project.path("production_deployment/current")).unwrap();
    let target = format!("releases/{}", id(&first));
    std::os::unix::fs::symlink(target, project.path("production_deployment/current")).unwrap();
    deployed(&project, &["--unfreeze"]);
    deployed(&project, &["--unfreeze"]);
    assert_eq!(
        events(&project)[2..],
        [format!("found_in_force {} ", id(&first))]
    );
}
