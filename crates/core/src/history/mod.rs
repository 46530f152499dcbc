//! The history: one embedded database of all that happened.
//!
//! Readers are never held up by the writer (write-ahead log). When the database is lost, the history
//! is lost and labelled data may be judged once more; nothing else depends on it.

mod open;
mod publishing;

pub use publishing::Build;

use crate::error::timestamp;
use crate::model::Model;
use crate::records::{SampleId, Scores};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::cell::Cell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The open history and the run that writes to it.
pub struct History {
    connection: Connection,
    path: PathBuf,
    run: Cell<i64>,
}

/// What happened to one file in one ingestion.
#[derive(Debug, Clone)]
pub struct FileEvent<'a> {
    /// Its base name.
    pub name: &'a str,
    /// SHA-256 of its content.
    pub sha256: &'a str,
    /// new, changed, copy, archived or refused.
    pub status: &'a str,
    /// Accepted rows.
    pub rows: u64,
    /// Rows that were not accepted.
    pub rejected_rows: u64,
    /// Why it was refused.
    pub reason: Option<&'a str>,
}

/// The counts of one ingestion.
#[derive(Debug, Clone, Copy)]
pub struct IngestionCounts {
    /// Rows in all accepted files.
    pub rows_read: u64,
    /// Rows that say nothing new.
    pub duplicate_rows: u64,
    /// Rows replaced by a later one.
    pub updated_rows: u64,
    /// Rows that were not accepted.
    pub rejected_rows: u64,
    /// Rows without a label.
    pub unlabelled_rows: u64,
    /// Rows of the compiled data.
    pub rows: u64,
}

/// What judging the champion on newly labelled samples found.
#[derive(Debug, Clone)]
pub struct Judgement<'a, Figures: Serialize> {
    /// The champion.
    pub model_id: &'a str,
    /// The rule that was applied.
    pub drift_test: &'a str,
    /// The samples it was judged on.
    pub samples: &'a [SampleId],
    /// How many of them left.
    pub n_positive: u64,
    /// Whether it has drifted.
    pub drift: bool,
    /// The figures behind it.
    pub figures: Figures,
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

    fn write<T>(&self, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        open::in_transaction(&self.connection, change)
            .with_context(|| format!("cannot write the history {}", self.path.display()))
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        query(&self.connection)
            .with_context(|| format!("cannot read the history {}", self.path.display()))
    }

    /// Records that a run of `command` has started; all that follows belongs to it.
    ///
    /// # Errors
    /// When the history cannot be written; so do all methods below.
    pub fn begin_run(&self, command: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.write(|connection| {
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

    /// Records an ingestion that changed something, and the files that changed.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_ingestion(
        &self,
        input_folder: &str,
        files: &[FileEvent<'_>],
        counts: IngestionCounts,
    ) -> Result<()> {
        self.write(|connection| {
            let run = self.run.get();
            for file in files {
                connection.execute(
                    "INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        run,
                        input_folder,
                        file.name,
                        file.sha256,
                        file.status,
                        integer(file.rows),
                        integer(file.rejected_rows),
                        file.reason
                    ],
                )?;
            }
            connection.execute(
                "INSERT INTO ingestions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    run,
                    input_folder,
                    integer(counts.rows_read),
                    integer(counts.duplicate_rows),
                    integer(counts.updated_rows),
                    integer(counts.rejected_rows),
                    integer(counts.unlabelled_rows),
                    integer(counts.rows)
                ],
            )
        })?;
        Ok(())
    }

    /// Records a trained model; the same model trained again is recorded once.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_model(&self, model: &Model) -> Result<()> {
        let artefact = serde_json::to_string(model)?;
        self.write(|connection| {
            connection.execute(
                "INSERT OR IGNORE INTO models VALUES (?1, ?2, ?3, ?4)",
                params![model.model_id, self.run.get(), model.created_at, artefact],
            )
        })?;
        Ok(())
    }

    /// Records how a model scored on the test data.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_scores(&self, scores: &Scores, now: DateTime<Utc>) -> Result<()> {
        let text = serde_json::to_string(scores)?;
        let evaluation = &scores.evaluation;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    self.run.get(),
                    scores.model_id,
                    timestamp(now),
                    integer(evaluation.n_samples),
                    evaluation.confusion_matrix.f1(),
                    text
                ],
            )
        })?;
        Ok(())
    }

    /// Records a judgement and the samples it is based on, so that they are not judged again for
    /// the same champion.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_judgement<Figures: Serialize>(
        &self,
        judgement: &Judgement<'_, Figures>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let figures = serde_json::to_string(&judgement.figures)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO judgements (run, model_id, judged_at, drift_test, n_samples,
                 n_positive, drift, figures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    self.run.get(),
                    judgement.model_id,
                    timestamp(now),
                    judgement.drift_test,
                    integer(judgement.samples.len() as u64),
                    integer(judgement.n_positive),
                    judgement.drift,
                    figures
                ],
            )?;
            let number = connection.last_insert_rowid();
            let mut insert =
                connection.prepare("INSERT OR IGNORE INTO judged_samples VALUES (?1, ?2, ?3)")?;
            for sample in judgement.samples {
                insert.execute(params![judgement.model_id, sample.0.cast_signed(), number])?;
            }
            Ok(())
        })
    }

    /// The samples on which a champion has been judged.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn judged_samples(&self, model_id: &str) -> Result<HashSet<SampleId>> {
        self.read(|connection| {
            let mut query =
                connection.prepare("SELECT sample FROM judged_samples WHERE model_id = ?1")?;
            query
                .query_map([model_id], |row| {
                    Ok(SampleId(row.get::<_, i64>(0)?.cast_unsigned()))
                })?
                .collect()
        })
    }

    /// Records a decision about the model and its reason.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_decision(&self, decision: &str, reason: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO decisions VALUES (?1, ?2, ?3, ?4)",
                params![self.run.get(), timestamp(now), decision, reason],
            )
        })?;
        Ok(())
    }

    /// Records that a release became the current one; once, however often it is told.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_deployment(&self, manifest: &crate::records::Manifest) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO deployments SELECT ?1, ?2, ?3, ?4, ?5
                 WHERE NOT EXISTS (SELECT 1 FROM deployments WHERE release = ?2)",
                params![
                    self.run.get(),
                    manifest.release,
                    manifest.model_id,
                    manifest.previous_release,
                    manifest.deployed_at
                ],
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

/// Counts fit the integers of the database by far.
fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> (tempfile::TempDir, History) {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(&folder.path().join("history.sqlite")).unwrap();
        history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
        (folder, history)
    }

    #[test]
    fn samples_are_judged_once_for_each_champion() {
        let (_folder, history) = history();
        let samples = [SampleId(1), SampleId(u64::MAX)];
        let judgement = Judgement {
            model_id: "a",
            drift_test: "raw",
            samples: &samples,
            n_positive: 1,
            drift: false,
            figures: 0.5,
        };
        history
            .record_judgement(&judgement, DateTime::UNIX_EPOCH)
            .unwrap();
        assert_eq!(history.judged_samples("a").unwrap(), HashSet::from(samples));
        assert!(history.judged_samples("b").unwrap().is_empty());
    }

    #[test]
    fn a_reader_sees_committed_runs_while_the_writer_is_open() {
        let (folder, history) = history();
        history.finish_run(1.5, 0, None).unwrap();
        let reader = Connection::open_with_flags(
            folder.path().join("history.sqlite"),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
        )
        .unwrap();
        let code: i64 = reader
            .query_row("SELECT exit_code FROM runs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(code, 0);
    }

    #[test]
    fn garbage_and_newer_databases_are_refused_with_a_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        crate::files::write(
            &path,
            "this is no database at all, but long enough to be read",
        )
        .unwrap();
        let message = format!("{:#}", History::open(&path).err().unwrap());
        assert!(
            message.contains("history.sqlite") && message.contains("move it away"),
            "{message}"
        );
        std::fs::remove_file(&path).unwrap();
        drop(History::open(&path).unwrap());
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        let message = format!("{:#}", History::open(&path).err().unwrap());
        assert!(message.contains("newer version"), "{message}");
    }

    #[test]
    fn a_publication_is_current_only_for_its_inputs() {
        let (_folder, history) = history();
        assert_eq!(history.published("report").unwrap(), None);
        history.set_published("report", "inputs 1").unwrap();
        history.set_published("report", "inputs 2").unwrap();
        assert_eq!(
            history.published("report").unwrap().as_deref(),
            Some("inputs 2")
        );
    }
}
