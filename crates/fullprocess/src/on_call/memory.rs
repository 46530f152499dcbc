//! What people were told while there was no history to keep it in: a small file in the output
//! folder or, where that cannot be written, in the folder for temporary files.

use alerts::{Cause, Told};
use chrono::{DateTime, Utc};
use risk_core::{Layout, files, hash};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The places where it may be kept, the best one first.
pub(super) struct Memory {
    places: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    cause: String,
    occurrence: String,
    told_at: DateTime<Utc>,
}

impl Memory {
    /// The memory of the project of a configuration file.
    pub fn of(config: &Path, layout: Option<&Layout>) -> Self {
        let config = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
        let digest = hash::sha256_hex(config.display().to_string());
        let name = format!("risk-alerts-{}.json", &digest[..16]);
        let in_output = layout.map(Layout::alerts_without_history);
        Self {
            places: in_output
                .into_iter()
                .chain([std::env::temp_dir().join(name)])
                .collect(),
        }
    }

    /// What was told. A file that cannot be read says nothing.
    pub fn told(&self) -> Vec<Told> {
        let read = |path: &PathBuf| {
            let bytes = files::read_if_exists(path).ok().flatten()?;
            serde_json::from_slice::<Vec<Remembered>>(&bytes).ok()
        };
        let remembered = self.places.iter().filter_map(read).flatten();
        remembered
            .map(|told| Told {
                cause: told.cause,
                occurrence: told.occurrence,
                told_at: Some(told.told_at),
                held_back: false,
            })
            .collect()
    }

    /// Keeps that these causes were told now, and nothing else.
    pub fn keep(&self, causes: &[&Cause], now: DateTime<Utc>) {
        let remembered: Vec<Remembered> = causes
            .iter()
            .map(|cause| Remembered {
                cause: cause.key(),
                occurrence: cause.occurrence.clone(),
                told_at: now,
            })
            .collect();
        let kept = self
            .places
            .iter()
            .any(|path| files::write_json(path, &remembered).is_ok());
        if !kept {
            tracing::warn!("what was told cannot be kept, so the next run tells it again");
        }
    }

    /// Forgets everything: the history keeps it again.
    pub fn forget(&self) {
        for path in &self.places {
            // Where there is none, there is nothing to forget.
            let _ = files::remove(path);
        }
    }
}
