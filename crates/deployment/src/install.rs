//! Writing a release and putting it in force.

use anyhow::{Context, Result};
use risk_core::history::{ReleaseEntry, ReleaseEvent};
use risk_core::layout::{INGESTED_FILES, LATEST_SCORE, MANIFEST, TRAINED_MODEL};
use risk_core::records::Manifest;
use risk_core::release::{self, State, UnderWay};
use risk_core::{Layout, Run, files};
use std::collections::BTreeMap;
use std::path::Path;

/// A release that is to be.
pub(crate) struct Installation<'a> {
    /// What it consists of.
    pub manifest: Manifest,
    /// Its files.
    pub files: &'a BTreeMap<String, Vec<u8>>,
    /// By what it comes in force.
    pub event: ReleaseEvent,
    /// Why, where a person said.
    pub reason: Option<&'a str>,
}

impl Installation<'_> {
    /// Writes the release, puts it in force and does what follows; gives its name.
    ///
    /// The state names the release while that is under way, so that the next run can finish it, or
    /// remove it where `current` does not point to it yet.
    ///
    /// # Errors
    /// When a file cannot be written. Once the release is in force, what follows is not worth an error
    /// that says otherwise: the next run does it.
    pub fn put_in_force(&self, run: &Run, mut state: State) -> Result<String> {
        let layout = &run.layout;
        let release = self.manifest.release.clone();
        state.unfinished = Some(release.clone());
        state.under_way = Some(UnderWay {
            event: self.event,
            release: release.clone(),
            previous_release: self.manifest.previous_release.clone(),
            reason: self.reason.map(str::to_owned),
            at: run.now,
        });
        state.save(layout)?;
        let draft = format!("{}release", files::TEMPORARY_PREFIX);
        write_folder(&layout.releases(), &draft, self.files, &self.manifest)?;
        tracing::info!(release, "written, not yet in force");
        point_current_at(layout, &release)
            .context("the release was written but is not in force")?;
        tracing::info!(release, "in force");
        record(run, &self.manifest, self.event, self.reason)
            .with_context(|| format!("release {release} is in force, but not recorded yet"))?;
        state.unblock(&self.manifest.model_id);
        state.under_way = None;
        let history = run.history()?;
        if let Err(error) = release::finish(&run.config, layout, history, &mut state, run.now) {
            tracing::warn!("{error:#}; the next run tries again");
        }
        Ok(release)
    }
}

/// Writes the files of a release and its manifest into a new folder, which appears in one step under
/// the name of the release.
pub(crate) fn write_folder(
    parent: &Path,
    draft: &str,
    contents: &BTreeMap<String, Vec<u8>>,
    manifest: &Manifest,
) -> Result<()> {
    let draft = parent.join(draft);
    files::create_folder(&draft)?;
    for (name, bytes) in contents {
        files::write(&draft.join(name), bytes)?;
    }
    files::write_json(&draft.join(MANIFEST), manifest)?;
    files::publish_folder(&draft, &parent.join(&manifest.release))
}

/// The links come first: before the first deployment they lead nowhere, afterwards they always lead
/// through `current`.
pub(crate) fn point_current_at(layout: &Layout, release: &str) -> Result<()> {
    link_contract_names(layout)?;
    files::replace_symlink(&layout.current(), &Path::new("releases").join(release))
}

pub(crate) fn link_contract_names(layout: &Layout) -> Result<()> {
    for name in [TRAINED_MODEL, LATEST_SCORE, INGESTED_FILES] {
        let link = layout.production().join(name);
        let target = Path::new("current").join(name);
        if std::fs::read_link(&link).ok().as_ref() != Some(&target) {
            files::replace_symlink(&link, &target)?;
        }
    }
    Ok(())
}

/// Records what was done to a release.
pub(crate) fn record(
    run: &Run,
    manifest: &Manifest,
    event: ReleaseEvent,
    reason: Option<&str>,
) -> Result<()> {
    let production = release::production_name(&run.config);
    let entry = ReleaseEntry {
        release: Some(&manifest.release),
        model_id: Some(&manifest.model_id),
        previous_release: manifest.previous_release.as_deref(),
        reason,
        ..ReleaseEntry::new(&production, event)
    };
    run.history()?.record_release_event(&entry, run.now)
}
