//! Reading what ingestion compiled, test data, and the book where it is given as files.

use crate::check::{RejectedRow, check};
use crate::origins::Origin;
use crate::raw::{RawTable, Refusal};
use crate::table::Table;
use anyhow::{Context, Result, bail};
use risk_core::records::IngestedFile;
use risk_core::schema::Schema;
use risk_core::{Failure, Layout, files, hash, records};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// What `schema.json` says about the compiled data beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompiledData {
    /// Version of the record.
    pub format_version: u32,
    /// The input folder, relative to the output folder.
    pub input_folder: String,
    /// SHA-256 of the compiled data.
    pub sha256: String,
    /// How many rows it has.
    pub rows: u64,
    /// The files it consists of, in order.
    pub files: Vec<IngestedFile>,
    /// Its columns.
    pub schema: Schema,
}

/// Reads what the compiled data of the configured input folder is, without the data itself.
///
/// # Errors
/// [`Failure::InputMissing`] when there is none, or when it was compiled from another folder; else
/// when it cannot be read.
pub fn read_compiled_record(layout: &Layout) -> Result<CompiledData> {
    let record: CompiledData = records::read(&layout.schema(), "compiled data", "ingestion")?;
    let expected = input_folder_name(layout);
    if record.input_folder != expected {
        let found = &record.input_folder;
        bail!(Failure::InputMissing(format!(
            "the compiled data in {} is of {found}, not of {expected}; run ingestion",
            layout.output().display()
        )));
    }
    Ok(record)
}

/// Reads the compiled data of the configured input folder.
///
/// # Errors
/// As [`read_compiled_record`]; [`Failure::InputMissing`] also when it has no rows; else when the data
/// is not what ingestion wrote.
pub fn read_compiled(layout: &Layout) -> Result<(CompiledData, Table)> {
    let record = read_compiled_record(layout)?;
    if record.rows == 0 {
        bail!(Failure::InputMissing(format!(
            "the compiled data in {} has no rows; see rejectedrows.csv there",
            layout.output().display()
        )));
    }
    let path = layout.final_data();
    let bytes = files::read_if_exists(&path)?.ok_or_else(|| {
        Failure::InputMissing(format!(
            "no compiled data at {}; run ingestion",
            path.display()
        ))
    })?;
    if hash::sha256_hex(&bytes) != record.sha256 {
        bail!(
            "{} is not what ingestion wrote; run ingestion again",
            path.display()
        );
    }
    // Targets are written as 0 and 1, whatever the files said.
    let schema = Schema {
        positive: None,
        ..record.schema.clone()
    };
    let table = RawTable::from_csv(bytes)
        .and_then(|raw| check(&raw, &schema, false))
        .with_context(|| path.display().to_string())?
        .table;
    Ok((record, table))
}

/// The input folder as it is named in records: relative to the output folder, so that the whole
/// project may be moved.
#[must_use]
pub fn input_folder_name(layout: &Layout) -> String {
    let (input, output) = (normal(layout.input()), normal(layout.output()));
    let shared = input
        .iter()
        .zip(&output)
        .take_while(|(a, b)| a == b)
        .count();
    let up = std::iter::repeat_n("..".to_owned(), output.len() - shared);
    up.chain(input.into_iter().skip(shared))
        .collect::<Vec<_>>()
        .join("/")
}

fn normal(path: &Path) -> Vec<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                parts.pop();
            }
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts
}

/// The rows of all CSV files of a folder.
#[derive(Debug, Clone)]
pub struct FolderData {
    /// The accepted rows, files in name order.
    pub table: Table,
    /// The rows that were not accepted, with the name of their file.
    pub rejected: Vec<(String, RejectedRow)>,
    /// The names of the files.
    pub files: Vec<String>,
    /// SHA-256 of each file.
    pub sha256: Vec<String>,
    /// The file and the line of each accepted row.
    pub origins: Vec<Origin>,
}

/// Reads every CSV file of a folder, in name order; hidden files are ignored.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no such folder or no such file in it;
/// [`Failure::DataRefused`] when a file as a whole cannot be read.
pub fn read_folder(folder: &Path, schema: &Schema) -> Result<FolderData> {
    read_files(&csv_files(folder)?, schema, false)
}

/// Reads the clients to be scored from a file or a folder; no target is needed.
///
/// # Errors
/// As [`read_folder`].
pub fn read_clients(path: &Path, schema: &Schema) -> Result<FolderData> {
    read_files(&client_files(path)?, schema, true)
}

/// Whether every file of clients has a column, so that it can be asked for: the date of a row is welcome
/// there and not required.
///
/// # Errors
/// As [`read_folder`].
pub fn clients_have(path: &Path, column: &str) -> Result<bool> {
    for file in client_files(path)? {
        let bytes = fs::read(&file).map_err(|error| {
            Failure::InputMissing(format!("cannot read {}: {error}", file.display()))
        })?;
        let raw = RawTable::from_csv(bytes).map_err(|Refusal(reason)| {
            Failure::DataRefused(format!("{}: {reason}", file.display()))
        })?;
        if raw.position_of(column).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn client_files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_dir() {
        csv_files(path)
    } else {
        Ok(vec![path.to_owned()])
    }
}

fn csv_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let missing = || {
        let why = if folder.is_dir() {
            ""
        } else {
            ": it is not there"
        };
        Failure::InputMissing(format!("no CSV file in folder {}{why}", folder.display()))
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing().into()),
        found => found.with_context(|| format!("cannot list the folder {}", folder.display()))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        let hidden = base_name(&path).starts_with('.');
        if !hidden && path.is_file() && path.extension().is_some_and(|end| end == "csv") {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(missing().into());
    }
    files.sort();
    Ok(files)
}

fn read_files(files: &[PathBuf], schema: &Schema, target_optional: bool) -> Result<FolderData> {
    let mut tables = Vec::new();
    let mut rejected = Vec::new();
    let (mut sha256, mut origins) = (Vec::new(), Vec::new());
    for (file, path) in files.iter().enumerate() {
        let bytes = fs::read(path).map_err(|error| {
            Failure::InputMissing(format!("cannot read {}: {error}", path.display()))
        })?;
        sha256.push(hash::sha256_hex(&bytes));
        let (raw, checked) = RawTable::from_csv(bytes)
            .and_then(|raw| check(&raw, schema, target_optional).map(|checked| (raw, checked)))
            .map_err(|Refusal(reason)| {
                Failure::DataRefused(format!("{}: {reason}", path.display()))
            })?;
        origins.extend(checked.accepted.iter().map(|row| Origin {
            file,
            line: Some(raw.rows[*row].line),
        }));
        rejected.extend(
            checked
                .rejected
                .into_iter()
                .map(|row| (base_name(path), row)),
        );
        tables.push(checked.table);
    }
    let table = Table::concat(schema.clone(), tables);
    Ok(FolderData {
        table,
        rejected,
        files: files.iter().map(|path| base_name(path)).collect(),
        sha256,
        origins,
    })
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
