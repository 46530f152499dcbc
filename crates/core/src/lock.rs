//! One writer at a time: an advisory lock on a file that every writing program takes.
//!
//! The kernel gives the lock back when its holder ends, however it ends, so a killed run leaves
//! nothing to clean. The file itself is never deleted: deleting it would let two runs hold
//! "the" lock.

use crate::error::{Failure, timestamp};
use crate::faults::{self, Operation};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// The lock, held until this value is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock or fails at once.
    ///
    /// # Errors
    /// [`Failure::Locked`] with the holder's process id and start when another run holds it;
    /// any other error when the file cannot be made or written.
    pub fn acquire(path: &Path, now: DateTime<Utc>) -> Result<Self> {
        if let Some(folder) = path.parent() {
            crate::files::create_folder(folder)?;
        }
        faults::point(Operation::Create, path)
            .with_context(|| format!("cannot open the lock {}", path.display()))?;
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open the lock {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(&mut file, path).into()),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        faults::point(Operation::Write, path)
            .and_then(|()| sign(&mut file, now))
            .with_context(|| format!("cannot sign the lock {}", path.display()))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Closing alone would not do: a child process that is being started holds a copy of the file
    /// for a moment, and with it the lock.
    fn drop(&mut self) {
        // Where unlocking fails, closing the file gives the lock back.
        let _ = self.file.unlock();
    }
}

fn sign(file: &mut File, now: DateTime<Utc>) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), timestamp(now))
}

fn held_by(file: &mut File, path: &Path) -> Failure {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    let mut words = text.split_whitespace();
    let mut word = || words.next().unwrap_or("unknown").to_owned();
    Failure::Locked {
        path: path.display().to_string(),
        pid: word(),
        started_at: word(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let now = DateTime::UNIX_EPOCH;
        let held = Lock::acquire(&path, now).unwrap();
        let error = Lock::acquire(&path, now).unwrap_err();
        assert_eq!(crate::error::exit_code(&error), 75);
        let message = error.to_string();
        assert!(
            message.contains(&std::process::id().to_string()),
            "{message}"
        );
        assert!(message.contains("1970-01-01T00:00:00Z"), "{message}");
        drop(held);
        Lock::acquire(&path, now).unwrap();
    }

    #[test]
    fn a_copy_of_the_file_in_a_child_process_does_not_keep_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let held = Lock::acquire(&path, DateTime::UNIX_EPOCH).unwrap();
        // What a child has between fork and exec.
        let copy = held.file.try_clone().unwrap();
        drop(held);
        Lock::acquire(&path, DateTime::UNIX_EPOCH).unwrap();
        drop(copy);
    }
}
