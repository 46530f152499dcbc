//! Models that are not there or not what was written.

use crate::project::project;
use crate::running::{assert_refused, scored};

#[test]
fn without_a_model_an_input_is_missing() {
    let project = project();
    std::fs::remove_file(project.path("models/trainedmodel.json")).unwrap();
    assert_refused(&project, &[], 66, "trainedmodel.json; run training");
}

#[test]
fn a_truncated_an_edited_and_a_newer_model_are_refused() {
    let project = project();
    scored(&project, &[]);
    let text = project.read("models/trainedmodel.json");
    let truncated = text[..text.len() / 2].to_owned();
    let edited = text.replace("\"threshold\": 0.5", "\"threshold\": 0.1");
    let newer = text.replace("\"format_version\": 2", "\"format_version\": 3");
    for (model, message) in [
        (
            truncated,
            "trainedmodel.json: not readable as JSON: EOF while parsing",
        ),
        (
            edited,
            "trainedmodel.json: the model was changed after it was written",
        ),
        (
            newer,
            "trainedmodel.json: written by a newer version of this system (format 3",
        ),
        ("{}".into(), "trainedmodel.json: not a model of this system"),
    ] {
        project.write("models/trainedmodel.json", model);
        assert_refused(&project, &[], 1, message);
    }
}
