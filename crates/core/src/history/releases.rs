//! What was done to the releases: an entry for each change, and for each time one was put in force.

use super::{History, open};
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// What was done to the releases of a production folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseEvent {
    /// A new release was put in force.
    Deployed,
    /// An earlier release was put back in force.
    RolledBack,
    /// The candidate that waited was put in force.
    Approved,
    /// A run that was killed had put it in force.
    FoundInForce,
    /// A candidate was made that waits for approval.
    Held,
    /// A release that a killed run had not put in force was removed.
    Removed,
    /// An old release was removed.
    Pruned,
    /// Changes were frozen.
    Frozen,
    /// Changes were allowed again.
    Unfrozen,
}

impl ReleaseEvent {
    /// The name in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::RolledBack => "rolled_back",
            Self::Approved => "approved",
            Self::FoundInForce => "found_in_force",
            Self::Held => "held",
            Self::Removed => "removed",
            Self::Pruned => "pruned",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
        }
    }

    /// Whether a release is in force by it.
    fn puts_in_force(self) -> bool {
        matches!(
            self,
            Self::Deployed | Self::RolledBack | Self::Approved | Self::FoundInForce
        )
    }
}

/// One entry about the releases.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseEntry<'a> {
    /// The production folder, relative to that of the configuration.
    pub production: &'a str,
    /// What was done.
    pub event: ReleaseEvent,
    /// The release it was done to.
    pub release: Option<&'a str>,
    /// The model of that release.
    pub model_id: Option<&'a str>,
    /// The release that was in force before, where another one was put in force.
    pub previous_release: Option<&'a str>,
    /// Why, as far as a person or a check gave a reason.
    pub reason: Option<&'a str>,
}

impl<'a> ReleaseEntry<'a> {
    /// An entry about a production folder as a whole.
    #[must_use]
    pub fn new(production: &'a str, event: ReleaseEvent) -> Self {
        Self {
            production,
            event,
            release: None,
            model_id: None,
            previous_release: None,
            reason: None,
        }
    }
}

impl History {
    /// Records what was done to the releases; that one was put in force also among the deployments.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_release_event(&self, entry: &ReleaseEntry<'_>, now: DateTime<Utc>) -> Result<()> {
        let (run, at) = (self.run.get(), timestamp(now));
        self.write(|connection| {
            if entry.event.puts_in_force() {
                connection.execute(
                    "INSERT INTO deployments (run, release, model_id, previous_release, deployed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        run,
                        entry.release.unwrap_or_default(),
                        entry.model_id.unwrap_or_default(),
                        entry.previous_release,
                        at
                    ],
                )?;
            }
            connection.execute(
                "INSERT INTO release_events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    run,
                    at,
                    entry.production,
                    entry.event.name(),
                    entry.release,
                    entry.model_id,
                    entry.reason
                ],
            )
        })?;
        Ok(())
    }

    /// The release that was last recorded to be put in force in a production folder.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn last_in_force(&self, production: &str) -> Result<Option<String>> {
        let sql = "SELECT release FROM release_events WHERE production = ?1 AND event IN
                   ('deployed', 'rolled_back', 'approved', 'found_in_force')
                   ORDER BY rowid DESC LIMIT 1";
        self.read(|connection| {
            connection
                .query_row(sql, [production], |row| row.get(0))
                .optional()
        })
    }

    /// Whether a release has been recorded to be pruned from a production folder.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn was_pruned(&self, production: &str, release: &str) -> Result<bool> {
        self.knows_event(production, release, ReleaseEvent::Pruned)
    }

    /// Whether a candidate has been recorded to wait for approval.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn was_held(&self, production: &str, release: &str) -> Result<bool> {
        self.knows_event(production, release, ReleaseEvent::Held)
    }

    fn knows_event(&self, production: &str, release: &str, event: ReleaseEvent) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM release_events
                   WHERE production = ?1 AND release = ?2 AND event = ?3)";
        self.read(|connection| {
            connection.query_row(sql, [production, release, event.name()], |row| row.get(0))
        })
    }

    /// Whether a release has ever been recorded to be put in force.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn was_deployed(&self, release: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM deployments WHERE release = ?1)";
        self.read(|connection| connection.query_row(sql, [release], |row| row.get(0)))
    }

    /// Records that a program which only reads was run, in one small transaction of its own and
    /// without the lock; nothing happens where there is no history of this version yet.
    ///
    /// # Errors
    /// When the history cannot be written, as by a user who may only read.
    pub fn note_reader(path: &Path, command: &str, now: DateTime<Utc>) -> Result<()> {
        let Some(connection) = open::for_noting(path, Duration::from_secs(1))? else {
            return Ok(());
        };
        open::in_transaction(&connection, |connection| {
            connection.execute(
                "INSERT INTO runs (command, started_at, elapsed_s, exit_code) VALUES (?1, ?2, 0, 0)",
                params![command, timestamp(now)],
            )
        })?;
        Ok(())
    }
}
