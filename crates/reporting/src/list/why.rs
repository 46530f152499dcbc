//! What changed since the last list, in words.

use super::known::BookThen;
use super::{ScoredBook, ScoredClient};
use chrono::NaiveDate;
use contacts::{
    Cause, Change, Contact, Economics, Obstacle, Places, RankChange, ScoreChange, median_value,
};
use dataset::{Table, newest_snapshot};
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

    /// Whether it is known who was in the book then.
    pub fn is_book_known(&self) -> bool {
        !self.then.scores.is_empty()
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

/// What is known of the move of a listed client.
pub(super) struct Turn<'t> {
    /// How its place moved.
    pub change: Change,
    /// Why its place in the book moved; none where it was not in the book then.
    pub movement: Option<&'t Move>,
    /// Its last call.
    pub last_contact: Option<&'t Contact>,
    /// Whether the list before set it aside.
    pub was_set_aside: bool,
    /// Whether a list as long as the one before would end above it.
    pub is_by_capacity: bool,
    /// What else than risks and values changed, in words.
    pub settings: Option<&'t str>,
    /// Whether it is known who was in the book then.
    pub is_book_known: bool,
}

/// Why a listed client moved: one of the three causes, or none of them, and words where there is
/// something to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// The cause among risks and values.
    pub cause: Option<Cause>,
    /// In words.
    pub words: Option<String>,
}

/// Why a listed client moved. That it was set aside goes before everything; changed settings go before
/// what the others did, since they move everybody at once, and before all else where the list has become
/// longer and the client stands in the added part.
pub(super) fn listed(turn: &Turn<'_>) -> Said {
    let words = |words: String| Said {
        cause: None,
        words: Some(words),
    };
    if turn.was_set_aside && turn.change == Change::New {
        return words("was set aside until now".into());
    }
    let Some(movement) = turn.movement else {
        let is_new = turn.change == Change::New && turn.is_book_known;
        return Said {
            cause: None,
            words: is_new.then(|| "was not in the book at the last list".into()),
        };
    };
    if turn.change == Change::Same {
        return Said::default();
    }
    let cause = movement.cause(turn.change);
    match turn.settings {
        Some(settings) if turn.is_by_capacity || is_by_others(cause) => words(settings.into()),
        _ => Said {
            cause,
            words: Some(moved(turn.change, cause, movement, turn.last_contact)),
        },
    }
}

/// Whether neither the client's own data nor the model is the cause.
fn is_by_others(cause: Option<Cause>) -> bool {
    matches!(cause, None | Some(Cause::Population))
}

/// Why a place moved under the same settings.
fn moved(
    change: Change,
    cause: Option<Cause>,
    movement: &Move,
    last_contact: Option<&Contact>,
) -> String {
    match (cause, change) {
        (Some(Cause::Client), _) => own_data(movement),
        (Some(Cause::Model), _) => {
            format!("the new model sees it differently{}", risks(movement))
        }
        (Some(Cause::Population), Change::Down | Change::Dropped) => {
            "others moved ahead of it".into()
        }
        (Some(Cause::Population), _) => "others that were ahead of it are not any more".into(),
        (None, Change::New) => match last_contact {
            Some(contact) => format!("its last call, on {}, is a while ago", contact.contacted_at),
            None => "there is room for it now".into(),
        },
        // Its place in the book is the same; who is passed over or set aside ahead of it is not.
        (None, Change::Down | Change::Dropped) => {
            "clients ahead of it are to be called again".into()
        }
        (None, _) => "clients ahead of it are not to be called now".into(),
    }
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
    let counts = |part: f64| (1000.0 * part).round() != 0.0;
    match movement.parts {
        Some(parts) if counts(parts.client) && counts(parts.model) => format!(
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

/// What is known of a client of the list before that is not on this one.
pub(super) struct Gone<'g> {
    /// The client, where it is in the book.
    pub client: Option<&'g ScoredClient>,
    /// What speaks against calling it.
    pub obstacle: Option<Obstacle>,
    /// Whether it is set aside now.
    pub is_held_out: bool,
    /// Whether calling it would cost more than it is expected to bring.
    pub is_a_loss: bool,
    /// Why its place in the book moved.
    pub movement: Option<&'g Move>,
    /// Whether the list before would have ended above it, had it been as long as this one.
    pub is_by_capacity: bool,
    /// What else than risks and values changed, in words.
    pub settings: Option<&'g str>,
}

/// Why a client of the list before is not on this one.
pub(super) fn dropped(gone: &Gone<'_>) -> String {
    if gone.client.is_none() {
        return "is not in the book any more: it has left, or it is known that it stayed".into();
    }
    match gone.obstacle {
        Some(Obstacle::Called { on, outcome }) => {
            return format!("was called on {on}: {}", outcome.name());
        }
        Some(Obstacle::Leaving { on }) => return format!("said on {on} that it leaves"),
        Some(Obstacle::NotSeen { since }) => {
            return format!("is not in the newest data; last seen {since}");
        }
        None => {}
    }
    if gone.is_held_out {
        return "is set aside, not to be called".into();
    }
    let cause = gone.movement.and_then(|moved| moved.cause(Change::Dropped));
    let settings = (gone.settings).filter(|_| gone.is_by_capacity || is_by_others(cause));
    if gone.is_a_loss {
        let loss = "calling it would cost more than it is expected to bring";
        return settings.map_or(loss.into(), |settings| format!("{loss}; {settings}"));
    }
    if let Some(settings) = settings {
        return settings.into();
    }
    gone.movement
        .map_or("others come first".into(), |movement| {
            moved(Change::Dropped, cause, movement, None)
        })
}

/// The rows of a book by their clients.
pub(super) fn rows(book: &ScoredBook) -> HashMap<&str, usize> {
    let ids = book.clients.iter().map(|client| client.client_id.as_str());
    ids.zip(0..).collect()
}

/// The date of the newest snapshot of the book, and for each client that it lacks the date of its newest
/// row; `None` where rows are no snapshots.
pub(super) fn not_seen(book: &ScoredBook) -> Option<(NaiveDate, Vec<Option<NaiveDate>>)> {
    let dates = || book.clients.iter().map(|client| client.observed_at);
    let newest = newest_snapshot(dates())?;
    let older = |date: Option<NaiveDate>| date.filter(|date| *date < newest);
    Some((newest, dates().map(older).collect()))
}

#[cfg(test)]
mod tests;
