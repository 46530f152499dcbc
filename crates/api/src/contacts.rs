//! The published contact list, and what is known of one client: both from the history.

use crate::problem::Problem;
use crate::state::Service;
use axum::http::StatusCode;
use chrono::NaiveDate;
use risk_core::history::{
    BookThen, ContactRecord, History, ListEntryRecord, ListRecord, PredictionThen,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The newest published list.
#[derive(Debug, Serialize)]
pub struct List {
    list_id: String,
    release: String,
    model_id: String,
    published_at: String,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    head: Value,
    contacts: Vec<Value>,
    /// Who has become urgent since, and is not on it.
    urgent: Vec<Value>,
    held_out: Vec<Value>,
    dropped: Vec<Value>,
}

/// The newest published list.
///
/// # Errors
/// 503 before the first.
pub fn list(service: &Service) -> Result<List, Problem> {
    let found = match history(service)? {
        Some(history) => newest(service, &history)?,
        None => None,
    };
    found.ok_or_else(no_list)?.try_into()
}

fn no_list() -> Problem {
    Problem::unavailable("no list has been published yet; run reporting on the server")
}

/// What is known of one client.
#[derive(Debug, Serialize)]
pub struct Client {
    corporation: String,
    /// What was published last.
    #[serde(flatten)]
    newest: Option<Prediction>,
    /// Its place on the newest list.
    on_list: Option<Value>,
    /// What is said of it where it is not on the newest list and has become urgent since.
    urgent: Option<Value>,
    /// All that was published, the newest first.
    history: Vec<Prediction>,
    /// Its calls, in the order in which they were told.
    contacts: Vec<Call>,
}

#[derive(Debug, Clone, Serialize)]
struct Prediction {
    published_at: String,
    list_id: String,
    release: String,
    model_id: String,
    risk: f64,
    score: f64,
    rank: u64,
    observed_at: Option<String>,
    contract_value: Option<f64>,
    reasons: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Call {
    contacted_at: NaiveDate,
    outcome: String,
    note: Option<String>,
}

/// What is known of a client: its risk with the reasons, what was published of it before, and its
/// calls.
///
/// # Errors
/// 404 for a client of which nothing was ever published or told.
pub fn client(service: &Service, client: &str) -> Result<Client, Problem> {
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "nothing was ever published about a client of this name; names are case-sensitive, and \
             special characters in them are percent-encoded",
        )
    };
    let history = history(service)?.ok_or_else(unknown)?;
    let failed = |error: anyhow::Error| Problem::internal(&format!("{error:#}"));
    let published = history
        .predictions_of(&service.model_folder, client)
        .map_err(failed)?;
    let calls = history
        .contacts_of(&dataset::input_folder_name(&service.layout), client)
        .map_err(failed)?;
    if published.is_empty() && calls.is_empty() {
        return Err(unknown());
    }
    let list = newest(service, &history)?;
    let found = |part| {
        list.as_ref()
            .map_or(Ok(None), |list| entry(list, part, client))
    };
    let predictions: Vec<Prediction> = published.into_iter().map(Prediction::from).collect();
    Ok(Client {
        corporation: client.to_owned(),
        newest: predictions.first().cloned(),
        on_list: found(ListEntryRecord::LISTED)?,
        urgent: found(ListEntryRecord::URGENT)?,
        history: predictions,
        contacts: calls.into_iter().map(Call::from).collect(),
    })
}

/// Opened for each request: another program may put another file in its place.
fn history(service: &Service) -> Result<Option<History>, Problem> {
    History::open_to_read(&service.layout.history()).map_err(|error| {
        tracing::error!("{error:#}");
        Problem::unavailable(
            "the history cannot be read; the cause is in the log of the service; run fullprocess on \
             the server",
        )
    })
}

fn newest(service: &Service, history: &History) -> Result<Option<ListRecord>, Problem> {
    let last_day = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    history
        .contact_list_on(&service.model_folder, last_day)
        .map_err(|error| Problem::internal(&format!("{error:#}")))
}

/// What a part of a list says of a client.
fn entry(list: &ListRecord, part: &str, client: &str) -> Result<Option<Value>, Problem> {
    let mut entries = list.entries.iter();
    let entry = entries.find(|entry| entry.client == client && entry.part == part);
    entry.map(|entry| parse(&entry.entry)).transpose()
}

impl TryFrom<ListRecord> for List {
    type Error = Problem;

    fn try_from(record: ListRecord) -> Result<Self, Problem> {
        let [mut contacts, mut urgent, mut held_out, mut dropped] = [const { Vec::new() }; 4];
        for entry in &record.entries {
            let value = named(&entry.client, parse(&entry.entry)?);
            match entry.part.as_str() {
                ListEntryRecord::DROPPED => dropped.push(value),
                ListEntryRecord::URGENT => urgent.push(value),
                _ if value["group"] == "holdout" => held_out.push(value),
                _ => contacts.push(value),
            }
        }
        Ok(Self {
            published_at: risk_core::error::timestamp(record.published_at),
            head: parse(&record.head)?,
            list_id: record.list_id,
            release: record.release,
            model_id: record.model_id,
            valid_from: record.valid_from,
            valid_to: record.valid_to,
            contacts,
            urgent,
            held_out,
            dropped,
        })
    }
}

fn parse(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|error| Problem::internal(&error))
}

/// An entry that begins with the name of the client.
fn named(client: &str, entry: Value) -> Value {
    let mut named = Map::new();
    named.insert("corporation".into(), client.into());
    if let Value::Object(entry) = entry {
        named.extend(entry);
    }
    Value::Object(named)
}

impl From<(BookThen, PredictionThen)> for Prediction {
    fn from((book, then): (BookThen, PredictionThen)) -> Self {
        Self {
            published_at: book.published_at,
            list_id: book.list_id,
            release: book.release,
            model_id: book.model_id,
            risk: then.risk,
            score: then.score,
            rank: then.rank,
            observed_at: then.observed_at,
            contract_value: then.contract_value,
            reasons: then.reasons,
        }
    }
}

impl From<ContactRecord> for Call {
    fn from(record: ContactRecord) -> Self {
        Self {
            contacted_at: record.contacted_at,
            outcome: record.outcome,
            note: record.note,
        }
    }
}
