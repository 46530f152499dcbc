//! The gate: is a newly trained model at least as good as the deployed one on samples that neither
//! was fitted on?
//!
//! The newly labelled samples are unknown to the champion. For the challenger they are cross-fitted:
//! the clients are dealt into folds, and each fold is predicted by a model that was trained without
//! its clients. The difference in log-loss is paired by sample and its interval is by client.

pub use risk_core::metrics::Comparison;

use crate::{Samples, fit};
use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use dataset::ModelInput;
use risk_core::{Config, hash};

/// How many folds the clients are dealt into.
const FOLDS: u64 = 5;

/// Compares on the samples at `new`, positions among `samples`; `champion_risks` are the champion's
/// risks of these, in the same order.
///
/// # Errors
/// When there is nothing to compare on, a new sample has no risk of the champion, or a model of a
/// fold cannot be fitted.
pub fn compare(
    config: &Config,
    samples: &Samples,
    new: &[usize],
    champion_risks: &[f64],
    now: DateTime<Utc>,
) -> Result<Comparison> {
    ensure!(!new.is_empty(), "there is no new sample to compare on");
    ensure!(
        new.len() == champion_risks.len(),
        "{} risks of the champion do not belong to {} new samples",
        champion_risks.len(),
        new.len()
    );
    let challenger_risks = cross_fitted(config, samples, new, now)?;
    let client_ids: Vec<&str> = new
        .iter()
        .map(|row| samples.table.client_id(*row))
        .collect();
    let exited: Vec<bool> = new.iter().map(|row| samples.exited[*row]).collect();
    let comparison = Comparison::of(&client_ids, champion_risks, &challenger_risks, &exited)?;
    Ok(comparison)
}

/// The risk of each new sample under a model that was trained without its client.
fn cross_fitted(
    config: &Config,
    samples: &Samples,
    new: &[usize],
    now: DateTime<Utc>,
) -> Result<Vec<f64>> {
    let fold = |row: usize| hash::short(samples.table.client_id(row)) % FOLDS;
    let mut risks = vec![0.0; new.len()];
    for held_out in 0..FOLDS {
        let judged: Vec<usize> = (0..new.len())
            .filter(|position| fold(new[*position]) == held_out)
            .collect();
        if judged.is_empty() {
            continue;
        }
        let rest: Vec<usize> = (0..samples.exited.len())
            .filter(|row| fold(*row) != held_out)
            .collect();
        let model = fit(config, &samples.select(&rest), now)?;
        let rows: Vec<usize> = judged.iter().map(|position| new[*position]).collect();
        let table = samples.table.select(&rows);
        let predicted = ModelInput::new(&model, table.schema())?.risks(&table);
        for (position, risk) in judged.into_iter().zip(predicted) {
            risks[position] = risk;
        }
    }
    Ok(risks)
}
