//! What is missing: told, and without harm to what is there.

use crate::project::{deployed, diagnostics, practice};
use serde_json::Value;
use std::fs;
use testkit::Project;

fn refused(project: &Project) -> String {
    let output = diagnostics(project).assert().code(66).get_output().clone();
    assert!(output.stdout.is_empty());
    assert!(!project.path("ingesteddata/diagnostics.json").exists());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn without_a_deployed_model_it_ends_66() {
    let message = refused(&practice());
    assert!(
        message.contains("no deployed model") && message.contains("run deployment"),
        "{message}"
    );
}

#[test]
fn without_compiled_data_it_ends_66() {
    let project = deployed();
    fs::remove_file(project.path("ingesteddata/finaldata.csv")).unwrap();
    let message = refused(&project);
    assert!(
        message.contains("no compiled data") && message.contains("run ingestion"),
        "{message}"
    );
}

#[test]
fn without_the_input_folder_only_the_timing_of_ingestion_is_missing() {
    let project = deployed();
    fs::remove_dir_all(project.path("practicedata")).unwrap();
    let output = diagnostics(&project).arg("--json").assert().success();
    let output = output.get_output();
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures["timing_s"]["ingestion"], Value::Null);
    assert!(figures["timing_s"]["training"].is_number());
    assert_eq!(figures["predictions"]["n_samples"], 26);
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(message.contains("cannot time ingestion"), "{message}");
}

#[test]
fn the_help_says_what_offline_does() {
    let output = diagnostics(&practice()).arg("--help").assert().success();
    let help = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(help.contains("--offline"), "{help}");
    assert!(help.contains("for 5 s at most"), "{help}");
}
