//! Removing what is older than its retention.

use super::Removed;
use anyhow::{Context, Result};
use chrono::Days;
use risk_core::error::timestamp;
use risk_core::history::Kept;
use risk_core::layout::MANIFEST;
use risk_core::records::{self, Manifest};
use risk_core::{Run, shell};
use serde::Serialize;
use std::fmt;
use std::io::ErrorKind;

/// What a pruning removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pruning {
    /// What was older than this went, RFC 3339.
    pub before: String,
    /// Rows of each table of the history that went.
    pub removed: Removed,
}

/// Removes from the history what is older than so many days and not needed any more.
///
/// # Errors
/// When the releases cannot be listed or the history cannot be written.
pub fn prune(run: &Run, keep_days: u32) -> Result<Pruning> {
    let before = run
        .now
        .checked_sub_days(Days::new(keep_days.into()))
        .context("--keep-days reaches back too far")?;
    let removed = run.history()?.prune(before, &kept(run)?, run.now)?;
    Ok(Pruning {
        before: timestamp(before),
        removed: Removed(removed),
    })
}

/// The releases on disk and their models. A manifest that cannot be read keeps its release only.
fn kept(run: &Run) -> Result<Kept> {
    let folder = run.layout.releases();
    let mut kept = Kept::default();
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(kept),
        entries => entries.with_context(|| format!("cannot list {}", folder.display()))?,
    };
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        let name = path.file_name().unwrap_or_default();
        kept.releases.insert(name.to_string_lossy().into_owned());
        if let Ok(manifest) =
            records::read::<Manifest>(&path.join(MANIFEST), "manifest", "deployment")
        {
            kept.models.insert(manifest.model_id);
        }
    }
    Ok(kept)
}

impl shell::Outcome for Pruning {}

impl fmt::Display for Pruning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "removed from before {}: {}", self.before, self.removed)
    }
}
