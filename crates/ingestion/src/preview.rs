//! What an ingestion would do, without writing anything: new parts are only kept in memory.

use crate::discover::Discovery;
use crate::index::Index;
use crate::outcome::FileStatus;
use crate::part::Parts;
use crate::{Options, outputs, update};
use anyhow::Result;
use dataset::Table;
use risk_core::{Run, hash};
use std::collections::BTreeMap;

/// What an ingestion would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What would become of each file that is there.
    pub files: BTreeMap<String, FileStatus>,
    /// Files that would be refused and were not before.
    pub refused: Vec<String>,
    /// Whether the compiled data would be another one.
    pub changed: bool,
    /// The data that would be compiled; `None` where nothing can be accepted.
    pub table: Option<Table>,
}

impl Preview {
    /// The files that are not known yet, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let news = self
            .files
            .iter()
            .filter(|(_, status)| **status != FileStatus::Known);
        let news: Vec<String> = news
            .map(|(name, status)| format!("{} {name}", status.name()))
            .collect();
        news.join(", ")
    }
}

/// Says what an ingestion would do.
///
/// # Errors
/// As [`crate::run`].
pub fn preview(run: &Run) -> Result<Preview> {
    let mut index = Index::read(&run.layout.parts_index())?;
    let before = index
        .compiled
        .as_ref()
        .and_then(outputs::final_data_of)
        .cloned();
    let found = Discovery::of(run)?;
    let parts = Parts::in_memory(run)?;
    let change = update::update(run, &parts, &Options::default(), &mut index, &found)?;
    let folder = index
        .folders
        .get(&change.folder)
        .cloned()
        .unwrap_or_default();
    let mut preview = Preview {
        files: change.statuses,
        refused: change.newly_refused,
        changed: false,
        table: None,
    };
    if let (Some(schema), false) = (&change.schema, folder.counted().is_empty()) {
        let table = outputs::unite(run, &parts, &folder, schema)?.table;
        let sha256 = hash::sha256_hex(outputs::table_as_csv(&table)?);
        preview.changed = before.as_ref() != Some(&sha256);
        preview.table = Some(table);
    }
    Ok(preview)
}
