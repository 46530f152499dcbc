//! The history: one embedded database of all that happened.
//!
//! Readers are never held up by the writer (write-ahead log). When the database is lost, the history
//! is lost and labelled data may be judged once more; nothing else depends on it.
//!
//! What is recorded is one file here for each theme; every change is one immediate transaction. The
//! schema is a sequence of versions, one SQL file each, that a writer applies when it opens an older
//! database (`open.rs`).

mod alerts;
mod contacts;
mod decisions;
mod dependencies;
mod erase;
mod export;
mod figures;
mod findings;
mod handed_out;
mod health;
mod ingestions;
mod judgements;
mod models;
mod open;
mod predictions;
mod prune;
mod publishing;
mod releases;
mod runs;
#[cfg(test)]
mod tests;
mod urgent;

pub use alerts::{NewAlert, OpenAlert, PendingDelivery};
pub use contacts::{ContactRecord, ListEntryRecord, ListRecord, ScoreThen};
pub use decisions::{DecisionEntry, ListChange, RecordedDecision, is_asked_for};
pub use dependencies::Build;
pub use export::{ExportedValue, TableExport};
pub use figures::FigureAt;
pub use findings::Diagnosis;
pub use handed_out::{Batch, PublishedPrediction};
pub use health::{RecordedRun, RecordedStep, Which};
pub use ingestions::{FileEvent, IngestionCounts};
pub use judgements::{EvidenceEntry, GatheredEvidence, Judgement, Look};
pub use predictions::{BookMember, BookThen, Prediction, PredictionThen, PublishedBook};
pub use prune::Kept;
pub use releases::{ReleaseEntry, ReleaseEvent};

use anyhow::{Context, Result};
use rusqlite::Connection;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// The open history and the run that writes to it.
pub struct History {
    connection: Connection,
    path: PathBuf,
    run: Cell<i64>,
}

impl History {
    /// Opens the history for writing, making or updating it where needed.
    ///
    /// # Errors
    /// When the file is no database, is of a newer version, or cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open::for_writing(path)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            run: Cell::new(0),
        })
    }

    /// Opens the history for reading, `None` where there is none yet. It cannot be written then.
    ///
    /// # Errors
    /// When the file is no database or is of a newer version.
    pub fn open_to_read(path: &Path) -> Result<Option<Self>> {
        let connection = open::for_reading(path)?;
        Ok(connection.map(|connection| Self {
            connection,
            path: path.to_owned(),
            run: Cell::new(0),
        }))
    }

    /// Records several things as one: all of them or none, also when the process is killed.
    ///
    /// # Errors
    /// The first error of `record`, or when the history cannot be written.
    pub fn together<T>(&self, record: impl FnOnce() -> Result<T>) -> Result<T> {
        open::all_or_nothing(&self.connection, |_| record().map_err(Recording::Failed)).map_err(
            |error| match error {
                Recording::Failed(error) => error,
                Recording::NotWritten(error) => anyhow::Error::new(error)
                    .context(format!("cannot write the history {}", self.path.display())),
            },
        )
    }

    fn write<T>(&self, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        open::in_transaction(&self.connection, change)
            .with_context(|| format!("cannot write the history {}", self.path.display()))
    }

    /// Outside of any transaction, which some statements demand.
    fn write_alone<T>(&self, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        change(&self.connection)
            .with_context(|| format!("cannot write the history {}", self.path.display()))
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        query(&self.connection)
            .with_context(|| format!("cannot read the history {}", self.path.display()))
    }
}

/// Why several things could not be recorded together.
enum Recording {
    Failed(anyhow::Error),
    NotWritten(rusqlite::Error),
}

impl From<rusqlite::Error> for Recording {
    fn from(error: rusqlite::Error) -> Self {
        Self::NotWritten(error)
    }
}

/// Counts fit the integers of the database by far.
fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
