//! Equal-width histograms, by numpy's definition.

use crate::sample::Numeric;
use serde::{Deserialize, Serialize};

/// Bins of equal width: `[e_i, e_(i+1))`, the last one closed; values outside belong to none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    edges: Vec<f64>,
}

impl Bins {
    /// So many bins between two values; half a unit to either side where they are the same.
    pub fn between(low: f64, high: f64, bins: usize) -> Self {
        let (low, high) = if low == high {
            (low - 0.5, high + 0.5)
        } else {
            (low, high)
        };
        let step = (high - low) / bins as f64;
        let mut edges: Vec<f64> = (0..bins).map(|edge| edge as f64 * step + low).collect();
        edges.push(high);
        Self { edges }
    }

    /// As many bins of a width as the range holds; one where there is no width.
    pub fn of_width(low: f64, high: f64, width: f64) -> Self {
        let bins = ((high - low) / width).ceil();
        // More bins than values say nothing; the tools end with an error here.
        let bins = if bins.is_finite() {
            (bins as usize).clamp(1, MOST_BINS)
        } else {
            1
        };
        Self::between(low, high, bins)
    }

    /// How many values of a sample are in each bin.
    pub fn counts(&self, sample: &Numeric) -> Vec<u64> {
        let last = self.edges.len() - 1;
        let below = |(index, edge): (usize, &f64)| {
            if index == last {
                sample.count_up_to(*edge)
            } else {
                sample.count_below(*edge)
            }
        };
        let cumulative: Vec<usize> = self.edges.iter().enumerate().map(below).collect();
        cumulative
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as u64)
            .collect()
    }
}

const MOST_BINS: usize = 1_000_000;

/// Counts as shares of `n`.
pub fn shares(counts: &[u64], n: usize) -> Vec<f64> {
    counts
        .iter()
        .map(|count| *count as f64 / n as f64)
        .collect()
}
