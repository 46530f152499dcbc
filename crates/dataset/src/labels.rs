//! Which samples have a label, and which clients are the book.

use crate::table::Table;
use chrono::{DateTime, Days, NaiveDate, Utc};
use risk_core::Config;
use std::collections::HashMap;

/// Rows with the newest date from which they may be a snapshot of all clients.
const LEAST_OF_A_SNAPSHOT: u64 = 20;

/// When a target is a label.
///
/// The target says whether a client left within the horizon after the date of the sample. Before the
/// horizon has passed, 0 only means "not yet", so it is no label. 1 is known at once, but such a
/// sample is trained and judged on only when the horizon has passed for it too: taking the early
/// leavers of a month without its stayers would make that month look as if everybody left.
#[derive(Debug, Clone, Copy)]
pub struct Labels {
    horizon: Option<Days>,
    today: NaiveDate,
}

impl Labels {
    /// The labels of a project at a time.
    #[must_use]
    pub fn new(config: &Config, now: DateTime<Utc>) -> Self {
        let horizon = config
            .dataset
            .horizon_days
            .map(|days| Days::new(days.into()));
        Self {
            horizon,
            today: now.date_naive(),
        }
    }

    /// Whether the client left, where the sample may be trained and judged on.
    #[must_use]
    pub fn label(&self, table: &Table, row: usize) -> Option<bool> {
        table.target(row).filter(|_| self.is_mature(table, row))
    }

    /// Whether it is known if the client left: a 1 at once, a 0 when the horizon has passed.
    #[must_use]
    pub fn is_known(&self, table: &Table, row: usize) -> bool {
        match table.target(row) {
            Some(true) => true,
            Some(false) => self.is_mature(table, row),
            None => false,
        }
    }

    /// The rows that may be trained and judged on, with their labels.
    #[must_use]
    pub fn labelled(&self, table: &Table) -> (Vec<usize>, Vec<bool>) {
        (0..table.n_rows())
            .filter_map(|row| self.label(table, row).map(|exited| (row, exited)))
            .unzip()
    }

    fn is_mature(&self, table: &Table, row: usize) -> bool {
        match (self.horizon, table.observed_at(row)) {
            (Some(horizon), Some(date)) => date
                .checked_add_days(horizon)
                .is_some_and(|end| end <= self.today),
            _ => true,
        }
    }
}

/// The clients to be scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The newest row of each client of the book, in ascending order.
    pub rows: Vec<usize>,
    /// True where every target is known, so that the clients that stayed stand in for the book: rows
    /// the model was trained on, about which no count of leavers can be expected.
    pub from_training_rows: bool,
}

/// The book: the newest sample of every client whose newest target is not known; where there is no
/// such client, the newest samples with target 0.
#[must_use]
pub fn book(table: &Table, labels: &Labels) -> Book {
    let newest = newest_rows(table);
    let open: Vec<usize> = newest
        .iter()
        .copied()
        .filter(|row| !labels.is_known(table, *row))
        .collect();
    if !open.is_empty() {
        return Book {
            rows: open,
            from_training_rows: false,
        };
    }
    let rows = newest
        .into_iter()
        .filter(|row| table.target(*row) == Some(false))
        .collect();
    Book {
        rows,
        from_training_rows: true,
    }
}

/// The date of the newest snapshot, where rows are snapshots of all clients: at least half of them, and
/// twenty, have the newest date. A client whose newest row is older is not in it any more, and may have
/// left already; `None` where rows are no snapshots, so that an older one says nothing of the kind.
#[must_use]
pub fn newest_snapshot(dates: impl IntoIterator<Item = Option<NaiveDate>>) -> Option<NaiveDate> {
    let (mut newest, mut n_newest, mut n_rows) = (None, 0_u64, 0_u64);
    for date in dates {
        n_rows += 1;
        if date > newest {
            (newest, n_newest) = (date, 0);
        }
        n_newest += u64::from(date.is_some() && date == newest);
    }
    newest.filter(|_| n_newest >= LEAST_OF_A_SNAPSHOT && 2 * n_newest >= n_rows)
}

/// The newest row of each client, by date and then by position, in ascending order.
fn newest_rows(table: &Table) -> Vec<usize> {
    let mut newest: HashMap<&str, usize> = HashMap::new();
    for row in 0..table.n_rows() {
        newest
            .entry(table.client_id(row))
            .and_modify(|kept| {
                if table.observed_at(row) >= table.observed_at(*kept) {
                    *kept = row;
                }
            })
            .or_insert(row);
    }
    let mut rows: Vec<usize> = newest.into_values().collect();
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RawTable, check};
    use risk_core::schema::{Column, Kind, Role, Schema};

    fn table(rows: &str) -> Table {
        let schema = Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("observed_at", Role::ObservedAt, Kind::Category),
            Column::new("exited", Role::Target, Kind::Category),
        ]);
        let text = format!("corporation,observed_at,exited\n{rows}");
        check(
            &RawTable::from_csv(text.into_bytes()).unwrap(),
            &schema,
            false,
        )
        .unwrap()
        .table
    }

    fn labels() -> Labels {
        let today = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
        Labels {
            horizon: Some(Days::new(90)),
            today,
        }
    }

    #[test]
    fn a_snapshot_is_told_by_its_share_of_the_newest_rows() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 6, day);
        let table = [
            (vec![(30, 20), (29, 20)], Some(30)),
            (vec![(29, 20), (30, 20)], Some(30)),
            (vec![(30, 20), (29, 21)], None),
            (vec![(30, 19), (29, 1)], None),
            (vec![(30, 500)], Some(30)),
            (Vec::new(), None),
        ];
        for (days, expected) in table {
            let dates: Vec<_> = (days.iter())
                .flat_map(|(on, rows)| std::iter::repeat_n(day(*on), *rows))
                .collect();
            assert_eq!(newest_snapshot(dates), expected.and_then(day), "{days:?}");
        }
        assert_eq!(newest_snapshot(vec![None; 50]), None, "without dates");
        let mixed = [vec![day(30); 30], vec![None; 31]].concat();
        assert_eq!(newest_snapshot(mixed), None, "mostly without dates");
    }

    #[test]
    fn a_target_is_a_label_only_when_the_horizon_has_passed() {
        let table = table("a,2026-04-01,0\nb,2026-04-02,0\nc,2026-04-02,1\nd,2026-01-31,\n");
        let (rows, exited) = labels().labelled(&table);
        assert_eq!((rows, exited), (vec![0], vec![false]));
        let known: Vec<bool> = (0..4).map(|row| labels().is_known(&table, row)).collect();
        assert_eq!(known, [true, false, true, false]);
    }

    #[test]
    fn the_book_is_every_client_whose_newest_target_is_not_known() {
        let table = table(
            "stays,2026-02-28,\nstays,2026-01-31,0\nleft,2026-01-31,1\n\
             waiting,2026-05-31,0\nolder,2026-01-31,0\n",
        );
        let found = book(&table, &labels());
        assert_eq!(
            found,
            Book {
                rows: vec![0, 3],
                from_training_rows: false
            }
        );
    }

    #[test]
    fn where_every_target_is_known_those_that_stayed_stand_in() {
        let table = table("a,2026-01-31,0\nb,2026-01-31,1\na,2026-02-28,0\n");
        let found = book(&table, &labels());
        assert_eq!(
            found,
            Book {
                rows: vec![2],
                from_training_rows: true
            }
        );
    }
}
