//! Has the model stopped holding? Evidence that adds up over all labelled samples since a release.
//!
//! The null hypothesis is that the champion's probabilities are right, or as wrong as its own training
//! data lets it be. The evidence against it is an e-process by universal inference (Wasserman, Ramdas
//! and Balakrishnan 2020): the likelihood of the labels under a mixture of recalibrations of the
//! champion, over the greatest likelihood that the null hypothesis allows. Whenever labels arrive and
//! however often one looks, the chance that it ever reaches `1 / alpha` under the null hypothesis is at
//! most `alpha` (Ville's inequality), so that nothing is lost by looking every day.
//!
//! A recalibration `(a, b)` reads the champion's log-odds `s` as `a + b·s`; `(0, 1)` is the champion
//! itself. Only sums at fixed recalibrations are kept: a label costs the same however many came before
//! it, and the evidence fits into a row of a database.

mod alternatives;
mod calibration;
mod classical;
mod expectation;
mod kernel;
mod region;

pub use calibration::fit_recalibration;
pub use classical::{ScoreHistory, compare_with_history};
pub use expectation::Expectation;
pub use region::Recalibration;

use alternatives::Alternatives;
use region::Region;
use serde::{Deserialize, Serialize};

/// Version of the evidence that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;
/// The share of labels that may be plain wrong without the champion being called wrong.
const MISLABELLED: f64 = 0.001;
/// Risks are kept this far from 0 and 1, as in the log-loss, so that every likelihood is finite.
const CLIP: f64 = f64::EPSILON;

/// One labelled sample: what the champion said and what happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labelled {
    /// The champion's probability that the client leaves, 0 to 1.
    pub risk: f64,
    /// Whether it left.
    pub exited: bool,
    /// How much the sample counts, above 0 and at most 1: 1, or one over the number of samples of the
    /// client whose label windows overlap. These tell of the same event, so together they count once.
    pub weight: f64,
}

impl Labelled {
    /// A sample that counts in full.
    #[must_use]
    pub fn new(risk: f64, exited: bool) -> Self {
        let weight = 1.0;
        Self {
            risk,
            exited,
            weight,
        }
    }

    /// The champion's probability, kept away from 0 and 1.
    fn probability(&self) -> f64 {
        self.risk.clamp(CLIP, 1.0 - CLIP)
    }

    /// The champion's log-odds.
    fn log_odds(&self) -> f64 {
        let probability = self.probability();
        (probability / (1.0 - probability)).ln()
    }
}

/// Why evidence cannot be gathered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvidenceError {
    /// A risk that is no probability, or a weight that is none.
    #[error(
        "sample {position} has the risk {risk} and the weight {weight}; both must be from 0 to 1, and the weight above 0"
    )]
    NotASample {
        /// The sample, counted from 1.
        position: usize,
        /// What it has for a risk.
        risk: f64,
        /// What it has for a weight.
        weight: f64,
    },
    /// A recalibration without a proper covariance.
    #[error("the recalibration of the champion is not usable: {0}")]
    NotARecalibration(String),
    /// Stored evidence that this program cannot go on with.
    #[error("the stored evidence cannot be used: {0}")]
    NotEvidence(String),
}

/// The evidence against one release, as it is kept with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Evidence {
    /// Samples so far.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// How many the champion expected to leave: the sum of its risks.
    pub expected_positive: f64,
    /// Sum of the weights of the samples: how many independent ones they are worth.
    pub weight: f64,
    /// Log-loss against what the champion itself expects.
    pub expectation: Expectation,
    /// Log-likelihood of the champion.
    champion: f64,
    /// Log-likelihood of the champion where a few labels are wrong.
    mislabelled: f64,
    alternatives: Alternatives,
    region: Region,
    /// The greatest logarithm of the ratio at any look so far.
    greatest_log_ratio: f64,
}

/// When the evidence is called drift.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Bound of the chance of a false alarm in the life of a release.
    pub alpha: f64,
    /// Fewer samples are never called drift; their evidence is kept.
    pub min_labelled: u64,
    /// Least gain of the best recalibration, log-loss a sample.
    pub min_gain: f64,
}

/// What the evidence says so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Natural logarithm of the ratio now.
    pub log_ratio: f64,
    /// The greatest it has been at any look: reaching `ln(1/alpha)` once is enough.
    pub greatest_log_ratio: f64,
    /// The ratio's logarithm from which it is drift, `ln(1/alpha)`.
    pub threshold: f64,
    /// Mean log-loss that the best of the alternatives would save, nats a sample.
    pub gain: f64,
    /// The recalibration `(a, b)` of the alternatives that fits the labels best.
    pub best: (f64, f64),
    /// Whether the champion has drifted.
    pub drift: bool,
}

impl Evidence {
    /// No evidence yet, against a champion whose training data allows these recalibrations.
    ///
    /// # Errors
    /// When the covariance is not that of two quantities.
    pub fn new(recalibration: &Recalibration) -> Result<Self, EvidenceError> {
        Ok(Self {
            n_samples: 0,
            n_positive: 0,
            expected_positive: 0.0,
            weight: 0.0,
            expectation: Expectation::default(),
            champion: 0.0,
            mislabelled: 0.0,
            alternatives: Alternatives::new(),
            region: Region::new(recalibration)?,
            greatest_log_ratio: 0.0,
        })
    }

    /// Adds newly labelled samples and looks once. Their order changes nothing but rounding.
    ///
    /// # Errors
    /// When a risk is no probability; nothing is added then.
    pub fn add(&mut self, samples: &[Labelled]) -> Result<(), EvidenceError> {
        self.add_with_called(samples, &[])
    }

    /// The same where some samples are left out because their client was called before the label had
    /// settled.
    ///
    /// A call keeps clients or changes nothing, so of one that was called the null hypothesis says only that
    /// it leaves with the champion's probability *at most*. Its label counts for alternatives by which more
    /// leave than that, and for no other: whatever the share of leavers that calls keep, the factor it adds
    /// to the ratio is 1 or less on average. Left out altogether, those that leave before anybody can call
    /// stay in while those that are called and stay do not: where calls change nothing, more would seem
    /// to leave than the champion says.
    ///
    /// # Errors
    /// As [`Evidence::add`].
    pub fn add_with_called(
        &mut self,
        samples: &[Labelled],
        called: &[Labelled],
    ) -> Result<(), EvidenceError> {
        check(samples)?;
        check(called)?;
        for sample in samples {
            self.count(sample);
        }
        kernel::add(&mut self.alternatives, samples);
        for sample in called {
            self.add_champion(sample);
            let allowed = sigmoid(self.region.highest(sample.log_odds()));
            self.alternatives
                .add_above(sample, allowed.max(sample.probability()));
        }
        kernel::add(&mut self.region, samples);
        kernel::add(&mut self.region, called);
        self.look();
        Ok(())
    }

    /// What the evidence says under a rule.
    #[must_use]
    pub fn finding(&self, rule: &Rule) -> Finding {
        Finding {
            log_ratio: self.log_ratio(),
            greatest_log_ratio: self.greatest_log_ratio,
            threshold: -rule.alpha.ln(),
            gain: self.gain(),
            best: self.alternatives.best().1,
            drift: self.is_drift(rule),
        }
    }

    /// Whether the champion has drifted under a rule.
    #[must_use]
    pub fn is_drift(&self, rule: &Rule) -> bool {
        self.greatest_log_ratio >= -rule.alpha.ln()
            && self.n_samples >= rule.min_labelled
            && self.gain() >= rule.min_gain
    }

    /// The recalibrations that the champion's training data allows.
    #[must_use]
    pub fn recalibration(&self) -> &Recalibration {
        self.region.recalibration()
    }

    /// Mean log-loss that the best of the alternatives would save.
    fn gain(&self) -> f64 {
        if self.weight > 0.0 {
            (self.alternatives.best().0 - self.champion).max(0.0) / self.weight
        } else {
            0.0
        }
    }

    /// Natural logarithm of the ratio now.
    fn log_ratio(&self) -> f64 {
        let allowed = self
            .champion
            .max(self.mislabelled)
            .max(self.region.supremum());
        self.alternatives.log_mixture() - allowed
    }

    fn count(&mut self, sample: &Labelled) {
        self.n_samples += 1;
        self.n_positive += u64::from(sample.exited);
        self.expected_positive += sample.risk;
        self.weight += sample.weight;
        self.expectation
            .add(sample.probability(), sample.exited, sample.weight);
        self.add_champion(sample);
    }

    fn add_champion(&mut self, sample: &Labelled) {
        let of_label = likelihood(sample.probability(), sample.exited);
        self.champion += sample.weight * of_label.ln();
        let mixed = (1.0 - MISLABELLED) * of_label + MISLABELLED / 2.0;
        self.mislabelled += sample.weight * mixed.ln();
    }

    /// The supremum is only worked out where it could matter: the ratio without it is larger.
    fn look(&mut self) {
        let without_supremum = self.alternatives.log_mixture()
            - self
                .champion
                .max(self.mislabelled)
                .max(self.region.greatest());
        if without_supremum > self.greatest_log_ratio {
            self.greatest_log_ratio = self.greatest_log_ratio.max(self.log_ratio());
        }
    }
}

/// Of a label, where the client leaves with a probability.
fn likelihood(probability: f64, exited: bool) -> f64 {
    if exited {
        probability
    } else {
        1.0 - probability
    }
}

/// The probability of log-odds, kept away from 0 and 1.
fn sigmoid(log_odds: f64) -> f64 {
    (1.0 / (1.0 + (-log_odds).exp())).clamp(CLIP, 1.0 - CLIP)
}

fn check(samples: &[Labelled]) -> Result<(), EvidenceError> {
    let is_bad = |sample: &Labelled| {
        !(0.0..=1.0).contains(&sample.risk)
            || sample.weight <= 0.0
            || sample.weight > 1.0
            || sample.weight.is_nan()
    };
    match samples.iter().position(is_bad) {
        Some(index) => Err(EvidenceError::NotASample {
            position: index + 1,
            risk: samples[index].risk,
            weight: samples[index].weight,
        }),
        None => Ok(()),
    }
}

/// The evidence in the form in which it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u32,
    recalibration: Recalibration,
    n_samples: u64,
    n_positive: u64,
    expected_positive: f64,
    weight: f64,
    expectation: Expectation,
    champion: f64,
    mislabelled: f64,
    alternatives: Vec<f64>,
    region: Vec<[f64; 3]>,
    greatest_log_ratio: f64,
}

impl From<Evidence> for Stored {
    fn from(evidence: Evidence) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            recalibration: *evidence.region.recalibration(),
            n_samples: evidence.n_samples,
            n_positive: evidence.n_positive,
            expected_positive: evidence.expected_positive,
            weight: evidence.weight,
            expectation: evidence.expectation,
            champion: evidence.champion,
            mislabelled: evidence.mislabelled,
            alternatives: evidence.alternatives.sums().to_vec(),
            region: evidence.region.sums(),
            greatest_log_ratio: evidence.greatest_log_ratio,
        }
    }
}

impl TryFrom<Stored> for Evidence {
    type Error = EvidenceError;

    fn try_from(stored: Stored) -> Result<Self, EvidenceError> {
        if stored.format_version > FORMAT_VERSION {
            return Err(EvidenceError::NotEvidence(format!(
                "it was written by a newer version of this system (format {}, this program reads up \
                 to {FORMAT_VERSION}); update the program",
                stored.format_version
            )));
        }
        Ok(Self {
            n_samples: stored.n_samples,
            n_positive: stored.n_positive,
            expected_positive: stored.expected_positive,
            weight: stored.weight,
            expectation: stored.expectation,
            champion: stored.champion,
            mislabelled: stored.mislabelled,
            alternatives: Alternatives::from_sums(&stored.alternatives)?,
            region: Region::from_sums(&stored.recalibration, &stored.region)?,
            greatest_log_ratio: stored.greatest_log_ratio,
        })
    }
}

#[cfg(test)]
mod tests;
