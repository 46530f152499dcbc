//! What calling has achieved, as far as the outcomes of the trial tell.

use super::Known;
use chrono::NaiveDate;
use contacts::{Group, Observation, SavedShare, SuccessRates, is_within, learn, saved_share};
use dataset::{Labels, Table};
use risk_core::Config;
use risk_core::history::ListEntryRecord;
use std::collections::{HashMap, HashSet};

/// What calling has achieved.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The success rate by risk.
    pub success: SuccessRates,
    /// The saved share over all risks; `None` where nobody was ever set aside or is to be.
    pub saved: Option<SavedShare>,
    /// How many calls have been reported.
    pub n_contacts: u64,
}

/// Learns from all clients of the trial whose outcome is known.
///
/// Called is who was drawn for calling and of whom a call is reported within the horizon, also where
/// nobody was reached: the attempt counts, so that the comparison is not one of those who pick up the
/// phone. Left has who the label of the row it was listed with says has left.
#[must_use]
pub fn effect(config: &Config, known: &Known, compiled: &Table, labels: &Labels) -> Effect {
    let observations = observations(config, known, compiled, labels);
    let rate = config.contacts.success_rate;
    let share = config.contacts.holdout_percent / 100.0;
    let has_trial = share > 0.0 || !known.trial_entries.is_empty();
    Effect {
        success: learn(&observations, rate),
        saved: has_trial.then(|| saved_share(&observations, rate, share)),
        n_contacts: known
            .contacts
            .values()
            .map(|calls| calls.len() as u64)
            .sum(),
    }
}

fn observations(
    config: &Config,
    known: &Known,
    compiled: &Table,
    labels: &Labels,
) -> Vec<Observation> {
    let outcomes = Outcomes::new(compiled, labels);
    let mut seen: HashSet<(&str, NaiveDate)> = HashSet::new();
    let mut observations = Vec::new();
    for entry in &known.trial_entries {
        let (Some((group, since)), Some(risk)) = (&entry.trial, entry.risk) else {
            continue;
        };
        // The first list of the client's trial; the later ones repeat it.
        if !seen.insert((&entry.client, *since)) {
            continue;
        }
        let called = group == Group::Contact.name();
        if called && !was_called(known, entry, *since, config.dataset.horizon_days) {
            continue;
        }
        if let Some(left) = outcomes.of(entry) {
            observations.push(Observation { risk, called, left });
        }
    }
    observations
}

fn was_called(
    known: &Known,
    entry: &ListEntryRecord,
    since: NaiveDate,
    horizon_days: Option<u32>,
) -> bool {
    let calls = known.contacts.get(&entry.client);
    calls
        .into_iter()
        .flatten()
        .any(|call| call.contacted_at >= since && is_within(since, horizon_days, call.contacted_at))
}

/// Whether the clients of the compiled data have left.
struct Outcomes<'t> {
    /// By client and date, where rows have dates; else by client, the newest row.
    left: HashMap<(&'t str, Option<NaiveDate>), bool>,
}

impl<'t> Outcomes<'t> {
    fn new(compiled: &'t Table, labels: &Labels) -> Self {
        let left = (0..compiled.n_rows()).filter_map(|row| {
            let left = labels.label(compiled, row)?;
            Some(((compiled.client_id(row), compiled.observed_at(row)), left))
        });
        Self {
            left: left.collect(),
        }
    }

    fn of(&self, entry: &ListEntryRecord) -> Option<bool> {
        self.left
            .get(&(entry.client.as_str(), entry.observed_at))
            .copied()
    }
}
