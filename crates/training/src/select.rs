//! Which basis and which penalty: what predicts best in cross-validation.

use crate::Samples;
use anyhow::Result;
use risk_core::Config;
use risk_core::config::{Basis, BasisChoice, Penalty};
use risk_core::model::Selection;

/// A basis and a penalty, and how they were chosen.
#[derive(Debug, Clone)]
pub struct Selected {
    /// How numbers enter the model.
    pub basis: Basis,
    /// The ridge penalty.
    pub l2: f64,
    /// What was tried; none where the configuration fixes both.
    pub selection: Option<Selection>,
    /// Predictions of the chosen candidate for samples whose clients it was not fitted on; none where
    /// nothing was validated.
    pub out_of_fold: Option<OutOfFold>,
}

/// Predictions by models that were fitted without the clients they predict.
#[derive(Debug, Clone)]
pub struct OutOfFold {
    /// The positions of the samples.
    pub rows: Vec<usize>,
    /// The log-odds of leaving of each.
    pub log_odds: Vec<f64>,
    /// The fold of each.
    pub folds: Vec<u32>,
}

/// Chooses basis and penalty.
///
/// # Errors
/// None yet.
pub fn select(config: &Config, samples: &Samples) -> Result<Selected> {
    let _ = samples;
    let basis = match config.model.basis {
        BasisChoice::Spline => Basis::Spline,
        BasisChoice::Linear | BasisChoice::Auto => Basis::Linear,
    };
    let l2 = match config.model.l2 {
        Penalty::Fixed(l2) => l2,
        Penalty::Auto => 1.0,
    };
    Ok(Selected {
        basis,
        l2,
        selection: None,
        out_of_fold: None,
    })
}
