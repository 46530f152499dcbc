//! The contact list: the clients of the book in the order in which they should be looked at.
//!
//! Everything here is a pure function of what it is given; files are read and written elsewhere.

mod file;
mod reasons;

pub use file::{FileError, PreviousList, parse, to_csv};
pub use reasons::reasons;

use chrono::NaiveDate;
use risk_core::hash;
use serde::Serialize;
use std::cmp::Ordering;

/// A client with its risk.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredClient {
    /// The id.
    pub client_id: String,
    /// The probability of leaving, 0 to 1.
    pub risk: f64,
    /// The yearly value of its contract, in money, where known.
    pub contract_value: Option<f64>,
    /// Why the risk is above that of a typical client, the strongest reason first.
    pub reasons: Vec<String>,
}

/// The list of one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactList {
    /// Its name: the first day and 8 hexadecimal digits of the SHA-256 of its content.
    pub list_id: String,
    /// The model that gave the risks.
    pub model_id: String,
    /// The first day it is meant for.
    pub valid_from: NaiveDate,
    /// The day on which the next list is due.
    pub valid_to: NaiveDate,
    /// The clients, the highest risk first.
    pub entries: Vec<Entry>,
}

/// One client of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its place, from 1.
    pub rank: u64,
    /// The client.
    pub client_id: String,
    /// The probability of leaving, to 6 decimals.
    pub risk: f64,
    /// The yearly value of its contract, in money, where known.
    pub contract_value: Option<f64>,
    /// `risk · contract_value`, to 2 decimals.
    pub value_at_risk: Option<f64>,
    /// Why the risk is above that of a typical client, the strongest reason first; at most 3.
    pub reasons: Vec<String>,
    /// How its rank moved; none where there is no list to compare with.
    pub change: Option<Change>,
    /// Its rank on the list before.
    pub previous_rank: Option<u64>,
}

/// How the rank of a client moved since the list before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not on it.
    New,
    /// It is nearer to the top.
    Up,
    /// It is further from the top.
    Down,
    /// It has the same rank.
    Same,
}

impl Change {
    const ALL: [Self; 4] = [Self::New, Self::Up, Self::Down, Self::Same];

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Down => "down",
            Self::Same => "same",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == name)
    }

    fn since(previous: Option<u64>, rank: u64) -> Self {
        match previous.map(|previous| rank.cmp(&previous)) {
            None => Self::New,
            Some(Ordering::Less) => Self::Up,
            Some(Ordering::Greater) => Self::Down,
            Some(Ordering::Equal) => Self::Same,
        }
    }
}

/// Ranks clients by risk, the highest first, equal risks (to 6 decimals) by id.
#[must_use]
pub fn rank(
    clients: Vec<ScoredClient>,
    model_id: &str,
    (valid_from, valid_to): (NaiveDate, NaiveDate),
) -> ContactList {
    let mut entries: Vec<Entry> = clients.into_iter().map(entry).collect();
    entries.sort_by(|a, b| (b.risk.total_cmp(&a.risk)).then_with(|| a.client_id.cmp(&b.client_id)));
    for (rank, entry) in (1..).zip(&mut entries) {
        entry.rank = rank;
    }
    let mut list = ContactList {
        list_id: String::new(),
        model_id: model_id.to_owned(),
        valid_from,
        valid_to,
        entries,
    };
    list.list_id = list_id(&list);
    list
}

impl ContactList {
    /// The list with how each rank moved since the list before. The same list published once more
    /// keeps what was said the first time.
    #[must_use]
    pub fn compared_with(mut self, previous: &PreviousList) -> Self {
        let republished = previous.list_id == self.list_id;
        for entry in &mut self.entries {
            let before = previous.entry(&entry.client_id);
            if republished {
                entry.change = before.and_then(|before| before.change);
                entry.previous_rank = before.and_then(|before| before.previous_rank);
            } else {
                entry.previous_rank = before.map(|before| before.rank);
                entry.change = Some(Change::since(entry.previous_rank, entry.rank));
            }
        }
        self
    }
}

fn entry(client: ScoredClient) -> Entry {
    let risk = rounded(client.risk, 6);
    Entry {
        rank: 0,
        risk,
        value_at_risk: client.contract_value.map(|value| rounded(risk * value, 2)),
        client_id: client.client_id,
        contract_value: client.contract_value,
        reasons: client.reasons,
        change: None,
        previous_rank: None,
    }
}

fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (number * scale).round() / scale
}

/// Taken from all that the list says before it is compared with another.
fn list_id(list: &ContactList) -> String {
    let digest = hash::sha256_hex(to_csv(list));
    format!("{}-{}", list.valid_from, &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(client_id: &str, risk: f64) -> ScoredClient {
        ScoredClient {
            client_id: client_id.into(),
            risk,
            contract_value: None,
            reasons: Vec::new(),
        }
    }

    fn ranked(clients: &[(&str, f64)]) -> ContactList {
        let day = |day| NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
        let clients = clients.iter().map(|(id, risk)| client(id, *risk)).collect();
        rank(clients, "model", (day(1), day(8)))
    }

    fn ids(list: &ContactList) -> Vec<&str> {
        let entries = list.entries.iter();
        entries.map(|entry| entry.client_id.as_str()).collect()
    }

    #[test]
    fn the_highest_risk_comes_first_and_equal_risks_are_in_order_of_ids() {
        let list = ranked(&[("c", 0.2), ("b", 0.5), ("a", 0.500_000_1), ("d", 0.9)]);
        assert_eq!(ids(&list), ["d", "a", "b", "c"]);
        let ranks: Vec<u64> = list.entries.iter().map(|entry| entry.rank).collect();
        assert_eq!(ranks, [1, 2, 3, 4]);
    }

    #[test]
    fn the_value_at_risk_is_risk_times_value_in_cents() {
        for (risk, value, expected) in [
            (0.123_456_7, Some(1000.0), Some(123.46)),
            (0.5, Some(0.01), Some(0.01)),
            (0.5, None, None),
        ] {
            let contract_value = value;
            let client = client("a", risk);
            let found = entry(ScoredClient {
                contract_value,
                ..client
            });
            assert_eq!(found.value_at_risk, expected);
        }
    }

    #[test]
    fn the_id_of_a_list_is_that_of_its_content_and_day() {
        let list = ranked(&[("a", 0.5), ("b", 0.4)]);
        assert_eq!(list.list_id, ranked(&[("b", 0.4), ("a", 0.5)]).list_id);
        assert_ne!(list.list_id, ranked(&[("a", 0.5), ("b", 0.3)]).list_id);
        assert!(list.list_id.starts_with("2026-07-01-") && list.list_id.len() == 19);
    }

    #[test]
    fn ranks_are_compared_with_the_list_before() {
        let before = ranked(&[("a", 0.9), ("b", 0.8), ("c", 0.7), ("=d", 0.6)]);
        let before = parse(&to_csv(&before)).unwrap();
        let list = ranked(&[("b", 0.9), ("a", 0.8), ("c", 0.7), ("e", 0.65), ("=d", 0.6)]);
        let list = list.compared_with(&before);
        let changes: Vec<_> = list
            .entries
            .iter()
            .map(|entry| (entry.change.map(Change::name), entry.previous_rank))
            .collect();
        let expected = [
            (Some("up"), Some(2)),
            (Some("down"), Some(1)),
            (Some("same"), Some(3)),
            (Some("new"), None),
            (Some("down"), Some(4)),
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn the_same_list_published_again_is_the_same_file() {
        let oldest = parse(&to_csv(&ranked(&[("b", 0.9), ("a", 0.1)]))).unwrap();
        let first = to_csv(&ranked(&[("a", 0.9), ("b", 0.8)]).compared_with(&oldest));
        let again = ranked(&[("a", 0.9), ("b", 0.8)]).compared_with(&parse(&first).unwrap());
        assert_eq!(to_csv(&again), first);
    }
}
