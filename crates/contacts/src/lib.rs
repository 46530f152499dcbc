//! The decisions of the contact list: whom to call, why, what has changed since the last list, how
//! many are expected to leave, and what calling has achieved.
//!
//! Pure functions of plain data: no files, no clock, no database, no model. Risks and log-odds are
//! given; whoever has a model computes them.

mod change;
mod contacted;
mod cut;
mod leavers;
mod names;
mod outcome;
mod peers;
mod plan;
mod reasons;
mod saved;
mod standing;
mod success;
mod trial;
mod urgent;
mod value;

pub use change::{Cause, Change, Places, RankChange, ScoreChange};
pub use contacted::{Reported, by_client, was_contacted};
pub use cut::{Candidate, Cut, Group, Listed, PassedOver, cut};
pub use leavers::{Information, Leavers, expected_leavers};
pub use names::readable_name;
pub use outcome::{Contact, Outcome, last_contact};
pub use peers::{Cell, Peers};
pub use plan::{HoldoutPlan, holdout_plan, needed_holdout};
pub use reasons::{Reason, reasons};
pub use saved::{SavedShare, saved_share};
pub use standing::{CLEAR_RISE, Called, Obstacle, Standing, obstacle, odds_rise};
pub use success::{BAND_EDGES, BandRate, Observation, SuccessRates, learn};
pub use trial::{Trial, draw};
pub use urgent::{Newcomer, most_urgent, urgent};
pub use value::{Economics, median_value};

use chrono::{Days, NaiveDate};

/// The rules of a list: the `contacts` section of the configuration and what it depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// How many names a list has, or a sheet of it where clients are assigned.
    pub capacity: usize,
    /// Share of the eligible that is set aside, 0 to 1.
    pub holdout_share: f64,
    /// Contract value above which nobody is set aside.
    pub never_hold_out_above_value: Option<f64>,
    /// Days within which a client that was called is not listed again.
    pub recontact_after_days: u32,
    /// Days within which leaving counts; none where the data has no horizon.
    pub horizon_days: Option<u32>,
    /// Seed of the draw.
    pub seed: u64,
    /// What a call costs and is worth.
    pub economics: Economics,
}

/// Whether fewer than so many days have passed from `since` to `today`; without a number of days
/// they never pass. The day itself is within.
#[must_use]
pub fn is_within(since: NaiveDate, days: Option<u32>, today: NaiveDate) -> bool {
    days.is_none_or(|days| {
        since
            .checked_add_days(Days::new(days.into()))
            .is_none_or(|end| today < end)
    })
}
