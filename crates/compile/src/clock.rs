//! Times of Parquet files as text: on the clock of their zone, so that their dates are those of there.

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use polars::prelude::TimeUnit;

const FORMAT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// The clock that the times of a column are told by.
pub(crate) enum Clock {
    /// None is known: the times are as they were written down.
    Unknown,
    Named(Tz),
    Offset(FixedOffset),
}

impl Clock {
    /// The clock of a zone, such as `Europe/Berlin` or `+02:00`.
    ///
    /// # Errors
    /// The zone, where it is not known.
    pub fn new(zone: Option<&str>) -> Result<Self, String> {
        let Some(zone) = zone else {
            return Ok(Self::Unknown);
        };
        let named = zone.parse().map(Self::Named);
        named
            .or_else(|_| zone.parse().map(Self::Offset))
            .map_err(|_| zone.to_owned())
    }

    /// A time since 1970 as text; with its offset where the zone is known.
    pub fn text(&self, time: i64, unit: TimeUnit) -> String {
        let utc = match unit {
            TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(time)),
            TimeUnit::Microseconds => DateTime::from_timestamp_micros(time),
            TimeUnit::Milliseconds => DateTime::from_timestamp_millis(time),
        };
        // Beyond the year 262,142: no date that anybody means, and so a bad cell.
        let Some(utc) = utc else {
            return time.to_string();
        };
        let with_offset = format!("{FORMAT}%:z");
        match self {
            Self::Unknown => utc.format(FORMAT).to_string(),
            Self::Named(zone) => utc.with_timezone(zone).format(&with_offset).to_string(),
            Self::Offset(offset) => utc.with_timezone(offset).format(&with_offset).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(zone: Option<&str>, millis: i64) -> String {
        let clock = Clock::new(zone).ok().unwrap();
        clock.text(millis, TimeUnit::Milliseconds)
    }

    #[test]
    fn a_time_has_the_date_of_its_zone() {
        let midnight_in_berlin = 1_772_319_600_000;
        for (zone, expected) in [
            (None, "2026-02-28 23:00:00"),
            (Some("UTC"), "2026-02-28 23:00:00+00:00"),
            (Some("Europe/Berlin"), "2026-03-01 00:00:00+01:00"),
            (Some("+02:00"), "2026-03-01 01:00:00+02:00"),
        ] {
            assert_eq!(text(zone, midnight_in_berlin), expected);
        }
        assert_eq!(text(None, -1), "1969-12-31 23:59:59.999");
        assert!(Clock::new(Some("Mars/Olympus")).is_err());
    }
}
