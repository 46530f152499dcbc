//! Which basis and which penalty: what predicts best in cross-validation.
//!
//! Each basis is tried with each penalty on clients that the fit did not see, and where samples are
//! dated on later ones ([`splits`]). Within a basis the penalty with the least log-loss is taken: the
//! losses of neighbours differ by less than their error, and leaning to the larger one would blunt
//! the model for nothing. The linear basis is simpler than the spline; it is kept unless the spline
//! is better by more than one standard error of the paired difference.

mod decide;
mod splits;
#[cfg(test)]
mod tests;
mod trial;

use crate::Samples;
use crate::encode::Encoding;
use anyhow::Result;
use risk_core::Config;
use risk_core::config::{Basis, BasisChoice, Penalty};
use risk_core::model::{Candidate, Selection, Validation};
use splits::Splits;

/// Fewest labelled samples from which anything is chosen.
const FEWEST_SAMPLES: usize = 100;
/// Fewest samples of the rarer class from which anything is chosen.
const FEWEST_OF_A_CLASS: usize = 20;
/// Most samples that take part; of more, a seeded share of the clients does. The penalty is then
/// chosen for a smaller sample, where it matters more.
const MOST_SAMPLES: usize = 50_000;
/// The penalties that are tried, about half a power of ten apart, the strongest first.
const PENALTIES: [f64; 9] = [1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1];
/// What is taken where there is too little to choose by.
const DEFAULT_PENALTY: f64 = 1.0;

/// A basis and a penalty, and how they were chosen.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFold {
    /// The positions of the samples, ascending.
    pub rows: Vec<usize>,
    /// The log-odds of leaving of each.
    pub log_odds: Vec<f64>,
}

/// Chooses basis and penalty as the configuration says. Where it fixes both there is nothing to
/// choose and nothing is validated.
///
/// # Errors
/// When there is no usable feature.
pub fn select(config: &Config, samples: &Samples) -> Result<Selected> {
    let (bases, penalties) = asked(config);
    if bases.len() == 1 && penalties.len() == 1 {
        return Ok(Selected {
            basis: bases[0],
            l2: penalties[0],
            selection: None,
            out_of_fold: None,
        });
    }
    if is_too_few(&samples.exited) {
        return Ok(without_validation(config, samples));
    }
    choose(config, samples, &bases, &penalties, threads())
}

/// Predictions under a given basis and penalty for samples whose clients the fit did not see; none
/// where there are too few samples to validate on.
///
/// # Errors
/// When there is no usable feature.
pub fn out_of_fold(
    config: &Config,
    samples: &Samples,
    basis: Basis,
    l2: f64,
) -> Result<Option<OutOfFold>> {
    if is_too_few(&samples.exited) {
        return Ok(None);
    }
    Ok(choose(config, samples, &[basis], &[l2], threads())?.out_of_fold)
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |threads| threads.get())
}

/// The bases and penalties that the configuration leaves open, the simpler first.
fn asked(config: &Config) -> (Vec<Basis>, Vec<f64>) {
    let bases = match config.model.basis {
        BasisChoice::Linear => vec![Basis::Linear],
        BasisChoice::Spline => vec![Basis::Spline],
        BasisChoice::Auto => vec![Basis::Linear, Basis::Spline],
    };
    let penalties = match config.model.l2 {
        Penalty::Fixed(l2) => vec![l2],
        Penalty::Auto => PENALTIES.to_vec(),
    };
    (bases, penalties)
}

fn is_too_few(exited: &[bool]) -> bool {
    let positive = exited.iter().filter(|exited| **exited).count();
    exited.len() < FEWEST_SAMPLES || positive.min(exited.len() - positive) < FEWEST_OF_A_CLASS
}

/// Linear, unless the configuration says otherwise, with a penalty of 1.
fn without_validation(config: &Config, samples: &Samples) -> Selected {
    let (bases, penalties) = asked(config);
    let l2 = match penalties[..] {
        [l2] => l2,
        _ => DEFAULT_PENALTY,
    };
    let reason = format!(
        "under {FEWEST_SAMPLES} labelled samples, or {FEWEST_OF_A_CLASS} of the rarer class, nothing \
         is chosen: {} with l2 {l2}",
        bases[0].name()
    );
    let selection = Selection {
        validation: Validation::None,
        folds: 0,
        seed: config.model.seed,
        n_samples: samples.exited.len() as u64,
        n_validated: 0,
        candidates: Vec::new(),
        margin: None,
        reason,
    };
    Selected {
        basis: bases[0],
        l2,
        selection: Some(selection),
        out_of_fold: None,
    }
}

/// Tries everything on as many threads as are given; the result does not depend on them.
fn choose(
    config: &Config,
    samples: &Samples,
    bases: &[Basis],
    penalties: &[f64],
    threads: usize,
) -> Result<Selected> {
    let seed = config.model.seed;
    let taken = splits::share_of_clients(&samples.table, seed, MOST_SAMPLES);
    let part = samples.select(&taken);
    let splits = Splits::of(&part, config.model.folds, seed, config.dataset.horizon_days);
    let mut tried = Vec::new();
    for basis in bases {
        let (_, design) = Encoding::of(&part.table, *basis)?;
        tried.extend(trial::run(
            *basis,
            &design,
            trial::Labelled {
                exited: &part.exited,
                weights: part.weights.as_deref(),
            },
            &splits,
            penalties,
            threads,
        ));
    }
    let clients = splits.clients_of(&part.table);
    let Some(choice) = decide::choose(&tried, &clients) else {
        // No fold could be fitted; the fit of all samples will say why.
        return Ok(Selected {
            selection: None,
            ..without_validation(config, samples)
        });
    };
    let best = &tried[choice.position];
    let selection = Selection {
        validation: splits.validation,
        folds: config.model.folds,
        seed,
        n_samples: taken.len() as u64,
        n_validated: splits.rows.len() as u64,
        candidates: tried
            .iter()
            .map(|tried| candidate(tried, &clients))
            .collect(),
        reason: decide::reason(best, &choice, &splits, config.model.folds),
        margin: choice.margin,
    };
    Ok(Selected {
        basis: best.basis,
        l2: best.l2,
        selection: Some(selection),
        out_of_fold: Some(OutOfFold {
            rows: splits.rows.iter().map(|row| taken[*row]).collect(),
            log_odds: best.log_odds.clone().unwrap_or_default(),
        }),
    })
}

fn candidate(tried: &trial::Tried, clients: &[usize]) -> Candidate {
    let figures = tried
        .losses
        .as_ref()
        .map(|losses| decide::mean_by_client(losses, clients));
    Candidate {
        basis: tried.basis,
        l2: tried.l2,
        log_loss: figures.map(|(mean, _)| mean),
        standard_error: figures
            .map(|(_, error)| error)
            .filter(|error| error.is_finite()),
    }
}
