//! The figures of NannyML 0.13: bins are those of the reference, which are found once.

use super::histogram::{Bins, shares};
use super::jensen_shannon;
use crate::distribution::chi_squared_tail;
use crate::sample::{Categories, Numeric};
use crate::summation::pairwise_sum;
use serde::{Deserialize, Serialize};

/// The reference of a column of numbers: bins by Doane's rule and the shares in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericReference {
    bins: Bins,
    shares: Vec<f64>,
}

/// The reference of a column of categories: their shares, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryReference<'a> {
    reference: &'a Categories,
    shares: Vec<f64>,
}

/// The shares of both sides in the bins of the reference; what lies outside is one more bin.
#[derive(Debug, Clone, PartialEq)]
pub struct NannyMl {
    reference: Vec<f64>,
    analysis: Vec<f64>,
}

impl NumericReference {
    /// Finds the bins; missing values are left out. `None` without any known value.
    #[must_use]
    pub fn of(reference: &Numeric) -> Option<Self> {
        let (low, high) = reference.range()?;
        let bins = Bins::of_width(low, high, doane_width(reference, high - low));
        let shares = shares(&bins.counts(reference), reference.n_known());
        Some(Self { bins, shares })
    }

    /// Compares a sample with it; `None` without any known value.
    #[must_use]
    pub fn compare(&self, analysis: &Numeric) -> Option<NannyMl> {
        if analysis.n_known() == 0 {
            return None;
        }
        let of_analysis = shares(&self.bins.counts(analysis), analysis.n_known());
        Some(NannyMl::with_outside(self.shares.clone(), of_analysis))
    }
}

impl<'a> CategoryReference<'a> {
    /// Finds the shares; `None` without any known value.
    #[must_use]
    pub fn of(reference: &'a Categories) -> Option<Self> {
        let n = reference.n_known() as f64;
        let shares = reference
            .counts()
            .values()
            .map(|count| *count as f64 / n)
            .collect();
        (n > 0.0).then_some(Self { reference, shares })
    }

    /// Compares a sample with it; `None` without any known value.
    #[must_use]
    pub fn compare(&self, analysis: &Categories) -> Option<NannyMl> {
        let m = analysis.n_known() as f64;
        let names = self.reference.counts().keys();
        let of_analysis = names.map(|name| analysis.count(name) as f64 / m).collect();
        (m > 0.0).then(|| NannyMl::with_outside(self.shares.clone(), of_analysis))
    }
}

impl NannyMl {
    fn with_outside(mut reference: Vec<f64>, mut analysis: Vec<f64>) -> Self {
        let outside = 1.0 - pairwise_sum(&analysis);
        if outside > 0.0 {
            reference.push(0.0);
            analysis.push(outside);
        }
        Self {
            reference,
            analysis,
        }
    }

    /// The Jensen-Shannon distance in bits: `js_nannyml`.
    #[must_use]
    pub fn jensen_shannon(&self) -> Option<f64> {
        let nats = jensen_shannon(&self.reference, &self.analysis);
        let distance = (nats / std::f64::consts::LN_2 / 2.0).sqrt();
        distance.is_finite().then_some(distance)
    }

    /// The Hellinger distance: `hellinger_nannyml`.
    #[must_use]
    pub fn hellinger(&self) -> f64 {
        let cells = self.reference.iter().zip(&self.analysis);
        let squares: Vec<f64> = cells.map(|(p, q)| (p.sqrt() - q.sqrt()).powi(2)).collect();
        pairwise_sum(&squares).sqrt() / std::f64::consts::SQRT_2
    }
}

/// The width of bins by Doane's rule; 0, which means one bin, where nothing varies.
fn doane_width(sample: &Numeric, range: f64) -> f64 {
    let n = sample.n_known() as f64;
    let (Some(mean), Some(deviation)) = (sample.mean(), sample.standard_deviation()) else {
        return 0.0;
    };
    if n <= 2.0 || deviation <= 0.0 {
        return 0.0;
    }
    let cubes = sample
        .sorted()
        .iter()
        .map(|value| ((value - mean) / deviation).powi(3));
    let skewness = cubes.sum::<f64>() / n;
    let spread = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
    range / (1.0 + n.log2() + (1.0 + skewness.abs() / spread).log2())
}

/// Pearson's statistic of the table of both sides and its probability, with Yates' correction for two
/// categories, as `chi2_contingency`. `None` where a side has no known value.
#[must_use]
pub fn chi_squared(reference: &Categories, analysis: &Categories) -> Option<(f64, f64)> {
    let (n, m) = (reference.n_known() as f64, analysis.n_known() as f64);
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let mut cells = Vec::new();
    for (name, count) in reference.counts() {
        cells.push((*count as f64, analysis.count(name) as f64));
    }
    let unseen = analysis
        .counts()
        .iter()
        .filter(|(name, _)| reference.count(name) == 0);
    cells.extend(unseen.map(|(_, count)| (0.0, *count as f64)));
    let freedom = cells.len() - 1;
    let term = |observed: f64, expected: f64| {
        let apart = (observed - expected).abs();
        let corrected = if freedom == 1 {
            apart - apart.min(0.5)
        } else {
            apart
        };
        corrected * corrected / expected
    };
    let terms = cells.iter().map(|(r, a)| {
        let share = (r + a) / (n + m);
        term(*r, share * n) + term(*a, share * m)
    });
    let statistic = if freedom == 0 { 0.0 } else { terms.sum() };
    Some((statistic, chi_squared_tail(statistic, freedom)))
}
