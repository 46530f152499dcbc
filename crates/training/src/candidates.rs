//! The candidates for a challenger: trained on all labelled samples, on recent ones, or on all with
//! weights that fall with age; and which of them is the best.
//!
//! After a change, a model of all samples mostly describes how things were before. How far back it is
//! best to look is found by forward-in-time validation: each candidate is fitted to the samples before a
//! point in time and predicts those after it, and a client is never on both sides. The newest labelled
//! samples that the champion did not see are used twice, for this choice and for the comparison with
//! the champion, but no label is: the risk of a sample in the comparison comes from a model, and from a
//! choice of the candidate, that were made without its client.
//!
//! The clients are dealt into five folds. For each pair of folds every candidate is fitted once to the
//! earlier samples of the other three, and predicts the later samples of both. What is predicted of one
//! fold then chooses for the other: ten fits of a candidate instead of twenty.

use crate::recency::weight;
use crate::shared::{Rows, SharedDesign};
use risk_core::metrics::log_loss;
use risk_core::recency::Recency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many folds the clients are dealt into.
pub(crate) const FOLDS: usize = 5;
/// Parts of all samples that a window takes.
const WINDOWS: [u64; 3] = [2, 4, 8];
/// Parts of all samples after which a weight has halved.
const HALF_LIVES: [u64; 2] = [4, 16];
/// The smallest window.
const LEAST_WINDOW: u64 = 50;
/// Fewest later samples, and fewest of a class among them, from which a choice is made.
const LEAST_JUDGED: (usize, usize) = (30, 5);
/// Where the later samples are more than this part of the new ones, what came before them says too
/// little of how things are now: then all are judged, by client alone.
const MOST_JUDGED: f64 = 0.8;

/// A candidate and how it predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// What it is trained on.
    #[serde(flatten)]
    pub recency: Recency,
    /// Mean log-loss on later samples of other clients, nats; `None` where it could not be fitted.
    pub log_loss: Option<f64>,
}

/// Which candidate was chosen, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The chosen one: trained on this, a model goes into force.
    pub chosen: Recency,
    /// All candidates; none where the newest samples are too few to choose by.
    pub candidates: Vec<Candidate>,
    /// How many later samples they were judged on.
    pub n_judged: u64,
    /// Whether these are later than all that the candidates were fitted to; otherwise they are of other
    /// clients only.
    pub is_forward: bool,
    /// For each fold of clients, what was chosen without it.
    #[serde(skip)]
    pub(crate) by_fold: Vec<Recency>,
}

impl Choice {
    /// How it was found, in a clause for people; empty where there was no choice.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.candidates.is_empty() {
            return String::new();
        }
        let later = if self.is_forward { "later " } else { "" };
        format!(
            " (the best of {} choices of training data on {} {later}samples of other clients)",
            self.candidates.len(),
            self.n_judged
        )
    }
}

/// The samples among which to choose.
pub(crate) struct Pool<'a> {
    /// Their design.
    pub design: &'a SharedDesign<'a>,
    /// The age of each, as [`crate::recency::ages`] counts.
    pub ages: &'a [u64],
    /// The fold of the client of each.
    pub folds: &'a [usize],
    /// Those that the champion is compared on.
    pub new: &'a [usize],
}

/// The candidates for so many samples, where the oldest of the new ones has an age.
pub(crate) fn candidates(n_samples: u64, oldest_new_age: u64) -> Vec<Recency> {
    let windows: BTreeSet<u64> = WINDOWS
        .into_iter()
        .map(|part| n_samples / part)
        .chain([oldest_new_age + 1])
        .filter(|samples| (LEAST_WINDOW..n_samples).contains(samples))
        .collect();
    let half_lives = HALF_LIVES
        .into_iter()
        .map(|part| n_samples / part)
        .filter(|samples| *samples >= LEAST_WINDOW);
    std::iter::once(Recency::All)
        .chain(
            windows
                .into_iter()
                .rev()
                .map(|samples| Recency::Newest { samples }),
        )
        .chain(half_lives.map(|samples| Recency::HalfLife { samples }))
        .collect()
}

/// Chooses among the candidates.
pub(crate) fn choose(pool: &Pool<'_>) -> Choice {
    let split = Split::of(pool.ages, pool.new);
    let n_samples = pool.ages.len() as u64;
    let oldest = pool.new.iter().map(|row| pool.ages[*row]).max();
    let all = candidates(n_samples, oldest.unwrap_or(0));
    if !split.is_enough(pool.design.exited()) || all.len() == 1 {
        return Choice {
            chosen: Recency::All,
            candidates: Vec::new(),
            n_judged: 0,
            is_forward: false,
            by_fold: vec![Recency::All; FOLDS],
        };
    }
    let losses: Vec<Losses> = all
        .iter()
        .map(|recency| Losses::of(pool, &split, *recency))
        .collect();
    let best = |without: Option<usize>| {
        let loss = |candidate: &usize| losses[*candidate].mean(without);
        let found = (0..all.len())
            .filter(|candidate| loss(candidate).is_some())
            .min_by(|a, b| {
                loss(a)
                    .partial_cmp(&loss(b))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
        found.map_or(Recency::All, |candidate| all[candidate])
    };
    Choice {
        chosen: best(None),
        by_fold: (0..FOLDS).map(|fold| best(Some(fold))).collect(),
        n_judged: split.judged.len() as u64,
        is_forward: split.is_forward,
        candidates: all
            .iter()
            .zip(&losses)
            .map(|(recency, losses)| Candidate {
                recency: *recency,
                log_loss: losses.mean(None),
            })
            .collect(),
    }
}

/// What is fitted to and what is judged on, before clients are kept apart.
struct Split {
    /// Whether a row may be fitted to.
    is_earlier: Vec<bool>,
    /// The rows that are judged on.
    judged: Vec<usize>,
    /// The age from which on a row is earlier: what counts as age 0 for a fit.
    newest_earlier: u64,
    is_forward: bool,
}

impl Split {
    /// The newer half of the new samples, in whole dates, is judged on.
    fn of(ages: &[u64], new: &[usize]) -> Self {
        let mut of_new: Vec<u64> = new.iter().map(|row| ages[*row]).collect();
        of_new.sort_unstable();
        let last_judged = of_new.get(of_new.len() / 2).copied().unwrap_or(0);
        let judged: Vec<usize> = (new.iter().copied())
            .filter(|row| ages[*row] <= last_judged)
            .collect();
        if judged.len() as f64 > MOST_JUDGED * new.len() as f64 {
            return Self {
                is_earlier: vec![true; ages.len()],
                judged: new.to_vec(),
                newest_earlier: 0,
                is_forward: false,
            };
        }
        let is_earlier = ages.iter().map(|age| *age > last_judged).collect();
        let earlier = ages.iter().filter(|age| **age > last_judged);
        Self {
            newest_earlier: earlier.min().copied().unwrap_or(0),
            is_earlier,
            judged,
            is_forward: true,
        }
    }

    fn is_enough(&self, exited: &[bool]) -> bool {
        let left = self.judged.iter().filter(|row| exited[**row]).count();
        let rarer = left.min(self.judged.len() - left);
        self.judged.len() >= LEAST_JUDGED.0 && rarer >= LEAST_JUDGED.1
    }
}

/// Sums of log-loss of one candidate: those of a fold, by models that were fitted without it and another.
struct Losses {
    /// `sums[fold][other]`: over the judged rows of `fold`, fitted without both.
    sums: Vec<Vec<Option<f64>>>,
    /// What the judged rows of each fold count.
    weights: Vec<f64>,
}

impl Losses {
    fn of(pool: &Pool<'_>, split: &Split, recency: Recency) -> Self {
        let of_fold = |fold: usize| -> Vec<usize> {
            let judged = split.judged.iter().copied();
            judged.filter(|row| pool.folds[*row] == fold).collect()
        };
        let judged: Vec<Vec<usize>> = (0..FOLDS).map(of_fold).collect();
        let mut sums = vec![vec![None; FOLDS]; FOLDS];
        let mut start = Vec::new();
        for first in 0..FOLDS {
            for second in first + 1..FOLDS {
                let is_fitted = |row: usize| {
                    split.is_earlier[row] && ![first, second].contains(&pool.folds[row])
                };
                let age = |row: usize| pool.ages[row] - split.newest_earlier;
                let weigh = |row: usize| match recency {
                    // A window begins at a point in time, whatever of it is left to fit to.
                    Recency::Newest { .. } => weight(recency, pool.ages[row]),
                    _ => weight(recency, age(row)),
                };
                let rows = Rows::of(pool.ages.len(), |row| {
                    is_fitted(row).then(|| weigh(row)).flatten()
                });
                let Ok(fitted) = pool.design.fit(&rows, start.clone()) else {
                    continue;
                };
                for (fold, other) in [(first, second), (second, first)] {
                    let risks = pool.design.risks(&fitted, &judged[fold]);
                    sums[fold][other] = total_log_loss(&risks, pool, &judged[fold]);
                }
                start = fitted;
            }
        }
        Self {
            sums,
            weights: judged
                .iter()
                .map(|rows| rows.iter().map(|row| pool.design.weight(*row)).sum())
                .collect(),
        }
    }

    /// The mean log-loss without the labels of a fold, or over all; `None` where a model is missing.
    fn mean(&self, without: Option<usize>) -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for fold in (0..FOLDS).filter(|fold| Some(*fold) != without) {
            let others: Vec<Option<f64>> = match without {
                Some(other) => vec![self.sums[fold][other]],
                None => (0..FOLDS)
                    .filter(|other| *other != fold)
                    .map(|other| self.sums[fold][other])
                    .collect(),
            };
            let known: Vec<f64> = others.into_iter().collect::<Option<_>>()?;
            sum += known.iter().sum::<f64>() / known.len() as f64;
            weight += self.weights[fold];
        }
        (weight > 0.0).then(|| sum / weight)
    }
}

/// The log-loss summed over rows by what each counts; 0 over none.
fn total_log_loss(risks: &[f64], pool: &Pool<'_>, rows: &[usize]) -> Option<f64> {
    let of_row = |(risk, row): (&f64, &usize)| {
        let loss = log_loss(&[*risk], &[pool.design.exited()[*row]]).ok()?;
        Some(pool.design.weight(*row) * loss)
    };
    risks.iter().zip(rows).map(of_row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_half_lives_are_parts_of_all_samples() {
        let newest = |samples| Recency::Newest { samples };
        let halves = |samples| Recency::HalfLife { samples };
        assert_eq!(
            candidates(9_000, 999),
            [
                Recency::All,
                newest(4_500),
                newest(2_250),
                newest(1_125),
                newest(1_000),
                halves(2_250),
                halves(562)
            ]
        );
        // A window that holds everything is no window, nor is one of a handful.
        assert_eq!(candidates(120, 119), [Recency::All, newest(60)]);
        assert_eq!(candidates(60, 5), [Recency::All]);
    }

    fn split(ages: &[u64], new: &[usize]) -> Split {
        Split::of(ages, new)
    }

    #[test]
    fn the_newer_half_is_judged_in_whole_dates() {
        // Six samples, the newest first; four of them are new.
        let found = split(&[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3]);
        assert_eq!(found.judged, [0, 1, 2]);
        assert_eq!(found.is_earlier, [false, false, false, true, true, true]);
        assert_eq!((found.newest_earlier, found.is_forward), (3, true));
        // Three on the newest date, two before, one old one.
        let dated = split(&[0, 0, 0, 3, 3, 5], &[0, 1, 2, 3, 4]);
        assert_eq!((dated.judged, dated.newest_earlier), (vec![0, 1, 2], 3));
    }

    #[test]
    fn new_samples_of_one_date_are_judged_by_client_alone() {
        let found = split(&[0, 0, 0, 3, 3], &[0, 1, 2]);
        assert!(!found.is_forward);
        assert_eq!(found.judged, [0, 1, 2]);
        assert_eq!(found.is_earlier, [true; 5]);
    }
}
