use super::*;
use risk_core::calibration::Knot;

/// Seeded draws, without a crate for them: the labels of scores whose true log-odds are known.
struct Drawn {
    clients: Vec<String>,
    scores: Vec<f64>,
    exited: Vec<bool>,
    weights: Vec<f64>,
}

fn drawn(n: u64, truth: impl Fn(f64) -> f64) -> Drawn {
    let uniform =
        |row: u64, salt: &str| hash::short(format!("{salt}{row}")) as f64 / u64::MAX as f64;
    let scores: Vec<f64> = (0..n)
        .map(|row| 6.0 * uniform(row, "score") - 4.0)
        .collect();
    let exited = (0..n)
        .zip(&scores)
        .map(|(row, score)| uniform(row, "label") < sigmoid(truth(*score)))
        .collect();
    Drawn {
        clients: (0..n).map(|row| format!("client {row}")).collect(),
        scores,
        exited,
        weights: vec![1.0; n as usize],
    }
}

fn chosen(choice: CalibrationChoice, drawn: &Drawn) -> (Calibration, CalibrationRecord) {
    let client_ids: Vec<&str> = drawn.clients.iter().map(String::as_str).collect();
    choose(
        choice,
        CalibrationSamples {
            client_ids: &client_ids,
            scores: &drawn.scores,
            exited: &drawn.exited,
            weights: &drawn.weights,
        },
    )
}

#[test]
fn scores_that_are_right_stay_as_they_are() {
    let (mapping, record) = chosen(CalibrationChoice::Auto, &drawn(4000, |score| score));
    assert_eq!(mapping, Calibration::None);
    assert!(
        record.reason.contains("no mapping lowers"),
        "{}",
        record.reason
    );
    let kinds: Vec<&str> = record
        .candidates
        .iter()
        .map(|tried| tried.kind.as_str())
        .collect();
    assert_eq!(kinds, ["none", "platt", "isotonic"]);
}

#[test]
fn scores_that_are_too_sure_are_drawn_together() {
    let (mapping, record) = chosen(
        CalibrationChoice::Auto,
        &drawn(4000, |score| 0.4 * score - 0.5),
    );
    let Calibration::Platt { intercept, slope } = mapping else {
        panic!("{mapping:?}: {}", record.reason);
    };
    assert!(
        (slope - 0.4).abs() < 0.06 && (intercept + 0.5).abs() < 0.12,
        "{intercept} {slope}"
    );
    let gain = record.candidates[1].gain.unwrap();
    assert!(gain > 10.0 * record.candidates[1].standard_error.unwrap());
    assert!(
        record.reason.contains("The mapping is platt"),
        "{}",
        record.reason
    );
}

#[test]
fn what_a_line_cannot_mend_a_curve_does() {
    let (mapping, record) = chosen(
        CalibrationChoice::Auto,
        &drawn(8000, |score| if score < -1.0 { -2.5 } else { 1.5 }),
    );
    assert_eq!(mapping.name(), "isotonic", "{}", record.reason);
    assert!((mapping.risk(-3.0) - sigmoid(-2.5)).abs() < 0.03);
    assert!((mapping.risk(1.0) - sigmoid(1.5)).abs() < 0.03);
    let losses: Vec<f64> = record
        .candidates
        .iter()
        .map(|tried| tried.log_loss.unwrap())
        .collect();
    assert!(losses[2] < losses[1] && losses[1] < losses[0], "{losses:?}");
}

#[test]
fn few_samples_are_not_calibrated_and_it_is_said() {
    for (n, choice, said) in [
        (99, CalibrationChoice::Auto, "99 samples"),
        (99, CalibrationChoice::Platt, "That takes 100 with 20"),
    ] {
        let (mapping, record) = chosen(choice, &drawn(n, |score| 0.2 * score));
        assert_eq!(mapping, Calibration::None);
        assert!(record.reason.contains(said), "{}", record.reason);
    }
}

#[test]
fn what_is_asked_for_is_fitted_also_where_it_gains_nothing() {
    let right = drawn(400, |score| score);
    for (choice, name) in [
        (CalibrationChoice::Platt, "platt"),
        (CalibrationChoice::Isotonic, "isotonic"),
        (CalibrationChoice::None, "none"),
    ] {
        assert_eq!(chosen(choice, &right).0.name(), name);
    }
}

#[test]
fn scores_that_point_the_wrong_way_give_no_falling_mapping() {
    let wrong = drawn(1000, |score| -score);
    let (mapping, record) = chosen(CalibrationChoice::Platt, &wrong);
    assert_eq!(mapping, Calibration::None);
    assert!(
        record.reason.contains("cannot be fitted"),
        "{}",
        record.reason
    );
    assert_eq!(record.candidates[1].log_loss, None);
}

#[test]
fn a_client_with_many_samples_counts_once_in_the_standard_error() {
    let mut rows = drawn(600, |score| 0.6 * score);
    let alone = chosen(CalibrationChoice::Auto, &rows).1;
    for of_rows in [&mut rows.scores, &mut rows.weights] {
        *of_rows = of_rows.repeat(4);
    }
    rows.exited = rows.exited.repeat(4);
    rows.clients = [(); 4].map(|()| rows.clients.clone()).concat();
    let copied = chosen(CalibrationChoice::Auto, &rows).1;
    let error = |record: &CalibrationRecord| record.candidates[1].standard_error.unwrap();
    assert!((error(&copied) / error(&alone) - 1.0).abs() < 0.01);
}

#[test]
fn a_weight_of_two_is_a_sample_twice() {
    let mut once = drawn(300, |score| 0.5 * score);
    once.weights = (0..300).map(|row| f64::from(1 + row % 2)).collect();
    let twice: Vec<usize> = (0..300).flat_map(|row| vec![row; 1 + row % 2]).collect();
    let repeated = Drawn {
        clients: twice.iter().map(|row| once.clients[*row].clone()).collect(),
        scores: twice.iter().map(|row| once.scores[*row]).collect(),
        exited: twice.iter().map(|row| once.exited[*row]).collect(),
        weights: vec![1.0; twice.len()],
    };
    for choice in [CalibrationChoice::Platt, CalibrationChoice::Isotonic] {
        let (weighted, repeated) = (chosen(choice, &once).0, chosen(choice, &repeated).0);
        for score in [-5.0, -2.0, 0.3, 4.0] {
            let difference = weighted.log_odds(score) - repeated.log_odds(score);
            assert!(
                difference.abs() < 1e-8,
                "{choice:?} at {score}: {difference}"
            );
        }
    }
}

#[test]
fn isotonic_risks_are_shares_of_pooled_neighbours_with_a_half_at_each_end() {
    let rows = CalibrationSamples {
        client_ids: &["a", "b", "c", "d", "e", "f"],
        scores: &[-2.0, -1.0, 0.0, 1.0, 1.0, 3.0],
        exited: &[false, true, false, false, true, true],
        weights: &[1.0; 6],
    };
    let log_odds = |share: f64| (share / (1.0 - share)).ln();
    let knots = vec![
        Knot {
            score: -2.0,
            log_odds: log_odds(0.25),
        },
        // b, c, d and e: two of four, since the half of d and e would fall behind b.
        Knot {
            score: 0.25,
            log_odds: log_odds(0.5),
        },
        Knot {
            score: 3.0,
            log_odds: log_odds(0.75),
        },
    ];
    assert_eq!(
        Kind::Isotonic.fit(rows),
        Some(Calibration::Isotonic { knots })
    );
}

#[test]
fn separated_and_single_samples_keep_isotonic_risks_off_0_and_1() {
    for n in [1_usize, 2, 40] {
        let scores: Vec<f64> = (0..n).map(|row| row as f64).collect();
        let exited: Vec<bool> = (0..n).map(|row| 2 * row >= n).collect();
        let rows = CalibrationSamples {
            client_ids: &vec!["x"; n],
            scores: &scores,
            exited: &exited,
            weights: &vec![1.0; n],
        };
        let mapping = Kind::Isotonic.fit(rows).unwrap();
        for score in [-1e6, -1.0, 0.5, 1e6] {
            let risk = mapping.risk(score);
            assert!(risk > 0.0 && risk < 1.0, "{n} samples at {score}: {risk}");
        }
    }
}
