//! A folder that is long in the making: it stands under a temporary name beside its place, and appears
//! there whole.
//!
//! Whoever makes it holds a lock on the folder itself, which the kernel gives back when the process
//! ends, however it ends. So a draft that can be locked is that of a dead process, and nobody needs the
//! lock of the project to clear it away.

use crate::Failure;
use crate::files;
use anyhow::{Context, Result, bail};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A draft that this process makes.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    // Holds the lock.
    _folder: File,
}

impl Draft {
    /// Begins an empty draft; one that a dead process left under the name is taken over.
    ///
    /// # Errors
    /// [`Failure::Locked`] when another process makes it; else when the folder cannot be made.
    pub fn begin(path: &Path) -> Result<Self> {
        files::create_folder(path)?;
        let Some(folder) = locked(path)? else {
            bail!(Failure::Locked {
                path: path.display().to_string(),
                pid: "unknown".into(),
                started_at: "unknown".into(),
            });
        };
        let draft = Self {
            path: path.to_owned(),
            _folder: folder,
        };
        draft.empty()?;
        Ok(draft)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes all that is in it, to begin anew.
    ///
    /// # Errors
    /// When something cannot be listed or removed.
    pub fn empty(&self) -> Result<()> {
        files::remove_contents(&self.path, |_| true).map(drop)
    }

    /// Gives it its place.
    ///
    /// # Errors
    /// When it cannot be renamed, for instance because the name is taken.
    pub fn publish(self, place: &Path) -> Result<()> {
        files::publish_folder(&self.path, place)
    }

    /// Removes it, as far as that can be done.
    pub fn abandon(self) {
        let _ = remove(&self.path);
    }
}

/// Removes the drafts of dead processes whose names begin so; gives how many. Those at which somebody is
/// at work stay.
///
/// # Errors
/// When the folder cannot be listed or a draft cannot be removed.
pub fn remove_dead(folder: &Path, prefix: &str) -> Result<usize> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(0);
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with(prefix) || !path.is_dir() {
            continue;
        }
        // The lock is held until the draft is gone.
        if let Some(_held) = locked(&path)? {
            remove(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn remove(path: &Path) -> Result<()> {
    files::remove_tree(path).with_context(|| format!("cannot remove the draft {}", path.display()))
}

/// The folder with its lock; `None` where another process holds that, or has just taken the folder away.
fn locked(path: &Path) -> Result<Option<File>> {
    let lock = || {
        let folder = File::open(path)?;
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        // What was removed between opening and locking is no place to work in.
        let is_same = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error),
            Ok(now) => now.ino() == folder.metadata()?.ino(),
        };
        Ok(is_same.then_some(folder))
    };
    lock().with_context(|| format!("cannot lock {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_draft_of_a_dead_process_goes_and_one_at_work_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        files::write(&path(".risk-backup-dead/inner/file"), "half").unwrap();
        files::write(&path(".risk-backup-file"), "no folder").unwrap();
        files::write(&path("other/file"), "").unwrap();
        let alive = Draft::begin(&path(".risk-backup-alive")).unwrap();
        files::write(&alive.path().join("file"), "").unwrap();
        assert_eq!(remove_dead(folder.path(), ".risk-backup-").unwrap(), 1);
        assert_eq!(
            names(folder.path()),
            [".risk-backup-alive", ".risk-backup-file", "other"]
        );
        let second = Draft::begin(&path(".risk-backup-alive")).unwrap_err();
        assert_eq!(crate::error::exit_code(&second), 75);
        alive.publish(&path("done")).unwrap();
        assert_eq!(names(&path("done")), ["file"]);
    }

    #[test]
    fn a_draft_that_is_taken_over_or_abandoned_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".risk-backup-x");
        files::write(&path.join("inner/file"), "of a dead one").unwrap();
        let draft = Draft::begin(&path).unwrap();
        assert!(names(&path).is_empty());
        files::write(&path.join("file"), "").unwrap();
        draft.abandon();
        assert!(names(folder.path()).is_empty());
    }
}
