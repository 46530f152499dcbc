//! Finding the inputs: the files of the input folder, in name order, and the databases.

use crate::source;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use dataset::{RawTable, Refusal};
use risk_core::{Failure, Run, hash};
use std::fs;
use std::path::{Path, PathBuf};

/// What stands for the content hash of an input that cannot be read at all.
pub(crate) const UNREADABLE: &str = "unreadable";

/// The inputs that are there.
pub(crate) struct Discovery {
    /// In name order.
    pub inputs: Vec<Input>,
    /// Names of files that are still being written and are left for the next run.
    pub waiting: Vec<String>,
}

/// One input: a file, or a database source.
pub(crate) struct Input {
    /// Its base name, or the name of the source.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    content: Content,
}

enum Content {
    File(PathBuf),
    Rows(Vec<u8>),
    Unreadable(String),
}

impl Discovery {
    /// Lists and hashes the inputs.
    pub fn of(run: &Run) -> Result<Self> {
        let folder = run.layout.input();
        if !folder.is_dir() {
            return Err(Failure::InputMissing(format!(
                "the input folder {} is not there; check input_folder_path",
                folder.display()
            ))
            .into());
        }
        let mut found = Self {
            inputs: Vec::new(),
            waiting: Vec::new(),
        };
        for path in data_files(folder)? {
            let name = base_name(&path);
            match State::of(&path, run) {
                State::BeingWritten => found.waiting.push(name),
                State::Settled => found.inputs.push(Input::of_file(name, path)),
                State::CutOff => found.inputs.push(Input::unreadable(
                    name,
                    "its last line has no end, and nothing was written for over an hour: it seems to be \
                     cut off; copy it again, or end its last line where it is whole"
                        .into(),
                )),
            }
        }
        for configured in &run.config.sources {
            found
                .inputs
                .push(Input::of_rows(&configured.name, source::read(configured)));
        }
        found.inputs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}

impl Input {
    fn of_file(name: String, path: PathBuf) -> Self {
        // Reading a pipe would wait for its writer; a folder is how some programs export Parquet.
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let reason = "cannot be read: it is no file; put the files in it into the input folder";
            return Self::unreadable(name, reason.into());
        }
        match fs::read(&path) {
            Ok(bytes) => Self {
                name,
                sha256: hash::sha256_hex(bytes),
                content: Content::File(path),
            },
            Err(error) => Self::unreadable(name, format!("cannot be read: {error}")),
        }
    }

    fn of_rows(name: &str, rows: Result<Vec<u8>>) -> Self {
        match rows {
            Ok(bytes) => Self {
                name: name.to_owned(),
                sha256: hash::sha256_hex(&bytes),
                content: Content::Rows(bytes),
            },
            Err(error) => Self::unreadable(name.to_owned(), format!("cannot be read: {error:#}")),
        }
    }

    fn unreadable(name: String, reason: String) -> Self {
        Self {
            name,
            sha256: UNREADABLE.to_owned(),
            content: Content::Unreadable(reason),
        }
    }

    /// Why the input cannot be read at all, where it cannot.
    pub fn unreadable_because(&self) -> Option<&str> {
        match &self.content {
            Content::Unreadable(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether it is a Parquet file.
    pub fn is_parquet(&self) -> bool {
        matches!(&self.content, Content::File(path) if has_ending(path, "parquet"))
    }

    /// Reads the input as a table of text; the inner error is about its content.
    ///
    /// # Errors
    /// When a file cannot be read any more or is another one than a moment ago.
    pub fn read(&self) -> Result<Result<RawTable, Refusal>> {
        let path = match &self.content {
            Content::Unreadable(reason) => return Ok(Err(Refusal(reason.clone()))),
            Content::Rows(bytes) => return Ok(RawTable::from_csv(bytes.clone())),
            Content::File(path) => path,
        };
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        if hash::sha256_hex(&bytes) != self.sha256 {
            bail!(
                "{} changed while it was being read; run again",
                path.display()
            );
        }
        if self.is_parquet() {
            return Ok(compile::read_parquet(bytes));
        }
        Ok(RawTable::from_csv(bytes))
    }
}

/// What has the name of a data file in a folder, in name order: hidden files and other endings are
/// ignored.
fn data_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || format!("cannot list {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(list)? {
        let path = entry.with_context(list)?.path();
        let is_data = has_ending(&path, "csv") || has_ending(&path, "parquet");
        if is_data && !base_name(&path).starts_with('.') {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn base_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// How long a file whose last line is cut off may be on its way, in seconds.
const LONGEST_PAUSE_S: u64 = 3600;

/// Whether a file is whole.
enum State {
    Settled,
    /// It is left for the next run.
    BeingWritten,
    /// Nobody goes on writing it.
    CutOff,
}

impl State {
    /// A file is being written that was touched less than `settle_s` ago by the clock of the run, or the
    /// last line of which is cut off. A file from well ahead of the clock counts as settled, so that a
    /// clock that was set back does not hold it up.
    fn of(path: &Path, run: &Run) -> Self {
        let settle_s = run.config.dataset.settle_s;
        let touched = fs::metadata(path).and_then(|metadata| metadata.modified());
        let Some(touched) = touched.ok().filter(|_| settle_s > 0) else {
            return Self::Settled;
        };
        let age = run
            .now
            .signed_duration_since(DateTime::<Utc>::from(touched))
            .num_seconds()
            .unsigned_abs();
        if age < settle_s {
            return Self::BeingWritten;
        }
        match has_ending(path, "csv") && !ends_with_a_line_end(path) {
            false => Self::Settled,
            true if age > settle_s.max(LONGEST_PAUSE_S) => Self::CutOff,
            true => Self::BeingWritten,
        }
    }
}

fn ends_with_a_line_end(path: &Path) -> bool {
    fs::read(path)
        .is_ok_and(|bytes| bytes.is_empty() || bytes.ends_with(b"\n") || bytes.ends_with(b"\r"))
}
