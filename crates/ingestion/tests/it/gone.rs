//! Files that have disappeared, and what becomes of their rows.

use crate::running::{
    assert_silent, configure, done, ends, final_data, ingest, outputs, put, refused, remove, table,
};
use serde_json::json;
use testkit::Project;

fn archived_a() -> Project {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "b.csv", table(&["bolt,8,0"]));
    done(&project);
    remove(&project, "a.csv");
    assert_eq!(done(&project).status("a.csv"), "archived");
    project
}

#[test]
fn a_file_that_has_disappeared_keeps_its_rows() {
    let project = archived_a();
    assert_eq!(final_data(&project), table(&["acme,7,1", "bolt,8,0"]));
    assert_eq!(
        project.read("ingesteddata/ingestedfiles.txt"),
        "a.csv\nb.csv\n"
    );
    assert_silent(&project);
}

#[test]
fn a_file_that_comes_back_is_known() {
    let project = archived_a();
    put(&project, "a.csv", table(&["acme,7,1"]));
    assert_eq!(done(&project).status("a.csv"), "known");
}

#[test]
fn all_files_may_go() {
    let project = archived_a();
    remove(&project, "b.csv");
    assert_eq!(done(&project).count("rows"), 2);
    assert_silent(&project);
}

#[test]
fn a_forgotten_file_loses_its_rows() {
    let project = archived_a();
    let outcome = ends(&project, 0, &["--forget", "a.csv"]);
    assert_eq!(outcome.json["files"].as_array().unwrap().len(), 1);
    assert_eq!(final_data(&project), table(&["bolt,8,0"]));
    assert_eq!(project.read("ingesteddata/ingestedfiles.txt"), "b.csv\n");
    assert_silent(&project);
}

#[test]
fn rows_of_a_forgotten_file_go_also_when_no_other_row_is_left() {
    let project = archived_a();
    remove(&project, "b.csv");
    put(&project, "c.csv", "nothing of use");
    refused(&project);
    let outcome = ends(&project, 0, &["--forget", "a.csv", "--forget", "b.csv"]);
    assert_eq!(outcome.count("rows"), 0);
    assert_eq!(final_data(&project), "corporation,activity,exited\n");
    assert_eq!(project.read("ingesteddata/ingestedfiles.txt"), "");
    let config = risk_core::config::load(&project.config(), &[]).unwrap();
    let error = dataset::read_compiled(&config.layout()).unwrap_err();
    assert_eq!(risk_core::error::exit_code(&error), 66, "{error:#}");
    assert!(error.to_string().contains("has no rows"), "{error:#}");
}

#[test]
fn a_file_that_is_there_or_was_never_known_cannot_be_forgotten() {
    let project = archived_a();
    let before = outputs(&project);
    for (name, message) in [
        ("b.csv", "b.csv is still in the input folder"),
        (
            "z.csv",
            "no file z.csv was ever ingested; known are a.csv, b.csv",
        ),
    ] {
        let ran = ingest(&project, &["--forget", "a.csv", "--forget", name]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(message), "{ran:?}");
        assert_eq!(outputs(&project), before);
    }
}

#[test]
fn reset_schema_takes_the_columns_of_now() {
    let project = archived_a();
    put(
        &project,
        "b.csv",
        "corporation,activity,size,exited\nbolt,8,3,0\n",
    );
    assert_eq!(done(&project).status("b.csv"), "changed");
    assert_eq!(final_data(&project), table(&["acme,7,1", "bolt,8,0"]));
    put(&project, "b.csv", "corporation,size,exited\nbolt,3,0\n");
    assert!(
        refused(&project)
            .reason("b.csv")
            .contains("column activity is missing")
    );
    remove(&project, "b.csv");
    put(
        &project,
        "c.csv",
        "corporation,activity,exited\nbolt,high,0\n",
    );
    let outcome = ends(&project, 0, &["--reset-schema"]);
    assert_eq!(outcome.count("rejected_rows"), 0);
    assert_eq!(
        final_data(&project),
        table(&["acme,7,1", "bolt,8,0", "bolt,high,0"])
    );
}

#[test]
fn reset_schema_without_a_file_to_find_it_from_changes_nothing() {
    let project = archived_a();
    remove(&project, "b.csv");
    done(&project);
    let before = outputs(&project);
    let ran = ingest(&project, &["--reset-schema"]);
    assert_eq!(ran.code, 66, "{ran:?}");
    assert!(ran.err.contains("the old one stays"), "{ran:?}");
    assert_eq!(outputs(&project), before);
    assert_silent(&project);
}

#[test]
fn kept_rows_that_lack_a_new_column_do_not_count_and_say_so() {
    let project = archived_a();
    put(
        &project,
        "b.csv",
        "corporation,activity,size,exited\nbolt,8,3,0\n",
    );
    let outcome = ends(&project, 0, &["--reset-schema"]);
    assert_eq!(outcome.status("a.csv"), "archived");
    assert_eq!(outcome.reason("a.csv"), "the column size is missing");
    assert!(
        outcome.err.contains("the kept rows of a.csv"),
        "{}",
        outcome.err
    );
    assert_eq!(
        final_data(&project),
        "corporation,activity,size,exited\nbolt,8,3,0\n"
    );
    assert_silent(&project);
}

#[test]
fn a_schema_that_is_taken_back_costs_no_kept_row() {
    let project = archived_a();
    let before = final_data(&project);
    for features in [
        json!([{ "name": "size", "kind": "category" }]),
        json!([{ "name": "activity", "kind": "numeric", "min": 100 }]),
    ] {
        configure(&project, json!({ "features": features }));
        ingest(&project, &[]);
        assert_ne!(final_data(&project), before);
    }
    configure(&project, json!({}));
    assert_eq!(done(&project).count("rows"), 2);
    assert_eq!(final_data(&project), before);
}

#[test]
fn kept_rows_are_parsed_anew_under_other_rules() {
    let project = archived_a();
    let features = json!([{ "name": "activity", "kind": "numeric", "min": 7.5 }]);
    configure(&project, json!({ "features": features }));
    let outcome = done(&project);
    assert_eq!(outcome.count("rejected_rows"), 1);
    assert_eq!(final_data(&project), table(&["bolt,8,0"]));
    assert_eq!(outcome.file("a.csv")["rejected_rows"], 1);
}

#[test]
fn a_file_that_comes_back_is_read_itself_and_not_what_was_kept_of_it() {
    let project = Project::new();
    let wide = "corporation,activity,size,exited\nacme,7,3,1\n";
    put(&project, "a.csv", table(&["bolt,8,0"]));
    put(&project, "b.csv", wide);
    done(&project);
    remove(&project, "b.csv");
    put(
        &project,
        "a.csv",
        "corporation,activity,size,exited\nbolt,8,4,0\n",
    );
    let outcome = ends(&project, 0, &["--reset-schema"]);
    assert_eq!(outcome.reason("b.csv"), "the column size is missing");
    put(&project, "b.csv", wide);
    assert_eq!(done(&project).count("rows"), 2);
    let expected = "corporation,activity,size,exited\nbolt,8,4,0\nacme,7,3,1\n";
    assert_eq!(final_data(&project), expected);
}

#[test]
fn a_kept_file_without_any_good_row_stands_every_change_of_rules() {
    let project = archived_a();
    put(&project, "c.csv", table(&["corv,many,0"]));
    done(&project);
    remove(&project, "c.csv");
    done(&project);
    let features = json!([{ "name": "activity", "kind": "category" }]);
    configure(&project, json!({ "features": features }));
    assert_eq!(done(&project).count("rows"), 2);
}
