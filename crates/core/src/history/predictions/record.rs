//! Recording a published book: each file, set of files and prediction once, however often it is published.

use super::{Prediction, PublishedBook};
use crate::error::timestamp;
use crate::hash;
use crate::history::{History, integer};
use crate::records::IngestedFile;
use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Statement, params};

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
pub(in crate::history) struct Recorder<'c> {
    connection: &'c Connection,
    insert_client: Statement<'c>,
    find_client: Statement<'c>,
    insert: Statement<'c>,
    find: Statement<'c>,
}

impl<'c> Recorder<'c> {
    pub(in crate::history) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
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
    pub(in crate::history) fn record(
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
