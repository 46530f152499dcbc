//! Faults on purpose, to show that none of them loses anything.
//!
//! Every operation that changes a file and every transaction of the history passes `point` first. In
//! an ordinary build that is nothing at all. With the feature `fault-injection`, which no build without
//! debug assertions accepts, a test tells the process to stop at the N-th of them, as a kill would, or
//! to find the disk full from the N-th on.

#[cfg(all(feature = "fault-injection", not(debug_assertions)))]
compile_error!("the feature fault-injection is for tests and never in a release build");

#[cfg(feature = "fault-injection")]
mod armed;

#[cfg(feature = "fault-injection")]
pub use armed::arm;

use std::io::{self, Write};
use std::path::Path;

/// What is about to be done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A file is made.
    Create,
    /// Bytes go into it.
    Write,
    /// A file or a folder is synced.
    Sync,
    /// It gets another name.
    Rename,
    /// A file or a folder goes.
    Remove,
    /// A symbolic link is made.
    Link,
    /// A folder is made.
    Folder,
    /// A transaction of the history begins.
    Begin,
    /// It is committed.
    Commit,
}

/// Passes one operation.
///
/// # Errors
/// Only under fault injection: the disk is said to be full.
#[cfg(not(feature = "fault-injection"))]
#[inline(always)]
pub(crate) fn point(_: Operation, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes bytes; under fault injection possibly only half of them.
///
/// # Errors
/// When they cannot be written.
#[cfg(not(feature = "fault-injection"))]
#[inline(always)]
pub(crate) fn write(to: &mut impl Write, _: &Path, bytes: &[u8]) -> io::Result<usize> {
    to.write(bytes)
}

#[cfg(feature = "fault-injection")]
pub(crate) fn point(operation: Operation, path: &Path) -> io::Result<()> {
    armed::pass(operation, path, || {})
}

#[cfg(feature = "fault-injection")]
pub(crate) fn write(to: &mut impl Write, path: &Path, bytes: &[u8]) -> io::Result<usize> {
    let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
    armed::pass(Operation::Write, path, || {
        // A torn write: what had reached the disk when the process stopped.
        let _ = to.write_all(half);
    })?;
    to.write(bytes)
}

/// The same for a transaction of the history.
pub(crate) fn transaction(
    operation: Operation,
    connection: &rusqlite::Connection,
) -> rusqlite::Result<()> {
    let path = connection.path().unwrap_or_default();
    point(operation, Path::new(path)).map_err(|error| {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        rusqlite::Error::SqliteFailure(full, Some(error.to_string()))
    })
}
