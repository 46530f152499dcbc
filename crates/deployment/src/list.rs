//! The releases as a list.

use anyhow::Result;
use risk_core::Run;
use risk_core::error::timestamp;
use risk_core::history::History;
use risk_core::release::{self, Release, State};
use serde::Serialize;
use std::fmt::{self, Display};
use std::path::Path;

/// The releases of a production folder, oldest first.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// The releases, and the candidate that waits for approval at the end.
    pub releases: Vec<Listed>,
    /// Until when the release in force stays, RFC 3339; null where it may be changed.
    pub frozen_until: Option<String>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its name.
    pub release: String,
    /// Its model; null where the manifest cannot be read.
    pub model_id: Option<String>,
    /// When it was deployed, of a candidate when it was made; RFC 3339.
    pub deployed_at: Option<String>,
    /// Its F1 on the test data.
    pub f1: Option<f64>,
    /// Whether it is in force.
    pub current: bool,
    /// Whether a plain --rollback leads to it.
    pub previous: bool,
    /// Whether its model was rolled back, so that it is not deployed again by itself.
    pub rolled_back: bool,
    /// Whether it waits for approval.
    pub waiting: bool,
    /// Whether every file is what was deployed.
    pub intact: bool,
    /// What is wrong with it, where something is.
    pub problem: Option<String>,
    /// Why it was deployed against what the checks said, where it was forced.
    pub force_reason: Option<String>,
}

/// Lists the releases and checks the files of each; takes no lock. That it was asked for is noted in
/// the history where that can be written.
///
/// # Errors
/// When the folder cannot be listed or the state cannot be read.
pub fn list(run: &Run) -> Result<Listing> {
    let layout = &run.layout;
    let state = State::read(layout)?;
    let (current, previous) = (release::current_name(layout)?, release::previous(layout)?);
    let mut releases: Vec<Listed> = release::names(layout)?
        .into_iter()
        // A deployment may remove old ones meanwhile.
        .filter(|name| layout.releases().join(name).exists())
        .map(|name| {
            let listed = listed(&layout.releases().join(&name), name, &state);
            Listed {
                current: current.as_ref() == Some(&listed.release),
                previous: previous.as_ref() == Some(&listed.release),
                ..listed
            }
        })
        .collect();
    if let Some(name) = release::waiting_name(layout)? {
        let candidate = listed(&layout.waiting().join(&name), name, &state);
        releases.push(Listed {
            waiting: true,
            ..candidate
        });
    }
    if let Err(error) = History::note_reader(&layout.history(), "deployment --list", run.now) {
        tracing::debug!("not noted in the history: {error:#}");
    }
    Ok(Listing {
        releases,
        frozen_until: state.frozen_until(run.now).map(timestamp),
    })
}

fn listed(folder: &Path, name: String, state: &State) -> Listed {
    let (read, manifest) = (Release::read(folder), release::read_manifest(folder).ok());
    let of_manifest = |manifest: &risk_core::records::Manifest| {
        (manifest.model_id.clone(), manifest.deployed_at.clone())
    };
    let (model_id, deployed_at) = manifest.as_ref().map(of_manifest).unzip();
    let scores = read.as_ref().ok().map(|release| &release.scores.evaluation);
    Listed {
        release: name,
        rolled_back: model_id
            .as_deref()
            .is_some_and(|id| state.blocked(id).is_some()),
        model_id,
        deployed_at,
        f1: scores.map(|evaluation| evaluation.confusion_matrix.f1()),
        current: false,
        previous: false,
        waiting: false,
        intact: read.is_ok(),
        problem: read.err().map(|error| error.root_cause().to_string()),
        force_reason: manifest.and_then(|manifest| manifest.force_reason),
    }
}

impl Listed {
    fn status(&self) -> String {
        let words = [
            (self.current, "in force"),
            (self.previous, "the one before"),
            (self.rolled_back, "rolled back"),
            (self.waiting, "waits for approval"),
            (!self.intact, "damaged"),
        ];
        let mut status: Vec<String> = words
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, word)| word.to_owned())
            .collect();
        status.extend(
            self.force_reason
                .iter()
                .map(|reason| format!("forced: {reason}")),
        );
        status.extend(self.problem.clone());
        status.join(", ")
    }
}

impl Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.releases.is_empty() {
            writeln!(f, "no release is kept yet")?;
        } else {
            let (release, model, deployed_at, f1) = ("release", "model", "deployed at", "F1");
            writeln!(
                f,
                "{release:<34}  {model:<16}  {deployed_at:<20}  {f1:>6}  status"
            )?;
        }
        for release in &self.releases {
            let f1 = release.f1.map_or("-".into(), |f1| format!("{f1:.4}"));
            let line = format!(
                "{:<34}  {:<16}  {:<20}  {f1:>6}  {}",
                release.release,
                release.model_id.as_deref().unwrap_or("-"),
                release.deployed_at.as_deref().unwrap_or("-"),
                release.status()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        match &self.frozen_until {
            Some(until) => writeln!(f, "frozen until {until}: the release in force stays"),
            None => Ok(()),
        }
    }
}
