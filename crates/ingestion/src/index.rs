//! The index of the parts: what each input folder consists of. Writing it is the commit point of an
//! ingestion.

use crate::outcome::FileStatus;
use anyhow::{Context, Result};
use chrono::NaiveDate;
use risk_core::schema::Schema;
use risk_core::{files, records};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::iter;
use std::path::Path;

/// The whole index.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Version of the index.
    pub format_version: u32,
    /// The input folders that share the output folder, by their name in records.
    pub folders: BTreeMap<String, Folder>,
    /// What was compiled last.
    pub compiled: Option<Compiled>,
    /// The list of erased clients whose rows the parts are without.
    #[serde(default)]
    pub erased_clients: Option<String>,
}

/// One input folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    /// The schema found at the first ingestion, where it is found from the data.
    pub schema: Option<Schema>,
    /// The files, by name.
    pub files: BTreeMap<String, FileState>,
    /// Files whose refusal has not been told and recorded yet.
    #[serde(default)]
    pub untold: Vec<String>,
    /// What became of files and is not recorded in the history yet; the run that finds it there
    /// records it, since the one that found it out was killed. Absent where nothing changed.
    #[serde(default)]
    pub unrecorded: Option<BTreeMap<String, FileStatus>>,
}

/// One file, present or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileState {
    /// The version whose rows count.
    pub accepted: Option<Version>,
    /// Why its rows do not count under the schema of now, where they do not.
    #[serde(default)]
    pub unusable: Option<String>,
    /// The newest version, where it was refused.
    pub refused: Option<Refused>,
    /// Whether it has disappeared from the input folder.
    pub archived: bool,
}

/// A version of a file: its content and the part it was parsed into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// SHA-256 of the content.
    pub sha256: String,
    /// Name of the part.
    pub part: String,
    /// Name of the part that was parsed from the file itself, where the schema has changed since
    /// and the file is no longer there: every later part is converted from that one, so that a
    /// schema that is taken back costs nothing.
    #[serde(default)]
    pub converted_from: Option<String>,
}

/// A version that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The version; its part has no rows where the file as a whole could not be read.
    #[serde(flatten)]
    pub version: Version,
    /// Why.
    pub reason: String,
}

/// The compiled files: what they were made from and what they must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compiled {
    /// The input folder.
    pub folder: String,
    /// Hash of all that the compiled files depend on.
    pub inputs: String,
    /// SHA-256 of each compiled file, by name.
    pub outputs: BTreeMap<String, String>,
    /// Rows of the accepted files that say nothing new.
    pub duplicate_rows: u64,
    /// Rows that a later row replaced.
    pub updated_rows: u64,
    /// Rows of the compiled data.
    pub rows: u64,
    /// Rows whose target is missing.
    pub missing_targets: u64,
    /// How many rows of each date have target 0: those younger than the horizon are no labels yet.
    pub stayed_by_date: BTreeMap<NaiveDate, u64>,
}

impl Index {
    /// Reads the index, empty where there is none yet.
    pub fn read(path: &Path) -> Result<Self> {
        let Some(bytes) = files::read_if_exists(path)? else {
            return Ok(Self::default());
        };
        records::parse(&bytes).with_context(|| {
            let path = path.display();
            // That of a newer program is whole: nobody should remove it.
            if records::is_newer(&bytes, records::FORMAT_VERSION) {
                return format!("the index {path}");
            }
            format!(
                "the index {path} cannot be used; restore it from a backup, or remove the folder it \
                 is in: everything is then read again, without the files that are no longer there"
            )
        })
    }

    /// Writes the index.
    pub fn write(&mut self, path: &Path) -> Result<()> {
        self.format_version = records::FORMAT_VERSION;
        files::write_json(path, self)
    }

    /// The names of all parts that are still of use.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.folders
            .values()
            .flat_map(|folder| folder.files.values())
            .flat_map(|file| {
                let refused = file.refused.iter().map(|refused| &refused.version);
                file.accepted.iter().chain(refused)
            })
            .flat_map(|version| iter::once(&version.part).chain(&version.converted_from))
            .map(String::as_str)
    }
}

impl Index {
    /// Notes that what changed in a folder is to be recorded, also by the next run if this one is killed.
    pub fn note_unrecorded(&mut self, folder: &str) {
        if let Some(folder) = self.folders.get_mut(folder) {
            folder.unrecorded.get_or_insert_default();
        }
    }

    /// Notes that the refusals of a folder have been told, and its changes recorded.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn told(&mut self, folder: &str, path: &Path) -> Result<()> {
        match self.folders.get_mut(folder) {
            Some(folder) if !folder.untold.is_empty() || folder.unrecorded.is_some() => {
                folder.untold.clear();
                folder.unrecorded = None;
            }
            _ => return Ok(()),
        }
        self.write(path)
    }
}

impl Folder {
    /// The accepted versions that count, in name order: of the files with one and the same content
    /// only the first, so that neither a copy nor the order of arrival changes anything.
    pub fn counted(&self) -> Vec<(&str, &Version)> {
        let mut seen = std::collections::HashSet::new();
        let usable = self
            .files
            .iter()
            .filter(|(_, file)| file.unusable.is_none());
        let accepted = usable.filter_map(|(name, file)| {
            file.accepted
                .as_ref()
                .map(|version| (name.as_str(), version))
        });
        accepted
            .filter(|(_, version)| seen.insert(&version.sha256))
            .collect()
    }
}
