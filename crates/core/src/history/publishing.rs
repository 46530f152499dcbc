//! What was published, and for which inputs.

use super::{History, integer};
use anyhow::Result;
use rusqlite::{OptionalExtension, params};

impl History {
    /// For which inputs a publishing step was last finished.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn published(&self, step: &str) -> Result<Option<String>> {
        self.read(|connection| {
            let sql = "SELECT fingerprint FROM publications WHERE step = ?1";
            connection
                .query_row(sql, [step], |row| row.get(0))
                .optional()
        })
    }

    /// Records that a publishing step was finished for these inputs.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn set_published(&self, step: &str, fingerprint: &str) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO publications VALUES (?1, ?2, ?3)",
                params![step, fingerprint, self.run.get()],
            )
        })?;
        Ok(())
    }

    /// Forgets for which inputs a step was finished.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn forget_published(&self, step: &str) -> Result<()> {
        self.write(|connection| {
            connection.execute("DELETE FROM publications WHERE step = ?1", [step])
        })?;
        Ok(())
    }

    /// Records a published list. Dates are `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_list(
        &self,
        list_id: &str,
        model_id: &str,
        valid: (&str, &str),
        n_clients: u64,
    ) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO lists VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    self.run.get(),
                    list_id,
                    model_id,
                    valid.0,
                    valid.1,
                    integer(n_clients)
                ],
            )
        })?;
        Ok(())
    }
}
