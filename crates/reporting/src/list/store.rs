//! A list as the history keeps it.

use super::{ContactList, Dropped, Entry};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use risk_core::history::{ListEntryRecord, ListRecord};

/// A list as a record.
///
/// # Errors
/// When it cannot be expressed as JSON.
pub fn to_record(
    list: &ContactList,
    model_folder: &str,
    settings: &str,
    now: DateTime<Utc>,
) -> Result<ListRecord> {
    let listed = (list.entries.iter()).map(|entry| record(entry, ListEntryRecord::LISTED));
    let dropped = list
        .dropped
        .iter()
        .map(|dropped| -> Result<ListEntryRecord> {
            Ok(ListEntryRecord {
                client: dropped.client_id.clone(),
                part: ListEntryRecord::DROPPED.into(),
                trial: None,
                observed_at: None,
                risk: None,
                entry: without_name(dropped)?,
            })
        });
    Ok(ListRecord {
        published_at: now,
        model_folder: model_folder.to_owned(),
        list_id: list.list_id.clone(),
        release: list.release.clone(),
        model_id: list.model_id.clone(),
        valid_from: list.valid_from,
        valid_to: list.valid_to,
        settings: settings.to_owned(),
        head: serde_json::to_string(&list.head)?,
        entries: listed.chain(dropped).collect::<Result<_>>()?,
    })
}

/// Who has become urgent since a list was published, as records.
///
/// # Errors
/// When they cannot be expressed as JSON.
pub fn urgent_records(urgent: &[Entry]) -> Result<Vec<ListEntryRecord>> {
    let records = urgent.iter();
    records
        .map(|entry| record(entry, ListEntryRecord::URGENT))
        .collect()
}

fn record(entry: &Entry, part: &str) -> Result<ListEntryRecord> {
    let trial = entry
        .trial
        .map(|trial| (trial.group.name().to_owned(), trial.since));
    Ok(ListEntryRecord {
        client: entry.client_id.clone(),
        part: part.into(),
        trial,
        observed_at: entry.observed_at,
        risk: Some(entry.risk),
        entry: without_name(entry)?,
    })
}

/// Names are kept in one table of the history, from which they can be erased.
fn without_name(entry: &impl serde::Serialize) -> Result<String> {
    let mut value = serde_json::to_value(entry)?;
    if let Some(object) = value.as_object_mut() {
        object.shift_remove("client_id");
    }
    Ok(value.to_string())
}

/// A list from its record. Who became urgent since is not part of it: that is found anew each time.
///
/// # Errors
/// When the record is of another form.
pub fn from_record(record: &ListRecord) -> Result<ContactList> {
    let (mut entries, mut dropped) = (Vec::new(), Vec::new());
    for stored in &record.entries {
        let client_id = stored.client.clone();
        match stored.part.as_str() {
            ListEntryRecord::LISTED => {
                let entry: Entry = parse(&stored.entry)?;
                entries.push(Entry { client_id, ..entry });
            }
            ListEntryRecord::DROPPED => {
                let entry: Dropped = parse(&stored.entry)?;
                dropped.push(Dropped { client_id, ..entry });
            }
            _ => {}
        }
    }
    Ok(ContactList {
        list_id: record.list_id.clone(),
        release: record.release.clone(),
        model_id: record.model_id.clone(),
        valid_from: record.valid_from,
        valid_to: record.valid_to,
        head: parse(&record.head)?,
        entries,
        dropped,
    })
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).context("the history holds a contact list in another form")
}
