//! What the production folder keeps besides the releases: a freeze, the models that were rolled back,
//! and the deployment that is under way.
//!
//! It lies with the releases and not in the history, so that a lost history never puts a model back
//! in force that was taken out.

use crate::history::ReleaseEvent;
use crate::layout::Layout;
use crate::records::{self, FORMAT_VERSION};
use crate::{error, files};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is kept besides the releases; see the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// Until when the release in force stays, where that was asked for.
    #[serde(default)]
    pub frozen: Option<Freeze>,
    /// The models that were rolled back, oldest first.
    #[serde(default)]
    pub blocked: Vec<Blocked>,
    /// The release that is being deployed; none between deployments. One that a killed run left is
    /// finished where it is in force, and removed where it is not.
    #[serde(default)]
    pub unfinished: Option<String>,
    /// What is about to put a release in force, until it is recorded in the history; the run that finds
    /// it here after a kill records it where it was done, and drops it where it was not.
    #[serde(default)]
    pub under_way: Option<UnderWay>,
}

/// What is about to put a release in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// By what.
    pub event: ReleaseEvent,
    /// The release.
    pub release: String,
    /// The release that it takes the place of.
    pub previous_release: Option<String>,
    /// Why, as far as a person gave a reason.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// From then on changes are allowed again.
    pub until: DateTime<Utc>,
    /// When it was asked for, RFC 3339.
    pub since: String,
}

/// A model that is not deployed again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The model.
    pub model_id: String,
    /// The release of it that was in force.
    pub release: String,
    /// When it was rolled back, RFC 3339.
    pub since: String,
}

impl Default for State {
    fn default() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            frozen: None,
            blocked: Vec::new(),
            unfinished: None,
            under_way: None,
        }
    }
}

impl State {
    /// Reads the state; that of a folder without one is empty.
    ///
    /// # Errors
    /// When it cannot be read, is malformed or of a newer version.
    pub fn read(layout: &Layout) -> Result<Self> {
        let path = layout.release_state();
        let Some(bytes) = files::read_if_exists(&path)? else {
            return Ok(Self::default());
        };
        records::parse(&bytes).with_context(|| {
            format!(
                "{} cannot be used; it says which models were rolled back and until when changes are \
                 frozen: restore it, or remove it to go on without",
                path.display()
            )
        })
    }

    /// Writes the state.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, layout: &Layout) -> Result<()> {
        files::write_json(&layout.release_state(), self)
    }

    /// Until when the release in force stays; `None` where it may be changed.
    #[must_use]
    pub fn frozen_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let freeze = self.frozen.as_ref()?;
        (now < freeze.until).then_some(freeze.until)
    }

    /// Why a model is not deployed again by itself, where that is so.
    #[must_use]
    pub fn blocked(&self, model_id: &str) -> Option<&Blocked> {
        self.blocked.iter().find(|it| it.model_id == model_id)
    }

    /// Keeps a model from being deployed again by itself.
    pub fn block(&mut self, model_id: &str, release: &str, now: DateTime<Utc>) {
        self.unblock(model_id);
        self.blocked.push(Blocked {
            model_id: model_id.to_owned(),
            release: release.to_owned(),
            since: error::timestamp(now),
        });
    }

    /// Lets a model be deployed again.
    pub fn unblock(&mut self, model_id: &str) {
        self.blocked.retain(|it| it.model_id != model_id);
    }
}

impl Blocked {
    /// The sentence about it, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        format!(
            "model {} was rolled back on {} (release {}) and is not deployed again by itself",
            self.model_id, self.since, self.release
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_ends_at_its_time() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let until = at("2026-08-01T00:00:00Z");
        let state = State {
            frozen: Some(Freeze {
                until,
                since: "2026-07-01T00:00:00Z".into(),
            }),
            ..State::default()
        };
        assert_eq!(state.frozen_until(at("2026-07-31T23:59:59Z")), Some(until));
        assert_eq!(state.frozen_until(until), None);
        assert_eq!(State::default().frozen_until(until), None);
    }

    #[test]
    fn a_model_is_blocked_once_and_until_it_is_let_go() {
        let mut state = State::default();
        state.block("a", "1", DateTime::UNIX_EPOCH);
        state.block("a", "2", DateTime::UNIX_EPOCH);
        assert_eq!(state.blocked.len(), 1);
        assert_eq!(state.blocked("a").unwrap().release, "2");
        state.unblock("a");
        assert_eq!(state, State::default());
    }
}
