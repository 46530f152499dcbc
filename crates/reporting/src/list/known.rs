//! What the history knows of the clients: calls, the trial, the list before and the book behind it.

use super::{ContactList, from_record};
use anyhow::Result;
use chrono::NaiveDate;
use contacts::{Contact, Group, Trial, by_client};
use dataset::{ModelInput, Table};
use risk_core::Run;
use risk_core::erased::ErasedClients;
use risk_core::history::{ContactRecord, History, ListEntryRecord, ScoreThen};
use risk_core::model::Model;
use std::collections::HashMap;

/// What the history knows of the clients of a project.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The calls of each client, in the order in which they were told.
    pub contacts: HashMap<String, Vec<Contact>>,
    /// The place of each client in the trial, the newest.
    pub trials: HashMap<String, Trial>,
    /// All entries of lists whose clients took part in the trial, the oldest first.
    pub trial_entries: Vec<ListEntryRecord>,
    /// The list whose period is running, where it was made under the same settings.
    pub running: Option<ContactList>,
    /// The list to compare a new one with.
    pub previous: Option<ContactList>,
    /// Its book, or that of the running list.
    pub then: BookThen,
}

/// The book behind a list.
#[derive(Debug, Clone, Default)]
pub struct BookThen {
    /// What it said about each of its clients.
    pub scores: HashMap<String, ScoreThen>,
    /// Its model, where it is still known.
    pub model: Option<Model>,
}

impl Known {
    /// Reads what the history knows on a day.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn read(run: &Run, current: &Model, settings: &str) -> Result<Self> {
        let history = run.history()?;
        let (folder, today) = (
            run.config.relative(run.layout.model()),
            run.now.date_naive(),
        );
        // They go from the history last of all.
        let erased = ErasedClients::read(&run.layout)?;
        let list = |record| -> Result<ContactList> { Ok(without(from_record(&record)?, &erased)) };
        let newest = history.contact_list_on(&folder, today)?;
        let running = newest
            .filter(|list| today < list.valid_to && list.settings == settings)
            .map(list)
            .transpose()?;
        let previous = history
            .contact_list_before(&folder, today)?
            .map(list)
            .transpose()?;
        let trial_entries = history.trial_entries(&folder)?;
        let compared = running.as_ref().or(previous.as_ref());
        Ok(Self {
            contacts: contacts(history, &dataset::input_folder_name(&run.layout))?,
            trials: trial_entries.iter().filter_map(trial).collect(),
            trial_entries,
            then: BookThen::read(history, &folder, current, compared)?,
            running,
            previous,
        })
    }

    /// The last call of a client that was made on or before a day.
    #[must_use]
    pub fn last_contact(&self, client_id: &str, today: NaiveDate) -> Option<&Contact> {
        contacts::last_contact(self.contacts.get(client_id)?, today)
    }
}

impl BookThen {
    fn read(
        history: &History,
        folder: &str,
        current: &Model,
        list: Option<&ContactList>,
    ) -> Result<Self> {
        let Some(list) = list else {
            return Ok(Self::default());
        };
        Ok(Self {
            scores: history.book_of_list(folder, &list.list_id)?,
            model: if list.model_id == current.model_id {
                Some(current.clone())
            } else {
                model(history, &list.model_id)
            },
        })
    }

    /// The log-odds and the risk of every row of a table under the model of this book; `None` where
    /// the model is not known any more or needs other columns.
    #[must_use]
    pub fn score(&self, table: &Table) -> Option<Vec<(f64, f64)>> {
        let model = self.model.as_ref()?;
        let input = ModelInput::new(model, table.schema()).ok()?;
        let score = |row| {
            let values = input.values(table, row);
            (model.log_odds(&values), model.risk(&values))
        };
        Some((0..table.n_rows()).map(score).collect())
    }
}

/// A list without the clients that were erased since.
fn without(mut list: ContactList, erased: &ErasedClients) -> ContactList {
    if !erased.is_empty() {
        list.entries
            .retain(|entry| !erased.contains(&entry.client_id));
        list.dropped
            .retain(|entry| !erased.contains(&entry.client_id));
    }
    list
}

/// A model that cannot be read any more only means that less can be said about changes.
pub(super) fn model(history: &History, model_id: &str) -> Option<Model> {
    history.model(model_id).unwrap_or_else(|error| {
        tracing::warn!("{error:#}; changes of risks since then are not explained");
        None
    })
}

fn contacts(history: &History, input_folder: &str) -> Result<HashMap<String, Vec<Contact>>> {
    let records = history.contacts(input_folder)?.into_iter();
    Ok(by_client(records.map(ContactRecord::into_parts)))
}

fn trial(entry: &ListEntryRecord) -> Option<(String, Trial)> {
    let (group, since) = entry.trial.as_ref()?;
    let group = if group == Group::Holdout.name() {
        Group::Holdout
    } else {
        Group::Contact
    };
    let trial = Trial {
        group,
        since: *since,
    };
    Some((entry.client.clone(), trial))
}
