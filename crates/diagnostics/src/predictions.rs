//! What the deployed model says about the compiled data.

use anyhow::Result;
use dataset::{ModelInput, Table};
use risk_core::model::Model;
use serde::Serialize;

/// What a model says about a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Predictions {
    /// Number of samples.
    pub n_samples: u64,
    /// Mean of their risks, between 0 and 1; `None` without samples.
    pub mean_risk: Option<f64>,
    /// Number of samples predicted to exit: their risk reaches the threshold of the model.
    pub predicted_exits: u64,
}

/// Applies a model to every row.
///
/// # Errors
/// When the table has no column for a feature of the model.
pub fn predict(model: &Model, table: &Table) -> Result<Predictions> {
    let risks = ModelInput::new(model, table.schema())?.risks(table);
    let exits = risks.iter().filter(|risk| model.predicts_exit(**risk));
    Ok(Predictions {
        n_samples: risks.len() as u64,
        mean_risk: (!risks.is_empty()).then(|| risks.iter().sum::<f64>() / risks.len() as f64),
        predicted_exits: exits.count() as u64,
    })
}
