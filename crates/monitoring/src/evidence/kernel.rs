//! Log-likelihoods of labels at many recalibrations at once.
//!
//! The log-likelihood of `(a, b)` is `Σ y·(a + b·s) - Σ ln(1 + exp(a)·exp(b·s))`. The points lie on
//! lines of equal `b`, so that a sample needs one exponential a line; the logarithm is taken of
//! products over many samples.

use super::Labelled;

/// The products are turned into logarithms before their logarithm can reach this (`f64` ends at 709).
const LARGEST_LOG: f64 = 600.0;

/// Points on lines of equal slope, whose sums are kept.
pub(super) trait Points {
    /// How many lines.
    fn n_lines(&self) -> usize;
    /// The slope `b` of a line.
    fn slope(&self, line: usize) -> f64;
    /// The largest absolute intercept and slope of any point.
    fn bounds(&self) -> (f64, f64);
    /// Takes one sample into the products: `odds` is `exp(b·s)` on the line.
    fn multiply(&mut self, line: usize, odds: f64, log_odds: f64);
    /// Takes a batch of equally weighed samples into the sums, and starts the products anew.
    fn flush(&mut self, batch: &Batch);
}

/// What the points need to know about the samples in their products.
#[derive(Default)]
pub(super) struct Batch {
    pub weight: f64,
    /// How many of the samples left.
    pub n_positive: f64,
    /// Sum of their log-odds.
    pub log_odds_of_positive: f64,
    /// How many samples.
    n: usize,
    /// Bound of the logarithm of the largest product.
    log_bound: f64,
}

/// Adds samples to the sums of some points.
pub(super) fn add(points: &mut impl Points, samples: &[Labelled]) {
    // Samples of equal weight share a batch; the sort is stable.
    let mut order: Vec<&Labelled> = samples.iter().collect();
    order.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    let (intercept, slope) = points.bounds();
    let mut batch = Batch::default();
    for sample in order {
        let log_odds = sample.log_odds();
        // ln(1 + e^x) is at most max(x, 0) + ln 2.
        let bound = intercept + slope * log_odds.abs() + 0.7;
        if batch.n > 0 && (batch.weight != sample.weight || batch.log_bound + bound > LARGEST_LOG) {
            points.flush(&std::mem::take(&mut batch));
        }
        batch.take(sample, log_odds, bound);
        for line in 0..points.n_lines() {
            let odds = (points.slope(line) * log_odds).exp();
            points.multiply(line, odds, log_odds);
        }
    }
    if batch.n > 0 {
        points.flush(&batch);
    }
}

impl Batch {
    fn take(&mut self, sample: &Labelled, log_odds: f64, bound: f64) {
        self.weight = sample.weight;
        self.n += 1;
        self.log_bound += bound;
        if sample.exited {
            self.n_positive += 1.0;
            self.log_odds_of_positive += log_odds;
        }
    }

    /// The log-likelihood that the batch adds at a point, its product given.
    pub fn log_likelihood(&self, intercept: f64, slope: f64, product: f64) -> f64 {
        let of_positive = self.n_positive * intercept + slope * self.log_odds_of_positive;
        self.weight * (of_positive - product.ln())
    }
}
