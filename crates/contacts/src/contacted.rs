//! Whether a call may have changed the label of a sample.

use crate::outcome::{Contact, Outcome};
use chrono::{Days, NaiveDate};
use std::collections::HashMap;

/// Whether somebody spoke with the client after the sample was observed and before its label had
/// settled, the last day of the horizon included: then the label no longer says what would have happened
/// by itself.
///
/// What came of the call does not matter, as long as somebody was reached. A client that said that it had
/// decided to leave before counts too: it is known to be such a one only because it was called, so that
/// its label would count and those of the callees that stay would not. A call on or before the day of the
/// sample is part of the state of the client. A call that nobody reported is as good as not made.
#[must_use]
pub fn was_contacted(observed_at: NaiveDate, horizon_days: u32, calls: &[Contact]) -> bool {
    let settled = observed_at
        .checked_add_days(Days::new(horizon_days.into()))
        .unwrap_or(NaiveDate::MAX);
    calls.iter().any(|call| {
        call.outcome.was_reached()
            && observed_at < call.contacted_at
            && call.contacted_at <= settled
    })
}

/// A call as it is stored: client, day, outcome in words, note.
pub type Reported = (String, NaiveDate, String, Option<String>);

/// Calls by client, each client's in the order given; what is none of the known outcomes is passed over.
#[must_use]
pub fn by_client(reported: impl IntoIterator<Item = Reported>) -> HashMap<String, Vec<Contact>> {
    let mut calls: HashMap<String, Vec<Contact>> = HashMap::new();
    for (client, contacted_at, outcome, note) in reported {
        if let Some(outcome) = Outcome::parse(&outcome) {
            calls.entry(client).or_default().push(Contact {
                contacted_at,
                outcome,
                note,
            });
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_label_is_marked_by_a_call_between_its_sample_and_the_end_of_its_horizon() {
        for (called, outcome, expected) in [
            ("2026-01-30", Outcome::Stays, false),
            ("2026-01-31", Outcome::Stays, false), // part of the state of that day
            ("2026-02-01", Outcome::Stays, true),
            ("2026-05-01", Outcome::Offered, true), // the ninetieth day
            ("2026-05-02", Outcome::Offered, false),
            ("2026-02-01", Outcome::NotReached, false),
            ("2026-02-01", Outcome::Later, true),
            ("2026-02-01", Outcome::Leaves, true),
            ("2026-02-01", Outcome::AlreadyLeaving, true),
        ] {
            let calls = [Contact {
                contacted_at: day(called),
                outcome,
                note: None,
            }];
            let found = was_contacted(day("2026-01-31"), 90, &calls);
            assert_eq!(found, expected, "{called} {outcome:?}");
        }
        assert!(!was_contacted(day("2026-01-31"), 90, &[]));
    }

    #[test]
    fn one_call_among_others_is_enough() {
        let reported = [
            ("a", "2026-01-02", "stays"),
            ("b", "2026-02-02", "no such outcome"),
            ("a", "2026-02-02", "not reached"),
            ("a", "2026-03-02", "offered"),
        ]
        .map(|(client, on, outcome)| (client.to_owned(), day(on), outcome.to_owned(), None));
        let calls = by_client(reported);
        assert_eq!((calls.len(), calls["a"].len()), (1, 3));
        assert!(was_contacted(day("2026-01-31"), 90, &calls["a"]));
        assert!(!was_contacted(day("2026-01-31"), 20, &calls["a"]));
    }
}
