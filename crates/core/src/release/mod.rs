//! Releases: reading the one in force, and what the production folder keeps besides it.
//!
//! `current` is resolved once and a release is read whole: every file is in memory and has been
//! checked against the manifest before anything of it is used, so that a reader never sees a torn
//! release, also when old ones are pruned at that moment.

mod catalog;
mod recovery;
mod state;

pub use catalog::{Waiting, names, nearest, previous, remove_waiting, waiting, waiting_name};
pub use recovery::{finish, production_name, recover};
pub use state::{Blocked, Freeze, State, UnderWay};

use crate::layout::{
    INGESTED_FILES, Layout, MANIFEST, REFERENCE, SCORES, TRAINED_MODEL, TRAINING_RECORD,
};
use crate::model::Model;
use crate::records::{self, Manifest, Scores, TrainingRecord};
use crate::{Failure, files, hash};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A release: model, score and record that belong together.
#[derive(Debug, Clone)]
pub struct Release {
    /// What it consists of.
    pub manifest: Manifest,
    /// The model.
    pub model: Model,
    /// How the model scored on the test data.
    pub scores: Scores,
    /// The bytes of the records, which few readers need.
    training_record: Vec<u8>,
    ingested_files: Vec<u8>,
    reference: Option<Vec<u8>>,
}

impl Release {
    /// The name of the release.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.release
    }

    /// What its model was trained on.
    ///
    /// # Errors
    /// When the record cannot be parsed.
    pub fn training_record(&self) -> Result<TrainingRecord> {
        records::parse(&self.training_record)
            .with_context(|| format!("{TRAINING_RECORD} of {}", self.id()))
    }

    /// The names of the files the compiled data consisted of when it was deployed.
    ///
    /// # Errors
    /// When the record is no text.
    pub fn ingested_files(&self) -> Result<Vec<String>> {
        let text = std::str::from_utf8(&self.ingested_files)
            .with_context(|| format!("{INGESTED_FILES} of {}", self.id()))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// What it keeps of the training samples, to judge new data against; `None` in a release that was
    /// made before that was kept.
    #[must_use]
    pub fn reference(&self) -> Option<&[u8]> {
        self.reference.as_deref()
    }

    /// Reads the release in a folder.
    ///
    /// # Errors
    /// When a file is missing, does not have its checksum, or cannot be parsed.
    pub fn read(folder: &Path) -> Result<Self> {
        let read = || -> Result<Self> {
            let (manifest, mut contents) = read_files(folder)?;
            let mut take = |name: &str| contents.remove(name).unwrap_or_default();
            let model = Model::parse(&take(TRAINED_MODEL)).context(TRAINED_MODEL)?;
            let scores: Scores = records::parse(&take(SCORES)).context(SCORES)?;
            if model.model_id != manifest.model_id || scores.model_id != manifest.model_id {
                bail!("its model and score do not belong together");
            }
            Ok(Self {
                manifest,
                model,
                scores,
                training_record: take(TRAINING_RECORD),
                ingested_files: take(INGESTED_FILES),
                reference: contents.remove(REFERENCE),
            })
        };
        read().with_context(|| format!("release {} cannot be used", folder.display()))
    }
}

/// The manifest of the release in a folder and the bytes of each of its files, by name.
///
/// # Errors
/// When a file is missing or does not have its checksum.
pub fn read_files(folder: &Path) -> Result<(Manifest, BTreeMap<String, Vec<u8>>)> {
    let manifest = read_manifest(folder)?;
    for name in [TRAINED_MODEL, SCORES, TRAINING_RECORD, INGESTED_FILES] {
        if !manifest.files.contains_key(name) {
            bail!("{MANIFEST} does not list {name}");
        }
    }
    let contents = manifest
        .files
        .iter()
        .map(|(name, checksum)| Ok((name.clone(), checked(folder, name, checksum)?)))
        .collect::<Result<_>>()?;
    Ok((manifest, contents))
}

/// The manifest of the release in a folder, without the files it lists.
///
/// # Errors
/// [`Failure::InputMissing`] when there is none; else when it cannot be read.
pub fn read_manifest(folder: &Path) -> Result<Manifest> {
    let bytes = files::read_if_exists(&folder.join(MANIFEST))?
        .ok_or_else(|| Failure::InputMissing(format!("its {MANIFEST} is not there")))?;
    records::parse(&bytes).context(MANIFEST)
}

fn checked(folder: &Path, name: &str, checksum: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if hash::sha256_hex(&bytes) != *checksum {
        bail!("{name} is not what was deployed: its checksum differs");
    }
    Ok(bytes)
}

/// The folder that `current` points to, without reading it; `None` before the first deployment.
///
/// # Errors
/// When the link cannot be read.
pub fn current_folder(layout: &Layout) -> Result<Option<PathBuf>> {
    let link = layout.current();
    match fs::read_link(&link) {
        Ok(target) => Ok(Some(layout.production().join(target))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", link.display())),
    }
}

/// The name of the release that `current` points to, without reading it.
///
/// # Errors
/// As [`current_folder`].
pub fn current_name(layout: &Layout) -> Result<Option<String>> {
    Ok(current_folder(layout)?.map(|folder| base_name(&folder)))
}

/// The current release; `None` before the first deployment.
///
/// # Errors
/// When there is one and it cannot be used; the message names the release to roll back to.
pub fn current(layout: &Layout) -> Result<Option<Release>> {
    let Some(folder) = current_folder(layout)? else {
        return Ok(None);
    };
    match Release::read(&folder) {
        Ok(release) => Ok(Some(release)),
        // A deployment in between has removed the release that was current before.
        Err(_) if current_folder(layout)?.as_ref() != Some(&folder) => current(layout),
        Err(error) => Err(error.context(catalog::way_out(layout, &folder))),
    }
}

/// The current release, which has to be there.
///
/// # Errors
/// [`Failure::InputMissing`] before the first deployment; else as [`current`].
pub fn require_current(layout: &Layout) -> Result<Release> {
    current(layout)?.ok_or_else(|| {
        let folder = layout.production().display();
        Failure::InputMissing(format!("no deployed model in {folder}; run deployment")).into()
    })
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
