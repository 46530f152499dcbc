//! Urgent newcomers to the list of a running period.

use super::compose::{Material, entry, rules};
use super::{ContactList, Entry, standing};
use anyhow::Result;
use contacts::{Group, Listed, Newcomer, cut, odds_rise, urgent};
use risk_core::Run;
use std::collections::{HashMap, HashSet};

/// Who has become so important since the list was published that it should be called before the next
/// one; nobody on the day on which it is published.
///
/// # Errors
/// When the history cannot be read.
pub fn newcomers(run: &Run, material: Material<'_>, list: &ContactList) -> Result<Vec<Entry>> {
    let Material {
        release,
        table,
        book,
        known,
        ..
    } = material;
    let today = run.now.date_naive();
    let rules = rules(&run.config, material.effect);
    let (candidates, _) = standing::candidates(run, &release.model, table, book, known)?;
    let cut = cut(&candidates, &rules, today);
    let listed: HashSet<&str> = list
        .entries
        .iter()
        .map(|entry| entry.client_id.as_str())
        .collect();
    let old = known.then.score(table);
    let mut rows = HashMap::new();
    let mut others = Vec::new();
    for (row, client) in candidates.iter().enumerate() {
        if listed.contains(client.client_id.as_str()) {
            continue;
        }
        let then = known.then.scores.get(&client.client_id);
        // A client that was there but whose change is not known has none that is clear.
        let rise = then.map(|then| {
            old.as_ref()
                .map_or(0.0, |old| odds_rise(then.risk, old[row].1))
        });
        rows.insert(client.client_id.as_str(), row);
        others.push(Newcomer {
            client,
            priority: cut.priorities[row],
            rise,
        });
    }
    let priorities: Vec<f64> = list.to_call().map(|entry| entry.priority).collect();
    // Without the book of then nobody can be told to be new.
    if known.then.scores.is_empty() {
        return Ok(Vec::new());
    }
    let found = urgent(&others, &priorities, &rules, today);
    Ok((1..)
        .zip(found)
        .map(|(rank, newcomer)| {
            let listed = Listed {
                candidate: rows[newcomer.client.client_id.as_str()],
                group: Group::Contact,
                trial: None,
            };
            let mut entry = entry(rank, &listed, &candidates, &cut, &rules, material, today);
            entry.why = Some(match newcomer.rise {
                None => "was not in the book when the list was published".to_owned(),
                Some(_) => "its own data changed since the list was published".to_owned(),
            });
            entry
        })
        .collect())
}
