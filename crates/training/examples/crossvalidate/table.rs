//! Reading the table as an ingestion would.

use anyhow::{Context, Result, bail};
use chrono::Utc;
use dataset::{Labels, RawTable, check, infer_schema};
use risk_core::Config;
use risk_core::schema::Role;
use std::path::Path;
use training::Samples;

/// The name of the id column of a table that has none.
pub const ROW_NUMBER: &str = "(row)";

/// The labelled rows of a table.
pub struct Labelled {
    /// The rows as samples.
    pub samples: Samples,
    /// The position of each among the rows of the file, counted from 0.
    pub rows: Vec<usize>,
}

impl Labelled {
    /// The client of each row.
    pub fn client_ids(&self) -> Vec<&str> {
        (0..self.rows.len())
            .map(|row| self.samples.table.client_id(row))
            .collect()
    }
}

/// Reads a table; without an id every row is a client.
pub fn read(path: &Path, id: Option<&str>, config: &Config) -> Result<Labelled> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let raw = RawTable::from_csv(bytes)
        .and_then(|raw| match id {
            Some(_) => Ok(raw),
            None => numbered(&raw),
        })
        .with_context(|| path.display().to_string())?;
    let Some(schema) = infer_schema(&config.dataset, &[&raw])? else {
        bail!(
            "{} has no columns {} and {}; it has {}",
            path.display(),
            config.dataset.client_id,
            config.dataset.target,
            raw.header.join(", ")
        );
    };
    for column in schema
        .columns
        .iter()
        .filter(|column| column.role == Role::Carried)
    {
        if let Some(reason) = &column.left_out {
            eprintln!("column {} is no feature: {reason}", column.name);
        }
    }
    let checked = check(&raw, &schema, false).with_context(|| path.display().to_string())?;
    if let Some(first) = checked.rejected.first() {
        let (line, reasons) = (first.line, first.reasons_without_cells());
        eprintln!(
            "{} bad rows, the first is line {line}: {reasons}",
            checked.rejected.len()
        );
    }
    let (rows, exited) = Labels::new(config, Utc::now()).labelled(&checked.table);
    Ok(Labelled {
        samples: Samples::new(checked.table.select(&rows), exited),
        rows: rows.into_iter().map(|row| checked.accepted[row]).collect(),
    })
}

fn numbered(raw: &RawTable) -> Result<RawTable, dataset::Refusal> {
    let mut header = vec![ROW_NUMBER.to_owned()];
    header.extend(raw.header.iter().cloned());
    let rows = (1..).zip(&raw.rows).map(|(number, row): (usize, _)| {
        let cells = row.cells.iter().map(str::to_owned);
        std::iter::once(format!("row {number}"))
            .chain(cells)
            .collect()
    });
    RawTable::new(header, rows.collect())
}
