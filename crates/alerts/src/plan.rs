//! Which causes are told now. A pure function of what is there and what was told before.

use crate::Cause;
use chrono::{DateTime, TimeDelta, Utc};

/// An occurrence of a cause that was told before and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// [`Cause::key`].
    pub cause: String,
    /// [`Cause::occurrence`].
    pub occurrence: String,
    /// When a message about it last arrived; `None` while none has, or where it was held back.
    pub told_at: Option<DateTime<Utc>>,
    /// Whether it was held back by the cool-down and not told.
    pub held_back: bool,
}

/// What to do about causes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Positions of the causes that are told now.
    pub tell: Vec<usize>,
    /// Positions of the causes whose occurrence is new but comes within the cool-down: they are
    /// noted, not told.
    pub hold_back: Vec<usize>,
    /// Keys of the causes that are no longer there.
    pub end: Vec<String>,
}

/// Decides what is told.
///
/// A cause that was not there before is told at once. A further occurrence of it is told when the cool-
/// down since the last message is over, else held back until then. The same occurrence is told again
/// only for kinds that are repeated, after the cool-down. A cause that is no longer there ends; when it
/// comes back it is told at once. A message that lies in the future, because the clock was set back,
/// holds nothing back.
///
/// ```
/// use alerts::{Cause, Kind, Told, plan};
/// use chrono::{DateTime, TimeDelta};
///
/// let now = DateTime::UNIX_EPOCH + TimeDelta::hours(48);
/// let stale = Cause::new(Kind::StaleData, "since Monday", "no new file for 3 days");
/// let told = |hours| Told {
///     cause: "stale_data".into(),
///     occurrence: "since Monday".into(),
///     told_at: Some(now - TimeDelta::hours(hours)),
///     held_back: false,
/// };
/// assert_eq!(plan(&[stale.clone()], &[], TimeDelta::hours(24), now).tell, [0]);
/// assert!(plan(&[stale.clone()], &[told(23)], TimeDelta::hours(24), now).tell.is_empty());
/// assert_eq!(plan(&[stale], &[told(24)], TimeDelta::hours(24), now).tell, [0]);
/// ```
#[must_use]
pub fn plan(present: &[Cause], open: &[Told], cooldown: TimeDelta, now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    for (position, cause) in present.iter().enumerate() {
        match step(cause, open, cooldown, now) {
            Step::Tell => plan.tell.push(position),
            Step::HoldBack => plan.hold_back.push(position),
            Step::Nothing => {}
        }
    }
    for told in open {
        let there = present.iter().any(|cause| cause.key() == told.cause);
        if !there && !plan.end.contains(&told.cause) {
            plan.end.push(told.cause.clone());
        }
    }
    plan
}

enum Step {
    Tell,
    HoldBack,
    Nothing,
}

fn step(cause: &Cause, open: &[Told], cooldown: TimeDelta, now: DateTime<Utc>) -> Step {
    let key = cause.key();
    let of_cause = || open.iter().filter(|told| told.cause == key);
    let told_at = of_cause().filter_map(|told| told.told_at).max();
    let of_occurrence = || of_cause().filter(|told| told.occurrence == cause.occurrence);
    let is_known = of_occurrence().next().is_some();
    let is_untold = is_known && of_occurrence().all(|told| told.held_back);
    let cools_down = told_at.is_some_and(|at| at <= now && now - at < cooldown);
    match (is_known, cools_down) {
        (false, true) => Step::HoldBack,
        (false, false) => Step::Tell,
        (true, false) if is_untold => Step::Tell,
        // What has not arrived yet is delivered again anyhow.
        (true, false) if cause.kind.is_repeated() && told_at.is_some() => Step::Tell,
        (true, _) => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    /// An occurrence and how many minutes ago it was told.
    type Before = (&'static str, Option<i64>);

    const COOLDOWN: TimeDelta = TimeDelta::minutes(60);

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(9000)
    }

    fn told(cause: &Cause, occurrence: &str, minutes_ago: Option<i64>) -> Told {
        Told {
            cause: cause.key(),
            occurrence: occurrence.into(),
            told_at: minutes_ago.map(|minutes| now() - TimeDelta::minutes(minutes)),
            held_back: false,
        }
    }

    #[test]
    fn what_is_told_depends_on_kind_occurrence_and_time() {
        let file = Cause::new(Kind::RefusedData, "1", "").about("a.csv");
        let stale = Cause::new(Kind::StaleData, "1", "");
        // Cause, what was told before, and whether it is told and held back.
        let table: [(&Cause, &[Before], bool, bool); 11] = [
            (&file, &[], true, false),
            (&file, &[("1", Some(10))], false, false),
            (&file, &[("1", Some(600))], false, false),
            (&file, &[("0", Some(10))], false, true),
            (&file, &[("0", Some(60))], true, false),
            (&file, &[("0", Some(10)), ("1", None)], false, false),
            (&file, &[("0", None)], true, false),
            (&stale, &[("1", Some(59))], false, false),
            (&stale, &[("1", Some(60))], true, false),
            (&stale, &[("1", None)], false, false),
            (&stale, &[("1", Some(-30))], true, false),
        ];
        for (cause, before, tell, hold_back) in table {
            let open: Vec<Told> = before
                .iter()
                .map(|(occurrence, minutes)| told(cause, occurrence, *minutes))
                .collect();
            let plan = plan(std::slice::from_ref(cause), &open, COOLDOWN, now());
            assert_eq!(!plan.tell.is_empty(), tell, "{cause:?} after {before:?}");
            assert_eq!(
                !plan.hold_back.is_empty(),
                hold_back,
                "{cause:?} after {before:?}"
            );
            assert!(plan.end.is_empty());
        }
    }

    #[test]
    fn what_was_held_back_is_told_once_when_the_cool_down_is_over() {
        let file = Cause::new(Kind::RefusedData, "1", "").about("a.csv");
        let held_back = Told {
            held_back: true,
            ..told(&file, "1", None)
        };
        let after = |first: i64, more: &[Told]| {
            let open = [&[told(&file, "0", Some(first)), held_back.clone()], more].concat();
            plan(std::slice::from_ref(&file), &open, COOLDOWN, now())
        };
        assert_eq!(after(59, &[]), Plan::default());
        assert_eq!(after(60, &[]).tell, [0]);
        // The message is on its way, or has arrived.
        for told_at in [None, Some(600)] {
            assert_eq!(after(900, &[told(&file, "1", told_at)]), Plan::default());
        }
    }

    #[test]
    fn a_cause_that_is_gone_ends_once_and_others_stay() {
        let gone = Cause::new(Kind::RefusedData, "1", "").about("a.csv");
        let stays = Cause::new(Kind::RefusedData, "1", "").about("b.csv");
        let open = [
            told(&gone, "0", Some(5)),
            told(&gone, "1", None),
            told(&stays, "1", Some(5)),
        ];
        let plan = plan(&[stays], &open, COOLDOWN, now());
        assert_eq!(plan.end, ["refused_data a.csv"]);
        assert!(plan.tell.is_empty() && plan.hold_back.is_empty());
    }
}
