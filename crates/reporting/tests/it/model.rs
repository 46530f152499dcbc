//! A small model made by hand: activity lowers the risk, the energy industry raises it.

use chrono::DateTime;
use risk_core::calibration::Calibration;
use risk_core::config::{Basis, ModelKind};
use risk_core::model::{
    CategoryFeature, Feature, FitRecord, Level, Model, NumericFeature, Term, TrainingData,
};

fn term(mean: f64, standard_deviation: f64, coefficient: f64) -> Term {
    Term {
        mean,
        standard_deviation,
        coefficient,
        standardised_coefficient: coefficient * standard_deviation,
    }
}

fn activity() -> Feature {
    Feature::Numeric(NumericFeature {
        name: "lastmonth_activity".into(),
        imputation: 73.0,
        term: term(80.0, 40.0, -0.04),
        spline: None,
        bends: Vec::new(),
        missing: None,
        min: None,
        max: None,
        required: false,
    })
}

fn industry() -> Feature {
    let level = |level: &str, share: f64, coefficient| Level {
        level: level.into(),
        term: term(share, (share * (1.0 - share)).sqrt(), coefficient),
    };
    Feature::Category(CategoryFeature {
        name: "industry".into(),
        levels: vec![level("Energy", 0.25, 1.0), level("Retail", 0.75, -0.2)],
        other: None,
        missing: None,
        required: false,
    })
}

/// The model, with its id.
pub fn model() -> Model {
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
        horizon_days: Some(90),
        features: vec![activity(), industry()],
        intercept: 2.1,
        intercept_standardised: 2.1 - 0.04 * 80.0 + 0.25 - 0.15,
        data: TrainingData {
            sha256: String::new(),
            n_samples: 1200,
            n_positive: 300,
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
