//! Reporting: the charts of the deployed model, the report and the ranked contact list.
//!
//! Reads the deployed release, the test data, the compiled data, the book and the newest
//! diagnostics; writes into the model folder. The same inputs and the same time give the same bytes.

pub mod book;
pub mod chart;
pub mod contacts;
mod diagnosed;
mod judged;
mod page;
mod predictions;
#[cfg(test)]
#[path = "../tests/it/model.rs"]
mod testing;
mod text;

use anyhow::Result;
use chrono::{Days, NaiveDate};
use clap::Parser;
use contacts::{ContactList, PreviousList};
use dataset::{CompiledData, FolderData};
use diagnosed::Diagnostics;
use judged::Judged;
use risk_core::files::{self, AtomicFile};
use risk_core::log::Counts;
use risk_core::release::{self, Release};
use risk_core::run::Run;
use risk_core::shell::{Common, Program};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;

/// Draws the charts of the deployed model, writes the report and publishes the ranked contact list
#[derive(Debug, Parser)]
#[command(name = "reporting", version)]
pub struct Arguments {
    /// The shared options.
    #[command(flatten)]
    pub common: Common,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        crate::run(run, &Options {})
    }
}

/// What may be chosen for a run: nothing yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {}

/// What was published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The deployed release.
    pub release: String,
    /// Its model.
    pub model_id: String,
    /// The contact list.
    pub list_id: String,
    /// How many clients are on it.
    pub n_clients: u64,
    /// Whether the clients are rows the model was trained on, because no client is open.
    pub from_training_rows: bool,
    /// Rows of the client files that were not accepted.
    pub rejected_rows: u64,
    /// The first day of the list.
    pub valid_from: NaiveDate,
    /// The day on which the next list is due.
    pub valid_to: NaiveDate,
    /// The files that were written.
    pub files: Vec<PathBuf>,
}

impl risk_core::shell::Outcome for Outcome {
    fn counts(&self) -> Counts {
        Counts {
            clients: Some(self.n_clients),
            rejected_rows: Some(self.rejected_rows),
            ..Counts::default()
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clients = text::count(self.n_clients);
        writeln!(
            formatter,
            "list {} of {clients} clients, valid {} to {}, by model {} of release {}",
            self.list_id, self.valid_from, self.valid_to, self.model_id, self.release
        )?;
        for file in &self.files {
            writeln!(formatter, "wrote {}", file.display())?;
        }
        Ok(())
    }
}

/// Everything that is read.
struct Inputs {
    release: Release,
    test: FolderData,
    compiled: CompiledData,
    book: book::Book,
    diagnostics: Option<Diagnostics>,
    previous: Option<PreviousList>,
}

/// Everything that is written.
struct Documents {
    list: ContactList,
    confusion_matrix: Vec<u8>,
    roc_curve: Vec<u8>,
    report: String,
}

/// Draws the charts of the deployed model, writes the report and publishes the contact list.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when no model is deployed, or test data, compiled data or
/// the book is missing; else when one of them cannot be used or a file cannot be written.
pub fn run(run: &Run, _options: &Options) -> Result<Outcome> {
    let steps = run.progress.bar("reporting", 3);
    let inputs = read(run)?;
    tracing::info!(
        release = inputs.release.id(),
        "read the release, the data and the book"
    );
    steps.advance();
    let documents = compose(run, &inputs)?;
    tracing::info!(
        clients = documents.list.entries.len(),
        "drew the charts and ranked the clients"
    );
    steps.advance();
    let (release, compiled) = (&inputs.release, &inputs.compiled);
    predictions::record(run, release, compiled, &inputs.book, &documents.list)?;
    let files = write(run, &documents)?;
    let list = documents.list;
    Ok(Outcome {
        release: inputs.release.id().to_owned(),
        model_id: list.model_id,
        list_id: list.list_id,
        n_clients: list.entries.len() as u64,
        from_training_rows: inputs.book.from_training_rows,
        rejected_rows: inputs.book.rejected.len() as u64,
        valid_from: list.valid_from,
        valid_to: list.valid_to,
        files,
    })
}

fn read(run: &Run) -> Result<Inputs> {
    let release = release::require_current(&run.layout)?;
    let test = dataset::read_folder(run.layout.test(), &release.model.schema(true))?;
    let (compiled, table) = dataset::read_compiled(&run.layout)?;
    let book = book::read(run, &release.model, &compiled, &table)?;
    // Neither of these may keep the list from those who wait for it.
    let diagnostics = diagnosed::read(&run.layout.diagnostics()).unwrap_or_else(|error| {
        tracing::warn!("{error:#}; the report goes without; run diagnostics");
        None
    });
    Ok(Inputs {
        release,
        test,
        compiled,
        book,
        diagnostics,
        previous: previous_list(run)?,
    })
}

fn previous_list(run: &Run) -> Result<Option<PreviousList>> {
    let path = run.layout.contact_list();
    let parsed = files::read_if_exists(&path)?.map(|bytes| contacts::parse(&bytes));
    Ok(parsed.and_then(|parsed| {
        parsed
            .inspect_err(|error| {
                let path = path.display();
                tracing::warn!("{path}: {error}; the new list is compared with none");
            })
            .ok()
    }))
}

fn compose(run: &Run, inputs: &Inputs) -> Result<Documents> {
    let release = &inputs.release;
    let notes = notes(run, inputs);
    for note in &notes {
        tracing::warn!("{note}");
    }
    let list = contact_list(run, inputs)?;
    let judged = judged::judge(
        &release.model,
        &release.scores.evaluation,
        &inputs.test.table,
    )?;
    let below = line_below_charts(release, &judged);
    let matrix = &judged.evaluation.confusion_matrix;
    let confusion_matrix = chart::png(&chart::confusion_matrix(matrix, &below)?)?;
    let roc_curve = chart::png(&chart::roc_curve(&judged, &below)?)?;
    let report = page::html(&page::Content {
        now: run.now,
        release,
        judged: &judged,
        list: &list,
        from_training_rows: inputs.book.from_training_rows,
        compiled: &inputs.compiled,
        diagnostics: inputs.diagnostics.as_ref(),
        notes: &notes,
        confusion_png: &confusion_matrix,
        roc_png: &roc_curve,
    })?;
    Ok(Documents {
        list,
        confusion_matrix,
        roc_curve,
        report,
    })
}

fn contact_list(run: &Run, inputs: &Inputs) -> Result<ContactList> {
    let contract_value = run.config.dataset.contract_value.as_deref();
    let model = &inputs.release.model;
    let clients = book::score(model, &inputs.book.table, contract_value)?;
    let from = run.now.date_naive();
    let period = Days::new(run.config.contacts.period_days.into());
    let to = from.checked_add_days(period).unwrap_or(NaiveDate::MAX);
    let list = contacts::rank(clients, &model.model_id, (from, to));
    Ok(match &inputs.previous {
        Some(previous) => list.compared_with(previous),
        None => list,
    })
}

/// What the reader of the list has to know about it.
fn notes(run: &Run, inputs: &Inputs) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(name) = &run.config.dataset.contract_value
        && inputs.book.table.schema().position_of(name).is_none()
    {
        notes.push(format!(
            "the data has no column {name} (dataset.contract_value), so no value is known"
        ));
    }
    if inputs.book.from_training_rows {
        notes.push(
            "no client is open, so the list is of clients who stayed: rows the model was trained \
             on, whose risks say little about the future"
                .to_owned(),
        );
    }
    for (rejected, what) in [
        (
            &inputs.book.rejected,
            "the client files, so those clients are not on the list",
        ),
        (
            &inputs.test.rejected,
            "the test data, which the score leaves out",
        ),
    ] {
        if let Some((file, row)) = rejected.first() {
            let (count, line) = (text::count(rejected.len() as u64), row.line);
            let reasons = row.reasons_without_cells();
            notes.push(format!(
                "{count} bad rows in {what}; the first is line {line} of {file}: {reasons}"
            ));
        }
    }
    notes
}

fn line_below_charts(release: &Release, judged: &Judged) -> String {
    let evaluation = &judged.evaluation;
    format!(
        "Model {}, {} test samples of which {} left, threshold {}",
        release.model.model_id,
        text::count(evaluation.n_samples),
        text::count(evaluation.n_positive),
        dataset::format_number(evaluation.threshold),
    )
}

/// Makes all files ready before the first of them is seen.
fn write(run: &Run, documents: &Documents) -> Result<Vec<PathBuf>> {
    let list = &documents.list;
    let contact_list = contacts::to_csv(list);
    let contents: [(PathBuf, &[u8]); 4] = [
        (run.layout.confusion_matrix(), &documents.confusion_matrix),
        (run.layout.roc_curve(), &documents.roc_curve),
        (run.layout.report(), documents.report.as_bytes()),
        (run.layout.contact_list(), &contact_list),
    ];
    let mut ready = Vec::new();
    for (path, bytes) in &contents {
        let mut file = AtomicFile::create(path)?;
        file.write_all(bytes)?;
        ready.push(file.sync()?);
    }
    for file in ready {
        file.publish()?;
    }
    let (from, to) = (list.valid_from.to_string(), list.valid_to.to_string());
    let n_clients = list.entries.len() as u64;
    run.history()?
        .record_list(&list.list_id, &list.model_id, (&from, &to), n_clients)?;
    Ok(contents.into_iter().map(|(path, _)| path).collect())
}
