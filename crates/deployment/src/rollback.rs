//! Putting an earlier release back in force.

use crate::{Current, Outcome, checks, install};
use anyhow::{Context, Result, bail};
use risk_core::history::ReleaseEvent;
use risk_core::records::Manifest;
use risk_core::release::{self, Release, State, UnderWay};
use risk_core::{Failure, Layout, Run};

/// Puts an earlier release back in force, by default the one before the current one.
///
/// Its files are checked first. The model that is left is not deployed again by itself; the one that
/// is returned to may be.
///
/// # Errors
/// [`Failure::Usage`] when there is no release of that name; [`Failure::InputMissing`] when there is
/// none before the current one; else when its files are not what was deployed, changes are frozen and
/// it is not forced, or a file cannot be written. The current release stays in force then.
pub fn rollback(run: &Run, release: Option<&str>, force: Option<&str>) -> Result<Outcome> {
    let layout = &run.layout;
    let mut state = State::read(layout)?;
    let current = Current::read(layout)?;
    let release = target(layout, &current, release)?;
    let target = verified(layout, &release)?;
    let left = current.model_id();
    let is_current = current.name().as_deref() == Some(release.as_str());
    if !is_current {
        if let (Some(until), None) = (state.frozen_until(run.now), force) {
            bail!(
                "{}; {}",
                checks::Obstacle::Frozen(until),
                checks::HOW_TO_FORCE
            );
        }
        put_back(run, &mut state, &current, &target.manifest, force)?;
    }
    Ok(Outcome {
        deployed: !is_current,
        release,
        model_id: target.model.model_id,
        previous_model_id: left,
    })
}

/// The rollback is noted before it is done: a run that is killed in between leaves the old release in
/// force, and the next one drops the note.
fn put_back(
    run: &Run,
    state: &mut State,
    current: &Current,
    target: &Manifest,
    force: Option<&str>,
) -> Result<()> {
    state.unblock(&target.model_id);
    let left = current.model_id().filter(|left| *left != target.model_id);
    if let (Some(model_id), Some(release)) = (left, current.name()) {
        state.block(&model_id, &release, run.now);
    }
    state.under_way = Some(UnderWay {
        event: ReleaseEvent::RolledBack,
        release: target.release.clone(),
        previous_release: current.name(),
        reason: force.map(str::to_owned),
        at: run.now,
    });
    state.save(&run.layout)?;
    install::point_current_at(&run.layout, &target.release)?;
    tracing::info!(release = target.release, "in force again");
    let recorded = Manifest {
        previous_release: current.name(),
        ..target.clone()
    };
    install::record(run, &recorded, ReleaseEvent::RolledBack, force).with_context(|| {
        format!(
            "release {} is in force, but not recorded yet",
            target.release
        )
    })?;
    state.under_way = None;
    if let Err(error) = state.save(&run.layout) {
        // It is in force and recorded; the next run clears the note.
        tracing::warn!("{error:#}");
    }
    Ok(())
}

fn target(layout: &Layout, current: &Current, release: Option<&str>) -> Result<String> {
    let known = release::names(layout)?;
    let Some(wanted) = release else {
        let before = release::previous(layout)?.filter(|name| known.contains(name));
        return before.ok_or_else(|| Failure::InputMissing(none_before(layout, current)).into());
    };
    if known.iter().any(|name| name == wanted) {
        return Ok(wanted.to_owned());
    }
    let nearest = match release::nearest(wanted, &known) {
        Some(nearest) => format!("the most similar name is {nearest}; "),
        None => String::new(),
    };
    bail!(Failure::Usage(format!(
        "there is no release {wanted} in {}; {nearest}deployment --list lists all",
        layout.releases().display()
    )))
}

fn none_before(layout: &Layout, current: &Current) -> String {
    match current.name() {
        Some(name) => format!(
            "no release before {name} is kept in {}; name another one of deployment --list",
            layout.releases().display()
        ),
        None => format!(
            "no release is in force in {}; name one of deployment --list",
            layout.production().display()
        ),
    }
}

fn verified(layout: &Layout, release: &str) -> Result<Release> {
    let target = Release::read(&layout.releases().join(release))
        .context("the release in force stays; name another one of deployment --list")?;
    if target.id() != release {
        bail!(
            "the folder {} holds the release {}; give it that name again",
            layout.releases().join(release).display(),
            target.id()
        );
    }
    Ok(target)
}
