//! Ingestions and the files they found.

use super::{History, integer};
use anyhow::Result;
use rusqlite::params;

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

impl History {
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
}
