//! Risks of old data: they speak of days that have partly or wholly passed.

use super::day;
use chrono::{Days, NaiveDate};

/// The days that the newest data of some clients lets say something about, where more than half of them
/// have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    newest: NaiveDate,
    ends: NaiveDate,
    horizon_days: u32,
    n_passed: u64,
    /// Whether all of them have passed: what was expected is no forecast any more.
    pub is_over: bool,
}

impl Aged {
    /// From the date of the newest data; `None` where it is fresh enough, or dates or the horizon are not
    /// known.
    #[must_use]
    pub fn of(
        dates: impl Iterator<Item = Option<NaiveDate>>,
        horizon_days: Option<u32>,
        today: NaiveDate,
    ) -> Option<Self> {
        let (newest, horizon_days) = (dates.flatten().max()?, horizon_days?);
        let ends = newest.checked_add_days(Days::new(horizon_days.into()))?;
        let n_passed = u64::try_from((today - newest).num_days()).ok()?;
        (2 * n_passed > u64::from(horizon_days)).then_some(Self {
            newest,
            ends,
            horizon_days,
            n_passed,
            is_over: ends < today,
        })
    }

    /// " within 90 days of 30 June 2026, which ended on 28 September 2026".
    #[must_use]
    pub fn within(self) -> String {
        format!(
            " within {} days of {}, which {} on {}",
            self.horizon_days,
            day(self.newest),
            if self.is_over { "ended" } else { "end" },
            day(self.ends)
        )
    }

    /// What the reader has to know before anything else.
    #[must_use]
    pub fn attention(self) -> String {
        let (newest, horizon_days) = (day(self.newest), self.horizon_days);
        if self.is_over {
            return format!(
                "The risks are out of date: the newest data of the clients is of {newest}, and the \
                 {horizon_days} days that the risks are about ended on {}. Who is about to leave now is \
                 not known before newer data comes.",
                day(self.ends)
            );
        }
        format!(
            "The risks are about {horizon_days} days of which {} have passed: the newest data of the \
             clients is of {newest}. Who has changed or left since is not seen.",
            self.n_passed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(horizon_days: Option<u32>, today: &str) -> Option<Aged> {
        let dates = ["2026-05-31", "2026-06-30"].map(|date| date.parse().ok());
        Aged::of(
            dates.into_iter().chain([None]),
            horizon_days,
            today.parse().unwrap(),
        )
    }

    #[test]
    fn risks_are_aged_from_half_of_their_days_on_and_over_after_the_last() {
        for (today, expected) in [
            ("2026-07-01", None),
            ("2026-08-14", None),
            ("2026-08-15", Some(false)),
            ("2026-09-28", Some(false)),
            ("2026-09-29", Some(true)),
            ("2026-06-01", None),
        ] {
            let found = aged(Some(90), today).map(|aged| aged.is_over);
            assert_eq!(found, expected, "{today}");
        }
        assert_eq!(aged(None, "2027-03-01"), None);
        assert_eq!(Aged::of([None].into_iter(), Some(90), NaiveDate::MAX), None);
    }

    #[test]
    fn the_days_are_named() {
        let over = aged(Some(90), "2027-03-01").unwrap();
        assert_eq!(
            over.within(),
            " within 90 days of 30 June 2026, which ended on 28 September 2026"
        );
        assert!(
            over.attention()
                .contains("days that the risks are about ended on 28 September 2026")
        );
        let aged = aged(Some(90), "2026-08-29").unwrap();
        assert!(aged.within().ends_with("which end on 28 September 2026"));
        assert!(aged.attention().contains("90 days of which 60 have passed"));
    }
}
