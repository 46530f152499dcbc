//! What all requests share: where the files are, and the release that was current last.

use crate::confine::DataFolders;
use crate::problem::Problem;
use risk_core::release::{self, Release};
use risk_core::{Config, Layout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The service: reads what it is asked for, writes nothing.
#[derive(Debug)]
pub struct Service {
    /// Where the files are.
    pub layout: Layout,
    /// Where a dataset may be.
    pub data_folders: DataFolders,
    /// The release read last, under the folder that `current` pointed to.
    cached: Mutex<Option<(PathBuf, Arc<Release>)>>,
}

impl Service {
    /// The service of a project.
    pub fn new(config: &Config) -> Self {
        Self {
            layout: config.layout(),
            data_folders: DataFolders::new(config),
            cached: Mutex::new(None),
        }
    }

    /// The release that is current now. Call it once for a request.
    ///
    /// # Errors
    /// 503 before the first deployment, and when the release cannot be used.
    pub fn release(&self) -> Result<Arc<Release>, Problem> {
        let folder = self.current_folder()?;
        match self.read(&folder) {
            Ok(release) => Ok(release),
            Err(error) => {
                // A deployment in between may have removed the release that was current before.
                let now = self.current_folder()?;
                if now == folder {
                    return Err(unusable(&folder, &error));
                }
                self.read(&now).map_err(|error| unusable(&now, &error))
            }
        }
    }

    fn current_folder(&self) -> Result<PathBuf, Problem> {
        match release::current_folder(&self.layout) {
            Ok(Some(folder)) => Ok(folder),
            Ok(None) => Err(Problem::unavailable(
                "no model is deployed yet; run fullprocess on the server",
            )),
            Err(error) => Err(unusable(&self.layout.current(), &error)),
        }
    }

    /// A release never changes once it is there, so what was read stays good.
    fn read(&self, folder: &Path) -> anyhow::Result<Arc<Release>> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, release)) = &*cached
            && known == folder
        {
            return Ok(Arc::clone(release));
        }
        let release = Arc::new(Release::read(folder)?);
        tracing::info!(
            "release {} with model {}",
            release.id(),
            release.model.model_id
        );
        *cached = Some((folder.to_owned(), Arc::clone(&release)));
        Ok(release)
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
