//! Who is predicted by a model fitted on whom.

use crate::Samples;
use chrono::{Days, NaiveDate};
use dataset::Table;
use risk_core::hash;
use risk_core::model::Validation;
use std::collections::{BTreeMap, HashMap};

/// Into how many stretches of time the later samples are cut, each predicted from what was known
/// before it.
const STRETCHES: usize = 2;

/// Some samples and those that predict them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    /// The rows a model is fitted on.
    pub fitted: Vec<usize>,
    /// The positions in [`Splits::rows`] that it predicts.
    pub predicted: Vec<usize>,
}

/// The splits of some samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splits {
    pub validation: Validation,
    /// The rows that are predicted, ascending, each by one split.
    pub rows: Vec<usize>,
    pub splits: Vec<Split>,
}

impl Splits {
    /// Deals the clients into folds. Where samples have dates and enough of them were known before
    /// the others, the later ones are predicted from those whose labels were known by then, horizon
    /// and all; else every sample is predicted from the other folds.
    pub fn of(samples: &Samples, folds: u32, seed: u64, horizon_days: Option<u32>) -> Self {
        let fold_of = deal(&samples.table, &samples.exited, folds, seed);
        let dates: Option<Vec<NaiveDate>> = (0..samples.table.n_rows())
            .map(|row| samples.table.observed_at(row))
            .collect();
        let forward = dates.and_then(|dates| {
            let known = dates
                .iter()
                .map(|date| date.checked_add_days(Days::new(u64::from(horizon_days.unwrap_or(0)))))
                .collect::<Option<Vec<_>>>()?;
            forward(&dates, &known, &samples.exited, &fold_of, folds)
        });
        forward.unwrap_or_else(|| by_client(&fold_of, folds))
    }

    /// A number for the client of each predicted row, in order of their first rows.
    pub fn clients_of(&self, table: &Table) -> Vec<usize> {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        self.rows
            .iter()
            .map(|row| {
                let next = numbers.len();
                *numbers.entry(table.client_id(*row)).or_insert(next)
            })
            .collect()
    }
}

/// The rows of a seeded share of the clients, so that there are at most so many.
pub(super) fn share_of_clients(table: &Table, seed: u64, most: usize) -> Vec<usize> {
    let n = table.n_rows();
    if n <= most {
        return (0..n).collect();
    }
    let mut rows: Vec<(u64, usize)> = (0..n)
        .map(|row| (lot(table.client_id(row), seed), row))
        .collect();
    rows.sort_unstable();
    // A client whose rows do not all fit is left out.
    let first_out = rows[most].0;
    let mut taken: Vec<usize> = rows[..most]
        .iter()
        .filter(|(lot, _)| *lot != first_out)
        .map(|(_, row)| *row)
        .collect();
    taken.sort_unstable();
    taken
}

fn lot(client: &str, seed: u64) -> u64 {
    hash::short(format!("{seed}\u{1f}{client}"))
}

/// The fold of each row: all rows of a client in one, as many leavers in each as can be.
fn deal(table: &Table, exited: &[bool], folds: u32, seed: u64) -> Vec<u32> {
    let mut clients: BTreeMap<&str, bool> = BTreeMap::new();
    for (row, exited) in exited.iter().enumerate() {
        *clients.entry(table.client_id(row)).or_default() |= exited;
    }
    let mut order: Vec<(bool, u64, &str)> = clients
        .into_iter()
        .map(|(client, left)| (left, lot(client, seed), client))
        .collect();
    order.sort_unstable();
    let fold_of: HashMap<&str, u32> = order
        .into_iter()
        .zip((0..folds).cycle())
        .map(|((_, _, client), fold)| (client, fold))
        .collect();
    (0..exited.len())
        .map(|row| fold_of[table.client_id(row)])
        .collect()
}

fn by_client(fold_of: &[u32], folds: u32) -> Splits {
    let rows: Vec<usize> = (0..fold_of.len()).collect();
    let split = |fold: u32| Split {
        fitted: rows
            .iter()
            .copied()
            .filter(|row| fold_of[*row] != fold)
            .collect(),
        predicted: rows
            .iter()
            .copied()
            .filter(|row| fold_of[*row] == fold)
            .collect(),
    };
    Splits {
        validation: Validation::ByClient,
        splits: (0..folds)
            .map(split)
            .filter(|split| !split.predicted.is_empty())
            .collect(),
        rows,
    }
}

/// Splits forward in time; none where too few labels were known early, or too few samples are left
/// to predict. `known` is the date from which each label is known.
fn forward(
    dates: &[NaiveDate],
    known: &[NaiveDate],
    exited: &[bool],
    fold_of: &[u32],
    folds: u32,
) -> Option<Splits> {
    let before = |start: NaiveDate| -> Vec<usize> {
        (0..dates.len())
            .filter(|row| dates[*row] < start && known[*row] <= start)
            .collect()
    };
    let is_enough = |rows: &[usize]| {
        let labels: Vec<bool> = rows.iter().map(|row| exited[*row]).collect();
        !super::is_too_few(&labels)
    };
    let mut days = dates.to_vec();
    days.sort_unstable();
    days.dedup();
    let first = days.iter().copied().find(|day| is_enough(&before(*day)))?;
    let rows: Vec<usize> = (0..dates.len())
        .filter(|row| dates[*row] >= first)
        .collect();
    if !is_enough(&rows) {
        return None;
    }
    let starts = starts(&days, &rows, dates, first);
    let mut splits = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1);
        let fitted = before(*start);
        for fold in 0..folds {
            let predicted: Vec<usize> = (0..rows.len())
                .filter(|position| {
                    let row = rows[*position];
                    let is_in = dates[row] >= *start && end.is_none_or(|end| dates[row] < *end);
                    is_in && fold_of[row] == fold
                })
                .collect();
            if !predicted.is_empty() {
                splits.push(Split {
                    fitted: fitted
                        .iter()
                        .copied()
                        .filter(|row| fold_of[*row] != fold)
                        .collect(),
                    predicted,
                });
            }
        }
    }
    Some(Splits {
        validation: Validation::ForwardInTime,
        rows,
        splits,
    })
}

/// The days on which the stretches begin, with about as many rows in each.
fn starts(
    days: &[NaiveDate],
    rows: &[usize],
    dates: &[NaiveDate],
    first: NaiveDate,
) -> Vec<NaiveDate> {
    let mut of_rows: Vec<NaiveDate> = rows.iter().map(|row| dates[*row]).collect();
    of_rows.sort_unstable();
    let mut starts = vec![first];
    for stretch in 1..STRETCHES {
        let day = of_rows[of_rows.len() * stretch / STRETCHES];
        // A day belongs to one stretch: the next one begins with the day after the middle one where
        // that is the first day itself.
        let start = days.iter().find(|other| **other >= day && **other > first);
        if let Some(start) = start
            && starts.last() != Some(start)
        {
            starts.push(*start);
        }
    }
    starts
}
