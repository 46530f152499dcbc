//! The contact list: whom to call in a period, in which order and why.
//!
//! What is listed is decided by pure functions of the crate `contacts`. Here the book, the history and
//! the settings are brought together for them, and what they decide is put into words and files. A
//! list that was once published is kept by the history and published again as it was until its period
//! ends.

mod compare;
mod compose;
mod csv;
mod effect;
mod known;
mod leavers;
mod newcomers;
mod scored;
mod settings;
mod standing;
mod store;
mod why;
mod xlsx;

pub use compose::{Material, compose};
pub use csv::to_csv;
pub use effect::{Effect, effect};
pub use known::Known;
pub use newcomers::newcomers;
pub use scored::{Columns, ScoredBook, ScoredClient};
pub use settings::Settings;
pub use store::{from_record, to_record, urgent_records};
pub use xlsx::to_xlsx;
pub(crate) use xlsx::{change, last_contact};

use chrono::NaiveDate;
use contacts::{Cause, Change, Contact, Group, HoldoutPlan, Leavers, Trial};
use serde::{Deserialize, Serialize};

/// The list of one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactList {
    /// Its name: the first day and 8 hexadecimal digits of the SHA-256 of its content.
    pub list_id: String,
    /// The release that gave the risks.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The first day it is meant for.
    pub valid_from: NaiveDate,
    /// The day on which the next list is due.
    pub valid_to: NaiveDate,
    /// What stands above it.
    pub head: Head,
    /// Those to be called, then those set aside.
    pub entries: Vec<Entry>,
    /// Who was on the list before and is not on this one.
    pub dropped: Vec<Dropped>,
}

/// What is said about the list as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// How many clients the book has.
    pub n_book: u64,
    /// Whether the clients are rows the model was trained on, because no client is open.
    pub from_training_rows: bool,
    /// Whether the order is that of the expected value of calling; else that of the risk.
    pub by_value: bool,
    /// Whether outcomes have taught a success rate; else the assumed one holds for everybody.
    pub success_is_learned: bool,
    /// Leaving counts within so many days.
    pub horizon_days: Option<u32>,
    /// How many of those to be called are expected to leave.
    pub leavers: Option<Leavers>,
    /// Risk times contract value, summed over those to be called, in money, where values are known.
    pub value_at_stake: Option<f64>,
    /// The expected value of calling them all, in money, where values are known.
    pub expected_value: Option<f64>,
    /// How many of the book the newest snapshot lacks, and its date.
    pub not_seen: Option<(u64, NaiveDate)>,
    /// How many stand above the cut and are not called: called lately, about to leave by their own
    /// word, not seen lately.
    pub passed_over: PassedOver,
    /// What a hold-out of 5 % would teach and cost, where nobody is set aside.
    pub plan: Option<HoldoutPlan>,
    /// The settings it was made under.
    pub settings: Settings,
}

/// Who stands above the cut and is not called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Called a short while ago.
    pub called: u64,
    /// Said that they leave.
    pub leaving: u64,
    /// The newest snapshot lacks them.
    pub not_seen: u64,
}

/// One client of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place, from 1; those set aside follow those to be called.
    pub rank: u64,
    /// The client.
    #[serde(skip_deserializing)]
    pub client_id: String,
    /// Whether it is to be called.
    pub group: Group,
    /// The probability of leaving, to 6 decimals.
    pub risk: f64,
    /// The yearly value of its contract, in money, where known.
    pub contract_value: Option<f64>,
    /// `risk · contract_value`, to 2 decimals.
    pub value_at_risk: Option<f64>,
    /// The expected value of calling it, to 2 decimals, in money.
    pub expected_value: Option<f64>,
    /// Why the risk is above that of its typical peer, the strongest reason first; at most 3.
    pub reasons: Vec<String>,
    /// How its place moved; none where there is no list to compare with.
    pub change: Option<Change>,
    /// Its place on the list before.
    pub previous_rank: Option<u64>,
    /// What moved it.
    pub cause: Option<Cause>,
    /// The same in words.
    pub why: Option<String>,
    /// Who looks after it.
    pub assigned_to: Option<String>,
    /// Its last call before the list was published.
    pub last_contact: Option<Contact>,
    /// Its place in the trial, where it takes part.
    pub trial: Option<Trial>,
    /// The date of its newest row.
    pub observed_at: Option<NaiveDate>,
    /// By what it is ranked.
    pub priority: f64,
}

/// A client of the list before that is not on this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// The client.
    #[serde(skip_deserializing)]
    pub client_id: String,
    /// Its place on the list before.
    pub previous_rank: u64,
    /// Why it is not on this one, in words.
    pub why: String,
}

impl ContactList {
    /// Those to be called.
    pub fn to_call(&self) -> impl Iterator<Item = &Entry> {
        self.group(Group::Contact)
    }

    /// Those set aside.
    pub fn held_out(&self) -> impl Iterator<Item = &Entry> {
        self.group(Group::Holdout)
    }

    fn group(&self, group: Group) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.group == group)
    }

    /// What the expected value of calling is called.
    #[must_use]
    pub fn value_words(&self) -> String {
        let settings = &self.head.settings;
        let rate = if self.head.success_is_learned {
            "learned success rate"
        } else {
            "assumed success rate"
        };
        let mut words = format!("Value at risk × {rate}");
        match (
            settings.incentive_percent > 0.0,
            settings.contact_cost > 0.0,
        ) {
            (true, true) => words += ", less incentive and cost",
            (true, false) => words += ", less incentive",
            (false, true) => words += ", less cost of the call",
            (false, false) => {}
        }
        words
    }
}

fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (number * scale).round() / scale
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use risk_core::Config;

    /// A list of one client to be called and one that is set aside.
    pub(crate) fn list(client_id: &str) -> ContactList {
        let day = |day| NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
        let called = Entry {
            rank: 1,
            client_id: client_id.into(),
            group: Group::Contact,
            risk: 0.5,
            contract_value: Some(1200.0),
            value_at_risk: Some(600.0),
            expected_value: Some(180.0),
            reasons: vec!["activity is 3".into(), "=industry Energy".into()],
            change: Some(Change::Up),
            previous_rank: Some(7),
            cause: Some(Cause::Client),
            why: Some("its own data changed: risk 10.0 % then, 50.0 % now".into()),
            assigned_to: Some("@Ann".into()),
            last_contact: Some(Contact {
                contacted_at: day(1),
                outcome: contacts::Outcome::NotReached,
                note: Some("=1+1".into()),
            }),
            trial: None,
            observed_at: Some(day(1)),
            priority: 180.0,
        };
        let held = Entry {
            rank: 2,
            client_id: "-Zoo".into(),
            group: Group::Holdout,
            risk: 0.25,
            contract_value: None,
            value_at_risk: None,
            expected_value: None,
            reasons: Vec::new(),
            change: None,
            previous_rank: None,
            cause: None,
            why: None,
            assigned_to: None,
            last_contact: None,
            trial: Some(Trial {
                group: Group::Holdout,
                since: day(1),
            }),
            ..called.clone()
        };
        let mut config = testing_config();
        config.contacts.holdout_percent = 5.0;
        ContactList {
            list_id: "2026-07-01-00000000".into(),
            release: "release-1".into(),
            model_id: "0123456789abcdef".into(),
            valid_from: day(1),
            valid_to: day(8),
            head: Head {
                n_book: 10,
                from_training_rows: false,
                by_value: true,
                success_is_learned: false,
                horizon_days: Some(90),
                leavers: Some(Leavers {
                    mean: 0.5,
                    standard_deviation: 0.5,
                    low: 0,
                    high: 1,
                }),
                value_at_stake: Some(600.0),
                expected_value: Some(180.0),
                not_seen: None,
                passed_over: PassedOver::default(),
                plan: None,
                settings: Settings::of(&config),
            },
            entries: vec![called, held],
            dropped: vec![Dropped {
                client_id: "gone".into(),
                previous_rank: 3,
                why: "others moved ahead of it".into(),
            }],
        }
    }

    fn testing_config() -> Config {
        let project = testkit::Project::new();
        risk_core::config::load(&project.config(), &[]).unwrap()
    }

    #[test]
    fn what_the_history_keeps_is_the_list_without_names() {
        let list = list("Acme");
        let record = to_record(&list, "models", "s", chrono::DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(from_record(&record).unwrap(), list);
        assert!(
            record
                .entries
                .iter()
                .all(|entry| !entry.entry.contains("client_id"))
        );
        assert!(!record.entries[0].entry.contains("Acme"));
    }

    #[test]
    fn the_value_is_called_what_it_is() {
        let mut list = list("a");
        assert_eq!(list.value_words(), "Value at risk × assumed success rate");
        list.head.success_is_learned = true;
        list.head.settings.contact_cost = 5.0;
        assert_eq!(
            list.value_words(),
            "Value at risk × learned success rate, less cost of the call"
        );
    }
}
