//! What a cross-validation has to say.

use anyhow::Result;
use risk_core::config::Basis;
use risk_core::metrics::{brier, log_loss, roc_auc};
use risk_core::model::Model;
use serde::Serialize;
use std::fmt::{self, Display};

/// A model judged on the clients it was not trained on.
#[derive(Debug, Serialize)]
pub struct Fold {
    n_samples: usize,
    n_positive: usize,
    log_loss: f64,
    roc_auc: f64,
    brier: f64,
    basis: String,
    l2: f64,
}

/// A figure over the folds.
#[derive(Debug, Serialize)]
pub struct Mean {
    mean: f64,
    /// Of the mean: the standard deviation of the folds over the root of their number.
    standard_error: f64,
}

/// The folds and their means.
#[derive(Debug, Serialize)]
pub struct Outcome {
    folds: Vec<Fold>,
    log_loss: Mean,
    roc_auc: Mean,
    brier: Mean,
    elapsed_s: f64,
}

impl Fold {
    pub fn of(model: &Model, risks: &[f64], exited: &[bool]) -> Result<Self> {
        Ok(Self {
            n_samples: exited.len(),
            n_positive: exited.iter().filter(|exited| **exited).count(),
            log_loss: log_loss(risks, exited)?,
            roc_auc: roc_auc(risks, exited)?,
            brier: brier(risks, exited)?,
            basis: name_of(model.basis)?,
            l2: model.l2,
        })
    }
}

/// The name of a basis in the configuration.
fn name_of(basis: Basis) -> Result<String> {
    let name = serde_json::to_value(basis)?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

impl Mean {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let standard_error = (squares / (n - 1.0) / n).sqrt();
        Self {
            mean,
            standard_error,
        }
    }
}

impl Outcome {
    pub fn new(folds: Vec<Fold>, elapsed_s: f64) -> Self {
        Self {
            log_loss: Mean::of(folds.iter().map(|fold| fold.log_loss)),
            roc_auc: Mean::of(folds.iter().map(|fold| fold.roc_auc)),
            brier: Mean::of(folds.iter().map(|fold| fold.brier)),
            folds,
            elapsed_s,
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "fold  samples   left  log-loss   ROC AUC     Brier  basis         l2"
        )?;
        for (number, fold) in self.folds.iter().enumerate() {
            writeln!(
                f,
                "{number:>4}  {:>7}  {:>5}  {:>8.5}  {:>8.5}  {:>8.5}  {:<7}  {:>7.3}",
                fold.n_samples,
                fold.n_positive,
                fold.log_loss,
                fold.roc_auc,
                fold.brier,
                fold.basis,
                fold.l2
            )?;
        }
        for (name, mean) in [
            ("log-loss", &self.log_loss),
            ("ROC AUC", &self.roc_auc),
            ("Brier", &self.brier),
        ] {
            writeln!(
                f,
                "{name:<8} {:.5} ± {:.5} (standard error)",
                mean.mean, mean.standard_error
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_is_that_of_the_mean() {
        let mean = Mean::of([1.0, 2.0, 3.0].into_iter());
        assert!((mean.mean - 2.0).abs() < 1e-15);
        assert!((mean.standard_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }
}
