//! Opening the database: settings, versions, migrations, transactions.
//!
//! A new version of the schema is a file `schema_vN.sql` and a line in [`MIGRATIONS`]; a version that
//! was once released is never edited. `fixtures/` keeps a database of each released version, which
//! every later program must open.

use crate::faults::{self, Operation};
use anyhow::{Context, Result, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The migrations, in order; the version of a database is how many of them it has seen.
const MIGRATIONS: [&str; 9] = [
    include_str!("schema_v1.sql"),
    include_str!("schema_v2.sql"),
    include_str!("schema_v3.sql"),
    include_str!("schema_v4.sql"),
    include_str!("schema_v5.sql"),
    include_str!("schema_v6.sql"),
    include_str!("schema_v7.sql"),
    include_str!("schema_v8.sql"),
    include_str!("schema_v9.sql"),
];

pub(super) fn for_writing(path: &Path) -> Result<Connection> {
    let open = || -> Result<Connection> {
        faults::point(Operation::Create, path)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| explained(error, "open", path))
}

/// An error of opening the database, with its place and what to do.
fn explained(error: anyhow::Error, verb: &str, path: &Path) -> anyhow::Error {
    let what = what_to_do(&error);
    error.context(format!(
        "cannot {verb} the history {}{what}",
        path.display()
    ))
}

/// What to do about a database that cannot be opened, as far as its cause tells.
fn what_to_do(error: &anyhow::Error) -> &'static str {
    let cause = error.chain().find_map(|cause| cause.downcast_ref());
    match cause.and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "; it is damaged: move it away and put the one of the last backup in its place; without one a \
             new one is begun, the old entries are lost and labelled data may be judged once more"
        }
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            "; see that there is room on the disk, and that the disk works"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "; see that this user may read and write it and its folder"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program holds it: run this again when that has ended"
        }
        _ => "",
    }
}

/// A connection that changes no data.
///
/// The file is opened for writing all the same, where it may be: of a connection that could not
/// write, SQLite leaves the two files of the write-ahead log behind. Where it may not be written it
/// is opened read-only, which needs a writer at work or leave to write in the folder.
pub(super) fn for_reading(path: &Path) -> Result<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let open = || -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "query_only", true)?;
        let (found, known) = (version(&connection)?, MIGRATIONS.len() as u32);
        if found < known {
            bail!(
                "it is of version {found}, this program reads version {known}; run any program \
                 that writes, such as fullprocess, once: it brings the history up to date"
            );
        }
        Ok(connection)
    };
    open()
        .map(Some)
        .map_err(|error| explained(error, "read", path))
}

/// A connection for one entry of a program that holds no lock and may wait so long for a writer;
/// `None` where there is no database of just this version.
pub(super) fn for_noting(path: &Path, patience: Duration) -> Result<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let is_current = version(&connection)? == MIGRATIONS.len() as u32;
    Ok(is_current.then_some(connection))
}

/// The version of a database, which must not be newer than this program.
fn version(connection: &Connection) -> Result<u32> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as u32;
    if version > known {
        bail!(
            "it was written by a newer version of this system (version {version}, this program \
             knows {known}); update the program"
        );
    }
    Ok(version)
}

/// Applies the migrations that the database has not seen, each whole or not at all.
fn migrate(connection: &Connection) -> Result<()> {
    let version = version(connection)?;
    for (next, migration) in (1_u32..).zip(MIGRATIONS).skip(version as usize) {
        in_transaction(connection, |connection| {
            connection.execute_batch(migration)?;
            connection.pragma_update(None, "user_version", next)
        })
        .with_context(|| format!("cannot bring it to version {next}"))?;
    }
    Ok(())
}

/// Runs a change as one immediate transaction: all of it or nothing. Within a transaction it is a part
/// of that one, which fails alone.
pub(super) fn in_transaction<T>(
    connection: &Connection,
    change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    all_or_nothing(connection, change)
}

/// The same for a change that fails in its own way.
pub(super) fn all_or_nothing<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    change: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let is_outermost = connection.is_autocommit();
    let [begin, commit, undo] = if is_outermost {
        ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"]
    } else {
        [
            "SAVEPOINT part",
            "RELEASE part",
            "ROLLBACK TO part; RELEASE part",
        ]
    };
    let point = |operation| match is_outermost {
        true => faults::transaction(operation, connection),
        false => Ok(()),
    };
    point(Operation::Begin)?;
    connection.execute_batch(begin)?;
    let committed = change(connection).and_then(|value| {
        point(Operation::Commit)?;
        connection.execute_batch(commit)?;
        Ok(value)
    });
    if committed.is_err() {
        // The first error is the one to report; a failed rollback leaves nothing committed.
        let _ = connection.execute_batch(undo);
    }
    committed
}
