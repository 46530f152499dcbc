//! How good predicted risks are: the figures of a score, each with its 95 % interval.
//!
//! The positive class is 1 = exited, matrices are actual x predicted, and everything is `f64`. A
//! sample is predicted to exit when its risk reaches the threshold. A figure that is not defined on
//! the samples (one class, nothing predicted) has no value and says why; it is never NaN. Nothing
//! depends on the order of the samples, and the same samples and seed give the same bits.

mod bootstrap;
mod calibration;
mod confusion;
mod delong;
mod evaluation;
mod paired;
mod ranked;
mod ranking;
mod reliability;
#[cfg(test)]
mod tests;

pub use calibration::{brier, expected_calibration_error, log_loss};
pub use confusion::ConfusionMatrix;
pub use evaluation::{
    Estimate, Evaluation, Metrics, Rules, evaluate, evaluate_under, roc_auc_with_interval,
};
pub use paired::{Comparison, Verdict, clustered_standard_error};
pub use ranking::{average_precision, lift, precision_at, roc_auc, roc_curve};
pub use reliability::{ReliabilityBin, reliability};

/// Samples with what was predicted and what happened, one entry a sample in each slice.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The client of each sample. A client may have several: intervals are drawn by client.
    pub client_ids: &'a [String],
    /// The predicted probability that the client exits, 0 to 1.
    pub risks: &'a [f64],
    /// Whether the client did exit.
    pub exited: &'a [bool],
}

/// Why figures cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricsError {
    /// There is nothing to judge.
    #[error("no labelled samples to judge")]
    NoSamples,
    /// The slices do not belong together.
    #[error("{risks} risks do not belong to {labels} labels")]
    Labels {
        /// Number of risks.
        risks: usize,
        /// Number of labels.
        labels: usize,
    },
    /// The slices do not belong together.
    #[error("{risks} risks do not belong to {client_ids} client ids")]
    ClientIds {
        /// Number of risks.
        risks: usize,
        /// Number of client ids.
        client_ids: usize,
    },
    /// A risk that is no probability.
    #[error("the risk of row {row} is {risk}, not a number from 0 to 1")]
    NotARisk {
        /// The sample, counted from 1.
        row: usize,
        /// What it has for a risk.
        risk: f64,
    },
    /// A threshold that is not finite.
    #[error("the threshold is {0}, not a finite number")]
    NotAThreshold(f64),
    /// The figure has no meaning on these samples.
    #[error("{0}")]
    Undefined(&'static str),
}

/// A figure, or why it has no meaning on the samples.
type Figure = Result<f64, MetricsError>;
