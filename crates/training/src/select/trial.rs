//! What each basis and penalty predicts for samples whose clients the fit did not see.

use super::splits::{Split, Splits};
use crate::solver::{Design, RowPass, nearly_minimise};
use risk_core::config::Basis;

/// A basis and a penalty that were tried.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tried {
    pub basis: Basis,
    pub l2: f64,
    /// The log-odds of leaving of each predicted row; none where a fold could not be fitted.
    pub log_odds: Option<Vec<f64>>,
    /// The log-loss of each of them, nats.
    pub losses: Option<Vec<f64>>,
}

/// A split with its columns, and the parameters of its last fit.
struct Fold<'a> {
    split: &'a Split,
    design: Design,
    exited: Vec<bool>,
    weights: Option<Vec<f64>>,
    start: Vec<f64>,
}

/// The labels of the samples, and what each counts; all alike where there are no weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labelled<'a> {
    pub exited: &'a [bool],
    pub weights: Option<&'a [f64]>,
}

/// Tries penalties from the strongest to the weakest, each fit starting at the one before, until two
/// in a row were worse than the best.
pub(super) fn run(
    basis: Basis,
    design: &Design,
    labels: Labelled<'_>,
    splits: &Splits,
    penalties: &[f64],
    threads: usize,
) -> Vec<Tried> {
    let folds: Option<Vec<Fold<'_>>> = splits
        .splits
        .iter()
        .map(|split| Fold::of(split, design, labels))
        .collect();
    let mut folds = folds.unwrap_or_default();
    let shares = labels.shares(&splits.rows);
    let mut tried: Vec<Tried> = Vec::new();
    let (mut least, mut worse) = (f64::INFINITY, 0);
    for l2 in penalties {
        let log_odds = predict(&mut folds, design, splits, *l2, threads);
        let losses = log_odds.as_ref().map(|log_odds| {
            let rows = splits.rows.iter().zip(log_odds);
            rows.map(|(row, log_odds)| shares[*row] * loss(*log_odds, labels.exited[*row]))
                .collect::<Vec<f64>>()
        });
        let total = losses
            .as_ref()
            .map_or(f64::INFINITY, |losses| losses.iter().sum::<f64>());
        tried.push(Tried {
            basis,
            l2: *l2,
            log_odds,
            losses,
        });
        worse = if total < least { 0 } else { worse + 1 };
        least = least.min(total);
        if worse == 2 {
            break;
        }
    }
    tried
}

/// Log-odds of all predicted rows; each fold is fitted by one thread, so that the number of threads
/// does not show.
fn predict(
    folds: &mut [Fold<'_>],
    design: &Design,
    splits: &Splits,
    l2: f64,
    threads: usize,
) -> Option<Vec<f64>> {
    let per_thread = folds.len().div_ceil(threads.max(1)).max(1);
    let rows = &splits.rows;
    let parts: Vec<Vec<Option<Vec<f64>>>> = std::thread::scope(|scope| {
        let work = |part: &mut [Fold<'_>]| {
            let predicted = part.iter_mut().map(|fold| fold.predict(design, rows, l2));
            predicted.collect::<Vec<_>>()
        };
        let workers: Vec<_> = folds
            .chunks_mut(per_thread)
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .collect()
    });
    let predictions: Vec<Option<Vec<f64>>> = parts.into_iter().flatten().collect();
    if folds.is_empty() || predictions.len() != folds.len() {
        return None;
    }
    let mut log_odds = vec![0.0; rows.len()];
    for (fold, predicted) in folds.iter().zip(predictions) {
        for (position, value) in fold.split.predicted.iter().zip(predicted?) {
            log_odds[*position] = value;
        }
    }
    Some(log_odds)
}

impl Labelled<'_> {
    /// What each sample counts against the mean of these rows, so that a plain mean over them is the
    /// weighted one.
    fn shares(&self, rows: &[usize]) -> Vec<f64> {
        let Some(weights) = self.weights else {
            return vec![1.0; self.exited.len()];
        };
        let sum: f64 = rows.iter().map(|row| weights[*row]).sum();
        let mean = sum / rows.len().max(1) as f64;
        weights.iter().map(|weight| weight / mean).collect()
    }
}

impl<'a> Fold<'a> {
    fn of(split: &'a Split, design: &Design, labels: Labelled<'_>) -> Option<Self> {
        let pick = |column: &Vec<f64>| split.fitted.iter().map(|row| column[*row]).collect();
        Some(Self {
            design: Design::new(design.columns().iter().map(pick).collect()).ok()?,
            exited: split.fitted.iter().map(|row| labels.exited[*row]).collect(),
            weights: labels
                .weights
                .map(|weights| split.fitted.iter().map(|row| weights[*row]).collect()),
            split,
            start: Vec::new(),
        })
    }

    /// Fits and predicts; none where the fit fails, as without penalty on a level that this fold
    /// lacks.
    fn predict(&mut self, design: &Design, rows: &[usize], l2: f64) -> Option<Vec<f64>> {
        let has_both = self.exited.contains(&true) && self.exited.contains(&false);
        let pass = RowPass::new(&self.design, &self.exited)
            .ok()
            .filter(|_| has_both)?;
        let pass = match &self.weights {
            Some(weights) => pass.weighted(weights).ok()?,
            None => pass,
        };
        let start = std::mem::take(&mut self.start);
        let fit = nearly_minimise(&pass.on_threads(1), l2, start).ok()?;
        let (intercept, coefficients) = fit.split_first()?;
        let columns = design.columns();
        let predicted = self.split.predicted.iter().map(|position| {
            let row = rows[*position];
            let terms = columns.iter().zip(coefficients);
            intercept + terms.map(|(column, w)| column[row] * w).sum::<f64>()
        });
        let predicted = predicted.collect();
        self.start = fit;
        Some(predicted)
    }
}

/// The log-loss of log-odds, nats: `log(1 + exp(-t))` with `t` the log-odds of what happened.
fn loss(log_odds: f64, exited: bool) -> f64 {
    let t = if exited { log_odds } else { -log_odds };
    (-t).max(0.0) + (-t.abs()).exp().ln_1p()
}
