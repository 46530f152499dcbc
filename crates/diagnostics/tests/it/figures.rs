//! The figures of a project where everything is in place.

use crate::project::{NOW, deployed, diagnostics};
use rusqlite::Connection;
use serde_json::{Value, json};
use testkit::{ORIGINAL_PRACTICE, ORIGINAL_PRACTICE_STATISTICS, Project};

fn figures(project: &Project) -> Value {
    let output = diagnostics(project).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn the_file_holds_what_is_printed() {
    let project = deployed();
    let printed = figures(&project);
    assert_eq!(project.read_json("ingesteddata/diagnostics.json"), printed);
    assert_eq!(printed["created_at"], NOW);
    let model = project.read_json("production_deployment/trainedmodel.json");
    assert_eq!(printed["model_id"], model["model_id"]);
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(printed["release"], manifest["release"]);
}

/// Without a penalty on the intercept the risks of the training samples sum to the leavers.
#[test]
fn the_deployed_model_predicts_the_compiled_data() {
    let predictions = figures(&deployed())["predictions"].clone();
    assert_eq!(predictions["n_samples"], ORIGINAL_PRACTICE.rows);
    let share = ORIGINAL_PRACTICE.n_positive as f64 / ORIGINAL_PRACTICE.rows as f64;
    let mean_risk = predictions["mean_risk"].as_f64().unwrap();
    assert!((mean_risk - share).abs() < 1e-6, "{mean_risk}");
    let exits = predictions["predicted_exits"].as_u64().unwrap();
    assert!((1..26).contains(&exits), "{exits}");
}

#[test]
fn every_column_is_summarised() {
    let summary = figures(&deployed())["summary"].clone();
    let columns: Vec<&str> = summary
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["column"].as_str().unwrap())
        .collect();
    let expected = [
        "corporation",
        "lastmonth_activity",
        "lastyear_activity",
        "number_of_employees",
        "exited",
    ];
    assert_eq!(columns, expected);
    for (position, (column, mean, median, std)) in (1..).zip(ORIGINAL_PRACTICE_STATISTICS) {
        for (key, expected) in [("mean", mean), ("median", median), ("std", std)] {
            let found = summary[position][key].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-9 * expected, "{column} {key}");
        }
    }
    assert_eq!(summary[0]["mean"], Value::Null);
    assert_eq!(summary[0]["missing_percent"], json!(0.0));
}

#[test]
fn the_timings_are_recorded() {
    let project = deployed();
    let timing = figures(&project)["timing_s"].clone();
    let history = Connection::open(project.path("ingesteddata/history.sqlite")).unwrap();
    for stage in ["ingestion", "training"] {
        let recorded: f64 = history
            .query_row(
                "SELECT timings.elapsed_s FROM timings JOIN runs USING (run)
                 WHERE command = 'diagnostics' AND stage = ?1",
                [stage],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(timing[stage].as_f64(), Some(recorded));
        assert!(recorded > 0.0);
    }
}

#[test]
fn offline_the_newest_versions_are_unknown_and_the_installed_ones_are_not() {
    let dependencies = figures(&deployed())["dependencies"].clone();
    let rows = dependencies.as_array().unwrap();
    assert!(rows.len() > 20);
    let polars = rows.iter().find(|row| row["package"] == "polars").unwrap();
    assert!(polars["installed"].is_string());
    assert_eq!(polars["status"], "unknown");
    assert_eq!(polars["reason"], "the registry has not been asked");
    assert_eq!(polars["change"], Value::Null);
}

#[test]
fn nothing_but_the_diagnostics_and_the_history_is_written() {
    let project = deployed();
    let others = |project: &Project| {
        let mut files = project.files(".");
        files.retain(|name, _| {
            !["diagnostics.json", "history.sqlite", ".lock"]
                .iter()
                .any(|own| name.contains(own))
        });
        files
    };
    let before = others(&project);
    assert!(before.contains_key("ingesteddata/finaldata.csv"));
    figures(&project);
    assert_eq!(others(&project), before);
}

#[test]
fn people_read_tables() {
    let output = diagnostics(&deployed()).assert().success();
    let output = output.get_output();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    for part in ["predictions: 26 samples", "lastyear_activity", "polars"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(output.stderr.is_empty());
}
