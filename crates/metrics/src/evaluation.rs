//! All figures of one set of samples, with intervals and with what they are worth.

use serde::{Deserialize, Serialize};

use super::calibration::{calibration_error_of, log_losses, mean_of, squared_errors};
use super::ranked::{Counts, Draw, Ranked};
use super::ranking::{average_precision_of, lift_of, precision_at_of};
use super::reliability::{ReliabilityBin, reliability_of};
use super::{ConfusionMatrix, Figure, MetricsError, Scored, bootstrap, delong};

/// Fewest samples from which something is decided.
const MIN_SAMPLES: u64 = 30;
/// Fewest samples of each class from which something is decided.
const MIN_OF_A_CLASS: u64 = 5;
/// Part of the samples that the lift looks at.
const LIFT_SHARE: f64 = 0.1;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure; none where it is not defined on the samples.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Why the figure is not defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The figures of a score. Intervals are percentiles of 1,000 stratified bootstrap draws by client,
/// widened to the value where that lies outside (the calibration error of a draw is biased upwards);
/// that of the area is DeLong's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Harmonic mean of precision and recall at the threshold; 0 when nothing exited and nothing was
    /// predicted to.
    pub f1: Estimate,
    /// Share of the predicted leavers that did exit.
    pub precision: Estimate,
    /// Share of the leavers that were predicted.
    pub recall: Estimate,
    /// Share of right predictions.
    pub accuracy: Estimate,
    /// Area under the ROC curve: [`super::roc_auc`].
    pub roc_auc: Estimate,
    /// [`super::average_precision`].
    pub average_precision: Estimate,
    /// [`super::log_loss`], natural logarithm.
    pub log_loss: Estimate,
    /// [`super::brier`].
    pub brier: Estimate,
    /// [`super::expected_calibration_error`].
    pub ece: Estimate,
    /// [`super::lift`] of the tenth of the samples with the highest risk.
    pub lift_at_10_percent: Estimate,
    /// [`super::precision_at`] the number of clients that can be contacted; none where that number
    /// was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision_at_capacity: Option<Estimate>,
}

impl Metrics {
    /// Every figure with its name, in the order of the fields.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Estimate)> {
        [
            ("f1", &self.f1),
            ("precision", &self.precision),
            ("recall", &self.recall),
            ("accuracy", &self.accuracy),
            ("roc_auc", &self.roc_auc),
            ("average_precision", &self.average_precision),
            ("log_loss", &self.log_loss),
            ("brier", &self.brier),
            ("ece", &self.ece),
            ("lift_at_10_percent", &self.lift_at_10_percent),
        ]
        .into_iter()
        .chain((self.precision_at_capacity.iter()).map(|figure| ("precision_at_capacity", figure)))
    }
}

/// What predicted risks are worth on labelled samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Number of samples judged.
    pub n_samples: u64,
    /// Number of them that exited.
    pub n_positive: u64,
    /// Risk from which exit is predicted.
    pub threshold: f64,
    /// Predictions at the threshold.
    pub confusion_matrix: ConfusionMatrix,
    /// How many clients can be contacted, where that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// The figures.
    pub metrics: Metrics,
    /// The reliability curve, by rising risk: [`super::reliability()`]. Empty where an earlier
    /// version judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reliability: Vec<ReliabilityBin>,
    /// Said where the samples are too few to decide anything by: under 30, or under 5 of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decides_nothing: Option<String>,
}

/// By what risks are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Risk from which exit is predicted.
    pub threshold: f64,
    /// How many clients can be contacted, where that matters.
    pub capacity: Option<u64>,
    /// Seed of the bootstrap draws.
    pub seed: u64,
}

/// Judges risks by what happened, without a capacity. The same samples, threshold and seed give the
/// same bits.
///
/// # Errors
/// As [`evaluate_under`].
pub fn evaluate(
    samples: &Scored<'_>,
    threshold: f64,
    seed: u64,
) -> Result<Evaluation, MetricsError> {
    let capacity = None;
    let rules = Rules {
        threshold,
        capacity,
        seed,
    };
    evaluate_under(&rules, samples)
}

/// Judges risks by what happened. The same samples and rules give the same bits.
///
/// # Errors
/// Slices of unequal length or empty, a risk outside 0 to 1, or a threshold that is not finite.
pub fn evaluate_under(rules: &Rules, samples: &Scored<'_>) -> Result<Evaluation, MetricsError> {
    if !rules.threshold.is_finite() {
        return Err(MetricsError::NotAThreshold(rules.threshold));
    }
    let ranked = Ranked::new(samples)?;
    let samples = Draw::each_once(&ranked);
    Ok(Evaluation {
        n_samples: samples.all.samples,
        n_positive: samples.all.exited,
        threshold: rules.threshold,
        confusion_matrix: samples.confusion(ranked.groups_from(rules.threshold)),
        capacity: rules.capacity,
        metrics: metrics(&samples, rules),
        reliability: reliability_of(&samples),
        decides_nothing: decides_nothing(samples.all),
    })
}

fn metrics(samples: &Draw<'_>, rules: &Rules) -> Metrics {
    let losses = log_losses(samples.ranked);
    let errors = squared_errors(samples.ranked);
    let predicted_groups = samples.ranked.groups_from(rules.threshold);
    let figures = |draw: &Draw<'_>| {
        let [f1, precision, recall, accuracy] = at_threshold(&draw.confusion(predicted_groups));
        [
            f1,
            precision,
            recall,
            accuracy,
            average_precision_of(draw),
            mean_of(&losses, draw),
            mean_of(&errors, draw),
            calibration_error_of(draw),
            lift_of(draw, LIFT_SHARE),
            precision_at_of(draw, rules.capacity.unwrap_or_default()),
        ]
    };
    let mut intervals = bootstrap::intervals(samples.ranked, rules.seed, figures).into_iter();
    let estimates =
        figures(samples).map(|figure| Estimate::new(figure, intervals.next().flatten()));
    let [
        f1,
        precision,
        recall,
        accuracy,
        average_precision,
        log_loss,
        brier,
        ece,
        lift,
        at_capacity,
    ] = estimates;
    Metrics {
        f1,
        precision,
        recall,
        accuracy,
        roc_auc: area(samples.ranked),
        average_precision,
        log_loss,
        brier,
        ece,
        lift_at_10_percent: lift,
        precision_at_capacity: rules.capacity.map(|_| at_capacity),
    }
}

/// F1, precision, recall and accuracy.
fn at_threshold(matrix: &ConfusionMatrix) -> [Figure; 4] {
    let or = |share: Option<f64>, reason| share.ok_or(MetricsError::Undefined(reason));
    [
        Ok(matrix.f1()),
        or(matrix.precision(), "no client was predicted to exit"),
        or(matrix.recall(), "no client exited"),
        matrix.accuracy().ok_or(MetricsError::NoSamples),
    ]
}

/// The area under the ROC curve alone, with DeLong's 95 % interval by client.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn roc_auc_with_interval(samples: &Scored<'_>) -> Result<Estimate, MetricsError> {
    Ranked::new(samples).map(|ranked| area(&ranked))
}

fn area(ranked: &Ranked) -> Estimate {
    let area = delong::area(ranked);
    let interval = area.as_ref().ok().map(|area| (area.low, area.high));
    Estimate::new(area.map(|area| area.value), interval)
}

impl Estimate {
    fn new(figure: Figure, interval: Option<(f64, f64)>) -> Self {
        match figure {
            Ok(value) => Self {
                value: Some(value),
                low: interval.map(|(low, _)| low.min(value)),
                high: interval.map(|(_, high)| high.max(value)),
                reason: None,
            },
            Err(reason) => Self {
                value: None,
                low: None,
                high: None,
                reason: Some(reason.to_string()),
            },
        }
    }
}

fn decides_nothing(all: Counts) -> Option<String> {
    let rarer = all.exited.min(all.stayed());
    (all.samples < MIN_SAMPLES || rarer < MIN_OF_A_CLASS).then(|| {
        format!(
            "{} labelled rows, {} of them with an exit, decide nothing: that takes {MIN_SAMPLES} \
             rows with {MIN_OF_A_CLASS} of each class",
            all.samples, all.exited
        )
    })
}
