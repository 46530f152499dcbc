//! The saved share: what calling has achieved over all bands, as far as the trial can tell.

use crate::plan::needed_holdout;
use crate::success::{Observation, posterior};
use serde::{Deserialize, Serialize};

/// Clients that were set aside and left, below which nothing is said.
const LEAST_LEAVERS: u64 = 5;
/// Called clients with a known outcome, below which nothing is said.
const LEAST_CALLED: u64 = 30;

/// What the trial says about calling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum SavedShare {
    /// The share of those who would have left that stayed because they were called; below zero where
    /// more left.
    Estimate {
        /// The median of the posterior.
        share: f64,
        /// The low end of the 95 % interval.
        low: f64,
        /// The high end of the 95 % interval.
        high: f64,
        /// Called clients with a known outcome.
        called: u64,
        /// Clients set aside with a known outcome.
        held_out: u64,
    },
    /// There are too few known outcomes.
    TooFew {
        /// Called clients with a known outcome.
        called: u64,
        /// Clients set aside with a known outcome.
        held_out: u64,
        /// How many clients have to be set aside until the assumed success rate, if it is right, can
        /// be told from none.
        needed_held_out: u64,
    },
}

/// The saved share over all observations.
///
/// Each client that is called leaves with `(1 - s)` times the probability with which one of its risk
/// leaves that is set aside; s is taken as equally likely between -1 and 1 beforehand.
#[must_use]
pub fn saved_share(observations: &[Observation], assumed: f64, holdout_share: f64) -> SavedShare {
    let count = |called: bool| {
        let group = observations
            .iter()
            .filter(move |seen| seen.called == called);
        group.count() as u64
    };
    let (called, held_out) = (count(true), count(false));
    let left = |seen: &&Observation| !seen.called && seen.left;
    let leavers = observations.iter().filter(left).count() as u64;
    if leavers < LEAST_LEAVERS || called < LEAST_CALLED {
        let risks: f64 = observations.iter().map(|seen| seen.risk).sum();
        let mean = if observations.is_empty() {
            0.4
        } else {
            risks / observations.len() as f64
        };
        return SavedShare::TooFew {
            called,
            held_out,
            needed_held_out: needed_holdout(mean, assumed, holdout_share),
        };
    }
    let grid: Vec<f64> = (0..400)
        .map(|cell| (f64::from(cell) + 0.5) / 200.0 - 1.0)
        .collect();
    let weights = posterior(observations, &grid, |_| 0.0);
    SavedShare::Estimate {
        share: quantile(&weights, 0.5),
        low: quantile(&weights, 0.025),
        high: quantile(&weights, 0.975),
        called,
        held_out,
    }
}

fn quantile(weights: &[(f64, f64)], probability: f64) -> f64 {
    let mut below = 0.0;
    let reached = weights.iter().find(|(_, weight)| {
        below += weight;
        below >= probability
    });
    reached.map_or(1.0, |(rate, _)| *rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(called: (usize, usize), held_out: (usize, usize)) -> Vec<Observation> {
        let group = |(all, left): (usize, usize), called| {
            (0..all).map(move |n| Observation {
                risk: 0.5,
                called,
                left: n < left,
            })
        };
        group(called, true).chain(group(held_out, false)).collect()
    }

    #[test]
    fn the_share_is_that_of_the_two_rates_of_leaving() {
        for (called, held_out, expected) in [
            ((2000, 600), (500, 250), 0.4),
            ((2000, 1000), (500, 250), 0.0),
            ((2000, 1200), (500, 250), -0.2),
        ] {
            let found = saved_share(&seen(called, held_out), 0.3, 0.2);
            let SavedShare::Estimate {
                share, low, high, ..
            } = found
            else {
                panic!("{found:?}");
            };
            assert!((share - expected).abs() < 0.03, "{found:?}");
            assert!(
                low < expected && expected < high && high - low < 0.3,
                "{found:?}"
            );
        }
    }

    #[test]
    fn with_few_outcomes_it_says_how_many_are_needed() {
        for (called, held_out) in [((0, 0), (0, 0)), ((300, 90), (8, 4)), ((29, 10), (30, 20))] {
            let found = saved_share(&seen(called, held_out), 0.3, 0.05);
            let SavedShare::TooFew {
                needed_held_out, ..
            } = found
            else {
                panic!("{found:?}");
            };
            assert!((10..200).contains(&needed_held_out), "{found:?}");
        }
    }
}
