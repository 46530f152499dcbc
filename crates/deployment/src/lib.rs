//! Deployment: model, score and record of one release, put in force in one step, and taken back.
//!
//! A release is written whole into a folder of its own and synced. The three names that people know
//! (`trainedmodel.json`, `latestscore.txt`, `ingestedfiles.txt`) are links through `current`, and
//! renaming `current` is the one commit point: a reader sees all of the old release or all of the
//! new one.
//!
//! What keeps a release from being put in force (a freeze, a rollback, another input folder, a
//! comparison with the model in force) is decided in [`checks`]; a reason given by a person outweighs
//! it and is recorded.

mod approve;
mod arguments;
mod candidate;
pub mod checks;
mod compare;
mod freeze;
mod install;
mod list;
mod outcome;
mod rollback;

pub use approve::{Held, approve, hold};
pub use arguments::Arguments;
pub use freeze::{freeze, unfreeze};
pub use list::{Listed, Listing, list};
pub use outcome::{FreezeOutcome, Outcome, Report};
pub use rollback::rollback;

use anyhow::{Result, bail};
use candidate::Candidate;
use checks::Obstacle;
use risk_core::history::ReleaseEvent;
use risk_core::records::Manifest;
use risk_core::release::{self, Release, State};
use risk_core::{Layout, Run};

/// How the newly trained model is to be deployed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Why it is deployed whatever the checks say.
    pub force: Option<String>,
    /// Whether the caller has compared it with the model in force already.
    pub was_compared: bool,
}

/// Deploys the newly trained model; nothing happens where just this is deployed already.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when model, score or record are not there; else when they do
/// not belong together, a check speaks against it and it is not forced, or a file cannot be written.
/// The current release stays in force then.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    let layout = &run.layout;
    let candidate = Candidate::read(layout)?;
    let state = State::read(layout)?;
    let current = Current::read(layout)?;
    if let Current::Whole(current) = &current
        && candidate.is_deployed_as(&current.manifest)
    {
        install::link_contract_names(layout)?;
        return Ok(Outcome {
            deployed: false,
            release: current.id().to_owned(),
            previous_model_id: Some(candidate.model_id.clone()),
            model_id: candidate.model_id,
        });
    }
    let current = match &options.force {
        Some(reason) => current.whatever_it_is(reason),
        None => current.usable_or_mended_by(&candidate)?,
    };
    if options.force.is_none()
        && let Some(obstacle) = obstacle(run, &candidate, &current, &state, options)?
    {
        bail!("{obstacle}; {}", checks::HOW_TO_FORCE);
    }
    let previous_model_id = current.model_id();
    let manifest = candidate.manifest(run, current.name(), options.force.clone());
    let release = install::Installation {
        manifest,
        files: &candidate.files,
        event: ReleaseEvent::Deployed,
        reason: options.force.as_deref(),
    };
    let release = release.put_in_force(run, state)?;
    Ok(Outcome {
        deployed: true,
        release,
        model_id: candidate.model_id,
        previous_model_id,
    })
}

fn obstacle(
    run: &Run,
    candidate: &Candidate,
    current: &Current,
    state: &State,
    options: &Options,
) -> Result<Option<Obstacle>> {
    match current {
        Current::Whole(champion) => {
            checks::obstacle(run, champion, candidate, state, options.was_compared)
        }
        Current::None => Ok(state.blocked(&candidate.model_id).map(Obstacle::blocked)),
        Current::Broken { .. } => Ok(None),
    }
}

/// The release in force, as far as it can be read.
enum Current {
    None,
    Whole(Box<Release>),
    Broken {
        name: String,
        manifest: Option<Manifest>,
        error: anyhow::Error,
    },
}

impl Current {
    fn read(layout: &Layout) -> Result<Self> {
        let Some(name) = release::current_name(layout)? else {
            return Ok(Self::None);
        };
        Ok(match release::current(layout) {
            Ok(Some(release)) => Self::Whole(Box::new(release)),
            Ok(None) => Self::None,
            Err(error) => Self::Broken {
                manifest: release::read_manifest(&layout.releases().join(&name)).ok(),
                name,
                error,
            },
        })
    }

    /// Deploying the same again mends a broken release; anything else would have to be compared with
    /// it.
    fn usable_or_mended_by(self, candidate: &Candidate) -> Result<Self> {
        match self {
            Self::Broken {
                name,
                manifest,
                error,
            } => {
                let is_same = |manifest: &Manifest| candidate.is_deployed_as(manifest);
                if !manifest.as_ref().is_some_and(is_same) {
                    return Err(error);
                }
                Ok(Self::Broken {
                    name,
                    manifest,
                    error,
                })
            }
            usable => Ok(usable),
        }
    }

    fn whatever_it_is(self, reason: &str) -> Self {
        if let Self::Broken { error, .. } = &self {
            tracing::warn!("{error:#}");
        }
        tracing::info!("deployed without checks: {reason}");
        self
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Whole(release) => Some(release.id().to_owned()),
            Self::Broken { name, .. } => Some(name.clone()),
        }
    }

    fn model_id(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Whole(release) => Some(release.model.model_id.clone()),
            Self::Broken { manifest, .. } => {
                manifest.as_ref().map(|manifest| manifest.model_id.clone())
            }
        }
    }
}
