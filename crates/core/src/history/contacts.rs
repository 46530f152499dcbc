//! The published contact lists, and what came of calling.
//!
//! A list is kept as it was published, so that it can be published again unchanged whatever has
//! happened to data and model since. What is said about a client is given and returned as JSON without
//! its name: names are in one table, from which they can be erased.

use super::History;
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use std::collections::HashMap;
use std::str::FromStr;

/// A published contact list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListRecord {
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// The model folder, relative to that of the configuration.
    pub model_folder: String,
    /// Its name.
    pub list_id: String,
    /// The release that gave the risks.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The first day of its period.
    pub valid_from: NaiveDate,
    /// The first day after its period.
    pub valid_to: NaiveDate,
    /// A name for the settings it was made under.
    pub settings: String,
    /// What stands above it, JSON.
    pub head: String,
    /// Its clients, in order.
    pub entries: Vec<ListEntryRecord>,
}

/// One client of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListEntryRecord {
    /// The client.
    pub client: String,
    /// The part of the list it stands in.
    pub part: String,
    /// Its group in the trial of the hold-out and the first day of it, where it takes part.
    pub trial: Option<(String, NaiveDate)>,
    /// The date of its sample, where samples have dates.
    pub observed_at: Option<NaiveDate>,
    /// The probability to leave, where it is in the book.
    pub risk: Option<f64>,
    /// The rest, JSON.
    pub entry: String,
}

impl ListEntryRecord {
    /// The part of those to be called and those set aside.
    pub const LISTED: &'static str = "listed";
    /// The part of those who were on the list before.
    pub const DROPPED: &'static str = "dropped";
    /// The part of those who have become urgent since the list was published. Unlike the others it is
    /// replaced at each publication.
    pub const URGENT: &'static str = "urgent";
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRecord {
    /// The client.
    pub client: String,
    /// The day of the call.
    pub contacted_at: NaiveDate,
    /// What came of it.
    pub outcome: String,
    /// What the caller noted.
    pub note: Option<String>,
}

impl ContactRecord {
    /// Client, day, outcome in words and note.
    #[must_use]
    pub fn into_parts(self) -> (String, NaiveDate, String, Option<String>) {
        (self.client, self.contacted_at, self.outcome, self.note)
    }
}

/// What a book said about a client, in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreThen {
    /// The probability to leave.
    pub risk: f64,
    /// The log-odds of the model.
    pub score: f64,
    /// The yearly value of the contract, where known.
    pub contract_value: Option<f64>,
}

impl History {
    /// Records a list that is published.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_contact_list(&self, list: &ListRecord) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO contact_lists (run, published_at, model_folder, list_id, release,
                 model_id, valid_from, valid_to, settings, head)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    self.run.get(),
                    timestamp(list.published_at),
                    list.model_folder,
                    list.list_id,
                    list.release,
                    list.model_id,
                    list.valid_from.to_string(),
                    list.valid_to.to_string(),
                    list.settings,
                    list.head
                ],
            )?;
            record_entries(connection, connection.last_insert_rowid(), 1, &list.entries)
        })
    }

    /// The list of the newest period that had begun on a day.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contact_list_on(
        &self,
        model_folder: &str,
        day: NaiveDate,
    ) -> Result<Option<ListRecord>> {
        self.contact_list("valid_from <= ?2", model_folder, day)
    }

    /// The list of the newest period that had begun before a day.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contact_list_before(
        &self,
        model_folder: &str,
        day: NaiveDate,
    ) -> Result<Option<ListRecord>> {
        self.contact_list("valid_from < ?2", model_folder, day)
    }

    fn contact_list(
        &self,
        when: &str,
        model_folder: &str,
        day: NaiveDate,
    ) -> Result<Option<ListRecord>> {
        let sql = format!(
            "SELECT published_at, model_folder, list_id, release, model_id, valid_from, valid_to,
             settings, head, contact_list FROM contact_lists WHERE model_folder = ?1 AND {when}
             ORDER BY valid_from DESC, contact_list DESC LIMIT 1"
        );
        self.read(|connection| {
            let values = [model_folder, &day.to_string()];
            let found = connection
                .query_row(&sql, values, |row| {
                    Ok((list_record(row)?, row.get::<_, i64>(9)?))
                })
                .optional()?;
            found
                .map(|(list, number)| {
                    let entries = entries_of(connection, number)?;
                    Ok(ListRecord { entries, ..list })
                })
                .transpose()
        })
    }

    /// All entries of lists of a model folder whose clients took part in the trial, the oldest first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn trial_entries(&self, model_folder: &str) -> Result<Vec<ListEntryRecord>> {
        let sql = format!(
            "SELECT {ENTRY} FROM contact_list_entries JOIN clients USING (client)
             JOIN contact_lists USING (contact_list)
             WHERE model_folder = ?1 AND trial_group IS NOT NULL
             ORDER BY contact_list, position"
        );
        self.read(|connection| {
            let mut query = connection.prepare(&sql)?;
            query.query_map([model_folder], entry_record)?.collect()
        })
    }

    /// Records what came of calls and gives how many of them are new. A call that is known, of the
    /// same client, day and outcome, stays; where it is told with another note, that note is kept.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_contacts(&self, input_folder: &str, contacts: &[ContactRecord]) -> Result<u64> {
        self.write(|connection| {
            let before = count_contacts(connection)?;
            let mut insert = connection.prepare(
                "INSERT INTO contact_outcomes (run, input_folder, client, contacted_at, outcome, note)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET note = excluded.note
                 WHERE excluded.note IS NOT NULL AND note IS NOT excluded.note",
            )?;
            for contact in contacts {
                let client = client_number(connection, &contact.client)?;
                insert.execute(params![
                    self.run.get(),
                    input_folder,
                    client,
                    contact.contacted_at.to_string(),
                    contact.outcome,
                    contact.note
                ])?;
            }
            Ok((count_contacts(connection)? - before).cast_unsigned())
        })
    }

    /// What came of all calls, in the order in which they were told.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contacts(&self, input_folder: &str) -> Result<Vec<ContactRecord>> {
        self.find_contacts("", &[&input_folder])
    }

    /// What came of the calls of one client, in the order in which they were told.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contacts_of(&self, input_folder: &str, client: &str) -> Result<Vec<ContactRecord>> {
        self.find_contacts("AND name = ?2", &[&input_folder, &client])
    }

    fn find_contacts(&self, and: &str, values: &[&dyn ToSql]) -> Result<Vec<ContactRecord>> {
        let sql = format!(
            "SELECT name, contacted_at, outcome, note
             FROM contact_outcomes JOIN clients USING (client)
             WHERE input_folder = ?1 {and} ORDER BY contact_outcome"
        );
        self.read(|connection| {
            let mut query = connection.prepare(&sql)?;
            let record = |row: &Row<'_>| {
                Ok(ContactRecord {
                    client: row.get(0)?,
                    contacted_at: date(row, 1)?,
                    outcome: row.get(2)?,
                    note: row.get(3)?,
                })
            };
            query.query_map(values, record)?.collect()
        })
    }

    /// How many calls are known and when the last of them was told: a name for all that is known of
    /// them.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn contacts_version(&self, input_folder: &str) -> Result<String> {
        let sql = "SELECT COUNT(*) || ' ' || IFNULL(MAX(run), 0) FROM contact_outcomes
                   WHERE input_folder = ?1";
        self.read(|connection| connection.query_row(sql, [input_folder], |row| row.get(0)))
    }

    /// What the first book that was published with a list said about each of its clients.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn book_of_list(
        &self,
        model_folder: &str,
        list_id: &str,
    ) -> Result<HashMap<String, ScoreThen>> {
        let sql = "SELECT clients.name, risk, score, contract_value
                   FROM book_entries JOIN client_predictions USING (prediction)
                   JOIN clients USING (client)
                   WHERE book = (SELECT MIN(book) FROM books
                                 WHERE model_folder = ?1 AND list_id = ?2)";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let then = |row: &Row<'_>| {
                let score = ScoreThen {
                    risk: row.get(1)?,
                    score: row.get(2)?,
                    contract_value: row.get(3)?,
                };
                Ok((row.get(0)?, score))
            };
            query.query_map([model_folder, list_id], then)?.collect()
        })
    }
}

pub(super) fn record_entries(
    connection: &Connection,
    list: i64,
    first_position: i64,
    entries: &[ListEntryRecord],
) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare("INSERT INTO contact_list_entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (position, entry) in (first_position..).zip(entries) {
        let (group, since) = entry.trial.clone().unzip();
        insert.execute(params![
            list,
            position,
            client_number(connection, &entry.client)?,
            entry.part,
            group,
            since.map(|since| since.to_string()),
            entry.observed_at.map(|date| date.to_string()),
            entry.risk,
            entry.entry
        ])?;
    }
    Ok(())
}

/// The number of a client, recorded where it is new.
fn client_number(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.execute("INSERT OR IGNORE INTO clients (name) VALUES (?1)", [name])?;
    let sql = "SELECT client FROM clients WHERE name = ?1";
    connection.query_row(sql, [name], |row| row.get(0))
}

fn count_contacts(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT COUNT(*) FROM contact_outcomes", [], |row| {
        row.get(0)
    })
}

const ENTRY: &str = "name, part, trial_group, trial_since, observed_at, risk, entry";

fn entries_of(connection: &Connection, list: i64) -> rusqlite::Result<Vec<ListEntryRecord>> {
    let sql = format!(
        "SELECT {ENTRY} FROM contact_list_entries JOIN clients USING (client)
         WHERE contact_list = ?1 ORDER BY position"
    );
    let mut query = connection.prepare(&sql)?;
    query.query_map([list], entry_record)?.collect()
}

fn entry_record(row: &Row<'_>) -> rusqlite::Result<ListEntryRecord> {
    let group: Option<String> = row.get(2)?;
    let trial = match group {
        Some(group) => Some((group, date(row, 3)?)),
        None => None,
    };
    let observed_at: Option<String> = row.get(4)?;
    Ok(ListEntryRecord {
        client: row.get(0)?,
        part: row.get(1)?,
        trial,
        observed_at: observed_at.map(|_| date(row, 4)).transpose()?,
        risk: row.get(5)?,
        entry: row.get(6)?,
    })
}

fn list_record(row: &Row<'_>) -> rusqlite::Result<ListRecord> {
    Ok(ListRecord {
        published_at: parsed(row, 0)?,
        model_folder: row.get(1)?,
        list_id: row.get(2)?,
        release: row.get(3)?,
        model_id: row.get(4)?,
        valid_from: date(row, 5)?,
        valid_to: date(row, 6)?,
        settings: row.get(7)?,
        head: row.get(8)?,
        entries: Vec::new(),
    })
}

fn date(row: &Row<'_>, column: usize) -> rusqlite::Result<NaiveDate> {
    parsed(row, column)
}

fn parsed<T: FromStr<Err = chrono::ParseError>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
    })
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

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
    }

    fn list(from: u32) -> ListRecord {
        let entry = |client: &str, trial: Option<&str>| ListEntryRecord {
            client: client.into(),
            part: "listed".into(),
            trial: trial.map(|group| (group.into(), day(from))),
            observed_at: Some(day(1)),
            risk: Some(0.5),
            entry: "{}".into(),
        };
        ListRecord {
            published_at: DateTime::UNIX_EPOCH,
            model_folder: "models".into(),
            list_id: format!("list {from}"),
            release: "1".into(),
            model_id: "m".into(),
            valid_from: day(from),
            valid_to: day(from + 7),
            settings: "s".into(),
            head: "{}".into(),
            entries: vec![entry("b", None), entry("a", Some("holdout"))],
        }
    }

    #[test]
    fn the_list_of_a_day_is_that_of_the_newest_period_that_has_begun() {
        let (_folder, history) = history();
        for from in [1, 8] {
            history.record_contact_list(&list(from)).unwrap();
        }
        let id = |found: Option<ListRecord>| found.map(|list| list.list_id);
        let on = |folder, on| id(history.contact_list_on(folder, day(on)).unwrap());
        assert_eq!(on("models", 7).as_deref(), Some("list 1"));
        assert_eq!(on("models", 8).as_deref(), Some("list 8"));
        assert_eq!(on("practicemodels", 8), None);
        let before = history.contact_list_before("models", day(8)).unwrap();
        assert_eq!(before, Some(list(1)));
        assert_eq!(history.contact_list_before("models", day(1)).unwrap(), None);
        let trial = history.trial_entries("models").unwrap();
        assert_eq!(
            trial,
            [list(1).entries[1].clone(), list(8).entries[1].clone()]
        );
    }

    #[test]
    fn a_call_told_twice_is_kept_once_with_its_newest_note() {
        let (_folder, history) = history();
        let call = |outcome: &str, note: Option<&str>| ContactRecord {
            client: "a".into(),
            contacted_at: day(1),
            outcome: outcome.into(),
            note: note.map(str::to_owned),
        };
        let tell = |calls: &[ContactRecord]| history.record_contacts("in", calls).unwrap();
        assert_eq!(
            tell(&[call("not reached", None), call("stays", Some("x"))]),
            2
        );
        assert_eq!(tell(&[call("not reached", None), call("stays", None)]), 0);
        assert_eq!(tell(&[call("stays", Some("y"))]), 0);
        let expected = [call("not reached", None), call("stays", Some("y"))];
        assert_eq!(history.contacts("in").unwrap(), expected);
        assert_eq!(history.contacts_of("in", "a").unwrap(), expected);
        assert!(history.contacts_of("in", "b").unwrap().is_empty());
        assert!(history.contacts("other").unwrap().is_empty());
        assert!(history.contacts_version("in").unwrap().starts_with("2 "));
    }
}
