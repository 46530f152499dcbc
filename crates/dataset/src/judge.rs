//! What a column looks like: numbers or categories, and whether it can be a feature.

use crate::cell::{is_missing, is_some_date, is_written_number, parse_compact_date, parse_number};
use crate::raw::RawTable;
use risk_core::schema::{Column, Kind, Role};
use std::collections::HashSet;
use std::ops::Range;

/// A column is numeric when at least this share of its known cells are finite numbers, and holds dates
/// when at least this share of them are dates.
const NEARLY_ALL: f64 = 0.95;
/// A text column with at least this many distinct texts for a client is left out of the features.
const DISTINCT_SHARE: f64 = 0.9;
/// Below this many rows nothing is said to be nearly distinct or to count up.
const ROWS_TO_TELL: usize = 10;
/// Up to so many distinct texts are levels of a category, also where they hold digits.
const FEW_LEVELS: usize = 20;

/// From 2000 to 2040, in seconds since 1970: all numbers of a column lie in so narrow a range only where
/// they are times.
const UNIX_TIMES: Range<f64> = 946_684_800.0..2_208_988_800.0;

/// The column as it is found in the files, with the reason why it can be no feature where there is
/// one. `client_id` names the id column.
pub(crate) fn judge_column(name: &str, client_id: &str, tables: &[&RawTable]) -> Column {
    let cells = known(name, tables);
    let (kind, left_out) = if cells.is_empty() {
        let reason = "no row has a value; run ingestion --reset-schema when there are some";
        (Kind::Category, Some(reason.to_owned()))
    } else if nearly_all(&cells, |cell| parse_number(cell).is_ok()) {
        let numbers = Numbers::of(&cells);
        let reason = counts_up(name, tables)
            .or_else(|| numbers.compact_dates(&cells))
            .or_else(|| numbers.unix_times(&cells))
            .or_else(|| numbers.other_id(name, known(client_id, tables)));
        (Kind::Numeric, reason)
    } else {
        let reason = dates(&cells)
            .or_else(|| written_numbers(&cells))
            .or_else(|| mixed(name, &cells, tables))
            .or_else(|| nearly_distinct(&cells, &known(client_id, tables)));
        (Kind::Category, reason)
    };
    Column {
        left_out,
        ..Column::new(name, Role::Carried, kind)
    }
}

/// The cells of a column that are not missing.
fn known<'a>(name: &str, tables: &[&'a RawTable]) -> Vec<&'a str> {
    let all = tables.iter().flat_map(|table| cells(name, table));
    all.map(|(_, cell)| cell)
        .filter(|cell| !is_missing(cell))
        .collect()
}

/// The cells of a column with their lines.
fn cells<'a>(name: &str, table: &'a RawTable) -> impl Iterator<Item = (u64, &'a str)> {
    let position = table.position_of(name);
    table.rows.iter().filter_map(move |row| {
        // Rows of another width say nothing about their columns.
        if row.cells.len() == table.header.len() {
            row.cells.get(position?).map(|cell| (row.line, cell))
        } else {
            None
        }
    })
}

fn nearly_all(cells: &[&str], test: impl Fn(&str) -> bool) -> bool {
    let allowed = (1.0 - NEARLY_ALL) * cells.len() as f64;
    let mut failed = 0_usize;
    // Most columns are told apart by their first cells.
    !cells.iter().any(|cell| {
        failed += usize::from(!test(cell));
        failed as f64 > allowed
    })
}

fn distinct(cells: &[&str]) -> usize {
    cells.iter().collect::<HashSet<_>>().len()
}

fn counts_up(name: &str, tables: &[&RawTable]) -> Option<String> {
    let counts = |table: &&RawTable| {
        let numbers: Option<Vec<f64>> = cells(name, table)
            .map(|(_, cell)| parse_number(cell).ok())
            .collect();
        numbers.is_some_and(|numbers| {
            numbers.len() >= ROWS_TO_TELL
                && numbers.iter().all(|number| number.fract() == 0.0)
                && numbers.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
        })
    };
    (!tables.is_empty() && tables.iter().all(counts))
        .then(|| "integers that count up from row to row: a row number".to_owned())
}

/// What is asked of the numbers of a column.
struct Numbers {
    are_integers: bool,
    distinct: usize,
}

impl Numbers {
    fn of(cells: &[&str]) -> Self {
        let is_integer = |cell: &&str| parse_number(cell).is_ok_and(|number| number.fract() == 0.0);
        Self {
            are_integers: cells.iter().all(is_integer),
            distinct: distinct(cells),
        }
    }

    fn compact_dates(&self, cells: &[&str]) -> Option<String> {
        let are_dates = self.are_integers
            && self.distinct > 1
            && cells.len() >= ROWS_TO_TELL
            && cells.iter().all(|cell| parse_compact_date(cell).is_some());
        are_dates.then(|| format!("dates such as 20260131; {ABOUT_DATES}"))
    }

    fn unix_times(&self, cells: &[&str]) -> Option<String> {
        if !self.are_integers || self.distinct == 1 || cells.len() < ROWS_TO_TELL {
            return None;
        }
        let lie_within = |unit: f64| {
            let within = |cell: &&str| {
                let number = parse_number(cell).ok();
                number.is_some_and(|number| UNIX_TIMES.contains(&(number / unit)))
            };
            cells.iter().all(within)
        };
        let unit = [(1.0, "seconds"), (1e3, "milliseconds")]
            .into_iter()
            .find(|(unit, _)| lie_within(*unit));
        unit.map(|(_, name)| format!("times as {name} since 1970; {ABOUT_DATES}"))
    }

    fn other_id(&self, name: &str, clients: Vec<&str>) -> Option<String> {
        if !self.are_integers || self.distinct < ROWS_TO_TELL || !is_name_of_id(name) {
            return None;
        }
        let (numbers, clients) = (self.distinct, distinct(&clients));
        (numbers as f64 >= DISTINCT_SHARE * clients as f64)
            .then(|| format!("{numbers} distinct integers for {clients} clients: another id"))
    }
}

/// Whether the last word of a name says that the column identifies something: CustomerId, account_no.
fn is_name_of_id(name: &str) -> bool {
    let words = ["id", "identifier", "uuid", "key", "number", "no", "nr"];
    let separated = name.rsplit([' ', '_', '-', '.']).next().unwrap_or_default();
    // CustomerId, customerID: the word after the last lower-case letter before a capital.
    let boundary = separated
        .char_indices()
        .zip(separated.chars().skip(1))
        .filter(|((_, before), after)| before.is_lowercase() && after.is_uppercase())
        .map(|((at, before), _)| at + before.len_utf8())
        .last();
    let last = &separated[boundary.unwrap_or(0)..];
    words.iter().any(|word| last.eq_ignore_ascii_case(word))
}

const ABOUT_DATES: &str = "dataset.observed_at may name it, written as 2026-01-31, where it is the \
                           date of the sample; else a number, such as days since then, could be a \
                           feature";

fn dates(cells: &[&str]) -> Option<String> {
    nearly_all(cells, is_some_date).then(|| format!("dates; {ABOUT_DATES}"))
}

fn written_numbers(cells: &[&str]) -> Option<String> {
    let is_written = |cell: &str| parse_number(cell).is_ok() || is_written_number(cell);
    if distinct(cells) <= FEW_LEVELS || !nearly_all(cells, is_written) {
        return None;
    }
    let has = |marks: &[char]| cells.iter().any(|cell| cell.trim().contains(marks));
    let marks = if has(&['%']) {
        "a percent sign"
    } else if has(&['$', '€', '£', '¥']) {
        "a currency sign"
    } else if has(&[',']) {
        "commas"
    } else {
        "spaces or apostrophes between the digits"
    };
    Some(format!(
        "numbers written with {marks}; write them as plain numbers, such as 1234.5"
    ))
}

fn mixed(name: &str, known: &[&str], tables: &[&RawTable]) -> Option<String> {
    let is_text = |cell: &str| !is_missing(cell) && parse_number(cell).is_err();
    let texts = known.iter().filter(|cell| is_text(cell)).count();
    if 2 * texts > known.len() || distinct(known) <= FEW_LEVELS {
        return None;
    }
    let place = match tables {
        [only] => cells(name, only)
            .find(|(_, cell)| is_text(cell))
            .map(|(line, _)| format!(", the first on line {line}"))
            .unwrap_or_default(),
        _ => String::new(),
    };
    Some(format!(
        "{} of its cells are numbers and {texts} are text{place}; leave those empty where they mean \
         that the number is not known",
        known.len() - texts
    ))
}

fn nearly_distinct(cells: &[&str], clients: &[&str]) -> Option<String> {
    let (texts, clients) = (distinct(cells), distinct(clients));
    let nearly = texts >= ROWS_TO_TELL && texts as f64 >= DISTINCT_SHARE * clients as f64;
    nearly.then(|| format!("{texts} distinct texts for {clients} clients: a name, not a category"))
}

#[cfg(test)]
mod tests;
