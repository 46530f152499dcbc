//! What all requests share: where the files are, and the release that was current last.

use crate::confine::DataFolders;
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use risk_core::release::{self, Release};
use risk_core::{Config, Layout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The service: reads what it is asked for, and keeps the predictions it is asked to keep.
#[derive(Debug)]
pub struct Service {
    /// Where the files are.
    pub layout: Layout,
    /// The model folder as the history names it.
    pub model_folder: String,
    /// Where a dataset may be.
    pub data_folders: DataFolders,
    /// The column with the date of a sample, where samples have one.
    pub observed_at: Option<String>,
    /// The time at which the service started, by its own clock and by that of the machine.
    started: (DateTime<Utc>, Instant),
    /// The releases read last.
    known: Mutex<Known>,
}

/// The releases read last.
#[derive(Debug, Default)]
struct Known {
    /// The one that answers, under the folder that `current` pointed to.
    good: Option<(PathBuf, Arc<Release>)>,
    /// The folder `current` points to, where its release cannot be used.
    broken: Option<PathBuf>,
}

impl Service {
    /// The service of a project, started at a time.
    pub fn new(config: &Config, now: DateTime<Utc>) -> Self {
        let layout = config.layout();
        Self {
            model_folder: config.relative(layout.model()),
            layout,
            data_folders: DataFolders::new(config),
            observed_at: config.dataset.observed_at.clone(),
            started: (now, Instant::now()),
            known: Mutex::default(),
        }
    }

    /// The time by the clock that the service was started with.
    pub fn now(&self) -> DateTime<Utc> {
        let (at, instant) = self.started;
        let elapsed = TimeDelta::from_std(instant.elapsed()).unwrap_or_default();
        at.checked_add_signed(elapsed).unwrap_or(at)
    }

    /// The release that is current now; while that cannot be used, the last one that could. Call it
    /// once for a request.
    ///
    /// # Errors
    /// 503 before the first deployment, and when the release cannot be used and none was in memory.
    pub fn release(&self) -> Result<Arc<Release>, Problem> {
        let folder = match release::current_folder(&self.layout) {
            Ok(Some(folder)) => folder,
            Ok(None) => {
                return Err(Problem::unavailable(
                    "no model is deployed yet; run fullprocess on the server",
                ));
            }
            Err(error) => return Err(unusable(&self.layout.current(), &error)),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, release)) = &known.good
            && *of == folder
        {
            let release = Arc::clone(release);
            known.broken = None;
            return Ok(release);
        }
        // A release never changes once it is there, so what was read stays good.
        match release::require_current(&self.layout) {
            // A deployment in between makes it that of another folder.
            Ok(release) if folder.ends_with(release.id()) => Ok(known.take(folder, release)),
            Ok(release) => Ok(known.take(self.layout.releases().join(release.id()), release)),
            Err(error) => known.last_good(folder, &error),
        }
    }
}

impl Known {
    fn take(&mut self, folder: PathBuf, release: Release) -> Arc<Release> {
        let release = Arc::new(release);
        tracing::info!(
            "release {} with model {}",
            release.id(),
            release.model.model_id
        );
        self.good = Some((folder, Arc::clone(&release)));
        self.broken = None;
        release
    }

    /// The log tells once of each release that cannot be used.
    fn last_good(
        &mut self,
        folder: PathBuf,
        error: &anyhow::Error,
    ) -> Result<Arc<Release>, Problem> {
        let Some((_, release)) = &self.good else {
            return Err(unusable(&folder, error));
        };
        if self.broken.as_ref() != Some(&folder) {
            tracing::error!("{error:#}; release {} goes on answering", release.id());
            self.broken = Some(folder);
        }
        Ok(Arc::clone(release))
    }
}

fn unusable(folder: &Path, error: &anyhow::Error) -> Problem {
    tracing::error!("{error:#}");
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Problem::unavailable(format!(
        "the current release {name} cannot be used; the cause is in the log of the service; deploy \
         again or roll back on the server"
    ))
}
