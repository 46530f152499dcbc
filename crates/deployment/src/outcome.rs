//! What there is to say, as text and as JSON.

use crate::Listing;
use chrono::{DateTime, Utc};
use risk_core::error::timestamp;
use risk_core::shell;
use serde::Serialize;
use std::fmt::{self, Display};

/// The outcome of a change of the release in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether another release was put in force.
    pub deployed: bool,
    /// The release in force.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The model that was in force before.
    pub previous_model_id: Option<String>,
}

/// The outcome of a freeze or of its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FreezeOutcome {
    /// Until when the release in force stays, RFC 3339.
    pub frozen_until: Option<String>,
    #[serde(skip)]
    is_new: bool,
}

impl FreezeOutcome {
    pub(crate) fn new(until: Option<DateTime<Utc>>, is_new: bool) -> Self {
        let frozen_until = until.map(timestamp);
        Self {
            frozen_until,
            is_new,
        }
    }
}

/// What the program did.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// The newly trained model was deployed, or was already.
    Deployed(Outcome),
    /// An earlier release was put back in force.
    RolledBack(Outcome),
    /// The candidate that waited was put in force.
    Approved(Outcome),
    /// The releases.
    List(Listing),
    /// Changes were frozen or allowed again.
    Freeze(FreezeOutcome),
}

impl shell::Outcome for Report {
    fn is_silent(&self) -> bool {
        match self {
            Self::Deployed(outcome) => !outcome.deployed,
            Self::Freeze(outcome) => !outcome.is_new,
            Self::RolledBack(_) | Self::Approved(_) | Self::List(_) => false,
        }
    }
}

impl shell::Outcome for Outcome {
    fn is_silent(&self) -> bool {
        !self.deployed
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployed(outcome) | Self::Approved(outcome) => outcome.fmt(f),
            Self::RolledBack(outcome) => {
                write!(f, "{outcome}")?;
                match &outcome.previous_model_id {
                    Some(left) if *left != outcome.model_id => writeln!(
                        f,
                        "model {left} is not deployed again by itself; --force REASON deploys it"
                    ),
                    _ => Ok(()),
                }
            }
            Self::List(listing) => listing.fmt(f),
            Self::Freeze(outcome) => match (&outcome.frozen_until, outcome.is_new) {
                (Some(until), _) => writeln!(f, "frozen until {until}: the release in force stays"),
                (None, true) => writeln!(f, "the freeze has ended"),
                (None, false) => writeln!(f, "nothing to do: there is no freeze"),
            },
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (release, model_id) = (&self.release, &self.model_id);
        if !self.deployed {
            return writeln!(f, "nothing to do: release {release} is this model already");
        }
        write!(f, "release {release} is in force: model {model_id}")?;
        match &self.previous_model_id {
            Some(previous) => writeln!(f, " after {previous}"),
            None => writeln!(f, ", the first one"),
        }
    }
}
