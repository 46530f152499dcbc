//! What speaks against a candidate by hand, and the reason that overcomes it.

use crate::history::events;
use crate::project::{NOW, ingest_inverted, ready, renew, run, score, train};
use crate::running::{assert_refused, deploy, deployed};
use risk_core::records::TrainingRecord;
use testkit::Project;

#[test]
fn a_model_that_is_worse_needs_a_reason() {
    let project = ready();
    deployed(&project, &[]);
    ingest_inverted(&project, 0..60);
    train(&project, NOW);
    score(&project);
    assert_refused(
        &project,
        1,
        "the new model is worse than the one in force: on ",
    );
    assert_refused(&project, 1, "--force REASON");
    let forced = deployed(&project, &["--force", "a drill"]);
    assert_eq!(forced["deployed"], true);
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(manifest["force_reason"], "a drill");
    assert!(events(&project).last().unwrap().ends_with(" a drill"));
    let table = deploy(&project, &["--list"]).out;
    assert!(table.contains("in force, forced: a drill"), "{table}");
}

#[test]
fn rows_that_neither_saw_decide_where_there_are_enough() {
    let project = ready();
    deployed(&project, &[]);
    // The model is trained on inverted data, then the right rows of further clients arrive.
    ingest_inverted(&project, 0..60);
    train(&project, NOW);
    crate::project::ingest(&project, 200..260, &["a.csv", "b.csv"]);
    score(&project);
    assert_refused(
        &project,
        1,
        "on 60 labelled samples that neither was trained on",
    );
}

#[test]
fn where_nothing_decides_it_is_deployed_with_a_warning() {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    std::fs::remove_dir_all(project.path("testdata")).unwrap();
    let ran = deploy(&project, &[]).ended(0);
    assert!(
        ran.err.contains("not compared on the test data"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("could not be compared"), "{}", ran.err);
}

#[test]
fn a_model_of_another_input_folder_needs_a_reason() {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    let mut record = project.read_json("models/trainingrecord.json");
    record["input_folder"] = "../practicedata".into();
    let record: TrainingRecord = serde_json::from_value(record).unwrap();
    project.write(
        "models/trainingrecord.json",
        serde_json::to_string(&record).unwrap(),
    );
    assert_refused(
        &project,
        1,
        "trained on the input folder ../practicedata, the one in force on ../sourcedata",
    );
    assert_eq!(
        deployed(&project, &["--force", "a trial run"])["deployed"],
        true
    );
}

#[test]
fn a_caller_that_has_compared_is_held_up_by_a_rollback_only() {
    let project = ready();
    deployed(&project, &[]);
    ingest_inverted(&project, 0..60);
    train(&project, NOW);
    score(&project);
    let options = deployment::Options {
        was_compared: true,
        ..deployment::Options::default()
    };
    let compared = |project: &Project| deployment::run(&run(project, NOW), &options);
    assert!(compared(&project).unwrap().deployed);
    deployed(&project, &["--rollback"]);
    let message = format!("{:#}", compared(&project).unwrap_err());
    assert!(message.contains("was rolled back"), "{message}");
}

#[test]
fn a_reason_has_to_say_something_and_belongs_to_a_change() {
    let project = ready();
    deploy(&project, &["--force", " "]).ended(2);
    deploy(&project, &["--list", "--force", "why"]).ended(2);
    deploy(&project, &["--list", "--rollback"]).ended(2);
}
