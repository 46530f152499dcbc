//! The cut: which clients of the book are listed, in which order and in which group.

use crate::standing::{Obstacle, Standing, obstacle};
use crate::trial::{Trial, draw};
use crate::value::median_value;
use crate::{Rules, is_within};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A client of the book.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The id.
    pub client_id: String,
    /// The probability of leaving, 0 to 1.
    pub risk: f64,
    /// The yearly value of its contract, in money, where known.
    pub contract_value: Option<f64>,
    /// Who looks after it, where clients are assigned.
    pub assigned_to: Option<String>,
    /// What else is known of it.
    pub standing: Standing,
}

/// Whether a client is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// It is to be called.
    Contact,
    /// It is set aside and not called.
    Holdout,
}

impl Group {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Holdout => "holdout",
        }
    }
}

/// A client that is on the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its position among the candidates.
    pub candidate: usize,
    /// Whether it is called.
    pub group: Group,
    /// Its place in the trial, where it takes part.
    pub trial: Option<Trial>,
}

/// A client that would be on the list but for something.
#[derive(Debug, Clone, PartialEq)]
pub struct PassedOver {
    /// Its position among the candidates.
    pub candidate: usize,
    /// What speaks against it.
    pub obstacle: Obstacle,
}

/// The outcome of the cut.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cut {
    /// Those to be called, then those set aside; each in the order of the list.
    pub listed: Vec<Listed>,
    /// Those that stand above the cut but are not called, in the order of the list.
    pub passed_over: Vec<PassedOver>,
    /// By what each candidate is ranked: the expected value of calling it where a value is known of
    /// any client, else its risk.
    pub priorities: Vec<f64>,
    /// Whether the priorities are money.
    pub by_value: bool,
    /// The median of the contract values that are known.
    pub median_value: Option<f64>,
}

/// Cuts the book to the capacity: the highest expected value of calling first, equal ones by id.
///
/// A client whose value is not known is placed as if it had the median value of the book. Nobody with
/// a negative value of calling is listed. Clients that stand above the cut may be passed over
/// ([`obstacle`]) or set aside ([`draw`]); neither takes the place of another.
#[must_use]
pub fn cut(candidates: &[Candidate], rules: &Rules, today: NaiveDate) -> Cut {
    let known = candidates.iter().filter_map(|client| client.contract_value);
    let median = median_value(known);
    let priorities = priorities(candidates, rules, median);
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| {
        let ids = || candidates[*a].client_id.cmp(&candidates[*b].client_id);
        priorities[*b].total_cmp(&priorities[*a]).then_with(ids)
    });
    let (mut called, mut held_out, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
    let mut taken: HashMap<Option<&str>, usize> = HashMap::new();
    for index in order {
        let candidate = &candidates[index];
        let names = taken.entry(candidate.assigned_to.as_deref()).or_default();
        if *names >= rules.capacity || priorities[index] < 0.0 {
            continue;
        }
        if let Some(obstacle) = obstacle(&candidate.standing, rules, today) {
            passed_over.push(PassedOver {
                candidate: index,
                obstacle,
            });
            continue;
        }
        let trial = trial(candidate, rules, today);
        let group = trial.map_or(Group::Contact, |trial| trial.group);
        let listed = Listed {
            candidate: index,
            group,
            trial,
        };
        match group {
            Group::Contact => {
                *names += 1;
                called.push(listed);
            }
            Group::Holdout => held_out.push(listed),
        }
    }
    called.append(&mut held_out);
    Cut {
        listed: called,
        passed_over,
        priorities,
        by_value: median.is_some(),
        median_value: median,
    }
}

fn priorities(candidates: &[Candidate], rules: &Rules, median: Option<f64>) -> Vec<f64> {
    let priority = |client: &Candidate| match client.contract_value.or(median) {
        Some(value) => rules.economics.value_of_calling(client.risk, value),
        None => client.risk,
    };
    candidates.iter().map(priority).collect()
}

/// The place of a client in the trial. One that is in it stays in it for the whole horizon; a new one
/// is drawn unless it is too valuable or was called within the horizon.
fn trial(candidate: &Candidate, rules: &Rules, today: NaiveDate) -> Option<Trial> {
    let standing = &candidate.standing;
    let running = |trial: &Trial| is_within(trial.since, rules.horizon_days, today);
    if let Some(trial) = standing.trial.filter(running) {
        return Some(trial);
    }
    let too_valuable = rules
        .never_hold_out_above_value
        .is_some_and(|limit| candidate.contract_value.is_none_or(|value| value > limit));
    let called = (standing.called.as_ref())
        .is_some_and(|called| is_within(called.on, rules.horizon_days, today));
    if rules.holdout_share <= 0.0 || too_valuable || called {
        return None;
    }
    Some(draw(
        &candidate.client_id,
        rules.holdout_share,
        rules.seed,
        today,
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::standing::Called;
    use crate::success::SuccessRates;
    use crate::value::Economics;

    pub(crate) fn rules(capacity: usize) -> Rules {
        Rules {
            capacity,
            holdout_share: 0.0,
            never_hold_out_above_value: None,
            recontact_after_days: 28,
            horizon_days: Some(90),
            seed: 0,
            economics: Economics {
                success: SuccessRates::assumed(0.5),
                contact_cost: 0.0,
                incentive_share: 0.0,
            },
        }
    }

    pub(crate) fn candidate(client_id: &str, risk: f64, value: Option<f64>) -> Candidate {
        Candidate {
            client_id: client_id.into(),
            risk,
            contract_value: value,
            assigned_to: None,
            standing: Standing::default(),
        }
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    fn names<'c>(candidates: &'c [Candidate], cut: &Cut, group: Group) -> Vec<&'c str> {
        let listed = cut.listed.iter().filter(|listed| listed.group == group);
        listed
            .map(|listed| candidates[listed.candidate].client_id.as_str())
            .collect()
    }

    #[test]
    fn the_most_valuable_calls_come_first_and_none_with_a_loss() {
        let clients = [
            candidate("small", 0.9, Some(100.0)),
            candidate("large", 0.2, Some(1000.0)),
            candidate("twin b", 0.5, Some(200.0)),
            candidate("twin a", 0.5, Some(200.0)),
            candidate("refund", 0.9, Some(-10.0)),
            candidate("unknown", 0.5, None),
        ];
        let found = cut(&clients, &rules(10), day());
        // The value that is not known counts as 200, the median.
        assert_eq!(
            names(&clients, &found, Group::Contact),
            ["large", "twin a", "twin b", "unknown", "small"]
        );
        let mut costly = rules(10);
        costly.economics.contact_cost = 46.0;
        let found = cut(&clients, &costly, day());
        assert_eq!(
            names(&clients, &found, Group::Contact),
            ["large", "twin a", "twin b", "unknown"]
        );
        let found = cut(&clients, &rules(1), day());
        assert_eq!(names(&clients, &found, Group::Contact), ["large"]);
    }

    #[test]
    fn without_any_value_the_risk_alone_counts() {
        let clients = [candidate("low", 0.1, None), candidate("high", 0.2, None)];
        let mut costly = rules(10);
        costly.economics.contact_cost = 1e6;
        let found = cut(&clients, &costly, day());
        assert!(!found.by_value);
        assert_eq!(names(&clients, &found, Group::Contact), ["high", "low"]);
    }

    #[test]
    fn each_manager_has_a_list_of_full_length() {
        let assigned = |name: &str, risk, to: Option<&str>| Candidate {
            assigned_to: to.map(str::to_owned),
            ..candidate(name, risk, None)
        };
        let clients = [
            assigned("a1", 0.9, Some("Ann")),
            assigned("a2", 0.8, Some("Ann")),
            assigned("b1", 0.1, Some("Bob")),
            assigned("n1", 0.05, None),
        ];
        let found = cut(&clients, &rules(1), day());
        assert_eq!(names(&clients, &found, Group::Contact), ["a1", "b1", "n1"]);
    }

    #[test]
    fn who_was_called_lately_makes_room_for_the_next() {
        let mut clients = [
            candidate("first", 0.9, None),
            candidate("second", 0.8, None),
        ];
        clients[0].standing.called = Some(Called {
            on: day(),
            outcome: Outcome::Offered,
            rise: None,
        });
        let found = cut(&clients, &rules(1), day());
        assert_eq!(names(&clients, &found, Group::Contact), ["second"]);
        assert_eq!(found.passed_over.len(), 1);
        assert_eq!(found.passed_over[0].candidate, 0);
    }

    #[test]
    fn those_set_aside_stand_above_the_cut_and_take_no_place() {
        let clients: Vec<Candidate> = (0..1000)
            .map(|n| candidate(&format!("{n:04}"), 0.9 - 0.0005 * f64::from(n), None))
            .collect();
        let mut half = rules(100);
        half.holdout_share = 0.5;
        let found = cut(&clients, &half, day());
        assert_eq!(names(&clients, &found, Group::Contact).len(), 100);
        let held = names(&clients, &found, Group::Holdout);
        assert!((70..130).contains(&held.len()), "{}", held.len());
        let last = *names(&clients, &found, Group::Contact).last().unwrap();
        assert!(held.iter().all(|name| *name < last));
    }

    #[test]
    fn who_takes_part_in_the_trial_is_not_drawn_again_within_the_horizon() {
        let mut aside = rules(10);
        aside.holdout_share = 1.0;
        aside.never_hold_out_above_value = Some(100.0);
        let since = |days| Some(day() - chrono::Days::new(days));
        let trial = |group, days| Trial {
            group,
            since: since(days).unwrap(),
        };
        let called = |days| Called {
            on: since(days).unwrap(),
            outcome: Outcome::NotReached,
            rise: None,
        };
        for (value, trial, called, expected) in [
            (Some(100.0), None, None, Group::Holdout),
            (Some(100.5), None, None, Group::Contact),
            (None, None, None, Group::Contact),
            (
                Some(1.0),
                Some(trial(Group::Contact, 89)),
                None,
                Group::Contact,
            ),
            (
                Some(1.0),
                Some(trial(Group::Contact, 90)),
                None,
                Group::Holdout,
            ),
            (Some(1.0), None, Some(called(89)), Group::Contact),
            (
                Some(900.0),
                Some(trial(Group::Holdout, 89)),
                None,
                Group::Holdout,
            ),
        ] {
            let mut clients = [candidate("a", 0.5, value), candidate("b", 0.1, Some(1e3))];
            clients[0].standing.trial = trial;
            clients[0].standing.called = called.clone();
            let found = cut(&clients, &aside, day());
            let listed = found.listed.iter().find(|listed| listed.candidate == 0);
            let group = listed.unwrap().group;
            assert_eq!(group, expected, "{value:?} {trial:?} {called:?}");
        }
    }
}
