//! Deploying again: the same, and another model.

use crate::project::{ready, renew, score, train};
use crate::running::{deploy, deployed, releases};

#[test]
fn deploying_the_same_again_changes_and_says_nothing() {
    let project = ready();
    let first = deployed(&project, &[]);
    let files = project.files("production_deployment");
    let ran = deploy(&project, &["--now", "2026-08-01T06:00:00Z"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(project.files("production_deployment"), files);
    let again = deployed(&project, &[]);
    assert_eq!(again["deployed"], false);
    assert_eq!(again["release"], first["release"]);
    assert_eq!(again["previous_model_id"], first["model_id"]);
}

#[test]
fn the_same_model_trained_at_another_time_is_deployed_already() {
    let project = ready();
    deployed(&project, &[]);
    let artefact = project.read("models/trainedmodel.json");
    train(&project, "2026-07-20T06:00:00Z");
    score(&project);
    assert_ne!(project.read("models/trainedmodel.json"), artefact);
    assert_eq!(deployed(&project, &[])["deployed"], false);
}

#[test]
fn another_model_makes_a_second_release_and_the_first_is_kept() {
    let project = ready();
    let first = deployed(&project, &[]);
    let id = first["release"].as_str().unwrap();
    let kept = project.files(&format!("production_deployment/releases/{id}"));
    renew(&project);
    let second = deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    assert_eq!(second["deployed"], true);
    assert_eq!(second["previous_model_id"], first["model_id"]);
    assert_ne!(second["model_id"], first["model_id"]);
    assert_eq!(
        releases(&project),
        [id, second["release"].as_str().unwrap()]
    );
    assert_eq!(
        project.files(&format!("production_deployment/releases/{id}")),
        kept
    );
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(manifest["previous_release"], id);
    let files = project.read("production_deployment/ingestedfiles.txt");
    assert_eq!(files, "a.csv\nb.csv\nc.csv\n");
}

#[test]
fn the_same_model_on_other_test_data_is_another_release_with_its_own_score() {
    let project = ready();
    let first = deployed(&project, &[]);
    let test = project.read("testdata/testdata.csv");
    project.write("testdata/testdata.csv", test + "another,99,1\n");
    score(&project);
    let second = deployed(&project, &[]);
    assert_eq!(second["deployed"], true);
    assert_eq!(second["model_id"], first["model_id"]);
    // Within the same second, and still under a name of its own.
    assert_eq!(
        second["release"],
        format!("{}-2", first["release"].as_str().unwrap())
    );
    let score = project.read("models/latestscore.txt");
    assert_eq!(project.read("production_deployment/latestscore.txt"), score);
}

#[test]
fn what_a_killed_deployment_left_does_no_harm() {
    let project = ready();
    project.write(
        "production_deployment/releases/.risk-release/trainedmodel.json",
        "half",
    );
    project.write("production_deployment/.risk-link-current.tmp", "");
    let release = deployed(&project, &[])["release"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(releases(&project), [release]);
    let files = project.files("production_deployment");
    assert!(
        files.keys().all(|name| !name.contains(".risk-")),
        "{:?}",
        files.keys()
    );
}
