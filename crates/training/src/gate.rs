//! The gate: is a newly trained model at least as good as the deployed one on samples that neither
//! was fitted on?
//!
//! The newly labelled samples are unknown to the champion. For the challenger they are cross-fitted:
//! the clients are dealt into folds, and each fold is predicted by a model that was trained without
//! its clients, on the candidate that was chosen without them (module `candidates`). So what is
//! judged is the whole way to a model, the choice included. The difference in log-loss is paired by
//! sample and its interval is by client.

pub use crate::candidates::{Candidate, Choice};
pub use risk_core::metrics::Comparison;

use crate::Samples;
use crate::candidates::{FOLDS, Pool, choose};
use crate::recency::{ages, weight};
use crate::shared::{Rows, SharedDesign};
use anyhow::{Context, Result, ensure};
use risk_core::hash;
use risk_core::model::Model;

/// A challenger against the champion.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// On the new samples.
    pub comparison: Comparison,
    /// The challenger's risk of each new sample, by a model that was trained without its client.
    pub risks: Vec<f64>,
    /// What the challenger is to be trained on.
    pub choice: Choice,
}

/// Tries a challenger on the samples at `new`, positions among `samples`; `champion_risks` are the
/// champion's risks of these, in the same order. The challenger is fitted in the basis and with the
/// penalty of the champion, which were chosen without these samples.
///
/// # Errors
/// When there is nothing to compare on, a new sample has no risk of the champion, or a model of a
/// fold cannot be fitted.
pub fn challenge(
    champion: &Model,
    samples: &Samples,
    new: &[usize],
    champion_risks: &[f64],
) -> Result<Challenge> {
    ensure!(!new.is_empty(), "there is no new sample to compare on");
    ensure!(
        new.len() == champion_risks.len(),
        "{} risks of the champion do not belong to {} new samples",
        champion_risks.len(),
        new.len()
    );
    let design = SharedDesign::like(champion, samples)?;
    let ages = ages(&samples.table);
    let folds: Vec<usize> = (0..samples.exited.len())
        .map(|row| fold(samples.table.client_id(row)))
        .collect();
    let pool = Pool {
        design: &design,
        ages: &ages,
        folds: &folds,
        new,
    };
    let choice = choose(&pool);
    let risks = cross_fitted(&pool, &choice)?;
    let client_ids: Vec<&str> = new
        .iter()
        .map(|row| samples.table.client_id(*row))
        .collect();
    let exited: Vec<bool> = new.iter().map(|row| samples.exited[*row]).collect();
    let weights: Vec<f64> = new.iter().map(|row| samples.weight(*row)).collect();
    Ok(Challenge {
        comparison: Comparison::weighted(&client_ids, champion_risks, &risks, &exited, &weights)?,
        risks,
        choice,
    })
}

/// The fold of a client.
fn fold(client: &str) -> usize {
    (hash::short(client) % FOLDS as u64) as usize
}

/// The risk of each new sample under a model that was chosen and trained without its client.
fn cross_fitted(pool: &Pool<'_>, choice: &Choice) -> Result<Vec<f64>> {
    let mut risks = vec![0.0; pool.new.len()];
    let mut start = Vec::new();
    for (held_out, recency) in choice.by_fold.iter().enumerate() {
        let judged: Vec<usize> = (0..pool.new.len())
            .filter(|position| pool.folds[pool.new[*position]] == held_out)
            .collect();
        if judged.is_empty() {
            continue;
        }
        let rows = Rows::of(pool.ages.len(), |row| {
            (pool.folds[row] != held_out)
                .then(|| weight(*recency, pool.ages[row]))
                .flatten()
        });
        let fitted = (pool.design.fit(&rows, start)).context("the model cannot be fitted")?;
        let of_fold: Vec<usize> = judged.iter().map(|position| pool.new[*position]).collect();
        let predicted = pool.design.risks(&fitted, &of_fold);
        for (position, risk) in judged.into_iter().zip(predicted) {
            risks[position] = risk;
        }
        start = fitted;
    }
    Ok(risks)
}
