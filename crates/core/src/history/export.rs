//! Whole tables for other programs, and a consistent copy of the database.

use super::History;
use anyhow::{Context, Result};
use rusqlite::types::ValueRef;
use serde::{Serialize, Serializer};
use std::fs::File;
use std::path::Path;

/// All rows of a table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct TableExport {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a cell for each column.
    pub rows: Vec<Vec<ExportedValue>>,
}

/// A value of the database.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ExportedValue {
    /// Nothing is known.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
}

impl From<ValueRef<'_>> for ExportedValue {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            // No table has blobs.
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Self::Text(String::from_utf8_lossy(text).into_owned())
            }
        }
    }
}

impl std::fmt::Display for ExportedValue {
    /// As in CSV: nothing where nothing is known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Integer(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// In JSON a list of objects, one for each row.
impl Serialize for TableExport {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| Object(&self.columns, row)))
    }
}

/// A row with the names of its columns.
struct Object<'a>(&'a [String], &'a [ExportedValue]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1))
    }
}

impl History {
    /// The names of all tables and views.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn tables(&self) -> Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')
                   AND name NOT LIKE 'sqlite%' ORDER BY name";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            query.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// All rows of a table or view; `None` where there is none of this name.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn export(&self, table: &str) -> Result<Option<TableExport>> {
        if !self.tables()?.iter().any(|known| known == table) {
            return Ok(None);
        }
        // The name is one of ours, so it needs no quoting.
        let sql = format!("SELECT * FROM {table}");
        let export = self.read(|connection| {
            let mut query = connection.prepare(&sql)?;
            let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
            let mut found = query.query([])?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let cells =
                    (0..columns.len()).map(|place| row.get_ref(place).map(ExportedValue::from));
                rows.push(cells.collect::<rusqlite::Result<_>>()?);
            }
            Ok(TableExport { columns, rows })
        })?;
        Ok(Some(export))
    }

    /// Writes a consistent copy of the database to a file that does not exist yet, also while a run
    /// is writing.
    ///
    /// # Errors
    /// When the history cannot be read or the copy cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let copied = || -> Result<()> {
            let target = path.to_str().context("the path is not UTF-8")?;
            // A reader may not even write another database while this is on.
            let key = "query_only";
            let only_reads: bool = self
                .connection
                .pragma_query_value(None, key, |row| row.get(0))?;
            self.connection.pragma_update(None, key, false)?;
            let vacuumed = self.connection.execute("VACUUM INTO ?1", [target]);
            self.connection.pragma_update(None, key, only_reads)?;
            vacuumed?;
            Ok(File::open(path)?.sync_all()?)
        };
        copied().with_context(|| format!("cannot copy the history to {}", path.display()))
    }
}
