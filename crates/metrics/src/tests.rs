//! The figures against scikit-learn, by hand, and in their properties.

mod properties;

use serde_json::Value;

use super::*;

/// Made by `make_metrics.py` beside it.
const FIXTURE: &str = include_str!("../tests/fixtures/metrics.json");
/// The first cases of the fixture: those on which every figure is defined.
const WITH_BOTH_CLASSES: usize = 4;
/// In order of the contract.
const NAMES: [&str; 10] = [
    "f1",
    "precision",
    "recall",
    "accuracy",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "ece",
    "lift_at_10_percent",
];

#[derive(Debug, Clone)]
struct Samples {
    client_ids: Vec<String>,
    risks: Vec<f64>,
    exited: Vec<bool>,
}

impl Samples {
    fn new(rows: &[(&str, f64, u8)]) -> Self {
        Self {
            client_ids: rows.iter().map(|row| row.0.to_owned()).collect(),
            risks: rows.iter().map(|row| row.1).collect(),
            exited: rows.iter().map(|row| row.2 == 1).collect(),
        }
    }

    fn of_case(case: &Value) -> Self {
        let list = |key: &str| case[key].as_array().unwrap();
        Self {
            client_ids: list("client_ids")
                .iter()
                .map(|v| v.as_str().unwrap().to_owned())
                .collect(),
            risks: list("risks").iter().map(|v| v.as_f64().unwrap()).collect(),
            exited: list("exited").iter().map(|v| v == 1).collect(),
        }
    }

    fn scored(&self) -> Scored<'_> {
        Scored {
            client_ids: &self.client_ids,
            risks: &self.risks,
            exited: &self.exited,
        }
    }

    fn in_order(&self, order: &[usize]) -> Self {
        Self {
            client_ids: order.iter().map(|&i| self.client_ids[i].clone()).collect(),
            risks: order.iter().map(|&i| self.risks[i]).collect(),
            exited: order.iter().map(|&i| self.exited[i]).collect(),
        }
    }
}

fn cases() -> Vec<Value> {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    fixture["cases"].as_array().unwrap().clone()
}

fn assert_close(actual: f64, expected: f64, what: &str) {
    let error = (actual - expected).abs();
    assert!(
        error <= 1e-12 * expected.abs().max(1.0),
        "{what}: {actual} instead of {expected}"
    );
}

/// The figures by name, as they stand in the JSON.
fn json_metrics(evaluation: &Evaluation) -> Value {
    serde_json::to_value(&evaluation.metrics).unwrap()
}

/// Judged with the threshold and the capacity of the case.
fn judged(case: &Value) -> Evaluation {
    let rules = Rules {
        threshold: case["threshold"].as_f64().unwrap(),
        capacity: case["capacity"].as_u64(),
        seed: 0,
    };
    evaluate_under(&rules, &Samples::of_case(case).scored()).unwrap()
}

#[test]
fn every_figure_equals_scikit_learn() {
    for case in cases() {
        let evaluation = judged(&case);
        let matrix = serde_json::to_value(evaluation.confusion_matrix).unwrap();
        assert_eq!(matrix, case["confusion_matrix"], "{}", case["name"]);
        assert_eq!(
            evaluation.n_samples as usize,
            Samples::of_case(&case).risks.len()
        );
        let actual = json_metrics(&evaluation);
        let expected = case["metrics"].as_object().unwrap();
        assert_eq!(expected.len(), NAMES.len() + 1);
        for (name, expected) in expected {
            let what = format!("{name}, {}", case["name"]);
            match expected.as_f64() {
                Some(expected) => {
                    assert_close(actual[name]["value"].as_f64().unwrap(), expected, &what);
                }
                None => assert!(actual[name]["reason"].is_string(), "{what}"),
            }
        }
    }
}

#[test]
fn the_reliability_curve_equals_its_definition_and_gives_the_calibration_error() {
    for case in cases() {
        let evaluation = judged(&case);
        let expected = case["reliability"].as_array().unwrap();
        let bins = &evaluation.reliability;
        assert_eq!(bins.len(), expected.len(), "{}", case["name"]);
        for (bin, expected) in bins.iter().zip(expected) {
            let actual = [
                bin.n_samples as f64,
                bin.mean_risk,
                bin.observed_rate,
                bin.low,
                bin.high,
            ];
            for (actual, expected) in actual.into_iter().zip(expected.as_array().unwrap()) {
                let what = format!("a bin, {}", case["name"]);
                assert_close(actual, expected.as_f64().unwrap(), &what);
            }
        }
        let gaps = bins
            .iter()
            .map(|bin| bin.n_samples as f64 * (bin.mean_risk - bin.observed_rate).abs());
        let error = gaps.sum::<f64>() / evaluation.n_samples as f64;
        assert_close(
            error,
            evaluation.metrics.ece.value.unwrap(),
            "calibration error",
        );
    }
}

#[test]
fn precision_at_capacity_is_of_the_first_by_risk_and_needs_a_capacity() {
    let samples = Samples::new(&[("c", 0.5, 0), ("a", 0.5, 1), ("b", 0.9, 0)]);
    let at = |capacity| precision_at(&samples.scored(), capacity);
    assert_eq!(at(1), Ok(0.0));
    // Of the two that tie, the first by id.
    assert_eq!(at(2), Ok(0.5));
    assert_eq!(at(200), Ok(1.0 / 3.0));
    assert!(at(0).unwrap_err().to_string().contains("no client"));
    let evaluation = evaluate(&samples.scored(), 0.5, 0).unwrap();
    assert_eq!(evaluation.metrics.precision_at_capacity, None);
    assert_eq!(evaluation.metrics.named().count(), NAMES.len());
}

#[test]
fn a_score_of_an_earlier_version_has_no_curve() {
    let samples = Samples::of_case(&cases()[3]);
    let evaluation = evaluate(&samples.scored(), 0.5, 0).unwrap();
    let mut json = serde_json::to_value(&evaluation).unwrap();
    json.as_object_mut().unwrap().remove("reliability").unwrap();
    let earlier: Evaluation = serde_json::from_value(json).unwrap();
    assert!(earlier.reliability.is_empty());
    assert_eq!(earlier.metrics, evaluation.metrics);
}

#[test]
fn the_single_functions_give_what_the_evaluation_gives() {
    for case in cases().into_iter().take(WITH_BOTH_CLASSES) {
        let samples = Samples::of_case(&case);
        let (risks, exited) = (&samples.risks, &samples.exited);
        let evaluation = evaluate(&samples.scored(), 0.5, 0).unwrap();
        let metrics = evaluation.metrics;
        assert_eq!(roc_auc(risks, exited).ok(), metrics.roc_auc.value);
        let precision = average_precision(risks, exited).ok();
        assert_eq!(precision, metrics.average_precision.value);
        let loss = metrics.log_loss.value.unwrap();
        assert_close(log_loss(risks, exited).unwrap(), loss, "log-loss");
        assert_close(
            brier(risks, exited).unwrap(),
            metrics.brier.value.unwrap(),
            "brier",
        );
        assert_eq!(
            expected_calibration_error(risks, exited).ok(),
            metrics.ece.value
        );
        assert_eq!(
            lift(&samples.scored(), 0.1).ok(),
            metrics.lift_at_10_percent.value
        );
    }
}

#[test]
fn the_interval_of_the_area_is_delongs() {
    for case in cases() {
        let samples = Samples::of_case(&case);
        let area = evaluate(&samples.scored(), 0.5, 0).unwrap().metrics.roc_auc;
        let Some(standard_error) = case["delong_standard_error"].as_f64() else {
            let unknown = area.value.is_none() || (area.low, area.high) == (Some(0.0), Some(1.0));
            assert!(unknown, "{}", case["name"]);
            continue;
        };
        let margin = 1.959963984540054 * standard_error;
        let value = area.value.unwrap();
        assert_close(area.low.unwrap(), (value - margin).max(0.0), "low");
        assert_close(area.high.unwrap(), (value + margin).min(1.0), "high");
    }
}

#[test]
fn the_roc_curve_equals_scikit_learns() {
    for case in cases() {
        let samples = Samples::of_case(&case);
        let curve = roc_curve(&samples.risks, &samples.exited);
        let expected = case["roc_curve"].as_array().unwrap();
        assert_eq!(curve.len(), expected.len(), "{}", case["name"]);
        for (point, expected) in curve.iter().zip(expected) {
            assert_close(
                point.0,
                expected[0].as_f64().unwrap(),
                "false positive rate",
            );
            assert_close(point.1, expected[1].as_f64().unwrap(), "true positive rate");
            assert_eq!(point.2, expected[2].as_f64().unwrap_or(f64::INFINITY));
        }
    }
}

#[test]
fn ties_and_ranks_by_hand() {
    let samples = Samples::new(&[("a", 0.9, 1), ("b", 0.5, 0), ("c", 0.5, 1), ("d", 0.1, 0)]);
    let (risks, exited) = (&samples.risks, &samples.exited);
    // Pairs: a > b, a > d, c = b (half), c > d.
    assert_eq!(roc_auc(risks, exited), Ok(3.5 / 4.0));
    // Half of the leavers at precision 1, the other half at 2 of 3.
    assert_eq!(
        average_precision(risks, exited),
        Ok(0.5 * 1.0 + 0.5 * 2.0 / 3.0)
    );
    let loss = -(0.9_f64.ln() + 0.5_f64.ln() + 0.5_f64.ln() + 0.9_f64.ln()) / 4.0;
    assert_close(log_loss(risks, exited).unwrap(), loss, "log-loss");
    assert_close(
        brier(risks, exited).unwrap(),
        (0.01 + 0.25 + 0.25 + 0.01) / 4.0,
        "brier",
    );
    // Two bins of two, the pair of ties divided: |.3 - .25| and |.7 - .75|.
    let error = expected_calibration_error(risks, exited).unwrap();
    assert_close(error, 0.05, "calibration error");
}

#[test]
fn lift_breaks_ties_by_client_id() {
    let rows = [("d", 0.5, 0), ("c", 0.5, 0), ("a", 0.5, 1), ("b", 0.5, 0)];
    let samples = Samples::new(&rows);
    assert_eq!(lift(&samples.scored(), 0.25), Ok(4.0));
    assert_eq!(lift(&samples.scored(), 0.5), Ok(2.0));
    assert_eq!(lift(&samples.scored(), 1.0), Ok(1.0));
    // Never fewer than one.
    assert_eq!(lift(&samples.scored(), 0.01), Ok(4.0));
}

#[test]
fn a_certain_prediction_that_fails_costs_a_finite_loss() {
    let loss = log_loss(&[0.0, 1.0], &[true, false]).unwrap();
    assert_close(loss, -f64::EPSILON.ln(), "log-loss");
}

#[test]
fn exit_is_predicted_from_the_threshold_up() {
    let samples = Samples::new(&[("a", 0.5, 1), ("b", 0.49, 1)]);
    let matrix = evaluate(&samples.scored(), 0.5, 0)
        .unwrap()
        .confusion_matrix;
    assert_eq!(matrix, ConfusionMatrix::from([[0, 0], [1, 1]]));
}

#[test]
fn one_class_leaves_figures_undefined_with_a_reason() {
    let stayed = Samples::new(&[("a", 0.2, 0), ("b", 0.4, 0)]);
    let evaluation = evaluate(&stayed.scored(), 0.5, 0).unwrap();
    let metrics = json_metrics(&evaluation);
    assert_eq!(metrics["f1"]["value"], 0.0);
    assert_eq!(metrics["accuracy"]["value"], 1.0);
    for name in [
        "recall",
        "roc_auc",
        "average_precision",
        "lift_at_10_percent",
    ] {
        let expected = serde_json::json!({"value": null, "low": null, "high": null, "reason": "no client exited"});
        assert_eq!(metrics[name], expected, "{name}");
    }
    assert_eq!(
        metrics["precision"]["reason"],
        "no client was predicted to exit"
    );
    assert!(metrics["log_loss"].get("reason").is_none());

    let left = Samples::new(&[("a", 0.2, 1), ("b", 0.4, 1)]);
    let area = evaluate(&left.scored(), 0.5, 0).unwrap().metrics.roc_auc;
    assert_eq!(area.reason.as_deref(), Some("every client exited"));
    assert!(roc_curve(&left.risks, &left.exited).is_empty());
}

#[test]
fn one_leaver_says_nothing_about_the_spread_of_the_area() {
    let samples = Samples::new(&[("a", 0.9, 1), ("b", 0.5, 0), ("c", 0.1, 0)]);
    let area = evaluate(&samples.scored(), 0.5, 0).unwrap().metrics.roc_auc;
    assert_eq!(
        (area.value, area.low, area.high),
        (Some(1.0), Some(0.0), Some(1.0))
    );
}

#[test]
fn too_few_samples_say_that_they_decide_nothing() {
    let decides = |stayed: usize, left: usize| {
        let rows: Vec<(String, f64, u8)> = (0..stayed + left)
            .map(|i| (format!("c{i}"), 0.3, u8::from(i < left)))
            .collect();
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row.0.as_str(), row.1, row.2))
            .collect();
        evaluate(&Samples::new(&rows).scored(), 0.5, 0)
            .unwrap()
            .decides_nothing
    };
    assert_eq!(decides(25, 5), None);
    assert_eq!(decides(5, 25), None);
    assert!(
        decides(24, 5)
            .unwrap()
            .starts_with("29 labelled rows, 5 of them with an exit")
    );
    assert!(decides(26, 4).is_some());
    assert!(decides(4, 26).is_some());
}

#[test]
fn an_evaluation_is_read_back_as_it_was_written() {
    let samples = Samples::new(&[("a", 0.9, 0), ("b", 0.5, 0)]);
    let evaluation = evaluate(&samples.scored(), 0.7, 0).unwrap();
    let json = serde_json::to_string(&evaluation).unwrap();
    assert_eq!(
        serde_json::from_str::<Evaluation>(&json).unwrap(),
        evaluation
    );
    let keys: Vec<String> = json_metrics(&evaluation)
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys, NAMES);
}

#[test]
fn samples_that_cannot_be_judged_are_errors_that_name_the_cause() {
    let message = |risks: &[f64], exited: &[bool]| log_loss(risks, exited).unwrap_err().to_string();
    assert_eq!(message(&[], &[]), "no labelled samples to judge");
    assert_eq!(
        message(&[0.1], &[true, false]),
        "1 risks do not belong to 2 labels"
    );
    let exited = [true, false];
    assert_eq!(
        message(&[0.1, f64::NAN], &exited),
        "the risk of row 2 is NaN, not a number from 0 to 1"
    );
    assert_eq!(
        message(&[-0.1, 0.5], &exited),
        "the risk of row 1 is -0.1, not a number from 0 to 1"
    );
    assert!(message(&[f64::INFINITY, 0.5], &exited).contains("row 1 is inf"));

    let samples = Samples::new(&[("a", 0.5, 1)]);
    let error = evaluate(&samples.scored(), f64::NAN, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the threshold is NaN, not a finite number"
    );
    let unnamed = Scored {
        client_ids: &[],
        ..samples.scored()
    };
    let error = evaluate(&unnamed, 0.5, 0).unwrap_err();
    assert_eq!(
        error,
        MetricsError::ClientIds {
            risks: 1,
            client_ids: 0
        }
    );
}

#[test]
fn intervals_follow_the_clients_and_not_the_rows() {
    let case = &cases()[3];
    let samples = Samples::of_case(case);
    let rows = samples.risks.len();
    let ten_times: Vec<usize> = (0..rows * 10).map(|i| i % rows).collect();
    let repeated = samples.in_order(&ten_times);
    let once = evaluate(&samples.scored(), 0.5, 0).unwrap().metrics;
    let again = evaluate(&repeated.scored(), 0.5, 0).unwrap().metrics;
    // Ten copies of every client say no more than one.
    let width = |estimate: &Estimate| estimate.high.unwrap() - estimate.low.unwrap();
    assert!((width(&again.roc_auc) / width(&once.roc_auc) - 1.0).abs() < 0.01);
    assert!((width(&again.brier) / width(&once.brier) - 1.0).abs() < 0.1);
    let as_clients = Samples {
        client_ids: (0..rows * 10).map(|i| i.to_string()).collect(),
        ..repeated
    };
    let independent = evaluate(&as_clients.scored(), 0.5, 0).unwrap().metrics;
    assert!(width(&independent.roc_auc) < 0.4 * width(&once.roc_auc));
    assert!(width(&independent.brier) < 0.4 * width(&once.brier));
}

#[test]
fn the_bootstrap_interval_of_a_mean_is_that_of_theory() {
    let samples = Samples::of_case(&cases()[0]);
    let (risks, exited) = (&samples.risks, &samples.exited);
    let evaluation = evaluate(&samples.scored(), 0.5, 7).unwrap();
    // The mean of a stratified sample: its variance is the sum over the classes.
    let variance: f64 = [true, false]
        .map(|class| {
            let of_class = risks
                .iter()
                .zip(exited)
                .filter(|&(_, &exited)| exited == class);
            let squares: Vec<f64> = of_class
                .map(|(risk, &exited)| (risk - f64::from(u8::from(exited))).powi(2))
                .collect();
            let mean = squares.iter().sum::<f64>() / squares.len() as f64;
            squares
                .iter()
                .map(|square| (square - mean).powi(2))
                .sum::<f64>()
        })
        .iter()
        .sum();
    let width = 2.0 * 1.96 * variance.sqrt() / risks.len() as f64;
    let brier = evaluation.metrics.brier;
    assert!(((brier.high.unwrap() - brier.low.unwrap()) / width - 1.0).abs() < 0.1);
}

#[test]
fn the_seed_decides_the_draws() {
    let samples = Samples::of_case(&cases()[1]);
    let with = |seed| evaluate(&samples.scored(), 0.5, seed).unwrap();
    assert_eq!(with(1), with(1));
    let low = |seed| with(seed).metrics.brier.low;
    assert_ne!(low(1), low(2));
}
