//! Making the list of a new period.

use super::compare::Between;
use super::why::Moves;
use super::{
    ContactList, Effect, Entry, Head, Known, PassedOver, ScoredBook, ScoredClient, Settings,
    leavers, rounded, standing, to_csv,
};
use anyhow::Result;
use chrono::{Days, NaiveDate};
use contacts::{Candidate, Cut, Economics, Group, Listed, Obstacle, Rules, cut, holdout_plan};
use dataset::{Labels, Table};
use risk_core::release::Release;
use risk_core::{Config, Run, hash};

/// What a list is made of.
#[derive(Clone, Copy)]
pub struct Material<'m> {
    /// The release that gives the risks.
    pub release: &'m Release,
    /// The rows of the book.
    pub table: &'m Table,
    /// Whether they are rows the model was trained on.
    pub from_training_rows: bool,
    /// The book with its risks.
    pub book: &'m ScoredBook,
    /// What the history knows of the clients.
    pub known: &'m Known,
    /// What calling has achieved.
    pub effect: &'m Effect,
    /// The compiled data.
    pub compiled: &'m Table,
}

/// The share of which the report says what it would teach and cost, in percent.
const PLANNED_PERCENT: f64 = 5.0;

/// The rules of a list under a configuration.
pub(super) fn rules(config: &Config, effect: &Effect) -> Rules {
    let contacts = &config.contacts;
    Rules {
        capacity: contacts.capacity as usize,
        holdout_share: contacts.holdout_percent / 100.0,
        never_hold_out_above_value: contacts.never_hold_out_above_value,
        recontact_after_days: contacts.recontact_after_days,
        horizon_days: config.dataset.horizon_days,
        seed: 0,
        economics: Economics {
            success: effect.success.clone(),
            contact_cost: contacts.contact_cost,
            incentive_share: contacts.incentive_percent / 100.0,
        },
    }
}

/// Makes the list of the period that begins today.
///
/// # Errors
/// When the history cannot be read, or the data lacks a column of the model.
pub fn compose(run: &Run, material: Material<'_>) -> Result<ContactList> {
    let Material {
        release,
        table,
        book,
        known,
        ..
    } = material;
    let today = run.now.date_naive();
    let rules = rules(&run.config, material.effect);
    let (candidates, newest) = standing::candidates(run, &release.model, table, book, known)?;
    let cut = cut(&candidates, &rules, today);
    let period = Days::new(run.config.contacts.period_days.into());
    let mut list = ContactList {
        list_id: String::new(),
        release: release.id().to_owned(),
        model_id: release.model.model_id.clone(),
        valid_from: today,
        valid_to: today.checked_add_days(period).unwrap_or(NaiveDate::MAX),
        head: head(run, material, &candidates, &cut, newest)?,
        entries: (1..)
            .zip(&cut.listed)
            .map(|(rank, listed)| entry(rank, listed, &candidates, &cut, &rules, material, today))
            .collect(),
        dropped: Vec::new(),
    };
    list.list_id = list_id(&list);
    if let Some(previous) = &known.previous {
        let moves = Moves::new(book, table, &known.then, cut.by_value, &rules.economics);
        let between = Between::new(previous, &list, &moves, book);
        between.explain(&mut list);
        list.dropped = between.dropped(&list, &candidates, &cut.priorities, &rules);
    }
    Ok(list)
}

/// Taken from all that the list says before it is compared with another.
fn list_id(list: &ContactList) -> String {
    let digest = hash::sha256_hex(to_csv(list));
    format!("{}-{}", list.valid_from, &digest[..8])
}

pub(super) fn entry(
    rank: u64,
    listed: &Listed,
    candidates: &[Candidate],
    cut: &Cut,
    rules: &Rules,
    material: Material<'_>,
    today: NaiveDate,
) -> Entry {
    let (candidate, client) = (
        &candidates[listed.candidate],
        &material.book.clients[listed.candidate],
    );
    let value = candidate.contract_value;
    let calling = |value| rounded(rules.economics.value_of_calling(candidate.risk, value), 2);
    Entry {
        rank,
        client_id: candidate.client_id.clone(),
        group: listed.group,
        risk: candidate.risk,
        contract_value: value,
        value_at_risk: value.map(|value| rounded(candidate.risk * value, 2)),
        expected_value: value.map(calling),
        reasons: reasons(client, cut.median_value),
        change: None,
        previous_rank: None,
        cause: None,
        why: None,
        assigned_to: candidate.assigned_to.clone(),
        last_contact: (material.known.last_contact(&candidate.client_id, today)).cloned(),
        trial: listed.trial,
        observed_at: client.observed_at,
        priority: cut.priorities[listed.candidate],
    }
}

/// Of whose risk nothing is unusual it is said why it is listed all the same.
fn reasons(client: &ScoredClient, median: Option<f64>) -> Vec<String> {
    if !client.reasons.is_empty() {
        return client.reasons.clone();
    }
    let is_large = client
        .contract_value
        .zip(median)
        .is_some_and(|(value, median)| value > median);
    let why = if is_large {
        "nothing unusual: it is here because its contract is worth much"
    } else {
        "nothing unusual: it is here because the list has room for it"
    };
    vec![why.to_owned()]
}

fn head(
    run: &Run,
    material: Material<'_>,
    candidates: &[Candidate],
    cut: &Cut,
    newest: Option<NaiveDate>,
) -> Result<Head> {
    let config = &run.config;
    let Material {
        release,
        book,
        from_training_rows,
        effect,
        ..
    } = material;
    let to_call: Vec<usize> = (cut.listed.iter())
        .filter(|listed| listed.group == Group::Contact)
        .map(|listed| listed.candidate)
        .collect();
    let labels = Labels::new(config, run.now);
    let leavers = if from_training_rows {
        None
    } else {
        let clients: Vec<&ScoredClient> = to_call.iter().map(|row| &book.clients[*row]).collect();
        leavers::expected(&release.model, &clients, material.compiled, &labels)?
    };
    let stake = |row: &usize| {
        let candidate = &candidates[*row];
        candidate.contract_value.map(|value| candidate.risk * value)
    };
    let values: Vec<f64> = to_call.iter().map(|row| cut.priorities[*row]).collect();
    let risks: Vec<f64> = to_call.iter().map(|row| candidates[*row].risk).collect();
    let no_trial = config.contacts.holdout_percent == 0.0 && !from_training_rows;
    let n_not_seen = (candidates.iter())
        .filter(|candidate| candidate.standing.not_seen_since.is_some())
        .count() as u64;
    Ok(Head {
        n_book: candidates.len() as u64,
        from_training_rows,
        by_value: cut.by_value,
        success_is_learned: effect.success.is_learned(),
        horizon_days: config.dataset.horizon_days,
        leavers,
        value_at_stake: cut.by_value.then(|| to_call.iter().filter_map(stake).sum()),
        expected_value: cut.by_value.then(|| values.iter().sum()),
        not_seen: newest
            .map(|newest| (n_not_seen, newest))
            .filter(|(n, _)| *n > 0),
        passed_over: passed_over(cut),
        plan: (no_trial && !risks.is_empty()).then(|| {
            let values = cut.by_value.then_some(values.as_slice());
            let (rate, horizon) = (config.contacts.success_rate, config.dataset.horizon_days);
            holdout_plan(PLANNED_PERCENT, &risks, values, rate, horizon)
        }),
        settings: Settings::of(config),
    })
}

fn passed_over(cut: &Cut) -> PassedOver {
    let mut counts = PassedOver::default();
    for passed in &cut.passed_over {
        match passed.obstacle {
            Obstacle::Called { .. } => counts.called += 1,
            Obstacle::Leaving { .. } => counts.leaving += 1,
            Obstacle::NotSeen { .. } => counts.not_seen += 1,
        }
    }
    counts
}
