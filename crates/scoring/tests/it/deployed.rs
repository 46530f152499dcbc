//! Scoring the deployed model.

use crate::project::{artefact, deploy, project};
use crate::running::{score, scored};
use risk_core::Run;
use risk_core::config;
use testkit::Project;

/// A project whose deployed model is not the newest one.
fn with_release() -> (Project, serde_json::Value) {
    let project = project();
    let outcome = scored(&project, &[]);
    deploy(&project);
    project.write("models/trainedmodel.json", artefact(&project, 50..200));
    (project, outcome)
}

#[test]
fn it_is_the_deployed_model_that_is_scored() {
    let (project, deployed) = with_release();
    assert_eq!(scored(&project, &["--deployed"]), deployed);
    assert_ne!(scored(&project, &[])["model_id"], deployed["model_id"]);
}

#[test]
fn no_file_is_written() {
    let (project, _) = with_release();
    let before = project.files("");
    scored(&project, &["--deployed"]);
    assert_eq!(project.files(""), before);
}

#[test]
fn it_needs_no_lock() {
    let (project, deployed) = with_release();
    let config = config::load(&project.config(), &[]).unwrap();
    let now = crate::project::NOW.parse().unwrap();
    let _writer = Run::writer(config, now, "test").unwrap();
    assert_eq!(score(&project, &[]).code, 75);
    assert_eq!(scored(&project, &["--deployed"]), deployed);
}

#[test]
fn before_the_first_deployment_an_input_is_missing() {
    let project = project();
    let ran = score(&project, &["--deployed"]);
    assert_eq!((ran.code, ran.out.as_str()), (66, ""));
    assert!(ran.err.contains("no deployed model in "), "{}", ran.err);
}

#[test]
fn a_damaged_release_is_an_error() {
    let (project, _) = with_release();
    let path = "production_deployment/releases/one/trainedmodel.json";
    project.write(path, project.read("models/trainedmodel.json"));
    let ran = score(&project, &["--deployed"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let message = "trainedmodel.json is not what was deployed: its checksum differs";
    assert!(ran.err.contains(message), "{}", ran.err);
}
