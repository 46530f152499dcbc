//! Performance before labels exist: confidence-based performance estimation, NannyML's CBPE.
//!
//! The expected confusion matrix of calibrated probabilities. It is right as long as the probabilities
//! are: it follows a change in the mix of clients, and **cannot see** that clients of the same kind
//! behave differently than they did ([`BLIND_SPOT`]). Its bands are sampling error only.

mod matrix;

pub use matrix::{Metric, PerMetric};

use crate::calibration::{self, Isotonic};
use crate::limits::{Limits, three_sigma};
use crate::sample::sorted;
use matrix::{SamplingError, Table, area_under_roc, expected_area, placement_error, sum};
use serde::Serialize;

/// What to say wherever an estimate is shown.
pub const BLIND_SPOT: &str = "an estimate from the model's own probabilities: it follows a change in the \
mix of clients, and cannot see that clients of the same kind have begun to behave differently; only \
labels show that";

/// The half-width of a band, in standard errors.
const BAND: f64 = 3.0;
/// Metrics that differ by less are the same.
const ROUNDING: f64 = 1e-12;

/// A metric as it is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The expected value; `None` where it is not defined.
    pub estimate: Option<f64>,
    /// Three standard errors below, at least 0.
    pub low: Option<f64>,
    /// Three standard errors above, at most 1.
    pub high: Option<f64>,
}

/// Rows with a score: risks between 0 and 1, `NaN` where missing, and whether each client left, where
/// known.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The risks.
    pub risks: &'a [f64],
    /// The labels, one for each risk; empty where there are none.
    pub labels: &'a [Option<bool>],
}

/// Why estimates have no bands: the sampling error that such a reference shows is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBands {
    /// It has one row with risk and label.
    OneRow,
    /// Its labels are of one class.
    OneClass,
}

/// What has been learnt from a labelled reference.
#[derive(Debug, Clone)]
pub struct Estimator {
    threshold: f64,
    curve: Option<Isotonic>,
    errors: Result<PerMetric<SamplingError>, NoBands>,
    limits: PerMetric<Option<Limits>>,
}

impl Estimator {
    /// Learns from a labelled reference, rows in the order of the data; a risk of at least `threshold`
    /// predicts an exit. The limits of an alert come from the realized metrics of `chunks` of the
    /// reference. `None` where no row has both risk and label.
    pub fn fit<'a>(
        reference: Scored<'_>,
        threshold: f64,
        chunks: impl IntoIterator<Item = Scored<'a>>,
    ) -> Option<Self> {
        let (risks, labels) = reference.labelled();
        if risks.is_empty() {
            return None;
        }
        let ranked = calibration::ranked(&risks, &labels);
        let pairs: Vec<(f64, bool)> = ranked.iter().map(|of| (of.score, of.label)).collect();
        let auc = area_under_roc(&pairs);
        let worthwhile = calibration::is_worthwhile(&ranked, &labels, auc.unwrap_or(1.0));
        let curve = if worthwhile {
            Isotonic::fit(pairs.iter().copied())
        } else {
            None
        };
        let table = Table::of(&pairs, threshold);
        let realized: Vec<PerMetric<Option<f64>>> = chunks
            .into_iter()
            .map(|chunk| realized(chunk, threshold))
            .collect();
        Some(Self {
            threshold,
            curve,
            errors: sampling_errors(&pairs, &table),
            limits: PerMetric::from_fn(|metric| {
                let values: Vec<f64> = realized
                    .iter()
                    .filter_map(|values| *values.get(metric))
                    .collect();
                three_sigma(
                    &values,
                    Limits {
                        lower: 0.0,
                        upper: 1.0,
                    },
                )
            }),
        })
    }

    /// The same for risks that are probabilities already: they are taken as they are, and only the bands
    /// and limits come from the reference.
    #[must_use]
    pub fn uncalibrated(self) -> Self {
        Self {
            curve: None,
            ..self
        }
    }

    /// Whether raw scores are calibrated first.
    #[must_use]
    pub fn is_calibrated(&self) -> bool {
        self.curve.is_some()
    }

    /// Why its estimates have no bands, where they have none.
    #[must_use]
    pub fn no_bands(&self) -> Option<NoBands> {
        self.errors.as_ref().err().copied()
    }

    /// Mean ± 3 sd of the realized metrics in chunks of the reference; `None` for a metric that is
    /// defined in fewer than two of them.
    #[must_use]
    pub fn limits(&self) -> &PerMetric<Option<Limits>> {
        &self.limits
    }

    /// Whether an estimate is worse than the reference ever was: below its lower limit. Better is no
    /// alert, nor is what rounding leaves of an estimate at the limit.
    #[must_use]
    pub fn is_alert(&self, metric: Metric, estimate: &Estimate) -> bool {
        matches!((estimate.estimate, self.limits.get(metric)),
            (Some(estimate), Some(limits)) if estimate < limits.lower - ROUNDING)
    }

    /// The probability of an exit for a risk.
    #[must_use]
    pub fn probability(&self, risk: f64) -> f64 {
        self.curve.as_ref().map_or(risk, |curve| curve.apply(risk))
    }

    /// The metrics that some risks let expect; rows without a risk do not count.
    #[must_use]
    pub fn estimate(&self, risks: &[f64]) -> PerMetric<Estimate> {
        let known = risks.iter().copied().filter(|risk| risk.is_finite());
        let mut descending = sorted(known.collect());
        descending.reverse();
        let probabilities: Vec<f64> = descending
            .iter()
            .map(|risk| self.probability(*risk))
            .collect();
        let predicted = descending.partition_point(|risk| *risk >= self.threshold);
        let table = Table::expected(&probabilities, predicted);
        let n = probabilities.len() as f64;
        PerMetric::from_fn(|metric| {
            let estimate = match metric {
                _ if probabilities.is_empty() => None,
                Metric::RocAuc => expected_area(&probabilities),
                other => Some(table.metric(other).unwrap_or(0.0)),
            };
            let half_width = self.half_width(metric, n);
            let end = |sign: f64| Some((estimate? + sign * half_width?).clamp(0.0, 1.0));
            Estimate {
                estimate,
                low: end(-1.0),
                high: end(1.0),
            }
        })
    }

    /// Three standard errors of a metric over so many rows; `None` where they are not known.
    fn half_width(&self, metric: Metric, n_rows: f64) -> Option<f64> {
        let error = self.errors.as_ref().ok()?.get(metric);
        let half_width = BAND * error.deviation / (n_rows * error.share).sqrt();
        half_width.is_finite().then_some(half_width)
    }
}

/// By metric, of (risk, label) pairs in ascending order of the risks and the matrix of these.
fn sampling_errors(
    pairs: &[(f64, bool)],
    table: &Table,
) -> Result<PerMetric<SamplingError>, NoBands> {
    if pairs.len() < 2 {
        return Err(NoBands::OneRow);
    }
    if pairs.iter().all(|pair| pair.1 == pairs[0].1) {
        return Err(NoBands::OneClass);
    }
    Ok(PerMetric::from_fn(|metric| match metric {
        Metric::RocAuc => placement_error(pairs),
        other => table.sampling_error(other),
    }))
}

impl Scored<'_> {
    fn labelled(&self) -> (Vec<f64>, Vec<bool>) {
        let rows = self.risks.iter().zip(self.labels);
        rows.filter_map(|(risk, label)| Some((*risk, (*label)?)))
            .filter(|(risk, _)| risk.is_finite())
            .unzip()
    }
}

/// The metrics of rows whose label is known; `None` where one is not defined. F1, precision and recall
/// need both classes among labels and predictions, as in NannyML.
#[must_use]
pub fn realized(rows: Scored<'_>, threshold: f64) -> PerMetric<Option<f64>> {
    let (risks, labels) = rows.labelled();
    let mut pairs: Vec<(f64, bool)> = risks.into_iter().zip(labels).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let table = Table::of(&pairs, threshold);
    let one_sided = [
        table.tp + table.fn_,
        table.fp + table.tn,
        table.tp + table.fp,
        table.fn_ + table.tn,
    ]
    .contains(&0.0);
    PerMetric::from_fn(|metric| match metric {
        Metric::RocAuc => area_under_roc(&pairs),
        Metric::Accuracy => table.metric(metric),
        _ if one_sided => None,
        other => table.metric(other),
    })
}

/// How many of some clients are expected to leave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExpectedLeavers {
    /// How many clients are looked at.
    pub k: usize,
    /// The sum of their probabilities.
    pub expected: f64,
    /// The lower end of the 95 % band; at least 0.
    pub low: f64,
    /// The upper end of the 95 % band; at most `k`.
    pub high: f64,
}

/// "Of the K listed about so many are expected to leave": the sum of calibrated probabilities and the
/// range that holds the number in 95 of 100 cases where they are right (normal approximation of the
/// Poisson-binomial distribution).
#[must_use]
pub fn expected_leavers(probabilities: &[f64]) -> ExpectedLeavers {
    let known = || probabilities.iter().filter(|p| p.is_finite());
    let expected = sum(known().copied());
    let variance = sum(known().map(|p| p * (1.0 - p)));
    let half_width = 1.96 * variance.sqrt();
    let k = known().count();
    ExpectedLeavers {
        k,
        expected,
        low: (expected - half_width).max(0.0),
        high: (expected + half_width).min(k as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored<'a>(risks: &'a [f64], labels: &'a [Option<bool>]) -> Scored<'a> {
        Scored { risks, labels }
    }

    #[test]
    fn the_expected_matrix_sums_probabilities() {
        let risks: Vec<f64> = (0..200).map(|row| f64::from(row) / 200.0).collect();
        let labels: Vec<Option<bool>> =
            (0..200).map(|row| Some((row * 7919) % 200 < row)).collect();
        let reference = scored(&risks, &labels);
        let estimator = Estimator::fit(reference, 0.5, [reference]).unwrap();
        let estimate = estimator.estimate(&[0.9, 0.1, f64::NAN]);
        let (high, low) = (estimator.probability(0.9), estimator.probability(0.1));
        assert!((estimate.accuracy.estimate.unwrap() - (high + 1.0 - low) / 2.0).abs() < 1e-12);
        assert!((estimate.precision.estimate.unwrap() - high).abs() < 1e-12);
        assert!((estimate.recall.estimate.unwrap() - high / (high + low)).abs() < 1e-12);
        assert!(estimate.f1.low.unwrap() >= 0.0 && estimate.f1.high.unwrap() <= 1.0);
        assert_eq!(estimator.estimate(&[]).roc_auc.estimate, None);
    }

    #[test]
    fn only_worse_is_an_alert() {
        let risks = [0.1, 0.2, 0.8, 0.9, 0.15, 0.25, 0.75, 0.95];
        let labels = [0, 0, 1, 1, 0, 1, 0, 1].map(|label| Some(label == 1));
        let reference = scored(&risks, &labels);
        let chunks = [
            scored(&risks[..4], &labels[..4]),
            scored(&risks[4..], &labels[4..]),
        ];
        let estimator = Estimator::fit(reference, 0.5, chunks).unwrap();
        let limits = estimator.limits().accuracy.unwrap();
        let at = |estimate| Estimate {
            estimate: Some(estimate),
            low: None,
            high: None,
        };
        assert!(estimator.is_alert(Metric::Accuracy, &at(limits.lower - 0.01)));
        assert!(!estimator.is_alert(Metric::Accuracy, &at(limits.upper + 0.01)));
        assert!(!estimator.is_alert(Metric::Accuracy, &at(limits.lower - f64::EPSILON)));
    }

    #[test]
    fn realized_metrics_are_those_of_the_labelled_rows() {
        let risks = [0.9, 0.8, 0.2, 0.1, 0.7, f64::NAN];
        let labels = [
            Some(true),
            Some(false),
            Some(true),
            Some(false),
            None,
            Some(true),
        ];
        let metrics = realized(scored(&risks, &labels), 0.5);
        assert_eq!((metrics.accuracy, metrics.f1), (Some(0.5), Some(0.5)));
        assert_eq!(metrics.roc_auc, Some(0.75));
        let one_class = realized(scored(&[0.9, 0.1], &[Some(true), Some(true)]), 0.5);
        assert_eq!(
            (one_class.roc_auc, one_class.f1, one_class.accuracy),
            (None, None, Some(0.5))
        );
        assert_eq!(realized(scored(&[], &[]), 0.5).accuracy, None);
    }

    #[test]
    fn without_a_labelled_row_nothing_can_be_learnt() {
        assert!(Estimator::fit(scored(&[0.5], &[None]), 0.5, []).is_none());
        assert!(Estimator::fit(scored(&[0.5], &[]), 0.5, []).is_none());
        let one = [Some(true)];
        let lonely = Estimator::fit(scored(&[0.5], &one), 0.5, []).unwrap();
        assert!(!lonely.is_calibrated());
        assert_eq!(lonely.estimate(&[0.5]).accuracy.estimate, Some(0.5));
    }

    #[test]
    fn a_reference_without_sampling_error_gives_no_bands() {
        let [leaves, stays] = [true, false].map(Some);
        let cases = [
            (&[0.7][..], &[leaves][..], Some(NoBands::OneRow)),
            (&[0.7, 0.2], &[stays, None], Some(NoBands::OneRow)),
            (&[0.7, 0.2, 0.1], &[stays; 3], Some(NoBands::OneClass)),
            (&[0.7, 0.2, 0.1], &[leaves, stays, leaves], None),
        ];
        for (risks, labels, no_bands) in cases {
            let estimator = Estimator::fit(scored(risks, labels), 0.5, []).unwrap();
            assert_eq!(estimator.no_bands(), no_bands);
            let accuracy = estimator.estimate(&[0.9, 0.2]).accuracy;
            assert_eq!(accuracy.low.is_none(), no_bands.is_some());
            assert_eq!(accuracy.high.is_none(), no_bands.is_some());
            assert!(accuracy.estimate.is_some());
        }
    }

    #[test]
    fn nothing_expected_is_zero_and_not_negative_zero() {
        let labels = [true, false].map(Some);
        let estimator = Estimator::fit(scored(&[0.7, 0.2], &labels), 0.5, []).unwrap();
        let of_one = estimator.estimate(&[0.2]);
        for metric in [of_one.f1, of_one.precision, of_one.recall] {
            for number in [metric.estimate, metric.low, metric.high]
                .into_iter()
                .flatten()
            {
                assert!(number.is_sign_positive(), "{of_one:?}");
            }
        }
        let nobody = expected_leavers(&[]);
        assert!(nobody.expected.is_sign_positive() && nobody.low.is_sign_positive());
    }

    #[test]
    fn expected_leavers_come_with_a_band() {
        let leavers = expected_leavers(&[0.5; 100]);
        assert_eq!((leavers.k, leavers.expected), (100, 50.0));
        assert!((leavers.high - 59.8).abs() < 1e-9 && (leavers.low - 40.2).abs() < 1e-9);
        assert_eq!(expected_leavers(&[]).high, 0.0);
    }
}
