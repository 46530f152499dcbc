//! The rule that decides whether a column has drifted.
//!
//! The population stability index (PSI) over cells of the reference, plus one for missing values, must
//! exceed what chance gives samples of these sizes, and a floor below which a shift is too small to
//! matter. Beside it, for numbers, stands the Kolmogorov-Smirnov test, because the floor costs the PSI
//! power on small shifts. Both hold the error over the whole family of columns (Bonferroni).

use crate::distribution::{chi_squared_quantile_above, chi_squared_tail};
use crate::kolmogorov::two_sided_tail;
use crate::quantiles::QuantileCells;
use crate::sample::{Categories, Numeric};
use serde::Serialize;

/// Categories beyond so many of the most frequent ones share a cell.
const MOST_CATEGORIES: usize = 20;

/// When a column alarms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The chance that any column of the family alarms by either test without drift.
    pub alpha: f64,
    /// The least PSI worth an alarm.
    pub psi_floor: f64,
    /// The least Kolmogorov-Smirnov statistic worth an alarm.
    pub ks_floor: f64,
    /// How many columns are judged together: the features and the score.
    pub n_columns: usize,
}

/// What the rule says about one column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether it has drifted.
    pub alarm: bool,
    /// The population stability index.
    pub psi: f64,
    /// The index from which it is an alarm: the larger one of what chance gives and the floor.
    pub psi_threshold: f64,
    /// The probability of such an index without drift, by its χ² approximation.
    pub psi_p_value: f64,
    /// The Kolmogorov-Smirnov statistic and its probability without drift; `None` for categories and
    /// where a side has no known value.
    #[serde(skip)]
    pub ks: Option<KolmogorovSmirnov>,
}

/// The two-sample test of Kolmogorov and Smirnov.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The largest distance of the two empirical distributions.
    pub statistic: f64,
    /// Asymptotic two-sided probability, at the effective size `n m / (n + m)`.
    pub p_value: f64,
}

impl KolmogorovSmirnov {
    /// The test for a statistic of samples of `n` and `m` known values.
    #[must_use]
    pub fn new(statistic: f64, n: u64, m: u64) -> Self {
        let effective = (n as f64 * m as f64 / (n + m) as f64).round_ties_even();
        Self {
            statistic,
            p_value: two_sided_tail(effective as u64, statistic),
        }
    }

    /// The test of two samples; `None` where one has no known value.
    #[must_use]
    pub fn of(reference: &Numeric, analysis: &Numeric) -> Option<Self> {
        let statistic = largest_distance(reference.sorted(), analysis.sorted())?;
        let (n, m) = (reference.n_known() as u64, analysis.n_known() as u64);
        Some(Self::new(statistic, n, m))
    }
}

impl Rule {
    /// Judges a column of numbers.
    #[must_use]
    pub fn judge_numbers(&self, reference: &Numeric, analysis: &Numeric) -> Verdict {
        let cells = QuantileCells::of(reference);
        let count = |side: &Numeric| {
            let mut counts = cells.counts(side);
            counts.push(side.n_missing());
            counts
        };
        let ks = KolmogorovSmirnov::of(reference, analysis);
        self.judge(&count(reference), &count(analysis), ks)
    }

    /// Judges a column of categories. The most frequent ones of the reference have a cell each, its
    /// other ones share one, and what it does not know is one more.
    #[must_use]
    pub fn judge_categories(&self, reference: &Categories, analysis: &Categories) -> Verdict {
        let (of_reference, of_analysis) = category_cells(reference, analysis);
        self.judge(&of_reference, &of_analysis, None)
    }

    /// Judges counts in the same cells, those of missing values among them.
    #[must_use]
    pub fn judge(
        &self,
        reference: &[u64],
        analysis: &[u64],
        ks: Option<KolmogorovSmirnov>,
    ) -> Verdict {
        let alpha = self.alpha / self.n_columns.max(1) as f64;
        let index = StabilityIndex::of(reference, analysis);
        let by_chance = chi_squared_quantile_above(alpha, index.freedom) * index.scale;
        let shifted = ks.is_some_and(|ks| ks.p_value < alpha && ks.statistic >= self.ks_floor);
        Verdict {
            alarm: shifted || (index.psi > by_chance && index.psi >= self.psi_floor),
            psi: index.psi,
            psi_threshold: by_chance.max(self.psi_floor),
            psi_p_value: chi_squared_tail(index.psi / index.scale, index.freedom),
            ks,
        }
    }
}

/// The PSI of smoothed counts and what it is judged by.
struct StabilityIndex {
    psi: f64,
    /// Cells that hold a sample of either side, less one.
    freedom: usize,
    /// `1/n + 1/m`: without drift the index is about this times a χ² variable.
    scale: f64,
}

impl StabilityIndex {
    fn of(reference: &[u64], analysis: &[u64]) -> Self {
        let used: Vec<(u64, u64)> = reference
            .iter()
            .zip(analysis)
            .map(|(reference, analysis)| (*reference, *analysis))
            .filter(|(reference, analysis)| reference + analysis > 0)
            .collect();
        let smoothing = 0.5 * used.len() as f64;
        let n: u64 = used.iter().map(|cell| cell.0).sum();
        let m: u64 = used.iter().map(|cell| cell.1).sum();
        if n == 0 || m == 0 {
            // Nothing to compare with: no drift is claimed.
            return Self {
                psi: 0.0,
                freedom: 0,
                scale: f64::INFINITY,
            };
        }
        let psi = used.iter().map(|(reference, analysis)| {
            let reference = (*reference as f64 + 0.5) / (n as f64 + smoothing);
            let analysis = (*analysis as f64 + 0.5) / (m as f64 + smoothing);
            (reference - analysis) * (reference / analysis).ln()
        });
        Self {
            psi: psi.sum(),
            freedom: used.len() - 1,
            scale: 1.0 / n as f64 + 1.0 / m as f64,
        }
    }
}

fn category_cells(reference: &Categories, analysis: &Categories) -> (Vec<u64>, Vec<u64>) {
    let mut known: Vec<(&String, u64)> = reference
        .counts()
        .iter()
        .map(|(name, count)| (name, *count))
        .collect();
    // The most frequent first; of equally frequent ones the first by name.
    known.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let own_cell = if known.len() > MOST_CATEGORIES {
        MOST_CATEGORIES - 1
    } else {
        known.len()
    };
    let (frequent, others) = known.split_at(own_cell);
    let mut of_reference: Vec<u64> = frequent.iter().map(|(_, count)| *count).collect();
    let mut of_analysis: Vec<u64> = frequent
        .iter()
        .map(|(name, _)| analysis.count(name))
        .collect();
    of_reference.push(others.iter().map(|(_, count)| *count).sum());
    of_analysis.push(others.iter().map(|(name, _)| analysis.count(name)).sum());
    let seen: u64 = of_analysis.iter().sum();
    of_reference.extend([0, reference.n_missing()]);
    of_analysis.extend([analysis.n_known() - seen, analysis.n_missing()]);
    (of_reference, of_analysis)
}

/// The largest distance of the empirical distributions of two sorted samples; `None` where one is
/// empty.
#[must_use]
pub fn largest_distance(reference: &[f64], analysis: &[f64]) -> Option<f64> {
    if reference.is_empty() || analysis.is_empty() {
        return None;
    }
    let (n, m) = (reference.len(), analysis.len());
    let (small, large) = if n < m {
        (reference, analysis)
    } else {
        (analysis, reference)
    };
    if small.len() * 32 < large.len() {
        return Some(distance_by_search(small, large));
    }
    Some(distance_by_merging(reference, analysis))
}

/// Merges without a branch on the values: which of two samples goes on is anybody's guess, and a wrong
/// guess of the processor takes longer than the step.
fn distance_by_merging(reference: &[f64], analysis: &[f64]) -> f64 {
    let (n, m) = (reference.len(), analysis.len());
    let (mut i, mut j, mut furthest, mut at) = (0, 0, 0, (0, 0));
    while i < n && j < m {
        let value = lower(reference[i], analysis[j]);
        i += usize::from(reference[i] <= value);
        j += usize::from(analysis[j] <= value);
        // Only behind the last of equal values have both distributions made their step.
        let is_last = i < n && j < m && lower(reference[i], analysis[j]) > value;
        let apart = (i as u64 * m as u64).abs_diff(j as u64 * n as u64);
        if is_last && apart > furthest {
            (furthest, at) = (apart, (i, j));
        }
        if i == n || j == m {
            // What is left of the value that one sample ends with.
            let i = i + reference[i..].partition_point(|other| *other <= value);
            let j = j + analysis[j..].partition_point(|other| *other <= value);
            if (i as u64 * m as u64).abs_diff(j as u64 * n as u64) > furthest {
                at = (i, j);
            }
        }
    }
    (at.0 as f64 / n as f64 - at.1 as f64 / m as f64).abs()
}

/// The lower one of two numbers, neither of which is `NaN`; [`f64::min`] would look for these.
fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Only right before and at a value of the small sample can the distance be largest.
fn distance_by_search(small: &[f64], large: &[f64]) -> f64 {
    let (n, m) = (small.len() as f64, large.len() as f64);
    let mut largest = 0.0_f64;
    let mut start = 0;
    while start < small.len() {
        let value = small[start];
        let end = start + small[start..].partition_point(|other| *other <= value);
        let below = large.partition_point(|other| *other < value) as f64 / m;
        let up_to = large.partition_point(|other| *other <= value) as f64 / m;
        largest = largest
            .max((start as f64 / n - below).abs())
            .max((end as f64 / n - up_to).abs());
        start = end;
    }
    largest
}
