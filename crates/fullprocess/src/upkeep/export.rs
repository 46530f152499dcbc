//! A table of the history for other programs.

use anyhow::{Result, bail};
use clap::ValueEnum;
use risk_core::history::{History, TableExport};
use risk_core::shell;
use risk_core::{Failure, Run};
use serde::Serialize;
use std::fmt;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header and a line for each row; a cell is empty where nothing is known.
    Csv,
    /// A list of objects; null where nothing is known.
    Json,
}

/// A table, and the form it is printed in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Export {
    table: TableExport,
    #[serde(skip)]
    format: Format,
}

/// Reads a table or view of the history.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no history; [`Failure::Usage`] when it has no such table.
pub fn export(run: &Run, table: &str, format: Format) -> Result<Export> {
    let history = open(run)?;
    let Some(found) = history.export(table)? else {
        bail!(Failure::Usage(format!(
            "the history has no table {table}; it has {}",
            history.tables()?.join(", ")
        )));
    };
    Ok(Export {
        table: found,
        format,
    })
}

/// The history, which has to be there.
pub(super) fn open(run: &Run) -> Result<History> {
    let path = run.layout.history();
    let history = History::open_to_read(&path)?;
    history.ok_or_else(|| {
        let path = path.display();
        Failure::InputMissing(format!("no history at {path}; run fullprocess")).into()
    })
}

impl shell::Outcome for Export {}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&self.table).map_err(|_| fmt::Error)?,
            Format::Csv => csv(&self.table).map_err(|_| fmt::Error)?,
        };
        f.write_str(&text)
    }
}

fn csv(table: &TableExport) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(ToString::to_string))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
