//! Reporting: the charts of the deployed model, the report and the contact list.
//!
//! Reads the deployed release, the test data, the compiled data, the book, the history and the newest
//! diagnostics; writes into the model folder. The same inputs and the same time give the same bytes.
//! A list belongs to a period: until it ends, the list stays as it was first published.

pub mod book;
pub mod chart;
mod condition;
pub mod diagnosed;
mod judged;
pub mod list;
mod page;
mod predictions;
#[cfg(test)]
#[path = "../tests/it/model.rs"]
mod testing;
mod text;

use anyhow::Result;
use chrono::NaiveDate;
use clap::Parser;
use condition::Condition;
use dataset::{CompiledData, FolderData, Labels, Table};
use diagnosed::Diagnostics;
use judged::Judged;
use list::{Columns, ContactList, Effect, Entry, Known, Material, ScoredBook, Settings};
use risk_core::files::AtomicFile;
use risk_core::log::Counts;
use risk_core::release::{self, Release};
use risk_core::run::Run;
use risk_core::shell::{Common, Program};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;

/// Draws the charts of the deployed model, writes the report and publishes the contact list
///
/// The list names the clients to call in a period (contacts.period_days), the most valuable calls
/// first. Until the period ends it stays as it is, whatever data or model arrive; changed settings of
/// the list begin a new one.
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
    /// How many clients are to be called.
    pub n_clients: u64,
    /// How many are set aside.
    pub n_held_out: u64,
    /// How many should be called besides, because they have become urgent since.
    pub n_urgent: u64,
    /// How many clients the book has.
    pub n_book: u64,
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
            "list {} of {clients} clients out of {}, valid {} to {}, by model {} of release {}",
            self.list_id,
            text::count(self.n_book),
            self.valid_from,
            self.valid_to,
            self.model_id,
            self.release
        )?;
        if self.n_held_out > 0 {
            writeln!(formatter, "{} set aside", text::count(self.n_held_out))?;
        }
        if self.n_urgent > 0 {
            writeln!(
                formatter,
                "{} have become urgent since",
                text::count(self.n_urgent)
            )?;
        }
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
    table: Table,
    book: book::Book,
    scored: ScoredBook,
    known: Known,
    effect: Effect,
    condition: Condition,
    diagnostics: Option<Diagnostics>,
}

/// Everything that is written.
struct Documents {
    list: ContactList,
    urgent: Vec<Entry>,
    spreadsheet: Vec<u8>,
    confusion_matrix: Vec<u8>,
    roc_curve: Vec<u8>,
    reliability_curve: Vec<u8>,
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
        clients = documents.list.to_call().count(),
        "drew the charts and made the list"
    );
    steps.advance();
    record(run, &inputs, &documents)?;
    let files = write(run, &documents)?;
    let list = documents.list;
    Ok(Outcome {
        release: inputs.release.id().to_owned(),
        model_id: list.model_id.clone(),
        list_id: list.list_id.clone(),
        n_clients: list.to_call().count() as u64,
        n_held_out: list.held_out().count() as u64,
        n_urgent: documents.urgent.len() as u64,
        n_book: list.head.n_book,
        from_training_rows: list.head.from_training_rows,
        rejected_rows: inputs.book.rejected.len() as u64,
        valid_from: list.valid_from,
        valid_to: list.valid_to,
        files,
    })
}

fn read(run: &Run) -> Result<Inputs> {
    let config = &run.config;
    let release = release::require_current(&run.layout)?;
    let test = dataset::read_folder(run.layout.test(), &release.model.schema(true))?;
    let (compiled, table) = dataset::read_compiled(&run.layout)?;
    let book = book::read(run, &release.model, &compiled, &table)?;
    let columns = Columns {
        contract_value: config.dataset.contract_value.as_deref(),
        assign_by: config.contacts.assign_by.as_deref(),
    };
    let scored = ScoredBook::new(&release.model, &book.table, columns)?;
    let known = Known::read(run, &release.model, &Settings::fingerprint(config))?;
    let condition = Condition::read(run, &release, &table)?;
    let effect = list::effect(config, &known, &table, &Labels::new(config, run.now));
    // This may not keep the list from those who wait for it.
    let diagnostics = diagnosed::read(&run.layout.diagnostics()).unwrap_or_else(|error| {
        tracing::warn!("{error:#}; the report goes without; run diagnostics");
        None
    });
    Ok(Inputs {
        release,
        test,
        compiled,
        table,
        book,
        scored,
        known,
        effect,
        condition,
        diagnostics,
    })
}

fn compose(run: &Run, inputs: &Inputs) -> Result<Documents> {
    let release = &inputs.release;
    let notes = notes(run, inputs);
    for note in &notes {
        tracing::warn!("{note}");
    }
    let (list, urgent) = contact_list(run, inputs)?;
    let judged = judged::judge(
        &release.model,
        &release.scores.evaluation,
        &inputs.test.table,
        run.config.contacts.capacity.into(),
    )?;
    let below = line_below_charts(release, &judged);
    let matrix = &judged.evaluation.confusion_matrix;
    let confusion_matrix = chart::png(&chart::confusion_matrix(matrix, &below)?)?;
    let roc_curve = chart::png(&chart::roc_curve(&judged, &below)?)?;
    let reliability_curve = chart::png(&chart::reliability_curve(&judged, &below)?)?;
    let doubt = text::Doubt::about(&list, release.id(), inputs.diagnostics.as_ref());
    let leavers = text::expected_leavers(&list, doubt, run.now.date_naive());
    let report = page::html(&page::Content {
        now: run.now,
        release,
        judged: &judged,
        list: &list,
        urgent: &urgent,
        leavers: leavers.as_deref(),
        scored: &inputs.scored,
        known: &inputs.known,
        effect: &inputs.effect,
        condition: &inputs.condition,
        from_training_rows: inputs.book.from_training_rows,
        compiled: &inputs.compiled,
        diagnostics: inputs.diagnostics.as_ref(),
        notes: &notes,
        confusion_png: &confusion_matrix,
        roc_png: &roc_curve,
        reliability_png: &reliability_curve,
    })?;
    Ok(Documents {
        spreadsheet: list::to_xlsx(&list, &urgent, leavers.as_deref())?,
        list,
        urgent,
        confusion_matrix,
        roc_curve,
        reliability_curve,
        report,
    })
}

/// The list of the running period and who has become urgent since, or the list of the period that
/// begins today.
fn contact_list(run: &Run, inputs: &Inputs) -> Result<(ContactList, Vec<Entry>)> {
    let material = Material {
        release: &inputs.release,
        table: &inputs.book.table,
        from_training_rows: inputs.book.from_training_rows,
        book: &inputs.scored,
        known: &inputs.known,
        effect: &inputs.effect,
        compiled: &inputs.table,
    };
    match &inputs.known.running {
        Some(list) => Ok((list.clone(), list::newcomers(run, material, list)?)),
        None => Ok((list::compose(run, material)?, Vec::new())),
    }
}

/// Records what is about to be seen: the book and, where it is a new one, the list, else who has become
/// urgent since; all or nothing.
fn record(run: &Run, inputs: &Inputs, documents: &Documents) -> Result<()> {
    let history = run.history()?;
    let Documents { list, urgent, .. } = documents;
    let Inputs {
        release,
        compiled,
        book,
        scored,
        ..
    } = inputs;
    history.together(|| {
        predictions::record(run, release, compiled, book, scored, list)?;
        let folder = run.config.relative(run.layout.model());
        if inputs.known.running.is_some() {
            let urgent = list::urgent_records(urgent)?;
            return history.replace_urgent(&folder, &list.list_id, &urgent);
        }
        let settings = Settings::fingerprint(&run.config);
        history.record_contact_list(&list::to_record(list, &folder, &settings, run.now)?)?;
        let (from, to) = (list.valid_from.to_string(), list.valid_to.to_string());
        let n_clients = list.to_call().count() as u64;
        history.record_list(&list.list_id, &list.model_id, (&from, &to), n_clients)
    })
}

/// What the reader of the list has to know about it.
fn notes(run: &Run, inputs: &Inputs) -> Vec<String> {
    let mut notes = Vec::new();
    let columns = [
        (
            "dataset.contract_value",
            &run.config.dataset.contract_value,
            "no value is known",
        ),
        (
            "contacts.assign_by",
            &run.config.contacts.assign_by,
            "nobody is assigned",
        ),
    ];
    for (key, name, so) in columns {
        if let Some(name) = name
            && inputs.book.table.schema().position_of(name).is_none()
        {
            notes.push(format!("the data has no column {name} ({key}), so {so}"));
        }
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
                "{count} bad {} in {what}; the first is line {line} of {file}: {reasons}",
                if rejected.len() == 1 { "row" } else { "rows" }
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
    let contact_list = list::to_csv(&documents.list);
    let contents: [(PathBuf, &[u8]); 6] = [
        (run.layout.confusion_matrix(), &documents.confusion_matrix),
        (run.layout.roc_curve(), &documents.roc_curve),
        (run.layout.reliability_curve(), &documents.reliability_curve),
        (run.layout.report(), documents.report.as_bytes()),
        (run.layout.contact_list(), &contact_list),
        (run.layout.contact_spreadsheet(), &documents.spreadsheet),
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
    Ok(contents.into_iter().map(|(path, _)| path).collect())
}
