//! What is known of each client of the book besides its risk.

use super::known::{self, Known};
use super::{ScoredBook, why};
use anyhow::Result;
use chrono::NaiveDate;
use contacts::{Called, Candidate, Contact, Standing, is_within, odds_rise};
use dataset::{ModelInput, Table};
use risk_core::Run;
use risk_core::model::Model;
use std::collections::HashMap;

/// The clients of the book as candidates for the list, in the order of the rows; and the date of the
/// newest snapshot, where rows are snapshots.
///
/// # Errors
/// When the history cannot be read.
pub(super) fn candidates(
    run: &Run,
    model: &Model,
    table: &Table,
    book: &ScoredBook,
    known: &Known,
) -> Result<(Vec<Candidate>, Option<NaiveDate>)> {
    let not_seen = why::not_seen(book);
    let today = run.now.date_naive();
    let mut rises = Rises::new(run, model, table);
    let mut candidates = Vec::with_capacity(book.clients.len());
    for (row, client) in book.clients.iter().enumerate() {
        let called = match known.last_contact(&client.client_id, today) {
            Some(contact) => Some(rises.called(contact, row, client.risk)?),
            None => None,
        };
        candidates.push(Candidate {
            client_id: client.client_id.clone(),
            // As it is printed, so that the order is that of the printed numbers.
            risk: super::rounded(client.risk, 6),
            contract_value: client.contract_value,
            assigned_to: client.assigned_to.clone(),
            standing: Standing {
                called,
                trial: known.trials.get(&client.client_id).copied(),
                not_seen_since: not_seen.as_ref().and_then(|(_, since)| since[row]),
            },
        });
    }
    Ok((candidates, not_seen.map(|(newest, _)| newest)))
}

/// How much risks have risen since calls.
struct Rises<'a> {
    run: &'a Run,
    model: &'a Model,
    table: &'a Table,
    folder: String,
    /// Models of the past by their ids.
    models: HashMap<String, Option<Model>>,
}

impl<'a> Rises<'a> {
    fn new(run: &'a Run, model: &'a Model, table: &'a Table) -> Self {
        Self {
            run,
            model,
            table,
            folder: run.config.relative(run.layout.model()),
            models: HashMap::new(),
        }
    }

    fn called(&mut self, contact: &Contact, row: usize, risk: f64) -> Result<Called> {
        let days = self.run.config.contacts.recontact_after_days;
        let recent = is_within(contact.contacted_at, Some(days), self.run.now.date_naive());
        let rise = if recent && contact.outcome.was_reached() {
            self.rise(contact.contacted_at, row, risk)?
        } else {
            None
        };
        Ok(Called {
            on: contact.contacted_at,
            outcome: contact.outcome,
            rise,
        })
    }

    /// By how much the odds of leaving have risen since the client was called, today's row against
    /// what was published then, both under the model of then; `None` where nothing was published or
    /// that model is not known any more.
    fn rise(&mut self, on: NaiveDate, row: usize, risk: f64) -> Result<Option<f64>> {
        let history = self.run.history()?;
        let client = self.table.client_id(row);
        let Some((book, then)) = history.prediction_as_of(&self.folder, client, on)? else {
            return Ok(None);
        };
        if book.model_id == self.model.model_id {
            return Ok(Some(odds_rise(then.risk, risk)));
        }
        let model = self
            .models
            .entry(book.model_id.clone())
            .or_insert_with(|| known::model(history, &book.model_id));
        let Some(model) = model else { return Ok(None) };
        let input = ModelInput::new(model, self.table.schema());
        let now = input.map(|input| model.risk(&input.values(self.table, row)));
        Ok(now.ok().map(|now| odds_rise(then.risk, now)))
    }
}
