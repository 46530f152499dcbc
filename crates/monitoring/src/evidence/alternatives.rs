//! The numerator: an equal mixture of recalibrations.

use super::kernel::{Batch, Points};
use super::{EvidenceError, Labelled, likelihood, sigmoid};

/// Intercepts: -1.5 to 1.5 by .25.
const INTERCEPTS: usize = 13;
/// Slopes: what was is worth nothing, less than thought, just as much, more.
const SLOPES: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5];
/// All points; the champion itself, (0, 1), is no alternative.
const POINTS: usize = INTERCEPTS * SLOPES.len();

/// The log-likelihoods of the labels under each alternative.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alternatives {
    sums: Vec<f64>,
    products: [[f64; INTERCEPTS]; SLOPES.len()],
    odds: [f64; INTERCEPTS],
}

fn intercept(index: usize) -> f64 {
    -1.5 + 0.25 * index as f64
}

fn point(index: usize) -> (f64, f64) {
    (intercept(index % INTERCEPTS), SLOPES[index / INTERCEPTS])
}

impl Alternatives {
    pub fn new() -> Self {
        Self {
            sums: vec![0.0; POINTS],
            products: [[1.0; INTERCEPTS]; SLOPES.len()],
            odds: std::array::from_fn(|index| intercept(index).exp()),
        }
    }

    /// Takes one sample in, of which no alternative may say less than a probability.
    pub fn add_above(&mut self, sample: &Labelled, least: f64) {
        let log_odds = sample.log_odds();
        for (index, sum) in self.sums.iter_mut().enumerate() {
            let (intercept, slope) = point(index);
            let probability = sigmoid(intercept + slope * log_odds).max(least);
            *sum += sample.weight * likelihood(probability, sample.exited).ln();
        }
    }

    /// As stored: line by line, the champion itself included.
    pub fn from_sums(sums: &[f64]) -> Result<Self, EvidenceError> {
        if sums.len() != POINTS {
            let found = sums.len();
            return Err(EvidenceError::NotEvidence(format!(
                "it has {found} alternatives and not {POINTS}"
            )));
        }
        Ok(Self {
            sums: sums.to_vec(),
            ..Self::new()
        })
    }

    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    fn alternatives(&self) -> impl Iterator<Item = (f64, (f64, f64))> {
        let all = self.sums.iter().enumerate();
        all.map(|(index, sum)| (*sum, point(index)))
            .filter(|(_, point)| *point != (0.0, 1.0))
    }

    /// The greatest log-likelihood, and where it is.
    pub fn best(&self) -> (f64, (f64, f64)) {
        self.alternatives()
            .fold((f64::NEG_INFINITY, (0.0, 1.0)), |best, this| {
                if this.0 > best.0 { this } else { best }
            })
    }

    /// Logarithm of the likelihood under the mixture.
    pub fn log_mixture(&self) -> f64 {
        let (greatest, _) = self.best();
        let sum: f64 = self
            .alternatives()
            .map(|(sum, _)| (sum - greatest).exp())
            .sum();
        greatest + (sum / (POINTS - 1) as f64).ln()
    }
}

impl Points for Alternatives {
    fn n_lines(&self) -> usize {
        SLOPES.len()
    }

    fn slope(&self, line: usize) -> f64 {
        SLOPES[line]
    }

    fn bounds(&self) -> (f64, f64) {
        (1.5, 1.5)
    }

    fn multiply(&mut self, line: usize, odds: f64, _log_odds: f64) {
        for (product, intercept) in self.products[line].iter_mut().zip(&self.odds) {
            *product *= 1.0 + intercept * odds;
        }
    }

    fn flush(&mut self, batch: &Batch) {
        let products = self.products.as_flattened_mut();
        for (index, (sum, product)) in self.sums.iter_mut().zip(products).enumerate() {
            let (intercept, slope) = point(index);
            *sum += batch.log_likelihood(intercept, slope, *product);
            *product = 1.0;
        }
    }
}
