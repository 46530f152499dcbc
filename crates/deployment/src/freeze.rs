//! Keeping the release in force as it is until a time.

use crate::FreezeOutcome;
use anyhow::{Result, bail};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use risk_core::error::timestamp;
use risk_core::history::{ReleaseEntry, ReleaseEvent};
use risk_core::release::{self, Freeze, State};
use risk_core::{Failure, Run};

/// Freezes changes until a time; a later call replaces an earlier one.
///
/// # Errors
/// [`Failure::Usage`] when the time has passed; else when the state cannot be read or written.
pub fn freeze(run: &Run, until: DateTime<Utc>) -> Result<FreezeOutcome> {
    if until <= run.now {
        bail!(Failure::Usage(format!(
            "--freeze {}: that time has passed; it is {}",
            timestamp(until),
            timestamp(run.now)
        )));
    }
    let mut state = State::read(&run.layout)?;
    state.frozen = Some(Freeze {
        until,
        since: timestamp(run.now),
    });
    state.save(&run.layout)?;
    record(run, ReleaseEvent::Frozen, Some(until))?;
    Ok(FreezeOutcome::new(Some(until), true))
}

/// Ends the freeze; nothing happens where there is none.
///
/// # Errors
/// When the state cannot be read or written.
pub fn unfreeze(run: &Run) -> Result<FreezeOutcome> {
    let mut state = State::read(&run.layout)?;
    let Some(freeze) = state.frozen.take() else {
        return Ok(FreezeOutcome::new(None, false));
    };
    state.save(&run.layout)?;
    record(run, ReleaseEvent::Unfrozen, Some(freeze.until))?;
    Ok(FreezeOutcome::new(None, true))
}

fn record(run: &Run, event: ReleaseEvent, until: Option<DateTime<Utc>>) -> Result<()> {
    let production = release::production_name(&run.config);
    let until = until.map(|until| format!("until {}", timestamp(until)));
    let entry = ReleaseEntry {
        reason: until.as_deref(),
        ..ReleaseEntry::new(&production, event)
    };
    run.history()?.record_release_event(&entry, run.now)
}

/// A time, or a date, which stands for its end in UTC.
pub(crate) fn parse_until(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    text.parse::<NaiveDate>()
        .ok()
        .and_then(|date| date.checked_add_days(Days::new(1)))
        .map(|next_day| next_day.and_time(NaiveTime::MIN).and_utc())
        .ok_or_else(|| {
            "expected a date, such as 2026-12-31, or a time in RFC 3339, such as \
             2026-12-31T18:00:00Z"
                .into()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_stands_for_its_end_and_a_time_needs_a_zone() {
        let parsed = |text: &str| parse_until(text).map(timestamp);
        let table = [
            ("2026-12-31", Some("2027-01-01T00:00:00Z")),
            ("2026-12-31T18:00:00+01:00", Some("2026-12-31T17:00:00Z")),
            ("2026-12-31T18:00:00", None),
            ("2026-13-01", None),
            ("tomorrow", None),
        ];
        for (text, expected) in table {
            assert_eq!(parsed(text).ok().as_deref(), expected, "{text}");
        }
    }
}
