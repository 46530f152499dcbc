//! What an ingestion has to say.

use crate::contacts::ContactsOutcome;
use crate::index::{Compiled, FileState, Folder, Index};
use crate::part::{PartInfo, Parts};
use crate::update::Change;
use anyhow::Result;
use chrono::Days;
use risk_core::error::exit;
use risk_core::history::{FileEvent, IngestionCounts};
use risk_core::log::Counts;
use risk_core::{Run, shell};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};
use std::time::Instant;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Accepted for the first time.
    New,
    /// Accepted with another content than before.
    Changed,
    /// Accepted before with the same content.
    Known,
    /// The same content as another file: adds nothing.
    Copy,
    /// No longer there; its rows still count.
    Archived,
    /// Not accepted; the last accepted version, if any, still counts.
    Refused,
}

impl FileStatus {
    /// The name in JSON and in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Known => "known",
            Self::Copy => "copy",
            Self::Archived => "archived",
            Self::Refused => "refused",
        }
    }
}

/// One file of the input folder, or one database source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileOutcome {
    /// Its base name, or the name of the source.
    pub path: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Accepted rows that count; of a refused file those of its last accepted version.
    pub rows: u64,
    /// Rows of it that were not accepted.
    pub rejected_rows: u64,
    /// What became of it.
    pub status: FileStatus,
    /// Why it was refused, which file it is a copy of, or why its rows do not count any more.
    pub reason: Option<String>,
    /// Columns that the schema does not know.
    pub ignored_columns: Vec<String>,
}

/// The outcome of an ingestion. The counts are of the compiled data and of the parts it is made of:
/// `rows_read` = `rows` + `duplicate_rows` + `updated_rows` + `rejected_rows`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Rows of all accepted files.
    pub rows_read: u64,
    /// Rows that say nothing new.
    pub duplicate_rows: u64,
    /// Rows that a later row of the same client and date replaced.
    pub updated_rows: u64,
    /// Rows that were not accepted.
    pub rejected_rows: u64,
    /// Rows of erased clients, which are dropped and count nowhere else.
    pub erased_rows: u64,
    /// Rows of the compiled data that have no label yet.
    pub unlabelled_rows: u64,
    /// Rows of the compiled data.
    pub rows: u64,
    /// The files, in name order.
    pub files: Vec<FileOutcome>,
    /// Files that are still being written and were left for the next run.
    pub waiting: Vec<String>,
    /// Whether the compiled data is another one than before.
    pub changed: bool,
    /// Seconds the ingestion took.
    pub elapsed_s: f64,
    /// What a file of contact outcomes brought, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<ContactsOutcome>,
    #[serde(skip)]
    newly_refused: Vec<String>,
    #[serde(skip)]
    index_changed: bool,
    #[serde(skip)]
    unrecorded: BTreeMap<String, FileStatus>,
    #[serde(skip)]
    input_folder: String,
}

pub(crate) fn outcome(
    run: &Run,
    index: &Index,
    change: &Change,
    changed: bool,
    waiting: Vec<String>,
    started: Instant,
) -> Result<Outcome> {
    let folder = index
        .folders
        .get(&change.folder)
        .cloned()
        .unwrap_or_default();
    let files = files(run, change, &folder)?;
    let compiled = index
        .compiled
        .as_ref()
        .filter(|compiled| compiled.folder == change.folder);
    let (rejected_rows, erased_rows) = uncounted_rows(run, &folder)?;
    let rows = compiled.map_or(0, |compiled| compiled.rows);
    let duplicate_rows = compiled.map_or(0, |compiled| compiled.duplicate_rows);
    let updated_rows = compiled.map_or(0, |compiled| compiled.updated_rows);
    Ok(Outcome {
        rows_read: rows + duplicate_rows + updated_rows + rejected_rows,
        duplicate_rows,
        updated_rows,
        rejected_rows,
        erased_rows,
        unlabelled_rows: compiled.map_or(0, |compiled| unlabelled(run, compiled)),
        rows,
        files,
        waiting,
        changed,
        elapsed_s: started.elapsed().as_secs_f64(),
        contacts: None,
        newly_refused: change.newly_refused.clone(),
        index_changed: change.index_changed,
        unrecorded: folder.unrecorded.unwrap_or_default(),
        input_folder: change.folder.clone(),
    })
}

/// The bad rows of the versions whose good rows count, and the dropped rows of erased clients.
fn uncounted_rows(run: &Run, folder: &Folder) -> Result<(u64, u64)> {
    let parts = Parts::of(run)?;
    let (mut rejected, mut erased) = (0, 0);
    for (_, version) in folder.counted() {
        if let Some(info) = parts.info(&version.part)? {
            rejected += info.rejected.len() as u64;
            erased += info.erased;
        }
    }
    Ok((rejected, erased))
}

/// Rows without a target, and rows with target 0 that are younger than the horizon.
fn unlabelled(run: &Run, compiled: &Compiled) -> u64 {
    let young = run.config.dataset.horizon_days.map_or(0, |days| {
        let newest_mature = run
            .now
            .date_naive()
            .checked_sub_days(Days::new(days.into()));
        compiled
            .stayed_by_date
            .iter()
            .filter(|(date, _)| newest_mature.is_none_or(|newest| **date > newest))
            .map(|(_, count)| count)
            .sum()
    });
    compiled.missing_targets + young
}

fn files(run: &Run, change: &Change, folder: &Folder) -> Result<Vec<FileOutcome>> {
    let parts = Parts::of(run)?;
    let first_of: HashMap<String, String> = folder
        .counted()
        .into_iter()
        .map(|(name, version)| (version.sha256.clone(), name.to_owned()))
        .collect();
    let describe = |(name, state): (&String, &FileState)| -> Result<FileOutcome> {
        let accepted = match &state.accepted {
            Some(version) => parts.info(&version.part)?,
            None => None,
        };
        let original = state
            .accepted
            .as_ref()
            .and_then(|version| first_of.get(&version.sha256));
        let copy_of = original.filter(|original| *original != name);
        let status = change
            .statuses
            .get(name)
            .copied()
            .unwrap_or(if state.archived {
                FileStatus::Archived
            } else {
                FileStatus::Known
            });
        if let Some(refused) = &state.refused {
            let info = parts.info(&refused.version.part)?;
            return Ok(FileOutcome {
                rows: accepted.map_or(0, |info| info.rows),
                reason: Some(refused.reason.clone()),
                ..from_part(name, &refused.version.sha256, status, info)
            });
        }
        let sha256 = state
            .accepted
            .as_ref()
            .map_or("", |version| version.sha256.as_str());
        if let Some(original) = copy_of {
            let status = if state.archived {
                status
            } else {
                FileStatus::Copy
            };
            let reason = Some(format!("the same content as {original}"));
            return Ok(FileOutcome {
                reason,
                ..from_part(name, sha256, status, None)
            });
        }
        Ok(FileOutcome {
            reason: state.unusable.clone(),
            ..from_part(name, sha256, status, accepted)
        })
    };
    folder.files.iter().map(describe).collect()
}

fn from_part(name: &str, sha256: &str, status: FileStatus, info: Option<PartInfo>) -> FileOutcome {
    let (rows, rejected_rows, ignored_columns) = match info {
        Some(info) => (info.rows, info.rejected.len() as u64, info.ignored_columns),
        None => (0, 0, Vec::new()),
    };
    FileOutcome {
        path: name.to_owned(),
        sha256: sha256.to_owned(),
        rows,
        rejected_rows,
        status,
        reason: None,
        ignored_columns,
    }
}

impl Outcome {
    /// The files that were refused now and not before, with their reasons.
    pub fn newly_refused(&self) -> impl Iterator<Item = &FileOutcome> {
        self.files
            .iter()
            .filter(|file| self.newly_refused.contains(&file.path))
    }

    /// Records in the history what changed; nothing where nothing did.
    pub(crate) fn record(&self, run: &Run) -> Result<()> {
        for file in self.newly_refused() {
            let reason = file.reason.as_deref().unwrap_or_default();
            tracing::error!("{} is refused: {reason}", file.path);
        }
        if !self.changed && !self.index_changed {
            return Ok(());
        }
        // What a killed run found out is known by now.
        let status = |file: &FileOutcome| match file.status {
            FileStatus::Known => self.unrecorded.get(&file.path).copied(),
            status => Some(status),
        };
        let events: Vec<FileEvent<'_>> = self
            .files
            .iter()
            .filter_map(|file| Some((file, status(file)?)))
            .map(|(file, status)| FileEvent {
                name: &file.path,
                sha256: &file.sha256,
                status: status.name(),
                rows: file.rows,
                rejected_rows: file.rejected_rows,
                reason: file.reason.as_deref(),
            })
            .collect();
        let counts = IngestionCounts {
            rows_read: self.rows_read,
            duplicate_rows: self.duplicate_rows,
            updated_rows: self.updated_rows,
            rejected_rows: self.rejected_rows,
            unlabelled_rows: self.unlabelled_rows,
            rows: self.rows,
        };
        run.history()?
            .record_ingestion(&self.input_folder, &events, counts)
    }
}

impl shell::Outcome for Outcome {
    fn exit_code(&self) -> u8 {
        let contacts_are_good = self.contacts.as_ref().is_none_or(ContactsOutcome::is_good);
        if self.newly_refused.is_empty() && contacts_are_good {
            exit::DONE
        } else {
            exit::DATA_REFUSED
        }
    }

    fn is_silent(&self) -> bool {
        let no_contacts = (self.contacts.as_ref())
            .is_none_or(|contacts| contacts.is_good() && contacts.new_rows == 0);
        !self.changed && !self.index_changed && self.newly_refused.is_empty() && no_contacts
    }

    fn counts(&self) -> Counts {
        let refused = |file: &&FileOutcome| file.status == FileStatus::Refused;
        Counts {
            files: Some(self.files.len() as u64),
            refused_files: Some(self.files.iter().filter(refused).count() as u64),
            rows: Some(self.rows),
            rejected_rows: Some(self.rejected_rows),
            ..Counts::default()
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} samples from {} rows: {} duplicates, {} updated, {} rejected; {} without a label yet",
            self.rows,
            self.rows_read,
            self.duplicate_rows,
            self.updated_rows,
            self.rejected_rows,
            self.unlabelled_rows
        )?;
        if self.erased_rows > 0 {
            writeln!(f, "  {} rows of erased clients dropped", self.erased_rows)?;
        }
        for file in &self.files {
            write!(
                f,
                "  {:<9} {} ({} rows",
                file.status.name(),
                file.path,
                file.rows
            )?;
            if file.rejected_rows > 0 {
                write!(f, ", {} rejected, see rejectedrows.csv", file.rejected_rows)?;
            }
            write!(f, ")")?;
            if let Some(reason) = &file.reason {
                write!(f, ": {reason}")?;
            }
            if !file.ignored_columns.is_empty() {
                write!(f, "; ignored columns: {}", file.ignored_columns.join(", "))?;
            }
            writeln!(f)?;
        }
        for name in &self.waiting {
            writeln!(
                f,
                "  waiting   {name}: still being written, left for the next run"
            )?;
        }
        if let Some(contacts) = &self.contacts {
            write!(f, "{contacts}")?;
        }
        Ok(())
    }
}
