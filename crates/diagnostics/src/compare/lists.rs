//! Who would be called: the clients with the highest risks in both tables.

use super::tables::{Side, Tables};
use monitoring::ranking::ListImpact;
use std::collections::HashSet;

/// The change of the list, by client.
pub type TopClients = ListImpact<String>;

/// Compares the tops of both tables. A client with several rows counts with its highest risk; equal
/// risks go by name. `None` without risk or client ids, or where no listed client of the reference is
/// in the analysis at all.
pub fn compare(tables: &Tables, capacity: usize) -> Option<TopClients> {
    let before = top(&tables.reference, capacity)?;
    let ids = tables.analysis.client_ids()?;
    let listed: HashSet<&str> = before.iter().map(String::as_str).collect();
    (0..ids.len()).find(|row| listed.contains(ids.get(*row)))?;
    Some(ListImpact::between(
        &before,
        &top(&tables.analysis, capacity)?,
        capacity,
    ))
}

fn top(side: &Side, capacity: usize) -> Option<Vec<String>> {
    let (ids, risks) = (side.client_ids()?, side.risks());
    let mut rows: Vec<usize> = (0..risks.len())
        .filter(|row| risks[*row].is_finite())
        .collect();
    let by_risk = |a: &usize, b: &usize| {
        risks[*b]
            .total_cmp(&risks[*a])
            .then_with(|| ids.get(*a).cmp(ids.get(*b)))
    };
    let mut taken = 4 * capacity;
    loop {
        let whole = taken >= rows.len();
        if !whole {
            rows.select_nth_unstable_by(taken, by_risk);
        }
        let mut best = rows[..taken.min(rows.len())].to_vec();
        best.sort_unstable_by(by_risk);
        let mut seen = HashSet::new();
        let clients = best
            .iter()
            .map(|row| ids.get(*row))
            .filter(|id| seen.insert(*id));
        let clients: Vec<String> = clients.take(capacity).map(str::to_owned).collect();
        if whole || clients.len() == capacity {
            return Some(clients);
        }
        taken *= 4;
    }
}
