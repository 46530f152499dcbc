//! The newest diagnostics, as far as the report shows them. Whatever is missing is left out.

use anyhow::{Context, Result};
use risk_core::files;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

/// The newest diagnostics.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Diagnostics {
    /// When they were made.
    pub created_at: Option<String>,
    /// Statistics of every column of the compiled data.
    pub summary: Vec<ColumnSummary>,
    /// Seconds that each stage takes, by its name.
    pub timing_s: Map<String, Value>,
    /// The direct dependencies of the program.
    pub dependencies: Vec<Dependency>,
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
    let parsed = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no diagnostics", path.display()))?;
    Ok(Some(parsed))
}
