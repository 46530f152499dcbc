//! What was published about each client: the book of every list, with the model and the data behind
//! it, so that it can be said later what was known then.

mod record;

pub(super) use record::Recorder;

use super::History;
use crate::error::timestamp;
use crate::records::IngestedFile;
use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

/// A book that is published: the model and the data behind it.
#[derive(Debug, Clone)]
pub struct PublishedBook<'a> {
    /// When it is published.
    pub published_at: DateTime<Utc>,
    /// The model folder, relative to that of the configuration: practice and production may share a
    /// history.
    pub model_folder: &'a str,
    /// The list it is published with.
    pub list_id: &'a str,
    /// The release that gave the risks.
    pub release: &'a str,
    /// Its model.
    pub model_id: &'a str,
    /// The risk from which on a client is predicted to leave.
    pub threshold: f64,
    /// The input folder, relative to the output folder.
    pub input_folder: &'a str,
    /// The data files in force: the ingested ones and, where there are any, those of the book.
    pub files: &'a [IngestedFile],
}

/// What is predicted about one client of a book.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction<'a> {
    /// The client.
    pub client: &'a str,
    /// The date of the sample, where samples have dates.
    pub observed_at: Option<NaiveDate>,
    /// Its place on the list, from 1.
    pub rank: u64,
    /// The probability to leave, 0 to 1.
    pub risk: f64,
    /// The log-odds of the model.
    pub score: f64,
    /// The yearly value of the contract, in money, where known.
    pub contract_value: Option<f64>,
    /// Why the risk is above that of a typical client, the strongest reason first.
    pub reasons: &'a [String],
    /// The position among the files of the book of the one that holds the sample, where known.
    pub file: Option<usize>,
    /// The line of that file on which the sample begins, where known.
    pub line: Option<u64>,
    /// The features that the model was given, as a JSON object by name; none where they are not kept.
    pub cells: Option<String>,
}

/// A published book, as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BookThen {
    /// When it was published, RFC 3339.
    pub published_at: String,
    /// The list it was published with.
    pub list_id: String,
    /// The release that gave the risks.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The risk from which on a client was predicted to leave.
    pub threshold: f64,
    /// How many clients it had.
    pub n_clients: u64,
    /// The input folder, relative to the output folder.
    pub input_folder: String,
    #[serde(skip)]
    book: i64,
    #[serde(skip)]
    data_set: i64,
}

/// What was published about a client, as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionThen {
    /// The date of the sample, `YYYY-MM-DD`, where samples have dates.
    pub observed_at: Option<String>,
    /// Its place on the list, from 1.
    pub rank: u64,
    /// The probability to leave, 0 to 1.
    pub risk: f64,
    /// The log-odds of the model.
    pub score: f64,
    /// The yearly value of the contract, in money, where known.
    pub contract_value: Option<f64>,
    /// Why the risk was above that of a typical client, the strongest reason first.
    pub reasons: Vec<String>,
    /// The file that held the sample, where known.
    pub file: Option<IngestedFile>,
    /// The line of that file on which the sample began, where known.
    pub line: Option<u64>,
}

/// A client of a published book.
#[derive(Debug, Clone, PartialEq)]
pub struct BookMember {
    /// The client.
    pub client: String,
    /// The date of the sample, `YYYY-MM-DD`, where samples have dates.
    pub observed_at: Option<String>,
    /// The probability to leave, 0 to 1.
    pub risk: f64,
    /// The features that the model was given, as a JSON object by name, where they were kept.
    pub cells: Option<String>,
}

const BOOK: &str = "books.book, published_at, list_id, release, books.model_id, threshold, \
                    n_clients, input_folder, books.data_set";
const PREDICTION: &str = "observed_at, rank, risk, score, contract_value, reasons, \
                          data_files.name, data_files.sha256, line";
const JOINED: &str = "books JOIN data_sets USING (data_set) JOIN book_entries USING (book) \
                      JOIN client_predictions USING (prediction) JOIN clients USING (client) \
                      LEFT JOIN data_files USING (file)";

impl History {
    /// The book that was in force at the end of a day (UTC): the newest one published until then.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn book_as_of(&self, model_folder: &str, day: NaiveDate) -> Result<Option<BookThen>> {
        let sql = format!(
            "SELECT {BOOK} FROM books JOIN data_sets USING (data_set)
             WHERE model_folder = ?1 AND published_at < ?2
             ORDER BY published_at DESC, book DESC LIMIT 1"
        );
        self.read(|connection| {
            let found = connection.query_row(&sql, [model_folder, &end_of(day)], book_then);
            found.optional()
        })
    }

    /// The data files that were in force for a book, in name order.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn files_of(&self, book: &BookThen) -> Result<Vec<IngestedFile>> {
        let sql = "SELECT name, sha256 FROM data_set_files JOIN data_files USING (file)
                   WHERE data_set = ?1 ORDER BY name, sha256";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            query
                .query_map([book.data_set], |row| {
                    Ok(IngestedFile {
                        name: row.get(0)?,
                        sha256: row.get(1)?,
                    })
                })?
                .collect()
        })
    }

    /// All clients of a book, by rank.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn members_of(&self, book: &BookThen) -> Result<Vec<BookMember>> {
        let sql = "SELECT clients.name, observed_at, risk, cells FROM book_entries
                   JOIN client_predictions USING (prediction) JOIN clients USING (client)
                   WHERE book = ?1 ORDER BY rank";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            query
                .query_map([book.book], |row| {
                    Ok(BookMember {
                        client: row.get(0)?,
                        observed_at: row.get(1)?,
                        risk: row.get(2)?,
                        cells: row.get(3)?,
                    })
                })?
                .collect()
        })
    }

    /// What a book said about a client, `None` where the client was not in it.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn prediction_in(&self, book: &BookThen, client: &str) -> Result<Option<PredictionThen>> {
        let sql = format!(
            "SELECT {PREDICTION} FROM {JOINED} WHERE books.book = ?1 AND clients.name = ?2"
        );
        self.read(|connection| {
            let found = connection.query_row(&sql, params![book.book, client], |row| {
                prediction_then(row, 0)
            });
            found.optional()
        })
    }

    /// What was published about a client at the end of a day (UTC): what the book in force then
    /// said, `None` where there was none or the client was not in it.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn prediction_as_of(
        &self,
        model_folder: &str,
        client: &str,
        day: NaiveDate,
    ) -> Result<Option<(BookThen, PredictionThen)>> {
        let Some(book) = self.book_as_of(model_folder, day)? else {
            return Ok(None);
        };
        let prediction = self.prediction_in(&book, client)?;
        Ok(prediction.map(|prediction| (book, prediction)))
    }

    /// All that was published about a client, the newest first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn predictions_of(
        &self,
        model_folder: &str,
        client: &str,
    ) -> Result<Vec<(BookThen, PredictionThen)>> {
        let sql = format!(
            "SELECT {BOOK}, {PREDICTION} FROM {JOINED}
             WHERE books.model_folder = ?1 AND clients.name = ?2
             ORDER BY published_at DESC, books.book DESC"
        );
        self.read(|connection| {
            let mut query = connection.prepare(&sql)?;
            query
                .query_map([model_folder, client], |row| {
                    Ok((book_then(row)?, prediction_then(row, 9)?))
                })?
                .collect()
        })
    }

    /// Whether a client is named anywhere in the history.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn names_client(&self, client: &str) -> Result<bool> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM clients WHERE name = ?1)";
            connection.query_row(sql, [client], |row| row.get(0))
        })
    }
}

/// The first moment after a day, as times are written.
fn end_of(day: NaiveDate) -> String {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    timestamp(next.and_time(NaiveTime::MIN).and_utc())
}

fn book_then(row: &Row<'_>) -> rusqlite::Result<BookThen> {
    Ok(BookThen {
        book: row.get(0)?,
        published_at: row.get(1)?,
        list_id: row.get(2)?,
        release: row.get(3)?,
        model_id: row.get(4)?,
        threshold: row.get(5)?,
        n_clients: count(row, 6)?,
        input_folder: row.get(7)?,
        data_set: row.get(8)?,
    })
}

/// A prediction from the columns that begin at a position.
fn prediction_then(row: &Row<'_>, first: usize) -> rusqlite::Result<PredictionThen> {
    let reasons: String = row.get(first + 5)?;
    let file: Option<String> = row.get(first + 6)?;
    let file = match file {
        Some(name) => Some(IngestedFile {
            name,
            sha256: row.get(first + 7)?,
        }),
        None => None,
    };
    let line: Option<i64> = row.get(first + 8)?;
    Ok(PredictionThen {
        observed_at: row.get(first)?,
        rank: count(row, first + 1)?,
        risk: row.get(first + 2)?,
        score: row.get(first + 3)?,
        contract_value: row.get(first + 4)?,
        reasons: serde_json::from_str(&reasons).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(first + 5, Type::Text, error.into())
        })?,
        file,
        line: line.map(i64::cast_unsigned),
    })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}
