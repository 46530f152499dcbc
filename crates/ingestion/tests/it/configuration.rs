//! Mistakes in the configuration and on the command line: told with the exit code of their kind, and
//! nothing is written.

use crate::running::{done, ingest, outputs, put, table};
use serde_json::{Value, json};
use std::fs::File;
use testkit::{Project, Ran};

fn with_data() -> Project {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    project
}

/// Checks that a run fails with a code, that its message has every part, and that no output changed.
#[track_caller]
fn assert_fails(project: &Project, arguments: &[&str], code: i32, parts: &[&str]) -> Ran {
    let before = project.files("ingesteddata");
    let ran = ingest(project, arguments);
    assert_eq!(ran.code, code, "{ran:?}");
    assert_eq!(ran.out, "");
    for part in parts {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(project.files("ingesteddata"), before);
    ran
}

fn edited(edit: impl FnOnce(&mut Value)) -> Project {
    let project = with_data();
    let mut config = project.read_json("config.json");
    edit(&mut config);
    project.set_config(config);
    project
}

#[test]
fn an_unknown_key_is_named_with_its_file_and_the_nearest_known_key() {
    let project = edited(|config| config["dataset"] = json!({ "horizon_day": 90 }));
    let file = project.config().display().to_string();
    let key = "unknown key dataset.horizon_day; the nearest known one is dataset.horizon_days";
    assert_fails(&project, &[], 78, &[&file, key]);
}

#[test]
fn a_value_of_the_wrong_type_is_named() {
    let project = edited(|config| config["dataset"] = json!({ "settle_s": "a minute" }));
    let file = project.config().display().to_string();
    assert_fails(&project, &[], 78, &[&file, "dataset.settle_s", "a minute"]);
}

#[test]
fn a_missing_key_is_named() {
    for key in [
        "input_folder_path",
        "output_folder_path",
        "test_data_path",
        "output_model_path",
        "prod_deployment_path",
    ] {
        let project = edited(|config| {
            config.as_object_mut().unwrap().remove(key);
        });
        let file = project.config().display().to_string();
        assert_fails(&project, &[], 78, &[&file, key]);
    }
}

#[test]
fn what_is_not_json_is_told_with_its_line() {
    let project = with_data();
    project.write(
        "config.json",
        "{\n  \"input_folder_path\": \"sourcedata\",\n}",
    );
    let file = project.config().display().to_string();
    assert_fails(&project, &[], 78, &[&file, "not valid JSON", "line 3"]);
}

#[test]
fn a_missing_configuration_file_is_named() {
    let project = with_data();
    std::fs::remove_file(project.config()).unwrap();
    let file = project.config().display().to_string();
    assert_fails(
        &project,
        &[],
        78,
        &[&file, "cannot read the configuration", "--config"],
    );
}

#[test]
fn a_missing_or_empty_input_folder_is_a_missing_input() {
    for (key, make, message) in [
        (
            "nowhere",
            false,
            "nowhere is not there; check input_folder_path",
        ),
        ("nothing", true, "no *.csv or *.parquet file in"),
    ] {
        let project = edited(|config| config["input_folder_path"] = key.into());
        if make {
            std::fs::create_dir(project.path(key)).unwrap();
            project.write(&format!("{key}/Icon\r"), "");
        }
        let before = outputs(&project);
        let ran = ingest(&project, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (66, ""));
        let folder = project.path(key).display().to_string();
        assert!(
            ran.err.contains(message) && ran.err.contains(&folder),
            "{ran:?}"
        );
        assert_eq!(outputs(&project), before);
    }
}

#[test]
fn an_unknown_key_in_set_is_a_configuration_error() {
    let project = with_data();
    let unknown = ["--set", "dataset.targt=Churn"];
    assert_fails(
        &project,
        &unknown,
        78,
        &["--set", "dataset.targt", "dataset.target"],
    );
}

#[test]
fn bad_arguments_are_usage_errors() {
    let project = with_data();
    for (arguments, parts) in [
        (
            &["--set", "dataset.target"][..],
            &["--set", "KEY=VALUE"][..],
        ),
        (&["--now", "2026-07-01"], &["--now", "RFC 3339"]),
        (&["--now", "yesterday"], &["--now", "RFC 3339"]),
        (&["--forgt", "a.csv"], &["--forgt", "--forget"]),
        (&["-q", "-v"], &["--quiet", "--verbose"]),
    ] {
        assert_fails(&project, arguments, 2, parts);
    }
}

#[test]
fn a_source_needs_either_a_table_or_a_query() {
    let project = edited(|config| {
        config["sources"] = json!([{ "kind": "sqlite", "name": "crm", "path": "crm.db" }]);
    });
    assert_fails(
        &project,
        &[],
        78,
        &["sources: crm needs either table or query"],
    );
}

#[test]
fn set_takes_the_place_of_any_key() {
    let project = Project::original();
    let practice = ["--json", "--set", "input_folder_path=practicedata"];
    let ran = ingest(&project, &practice);
    assert!(ran.out.contains("dataset1.csv"), "{ran:?}");
}

#[test]
fn the_schema_of_the_configuration_is_printed_without_a_configuration() {
    let project = Project::new();
    std::fs::remove_file(project.config()).unwrap();
    let ran = ingest(&project, &["--print-config-schema"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let schema: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(schema["properties"]["dataset"]["properties"]["settle_s"].is_object());
    assert_eq!(schema["required"].as_array().unwrap().len(), 5);
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_is_at_work() {
    let project = with_data();
    let path = project.path("ingesteddata/.lock");
    project.write("ingesteddata/.lock", "4711 2026-07-01T06:00:00Z\n");
    let held = File::options().write(true).open(path).unwrap();
    held.lock().unwrap();
    assert_fails(
        &project,
        &[],
        75,
        &["4711", "2026-07-01T06:00:00Z", ".lock"],
    );
    held.unlock().unwrap();
    assert_eq!(done(&project).count("rows"), 2);
}

#[test]
fn a_contract_value_that_is_listed_as_a_category_is_a_mistake() {
    let project = edited(|config| {
        config["dataset"] = json!({
            "contract_value": "size",
            "features": [{ "name": "size", "kind": "category" }],
        });
    });
    let message = "dataset.features: size is the contract value, so its kind is numeric";
    assert_fails(&project, &[], 78, &[message]);
}
