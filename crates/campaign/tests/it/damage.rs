//! Files that were truncated, edited, or overwritten with garbage.

use crate::{LATER, NOW, assert_ends, full, kept, program, with_a_month};
use std::fs;
use testkit::Project;

/// Cuts a file in half.
fn truncate(project: &Project, file: &str) {
    let bytes = fs::read(project.path(file)).unwrap();
    project.write(file, &bytes[..bytes.len() / 2]);
}

#[test]
fn a_truncated_file_that_decisions_rest_on_ends_1_is_named_and_nothing_is_changed() {
    for (file, said) in [
        (
            "production_deployment/current/trainedmodel.json",
            "trainedmodel.json is not what was deployed",
        ),
        (
            "ingesteddata/parts/index.json",
            "parts/index.json cannot be used; restore it",
        ),
    ] {
        let project = with_a_month();
        truncate(&project, file);
        let before = project.files("production_deployment");
        assert_ends(&full(&project, LATER), 1, &[said]);
        assert_eq!(project.files("production_deployment"), before, "{file}");
    }
}

#[test]
fn a_truncated_model_is_not_scored_and_not_deployed() {
    let project = with_a_month();
    truncate(&project, "models/trainedmodel.json");
    let before = kept(&project);
    for name in ["scoring", "deployment"] {
        let output = program(&project, name, LATER, &[]).output().unwrap();
        assert_ends(&output, 1, &["trainedmodel.json"]);
    }
    assert_eq!(kept(&project), before);
}

#[test]
fn compiled_files_that_were_edited_or_truncated_are_made_again() {
    let project = with_a_month();
    assert_ends(&full(&project, LATER), 0, &[]);
    let files = ["finaldata.csv", "ingestedfiles.txt", "schema.json"];
    let paths = files.map(|name| format!("ingesteddata/{name}"));
    let before = paths.each_ref().map(|path| project.read(path));
    for path in &paths {
        truncate(&project, path);
    }
    assert_ends(&full(&project, LATER), 0, &[]);
    assert_eq!(paths.each_ref().map(|path| project.read(path)), before);
}

#[test]
fn a_history_of_garbage_ends_1_says_what_to_do_and_nothing_else_is_touched() {
    let project = with_a_month();
    for file in ["history.sqlite-wal", "history.sqlite-shm"] {
        let _ = fs::remove_file(project.path(&format!("ingesteddata/{file}")));
    }
    let garbage = vec![0x5a; 40_000];
    project.write("ingesteddata/history.sqlite", &garbage);
    let before = kept(&project);
    for name in ["ingestion", "training", "deployment", "fullprocess"] {
        let output = program(&project, name, LATER, &[]).output().unwrap();
        assert_ends(
            &output,
            1,
            &["ingesteddata/history.sqlite", "move it away", "backup"],
        );
    }
    assert_eq!(kept(&project), before);
    // It may be wanted for a rescue.
    assert_eq!(
        fs::read(project.path("ingesteddata/history.sqlite")).unwrap(),
        garbage
    );
    fs::rename(
        project.path("ingesteddata/history.sqlite"),
        project.path("history.damaged"),
    )
    .unwrap();
    assert_ends(&full(&project, LATER), 0, &["newly labelled samples"]);
}

#[test]
fn a_history_whose_pages_are_damaged_ends_1_and_keeps_the_release() {
    let project = Project::panel();
    assert_ends(&full(&project, NOW), 0, &[]);
    let path = project.path("ingesteddata/history.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    // The header stays; all that follows it does not.
    bytes[100..].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let before = kept(&project);
    assert_ends(&full(&project, LATER), 1, &["history.sqlite"]);
    assert_eq!(kept(&project), before);
}
