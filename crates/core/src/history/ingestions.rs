//! Ingestions and the files they found.

use super::{History, integer};
use crate::error::exit;
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};

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
    /// Records an ingestion that changed something, and the files that changed; once, also where the run
    /// that did so was killed before it could note that, so that the next one records it again.
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
            if is_newest(connection, input_folder, files, counts)? {
                return Ok(());
            }
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
            )?;
            Ok(())
        })
    }

    /// The files of a folder whose newest version was refused by a run that did not live to say so with
    /// its exit code, or ended with another: name and SHA-256 of the content.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn refusals_to_tell(&self, input_folder: &str) -> Result<Vec<(String, String)>> {
        let sql =
            format!("SELECT name, sha256 FROM files WHERE rowid IN ({TO_TELL}) ORDER BY name");
        self.read(|connection| {
            let parameters = params![input_folder, self.run.get(), exit::DATA_REFUSED];
            let mut query = connection.prepare(&sql)?;
            let rows = query.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    /// Notes that it is this run that tells of the refusal of a file which an earlier one found out.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn tell_refusal(&self, input_folder: &str, name: &str) -> Result<()> {
        let sql = format!("UPDATE files SET run = ?2 WHERE name = ?4 AND rowid IN ({TO_TELL})");
        self.write(|connection| {
            let run = self.run.get();
            connection.execute(&sql, params![input_folder, run, exit::DATA_REFUSED, name])
        })?;
        Ok(())
    }
}

/// The newest rows of the files of a folder (?1) that other runs than this one (?2) refused without
/// ending with the code for that (?3) or as done, where no run has told just that before.
const TO_TELL: &str = "SELECT files.rowid FROM files JOIN runs ON runs.run = files.run
    WHERE files.input_folder = ?1 AND files.status = 'refused' AND files.run <> ?2
    AND (runs.exit_code IS NULL OR runs.exit_code NOT IN (0, ?3))
    AND NOT EXISTS (SELECT 1 FROM files AS newer WHERE newer.input_folder = ?1
                    AND newer.name = files.name AND newer.rowid > files.rowid)
    AND NOT EXISTS (SELECT 1 FROM files AS told JOIN runs ON runs.run = told.run
                    WHERE told.input_folder = ?1 AND told.name = files.name
                    AND told.sha256 = files.sha256 AND told.status = 'refused'
                    AND runs.exit_code = ?3
                    AND NOT EXISTS (SELECT 1 FROM files AS other WHERE other.input_folder = ?1
                                    AND other.name = told.name AND other.rowid > told.rowid
                                    AND (other.sha256 <> told.sha256 OR other.status <> 'refused')))";

/// Whether the newest ingestion of the folder is just this one: with these files and counts.
fn is_newest(
    connection: &Connection,
    input_folder: &str,
    files: &[FileEvent<'_>],
    counts: IngestionCounts,
) -> rusqlite::Result<bool> {
    let sql = "SELECT run FROM ingestions WHERE rowid =
               (SELECT MAX(rowid) FROM ingestions WHERE input_folder = ?1)
               AND rows_read = ?2 AND duplicate_rows = ?3 AND updated_rows = ?4
               AND rejected_rows = ?5 AND unlabelled_rows = ?6 AND rows = ?7";
    let same = params![
        input_folder,
        integer(counts.rows_read),
        integer(counts.duplicate_rows),
        integer(counts.updated_rows),
        integer(counts.rejected_rows),
        integer(counts.unlabelled_rows),
        integer(counts.rows)
    ];
    let newest: Option<i64> = connection
        .query_row(sql, same, |row| row.get(0))
        .optional()?;
    let Some(run) = newest else {
        return Ok(false);
    };
    // Where no file came, as when one is forgotten, the same counts alone say little.
    if files.is_empty() && is_done(connection, run)? {
        return Ok(false);
    }
    let sql = "SELECT name, sha256, status FROM files WHERE run = ?1 AND input_folder = ?2
               ORDER BY name";
    let mut query = connection.prepare(sql)?;
    let recorded = query
        .query_map(params![run, input_folder], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?])
        })?
        .collect::<rusqlite::Result<Vec<[String; 3]>>>()?;
    let mut these: Vec<_> = files
        .iter()
        .map(|file| [file.name, file.sha256, file.status])
        .collect();
    these.sort_unstable();
    Ok(recorded == these)
}

/// Whether a run lived to end with what it had to do done.
fn is_done(connection: &Connection, run: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT COUNT(*) FROM runs WHERE run = ?1 AND exit_code IN (?2, ?3)";
    let parameters = params![run, exit::DONE, exit::DATA_REFUSED];
    let done: i64 = connection.query_row(sql, parameters, |row| row.get(0))?;
    Ok(done > 0)
}
