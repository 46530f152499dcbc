//! Ingestion: what is new among the input files and databases is checked row by row, kept as a part,
//! and compiled with everything before it into one table.
//!
//! A file is known by its content, not by its name or time. The index of the parts is the one commit
//! point: the compiled files follow from it, and a run that finds them missing or different writes
//! them again.

mod attempts;
mod clients;
mod contacts;
mod convert;
mod discover;
mod erased;
mod index;
mod outcome;
mod outputs;
mod part;
mod preview;
mod refused;
mod schema;
mod source;
mod tables;
mod update;

pub use clients::{inputs_that_name, is_known};
pub use contacts::ContactsOutcome;
pub use outcome::{FileOutcome, FileStatus, Outcome};
pub use preview::{Preview, preview};
pub use refused::{RefusedFile, refused_files};

use anyhow::Result;
use clap::Parser;
use discover::Discovery;
use index::Index;
use part::Parts;
use risk_core::Run;
use risk_core::shell::{Common, Program};
use std::path::PathBuf;
use std::time::Instant;

/// Find new data, check it row by row and compile it into one table
///
/// Reads every *.csv and *.parquet of the input folder, and the databases under `sources`, and
/// writes to the output folder: finaldata.csv (every sample once), ingestedfiles.txt (the accepted
/// files), rejectedrows.csv (each bad row with its reasons) and schema.json (the columns).
///
/// Run it as often as you like: only files with new content are read, and a run that finds nothing
/// new prints nothing. A file that cannot be accepted is named with the reason while the others go
/// on; the exit code is then 65. Rows of a file that disappears are kept.
#[derive(Debug, Parser)]
#[command(name = "ingestion", version)]
pub struct Arguments {
    /// Drop the kept rows of a file that has disappeared from the input folder: its name without
    /// folders, as in ingestedfiles.txt; may be repeated
    #[arg(long, value_name = "FILE")]
    forget: Vec<String>,
    /// Find the columns and their kinds anew from the files that are there now; without this they
    /// stay as they were found at the first ingestion
    #[arg(long)]
    reset_schema: bool,
    /// Also take in what came of calling clients, from a CSV file with the columns corporation,
    /// contacted_at (YYYY-MM-DD), outcome (stays, leaves, offered, not reached, later or already
    /// leaving) and, if you like, note; bad rows are named, the others kept, and the exit code is
    /// then 65; the same file twice adds nothing
    #[arg(long, value_name = "FILE")]
    contacts: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        let options = Options {
            forget: self.forget.clone(),
            reset_schema: self.reset_schema,
            contacts: self.contacts.clone(),
        };
        crate::run(run, &options)
    }
}

/// What an ingestion is asked to do besides reading what is new.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Base names of files that have disappeared and whose rows are dropped.
    pub forget: Vec<String>,
    /// Whether the schema is found anew.
    pub reset_schema: bool,
    /// A file with what came of calling clients, relative to the current folder.
    pub contacts: Option<PathBuf>,
}

/// Ingests what is new.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when the input folder is not there or nothing was ever in
/// it; else when a file of the output folder cannot be read or written. A file that cannot be
/// accepted is no error: it is part of the outcome.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    let started = Instant::now();
    let mut index = Index::read(&run.layout.parts_index())?;
    let found = Discovery::of(run)?;
    let parts = Parts::of(run)?;
    let erased_changed = index.erased_clients != parts.erased_clients();
    if erased_changed {
        parts.drop_erased()?;
        index.erased_clients = parts.erased_clients();
    }
    let mut change = update::update(run, &parts, options, &mut index, &found)?;
    if erased_changed {
        change.index_changed = true;
        index.note_unrecorded(&change.folder);
    }
    change.tell_again(run, &index)?;
    let written = outputs::bring_up_to_date(run, &mut index, &change)?;
    let mut outcome = outcome::outcome(run, &index, &change, written, found.waiting, started)?;
    outcome.record(run)?;
    index.told(&change.folder, &run.layout.parts_index())?;
    for name in &change.to_be_told {
        run.history()?.tell_refusal(&change.folder, name)?;
    }
    // After the data, so that clients that have just come are known.
    let contacts = options.contacts.as_deref();
    outcome.contacts = contacts
        .map(|file| contacts::record(run, file))
        .transpose()?;
    Ok(outcome)
}

/// Seconds that reading, checking and compiling all input files take, without writing anything.
///
/// # Errors
/// As [`run()`].
pub fn measure(run: &Run) -> Result<f64> {
    let index = Index::read(&run.layout.parts_index())?;
    let found = Discovery::of(run)?;
    let started = Instant::now();
    update::compile_in_memory(run, &index, &found)?;
    Ok(started.elapsed().as_secs_f64())
}
