//! A reference in short: what a release keeps of the samples its model was trained on, so that new data
//! is judged without the old.
//!
//! Counts in cells are exact, so the PSI is that of the full reference. The distribution of a column of
//! numbers is kept at 500 places, so the Kolmogorov-Smirnov statistic is at most 0.002 too small.

use crate::alarm::{KolmogorovSmirnov, Rule, Verdict};
use crate::published::{CategoryReference, NannyMl, NumericReference};
use crate::quantiles::QuantileCells;
use crate::sample::{Categories, Numeric};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the stored form.
pub const FORMAT_VERSION: u32 = 1;

/// At so many places a distribution is kept.
const PLACES: usize = 500;

/// The reference of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The model.
    pub model_id: String,
    /// How many samples it is about.
    pub n_samples: u64,
    /// Every feature, by name.
    pub features: BTreeMap<String, Column>,
    /// The risks that the model gives these samples.
    pub risk: NumericColumn,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Numbers.
    Numeric(NumericColumn),
    /// Categories.
    Category(Categories),
}

/// A column of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumericColumn {
    n_known: u64,
    n_missing: u64,
    /// Mean of the known values.
    pub mean: Option<f64>,
    /// Their population standard deviation.
    pub standard_deviation: Option<f64>,
    cells: QuantileCells,
    counts: Vec<u64>,
    histogram: Option<NumericReference>,
    places: Vec<Place>,
}

/// A value, how many are below it, and how many are at most that: `[value, below, up to]`.
type Place = (f64, u64, u64);

/// The verdict on a column, with the figures that its profile gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Jensen-Shannon distance in bits, NannyML's definition.
    pub js_nannyml: Option<f64>,
    /// Hellinger distance, NannyML's definition.
    pub hellinger_nannyml: Option<f64>,
}

impl NumericColumn {
    /// The short form of a sample.
    #[must_use]
    pub fn of(sample: &Numeric) -> Self {
        let cells = QuantileCells::of(sample);
        Self {
            n_known: sample.n_known() as u64,
            n_missing: sample.n_missing(),
            mean: sample.mean(),
            standard_deviation: sample.standard_deviation(),
            counts: cells.counts(sample),
            cells,
            histogram: NumericReference::of(sample),
            places: places(sample),
        }
    }

    /// The share of missing cells, in percent.
    #[must_use]
    pub fn missing_percent(&self) -> f64 {
        100.0 * self.n_missing as f64 / ((self.n_known + self.n_missing) as f64).max(1.0)
    }

    /// Judges a sample against it.
    #[must_use]
    pub fn judge(&self, analysis: &Numeric, rule: &Rule) -> Judged {
        let (mut before, mut now) = (self.counts.clone(), self.cells.counts(analysis));
        before.push(self.n_missing);
        now.push(analysis.n_missing());
        let figures = self
            .histogram
            .as_ref()
            .and_then(|histogram| histogram.compare(analysis));
        Judged::new(
            rule.judge(&before, &now, self.kolmogorov_smirnov(analysis)),
            figures,
        )
    }

    fn kolmogorov_smirnov(&self, analysis: &Numeric) -> Option<KolmogorovSmirnov> {
        let (n, m) = (self.n_known, analysis.n_known() as u64);
        if n == 0 || m == 0 {
            return None;
        }
        let share = |count: u64, of: u64| count as f64 / of as f64;
        let distances = self.places.iter().map(|(value, below, up_to)| {
            let left = share(*below, n) - share(analysis.count_below(*value) as u64, m);
            let right = share(*up_to, n) - share(analysis.count_up_to(*value) as u64, m);
            left.abs().max(right.abs())
        });
        Some(KolmogorovSmirnov::new(distances.fold(0.0, f64::max), n, m))
    }

    /// The value that has as many of the reference below it as a share of 0 to 1 says; `None` without
    /// any known value.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = share * self.n_known as f64;
        let place = self
            .places
            .partition_point(|(_, _, up_to)| (*up_to as f64) < rank);
        self.places
            .get(place.min(self.places.len().checked_sub(1)?))
            .map(|place| place.0)
    }
}

impl Column {
    /// Judges a sample against it, where it is of the same kind.
    #[must_use]
    pub fn judge(&self, analysis: &Sample, rule: &Rule) -> Option<Judged> {
        match (self, analysis) {
            (Self::Numeric(column), Sample::Numeric(analysis)) => {
                Some(column.judge(analysis, rule))
            }
            (Self::Category(column), Sample::Category(analysis)) => {
                let compared = CategoryReference::of(column).and_then(|it| it.compare(analysis));
                Some(Judged::new(
                    rule.judge_categories(column, analysis),
                    compared,
                ))
            }
            _ => None,
        }
    }

    /// The share of missing cells, in percent.
    #[must_use]
    pub fn missing_percent(&self) -> f64 {
        match self {
            Self::Numeric(column) => column.missing_percent(),
            Self::Category(column) => {
                100.0 * column.n_missing() as f64 / (column.n_cells() as f64).max(1.0)
            }
        }
    }
}

/// A column to be profiled or judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// Numbers.
    Numeric(Numeric),
    /// Categories.
    Category(Categories),
}

impl Sample {
    /// Its short form.
    #[must_use]
    pub fn profile(self) -> Column {
        match self {
            Self::Numeric(sample) => Column::Numeric(NumericColumn::of(&sample)),
            Self::Category(sample) => Column::Category(sample),
        }
    }

    /// The share of missing cells, in percent.
    #[must_use]
    pub fn missing_percent(&self) -> f64 {
        let (missing, cells) = match self {
            Self::Numeric(sample) => (sample.n_missing(), sample.n_cells()),
            Self::Category(sample) => (sample.n_missing(), sample.n_cells()),
        };
        100.0 * missing as f64 / (cells as f64).max(1.0)
    }

    /// The median of numbers.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        match self {
            Self::Numeric(sample) => sample.sorted().get(sample.n_known() / 2).copied(),
            Self::Category(_) => None,
        }
    }
}

impl Judged {
    fn new(verdict: Verdict, figures: Option<NannyMl>) -> Self {
        Self {
            verdict,
            js_nannyml: figures.as_ref().and_then(NannyMl::jensen_shannon),
            hellinger_nannyml: figures.as_ref().map(NannyMl::hellinger),
        }
    }
}

fn places(sample: &Numeric) -> Vec<Place> {
    let (sorted, n) = (sample.sorted(), sample.n_known());
    let count = PLACES.min(n);
    let mut places: Vec<Place> = Vec::with_capacity(count);
    for place in 0..count {
        // From the first value to the last.
        let value = sorted[if count == 1 {
            0
        } else {
            place * (n - 1) / (count - 1)
        }];
        if places.last().is_none_or(|last| last.0 < value) {
            let (below, up_to) = (sample.count_below(value), sample.count_up_to(value));
            places.push((value, below as u64, up_to as u64));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        alpha: 0.001,
        psi_floor: 0.02,
        ks_floor: 0.02,
        n_columns: 5,
    };

    fn scatter(n: u32, factor: u32, shift: f64) -> Numeric {
        Numeric::new(
            (0..n)
                .map(|row| f64::from(row.wrapping_mul(factor) % 9973) / 100.0 + shift)
                .collect(),
        )
    }

    #[test]
    fn the_short_form_judges_as_the_full_reference_does() {
        let reference = scatter(6000, 7919, 0.0);
        let short = NumericColumn::of(&reference);
        for (n, shift) in [(50, 0.0), (3000, 0.0), (3000, 4.0), (400, 30.0)] {
            let analysis = scatter(n, 104_729, shift);
            let (full, found) = (
                RULE.judge_numbers(&reference, &analysis),
                short.judge(&analysis, &RULE),
            );
            assert_eq!(
                (full.psi, full.alarm),
                (found.verdict.psi, found.verdict.alarm)
            );
            let (full, found) = (
                full.ks.unwrap().statistic,
                found.verdict.ks.unwrap().statistic,
            );
            assert!(
                found <= full + 1e-12 && full - found <= 0.0021,
                "{full} {found}"
            );
        }
        let small = scatter(100, 7919, 0.0);
        let analysis = scatter(80, 104_729, 9.0);
        let exact = NumericColumn::of(&small)
            .judge(&analysis, &RULE)
            .verdict
            .ks
            .unwrap()
            .statistic;
        assert!(
            (exact - RULE.judge_numbers(&small, &analysis).ks.unwrap().statistic).abs() < 1e-12
        );
    }

    #[test]
    fn quantiles_come_back_and_a_column_without_values_has_none() {
        let short = NumericColumn::of(&scatter(6000, 7919, 0.0));
        assert!((short.quantile(0.5).unwrap() - 49.8).abs() < 2.0);
        assert!(short.quantile(0.0).unwrap() < 0.2 && short.quantile(1.0).unwrap() > 99.0);
        let empty = NumericColumn::of(&Numeric::new(vec![f64::NAN; 3]));
        assert_eq!(
            (empty.quantile(0.5), empty.missing_percent()),
            (None, 100.0)
        );
        assert!(empty.judge(&scatter(500, 7919, 0.0), &RULE).verdict.alarm);
    }

    #[test]
    fn what_is_stored_reads_back_the_same() {
        let column = Sample::Numeric(scatter(700, 7919, 0.0)).profile();
        let text = serde_json::to_string(&column).unwrap();
        assert_eq!(serde_json::from_str::<Column>(&text).unwrap(), column);
        let column = Sample::Category(Categories::new([("a".to_owned(), 3)], 1)).profile();
        assert_eq!(column.missing_percent(), 25.0);
        let text = serde_json::to_string(&column).unwrap();
        assert_eq!(serde_json::from_str::<Column>(&text).unwrap(), column);
    }
}
