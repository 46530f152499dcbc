//! The whole program against scikit-learn, on the data sets of `tests/fixtures/make_solver.py`.

use crate::compiled::project;
use crate::running::trained;
use serde_json::Value;
use std::fmt::Write;

const FIXTURE: &str = include_str!("../fixtures/solver.json");
const NAMES: [&str; 4] = ["activity", "employees", "retail", "share"];
/// Largest relative difference.
const TOLERANCE: f64 = 1e-6;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn csv(columns: &[Vec<f64>], exited: &[f64]) -> String {
    let mut text = format!("corporation,{},exited\n", NAMES.join(","));
    for (row, exited) in exited.iter().enumerate() {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| column[row].to_string())
            .collect();
        writeln!(text, "client {row},{},{exited}", cells.join(",")).unwrap();
    }
    text
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    (mean, variance.sqrt())
}

#[track_caller]
fn assert_close(ours: &Value, theirs: f64, what: &str) {
    let ours = ours.as_f64().unwrap();
    let error = (ours - theirs).abs();
    assert!(
        error <= TOLERANCE * theirs.abs(),
        "{what}: {ours} is not {theirs}"
    );
}

#[test]
fn coefficients_equal_scikit_learns_on_both_scales() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let columns: Vec<Vec<f64>> = case["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let project = project(&csv(&columns, &numbers(&case["exited"])));
        let outcome = trained(&project, &["--set", &format!("model.l2={}", case["l2"])]);
        let stored = project.read_json("models/trainedmodel.json");

        let mut intercept = case["intercept"].as_f64().unwrap();
        assert_close(&stored["intercept_standardised"], intercept, name);
        for (position, theirs) in numbers(&case["coefficients"]).into_iter().enumerate() {
            let (mean, deviation) = moments(&columns[position]);
            intercept -= theirs * mean / deviation;
            let column = NAMES[position];
            let what = format!("{name}, {column}");
            let feature = &stored["features"][position];
            assert_close(&feature["standardised_coefficient"], theirs, &what);
            assert_close(&outcome["coefficients"][column], theirs / deviation, &what);
        }
        assert_close(&outcome["intercept"], intercept, name);
    }
}
