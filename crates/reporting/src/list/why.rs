//! What changed since the last list, in words.

use super::known::BookThen;
use super::{ScoredBook, ScoredClient};
use chrono::NaiveDate;
use contacts::{
    Cause, Change, Contact, Economics, Obstacle, Places, RankChange, ScoreChange, median_value,
};
use dataset::Table;
use std::collections::HashMap;

/// The places of all clients then, now under the old model, and now.
pub(super) struct Moves<'a> {
    book: &'a ScoredBook,
    then: &'a BookThen,
    by_value: bool,
    economics: &'a Economics,
    /// Log-odds and risk of each row under the old model.
    old: Option<Vec<(f64, f64)>>,
    places: Option<[Places<'a>; 3]>,
    /// What stands in for a value that is not known: then and now.
    medians: [f64; 2],
}

/// Why one client moved.
pub(super) struct Move {
    /// The parts of the change of its place in the book, where the model of then is known.
    pub rank: Option<RankChange>,
    /// Its risk then and now.
    pub risks: (f64, f64),
    /// The parts of the change of its risk, where the model of then is known.
    pub parts: Option<ScoreChange>,
    /// Whether the value of its contract is another one.
    pub value_changed: bool,
}

impl Move {
    /// Why its place on the list changed this way.
    pub fn cause(&self, change: Change) -> Option<Cause> {
        self.rank.and_then(|rank| rank.cause(change))
    }
}

impl<'a> Moves<'a> {
    pub fn new(
        book: &'a ScoredBook,
        table: &Table,
        then: &'a BookThen,
        by_value: bool,
        economics: &'a Economics,
    ) -> Self {
        let median = |values: &mut dyn Iterator<Item = f64>| median_value(values).unwrap_or(0.0);
        let mut values_then = then
            .scores
            .values()
            .filter_map(|score| score.contract_value);
        let mut values_now = book
            .clients
            .iter()
            .filter_map(|client| client.contract_value);
        let mut moves = Self {
            old: then.score(table),
            medians: [median(&mut values_then), median(&mut values_now)],
            book,
            then,
            by_value,
            economics,
            places: None,
        };
        moves.places = moves.places();
        moves
    }

    fn places(&self) -> Option<[Places<'a>; 3]> {
        let old = self.old.as_ref()?;
        if self.then.scores.is_empty() {
            return None;
        }
        let before = self.then.scores.iter().map(|(client, score)| {
            (
                client.as_str(),
                self.priority(score.risk, score.contract_value, 0),
            )
        });
        let clients = || self.book.clients.iter().zip(old);
        let between = clients().map(|(client, (_, risk))| {
            (
                client.client_id.as_str(),
                self.priority(*risk, client.contract_value, 1),
            )
        });
        let after = clients().map(|(client, _)| {
            (
                client.client_id.as_str(),
                self.priority(client.risk, client.contract_value, 1),
            )
        });
        Some([
            Places::new(before),
            Places::new(between),
            Places::new(after),
        ])
    }

    fn priority(&self, risk: f64, value: Option<f64>, when: usize) -> f64 {
        if self.by_value {
            let value = value.unwrap_or(self.medians[when]);
            self.economics.value_of_calling(risk, value)
        } else {
            risk
        }
    }

    /// Why the client of a row moved; `None` where it was not in the book then.
    pub fn of(&self, row: usize) -> Option<Move> {
        let client = &self.book.clients[row];
        let then = self.then.scores.get(&client.client_id)?;
        let old = self.old.as_ref().map(|old| old[row]);
        let rank = self.places.as_ref().zip(old).map(|(places, (_, risk))| {
            let priorities = [
                self.priority(then.risk, then.contract_value, 0),
                self.priority(risk, client.contract_value, 1),
                self.priority(client.risk, client.contract_value, 1),
            ];
            let [before, between, after] = places;
            RankChange::new(&client.client_id, priorities, before, between, after)
        });
        Some(Move {
            rank,
            risks: (then.risk, client.risk),
            parts: old.map(|(_, risk)| ScoreChange::new(then.risk, risk, client.risk)),
            value_changed: then.contract_value != client.contract_value,
        })
    }
}

/// Why a listed client moved, in words; `None` where there is nothing to say.
pub(super) fn words(
    change: Change,
    movement: Option<&Move>,
    last_contact: Option<&Contact>,
) -> Option<String> {
    let Some(movement) = movement else {
        return (change == Change::New).then(|| "was not in the book at the last list".into());
    };
    let cause = match (change, movement.cause(change)) {
        (Change::Same, _) => return None,
        (Change::New, None) => {
            return Some(match last_contact {
                Some(contact) => {
                    format!("its last call, on {}, is a while ago", contact.contacted_at)
                }
                None => "there is room for it now".into(),
            });
        }
        // Its place in the book is the same; who is passed over or set aside ahead of it is not.
        (Change::Up, None) => return Some("clients ahead of it are not to be called now".into()),
        (Change::Down, None) => return Some("clients ahead of it are to be called again".into()),
        (_, cause) => cause?,
    };
    Some(match cause {
        Cause::Client => own_data(movement),
        Cause::Model => format!("the new model sees it differently{}", risks(movement)),
        Cause::Population if change == Change::Down => "others moved ahead of it".into(),
        Cause::Population => "others that were ahead of it are not any more".into(),
    })
}

fn own_data(movement: &Move) -> String {
    let (then, now) = movement.risks;
    if movement.value_changed && percent(then) == percent(now) {
        return "the value of its contract changed".into();
    }
    format!("its own data changed{}", risks(movement))
}

/// The risk then and now, and the two parts of the change where both count.
fn risks(movement: &Move) -> String {
    let (then, now) = movement.risks;
    let said = format!(": risk {} then, {} now", percent(then), percent(now));
    let points = |part: f64| format!("{:+.1}", 100.0 * part);
    match movement.parts {
        Some(parts) if points(parts.client) != "+0.0" && points(parts.model) != "+0.0" => format!(
            "{said} (its own data {} points, the new model {})",
            points(parts.client),
            points(parts.model)
        ),
        _ => said,
    }
}

fn percent(risk: f64) -> String {
    format!("{:.1} %", 100.0 * risk)
}

/// Why a client of the list before is not on this one.
pub(super) fn dropped(
    client: Option<&ScoredClient>,
    obstacle: Option<Obstacle>,
    held_out: bool,
    movement: Option<&Move>,
) -> String {
    if client.is_none() {
        return "is not in the book any more: it has left, or it is known that it stayed".into();
    }
    match obstacle {
        Some(Obstacle::Called { on, outcome }) => {
            return format!("was called on {on}: {}", outcome.name());
        }
        Some(Obstacle::Leaving { on }) => return format!("said on {on} that it leaves"),
        Some(Obstacle::NotSeen { since }) => {
            return format!("is not in the newest data; last seen {since}");
        }
        None => {}
    }
    if held_out {
        return "is set aside, not to be called".into();
    }
    let said = movement.and_then(|movement| words(Change::Down, Some(movement), None));
    said.unwrap_or_else(|| "others come first".into())
}

/// The rows of a book by their clients.
pub(super) fn rows(book: &ScoredBook) -> HashMap<&str, usize> {
    let ids = book.clients.iter().map(|client| client.client_id.as_str());
    ids.zip(0..).collect()
}

/// The date of the newest row of a client that the newest snapshot lacks, for each row. Rows are
/// snapshots of the book when at least half of it, and twenty clients, have the newest date.
pub(super) fn not_seen(book: &ScoredBook) -> Option<(NaiveDate, Vec<Option<NaiveDate>>)> {
    let dates: Vec<Option<NaiveDate>> = book
        .clients
        .iter()
        .map(|client| client.observed_at)
        .collect();
    let newest = dates.iter().copied().flatten().max()?;
    let n_newest = dates.iter().filter(|date| **date == Some(newest)).count();
    if n_newest < 20 || 2 * n_newest < dates.len() {
        return None;
    }
    let older = |date: Option<NaiveDate>| date.filter(|date| *date < newest);
    Some((newest, dates.into_iter().map(older).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client whose place moved up or down by one part alone.
    fn movement(
        change: Change,
        cause: Option<Cause>,
        risks: (f64, f64),
        parts: Option<[f64; 3]>,
    ) -> Move {
        let places = if change == Change::Down { 7 } else { -7 };
        let part = |of| if cause == Some(of) { places } else { 0 };
        Move {
            rank: Some(RankChange {
                client: part(Cause::Client),
                population: part(Cause::Population),
                model: part(Cause::Model),
            }),
            risks,
            parts: parts.map(|[old, own, new]| ScoreChange::new(old, own, new)),
            value_changed: false,
        }
    }

    #[test]
    fn each_cause_has_its_sentence() {
        let risks = (0.12, 0.314);
        for (change, cause, parts, expected) in [
            (
                Change::Up,
                Some(Cause::Client),
                Some([0.12, 0.314, 0.314]),
                "its own data changed: risk 12.0 % then, 31.4 % now",
            ),
            (
                Change::New,
                Some(Cause::Client),
                Some([0.12, 0.27, 0.314]),
                "its own data changed: risk 12.0 % then, 31.4 % now (its own data +15.0 points, the \
                 new model +4.4)",
            ),
            (
                Change::Down,
                Some(Cause::Model),
                None,
                "the new model sees it differently: risk 12.0 % then, 31.4 % now",
            ),
            (
                Change::Down,
                Some(Cause::Population),
                None,
                "others moved ahead of it",
            ),
            (
                Change::Up,
                Some(Cause::Population),
                None,
                "others that were ahead of it are not any more",
            ),
            (Change::New, None, None, "there is room for it now"),
            (
                Change::Up,
                None,
                None,
                "clients ahead of it are not to be called now",
            ),
            (
                Change::Down,
                None,
                None,
                "clients ahead of it are to be called again",
            ),
        ] {
            let found = words(change, Some(&movement(change, cause, risks, parts)), None);
            assert_eq!(found.as_deref(), Some(expected));
        }
        let same = movement(Change::Up, Some(Cause::Client), risks, None);
        assert_eq!(words(Change::Same, Some(&same), None), None);
        let new = words(Change::New, None, None);
        assert_eq!(new.as_deref(), Some("was not in the book at the last list"));
    }

    #[test]
    fn a_value_alone_may_have_changed() {
        let mut moved = movement(Change::Up, Some(Cause::Client), (0.5, 0.5), None);
        moved.value_changed = true;
        let found = words(Change::Up, Some(&moved), None);
        assert_eq!(found.as_deref(), Some("the value of its contract changed"));
    }
}
