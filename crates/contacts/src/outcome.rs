//! What came of calling a client.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The client says that it stays.
    Stays,
    /// The client says that it leaves.
    Leaves,
    /// An offer was made and is not answered yet.
    Offered,
    /// Nobody was reached.
    NotReached,
    /// The client asked to be called later.
    Later,
    /// The client had decided to leave before the call.
    AlreadyLeaving,
}

impl Outcome {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 6] = [
        Self::Stays,
        Self::Leaves,
        Self::Offered,
        Self::NotReached,
        Self::Later,
        Self::AlreadyLeaving,
    ];

    /// The words for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Leaves => "leaves",
            Self::Offered => "offered",
            Self::NotReached => "not reached",
            Self::Later => "later",
            Self::AlreadyLeaving => "already leaving",
        }
    }

    /// Reads the words in any case, with blanks, `_` or `-` between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text
            .split(|mark: char| mark.is_whitespace() || mark == '_' || mark == '-')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let text = words.join(" ");
        Self::ALL.into_iter().find(|outcome| outcome.name() == text)
    }

    /// Whether somebody spoke with the client.
    #[must_use]
    pub fn was_reached(self) -> bool {
        self != Self::NotReached
    }

    /// Whether the client has said that it goes, so that calling it again is of no use.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Leaves | Self::AlreadyLeaving)
    }
}

/// One call and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The day of the call.
    pub contacted_at: NaiveDate,
    /// What came of it.
    pub outcome: Outcome,
    /// What the caller noted.
    pub note: Option<String>,
}

/// The newest of the calls of a client that were made on or before a day; of several on one day the
/// last one in the order given.
#[must_use]
pub fn last_contact(contacts: &[Contact], today: NaiveDate) -> Option<&Contact> {
    contacts
        .iter()
        .filter(|contact| contact.contacted_at <= today)
        .max_by_key(|contact| contact.contacted_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read_however_they_are_written() {
        for (text, expected) in [
            ("stays", Some(Outcome::Stays)),
            (" Leaves ", Some(Outcome::Leaves)),
            ("not reached", Some(Outcome::NotReached)),
            ("not_reached", Some(Outcome::NotReached)),
            ("Already-Leaving", Some(Outcome::AlreadyLeaving)),
            ("NOT  REACHED", Some(Outcome::NotReached)),
            ("notreached", None),
            ("maybe", None),
            ("", None),
        ] {
            assert_eq!(Outcome::parse(text), expected, "{text:?}");
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
        }
    }

    #[test]
    fn the_last_call_is_the_newest_that_has_been_made() {
        let call = |day, outcome| Contact {
            contacted_at: NaiveDate::from_ymd_opt(2026, 7, day).unwrap(),
            outcome,
            note: None,
        };
        let today = NaiveDate::from_ymd_opt(2026, 7, 10).unwrap();
        let calls = [
            call(5, Outcome::NotReached),
            call(5, Outcome::Stays),
            call(1, Outcome::Later),
            call(11, Outcome::Leaves),
        ];
        let last = last_contact(&calls, today).map(|contact| contact.outcome);
        assert_eq!(last, Some(Outcome::Stays));
        assert_eq!(last_contact(&calls[3..], today), None);
    }
}
