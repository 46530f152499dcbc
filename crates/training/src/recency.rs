//! Which of the labelled samples a model is trained on, by their age.
//!
//! The age of a sample is the number of samples that are newer: of a later date, or, where samples have
//! no dates, of a later row (files in name order, rows in file order). Samples of one date are of one
//! age, so that a date is in a window as a whole or not at all.

use crate::Samples;
use dataset::Table;
use risk_core::recency::Recency;

/// The age of each row: how many are newer.
#[must_use]
pub fn ages(table: &Table) -> Vec<u64> {
    let n = table.n_rows();
    let mut order: Vec<usize> = (0..n).collect();
    // A row without a date among dated ones is older than all of them.
    order.sort_by_key(|row| table.observed_at(*row));
    let is_dated = (0..n).any(|row| table.observed_at(row).is_some());
    let mut ages = vec![0; n];
    for (place, row) in order.iter().enumerate().rev() {
        let newer = order.get(place + 1);
        let same_date =
            |other: &&usize| is_dated && table.observed_at(**other) == table.observed_at(*row);
        ages[*row] = match newer.filter(same_date) {
            Some(other) => ages[*other],
            None => (n - 1 - place) as u64,
        };
    }
    ages
}

/// What a sample of an age weighs under a rule; `None` where it is left out.
#[must_use]
pub fn weight(recency: Recency, age: u64) -> Option<f64> {
    match recency {
        Recency::All => Some(1.0),
        Recency::Newest { samples } => (age < samples).then_some(1.0),
        Recency::HalfLife { samples } => {
            Some(0.5_f64.powf(age as f64 / samples as f64)).filter(|weight| *weight >= LEAST_WEIGHT)
        }
    }
}

/// A sample that counts for less than this is left out.
const LEAST_WEIGHT: f64 = 1e-3;

impl Samples {
    /// The samples that a rule takes, with their weights.
    #[must_use]
    pub fn recent(&self, recency: Recency) -> Self {
        let (rows, weights): (Vec<usize>, Vec<f64>) = ages(&self.table)
            .into_iter()
            .enumerate()
            .filter_map(|(row, age)| Some((row, weight(recency, age)?)))
            .unzip();
        let taken = self.select(&rows);
        match recency {
            Recency::HalfLife { .. } => taken.times(&weights),
            Recency::All | Recency::Newest { .. } => taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};
    use risk_core::schema::{Column, Kind, Role, Schema};

    fn samples(rows: &str, is_dated: bool) -> Samples {
        let mut columns = vec![Column::new("id", Role::ClientId, Kind::Category)];
        if is_dated {
            columns.push(Column::new("day", Role::ObservedAt, Kind::Category));
        }
        columns.push(Column::new("exited", Role::Target, Kind::Category));
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let text = format!("{}\n{rows}", names.join(","));
        let raw = RawTable::from_csv(text.into_bytes()).unwrap();
        let table = check(&raw, &Schema::new(columns), false).unwrap().table;
        let exited = vec![false; table.n_rows()];
        Samples::new(table, exited)
    }

    fn dated() -> Samples {
        samples(
            "a,2026-02-28,0\na,2026-01-31,0\nb,2026-02-28,0\nb,2026-03-31,0\nc,2026-01-31,0\n",
            true,
        )
    }

    #[test]
    fn samples_of_one_date_are_of_one_age() {
        assert_eq!(ages(&dated().table), [1, 3, 1, 0, 3]);
    }

    #[test]
    fn without_dates_a_later_row_is_newer() {
        assert_eq!(ages(&samples("a,0\nb,0\na,0\n", false).table), [2, 1, 0]);
    }

    #[test]
    fn a_window_takes_whole_dates_and_a_half_life_weighs() {
        let clients = |taken: &Samples| -> Vec<String> {
            let row = |row| taken.table.client_id(row).to_owned();
            (0..taken.table.n_rows()).map(row).collect()
        };
        let window = dated().recent(Recency::Newest { samples: 2 });
        assert_eq!(clients(&window), ["a", "b", "b"]);
        assert_eq!(window.weights, None);
        assert_eq!(dated().recent(Recency::All).table.n_rows(), 5);
        let weighed = dated().recent(Recency::HalfLife { samples: 1 });
        assert_eq!(weighed.weights.unwrap(), [0.5, 0.125, 0.5, 1.0, 0.125]);
    }

    #[test]
    fn what_hardly_counts_is_left_out() {
        assert_eq!(weight(Recency::HalfLife { samples: 10 }, 100), None);
        assert_eq!(weight(Recency::HalfLife { samples: 10 }, 10), Some(0.5));
        assert_eq!(weight(Recency::Newest { samples: 10 }, 10), None);
    }
}
