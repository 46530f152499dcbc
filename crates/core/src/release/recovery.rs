//! Finishing or removing what a killed deployment left, and removing the oldest releases.

use super::{State, current_folder, current_name, names, previous, read_manifest, remove_waiting};
use crate::config::Config;
use crate::files;
use crate::history::{History, ReleaseEntry, ReleaseEvent};
use crate::layout::Layout;
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
/// that was put in force without being recorded is recorded. The temporary folders beside the releases
/// are removed elsewhere.
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
    if let Some(unfinished) = state.unfinished.clone() {
        if current_name(layout)?.as_ref() == Some(&unfinished) {
            finish(layout, &mut state, config.deployment.keep_releases)?;
        } else {
            remove_unfinished(layout, &mut state, &unfinished)?;
            let entry = ReleaseEntry {
                release: Some(&unfinished),
                ..ReleaseEntry::new(&production, ReleaseEvent::Removed)
            };
            history.record_release_event(&entry, now)?;
        }
    }
    record_current(layout, &mut state, &production, history, now)
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
    if state.blocked(&manifest.model_id).is_some() {
        // Killed between noting a rollback and doing it, or between deploying and letting it go.
        state.unblock(&manifest.model_id);
        state.save(layout)?;
    }
    let is_recorded = match history.last_in_force(production)? {
        Some(last) => last == manifest.release,
        None => history.was_deployed(&manifest.release)?,
    };
    if !is_recorded {
        let entry = ReleaseEntry {
            release: Some(&manifest.release),
            model_id: Some(&manifest.model_id),
            previous_release: manifest.previous_release.as_deref(),
            ..ReleaseEntry::new(production, ReleaseEvent::FoundInForce)
        };
        history.record_release_event(&entry, now)?;
    }
    Ok(())
}

/// What follows once a new release is in force: candidates that wait for approval are superseded, the
/// oldest releases go, and the deployment is no longer under way. Gives the names of the releases
/// that were removed.
///
/// Neither the current release is removed nor the one before it, so that rolling back stays possible.
///
/// # Errors
/// When something cannot be removed or the state cannot be written; the release is in force all the
/// same, and [`recover`] does the rest.
pub fn finish(layout: &Layout, state: &mut State, keep_releases: u32) -> Result<Vec<String>> {
    remove_waiting(layout, None)?;
    let removed = prune(layout, keep_releases)?;
    state.unfinished = None;
    state.save(layout)?;
    Ok(removed)
}

/// Removes the oldest releases beyond the number to be kept, but neither the current one nor the one
/// before it.
fn prune(layout: &Layout, keep: u32) -> Result<Vec<String>> {
    let protected = [current_name(layout)?, previous(layout)?];
    let names = names(layout)?;
    let surplus = surplus(&names, keep as usize, |name| {
        protected.iter().flatten().any(|it| it == name)
    });
    for name in &surplus {
        files::remove_folder(&layout.releases().join(name))?;
    }
    Ok(surplus)
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
