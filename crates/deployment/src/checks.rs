//! What speaks against putting a candidate in force.

use crate::candidate::Candidate;
use crate::compare;
use anyhow::Result;
use chrono::{DateTime, Utc};
use risk_core::Run;
use risk_core::error::timestamp;
use risk_core::metrics::{Comparison, Verdict};
use risk_core::release::{Blocked, Release, State};
use std::fmt::{self, Display};

/// The end of every refusal that a reason overcomes.
pub const HOW_TO_FORCE: &str = "to do it all the same, add --force REASON";

/// What speaks against it.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// Changes are frozen until then.
    Frozen(DateTime<Utc>),
    /// The model was rolled back; the sentence says when.
    Blocked(String),
    /// It was trained on another input folder than the champion.
    OtherFolder {
        /// The folder of the candidate, relative to the output folder.
        candidate: String,
        /// The folder of the champion.
        champion: String,
    },
    /// It is certainly worse than the champion.
    Worse(Comparison),
}

impl Obstacle {
    /// A model that was rolled back.
    #[must_use]
    pub fn blocked(blocked: &Blocked) -> Self {
        Self::Blocked(blocked.describe())
    }
}

impl Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frozen(until) => write!(
                f,
                "changes of the release in force are frozen until {}; deployment --unfreeze ends that",
                timestamp(*until)
            ),
            Self::Blocked(sentence) => f.write_str(sentence),
            Self::OtherFolder {
                candidate,
                champion,
            } => write!(
                f,
                "the new model was trained on the input folder {candidate}, the one in force on \
                 {champion}"
            ),
            Self::Worse(comparison) => write!(
                f,
                "the new model is worse than the one in force: on {} labelled samples that neither \
                 was trained on, {}",
                comparison.n_samples,
                comparison.describe()
            ),
        }
    }
}

/// All that decides whether a candidate may take the place of a champion.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// Until when changes are frozen, where they are.
    pub frozen_until: Option<DateTime<Utc>>,
    /// That the model of the candidate was rolled back, where it was.
    pub blocked: Option<&'a Blocked>,
    /// The input folder of the candidate and that of the champion.
    pub folders: Option<(&'a str, &'a str)>,
    /// The candidate against the champion, where they could be compared.
    pub comparison: Option<&'a Comparison>,
    /// By how much it may be worse, in log-loss a sample.
    pub tolerance: f64,
}

impl Facts<'_> {
    /// What speaks against the candidate first; `None` where it may be put in force.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        if let Some(until) = self.frozen_until {
            return Some(Obstacle::Frozen(until));
        }
        if let Some(blocked) = self.blocked {
            return Some(Obstacle::blocked(blocked));
        }
        if let Some((candidate, champion)) = self.folders
            && candidate != champion
        {
            return Some(Obstacle::OtherFolder {
                candidate: candidate.to_owned(),
                champion: champion.to_owned(),
            });
        }
        self.comparison
            .filter(|comparison| comparison.verdict(self.tolerance) == Verdict::Worse)
            .map(|comparison| Obstacle::Worse(comparison.clone()))
    }
}

/// What speaks against putting a candidate in the place of a champion.
///
/// One that the caller has compared already is held up by a freeze and a rollback only.
///
/// # Errors
/// When the record of the champion cannot be read.
pub(crate) fn obstacle(
    run: &Run,
    champion: &Release,
    candidate: &Candidate,
    state: &State,
    was_compared: bool,
) -> Result<Option<Obstacle>> {
    let mut facts = Facts {
        frozen_until: state.frozen_until(run.now),
        blocked: state.blocked(&candidate.model_id),
        tolerance: run.config.model.tolerance,
        ..Facts::default()
    };
    if was_compared || candidate.model_id == champion.model.model_id {
        return Ok(facts.obstacle());
    }
    let record = champion.training_record()?;
    facts.folders = Some((&candidate.record.input_folder, &record.input_folder));
    // What a freeze or another folder forbids needs no comparison.
    if let Some(obstacle) = facts.obstacle() {
        return Ok(Some(obstacle));
    }
    let comparison = compare::compare(run, champion, &record, candidate);
    facts.comparison = comparison.as_ref();
    let obstacle = facts.obstacle();
    if obstacle.is_none() {
        warn_where_undecided(facts.comparison, facts.tolerance);
    }
    Ok(obstacle)
}

fn warn_where_undecided(comparison: Option<&Comparison>, tolerance: f64) {
    match comparison {
        Some(comparison) if comparison.verdict(tolerance) == Verdict::NotWorse => {}
        Some(comparison) => tracing::warn!(
            "it cannot be told whether the new model is better than the one before: on {} labelled \
             samples that neither was trained on, {}",
            comparison.n_samples,
            comparison.describe()
        ),
        None => tracing::warn!("the new model could not be compared with the one before"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(low: f64, high: f64) -> Comparison {
        let difference = (low + high) / 2.0;
        Comparison {
            n_samples: 100,
            champion_log_loss: 0.5,
            challenger_log_loss: 0.5 + difference,
            difference,
            low,
            high,
        }
    }

    #[test]
    fn the_first_obstacle_is_told() {
        let mut state = State::default();
        state.block("a", "1", DateTime::UNIX_EPOCH);
        let (better, worse, unclear) = (
            comparison(-0.2, -0.1),
            comparison(0.1, 0.2),
            comparison(-0.1, 0.1),
        );
        let within_tolerance = comparison(0.001, 0.004);
        let blocked = state.blocked("a");
        let (same, other) = (Some(("source", "source")), Some(("practice", "source")));
        let frozen = Some(DateTime::UNIX_EPOCH);
        let table = [
            (None, None, same, Some(&better), None),
            (None, None, same, Some(&within_tolerance), None),
            (None, None, same, Some(&unclear), None),
            (None, None, same, None, None),
            (None, None, None, None, None),
            (None, None, same, Some(&worse), Some("worse than")),
            (None, None, other, Some(&better), Some("input folder")),
            (None, blocked, same, Some(&better), Some("rolled back")),
            (None, blocked, other, Some(&worse), Some("rolled back")),
            (frozen, None, same, Some(&better), Some("frozen until")),
            (frozen, blocked, other, Some(&worse), Some("frozen until")),
        ];
        for (row, (frozen_until, blocked, folders, comparison, expected)) in
            table.into_iter().enumerate()
        {
            let facts = Facts {
                frozen_until,
                blocked,
                folders,
                comparison,
                tolerance: 0.005,
            };
            let found = facts.obstacle().map(|obstacle| obstacle.to_string());
            match expected {
                None => assert_eq!(found, None, "row {row}"),
                Some(words) => assert!(found.unwrap().contains(words), "row {row}"),
            }
        }
    }
}
