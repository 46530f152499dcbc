//! What a training says and writes, and that it is the optimum it claims to be.

use crate::compiled::{csv, drawn, project};
use crate::running::{train, trained};
use risk_core::model::{Model, Value};
use serde_json::Value as Json;
use testkit::Project;

fn keys(object: &Json) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn number(value: &Json) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// The artefact without the time at which it was made.
fn artefact_without_time(project: &Project) -> String {
    let text = project.read("models/trainedmodel.json");
    let kept = |line: &&str| !line.contains("\"created_at\"");
    text.lines().filter(kept).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_object_has_the_keys_that_scripts_rely_on() {
    let outcome = trained(&project(&csv(&drawn(1, 120))), &[]);
    let expected = [
        "model_id",
        "n_samples",
        "n_positive",
        "n_contacted",
        "contacted_labels",
        "features",
        "basis",
        "l2",
        "selection",
        "calibration",
        "calibration_choice",
        "threshold",
        "coefficients",
        "intercept",
        "converged",
        "elapsed_s",
    ];
    assert_eq!(keys(&outcome), expected);
    assert_eq!(outcome["n_samples"], 120);
    assert_eq!(outcome["basis"], "linear");
    assert_eq!(outcome["l2"], 1.0);
    assert_eq!(outcome["converged"], true);
    let id = outcome["model_id"].as_str().unwrap();
    assert!(id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(keys(&outcome["coefficients"]), ["activity", "complaints"]);
    assert_eq!(
        outcome["features"],
        serde_json::json!(["activity", "complaints"])
    );
}

#[test]
fn without_json_the_result_is_told_in_words_and_quiet_says_nothing() {
    let project = project(&csv(&drawn(1, 120)));
    let ran = train(&project, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains(" fitted on 120 samples, "), "{}", ran.out);
    assert!(ran.out.contains("(intercept)"), "{}", ran.out);
    let ran = train(&project, &["-q"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn the_same_data_and_settings_give_the_same_id_and_bytes() {
    let text = csv(&drawn(1, 120));
    let (one, other) = (project(&text), project(&text));
    assert_eq!(
        trained(&one, &[])["model_id"],
        trained(&other, &[])["model_id"]
    );
    assert_eq!(one.files("models"), other.files("models"));
}

#[test]
fn at_another_time_only_the_time_differs() {
    let project = project(&csv(&drawn(1, 120)));
    let id = trained(&project, &[])["model_id"].clone();
    let (artefact, record) = (
        artefact_without_time(&project),
        project.read("models/trainingrecord.json"),
    );
    assert_eq!(
        trained(&project, &["--now", "2027-01-01T00:00:00Z"])["model_id"],
        id
    );
    assert_eq!(artefact_without_time(&project), artefact);
    assert_eq!(project.read("models/trainingrecord.json"), record);
    assert_eq!(
        project.read_json("models/trainedmodel.json")["created_at"],
        "2027-01-01T00:00:00Z"
    );
}

#[test]
fn other_data_and_other_settings_give_another_id() {
    let project = project(&csv(&drawn(1, 120)));
    let id = trained(&project, &[])["model_id"].clone();
    for setting in ["model.l2=2", "model.threshold=0.4"] {
        assert_ne!(
            trained(&project, &["--set", setting])["model_id"],
            id,
            "{setting}"
        );
    }
    crate::compiled::compile(&project, &csv(&drawn(1, 121)));
    assert_ne!(trained(&project, &[])["model_id"], id);
}

#[test]
fn the_risk_is_the_logistic_of_the_raw_scale_sum() {
    let rows = drawn(2, 150);
    let project = project(&csv(&rows));
    let outcome = trained(&project, &["--set", "model.l2=2.5"]);
    let stored = project.read_json("models/trainedmodel.json");
    let model = Model::read(&project.path("models/trainedmodel.json")).unwrap();
    let weights = ["activity", "complaints"].map(|name| number(&outcome["coefficients"][name]));
    for (numbers, _) in &rows {
        let raw: f64 =
            number(&outcome["intercept"]) + numbers[0] * weights[0] + numbers[1] * weights[1];
        let risk = 1.0 / (1.0 + (-raw).exp());
        let mut standardised = number(&stored["intercept_standardised"]);
        for column in 0..2 {
            let (mean, deviation) = moments(&rows, column);
            let weight = number(&stored["features"][column]["standardised_coefficient"]);
            standardised += weight * (numbers[column] - mean) / deviation;
        }
        assert!((raw - standardised).abs() < 1e-12, "{raw} {standardised}");
        let applied = model.risk(&numbers.map(Value::Number));
        assert!((risk - applied).abs() < 1e-12, "{risk} {applied}");
    }
}

#[test]
fn the_fit_is_the_optimum_of_the_penalised_likelihood() {
    let (rows, l2) = (drawn(3, 150), 2.5);
    let outcome = trained(&project(&csv(&rows)), &["--set", "model.l2=2.5"]);
    let weights = ["activity", "complaints"].map(|name| number(&outcome["coefficients"][name]));
    let (mut residuals, mut gradient) = (0.0, [0.0; 2]);
    for (numbers, exited) in &rows {
        let raw = number(&outcome["intercept"]) + numbers[0] * weights[0] + numbers[1] * weights[1];
        let residual = 1.0 / (1.0 + (-raw).exp()) - f64::from(u8::from(*exited));
        residuals += residual;
        for column in 0..2 {
            let (mean, deviation) = moments(&rows, column);
            gradient[column] += residual * (numbers[column] - mean) / deviation;
        }
    }
    assert!(
        residuals.abs() < 1e-8,
        "the intercept is not penalised: {residuals}"
    );
    for column in 0..2 {
        let standardised = weights[column] * moments(&rows, column).1;
        let slope = gradient[column] + l2 * standardised;
        assert!(slope.abs() < 1e-8, "column {column}: {slope}");
    }
}

/// Mean and population standard deviation.
fn moments(rows: &[([f64; 2], bool)], column: usize) -> (f64, f64) {
    let n = rows.len() as f64;
    let mean = rows.iter().map(|(numbers, _)| numbers[column]).sum::<f64>() / n;
    let squares = rows
        .iter()
        .map(|(numbers, _)| (numbers[column] - mean).powi(2));
    (mean, (squares.sum::<f64>() / n).sqrt())
}

#[test]
fn the_artefact_read_back_is_what_was_written() {
    let project = project(&csv(&drawn(1, 120)));
    let id = trained(&project, &[])["model_id"].clone();
    let model = Model::read(&project.path("models/trainedmodel.json")).unwrap();
    assert_eq!(model.model_id, id);
    let written_again = serde_json::to_string_pretty(&model).unwrap() + "\n";
    assert_eq!(written_again, project.read("models/trainedmodel.json"));
}

#[test]
fn a_column_that_is_ignored_is_no_feature_and_changes_nothing_else() {
    let project = project(&csv(&drawn(1, 120)));
    let mut compiled = project.read_json("ingesteddata/schema.json");
    compiled["schema"]["columns"][2]["role"] = "carried".into();
    project.write("ingesteddata/schema.json", compiled.to_string());
    let outcome = trained(&project, &["--set", "dataset.ignore=[\"complaints\"]"]);
    assert_eq!(keys(&outcome["coefficients"]), ["activity"]);
}
