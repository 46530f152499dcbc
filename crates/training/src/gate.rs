//! The gate: is a newly trained model at least as good as the deployed one on samples that neither
//! was fitted on?
//!
//! The newly labelled samples are unknown to the champion. For the challenger they are cross-fitted:
//! the clients are dealt into folds, and each fold is predicted by a model that was trained without
//! its clients. The difference in log-loss is paired by sample and its interval is by client.

use crate::{Samples, fit};
use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use dataset::ModelInput;
use risk_core::metrics::log_loss;
use risk_core::{Config, hash};
use serde::Serialize;
use std::collections::HashMap;

/// How many folds the clients are dealt into.
const FOLDS: u64 = 5;
/// Standard normal quantile of a two-sided 95 % interval.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The challenger against the champion on samples new to both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// How many samples.
    pub n_samples: u64,
    /// Mean log-loss of the champion, nats.
    pub champion_log_loss: f64,
    /// Mean log-loss of the challenger, nats.
    pub challenger_log_loss: f64,
    /// Challenger minus champion: negative where the challenger is better.
    pub difference: f64,
    /// Lower end of the 95 % interval of the difference.
    pub low: f64,
    /// Upper end of the 95 % interval of the difference.
    pub high: f64,
}

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
    let mut differences = Vec::with_capacity(new.len());
    let (mut champion_sum, mut challenger_sum) = (0.0, 0.0);
    for ((row, champion), challenger) in new.iter().zip(champion_risks).zip(&challenger_risks) {
        let exited = [samples.exited[*row]];
        let champion_loss = log_loss(&[*champion], &exited)?;
        let challenger_loss = log_loss(&[*challenger], &exited)?;
        champion_sum += champion_loss;
        challenger_sum += challenger_loss;
        differences.push((
            samples.table.client_id(*row),
            challenger_loss - champion_loss,
        ));
    }
    let n = new.len() as f64;
    let difference = (challenger_sum - champion_sum) / n;
    let half = NORMAL_95 * standard_error(&differences, difference);
    Ok(Comparison {
        n_samples: new.len() as u64,
        champion_log_loss: champion_sum / n,
        challenger_log_loss: challenger_sum / n,
        difference,
        low: difference - half,
        high: difference + half,
    })
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

/// The standard error of a mean over samples that come in clusters, one for each client.
fn standard_error(values: &[(&str, f64)], mean: f64) -> f64 {
    let mut deviations: HashMap<&str, f64> = HashMap::new();
    for (client, value) in values {
        *deviations.entry(client).or_default() += value - mean;
    }
    // Summed in a fixed order, so that the same samples give the same bits.
    let mut squares: Vec<f64> = deviations.into_values().map(|sum| sum * sum).collect();
    squares.sort_by(f64::total_cmp);
    let clusters = squares.len() as f64;
    if clusters < 2.0 {
        return f64::INFINITY;
    }
    let correction = clusters / (clusters - 1.0);
    (correction * squares.iter().sum::<f64>()).sqrt() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_counts_clients_and_not_rows() {
        let alone = [("a", 1.0), ("b", -1.0), ("c", 1.0), ("d", -1.0)];
        let expected = (4.0_f64 / 3.0 * 4.0).sqrt() / 4.0;
        assert!((standard_error(&alone, 0.0) - expected).abs() < 1e-12);
        let pairs = [("a", 1.0), ("a", 1.0), ("b", -1.0), ("b", -1.0)];
        assert!(standard_error(&pairs, 0.0) > standard_error(&alone, 0.0));
        assert!(standard_error(&pairs[..2], 1.0).is_infinite());
    }
}
