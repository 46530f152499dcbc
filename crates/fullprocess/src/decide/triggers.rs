//! What may ask for a new model though the champion was not found to have drifted.

use super::inputs::Judgement;
use super::{Cause, MIN_OF_A_CLASS};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How many drifted columns a reason names.
const MOST_NAMED: usize = 3;

/// The triggers, as they are set, and what they go by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Triggers {
    /// `monitoring.retrain_on_list_impact`.
    pub retrain_on_list_impact: Option<f64>,
    /// What the data since the champion was trained looks like, where that is asked for and known.
    pub data_drift: Option<DataDrift>,
    /// `monitoring.retrain_after_days`.
    pub retrain_after_days: Option<u32>,
    /// How long ago the champion was trained.
    pub model_age_days: Option<f64>,
    /// When a new model was last tried against this champion, with the settings of now.
    pub last_try: Option<LastTry>,
}

/// Drift of the data, and what it does to the list, as `diagnostics` find it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataDrift {
    /// The columns that alarm; `risk` is the score of the model.
    pub alarms: Vec<String>,
    /// How many of the highest risks are looked at: `contacts.capacity`, or all. 0 where the drift
    /// changes nothing that could be undone.
    pub k: u64,
    /// How many of these clients are others because of the drift.
    pub n_others: u64,
}

/// A new model that was tried before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastTry {
    /// When, RFC 3339.
    pub at: String,
    /// How many labelled samples there were then that the champion was not fitted on.
    pub n_unseen: u64,
}

/// What asks for a new model, and whether one is to be tried for it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Nothing does.
    None,
    /// One was tried, and too few labelled samples have come since to try again.
    TriedAlready(Cause),
    /// There are too few labelled samples that the champion was not fitted on.
    TooFew(Cause),
    /// One is to be tried.
    Try(Cause),
}

impl Triggers {
    /// What asks for a new model.
    pub(super) fn request(&self, judgement: &Judgement) -> Request {
        let cause = if self.list_changed() {
            Cause::ListImpact
        } else if self.is_aged() {
            Cause::Age
        } else {
            return Request::None;
        };
        let least = self
            .last_try
            .as_ref()
            .map_or(0, |last| last.n_unseen + judgement.min_labelled);
        if !judgement.has_enough() {
            Request::TooFew(cause)
        } else if judgement.n_unseen < least {
            Request::TriedAlready(cause)
        } else {
            Request::Try(cause)
        }
    }

    /// Whether the age of the champion asks for a new model.
    #[must_use]
    pub fn is_aged(&self) -> bool {
        is_aged(self.retrain_after_days, self.model_age_days)
    }

    /// Whether drift of the data with its effect on the list asks for a new model: both an alarm and
    /// the share.
    fn list_changed(&self) -> bool {
        let (Some(share), Some(drift)) = (self.retrain_on_list_impact, &self.data_drift) else {
            return false;
        };
        !drift.alarms.is_empty() && drift.k > 0 && drift.n_others as f64 >= share * drift.k as f64
    }

    /// Why a new model is asked for, in a sentence for people.
    pub(crate) fn describe(&self, cause: Cause) -> String {
        let mut why = "The deployed model was not found to fit worse, but ".to_owned();
        match (cause, &self.data_drift) {
            (Cause::ListImpact, Some(drift)) => why.push_str(&drift.describe()),
            _ => {
                let age = self.model_age_days.unwrap_or_default();
                let _ = write!(why, "it was trained {age:.0} days ago");
            }
        }
        match (cause, self.retrain_on_list_impact, self.retrain_after_days) {
            (Cause::ListImpact, Some(share), _) => {
                let _ = write!(why, "; monitoring.retrain_on_list_impact of {share}");
            }
            (_, _, Some(days)) => {
                let _ = write!(why, "; monitoring.retrain_after_days of {days}");
            }
            _ => {}
        }
        why + " asks for a new one."
    }
}

/// Whether a model of an age is to be replaced.
pub(crate) fn is_aged(retrain_after_days: Option<u32>, model_age_days: Option<f64>) -> bool {
    matches!((retrain_after_days, model_age_days), (Some(days), Some(age)) if age >= f64::from(days))
}

impl DataDrift {
    fn describe(&self) -> String {
        let named = self.alarms.iter().take(MOST_NAMED).cloned();
        let named = named.collect::<Vec<_>>().join(", ");
        let more = match self.alarms.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "the data has drifted ({named}{more}), which makes {} of the {} clients with the highest \
             risk others",
            self.n_others, self.k
        )
    }
}

impl Request {
    /// What keeps a new model that is asked for from being tried, in a sentence for people.
    pub(crate) fn describe(self, judgement: &Judgement, last: Option<&LastTry>) -> Option<String> {
        match (self, last) {
            (Self::TooFew(_), _) => Some(format!(
                "Only {} labelled samples, {} of which left, are not among those it was trained on; \
                 one is tried when they are {}, with {MIN_OF_A_CLASS} of each class.",
                judgement.n_unseen, judgement.n_unseen_positive, judgement.min_labelled
            )),
            (Self::TriedAlready(_), Some(last)) => Some(format!(
                "One was tried on {}; the next is tried with {} further labels.",
                last.at.get(..10).unwrap_or(&last.at),
                (last.n_unseen + judgement.min_labelled).saturating_sub(judgement.n_unseen)
            )),
            _ => None,
        }
    }
}
