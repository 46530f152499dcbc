//! What changed since the last list, and why: the client's own data, the model, or the others.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How the place of a client moved since the last list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not on it.
    New,
    /// It is nearer to the top.
    Up,
    /// It is further from the top.
    Down,
    /// It has the same place.
    Same,
    /// It was on it and is not on this one.
    Dropped,
}

impl Change {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Down => "down",
            Self::Same => "same",
            Self::Dropped => "dropped",
        }
    }

    /// How a place moved: `None` where the client is not on that list.
    #[must_use]
    pub fn between(previous: Option<u64>, now: Option<u64>) -> Self {
        match (previous, now) {
            (_, None) => Self::Dropped,
            (None, Some(_)) => Self::New,
            (Some(previous), Some(now)) => match now.cmp(&previous) {
                Ordering::Less => Self::Up,
                Ordering::Greater => Self::Down,
                Ordering::Equal => Self::Same,
            },
        }
    }
}

/// Why a place moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The client's own data: its features, or the value of its contract.
    Client,
    /// Another model.
    Model,
    /// The other clients: they came, went, or moved.
    Population,
}

/// Why a score moved between two days: the two parts add up to the whole.
///
/// A score is the log-odds or the risk; the parts of the one are not those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScoreChange {
    /// The old model on the new row less the old model on the old row.
    pub client: f64,
    /// The new model on the new row less the old model on the new row.
    pub model: f64,
}

impl ScoreChange {
    /// From the three scores of one client.
    #[must_use]
    pub fn new(old_model_old_row: f64, old_model_new_row: f64, new_model_new_row: f64) -> Self {
        Self {
            client: old_model_new_row - old_model_old_row,
            model: new_model_new_row - old_model_new_row,
        }
    }

    /// The whole change.
    #[must_use]
    pub fn total(self) -> f64 {
        self.client + self.model
    }
}

/// Why a place among all clients moved between two days: the three parts add up exactly. A negative
/// part is a move towards the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankChange {
    /// From the client's own data: its old place, and that of its new row among the old ones, all
    /// under the old model.
    pub client: i64,
    /// From the others: the place of its new row among the old rows of the others, and among the new
    /// ones, all under the old model.
    pub population: i64,
    /// From another model: the place of its new row among all new rows, under the old model and
    /// under the new one.
    pub model: i64,
}

impl RankChange {
    /// The whole change.
    #[must_use]
    pub fn total(self) -> i64 {
        self.client + self.population + self.model
    }

    /// The largest part in the direction of a change; none where no part goes that way. Of equal parts
    /// the client's own comes first, then the model.
    ///
    /// The place on a list may move against that in the book, for not everybody is listed.
    #[must_use]
    pub fn cause(self, change: Change) -> Option<Cause> {
        let direction = match change {
            Change::New | Change::Up => -1,
            Change::Down | Change::Dropped => 1,
            Change::Same => return None,
        };
        let parts = [
            (Cause::Client, self.client),
            (Cause::Model, self.model),
            (Cause::Population, self.population),
        ];
        let mut largest: Option<(Cause, i64)> = None;
        for (cause, part) in parts {
            let part = part * direction;
            if part > largest.map_or(0, |(_, part)| part) {
                largest = Some((cause, part));
            }
        }
        largest.map(|(cause, _)| cause)
    }

    /// From what the client was ranked by under the old model on the old row, under the old model on
    /// the new row, and under the new model on the new row.
    #[must_use]
    pub fn new(
        client_id: &str,
        [old, own, now]: [f64; 3],
        before: &Places<'_>,
        between: &Places<'_>,
        after: &Places<'_>,
    ) -> Self {
        let place = |places: &Places<'_>, priority| places.of(client_id, priority) as i64;
        let (start, own_data) = (place(before, old), place(before, own));
        let (others, end) = (place(between, own), place(after, now));
        Self {
            client: own_data - start,
            population: others - own_data,
            model: end - others,
        }
    }
}

/// The places of all clients of a book by what they are ranked by, the highest first, equal ones by
/// id.
#[derive(Debug, Clone)]
pub struct Places<'c> {
    sorted: Vec<(f64, &'c str)>,
    own: std::collections::HashMap<&'c str, f64>,
}

impl<'c> Places<'c> {
    /// From ids and what they are ranked by; each id once.
    pub fn new(clients: impl IntoIterator<Item = (&'c str, f64)>) -> Self {
        let mut sorted: Vec<(f64, &str)> = clients
            .into_iter()
            .map(|(client_id, priority)| (priority, client_id))
            .collect();
        sorted.sort_by(|a, b| order(*a, *b));
        let own = sorted
            .iter()
            .map(|(priority, id)| (*id, *priority))
            .collect();
        Self { sorted, own }
    }

    /// The place that a client would have among the others, from 1. Whether it is itself in the
    /// book makes no difference.
    #[must_use]
    pub fn of(&self, client_id: &str, priority: f64) -> u64 {
        let wanted = (priority, client_id);
        let ahead = self
            .sorted
            .partition_point(|entry| order(*entry, wanted) == Ordering::Less);
        let itself = (self.own.get(client_id))
            .is_some_and(|own| order((*own, client_id), wanted) == Ordering::Less);
        (ahead - usize::from(itself)) as u64 + 1
    }
}

fn order(a: (f64, &str), b: (f64, &str)) -> Ordering {
    b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_compared_with_the_one_before() {
        for (previous, now, expected) in [
            (None, Some(3), Change::New),
            (Some(5), Some(3), Change::Up),
            (Some(3), Some(5), Change::Down),
            (Some(3), Some(3), Change::Same),
            (Some(3), None, Change::Dropped),
        ] {
            assert_eq!(Change::between(previous, now), expected);
        }
    }

    #[test]
    fn the_parts_of_a_score_add_up() {
        let change = ScoreChange::new(-1.0, 0.5, 0.25);
        assert_eq!((change.client, change.model), (1.5, -0.25));
        assert_eq!(change.total(), 0.25 - -1.0);
    }

    #[test]
    fn a_place_is_counted_among_the_others() {
        let places = Places::new([("a", 0.9), ("b", 0.5), ("c", 0.5), ("d", 0.1)]);
        for (id, priority, place) in [
            ("a", 0.9, 1),
            ("b", 0.5, 2),
            ("c", 0.5, 3),
            ("d", 0.1, 4),
            ("d", 0.95, 1),
            ("a", 0.0, 4),
            ("new", 0.6, 2),
            ("new", 0.0, 5),
        ] {
            assert_eq!(places.of(id, priority), place, "{id} {priority}");
        }
    }

    #[test]
    fn the_cause_is_looked_for_in_the_direction_of_the_change() {
        // Lower in the book, for its own data is better, and higher on the list.
        let change = RankChange {
            client: 30,
            population: 5,
            model: -20,
        };
        for (direction, cause) in [
            (Change::Up, Some(Cause::Model)),
            (Change::New, Some(Cause::Model)),
            (Change::Down, Some(Cause::Client)),
            (Change::Dropped, Some(Cause::Client)),
            (Change::Same, None),
        ] {
            assert_eq!(change.cause(direction), cause);
        }
        let unmoved = RankChange { model: 0, ..change };
        assert_eq!(unmoved.cause(Change::Up), None);
    }

    #[test]
    fn the_three_parts_of_a_place_add_up_and_name_the_cause() {
        let before = Places::new([("x", 0.2), ("a", 0.9), ("b", 0.8), ("c", 0.1)]);
        // Each case: the client's three priorities, the others between and after, and the parts.
        for (priorities, between, after, parts, cause) in [
            // Its own data lifts it to the top.
            (
                [0.2, 0.95, 0.95],
                [0.9, 0.8],
                [0.9, 0.8],
                [-2, 0, 0],
                Some(Cause::Client),
            ),
            // Two others fall.
            (
                [0.2, 0.2, 0.2],
                [0.1, 0.05],
                [0.1, 0.05],
                [0, -2, 0],
                Some(Cause::Population),
            ),
            // The new model lifts it.
            (
                [0.2, 0.2, 0.97],
                [0.9, 0.8],
                [0.9, 0.8],
                [0, 0, -2],
                Some(Cause::Model),
            ),
            // Own data lifts it by two, the model takes it down by one.
            (
                [0.2, 0.95, 0.85],
                [0.9, 0.8],
                [0.9, 0.8],
                [-2, 0, 1],
                Some(Cause::Client),
            ),
            ([0.2, 0.2, 0.2], [0.9, 0.8], [0.9, 0.8], [0, 0, 0], None),
        ] {
            let book =
                |[a, b]: [f64; 2], x| Places::new([("x", x), ("a", a), ("b", b), ("c", 0.01)]);
            let found = RankChange::new(
                "x",
                priorities,
                &before,
                &book(between, priorities[1]),
                &book(after, priorities[2]),
            );
            assert_eq!([found.client, found.population, found.model], parts);
            assert_eq!(found.cause(Change::Up), cause);
            let end = book(after, priorities[2]).of("x", priorities[2]) as i64;
            assert_eq!(found.total(), end - before.of("x", 0.2) as i64);
        }
    }
}
