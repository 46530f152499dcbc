//! The optimum against scikit-learn and closed forms, and what must fail.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::*;

/// Made by `make_solver.py` beside it.
const FIXTURE: &str = include_str!("../../tests/fixtures/solver.json");

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

/// Mean 0 and population standard deviation 1.
fn standardise(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    values
        .iter()
        .map(|x| (x - mean) / variance.sqrt())
        .collect()
}

/// Standardised columns and labels drawn from log-odds `intercept + Σ column / 2`.
pub(super) fn drawn(rows: usize, columns: usize, intercept: f64) -> (Vec<Vec<f64>>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(rows as u64);
    let mut column = |_| {
        let normal = |rng: &mut ChaCha8Rng| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        standardise(&(0..rows).map(|_| normal(&mut rng)).collect::<Vec<_>>())
    };
    let columns: Vec<Vec<f64>> = (0..columns).map(&mut column).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(!(rows as u64));
    let exits = |row| {
        let log_odds = intercept + columns.iter().map(|column| column[row] / 2.0).sum::<f64>();
        rng.random::<f64>() < 1.0 / (1.0 + f64::exp(-log_odds))
    };
    let exited = (0..rows).map(exits).collect();
    (columns, exited)
}

fn fit_columns(columns: &[Vec<f64>], exited: &[bool], l2: f64) -> Result<Fit, FitError> {
    fit(&Design::new(columns.to_vec())?, exited, l2)
}

/// Whether all parameters agree to a relative error.
fn assert_same(fit: &Fit, other: &Fit, error: f64) {
    let of = |fit: &Fit| [&[fit.intercept][..], &fit.coefficients].concat();
    for (a, b) in of(fit).iter().zip(of(other)) {
        assert!((a - b).abs() <= error * b.abs(), "{fit:?} is not {other:?}");
    }
}

#[test]
fn coefficients_equal_scikit_learns() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    for case in fixture["cases"].as_array().unwrap() {
        let raw = case["columns"].as_array().unwrap();
        let columns: Vec<_> = raw
            .iter()
            .map(|column| standardise(&numbers(column)))
            .collect();
        let exited: Vec<bool> = numbers(&case["exited"]).iter().map(|&y| y == 1.0).collect();
        let fit = fit_columns(&columns, &exited, case["l2"].as_f64().unwrap()).unwrap();
        let expected = Fit {
            intercept: case["intercept"].as_f64().unwrap(),
            coefficients: numbers(&case["coefficients"]),
            ..fit.clone()
        };
        assert_same(&fit, &expected, 1e-8);
        assert_eq!(
            fit.start,
            Start::Linfa {
                n_samples: exited.len()
            }
        );
        assert!(fit.gradient_norm <= 1e-10 * exited.len() as f64);
        assert!(fit.newton_steps <= 4, "{} steps", fit.newton_steps);
    }
}

#[test]
fn weighted_coefficients_equal_scikit_learns() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let cases = fixture["weighted"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let raw = case["columns"].as_array().unwrap();
        let columns = raw.iter().map(|column| standardise(&numbers(column)));
        let design = Design::new(columns.collect()).unwrap();
        let exited: Vec<bool> = numbers(&case["exited"]).iter().map(|&y| y == 1.0).collect();
        let weights = numbers(&case["weights"]);
        let l2 = case["l2"].as_f64().unwrap();
        let fit = fit_weighted(&design, &exited, &weights, l2).unwrap();
        let expected = Fit {
            intercept: case["intercept"].as_f64().unwrap(),
            coefficients: numbers(&case["coefficients"]),
            ..fit.clone()
        };
        assert_same(&fit, &expected, 1e-7);
        assert!(fit.gradient_norm <= 1e-10 * weights.iter().sum::<f64>());
        assert!(matches!(fit.start, Start::Linfa { .. }), "{:?}", fit.start);
        let loss = case["log_loss"].as_f64().unwrap();
        assert!((fit.log_loss - loss).abs() < 1e-9 * loss);
    }
}

#[test]
fn equal_weights_are_as_good_as_none() {
    let (columns, exited) = drawn(300, 3, -1.0);
    let design = Design::new(columns).unwrap();
    let fit = fit(&design, &exited, 1.0).unwrap();
    let alike = fit_weighted(&design, &exited, &[1.0; 300], 1.0).unwrap();
    assert_same(&alike, &fit, 1e-10);
    // A common factor of weights and penalty changes nothing.
    let small = fit_weighted(&design, &exited, &[1e-3; 300], 1e-3).unwrap();
    assert_same(&small, &fit, 1e-9);
    assert!((small.log_loss - fit.log_loss).abs() < 1e-12);
}

#[test]
fn without_penalty_a_0_1_column_gives_the_log_odds_of_its_groups() {
    // 1 of 4 exits where the column is 0, 3 of 5 where it is 1.
    let column = vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let exited = [true, false, false, false, true, true, true, false, false];
    let fit = fit_columns(&[column], &exited, 0.0).unwrap();
    assert!((fit.intercept - (1.0_f64 / 3.0).ln()).abs() < 1e-8);
    assert!((fit.coefficients[0] - (1.5_f64.ln() - (1.0_f64 / 3.0).ln())).abs() < 1e-8);
}

#[test]
fn a_great_penalty_leaves_the_base_rate() {
    let (columns, exited) = drawn(200, 3, -1.0);
    let fit = fit_columns(&columns, &exited, 1e12).unwrap();
    let n_exited = exited.iter().filter(|&&exited| exited).count() as f64;
    assert!((fit.intercept - (n_exited / (200.0 - n_exited)).ln()).abs() < 1e-9);
    assert!(
        fit.coefficients
            .iter()
            .all(|coefficient| coefficient.abs() < 1e-9)
    );
}

#[test]
fn the_log_loss_is_the_mean_over_rows_without_penalty() {
    let (columns, exited) = drawn(100, 2, 0.3);
    let fit = fit_columns(&columns, &exited, 5.0).unwrap();
    let loss = |row: usize| {
        let log_odds = fit.intercept
            + fit.coefficients[0] * columns[0][row]
            + fit.coefficients[1] * columns[1][row];
        let p = 1.0 / (1.0 + (-log_odds).exp());
        -(if exited[row] { p } else { 1.0 - p }).ln()
    };
    let mean = (0..100).map(loss).sum::<f64>() / 100.0;
    assert!((fit.log_loss - mean).abs() < 1e-13);
}

#[test]
fn predicting_the_opposite_turns_every_sign() {
    for intercept in [-2.0, 0.0, 2.0] {
        let (columns, exited) = drawn(300, 3, intercept);
        let stayed: Vec<bool> = exited.iter().map(|exited| !exited).collect();
        let fit = fit_columns(&columns, &exited, 1.0).unwrap();
        let mut other = fit_columns(&columns, &stayed, 1.0).unwrap();
        other.intercept = -other.intercept;
        other
            .coefficients
            .iter_mut()
            .for_each(|coefficient| *coefficient = -*coefficient);
        assert_same(&fit, &other, 1e-10);
        assert!(
            fit.coefficients
                .iter()
                .all(|&coefficient| coefficient > 0.0)
        );
    }
}

#[test]
fn the_order_of_rows_and_columns_does_not_matter() {
    let (columns, exited) = drawn(301, 3, -0.7);
    let fit = fit_columns(&columns, &exited, 1.0).unwrap();
    let order: Vec<usize> = (0..301).map(|i| (i * 110) % 301).collect();
    let turned = [&columns[2], &columns[0], &columns[1]]
        .map(|column| order.iter().map(|&row| column[row]).collect::<Vec<_>>());
    let labels: Vec<bool> = order.iter().map(|&row| exited[row]).collect();
    let mut other = fit_columns(&turned, &labels, 1.0).unwrap();
    other.coefficients.rotate_left(1);
    assert_same(&fit, &other, 1e-10);
}

#[test]
fn rows_twice_are_half_the_penalty() {
    let (columns, exited) = drawn(150, 2, 0.0);
    let twice: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| [&column[..], column].concat())
        .collect();
    let fit = fit_columns(&columns, &exited, 1.0).unwrap();
    let other = fit_columns(&twice, &[&exited[..], &exited].concat(), 2.0).unwrap();
    assert_same(&fit, &other, 1e-10);
}

#[test]
fn the_same_input_gives_the_same_bits() {
    let (columns, exited) = drawn(500, 4, -1.0);
    let fit = fit_columns(&columns, &exited, 1.0).unwrap();
    assert_eq!(fit_columns(&columns, &exited, 1.0).unwrap(), fit);
}

#[test]
fn what_is_no_design_is_refused_by_name() {
    let message = |columns: Vec<Vec<f64>>| Design::new(columns).unwrap_err().to_string();
    assert!(message(vec![]).starts_with("no columns to fit"));
    assert!(message(vec![vec![]]).starts_with("no rows to fit"));
    let uneven = message(vec![vec![1.0, 2.0], vec![1.0]]);
    assert_eq!(uneven, "column 1 has 1 rows, the first has 2");
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let message = message(vec![vec![1.0, 2.0], vec![1.0, value]]);
        assert!(
            message.starts_with(&format!("column 1, row 1 is {value}")),
            "{message}"
        );
    }
}

#[test]
fn what_has_no_fit_is_an_error_that_names_the_cause() {
    let column = vec![-1.0, 0.0, 1.0, 2.0];
    let labels = [false, true, false, true];
    let message = |columns: &[Vec<f64>], exited: &[bool], l2: f64| {
        fit_columns(columns, exited, l2).unwrap_err().to_string()
    };
    let columns = std::slice::from_ref(&column);
    assert_eq!(
        message(columns, &labels[..3], 1.0),
        "3 labels do not belong to 4 rows"
    );
    assert!(message(columns, &[true; 4], 1.0).starts_with("all 4 samples have exited"));
    assert!(message(columns, &[false; 4], 1.0).starts_with("all 4 samples have stayed"));
    for l2 in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(message(columns, &labels, l2).starts_with(&format!("the penalty l2 is {l2}")));
    }
    let constant = [column.clone(), vec![3.0; 4]];
    let expected = "column 1 has the same value in every row: leave it out";
    assert_eq!(message(&constant, &labels, 1.0), expected);
    let huge = [vec![-1e300, 1e300, 1e300, -1e300]];
    assert_eq!(fit_columns(&huge, &labels, 1.0), Err(FitError::Overflow));
}

#[test]
fn separation_needs_a_penalty() {
    let complete = vec![-2.0, -1.5, -1.0, 1.0, 1.5, 2.0];
    // The classes meet at 0: coefficients still grow without end.
    let quasi = vec![-2.0, -1.0, 0.0, 0.0, 1.0, 2.0];
    let exited = [false, false, false, true, true, true];
    for column in [complete, quasi] {
        let columns = [column];
        assert_eq!(
            fit_columns(&columns, &exited, 0.0),
            Err(FitError::Separated)
        );
        for l2 in [1.0, 1e-3, 1e-6] {
            let fit = fit_columns(&columns, &exited, l2).unwrap();
            assert!(fit.gradient_norm <= 6e-10 && fit.coefficients[0] > 0.0);
        }
    }
}

#[test]
fn a_group_in_which_all_exit_separates_too() {
    let (mut columns, mut exited) = drawn(200, 2, -1.0);
    let group: Vec<f64> = (0..200).map(|row| f64::from(u8::from(row < 9))).collect();
    exited[..9].fill(true);
    columns.push(standardise(&group));
    assert_eq!(
        fit_columns(&columns, &exited, 0.0),
        Err(FitError::Separated)
    );
    assert!(fit_columns(&columns, &exited, 1.0).is_ok());
}

#[test]
fn columns_that_predict_each_other_need_a_penalty() {
    let (mut columns, exited) = drawn(200, 2, -1.0);
    let sum = columns[0]
        .iter()
        .zip(&columns[1])
        .map(|(a, b)| a + b)
        .collect::<Vec<_>>();
    columns.push(standardise(&sum));
    let error = fit_columns(&columns, &exited, 0.0).unwrap_err();
    assert_eq!(error, FitError::Collinear { column: 2 });
    let (other, labels) = drawn(200, 1, -1.0);
    let twice = [other[0].clone(), other[0].clone()];
    let fit = fit_columns(&twice, &labels, 1.0).unwrap();
    assert!((fit.coefficients[0] - fit.coefficients[1]).abs() < 1e-9);
}

#[test]
fn a_useless_start_is_replaced_by_zeros() {
    let (columns, exited) = drawn(300, 2, -1.0);
    let design = Design::new(columns).unwrap();
    let pass = RowPass::new(&design, &exited).unwrap();
    let expected = fit(&design, &exited, 1.0).unwrap();
    let starts = [
        vec![],
        vec![0.0; 3],
        vec![f64::NAN; 3],
        vec![1e308; 3],
        vec![40.0, -300.0, 300.0],
    ];
    for start in starts {
        let optimum = minimise(&pass, 1.0, start).unwrap();
        assert!(optimum.from_zeros);
        assert!((optimum.intercept - expected.intercept).abs() < 1e-9);
    }
    let near = vec![
        expected.intercept,
        expected.coefficients[0],
        expected.coefficients[1],
    ];
    let optimum = minimise(&pass, 1.0, near).unwrap();
    assert_eq!((optimum.from_zeros, optimum.newton_steps), (false, 0));
}

#[test]
fn columns_far_from_standardised_give_the_optimum_or_an_error() {
    let (mut columns, exited) = drawn(300, 2, -1.0);
    columns[0].iter_mut().for_each(|x| *x = *x * 1e9 + 5e9);
    let design = Design::new(columns).unwrap();
    match fit(&design, &exited, 1.0) {
        Ok(fit) => assert!(fit.gradient_norm <= 1e-10 * 300.0),
        Err(error) => assert!(
            error.to_string().contains("standardise the columns"),
            "{error}"
        ),
    }
}

#[test]
fn nearly_the_optimum_costs_next_to_nothing_more() {
    let (columns, exited) = drawn(2000, 4, -1.0);
    let design = Design::new(columns).unwrap();
    let pass = RowPass::new(&design, &exited).unwrap();
    let start = nearly_minimise(&pass, 100.0, Vec::new()).unwrap();
    let near = nearly_minimise(&pass, 30.0, start).unwrap();
    let optimum = minimise(&pass, 30.0, Vec::new()).unwrap();
    let objective = |intercept: f64, coefficients: &[f64]| {
        let penalty: f64 = coefficients.iter().map(|w| w * w).sum();
        pass.sums(intercept, coefficients).log_loss + 15.0 * penalty
    };
    let least = objective(optimum.intercept, &optimum.coefficients);
    let found = objective(near[0], &near[1..]);
    assert!(
        found - least <= 1e-7 * 2000.0 && found >= least - 1e-9,
        "{found} {least}"
    );
}
