//! Which samples are trained on.

use crate::compiled::{compile, uniform};
use crate::running::{assert_refused, train, trained};
use serde_json::json;
use std::fmt::Write;
use testkit::Project;

/// Sixty clients at the ends of January, March and May 2026; every fifth target is missing.
fn months() -> String {
    let mut text = "corporation,observed_at,activity,exited\n".to_owned();
    for (month, date) in ["2026-01-31", "2026-03-31", "2026-05-31"]
        .iter()
        .enumerate()
    {
        for row in 0..60 {
            let draw = month as u64 * 60 + row;
            let exited = match row % 5 {
                4 => String::new(),
                _ => u8::from(uniform(3, draw) < 0.4).to_string(),
            };
            writeln!(text, "client {row},{date},{},{exited}", draw * 37 % 101).unwrap();
        }
    }
    text
}

fn dated(csv: &str) -> Project {
    let project = Project::new();
    let mut config = project.read_json("config.json");
    config["dataset"] = json!({ "observed_at": "observed_at", "horizon_days": 90 });
    project.set_config(config);
    compile(&project, csv);
    project
}

#[test]
fn missing_targets_and_samples_younger_than_the_horizon_are_not_trained_on() {
    let project = dated(&months());
    // The last sample of March is 90 days old on 29 June, that of May on 29 August.
    for (now, n_samples) in [
        ("2026-06-28T23:59:59Z", 48),
        ("2026-06-29T00:00:00Z", 96),
        ("2026-08-29T00:00:00Z", 144),
    ] {
        assert_eq!(
            trained(&project, &["--now", now])["n_samples"],
            n_samples,
            "{now}"
        );
        let record = project.read_json("models/trainingrecord.json");
        assert_eq!(
            record["samples"].as_array().unwrap().len(),
            n_samples,
            "{now}"
        );
    }
}

#[test]
fn what_is_not_trained_on_changes_nothing() {
    let project = dated(&months());
    let model = trained(&project, &[])["model_id"].clone();
    let artefact = project.read("models/trainedmodel.json");
    let is_trained_on = |row: &&str| !row.contains("2026-05-31") && !row.ends_with(',');
    let all = months();
    let rows = all
        .lines()
        .filter(is_trained_on)
        .collect::<Vec<_>>()
        .join("\n")
        + "\n";
    assert_eq!(rows.lines().count(), 97);
    compile(&project, &rows);
    assert_eq!(trained(&project, &[])["model_id"], model);
    assert_eq!(project.read("models/trainedmodel.json"), artefact);
}

#[test]
fn the_artefact_has_the_dates_of_the_samples_it_saw() {
    let project = dated(&months());
    trained(&project, &[]);
    let data = project.read_json("models/trainedmodel.json")["data"].clone();
    assert_eq!(data["observed_from"], "2026-01-31");
    assert_eq!(data["observed_to"], "2026-03-31");
    assert_eq!(data["n_samples"], 96);
}

#[test]
fn data_without_dates_has_none_in_the_artefact() {
    let project = crate::compiled::project(&crate::compiled::csv(&crate::compiled::drawn(1, 60)));
    trained(&project, &[]);
    let data = project.read_json("models/trainedmodel.json")["data"].clone();
    assert_eq!(data["observed_from"], json!(null));
    assert_eq!(data["observed_to"], json!(null));
}

#[test]
fn without_a_labelled_sample_an_input_is_missing() {
    let project = dated(&months());
    let message = "none of the 180 samples has a label that may be trained on yet";
    assert_refused(&project, &["--now", "2026-04-01T00:00:00Z"], 66, message);
    assert!(project.files("models").is_empty());
}

#[test]
fn labels_of_one_class_are_an_error_and_nothing_is_written() {
    for (exited, state) in [(0, "stayed"), (1, "exited")] {
        let row = |row: u64| format!("client {row},{},{exited}\n", row * 37 % 101);
        let rows: String = (0..60).map(row).collect();
        let project = crate::compiled::project(&format!("corporation,activity,exited\n{rows}"));
        let message = format!("all 60 samples have {state}: both classes are needed");
        assert_refused(&project, &[], 1, &message);
        assert!(project.files("models").is_empty());
    }
}

#[test]
fn a_positive_text_that_no_cell_reads_is_named() {
    let rows: String = (0..60)
        .map(|row| format!("client {row},{},0\n", row % 7))
        .collect();
    let project = crate::compiled::project(&format!("corporation,activity,exited\n{rows}"));
    let mut compiled = project.read_json("ingesteddata/schema.json");
    compiled["schema"]["positive"] = json!("Churn");
    project.write("ingesteddata/schema.json", compiled.to_string());
    let message = "no cell of exited reads \"Churn\", the text that dataset.positive says means that \
                   the client left";
    assert_refused(&project, &["--set", "dataset.positive=Churn"], 1, message);
}

#[test]
fn the_record_names_the_files_and_the_folder_of_the_data() {
    let project = dated(&months());
    let id = trained(&project, &[])["model_id"].clone();
    let record = project.read_json("models/trainingrecord.json");
    assert_eq!(record["model_id"], id);
    assert_eq!(record["input_folder"], "../sourcedata");
    assert_eq!(record["files"][0]["name"], "a.csv");
    assert_eq!(record["files"][1]["name"], "b.csv");
}

#[test]
fn the_steps_are_told_where_asked_for() {
    let ran = train(&dated(&months()), &["-v"]);
    assert!(
        ran.err.contains("read 180 samples, 96 of them labelled"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("fitted 1 columns to 96 samples"),
        "{}",
        ran.err
    );
}
