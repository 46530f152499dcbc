//! Holding a candidate until a person approves it.

use crate::candidate::Candidate;
use crate::install::{self, Installation};
use crate::{Current, Outcome, checks};
use anyhow::{Context, Result, bail};
use risk_core::error::timestamp;
use risk_core::history::ReleaseEvent;
use risk_core::records::Manifest;
use risk_core::release::{self, State};
use risk_core::{Failure, Run, files, shell};
use serde::Serialize;
use std::fmt::{self, Display};

/// A candidate that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its name, and that of the release once it is approved.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// Whether it was not waiting before.
    pub is_new: bool,
}

impl shell::Outcome for Held {
    fn is_silent(&self) -> bool {
        !self.is_new
    }
}

impl Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = &self.release;
        writeln!(f, "{release} waits for deployment --approve {release}")
    }
}

/// Keeps the newly trained model as the candidate that waits for approval; one that waited before
/// is replaced.
///
/// # Errors
/// When model, score and record are not there or do not belong together, or a file cannot be written.
pub fn hold(run: &Run) -> Result<Held> {
    let layout = &run.layout;
    let candidate = Candidate::read(layout)?;
    // One that was damaged is replaced.
    if let Ok(Some(waiting)) = release::waiting(layout)
        && candidate.is_deployed_as(&waiting.manifest)
    {
        let manifest = waiting.manifest;
        let production = release::production_name(&run.config);
        // A run that was killed had no time to record it.
        let is_new = !run.history()?.was_held(&production, &manifest.release)?;
        if is_new {
            install::record(run, &manifest, ReleaseEvent::Held, None)?;
        }
        return Ok(Held {
            release: manifest.release,
            model_id: candidate.model_id,
            is_new,
        });
    }
    let manifest = candidate.manifest(run, release::current_name(layout)?, None);
    let draft = format!("{}candidate", files::TEMPORARY_PREFIX);
    install::write_folder(&layout.waiting(), &draft, &candidate.files, &manifest)?;
    release::remove_waiting(layout, Some(&manifest.release))?;
    install::record(run, &manifest, ReleaseEvent::Held, None)?;
    Ok(Held {
        release: manifest.release,
        model_id: candidate.model_id,
        is_new: true,
    })
}

/// Puts the candidate that waits for approval in force.
///
/// # Errors
/// [`Failure::InputMissing`] when none waits; [`Failure::Usage`] when another one waits than was
/// named; else when its files are not what was written, changes are frozen and it is not forced, or a
/// file cannot be written. The current release stays in force then.
pub fn approve(run: &Run, release: Option<&str>, force: Option<&str>) -> Result<Outcome> {
    let layout = &run.layout;
    let state = State::read(layout)?;
    let waiting = waiting(run, release)?;
    if let (Some(until), None) = (state.frozen_until(run.now), force) {
        bail!(
            "{}; {}",
            checks::Obstacle::Frozen(until),
            checks::HOW_TO_FORCE
        );
    }
    let current = Current::read(layout)?;
    let (manifest, files) =
        release::read_files(&layout.waiting().join(&waiting)).with_context(|| {
            format!(
                "the candidate {waiting} cannot be used; restore its files, or train, score and \
                 deploy by hand"
            )
        })?;
    let model_id = manifest.model_id.clone();
    let installation = Installation {
        manifest: Manifest {
            deployed_at: timestamp(run.now),
            previous_release: current.name(),
            force_reason: force.map(str::to_owned),
            ..manifest
        },
        files: &files,
        event: ReleaseEvent::Approved,
        reason: force,
    };
    let previous_model_id = current.model_id();
    Ok(Outcome {
        deployed: true,
        release: installation.put_in_force(run, state)?,
        model_id,
        previous_model_id,
    })
}

fn waiting(run: &Run, wanted: Option<&str>) -> Result<String> {
    let Some(release) = release::waiting_name(&run.layout)? else {
        bail!(Failure::InputMissing(format!(
            "no candidate waits for approval in {}",
            run.layout.production().display()
        )));
    };
    match wanted {
        Some(wanted) if wanted != release => bail!(Failure::Usage(format!(
            "{wanted} does not wait for approval; {release} does"
        ))),
        _ => Ok(release),
    }
}
