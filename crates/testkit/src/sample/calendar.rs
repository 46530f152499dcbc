//! Months and days, as far as the sample data needs them.

use std::fmt;
use std::str::FromStr;

/// A calendar month, counted from January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i32);

impl Month {
    /// The month `number` (1 to 12) of `year`.
    pub const fn new(year: i32, number: i32) -> Month {
        Month(year * 12 + number - 1)
    }

    /// The month `months` later, or earlier where negative.
    pub const fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }

    /// How many months later than `earlier` this is.
    pub const fn since(self, earlier: Month) -> i32 {
        self.0 - earlier.0
    }

    /// This month, the following ones, and `last`; none where `last` is earlier.
    pub fn to(self, last: Month) -> impl Iterator<Item = Month> {
        (self.0..=last.0).map(Month)
    }

    /// The number of its days.
    pub const fn days(self) -> i32 {
        self.plus(1).first_day() - self.first_day()
    }

    /// Its first day, in days since 1970-01-01.
    const fn first_day(self) -> i32 {
        // The year begins in March, so that the leap day is its last.
        let from_march = self.0 - 2;
        let year = from_march.div_euclid(12);
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        // 306 days from March to December; 719,468 days from 0000-03-01 to 1970-01-01.
        365 * year + leap_days + (153 * from_march.rem_euclid(12) + 2) / 5 - 719_468
    }

    /// Its last day, in days since 1970-01-01: the day of the month's snapshot.
    pub const fn last_day(self) -> i32 {
        self.plus(1).first_day() - 1
    }

    /// Its last day as text, such as `2026-01-31`.
    pub fn last_date(self) -> String {
        format!("{self}-{:02}", self.days())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}",
            self.0.div_euclid(12),
            self.0.rem_euclid(12) + 1
        )
    }
}

impl FromStr for Month {
    type Err = String;

    /// Reads a month such as `2026-07`.
    fn from_str(text: &str) -> Result<Month, String> {
        let parse = || {
            let (year, number) = text.split_once('-')?;
            let (year, number) = (year.parse().ok()?, number.parse().ok()?);
            ((2000..2100).contains(&year) && (1..=12).contains(&number))
                .then_some(Month::new(year, number))
        };
        parse().ok_or_else(|| format!("'{text}' is not a month such as 2026-07"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_on_their_last_day() {
        assert_eq!(Month::new(1969, 12).last_day(), -1);
        assert_eq!(Month::new(2026, 1).last_date(), "2026-01-31");
        assert_eq!(Month::new(2028, 2).last_date(), "2028-02-29");
        assert_eq!(
            Month::new(2026, 6).last_day() - Month::new(2026, 3).last_day(),
            91
        );
        assert_eq!(
            Month::new(2027, 1).last_day() - Month::new(2026, 1).last_day(),
            365
        );
    }

    #[test]
    fn a_month_is_read_as_it_is_written() {
        assert_eq!("2026-07".parse(), Ok(Month::new(2026, 7)));
        assert_eq!(Month::new(2026, 7).plus(-7).to_string(), "2025-12");
        assert!("2026-13".parse::<Month>().is_err());
        assert!("July".parse::<Month>().is_err());
    }
}
