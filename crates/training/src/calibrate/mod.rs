//! Calibration: how the score of a model becomes a risk that can be taken at its word.
//!
//! A model that was fitted to a sample knows it too well, so mappings are fitted on scores of models
//! that were fitted without the client of the sample. Whether a mapping helps is told in turn on
//! clients it was fitted without. It is taken only where it helps for certain.

mod isotonic;
mod of_model;

pub use of_model::{Calibrated, calibrate};

use monitoring::evidence::{Labelled, fit_recalibration};
use risk_core::calibration::{Calibration, CalibrationCandidate, CalibrationRecord};
use risk_core::config::CalibrationChoice;
use risk_core::hash;
use risk_core::metrics::clustered_standard_error;
use risk_core::model::sigmoid;

/// How many parts the clients are dealt into, to try mappings on clients they were fitted without.
const FOLDS: u64 = 5;
/// Fewest samples, and fewest of the rarer class, to which a mapping is fitted.
const ENOUGH: Fewest = Fewest {
    samples: 100,
    of_a_class: 20,
};
struct Fewest {
    samples: usize,
    of_a_class: usize,
}

/// Labelled samples with scores of models that were fitted without their clients, one entry a sample
/// in each slice.
#[derive(Debug, Clone, Copy)]
pub struct CalibrationSamples<'a> {
    /// The client of each sample.
    pub client_ids: &'a [&'a str],
    /// The log-odds that the model gave it.
    pub scores: &'a [f64],
    /// Whether the client left.
    pub exited: &'a [bool],
    /// How much each sample counts, above 0.
    pub weights: &'a [f64],
}

/// Chooses and fits the mapping. Under "auto" that is the simplest of none, Platt and isotonic from
/// which no further one is better by more than one standard error of the paired difference.
#[must_use]
pub fn choose(
    choice: CalibrationChoice,
    samples: CalibrationSamples<'_>,
) -> (Calibration, CalibrationRecord) {
    let record = |candidates, reason| CalibrationRecord {
        n_samples: samples.scores.len() as u64,
        candidates,
        reason,
    };
    let kind = match choice {
        CalibrationChoice::None => {
            return (
                Calibration::None,
                record(
                    Vec::new(),
                    "As configured, the scores stay as they are.".into(),
                ),
            );
        }
        CalibrationChoice::Platt => Some(Kind::Platt),
        CalibrationChoice::Isotonic => Some(Kind::Isotonic),
        CalibrationChoice::Auto => None,
    };
    if let Some(reason) = too_few(samples.exited, &ENOUGH) {
        return (Calibration::None, record(Vec::new(), reason));
    }
    let tried = Tried::of(samples);
    let (chosen, reason) = match kind {
        Some(kind) => (
            Some(kind),
            format!("As configured, the mapping is {}.", kind.name()),
        ),
        None => tried.best(),
    };
    match chosen.map(|kind| kind.fit(samples)) {
        None => (Calibration::None, record(tried.candidates(), reason)),
        Some(Some(mapping)) => (mapping, record(tried.candidates(), reason)),
        Some(None) => {
            let reason =
                "The scores stay as they are, because the mapping cannot be fitted to them.";
            (Calibration::None, record(tried.candidates(), reason.into()))
        }
    }
}

fn too_few(exited: &[bool], fewest: &Fewest) -> Option<String> {
    let left = exited.iter().filter(|exited| **exited).count();
    let rarer = left.min(exited.len() - left);
    let Fewest {
        samples,
        of_a_class,
    } = fewest;
    (exited.len() < *samples || rarer < *of_a_class).then(|| {
        format!(
            "The scores stay as they are: {} samples, {rarer} of them of the rarer class, are too few \
             for a calibration. That takes {samples} with {of_a_class}.",
            exited.len()
        )
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Platt,
    Isotonic,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Platt => "platt",
            Self::Isotonic => "isotonic",
        }
    }

    /// The mapping that fits samples best; none where they do not determine a rising one.
    fn fit(self, samples: CalibrationSamples<'_>) -> Option<Calibration> {
        let rows: Vec<usize> = (0..samples.scores.len()).collect();
        self.fit_to(samples, &rows)
    }

    fn fit_to(self, samples: CalibrationSamples<'_>, rows: &[usize]) -> Option<Calibration> {
        let mapping = match self {
            Self::Platt => platt(samples, rows)?,
            Self::Isotonic => isotonic::fit(samples, rows)?,
        };
        mapping.check().is_ok().then_some(mapping)
    }

    /// The log-loss of each sample under the mapping fitted without its fold.
    fn losses(self, samples: CalibrationSamples<'_>, folds: &[u64]) -> Option<Vec<f64>> {
        let mut losses = vec![0.0; folds.len()];
        for held_out in 0..FOLDS {
            let (judged, rest): (Vec<usize>, Vec<usize>) =
                (0..folds.len()).partition(|row| folds[*row] == held_out);
            if judged.is_empty() {
                continue;
            }
            let mapping = self.fit_to(samples, &rest)?;
            for row in judged {
                losses[row] = loss(mapping.risk(samples.scores[row]), samples.exited[row]);
            }
        }
        Some(losses)
    }
}

/// Intercept and slope by maximum likelihood (Platt 1999).
fn platt(samples: CalibrationSamples<'_>, rows: &[usize]) -> Option<Calibration> {
    let labelled: Vec<Labelled> = rows
        .iter()
        .map(|&row| Labelled {
            weight: samples.weights[row],
            ..Labelled::new(sigmoid(samples.scores[row]), samples.exited[row])
        })
        .collect();
    let fit = fit_recalibration(&labelled)?;
    Some(Calibration::Platt {
        intercept: fit.intercept,
        slope: fit.slope,
    })
}

/// What was tried.
struct Tried<'a> {
    samples: CalibrationSamples<'a>,
    plain: Vec<f64>,
    mapped: [(Kind, Option<Vec<f64>>); 2],
}

impl<'a> Tried<'a> {
    fn of(samples: CalibrationSamples<'a>) -> Self {
        let folds: Vec<u64> = (samples.client_ids.iter())
            .map(|client| hash::short(client) % FOLDS)
            .collect();
        let rows = samples.scores.iter().zip(samples.exited);
        let plain = rows
            .map(|(score, exited)| loss(Calibration::None.risk(*score), *exited))
            .collect();
        let tried = |kind: Kind| (kind, kind.losses(samples, &folds));
        Self {
            samples,
            plain,
            mapped: [tried(Kind::Platt), tried(Kind::Isotonic)],
        }
    }

    /// The kind to be taken under "auto", and why.
    fn best(&self) -> (Option<Kind>, String) {
        let (mut chosen, mut losses) = (None, &self.plain);
        for (kind, mapped) in &self.mapped {
            let Some(mapped) = mapped else { continue };
            let gain = self.gain(losses, mapped);
            if gain.mean > gain.standard_error {
                (chosen, losses) = (Some(*kind), mapped);
            }
        }
        let gains: Vec<String> = (self.mapped.iter())
            .map(|(kind, mapped)| match mapped {
                Some(mapped) => {
                    let gain = self.gain(&self.plain, mapped);
                    let name = kind.name();
                    format!("{name} {:+.5} ± {:.5}", gain.mean, gain.standard_error)
                }
                None => format!("{} cannot be fitted", kind.name()),
            })
            .collect();
        let gains = gains.join(", ");
        let reason = match chosen {
            None => format!(
                "The scores stay as they are: no mapping lowers the cross-validated log-loss by more than \
                 one standard error ({gains})."
            ),
            Some(kind) => format!(
                "The mapping is {}, the simplest that no other betters by more than one standard error of \
                 the cross-validated log-loss (gain on the scores as they are: {gains}).",
                kind.name()
            ),
        };
        (chosen, reason)
    }

    fn candidates(&self) -> Vec<CalibrationCandidate> {
        let none = CalibrationCandidate {
            kind: Calibration::None.name().into(),
            log_loss: Some(self.mean(&self.plain)),
            gain: None,
            standard_error: None,
        };
        let mapped = self.mapped.iter().map(|(kind, losses)| {
            let gain = losses.as_ref().map(|losses| self.gain(&self.plain, losses));
            CalibrationCandidate {
                kind: kind.name().into(),
                log_loss: losses.as_ref().map(|losses| self.mean(losses)),
                gain: gain.map(|gain| gain.mean),
                standard_error: gain.map(|gain| gain.standard_error),
            }
        });
        std::iter::once(none).chain(mapped).collect()
    }

    fn mean(&self, values: &[f64]) -> f64 {
        let weighted = values.iter().zip(self.samples.weights);
        let sum: f64 = weighted.map(|(value, weight)| value * weight).sum();
        sum / self.samples.weights.iter().sum::<f64>()
    }

    /// What is gained from one set of losses to another, paired by sample. The samples of one client
    /// count as one in the standard error.
    fn gain(&self, from: &[f64], to: &[f64]) -> Gain {
        let gains: Vec<f64> = from.iter().zip(to).map(|(from, to)| from - to).collect();
        let mean = self.mean(&gains);
        let Self { samples, .. } = self;
        let deviations = (gains.iter().enumerate()).map(|(row, gain)| {
            let deviation = samples.weights[row] * (gain - mean);
            (samples.client_ids[row], deviation)
        });
        Gain {
            mean,
            standard_error: clustered_standard_error(deviations, samples.weights.iter().sum()),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Gain {
    mean: f64,
    standard_error: f64,
}

fn loss(risk: f64, exited: bool) -> f64 {
    -(if exited { risk } else { 1.0 - risk }).ln()
}

#[cfg(test)]
mod tests;
