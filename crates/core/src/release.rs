//! Reading releases: `current` is resolved once, and every file is checked against its manifest.

use crate::layout::{INGESTED_FILES, Layout, MANIFEST, SCORES, TRAINED_MODEL, TRAINING_RECORD};
use crate::model::Model;
use crate::records::{self, Manifest, Scores, TrainingRecord};
use crate::{Failure, hash};
use anyhow::{Context, Result, bail};
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
    folder: PathBuf,
}

impl Release {
    /// The name of the release.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.release
    }

    /// The folder of the release.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What its model was trained on.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn training_record(&self) -> Result<TrainingRecord> {
        let bytes = checked(&self.folder, &self.manifest, TRAINING_RECORD)?;
        records::parse(&bytes).with_context(|| format!("{TRAINING_RECORD} of {}", self.id()))
    }

    /// The names of the files the compiled data consisted of when it was deployed.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn ingested_files(&self) -> Result<Vec<String>> {
        let bytes = checked(&self.folder, &self.manifest, INGESTED_FILES)?;
        Ok(String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect())
    }

    /// Reads the release in a folder.
    ///
    /// # Errors
    /// When a file is missing, does not have its checksum, or cannot be parsed.
    pub fn read(folder: &Path) -> Result<Self> {
        let read = || -> Result<Self> {
            let manifest: Manifest =
                records::read(&folder.join(MANIFEST), "manifest", "deployment")?;
            let model = Model::parse(&checked(folder, &manifest, TRAINED_MODEL)?)?;
            let scores: Scores = records::parse(&checked(folder, &manifest, SCORES)?)?;
            if model.model_id != manifest.model_id || scores.model_id != manifest.model_id {
                bail!("its model and score do not belong together");
            }
            Ok(Self {
                manifest,
                model,
                scores,
                folder: folder.to_owned(),
            })
        };
        read().with_context(|| format!("release {} cannot be used", folder.display()))
    }
}

fn checked(folder: &Path, manifest: &Manifest, name: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let Some(expected) = manifest.files.get(name) else {
        bail!("{MANIFEST} does not list {name}");
    };
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if hash::sha256_hex(&bytes) != *expected {
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

/// The current release; `None` before the first deployment.
///
/// # Errors
/// When there is one and it cannot be used.
pub fn current(layout: &Layout) -> Result<Option<Release>> {
    current_folder(layout)?
        .map(|folder| Release::read(&folder))
        .transpose()
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
