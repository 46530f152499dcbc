//! Predictions of a small model by hand, its id, and what is refused.

use super::*;
use chrono::{DateTime, Utc};
use std::path::Path;

fn term(mean: f64, standard_deviation: f64, coefficient: f64) -> Term {
    let standardised_coefficient = coefficient * standard_deviation;
    Term {
        mean,
        standard_deviation,
        coefficient,
        standardised_coefficient,
    }
}

fn model() -> Model {
    let level = |name: &str, share: f64, coefficient| Level {
        level: name.into(),
        term: term(share, (share * (1.0 - share)).sqrt(), coefficient),
    };
    let activity = NumericFeature {
        name: "activity".into(),
        imputation: 10.0,
        term: term(20.0, 5.0, -0.1),
        spline: None,
        bends: Vec::new(),
        missing: None,
        min: None,
        max: None,
        required: false,
    };
    let industry = CategoryFeature {
        name: "industry".into(),
        levels: vec![level("Energy", 0.25, 0.5), level("Retail", 0.5, -0.5)],
        other: Some(term(0.25, 0.4, 1.0)),
        missing: None,
        required: false,
    };
    Model {
        format: String::new(),
        format_version: 0,
        model_id: String::new(),
        created_at: String::new(),
        kind: ModelKind::Logistic,
        basis: Basis::Linear,
        l2: 1.0,
        selection: None,
        calibration: Calibration::None,
        calibration_choice: None,
        recalibration: None,
        threshold: 0.5,
        client_id: "corporation".into(),
        target: "exited".into(),
        positive: None,
        horizon_days: None,
        features: vec![Feature::Numeric(activity), Feature::Category(industry)],
        intercept: 1.0,
        intercept_standardised: 1.0 - 0.1 * 20.0 + 0.5 * 0.25 - 0.5 * 0.5 + 0.25,
        data: TrainingData {
            sha256: String::new(),
            n_samples: 4,
            n_positive: 2,
            observed_from: None,
            observed_to: None,
            recency: None,
            contacted: None,
        },
        fit: FitRecord {
            solver: "none".into(),
            converged: true,
            gradient_norm: 0.0,
            newton_steps: 0,
            log_loss: 0.5,
        },
    }
    .sealed(DateTime::UNIX_EPOCH)
    .unwrap()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

#[test]
fn log_odds_equal_the_raw_scale_sum() {
    let model = model();
    close(
        model.log_odds(&[Value::Number(30.0), Value::Text("Energy")]),
        1.0 - 3.0 + 0.5,
    );
    close(
        model.log_odds(&[Value::Number(0.0), Value::Text("Retail")]),
        1.0 - 0.5,
    );
}

#[test]
fn the_risk_is_calibrated_and_the_score_is_not() {
    let plain = model();
    let values = [Value::Number(30.0), Value::Text("Energy")];
    let score = plain.log_odds(&values);
    close(plain.risk(&values), sigmoid(score));
    let mut calibrated = plain.clone();
    calibrated.calibration = Calibration::Platt {
        intercept: 0.3,
        slope: 0.5,
    };
    let calibrated = calibrated.sealed(DateTime::UNIX_EPOCH).unwrap();
    close(calibrated.log_odds(&values), score);
    close(calibrated.risk(&values), sigmoid(0.3 + 0.5 * score));
    assert_ne!(calibrated.model_id, plain.model_id);
    let text = serde_json::to_string(&calibrated).unwrap();
    assert_eq!(Model::parse(text.as_bytes()).unwrap(), calibrated);
    // An artefact says nothing of a calibration that it does not have.
    assert!(
        !serde_json::to_string(&plain)
            .unwrap()
            .contains("calibration")
    );
}

#[test]
fn a_falling_calibration_is_refused() {
    let mut model = model();
    model.calibration = Calibration::Platt {
        intercept: 0.0,
        slope: -1.0,
    };
    let text = serde_json::to_string(&model.sealed(DateTime::UNIX_EPOCH).unwrap()).unwrap();
    let message = format!("{:#}", Model::parse(text.as_bytes()).unwrap_err());
    assert!(message.contains("make no calibration"), "{message}");
}

#[test]
fn missing_numbers_are_imputed_and_unseen_levels_count_as_other() {
    let model = model();
    close(
        model.log_odds(&[Value::Missing, Value::Text("Mining")]),
        1.0 - 1.0 + 1.0,
    );
    close(
        model.log_odds(&[Value::Missing, Value::Missing]),
        1.0 - 1.0 + 1.0,
    );
}

#[test]
fn the_id_is_that_of_the_content_and_not_of_the_time() {
    let model = model();
    let later = model.clone().sealed(Utc::now()).unwrap();
    assert_eq!(later.model_id, model.model_id);
    assert_eq!(model.model_id.len(), 16);
    let mut other = model.clone();
    other.l2 = 2.0;
    assert_ne!(
        other.sealed(DateTime::UNIX_EPOCH).unwrap().model_id,
        model.model_id
    );
}

#[test]
fn an_edited_a_truncated_and_a_newer_artefact_are_refused() {
    let text = serde_json::to_string_pretty(&model()).unwrap();
    assert_eq!(Model::parse(text.as_bytes()).unwrap(), model());
    let edited = text.replace("\"threshold\": 0.5", "\"threshold\": 0.1");
    let message = format!("{:#}", Model::parse(edited.as_bytes()).unwrap_err());
    assert!(
        message.contains("changed after it was written"),
        "{message}"
    );
    assert!(Model::parse(&text.as_bytes()[..text.len() / 2]).is_err());
    let newer = text.replace("\"format_version\": 2", "\"format_version\": 3");
    let message = format!("{:#}", Model::parse(newer.as_bytes()).unwrap_err());
    assert!(message.contains("newer version"), "{message}");
}

#[test]
fn a_model_that_is_not_there_is_a_missing_input() {
    let error = Model::read(Path::new("/nowhere/trainedmodel.json")).unwrap_err();
    assert_eq!(crate::error::exit_code(&error), 66);
}

#[test]
fn the_sigmoid_is_finite_at_both_ends() {
    assert_eq!(sigmoid(-1000.0), 0.0);
    assert_eq!(sigmoid(1000.0), 1.0);
    close(sigmoid(0.3) + sigmoid(-0.3), 1.0);
}

/// A number on a spline, with an indicator for a missing one.
fn bent() -> Feature {
    Feature::Numeric(NumericFeature {
        name: "activity".into(),
        imputation: 10.0,
        term: term(1.5, 0.8, -0.4),
        spline: Some(Spline {
            log_scale: Some(2.0),
            knots: vec![0.0, 1.0, 2.0, 4.0],
        }),
        bends: vec![term(0.3, 0.2, 2.0), term(0.1, 0.1, -1.5)],
        missing: Some(term(0.05, 0.2, 0.7)),
        min: None,
        max: None,
        required: false,
    })
}

fn bent_model() -> Model {
    let mut model = model();
    model.basis = Basis::Spline;
    model.features[0] = bent();
    model.sealed(DateTime::UNIX_EPOCH).unwrap()
}

#[test]
fn a_number_on_a_spline_adds_its_place_and_its_bends() {
    let place = 6.0_f64.ln(); // ln(1 + 10 / 2)
    let cubes = |j: f64| {
        ((place - j).max(0.0).powi(3) - (place - 2.0).max(0.0).powi(3) * (4.0 - j) / 2.0) / 16.0
    };
    let known = -0.4 * (place - 1.5) + 2.0 * (cubes(0.0) - 0.3) - 1.5 * (cubes(1.0) - 0.1);
    let feature = bent();
    close(
        feature.contribution(Value::Number(10.0)),
        known - 0.7 * 0.05,
    );
    close(feature.contribution(Value::Missing), known + 0.7 * 0.95);
    let names: Vec<String> = feature
        .coefficients()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "log(activity)",
            "log(activity):bend_1",
            "log(activity):bend_2",
            "activity=(missing)"
        ]
    );
}

#[test]
fn one_wild_cell_does_not_outweigh_all_else() {
    let feature = bent();
    let at_the_limit = feature.contribution(Value::Number(2.0 * 8.0_f64.exp()));
    for wild in [1e6, 1e300, f64::MAX] {
        close(feature.contribution(Value::Number(wild)), at_the_limit);
    }
}

#[test]
fn a_spline_that_cannot_be_evaluated_is_refused() {
    let text = serde_json::to_string(&bent_model()).unwrap();
    assert_eq!(Model::parse(text.as_bytes()).unwrap(), bent_model());
    let breaks: [fn(&mut NumericFeature); 4] = [
        |feature| feature.bends.truncate(1),
        |feature| feature.spline = None,
        |feature| feature.spline.as_mut().unwrap().knots = vec![1.0, 1.0, 2.0, 3.0],
        |feature| feature.spline.as_mut().unwrap().log_scale = Some(0.0),
    ];
    for break_it in breaks {
        let mut model = bent_model();
        let Feature::Numeric(feature) = &mut model.features[0] else {
            panic!("not a number");
        };
        break_it(feature);
        let text = serde_json::to_string(&model.sealed(DateTime::UNIX_EPOCH).unwrap()).unwrap();
        let message = format!("{:#}", Model::parse(text.as_bytes()).unwrap_err());
        assert!(message.contains("feature activity"), "{message}");
    }
}

/// Written by version 0.1 of `training` from the sample data of January 2026.
#[test]
fn an_artefact_of_format_1_is_read_and_gives_the_same_risks() {
    let model = Model::parse(include_bytes!("../../tests/fixtures/model-v1.json")).unwrap();
    assert_eq!((model.format_version, model.basis), (1, Basis::Linear));
    assert_eq!(
        (model.model_id.as_str(), &model.selection),
        ("8303d1f9b595d030", &None)
    );
    let n = Value::Number;
    // 1 / (1 + exp(-z)) of its intercept and coefficients, reckoned in Python.
    for (values, expected) in [
        (
            [
                n(54.0),
                n(843.0),
                n(48.0),
                Value::Text("retail"),
                n(16_500.0),
            ],
            0.335_833_561_447_026_64,
        ),
        (
            [
                n(3.0),
                n(120.5),
                n(7.0),
                Value::Text("construction"),
                n(4_200.0),
            ],
            0.814_391_029_095_298_1,
        ),
        ([Value::Missing; 5], 0.192_485_000_022_988_24),
        (
            [
                n(400.0),
                n(3000.0),
                n(900.0),
                Value::Text("mining"),
                n(250_000.0),
            ],
            7.440_401_312_815_84e-5,
        ),
    ] {
        close(model.risk(&values), expected);
    }
}

proptest::proptest! {
    /// With the intercept the contributions are the log-odds, whatever the values.
    #[test]
    fn contributions_sum_to_the_log_odds(
        number in proptest::option::of(-1e7_f64..1e7),
        level in proptest::option::of("Energy|Retail|[A-Z]{3}"),
    ) {
        let model = bent_model();
        let values = [
            number.map_or(Value::Missing, Value::Number),
            level.as_deref().map_or(Value::Missing, Value::Text),
        ];
        let sum: f64 = model.contributions(&values).iter().sum();
        let columns = raw_columns(&model, &values);
        let raw: f64 = model.features.iter().flat_map(Feature::coefficients)
            .zip(columns)
            .map(|((_, coefficient), column)| coefficient * column)
            .sum();
        let offset: f64 = model.features.iter().map(means).sum();
        let log_odds = model.log_odds(&values);
        proptest::prop_assert!((model.intercept_standardised + sum - log_odds).abs() <= 1e-9);
        proptest::prop_assert!((model.intercept_standardised - offset + raw - log_odds).abs() <= 1e-9);
    }
}

/// The columns of the design, one by one, in the order of the coefficients.
fn raw_columns(model: &Model, values: &[Value<'_>]) -> Vec<f64> {
    let mut columns = Vec::new();
    for (feature, value) in model.features.iter().zip(values) {
        match feature {
            Feature::Numeric(numeric) => {
                let spline = numeric.spline.as_ref().unwrap();
                let (number, missing) = match value {
                    Value::Number(number) => (*number, 0.0),
                    _ => (numeric.imputation, 1.0),
                };
                let place = spline.place(number);
                columns.extend([place, spline.bend(0, place), spline.bend(1, place), missing]);
            }
            Feature::Category(_) => {
                let level = |name| f64::from(u8::from(*value == Value::Text(name)));
                let (energy, retail) = (level("Energy"), level("Retail"));
                columns.extend([energy, retail, 1.0 - energy - retail]);
            }
        }
    }
    columns
}

/// What the means of its columns add to the log-odds.
fn means(feature: &Feature) -> f64 {
    let terms: Vec<Term> = match feature {
        Feature::Numeric(numeric) => numeric
            .named_terms()
            .into_iter()
            .map(|(_, term)| *term)
            .collect(),
        Feature::Category(category) => category.named_terms().map(|(_, term)| *term).collect(),
    };
    terms.iter().map(|term| term.coefficient * term.mean).sum()
}
