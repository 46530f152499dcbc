//! What the people on call were told, by which channel, and what could not be delivered yet.

use super::History;
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::params;

/// A message about a cause.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert<'a> {
    /// The project: its folder of releases, relative to the configuration.
    pub project: &'a str,
    /// The kind of the cause.
    pub kind: &'a str,
    /// The name of the cause.
    pub cause: &'a str,
    /// What tells this occurrence from the next.
    pub occurrence: &'a str,
    /// The text for people.
    pub message: &'a str,
}

/// A cause that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAlert {
    /// The kind of the cause.
    pub kind: String,
    /// The name of the cause.
    pub cause: String,
    /// What tells this occurrence from the next.
    pub occurrence: String,
    /// The text for people.
    pub message: String,
    /// When it was raised, RFC 3339.
    pub raised_at: String,
    /// When a message last arrived; `None` while none has, or where it was held back.
    pub told_at: Option<String>,
    /// Whether it was held back by the cool-down and not told.
    pub held_back: bool,
}

/// A message that has to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDelivery {
    /// The number of the message.
    pub alert: i64,
    /// The run that raised it.
    pub run: Option<i64>,
    /// The kind of the cause.
    pub kind: String,
    /// The name of the cause.
    pub cause: String,
    /// The text for people.
    pub message: String,
    /// When it was raised, RFC 3339.
    pub raised_at: String,
    /// The channel it goes out by.
    pub channel: String,
    /// When the cause ended, where it has.
    pub ended_at: Option<String>,
    /// How often that was tried before.
    pub attempts: i64,
    /// Why it last failed.
    pub error: Option<String>,
}

impl History {
    /// The causes of a project that have not ended, oldest first. A message without a channel
    /// counts as told when it was raised.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn open_alerts(&self, project: &str) -> Result<Vec<OpenAlert>> {
        let sql = "SELECT kind, cause, occurrence, message, raised_at,
                     CASE WHEN held_back THEN NULL
                          WHEN COUNT(channel) = 0 THEN raised_at
                          ELSE MAX(delivered_at) END,
                     held_back
                   FROM alerts LEFT JOIN alert_deliveries USING (alert)
                   WHERE project = ?1 AND ended_at IS NULL
                   GROUP BY alert ORDER BY alert";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let alerts = query.query_map([project], |row| {
                Ok(OpenAlert {
                    kind: row.get(0)?,
                    cause: row.get(1)?,
                    occurrence: row.get(2)?,
                    message: row.get(3)?,
                    raised_at: row.get(4)?,
                    told_at: row.get(5)?,
                    held_back: row.get(6)?,
                })
            })?;
            alerts.collect()
        })
    }

    /// Records a message, to be delivered by these channels. Older messages about the same cause
    /// that have not arrived are not delivered any more.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn raise_alert(
        &self,
        alert: &NewAlert<'_>,
        channels: &[&str],
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM alert_deliveries WHERE delivered_at IS NULL AND alert IN
                 (SELECT alert FROM alerts WHERE project = ?1 AND cause = ?2)",
                params![alert.project, alert.cause],
            )?;
            self.insert_alert(connection, alert, false, now)?;
            let number = connection.last_insert_rowid();
            for channel in channels {
                connection.execute(
                    "INSERT INTO alert_deliveries (alert, channel, attempts) VALUES (?1, ?2, 0)",
                    params![number, channel],
                )?;
            }
            Ok(())
        })
    }

    /// Records an occurrence of which nobody is told, since the cool-down is not over.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn hold_alert_back(&self, alert: &NewAlert<'_>, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| self.insert_alert(connection, alert, true, now))
    }

    fn insert_alert(
        &self,
        connection: &rusqlite::Connection,
        alert: &NewAlert<'_>,
        held_back: bool,
        now: DateTime<Utc>,
    ) -> rusqlite::Result<()> {
        let run = Some(self.run.get()).filter(|run| *run > 0);
        connection.execute(
            "INSERT INTO alerts (run, project, kind, cause, occurrence, message, raised_at, held_back)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                run,
                alert.project,
                alert.kind,
                alert.cause,
                alert.occurrence,
                alert.message,
                timestamp(now),
                held_back
            ],
        )?;
        Ok(())
    }

    /// Records that a cause is no longer there.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn end_alert(&self, project: &str, cause: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "UPDATE alerts SET ended_at = ?3
                 WHERE project = ?1 AND cause = ?2 AND ended_at IS NULL",
                params![project, cause, timestamp(now)],
            )
        })?;
        Ok(())
    }

    /// The messages of a project that have not arrived, oldest first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn pending_deliveries(&self, project: &str) -> Result<Vec<PendingDelivery>> {
        let sql = "SELECT alert, run, kind, cause, message, raised_at, channel, ended_at, attempts,
                     error
                   FROM alerts JOIN alert_deliveries USING (alert)
                   WHERE project = ?1 AND delivered_at IS NULL ORDER BY alert, channel";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let pending = query.query_map([project], |row| {
                Ok(PendingDelivery {
                    alert: row.get(0)?,
                    run: row.get(1)?,
                    kind: row.get(2)?,
                    cause: row.get(3)?,
                    message: row.get(4)?,
                    raised_at: row.get(5)?,
                    channel: row.get(6)?,
                    ended_at: row.get(7)?,
                    attempts: row.get(8)?,
                    error: row.get(9)?,
                })
            })?;
            pending.collect()
        })
    }

    /// Records that a message was delivered, or why not.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_delivery(
        &self,
        (alert, channel): (i64, &str),
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let delivered_at = error.is_none().then(|| timestamp(now));
        self.write(|connection| {
            connection.execute(
                "UPDATE alert_deliveries SET attempts = attempts + 1, delivered_at = ?3, error = ?4
                 WHERE alert = ?1 AND channel = ?2",
                params![alert, channel, delivered_at, error],
            )
        })?;
        Ok(())
    }
}
