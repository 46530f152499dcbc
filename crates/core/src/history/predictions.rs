//! What was published about each client: the book of every list, with the model and the data behind
//! it, so that it can be said later what was known then.

use super::{History, integer};
use crate::error::timestamp;
use crate::hash;
use crate::records::IngestedFile;
use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
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
    /// Records the whole book that is published with a list. What was predicted about a client
    /// before in just the same way is referred to and not stored again; nor is a book that is just like
    /// the newest one, as when a killed run had recorded it and not yet published it.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_predictions(
        &self,
        book: &PublishedBook<'_>,
        predictions: &[Prediction<'_>],
    ) -> Result<()> {
        let reasons = predictions
            .iter()
            .map(|prediction| serde_json::to_string(prediction.reasons))
            .collect::<serde_json::Result<Vec<_>>>()?;
        self.write(|connection| {
            let files = record_files(connection, book.files)?;
            let data_set = record_data_set(connection, book, &files)?;
            let mut recorder = Recorder::new(connection)?;
            let mut entries = predictions
                .iter()
                .zip(&reasons)
                .map(|(prediction, reasons)| {
                    let file = prediction.file.and_then(|position| files.get(position));
                    let stored = recorder.record(book.model_id, prediction, reasons, file)?;
                    Ok((stored, integer(prediction.rank)))
                })
                .collect::<rusqlite::Result<Vec<_>>>()?;
            entries.sort_unstable();
            if newest_entries(connection, book, data_set)?.is_some_and(|newest| newest == entries) {
                return Ok(());
            }
            let run = self.run.get();
            let number = record_book(connection, run, book, data_set, predictions.len())?;
            let mut insert = connection.prepare("INSERT INTO book_entries VALUES (?1, ?2, ?3)")?;
            for (prediction, rank) in entries {
                insert.execute([number, prediction, rank])?;
            }
            Ok(())
        })
    }

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

/// The numbers of the files, recorded where they are new.
fn record_files(connection: &Connection, files: &[IngestedFile]) -> rusqlite::Result<Vec<i64>> {
    let mut insert =
        connection.prepare("INSERT OR IGNORE INTO data_files (name, sha256) VALUES (?1, ?2)")?;
    let mut find =
        connection.prepare("SELECT file FROM data_files WHERE name = ?1 AND sha256 = ?2")?;
    files
        .iter()
        .map(|file| {
            insert.execute([&file.name, &file.sha256])?;
            find.query_row([&file.name, &file.sha256], |row| row.get(0))
        })
        .collect()
}

fn record_data_set(
    connection: &Connection,
    book: &PublishedBook<'_>,
    files: &[i64],
) -> rusqlite::Result<i64> {
    let mut contents: Vec<_> = book
        .files
        .iter()
        .map(|file| [&file.name, &file.sha256])
        .collect();
    contents.sort();
    let key = hash::sha256_hex(serde_json::json!([book.input_folder, contents]).to_string());
    let find = "SELECT data_set FROM data_sets WHERE content_key = ?1";
    if let Some(known) = connection
        .query_row(find, [&key], |row| row.get(0))
        .optional()?
    {
        return Ok(known);
    }
    connection.execute(
        "INSERT INTO data_sets (content_key, input_folder) VALUES (?1, ?2)",
        [key.as_str(), book.input_folder],
    )?;
    let data_set = connection.last_insert_rowid();
    let mut insert = connection.prepare("INSERT OR IGNORE INTO data_set_files VALUES (?1, ?2)")?;
    for file in files {
        insert.execute([data_set, *file])?;
    }
    Ok(data_set)
}

/// Predictions and ranks of the newest book of the model folder, sorted; `None` where that one is of
/// another list, release, threshold or data.
fn newest_entries(
    connection: &Connection,
    book: &PublishedBook<'_>,
    data_set: i64,
) -> rusqlite::Result<Option<Vec<(i64, i64)>>> {
    let sql = "SELECT book FROM (SELECT * FROM books WHERE model_folder = ?1
               ORDER BY published_at DESC, book DESC LIMIT 1)
               WHERE list_id = ?2 AND release = ?3 AND threshold = ?4 AND data_set = ?5";
    let same = params![
        book.model_folder,
        book.list_id,
        book.release,
        book.threshold,
        data_set
    ];
    let newest: Option<i64> = connection
        .query_row(sql, same, |row| row.get(0))
        .optional()?;
    let Some(newest) = newest else {
        return Ok(None);
    };
    let sql = "SELECT prediction, rank FROM book_entries WHERE book = ?1 ORDER BY prediction, rank";
    let mut query = connection.prepare(sql)?;
    query
        .query_map([newest], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()
        .map(Some)
}

fn record_book(
    connection: &Connection,
    run: i64,
    book: &PublishedBook<'_>,
    data_set: i64,
    n_clients: usize,
) -> rusqlite::Result<i64> {
    connection.execute(
        "INSERT INTO books (run, published_at, model_folder, list_id, release, model_id, threshold,
         data_set, n_clients) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            run,
            timestamp(book.published_at),
            book.model_folder,
            book.list_id,
            book.release,
            book.model_id,
            book.threshold,
            data_set,
            integer(n_clients as u64)
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// The statements that record predictions.
pub(super) struct Recorder<'c> {
    connection: &'c Connection,
    insert_client: Statement<'c>,
    find_client: Statement<'c>,
    insert: Statement<'c>,
    find: Statement<'c>,
}

impl<'c> Recorder<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            insert_client: connection
                .prepare("INSERT OR IGNORE INTO clients (name) VALUES (?1)")?,
            find_client: connection.prepare("SELECT client FROM clients WHERE name = ?1")?,
            insert: connection.prepare(
                "INSERT INTO client_predictions (client, model_id, observed_at, risk, score,
                 contract_value, reasons, file, line, cells)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            find: connection.prepare(
                "SELECT prediction FROM client_predictions WHERE client = ?1 AND model_id = ?2
                 AND observed_at IS ?3 AND risk = ?4 AND score = ?5 AND contract_value IS ?6
                 AND reasons = ?7 AND file IS ?8 AND line IS ?9 AND cells IS ?10",
            )?,
        })
    }

    /// The number of a prediction, recorded where it is new.
    pub(super) fn record(
        &mut self,
        model_id: &str,
        prediction: &Prediction<'_>,
        reasons: &str,
        file: Option<&i64>,
    ) -> rusqlite::Result<i64> {
        self.insert_client.execute([prediction.client])?;
        let client: i64 = self
            .find_client
            .query_row([prediction.client], |row| row.get(0))?;
        let values = params![
            client,
            model_id,
            prediction.observed_at.map(|date| date.to_string()),
            prediction.risk,
            prediction.score,
            prediction.contract_value,
            reasons,
            file,
            prediction.line.map(integer),
            prediction.cells
        ];
        let known = self.find.query_row(values, |row| row.get(0)).optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        self.insert.execute(values)?;
        Ok(self.connection.last_insert_rowid())
    }
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
