//! Runs, their steps and their timings.

use super::History;
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::params;

/// What is noted about a run that did not live to record its end.
const KILLED: &str = "it was killed or the machine went down";

impl History {
    /// Records that a run of `command` has started; all that follows belongs to it. The caller holds
    /// the lock, so a run that has not ended was killed, which is noted.
    ///
    /// # Errors
    /// When the history cannot be written; so do all methods below.
    pub fn begin_run(&self, command: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.write(|connection| {
            connection.execute(
                "UPDATE runs SET error = ?1 WHERE exit_code IS NULL AND error IS NULL",
                [KILLED],
            )?;
            connection.execute(
                "INSERT INTO runs (command, started_at) VALUES (?1, ?2)",
                params![command, timestamp(now)],
            )?;
            Ok(connection.last_insert_rowid())
        })?;
        self.run.set(run);
        Ok(())
    }

    /// Records how the run ended.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn finish_run(&self, elapsed_s: f64, exit_code: u8, error: Option<&str>) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "UPDATE runs SET elapsed_s = ?2, exit_code = ?3, error = ?4 WHERE run = ?1",
                params![self.run.get(), elapsed_s, exit_code, error],
            )
        })?;
        Ok(())
    }

    /// Records one step of a run.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_step(
        &self,
        name: &str,
        status: &str,
        elapsed_s: f64,
        detail: Option<&str>,
    ) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO steps VALUES (?1, ?2, ?3, ?4, ?5)",
                params![self.run.get(), name, status, elapsed_s, detail],
            )
        })?;
        Ok(())
    }

    /// Records how long the pure part of a stage took.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_timing(&self, stage: &str, elapsed_s: f64) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO timings VALUES (?1, ?2, ?3)",
                params![self.run.get(), stage, elapsed_s],
            )
        })?;
        Ok(())
    }
}
