//! What does not belong together, or is not there, is not deployed: the release in force and all
//! files stay exactly as they were.

use crate::project::{ingest, ready, renew, score, train};
use crate::running::{assert_refused, deployed};
use testkit::Project;

/// A project with a release in force and another model ready.
fn with_release() -> Project {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    project
}

/// Refused both where a release is in force and before the first one.
#[track_caller]
fn assert_never(spoil: impl Fn(&Project), code: i32, message: &str) {
    for project in [with_release(), ready()] {
        spoil(&project);
        assert_refused(&project, code, message);
    }
}

#[test]
fn anything_that_is_missing_is_named_with_the_program_that_makes_it() {
    for (path, message) in [
        (
            "models/trainedmodel.json",
            "trainedmodel.json is not there; run training",
        ),
        (
            "models/trainingrecord.json",
            "trainingrecord.json is not there; run training",
        ),
        (
            "models/latestscore.txt",
            "latestscore.txt is not there; run scoring",
        ),
        (
            "models/scores.json",
            "scores.json is not there; run scoring",
        ),
        (
            "ingesteddata/ingestedfiles.txt",
            "ingestedfiles.txt is not there; run ingestion",
        ),
    ] {
        let remove = |project: &Project| std::fs::remove_file(project.path(path)).unwrap();
        assert_never(remove, 66, message);
    }
    assert_refused(&Project::new(), 66, "is not there; run training");
}

#[test]
fn the_score_of_another_model_is_refused() {
    let train_another = |project: &Project| {
        ingest(project, 0..50, &["a.csv"]);
        train(project, crate::project::NOW);
    };
    assert_never(train_another, 1, "run scoring");
}

#[test]
fn a_score_that_is_not_that_of_the_metrics_is_refused() {
    for score in ["1\n", "", "good", "nan"] {
        let edit = |project: &Project| project.write("models/latestscore.txt", score);
        assert_never(edit, 1, "but the score of the model is ");
    }
}

#[test]
fn the_record_of_another_model_is_refused() {
    let another = |project: &Project| {
        let kept = ["trainedmodel.json", "scores.json", "latestscore.txt"].map(|name| {
            (
                format!("models/{name}"),
                project.read(&format!("models/{name}")),
            )
        });
        ingest(project, 0..50, &["a.csv"]);
        train(project, crate::project::NOW);
        for (path, text) in kept {
            project.write(&path, text);
        }
    };
    assert_never(another, 1, "trainingrecord.json is of model ");
}

#[test]
fn ingested_files_that_the_model_did_not_see_are_refused() {
    let further = |project: &Project| {
        ingest(project, 0..90, &["a.csv", "b.csv", "c.csv", "d.csv"]);
    };
    assert_never(
        further,
        1,
        "ingestedfiles.txt lists other files than model ",
    );
    let fewer = |project: &Project| project.write("ingesteddata/ingestedfiles.txt", "a.csv\n");
    assert_never(fewer, 1, "run training and scoring again");
}

#[test]
fn files_that_are_not_what_was_written_are_refused() {
    for (path, content, message) in [
        (
            "models/trainedmodel.json",
            "{",
            "trainedmodel.json: not readable as JSON",
        ),
        (
            "models/trainedmodel.json",
            "{}",
            "trainedmodel.json: not a model of this system",
        ),
        ("models/scores.json", "{}", "scores.json: malformed"),
        ("models/trainingrecord.json", "[]", "trainingrecord.json: "),
        (
            "models/trainingrecord.json",
            "{\"format_version\": 2}",
            "trainingrecord.json: written by a newer version of this system",
        ),
    ] {
        assert_never(|project| project.write(path, content), 1, message);
    }
}

#[test]
fn an_edited_model_is_refused() {
    let edit = |project: &Project| {
        let text = project.read("models/trainedmodel.json");
        let edited = text.replace("\"threshold\": 0.5", "\"threshold\": 0.1");
        assert_ne!(edited, text);
        project.write("models/trainedmodel.json", edited);
    };
    assert_never(edit, 1, "the model was changed after it was written");
}

#[test]
fn after_the_cause_is_mended_it_is_deployed() {
    let project = with_release();
    project.write("models/latestscore.txt", "1\n");
    assert_refused(&project, 1, "run scoring");
    score(&project);
    assert_eq!(deployed(&project, &[])["deployed"], true);
}
