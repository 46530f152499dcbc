//! The records that are kept beside a model: what it was trained on, how it scored, what a release
//! consists of.

use crate::error::Failure;
use crate::files;
use crate::metrics::Evaluation;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the records that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// A name for one sample, made by hashing its key: client and date, or the whole row where samples
/// have no dates. Written as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SampleId(pub u64);

impl Serialize for SampleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for SampleId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// An ingested file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestedFile {
    /// Its base name, or the name of a database source.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// What a model was trained on. It is kept with the model, so that the champion is never judged
/// on a sample it was fitted on, also when the history is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The model.
    pub model_id: String,
    /// The input folder, relative to the output folder.
    pub input_folder: String,
    /// The files the compiled data consisted of.
    pub files: Vec<IngestedFile>,
    /// The labelled samples the model was fitted on, in ascending order.
    pub samples: Vec<SampleId>,
    /// The labelled samples that were known and left out, in ascending order: older than the window the
    /// model was fitted on. It is not judged on these either, for they say how things were before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<SampleId>,
}

impl TrainingRecord {
    /// All labelled samples that were known when the model was trained.
    pub fn known(&self) -> impl Iterator<Item = SampleId> {
        self.samples.iter().chain(&self.left_out).copied()
    }
}

/// How a model scored on the test data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The model.
    pub model_id: String,
    /// Its metrics.
    #[serde(flatten)]
    pub evaluation: Evaluation,
}

/// What a release consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The name of the release.
    pub release: String,
    /// The model in it.
    pub model_id: String,
    /// When it was deployed, RFC 3339.
    pub deployed_at: String,
    /// The release that was current before.
    pub previous_release: Option<String>,
    /// Why it was deployed against what the checks said, where it was forced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force_reason: Option<String>,
    /// SHA-256 of each file of the release, by name.
    pub files: BTreeMap<String, String>,
}

/// Reads a record of the named kind.
///
/// # Errors
/// [`Failure::InputMissing`] when it is not there; else when it cannot be read, is of a newer
/// version, or is malformed.
pub fn read<T: serde::de::DeserializeOwned>(path: &Path, what: &str, made_by: &str) -> Result<T> {
    let bytes = files::read_if_exists(path)?.ok_or_else(|| {
        Failure::InputMissing(format!("no {what} at {}; run {made_by}", path.display()))
    })?;
    parse(&bytes).with_context(|| path.display().to_string())
}

/// Parses a record after checking its version.
///
/// # Errors
/// When it is of a newer version or malformed.
pub fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    check_version(bytes, FORMAT_VERSION)?;
    serde_json::from_slice(bytes).context("malformed")
}

/// Fails when a stored format says that it is newer than this program.
///
/// # Errors
/// When it is not JSON, or newer.
pub fn check_version(bytes: &[u8], newest: u32) -> Result<()> {
    let found = version(bytes).context("not readable as JSON")?;
    if found > newest {
        bail!(
            "written by a newer version of this system (format {found}, this program reads up to \
             {newest}); update the program"
        );
    }
    Ok(())
}

/// Whether a stored format says that it is newer than this program.
#[must_use]
pub fn is_newer(bytes: &[u8], newest: u32) -> bool {
    version(bytes).is_ok_and(|found| found > newest)
}

fn version(bytes: &[u8]) -> serde_json::Result<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        #[serde(default)]
        format_version: u32,
    }
    serde_json::from_slice(bytes).map(|it: Versioned| it.format_version)
}
