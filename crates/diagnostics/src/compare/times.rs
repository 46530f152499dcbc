//! The times of the rows of a table, their order, and chunks cut by time or by count.

use super::tables::place;
use anyhow::Result;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime};
use clap::ValueEnum;
use dataset::columns::Texts;
use risk_core::Failure;
use std::ops::Range;
use std::path::Path;

/// How the rows are cut into chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// So many rows each, at least 1; the last has what is left.
    Rows(usize),
    /// The rows of one period of the calendar (UTC) each; a period without rows has no chunk.
    Period(Period),
}

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Period {
    /// A day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months, the first from January.
    Quarter,
    /// A year.
    Year,
}

impl Period {
    /// The first day of the period that a day is in.
    fn begin(self, day: NaiveDate) -> NaiveDate {
        let month = match self {
            Self::Day => return day,
            Self::Week => {
                let into = Days::new(day.weekday().num_days_from_monday().into());
                return day.checked_sub_days(into).unwrap_or(day);
            }
            Self::Month => day.month(),
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
    }
}

/// The times of the rows of one side.
pub struct Times {
    /// The rows in the order of time, equal ones in the order of the file, those without a time last.
    pub order: Vec<u32>,
    /// Microseconds since 1970, or the numbers that stand for times; infinite where there is none.
    keys: Vec<f64>,
    /// Whether any of them is a plain number and no date.
    pub are_numbers: bool,
}

impl Times {
    /// Reads a column of times.
    ///
    /// # Errors
    /// [`Failure::DataRefused`] for a cell that is neither a number nor a date.
    pub fn read(path: &Path, name: &str, texts: &Texts) -> Result<Self> {
        let mut keys = Vec::with_capacity(texts.len());
        let mut are_numbers = false;
        for row in 0..texts.len() {
            let text = texts.get(row);
            let key = if text.is_empty() {
                Some(f64::INFINITY)
            } else {
                time_key(text).map(|(key, is_number)| {
                    are_numbers |= is_number;
                    key
                })
            };
            keys.push(key.ok_or_else(|| {
                Failure::DataRefused(format!(
                    "{}: {}, column {name}: {text:?} is neither a number nor a date such as \
                     2026-01-31 or 2026-01-31T12:00:00Z",
                    path.display(),
                    place(path, row)
                ))
            })?);
        }
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        order.sort_by(|a, b| keys[*a as usize].total_cmp(&keys[*b as usize]));
        Ok(Self {
            order,
            keys,
            are_numbers,
        })
    }

    /// The rows of each period, as positions in the order of time; rows without a time are one more
    /// chunk, the last.
    pub fn chunks(&self, period: Period) -> Vec<Range<usize>> {
        let begin = |row: &u32| {
            let micros = self.keys[*row as usize];
            let time = micros
                .is_finite()
                .then(|| DateTime::from_timestamp_micros(micros as i64));
            time.flatten().map(|time| period.begin(time.date_naive()))
        };
        let (mut chunks, mut start) = (Vec::new(), 0);
        for rows in self.order.chunk_by(|a, b| begin(a) == begin(b)) {
            chunks.push(start..start + rows.len());
            start += rows.len();
        }
        chunks
    }
}

/// Whether a text is a date or a time, and no plain number.
pub fn is_date(text: &str) -> bool {
    time_key(text).is_some_and(|(_, is_number)| !is_number)
}

/// What orders times, and whether it is a plain number.
fn time_key(text: &str) -> Option<(f64, bool)> {
    let date = |time: NaiveDateTime| (time.and_utc().timestamp_micros() as f64, false);
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date(day.and_time(chrono::NaiveTime::MIN)));
    }
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some((number, true));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some((time.timestamp_micros() as f64, false));
    }
    let formats = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ];
    formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_form_are_in_order() {
        let texts = [
            "2026-01-30",
            "2026-01-30T00:00:01Z",
            "2026-01-30 00:00:02.5",
            "2026-01-31 07:00",
        ];
        let keys: Vec<_> = texts.iter().map(|text| time_key(text).unwrap()).collect();
        assert!(
            keys.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "{keys:?}"
        );
        assert!(keys.iter().all(|key| !key.1));
        assert_eq!(time_key("7"), Some((7.0, true)));
        assert_eq!(time_key("soon"), None);
    }

    #[test]
    fn a_period_begins_on_its_first_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let cases = [
            (Period::Day, "2026-05-31", "2026-05-31"),
            (Period::Week, "2026-05-31", "2026-05-25"),
            (Period::Week, "2026-06-01", "2026-06-01"),
            (Period::Month, "2026-05-31", "2026-05-01"),
            (Period::Quarter, "2026-05-31", "2026-04-01"),
            (Period::Quarter, "2026-12-31", "2026-10-01"),
            (Period::Year, "2026-05-31", "2026-01-01"),
        ];
        for (period, of, begin) in cases {
            assert_eq!(period.begin(day(of)), day(begin), "{period:?} {of}");
        }
    }

    #[test]
    fn chunks_follow_the_calendar_and_rows_without_a_time_come_last() {
        let days = ["2026-02-01", "2026-01-31", "", "2026-01-01", "2026-04-30"];
        let keys = days.map(|day| time_key(day).map_or(f64::INFINITY, |key| key.0));
        let times = Times {
            order: vec![3, 1, 0, 4, 2],
            keys: keys.to_vec(),
            are_numbers: false,
        };
        assert_eq!(times.chunks(Period::Month), [0..2, 2..3, 3..4, 4..5]);
        assert_eq!(times.chunks(Period::Year), [0..4, 4..5]);
    }
}
