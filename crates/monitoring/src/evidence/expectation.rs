//! The log-loss against what the champion itself expects of it.

use super::Labelled;
use serde::{Deserialize, Serialize};

/// Sums from which Z follows.
///
/// Where the probabilities `p` are right, the log-loss of a sample has the mean `H(p)` (its entropy)
/// and the variance `p(1-p)·logit(p)²`, whatever clients come: a comparison that no shift of the mix
/// of clients can fool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Sum of the weights.
    pub weight: f64,
    /// Weighted sum of the log-losses, nats.
    pub loss: f64,
    /// Weighted sum of the entropies `H(p)`.
    pub expected_loss: f64,
    /// Weighted sum of the variances. With overlapping label windows of weight `1/k` this takes the
    /// `k` labels of a client for one, which is the most they can depend on each other.
    pub variance: f64,
    /// Weighted sum of the risks: how many were expected to leave.
    pub expected_positive: f64,
    /// Weighted count of those who left.
    pub positive: f64,
}

impl Expectation {
    /// The sums over some samples.
    #[must_use]
    pub fn of(samples: &[Labelled]) -> Self {
        let mut sums = Self::default();
        for sample in samples {
            sums.add(sample.probability(), sample.exited, sample.weight);
        }
        sums
    }

    /// Adds a sample; `probability` is inside 0 to 1.
    pub(super) fn add(&mut self, probability: f64, exited: bool, weight: f64) {
        let (left, stayed) = (-probability.ln(), -(1.0 - probability).ln());
        self.weight += weight;
        self.loss += weight * if exited { left } else { stayed };
        self.expected_loss += weight * (probability * left + (1.0 - probability) * stayed);
        self.variance += weight * probability * (1.0 - probability) * (stayed - left).powi(2);
        self.expected_positive += weight * probability;
        self.positive += weight * f64::from(u8::from(exited));
    }

    /// `(Σ loss - Σ H) / √Var`, standard normal where the probabilities are right; none while nothing
    /// could vary (no samples, or all risks one half).
    #[must_use]
    pub fn z(&self) -> Option<f64> {
        (self.variance > 0.0).then(|| (self.loss - self.expected_loss) / self.variance.sqrt())
    }

    /// Mean log-loss, nats.
    #[must_use]
    pub fn mean_loss(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.loss / self.weight)
    }

    /// The mean log-loss that the champion expects.
    #[must_use]
    pub fn mean_expected_loss(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.expected_loss / self.weight)
    }
}
