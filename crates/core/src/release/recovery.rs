//! Finishing or removing what a killed deployment left, and removing the oldest releases.

use super::{
    State, UnderWay, current_folder, current_name, names, previous, read_manifest, remove_waiting,
};
use crate::config::Config;
use crate::files;
use crate::history::{History, ReleaseEntry, ReleaseEvent};
use crate::layout::Layout;
use crate::records::Manifest;
use anyhow::Result;
use chrono::{DateTime, Utc};

/// The name of the production folder in the history: practice and production may share a history.
#[must_use]
pub fn production_name(config: &Config) -> String {
    let folder = &config.prod_deployment_path;
    let name = folder.strip_prefix(&config.folder).unwrap_or(folder);
    name.display().to_string()
}

/// Finishes or removes what a killed deployment left, and records it. Call it only while holding the
/// lock.
///
/// A release that was written but never put in force is removed: the next deployment decides anew. One
/// that was put in force without being recorded is recorded as what it was. The temporary folders beside
/// the releases are removed elsewhere.
///
/// # Errors
/// When something cannot be removed or recorded. A state that cannot be read is no error here: those
/// who need it tell.
pub fn recover(
    config: &Config,
    layout: &Layout,
    history: &History,
    now: DateTime<Utc>,
) -> Result<()> {
    files::remove_leftovers(&layout.waiting())?;
    let mut state = match State::read(layout) {
        Ok(state) => state,
        Err(error) => {
            tracing::warn!("{error:#}");
            return Ok(());
        }
    };
    let production = production_name(config);
    record_current(layout, &mut state, &production, history, now)?;
    let Some(unfinished) = state.unfinished.clone() else {
        return Ok(());
    };
    if current_name(layout)?.as_ref() == Some(&unfinished) {
        return finish(config, layout, history, &mut state, now);
    }
    remove_unfinished(layout, &mut state, &unfinished)?;
    let entry = ReleaseEntry {
        release: Some(&unfinished),
        ..ReleaseEntry::new(&production, ReleaseEvent::Removed)
    };
    history.record_release_event(&entry, now)
}

fn remove_unfinished(layout: &Layout, state: &mut State, release: &str) -> Result<()> {
    tracing::info!(
        release,
        "left by a killed deployment, not in force: removed"
    );
    let folder = layout.releases().join(release);
    if folder.exists() {
        files::remove_folder(&folder)?;
    }
    state.unfinished = None;
    state.save(layout)
}

/// A run that was killed right after it put a release in force has not recorded it.
fn record_current(
    layout: &Layout,
    state: &mut State,
    production: &str,
    history: &History,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(folder) = current_folder(layout)? else {
        return Ok(());
    };
    // What is wrong with it is told by those who need it.
    let Ok(manifest) = read_manifest(&folder) else {
        return Ok(());
    };
    let is_recorded = match history.last_in_force(production)? {
        Some(last) => last == manifest.release,
        None => history.was_deployed(&manifest.release)?,
    };
    if !is_recorded {
        let (entry, at) = in_force(production, &manifest, state.under_way.as_ref(), now);
        history.record_release_event(&entry, at)?;
    }
    let is_blocked = state.blocked(&manifest.model_id).is_some();
    if is_blocked || state.under_way.is_some() {
        // Killed between noting a rollback and doing it, or between deploying and letting it go.
        state.unblock(&manifest.model_id);
        state.under_way = None;
        state.save(layout)?;
    }
    Ok(())
}

/// The entry about a release that was found in force: what was under way, or that it was found.
fn in_force<'a>(
    production: &'a str,
    manifest: &'a Manifest,
    under_way: Option<&'a UnderWay>,
    now: DateTime<Utc>,
) -> (ReleaseEntry<'a>, DateTime<Utc>) {
    let found = ReleaseEntry {
        release: Some(&manifest.release),
        model_id: Some(&manifest.model_id),
        previous_release: manifest.previous_release.as_deref(),
        ..ReleaseEntry::new(production, ReleaseEvent::FoundInForce)
    };
    match under_way.filter(|it| it.release == manifest.release) {
        Some(it) => {
            let entry = ReleaseEntry {
                event: it.event,
                previous_release: it.previous_release.as_deref(),
                reason: it.reason.as_deref(),
                ..found
            };
            (entry, it.at)
        }
        None => (found, now),
    }
}

/// What follows once a new release is in force: candidates that wait for approval are superseded, the
/// oldest releases go, and the deployment is no longer under way.
///
/// Neither the current release is removed nor the one before it, so that rolling back stays possible.
///
/// # Errors
/// When something cannot be removed or recorded, or the state cannot be written; the release is in
/// force all the same, and [`recover`] does the rest.
pub fn finish(
    config: &Config,
    layout: &Layout,
    history: &History,
    state: &mut State,
    now: DateTime<Utc>,
) -> Result<()> {
    remove_waiting(layout, None)?;
    prune(config, layout, history, now)?;
    state.unfinished = None;
    state.save(layout)
}

/// Removes the oldest releases beyond the number to be kept, but neither the current one nor the one
/// before it. Each is recorded before it goes, so that a run that is killed loses no entry.
fn prune(config: &Config, layout: &Layout, history: &History, now: DateTime<Utc>) -> Result<()> {
    let production = production_name(config);
    let protected = [current_name(layout)?, previous(layout)?];
    let names = names(layout)?;
    let surplus = surplus(&names, config.deployment.keep_releases as usize, |name| {
        protected.iter().flatten().any(|it| it == name)
    });
    for release in &surplus {
        if !history.was_pruned(&production, release)? {
            let entry = ReleaseEntry {
                release: Some(release),
                ..ReleaseEntry::new(&production, ReleaseEvent::Pruned)
            };
            history.record_release_event(&entry, now)?;
        }
        files::remove_folder(&layout.releases().join(release))?;
        tracing::info!(
            release,
            "removed: deployment.keep_releases keeps newer ones"
        );
    }
    Ok(())
}

/// The oldest of the names beyond `keep`, those that are protected left out.
fn surplus(names: &[String], keep: usize, is_protected: impl Fn(&str) -> bool) -> Vec<String> {
    let too_many = names.len().saturating_sub(keep);
    let mut surplus: Vec<String> = names.to_vec();
    surplus.retain(|name| !is_protected(name));
    surplus.truncate(too_many);
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_protected_ones_stay() {
        let names: Vec<String> = ["1", "2", "3", "4"].map(Into::into).into();
        let table: [(usize, &[&str], &[&str]); 6] = [
            (20, &["4", "3"], &[]),
            (4, &["4", "3"], &[]),
            (3, &["4", "3"], &["1"]),
            (1, &["4", "3"], &["1", "2"]),
            (3, &["1"], &["2"]),
            (1, &["1", "2"], &["3", "4"]),
        ];
        for (keep, protected, expected) in table {
            let found = surplus(&names, keep, |name| protected.contains(&name));
            assert_eq!(
                found, expected,
                "keep {keep} of {names:?} with {protected:?}"
            );
        }
    }
}
