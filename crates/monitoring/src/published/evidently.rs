//! The figures of Evidently 0.7.

use super::histogram::{Bins, shares};
use super::jensen_shannon;
use crate::distribution::chi_squared_tail;
use crate::sample::{Categories, Numeric};
use std::collections::BTreeSet;

/// Up to so many distinct values in the reference every value is a bin.
const DISTINCT: usize = 20;

/// The shares of both sides in the bins that Evidently's PSI and Jensen-Shannon distance share.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidently {
    reference: Vec<f64>,
    analysis: Vec<f64>,
}

impl Evidently {
    /// Bins by Sturges' rule over both sides together, or one for each value where the reference has
    /// at most 20; missing values are left out. `None` where a side has no known value.
    #[must_use]
    pub fn of_numbers(reference: &Numeric, analysis: &Numeric) -> Option<Self> {
        let (low, high) = joint_range(reference, analysis)?;
        let (of_reference, of_analysis) = if has_few_values(reference.sorted()) {
            count_values(reference.sorted(), analysis.sorted())
        } else {
            let n = (reference.n_known() + analysis.n_known()) as f64;
            let width = (high - low) / (n.log2() + 1.0);
            let integers = reference.is_integer() && analysis.is_integer();
            let width = if integers && width > 0.0 {
                width.max(1.0)
            } else {
                width
            };
            let bins = Bins::of_width(low, high, width);
            (bins.counts(reference), bins.counts(analysis))
        };
        Some(Self {
            reference: shares(&of_reference, reference.n_known()),
            analysis: shares(&of_analysis, analysis.n_known()),
        })
    }

    /// A bin for each category of either side. `None` where a side has no known value.
    #[must_use]
    pub fn of_categories(reference: &Categories, analysis: &Categories) -> Option<Self> {
        let (n, m) = (reference.n_known(), analysis.n_known());
        if n == 0 || m == 0 {
            return None;
        }
        let names: BTreeSet<&String> = reference
            .counts()
            .keys()
            .chain(analysis.counts().keys())
            .collect();
        let share = |side: &Categories, n: u64| {
            names
                .iter()
                .map(|name| side.count(name) as f64 / n as f64)
                .collect()
        };
        Some(Self {
            reference: share(reference, n),
            analysis: share(analysis, m),
        })
    }

    /// The population stability index, zero shares replaced: `psi_evidently`.
    #[must_use]
    pub fn psi(&self) -> f64 {
        let (reference, analysis) = (
            without_zeros(&self.reference),
            without_zeros(&self.analysis),
        );
        let terms = reference.iter().zip(&analysis);
        terms.map(|(r, c)| (r - c) * (r / c).ln()).sum()
    }

    /// The Jensen-Shannon distance in nats: `js_evidently`. `None` where the bins hold nothing of a
    /// side.
    #[must_use]
    pub fn jensen_shannon(&self) -> Option<f64> {
        let distance = (jensen_shannon(&self.reference, &self.analysis) / 2.0).sqrt();
        distance.is_finite().then_some(distance)
    }
}

/// The probability of the categories of the analysis where the shares of the reference hold, as
/// `chisquare` with the reference as expectation; 0 where the analysis has a category that the
/// reference lacks. `None` where a side has no known value, or there is one category only.
#[must_use]
pub fn chi_squared_p_value(reference: &Categories, analysis: &Categories) -> Option<f64> {
    let (n, m) = (reference.n_known() as f64, analysis.n_known() as f64);
    if n == 0.0 || m == 0.0 {
        return None;
    }
    if analysis
        .counts()
        .keys()
        .any(|name| reference.count(name) == 0)
    {
        return Some(0.0);
    }
    let scale = m / n;
    let terms = reference.counts().iter().map(|(name, count)| {
        let expected = *count as f64 * scale;
        (analysis.count(name) as f64 - expected).powi(2) / expected
    });
    let freedom = reference.counts().len() - 1;
    (freedom > 0).then(|| chi_squared_tail(terms.sum(), freedom))
}

fn joint_range(reference: &Numeric, analysis: &Numeric) -> Option<(f64, f64)> {
    let (low, high) = reference.range()?;
    let (other_low, other_high) = analysis.range()?;
    Some((low.min(other_low), high.max(other_high)))
}

fn has_few_values(sorted: &[f64]) -> bool {
    sorted.chunk_by(|a, b| a == b).take(DISTINCT + 1).count() <= DISTINCT
}

/// How often each value of either side occurs on both.
fn count_values(reference: &[f64], analysis: &[f64]) -> (Vec<u64>, Vec<u64>) {
    let (mut of_reference, mut of_analysis) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (reference, analysis);
    while let Some(value) = [left.first(), right.first()]
        .into_iter()
        .flatten()
        .copied()
        .reduce(f64::min)
    {
        of_reference.push(take(&mut left, value));
        of_analysis.push(take(&mut right, value));
    }
    (of_reference, of_analysis)
}

fn take(sorted: &mut &[f64], value: f64) -> u64 {
    let n = sorted.partition_point(|other| *other <= value);
    *sorted = &sorted[n..];
    n as u64
}

fn without_zeros(shares: &[f64]) -> Vec<f64> {
    let least = shares
        .iter()
        .copied()
        .filter(|share| *share > 0.0)
        .fold(f64::INFINITY, f64::min);
    let instead = if least <= 1e-4 { least / 1e6 } else { 1e-4 };
    shares
        .iter()
        .map(|share| if *share == 0.0 { instead } else { *share })
        .collect()
}
