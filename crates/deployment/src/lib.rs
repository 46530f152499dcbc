//! Deployment: model, score and record of one release, put in force in one step.
//!
//! A release is written whole into a folder of its own and synced. The three names that people know
//! (`trainedmodel.json`, `latestscore.txt`, `ingestedfiles.txt`) are links through `current`, and
//! renaming `current` is the one commit point: a reader sees all of the old release or all of the
//! new one.

mod candidate;

use anyhow::{Context, Result};
use candidate::Candidate;
use clap::Parser;
use risk_core::layout::{INGESTED_FILES, LATEST_SCORE, MANIFEST, TRAINED_MODEL};
use risk_core::records::{self, Manifest};
use risk_core::release::{self, Release};
use risk_core::shell::{self, Common, Program};
use risk_core::{Layout, Run, error, files, hash};
use serde::Serialize;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

/// Make the newly trained model the deployed one
///
/// Takes the model and its score from the model folder and ingestedfiles.txt from the output folder,
/// checks that they belong together, and puts them in force in one step: a new release in the
/// production folder, to which trainedmodel.json, latestscore.txt and ingestedfiles.txt there lead.
///
/// Where just this is deployed already, nothing happens and nothing is printed. When anything is
/// missing or does not belong together, the release in force stays as it is. Earlier releases are
/// kept under releases/.
#[derive(Debug, Parser)]
#[command(name = "deployment", version)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        crate::run(run)
    }
}

/// Deploys the newly trained model; nothing happens where just this is deployed already.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when model, score or record are not there; else when they do
/// not belong together or a file cannot be written. The current release stays in force then.
pub fn run(run: &Run) -> Result<Outcome> {
    let layout = &run.layout;
    let candidate = Candidate::read(layout)?;
    let current = release::current(layout).with_context(|| {
        format!(
            "the release in force cannot be read; let {} lead to another folder of releases/, or remove \
             it to deploy anew",
            layout.current().display()
        )
    })?;
    let previous_model_id = current
        .as_ref()
        .map(|release| release.model.model_id.clone());
    if let Some(current) = &current
        && candidate.is_deployed_as(&current.manifest)
        && is_whole(current)
    {
        link_contract_names(layout)?;
        // A run that was killed right after it deployed has not recorded it.
        run.history()?.record_deployment(&current.manifest)?;
        return Ok(Outcome {
            deployed: false,
            release: current.id().to_owned(),
            model_id: candidate.model_id,
            previous_model_id,
        });
    }
    let manifest = release_candidate(run, &candidate, current.as_ref())?;
    run.history()?.record_deployment(&manifest)?;
    Ok(Outcome {
        deployed: true,
        release: manifest.release,
        model_id: candidate.model_id,
        previous_model_id,
    })
}

fn release_candidate(
    run: &Run,
    candidate: &Candidate,
    current: Option<&Release>,
) -> Result<Manifest> {
    let layout = &run.layout;
    let (release, folder) = unused_name(run, &candidate.model_id);
    let manifest = Manifest {
        format_version: records::FORMAT_VERSION,
        release: release.clone(),
        model_id: candidate.model_id.clone(),
        deployed_at: error::timestamp(run.now),
        previous_release: current.map(|release| release.id().to_owned()),
        files: candidate.checksums(),
    };
    let draft = layout
        .releases()
        .join(format!("{}release", files::TEMPORARY_PREFIX));
    files::create_folder(&draft)?;
    for (name, bytes) in &candidate.files {
        files::write(&draft.join(name), bytes)?;
    }
    files::write_json(&draft.join(MANIFEST), &manifest)?;
    files::publish_folder(&draft, &folder)?;
    tracing::info!(release, "written, not yet in force");
    put_in_force(layout, &release).context("the release was written but is not in force")?;
    tracing::info!(release, "in force");
    Ok(manifest)
}

/// A name that sorts by time. The same model may be deployed twice in one second in a test.
fn unused_name(run: &Run, model_id: &str) -> (String, PathBuf) {
    let base = format!("{}-{model_id}", run.now.format("%Y%m%dT%H%M%SZ"));
    let mut name = base.clone();
    let mut number = 1;
    while run.layout.releases().join(&name).exists() {
        number += 1;
        name = format!("{base}-{number}");
    }
    let folder = run.layout.releases().join(&name);
    (name, folder)
}

/// Whether every file of a release is what was deployed; where one is not, deploying the same again
/// mends it by a new release.
fn is_whole(release: &Release) -> bool {
    release.manifest.files.iter().all(|(name, checksum)| {
        let bytes = files::read_if_exists(&release.folder().join(name));
        matches!(bytes, Ok(Some(bytes)) if hash::sha256_hex(&bytes) == *checksum)
    })
}

/// The links come first: before the first deployment they lead nowhere, afterwards they always lead
/// through `current`.
fn put_in_force(layout: &Layout, release: &str) -> Result<()> {
    link_contract_names(layout)?;
    files::replace_symlink(&layout.current(), &Path::new("releases").join(release))
}

fn link_contract_names(layout: &Layout) -> Result<()> {
    for name in [TRAINED_MODEL, LATEST_SCORE, INGESTED_FILES] {
        let link = layout.production().join(name);
        let target = Path::new("current").join(name);
        if std::fs::read_link(&link).ok().as_ref() != Some(&target) {
            files::replace_symlink(&link, &target)?;
        }
    }
    Ok(())
}

/// The outcome of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether a new release was put in force.
    pub deployed: bool,
    /// The release in force.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The model that was in force before.
    pub previous_model_id: Option<String>,
}

impl shell::Outcome for Outcome {
    fn is_silent(&self) -> bool {
        !self.deployed
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.deployed {
            return writeln!(
                f,
                "nothing to do: release {} is this model already",
                self.release
            );
        }
        write!(
            f,
            "release {} is in force: model {}",
            self.release, self.model_id
        )?;
        match &self.previous_model_id {
            Some(previous) => writeln!(f, " after {previous}"),
            None => writeln!(f, ", the first one"),
        }
    }
}
