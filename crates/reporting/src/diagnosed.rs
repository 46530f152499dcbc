//! The newest diagnostics, as far as the report shows them and people are told of them. Whatever is missing
//! is left out.

use anyhow::{Context, Result};
use risk_core::{files, records};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The newest diagnostics.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Diagnostics {
    /// When they were made.
    pub created_at: Option<String>,
    /// The release they are about.
    pub release: Option<String>,
    /// Statistics of every column of the compiled data.
    pub summary: Vec<ColumnSummary>,
    /// Seconds that each stage takes, by its name.
    pub timing_s: Map<String, Value>,
    /// The direct dependencies of the program.
    pub dependencies: Vec<Dependency>,
    /// Whether the new samples are like those the model was trained on.
    pub drift: Option<Drift>,
    /// How good the model is on the clients of now, and was on those whose labels have come.
    pub performance: Option<Performance>,
}

/// Whether the new samples are like those the model was trained on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Drift {
    /// Whether a column has changed; `None` where that cannot be said.
    pub alarm: Option<bool>,
    /// Why it cannot be said.
    pub reason: Option<String>,
    /// What is judged: `new_samples`, or `book` where there are none of these.
    pub judged: Option<String>,
    /// How many samples are judged.
    pub new_samples: u64,
    /// The most false alarms in a year of weekly looks.
    pub false_alarms_a_year: Option<f64>,
    /// The columns that alarm.
    pub alarms: Vec<String>,
    /// Every feature of the model, and `risk` for its score.
    pub features: BTreeMap<String, FeatureDrift>,
    /// What the change does to the list.
    pub list_impact: Option<ListImpact>,
}

/// One column, then and now.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FeatureDrift {
    /// Whether it alarms.
    pub alarm: bool,
    /// The population stability index.
    pub psi: Option<f64>,
    /// Missing cells among the training samples, in percent.
    pub missing_percent_before: Option<f64>,
    /// Missing cells now.
    pub missing_percent: Option<f64>,
    /// The median among the training samples; `None` for categories.
    pub median_before: Option<f64>,
    /// The median now.
    pub median: Option<f64>,
}

/// How the top of the list is changed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListImpact {
    /// How many of the top are looked at.
    pub k: u64,
    /// How many of these would be there anyway.
    pub overlap: u64,
    /// Those that would not.
    pub enters: Vec<String>,
    /// Those that would be there instead.
    pub leaves: Vec<String>,
}

/// Performance without labels and with them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Performance {
    /// Before the labels of the book exist.
    pub estimated: Option<Estimated>,
    /// Of the predictions that were handed out.
    pub realized: Option<Realized>,
}

/// What the model's own probabilities let expect.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Estimated {
    /// What is expected, by metric.
    pub metrics: BTreeMap<String, Band>,
    /// What the estimate cannot see.
    pub note: Option<String>,
    /// Why it is not to be believed any more.
    pub withdrawn: Option<String>,
    /// The labels that have come since the release.
    pub check: Option<Check>,
}

/// A figure with a band.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Band {
    /// The figure.
    pub estimate: Option<f64>,
    /// The low end.
    pub low: Option<f64>,
    /// The high end.
    pub high: Option<f64>,
}

/// The first labels against what the model expected.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Check {
    /// How many labelled samples.
    pub n_labelled: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// The share that the model expected to leave.
    pub expected_share: Option<f64>,
    /// Natural logarithm of the evidence from which on the estimate is withdrawn.
    pub threshold: Option<f64>,
}

/// What became of the predictions that were handed out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Realized {
    /// By model and time of publication.
    pub windows: Vec<Window>,
    /// Predictions whose outcome is not known yet.
    pub n_waiting: u64,
}

/// The predictions of one model that were published within some days.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Window {
    /// The model.
    pub model_id: String,
    /// The first day.
    pub from: String,
    /// The day after the last one.
    pub until: String,
    /// How many labels of contacted clients are left out of the figures.
    pub n_left_out: u64,
    /// How many of those with a label the model expected to leave.
    pub expected_positive: Option<f64>,
    /// The figures on those with a label.
    pub evaluation: Option<Figures>,
}

/// The figures of a window.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// How many have a label.
    pub n_samples: u64,
    /// How many of these left.
    pub n_positive: u64,
    /// The metrics, with 95 % intervals.
    pub metrics: BTreeMap<String, Interval>,
}

/// A metric with its interval.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Interval {
    /// The value; `None` where it is not defined.
    pub value: Option<f64>,
    /// The low end.
    pub low: Option<f64>,
    /// The high end.
    pub high: Option<f64>,
}

/// The statistics of one column; no numbers for text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ColumnSummary {
    /// The column.
    pub column: String,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Standard deviation with n - 1.
    pub std: Option<f64>,
    /// The most frequent values, numbers or text.
    pub modes: Value,
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Share of missing cells in percent.
    pub missing_percent: Option<f64>,
}

/// A direct dependency of the program.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Dependency {
    /// Its name.
    pub package: String,
    /// The version in this program.
    pub installed: Option<String>,
    /// The newest version that needs no change of this program.
    pub latest_compatible: Option<String>,
    /// The newest version.
    pub latest: Option<String>,
    /// Whether it is current.
    pub status: Option<String>,
    /// Why the status is what it is.
    pub reason: Option<String>,
    /// Added, updated or removed since the build before.
    pub change: Option<String>,
}

/// Reads the newest diagnostics; `None` before the first.
///
/// # Errors
/// When there are some and they cannot be read.
pub fn read(path: &Path) -> Result<Option<Diagnostics>> {
    let Some(bytes) = files::read_if_exists(path)? else {
        return Ok(None);
    };
    let parsed = records::parse(&bytes);
    parsed
        .map(Some)
        .with_context(|| format!("the diagnostics {}", path.display()))
}
