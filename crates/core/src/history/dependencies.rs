//! The builds of the program that ran here, and what the package registry said about what they are
//! made of.

use super::History;
use crate::error::timestamp;
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A build of the program that ran here: its direct dependencies and their versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// SHA-256 of its lock file.
    pub lock_sha256: String,
    /// Version of each direct dependency.
    pub packages: BTreeMap<String, String>,
}

impl History {
    /// Records a build of the program and returns the one before it, the newest with another lock
    /// file.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub fn record_build(&self, build: &Build, now: DateTime<Utc>) -> Result<Option<Build>> {
        let sql = "SELECT lock_sha256 FROM builds ORDER BY build DESC LIMIT 1";
        let newest: Option<String> =
            self.read(|connection| connection.query_row(sql, [], |row| row.get(0)).optional())?;
        if newest.as_ref() != Some(&build.lock_sha256) {
            let packages = serde_json::to_string(&build.packages)?;
            self.write(|connection| {
                connection.execute(
                    "INSERT INTO builds (lock_sha256, first_seen_at, packages) VALUES (?1, ?2, ?3)",
                    params![build.lock_sha256, timestamp(now), packages],
                )
            })?;
        }
        let sql = "SELECT lock_sha256, packages FROM builds WHERE lock_sha256 <> ?1
                   ORDER BY build DESC LIMIT 1";
        let before: Option<(String, String)> = self.read(|connection| {
            connection
                .query_row(sql, [&build.lock_sha256], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        })?;
        before
            .map(|(lock_sha256, packages)| {
                Ok(Build {
                    lock_sha256,
                    packages: parse(&packages, "the packages of a build")?,
                })
            })
            .transpose()
    }

    /// What the registry last answered about a package, and when.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn registry_answer<T: DeserializeOwned>(
        &self,
        package: &str,
    ) -> Result<Option<(T, String)>> {
        let sql = "SELECT versions, checked_at FROM registry_answers WHERE package = ?1";
        let found: Option<(String, String)> = self.read(|connection| {
            connection
                .query_row(sql, [package], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        found
            .map(|(text, checked_at)| Ok((parse(&text, "an answer of the registry")?, checked_at)))
            .transpose()
    }

    /// Stores what the registry answered about some packages.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn set_registry_answers<T: Serialize>(
        &self,
        answers: &BTreeMap<String, T>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let rows = answers
            .iter()
            .map(|(package, versions)| Ok((package, serde_json::to_string(versions)?)))
            .collect::<Result<Vec<_>>>()?;
        self.write(|connection| {
            for (package, versions) in &rows {
                connection.execute(
                    "INSERT OR REPLACE INTO registry_answers VALUES (?1, ?2, ?3)",
                    params![package, versions, timestamp(now)],
                )?;
            }
            Ok(())
        })
    }
}

fn parse<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).with_context(|| format!("the history holds {what} in another form"))
}
