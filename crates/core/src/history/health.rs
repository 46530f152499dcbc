//! What the history says about how a project is doing.

use super::History;
use anyhow::Result;
use rusqlite::{OptionalExtension, Row, params};

/// A run, as it is recorded. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    /// Its number.
    pub run: i64,
    /// The time of the run.
    pub started_at: String,
    /// Seconds it took.
    pub elapsed_s: Option<f64>,
    /// How it ended; `None` while it is at work, or when it was killed.
    pub exit_code: Option<u8>,
    /// Why it failed as a whole.
    pub error: Option<String>,
}

/// Which of the runs is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The last one.
    Last,
    /// The last one that did all there was to do: exit code 0, or 65, where a file was refused.
    LastSuccess,
    /// The last one that failed.
    LastFailure,
}

/// A step of a run, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedStep {
    /// The stage.
    pub name: String,
    /// Why it failed.
    pub reason: Option<String>,
}

impl History {
    /// The number of the run that writes; 0 where none has begun.
    #[must_use]
    pub fn run(&self) -> i64 {
        self.run.get()
    }

    /// Lets all that follows belong to a run that was begun before.
    pub fn resume_run(&self, run: i64) {
        self.run.set(run);
    }

    /// Records to which project the run belongs: the folder of releases, relative to the
    /// configuration.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn set_project(&self, project: &str) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "UPDATE runs SET project = ?2 WHERE run = ?1",
                params![self.run.get(), project],
            )
        })?;
        Ok(())
    }

    /// A run of `command` in a project; runs that say no project count for each.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn find_run(
        &self,
        command: &str,
        project: &str,
        which: Which,
    ) -> Result<Option<RecordedRun>> {
        let condition = match which {
            Which::Last => "TRUE",
            Which::LastSuccess => "exit_code IN (0, 65)",
            Which::LastFailure => "exit_code NOT IN (0, 65)",
        };
        let sql = format!(
            "SELECT run, started_at, elapsed_s, exit_code, error FROM runs
             WHERE command = ?1 AND COALESCE(project, ?2) = ?2 AND {condition}
             ORDER BY run DESC LIMIT 1"
        );
        let read = |row: &Row<'_>| {
            Ok(RecordedRun {
                run: row.get(0)?,
                started_at: row.get(1)?,
                elapsed_s: row.get(2)?,
                exit_code: row.get(3)?,
                error: row.get(4)?,
            })
        };
        self.read(|connection| {
            connection
                .query_row(&sql, [command, project], read)
                .optional()
        })
    }

    /// The steps of a run that failed, in order.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn failed_steps(&self, run: i64) -> Result<Vec<RecordedStep>> {
        let sql = "SELECT name, detail FROM steps WHERE run = ?1 AND status = 'failed'";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let steps = query.query_map([run], |row| {
                Ok(RecordedStep {
                    name: row.get(0)?,
                    reason: row.get(1)?,
                })
            })?;
            steps.collect()
        })
    }

    /// When a file of an input folder with new content was last accepted, RFC 3339; where the
    /// history knows of none, when it was begun: nothing has arrived since then at least.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn data_arrived_at(&self, input_folder: &str) -> Result<Option<String>> {
        let sql = "SELECT COALESCE(
                     (SELECT MAX(started_at) FROM files JOIN runs USING (run)
                      WHERE input_folder = ?1 AND status IN ('new', 'changed')),
                     (SELECT MIN(started_at) FROM runs))";
        self.read(|connection| connection.query_row(sql, [input_folder], |row| row.get(0)))
    }
}
