//! What is known of a client besides its risk, and whether that speaks against listing it.

use crate::outcome::Outcome;
use crate::trial::Trial;
use crate::{Group, Rules, is_within};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The rise of the log-odds that counts as clear: the odds of leaving have doubled.
pub const CLEAR_RISE: f64 = std::f64::consts::LN_2;

/// How much the log-odds rose from one risk to another. Of calibrated risks, since these are what the
/// odds of leaving mean; certainty counts as a millionth less.
#[must_use]
pub fn odds_rise(then: f64, now: f64) -> f64 {
    let log_odds = |risk: f64| {
        let risk = risk.clamp(1e-6, 1.0 - 1e-6);
        (risk / (1.0 - risk)).ln()
    };
    log_odds(now) - log_odds(then)
}

/// What is known of a client besides its risk.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// Its last call in which somebody was reached.
    pub called: Option<Called>,
    /// Its place in the trial of the hold-out, where it was drawn for it.
    pub trial: Option<Trial>,
    /// The date of its newest row, where the newest snapshot lacks it.
    pub not_seen_since: Option<NaiveDate>,
}

/// A call of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// The day of the call.
    pub on: NaiveDate,
    /// What came of it.
    pub outcome: Outcome,
    /// How much its log-odds have risen since through its own data, where that is known.
    pub rise: Option<f64>,
}

/// Why a client is not listed for contact although its risk and value would call for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Obstacle {
    /// It was called a short while ago.
    Called {
        /// The day of the call.
        on: NaiveDate,
        /// What came of it.
        outcome: Outcome,
    },
    /// It has said that it leaves.
    Leaving {
        /// The day on which it said so.
        on: NaiveDate,
    },
    /// The newest snapshot lacks it: it may have left already.
    NotSeen {
        /// The date of its newest row.
        since: NaiveDate,
    },
}

/// What speaks against listing a client on a day; nothing for most.
///
/// A client that was called within [`Rules::recontact_after_days`] is listed again only when its own
/// data has doubled its odds of leaving since. One that has said that it leaves is not called again
/// within the horizon. A call that reached nobody is no obstacle.
#[must_use]
pub fn obstacle(standing: &Standing, rules: &Rules, today: NaiveDate) -> Option<Obstacle> {
    if let Some(since) = standing.not_seen_since {
        return Some(Obstacle::NotSeen { since });
    }
    let called = standing.called.as_ref()?;
    if called.outcome.is_final() && is_within(called.on, rules.horizon_days, today) {
        return Some(Obstacle::Leaving { on: called.on });
    }
    let recent = is_within(called.on, Some(rules.recontact_after_days), today);
    let risen = called.rise.is_some_and(|rise| rise >= CLEAR_RISE);
    (called.outcome.was_reached() && recent && !risen).then_some(Obstacle::Called {
        on: called.on,
        outcome: called.outcome,
    })
}

impl Standing {
    /// Whether the client is set aside on a day.
    #[must_use]
    pub fn is_held_out(&self, rules: &Rules, today: NaiveDate) -> bool {
        self.trial.as_ref().is_some_and(|trial| {
            trial.group == Group::Holdout && is_within(trial.since, rules.horizon_days, today)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::tests::rules;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
    }

    fn called(outcome: Outcome, rise: Option<f64>) -> Standing {
        Standing {
            called: Some(Called {
                on: day(1),
                outcome,
                rise,
            }),
            ..Standing::default()
        }
    }

    #[test]
    fn a_client_is_not_called_again_soon_unless_its_odds_have_doubled() {
        let rules = rules(10); // 28 days until the next call, horizon 90 days
        for (outcome, rise, today, free) in [
            (Outcome::Stays, None, 2, false),
            (Outcome::Stays, Some(0.69), 2, false),
            (Outcome::Stays, Some(0.70), 2, true),
            (Outcome::Offered, None, 28, false),
            (Outcome::Offered, None, 29, true),
            (Outcome::Later, None, 28, false),
            (Outcome::NotReached, None, 2, true),
            (Outcome::Leaves, Some(2.0), 29, false),
            (Outcome::AlreadyLeaving, None, 29, false),
        ] {
            let found = obstacle(&called(outcome, rise), &rules, day(today));
            assert_eq!(found.is_none(), free, "{outcome:?} {rise:?} {today}");
        }
    }

    #[test]
    fn the_rise_is_that_of_the_odds() {
        assert!((odds_rise(0.2, 1.0 / 3.0) - CLEAR_RISE).abs() < 1e-12);
        assert_eq!(odds_rise(1.0, 1.0), 0.0);
        assert!(odds_rise(0.0, 1.0).is_finite() && odds_rise(0.5, 0.4) < 0.0);
    }

    #[test]
    fn who_has_left_the_snapshots_is_not_called() {
        let standing = Standing {
            not_seen_since: Some(day(1)),
            ..Standing::default()
        };
        let found = obstacle(&standing, &rules(10), day(2));
        assert_eq!(found, Some(Obstacle::NotSeen { since: day(1) }));
    }
}
