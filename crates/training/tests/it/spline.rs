//! The spline basis against statsmodels (no penalty) and scikit-learn, on the data of
//! `tests/fixtures/make_spline.py`, which builds the design from its definition.

use crate::compiled::project;
use crate::running::trained;
use risk_core::model::{Feature, Model, Value as Cell};
use serde_json::Value;
use std::fmt::Write;

const FIXTURE: &str = include_str!("../fixtures/spline.json");
const NAMES: [&str; 3] = ["bell", "few", "heavy"];
/// Largest difference, relative where the number is above 1.
const TOLERANCE: f64 = 1e-6;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn columns(fixture: &Value) -> [Vec<Option<f64>>; 3] {
    NAMES.map(|name| {
        let cells = fixture["columns"][name].as_array().unwrap();
        cells.iter().map(Value::as_f64).collect()
    })
}

fn csv(columns: &[Vec<Option<f64>>; 3], exited: &[f64]) -> String {
    let mut text = format!("corporation,{},exited\n", NAMES.join(","));
    for (row, exited) in exited.iter().enumerate() {
        let cells = columns
            .each_ref()
            .map(|column| column[row].map_or_else(String::new, |number| number.to_string()));
        writeln!(text, "client {row},{},{exited}", cells.join(",")).unwrap();
    }
    text
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64, what: &str) {
    let error = (ours - theirs).abs() / theirs.abs().max(1.0);
    assert!(error <= TOLERANCE, "{what}: {ours} is not {theirs}");
}

#[test]
fn knots_coefficients_and_log_odds_equal_those_of_other_programs() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let columns = columns(&fixture);
    let project = project(&csv(&columns, &numbers(&fixture["exited"])));
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let l2 = format!("model.l2={}", case["l2"]);
        trained(&project, &["--set", "model.basis=spline", "--set", &l2]);
        let model = Model::read(&project.path("models/trainedmodel.json")).unwrap();
        assert_close(model.intercept, case["intercept"].as_f64().unwrap(), &l2);
        for (feature, name) in model.features.iter().zip(NAMES) {
            let Feature::Numeric(feature) = feature else {
                panic!("{name} is numeric");
            };
            let what = format!("{l2}, {name}");
            let spline = feature.spline.as_ref().unwrap();
            let theirs = fixture["log_scale"][name].as_f64();
            assert_eq!(spline.log_scale.is_some(), theirs.is_some(), "{what}");
            for (ours, theirs) in spline.log_scale.iter().zip(theirs) {
                assert_close(*ours, theirs, &what);
            }
            let knots = numbers(&fixture["knots"][name]);
            assert_eq!(spline.knots.len(), knots.len(), "{what}");
            for (ours, theirs) in spline.knots.iter().zip(knots) {
                assert_close(*ours, theirs, &what);
            }
            let ours = std::iter::once(&feature.term).chain(&feature.bends);
            let theirs = numbers(&case["coefficients"][name]);
            assert_eq!(1 + feature.bends.len(), theirs.len(), "{what}");
            for (ours, theirs) in ours.zip(theirs) {
                assert_close(ours.coefficient, theirs, &what);
            }
            let missing = feature.missing.map(|term| term.coefficient);
            assert_eq!(missing.is_some(), name == "bell", "{what}");
            if let Some(ours) = missing {
                assert_close(ours, case["missing"].as_f64().unwrap(), &what);
            }
        }
        for (row, theirs) in numbers(&case["log_odds"]).into_iter().enumerate() {
            let cells = columns
                .each_ref()
                .map(|column| column[row].map_or(Cell::Missing, Cell::Number));
            assert_close(model.log_odds(&cells), theirs, &format!("{l2}, row {row}"));
        }
    }
}
