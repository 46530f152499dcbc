//! Erasing one client everywhere.
//!
//! First its salted hash goes on the list whose rows are never taken in again, so that a run that is
//! killed afterwards has not lost the wish: the next ingestion drops the rows, and the command may be
//! given again. Then the rows, the history and the published files follow, and last the audit.

use super::Removed;
use crate::outcome::Step;
use crate::steps::Steps;
use crate::{Options, StepStatus, conclusion, publish};
use anyhow::{Context, Result, bail};
use dataset::{RawTable, Table, names_client, read_compiled};
use risk_core::erased::ErasedClients;
use risk_core::error::exit;
use risk_core::records::SampleId;
use risk_core::{Failure, Run, files, release, shell};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The column of clients of a published list.
const LISTED: &str = "corporation";

/// What was erased. The client is not named: this may be kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Erasure {
    /// The salted hash by which the client is known from now on.
    pub client_hash: String,
    /// How much of each kind went: rows of the compiled data, of the list, and of the history.
    pub removed: Removed,
    /// The steps that made the published files anew.
    pub steps: Vec<Step>,
    /// Files of yours that still name the client. They are not touched.
    pub still_named_in: Vec<String>,
    /// Whether the ingestion refused a file that was not refused before.
    #[serde(skip)]
    refused_data: bool,
}

/// Erases a client from all that this system keeps.
///
/// # Errors
/// [`Failure::Usage`] for an empty id; [`Failure::InputMissing`] when nothing here names the client; else
/// when something cannot be read or written. Given again, it goes on where it failed.
pub fn erase(run: &Run, client: &str, options: &Options) -> Result<Erasure> {
    if client.trim().is_empty() {
        bail!(Failure::Usage(
            "--erase needs the id of a client, as it is written in the data".into()
        ));
    }
    let mut erased = ErasedClients::read(&run.layout)?;
    if !erased.contains(client) && !is_known(run, client)? {
        bail!(Failure::InputMissing(
            "nothing that is kept here names this client; its id must be written as in the data"
                .into()
        ));
    }
    // What a killed run has noted may name the client.
    conclusion::finish(run)?;
    let mut removed = BTreeMap::new();
    let mut known = samples(run, client, &mut removed);
    let client_hash = erased.add(client, run.now, &run.layout)?;
    let mut steps = Steps::new(run);
    let ingested = steps.run("ingestion", || {
        ingestion::run(run, &ingestion::Options::default())
    })?;
    // What a killed run left of the compiled data could not be read before.
    known.extend(samples(run, client, &mut removed));
    drop_from_list(run, client, &mut removed)?;
    remove_published(run)?;
    // Before publishing: what is published counts what is in the history.
    let history = run.history()?;
    removed.extend(history.erase_client(client, &known)?);
    if ingested.rows > 0 && release::current(&run.layout)?.is_some() {
        publish::publish(run, options, &mut steps)?;
    }
    history.record_erasure(&client_hash, &removed, run.now)?;
    history.compact()?;
    Ok(Erasure {
        client_hash,
        removed: Removed(removed),
        steps: steps.done(),
        still_named_in: still_named_in(run, client)?,
        refused_data: ingested.newly_refused().next().is_some(),
    })
}

fn is_known(run: &Run, client: &str) -> Result<bool> {
    Ok(run.history()?.names_client(client)?
        || ingestion::is_known(run, client)?
        || names(&run.layout.contact_list(), LISTED, client)?)
}

/// The names of all samples that the client has or may have had: one for each date of the data.
/// Without compiled data none are known.
fn samples(run: &Run, client: &str, removed: &mut BTreeMap<String, u64>) -> Vec<SampleId> {
    let Ok((_, table)) = read_compiled(&run.layout) else {
        return Vec::new();
    };
    let of_client = |row: &usize| table.client_id(*row) == client;
    let own: Vec<usize> = (0..table.n_rows()).filter(of_client).collect();
    if !own.is_empty() {
        removed.insert("compiled_rows".into(), own.len() as u64);
    }
    let dates: BTreeSet<_> = (0..table.n_rows())
        .filter_map(|row| table.observed_at(row))
        .collect();
    let dated = dates
        .into_iter()
        .map(|date| Table::dated_sample_id(client, date));
    own.iter()
        .map(|row| table.sample_id(*row))
        .chain(dated)
        .collect()
}

/// Takes the client off the published list, with which the next one is compared.
fn drop_from_list(run: &Run, client: &str, removed: &mut BTreeMap<String, u64>) -> Result<()> {
    let path = run.layout.contact_list();
    let Some(bytes) = files::read_if_exists(&path)? else {
        return Ok(());
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = reader.headers()?;
    let of_clients = header.iter().position(|name| name == LISTED);
    writer.write_record(header)?;
    let mut rows = 0;
    for row in reader.records() {
        let row = row.with_context(|| path.display().to_string())?;
        if names_client(&row, of_clients, |cell| is_client(cell, client)) {
            rows += 1;
        } else {
            writer.write_record(&row)?;
        }
    }
    if rows > 0 {
        removed.insert("listed_rows".into(), rows);
        files::write(&path, writer.into_inner()?)?;
    }
    Ok(())
}

/// Whether a cell of a published list is the client; a leading apostrophe keeps spreadsheets from
/// taking it for a formula.
fn is_client(cell: &str, client: &str) -> bool {
    cell == client || cell.strip_prefix('\'') == Some(client)
}

/// Removes the published files that may name clients; they are made anew where there is a model.
fn remove_published(run: &Run) -> Result<()> {
    let layout = &run.layout;
    for path in [
        layout.report(),
        layout.contact_spreadsheet(),
        layout.api_returns(),
        layout.diagnostics(),
    ] {
        files::remove(&path)?;
    }
    Ok(())
}

/// The operator's own files in which a cell is the client.
fn still_named_in(run: &Run, client: &str) -> Result<Vec<String>> {
    let mut naming: Vec<String> = ingestion::inputs_that_name(run, client)?
        .into_iter()
        .map(|name| run.config.relative(&run.layout.input().join(name)))
        .collect();
    let places = [Some(run.layout.test()), run.config.clients_path.as_deref()];
    for place in places.into_iter().flatten() {
        for file in csv_files(place) {
            if names(&file, &run.config.dataset.client_id, client)? {
                naming.push(run.config.relative(&file));
            }
        }
    }
    Ok(naming)
}

/// The file itself, or the CSV files of a folder, in name order.
fn csv_files(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(place) else {
        return vec![place.to_owned()];
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_csv = |path: &PathBuf| path.extension().is_some_and(|end| end == "csv");
    let mut files: Vec<PathBuf> = paths.filter(is_csv).collect();
    files.sort();
    files
}

/// Whether a cell of a CSV file is the client, in the column of clients where it has that; what is no CSV
/// file names nobody.
fn names(path: &Path, column: &str, client: &str) -> Result<bool> {
    let Some(bytes) = files::read_if_exists(path)? else {
        return Ok(false);
    };
    let Ok(table) = RawTable::from_csv(bytes) else {
        return Ok(false);
    };
    Ok(table.names_client(column, |cell| is_client(cell, client)))
}

impl shell::Outcome for Erasure {
    fn exit_code(&self) -> u8 {
        let failed = |step: &Step| step.status == StepStatus::Failed;
        if self.steps.iter().any(failed) {
            exit::FAILED
        } else if self.refused_data {
            exit::DATA_REFUSED
        } else {
            exit::DONE
        }
    }
}

impl fmt::Display for Erasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "erased, known as {} from now on", self.client_hash)?;
        writeln!(f, "removed or blotted out: {}", self.removed)?;
        for step in &self.steps {
            let reason = step.reason.as_deref().unwrap_or_default();
            writeln!(f, "  {:<12} {:<13} {reason}", step.name, step.status.name())?;
        }
        for file in &self.still_named_in {
            writeln!(
                f,
                "still named in {file}, which is yours and is not touched"
            )?;
        }
        Ok(())
    }
}
