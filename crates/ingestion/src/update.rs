//! Comparing the inputs with the index: what is new, changed, refused or gone, and making the parts.

use crate::Options;
use crate::convert;
use crate::discover::{Discovery, Input, UNREADABLE};
use crate::index::{FileState, Folder, Index, Refused, Version};
use crate::outcome::FileStatus;
use crate::part::Parts;
use crate::schema;
use crate::tables::Tables;
use anyhow::{Result, bail};
use dataset::{RawTable, Refusal, are_names, check, input_folder_name};
use risk_core::schema::{Column, Kind, Role, Schema};
use risk_core::{Failure, Run};
use std::collections::BTreeMap;

/// What an ingestion found out before anything is compiled.
pub(crate) struct Change {
    /// The name of the input folder in records.
    pub folder: String,
    /// The columns; `None` where nothing can be compiled yet.
    pub schema: Option<Schema>,
    /// What became of each file that is there.
    pub statuses: BTreeMap<String, FileStatus>,
    /// Whether the index has changed.
    pub index_changed: bool,
    /// Names of files that are refused now and were not before, or whose refusal was never told.
    pub newly_refused: Vec<String>,
    /// Those of them that an earlier run recorded without living to end with the code for it.
    pub to_be_told: Vec<String>,
}

impl Change {
    /// Adds the refusals that the history knows and no run has ended with: whoever goes by exit codes
    /// has not heard of them.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn tell_again(&mut self, run: &Run, index: &Index) -> Result<()> {
        let Some(folder) = index.folders.get(&self.folder) else {
            return Ok(());
        };
        for (name, sha256) in run.history()?.refusals_to_tell(&self.folder)? {
            let refused = folder.files.get(&name).and_then(|it| it.refused.as_ref());
            if refused.is_some_and(|refused| refused.version.sha256 == sha256) {
                self.newly_refused.push(name.clone());
                self.to_be_told.push(name);
            }
        }
        self.newly_refused.sort();
        self.newly_refused.dedup();
        Ok(())
    }
}

/// Brings the index up to date with the inputs and makes the parts that are missing.
pub(crate) fn update(
    run: &Run,
    parts: &Parts,
    options: &Options,
    index: &mut Index,
    found: &Discovery,
) -> Result<Change> {
    let name = input_folder_name(&run.layout);
    let mut folder = index.folders.get(&name).cloned().unwrap_or_default();
    if options.reset_schema {
        folder.schema = None;
    }
    forget(&mut folder, &options.forget, found)?;
    let mut tables = Tables::new(&found.inputs, run);
    let schema = schema::effective(&run.config.dataset, &mut folder, &mut tables)?;
    if options.reset_schema && schema.is_none() {
        bail!(Failure::InputMissing(format!(
            "no file in {} to find the schema from; the old one stays",
            run.layout.input().display()
        )));
    }
    let mut stage = Stage {
        run,
        parts,
        schema: schema.as_ref(),
        folder: &mut folder,
    };
    let statuses = stage.take_in(&found.inputs, &mut tables)?;
    stage.archive(found)?;
    if let Some(schema) = &schema {
        convert::convert_old_parts(&mut folder, parts, schema)?;
    }
    let before = index.folders.get(&name);
    let mut newly_refused = newly_refused(before, &folder);
    let mut index_changed = before != Some(&folder);
    if folder.files.is_empty() && found.waiting.is_empty() && options.forget.is_empty() {
        bail!(Failure::InputMissing(format!(
            "no *.csv or *.parquet file in {}",
            run.layout.input().display()
        )));
    }
    // What a killed run refused and did not live to tell.
    let untold = std::mem::take(&mut folder.untold);
    newly_refused.extend(untold.into_iter().filter(|name| {
        folder
            .files
            .get(name)
            .is_some_and(|file| file.refused.is_some())
    }));
    newly_refused.sort();
    newly_refused.dedup();
    folder.untold.clone_from(&newly_refused);
    index_changed |= !newly_refused.is_empty() || folder.unrecorded.is_some();
    if index_changed {
        note_unrecorded(&mut folder, &statuses);
    }
    index.folders.insert(name.clone(), folder);
    Ok(Change {
        folder: name,
        schema,
        statuses,
        index_changed,
        newly_refused,
        to_be_told: Vec::new(),
    })
}

/// Notes what became of files, over what an earlier run noted and did not live to record.
fn note_unrecorded(folder: &mut Folder, statuses: &BTreeMap<String, FileStatus>) {
    let known = |(_, status): &(&String, &FileStatus)| **status != FileStatus::Known;
    let news = statuses.iter().filter(known);
    let unrecorded = folder.unrecorded.get_or_insert_default();
    unrecorded.extend(news.map(|(name, status)| (name.clone(), *status)));
}

fn forget(folder: &mut Folder, names: &[String], found: &Discovery) -> Result<()> {
    for name in names {
        if found.inputs.iter().any(|input| input.name == *name) || found.waiting.contains(name) {
            bail!(Failure::Usage(format!(
                "{name} is still in the input folder; take it away before it is forgotten"
            )));
        }
        if !folder.files.contains_key(name) {
            let known: Vec<&str> = folder.files.keys().map(String::as_str).collect();
            bail!(Failure::Usage(format!(
                "no file {name} was ever ingested; known are {}",
                known.join(", ")
            )));
        }
    }
    for name in names {
        folder.files.remove(name);
    }
    Ok(())
}

/// The same content is told of once, whatever reason another schema gives for it.
fn newly_refused(before: Option<&Folder>, after: &Folder) -> Vec<String> {
    let is_new = |name: &str, refused: &Refused| {
        let known = before.and_then(|folder| folder.files.get(name)?.refused.as_ref());
        known.is_none_or(|known| {
            let same_content = known.version.sha256 == refused.version.sha256;
            let same_reason = known.reason == refused.reason;
            !same_content || (refused.version.sha256 == UNREADABLE && !same_reason)
        })
    };
    after
        .files
        .iter()
        .filter(|(name, file)| {
            let refused = file.refused.as_ref();
            refused.is_some_and(|refused| is_new(name, refused))
        })
        .map(|(name, _)| name.clone())
        .collect()
}

struct Stage<'a> {
    run: &'a Run,
    parts: &'a Parts,
    schema: Option<&'a Schema>,
    folder: &'a mut Folder,
}

impl Stage<'_> {
    fn take_in(
        &mut self,
        inputs: &[Input],
        tables: &mut Tables<'_>,
    ) -> Result<BTreeMap<String, FileStatus>> {
        let bar = self.run.progress.bar("ingesting", inputs.len());
        let mut statuses = BTreeMap::new();
        for (position, input) in inputs.iter().enumerate() {
            let status = self.take_in_one(input, position, tables)?;
            tracing::info!(file = input.name, status = status.name(), "checked");
            statuses.insert(input.name.clone(), status);
            bar.advance();
        }
        Ok(statuses)
    }

    fn take_in_one(
        &mut self,
        input: &Input,
        position: usize,
        tables: &mut Tables<'_>,
    ) -> Result<FileStatus> {
        let version = Version {
            sha256: input.sha256.clone(),
            part: Parts::name(&input.sha256, self.schema),
            converted_from: None,
        };
        let refusal = match (input.unreadable_because(), self.schema) {
            (Some(reason), _) => Some(reason.to_owned()),
            (None, None) => Some(self.why_no_schema(position, tables)?),
            (None, Some(schema)) => {
                let info = match self.parts.info(&version.part)? {
                    Some(info) => info,
                    None => self
                        .parts
                        .make(&version.part, tables.table(position)?, schema)?,
                };
                info.refusal(self.run.config.dataset.max_rejected_percent)
            }
        };
        let state = self.folder.files.entry(input.name.clone()).or_default();
        state.archived = false;
        Ok(settle(state, version, refusal))
    }

    /// Without a schema every file lacks the id or the target, or cannot be read.
    fn why_no_schema(&self, position: usize, tables: &mut Tables<'_>) -> Result<String> {
        let dataset = &self.run.config.dataset;
        let needed = Schema::new(vec![
            Column::new(&dataset.client_id, Role::ClientId, Kind::Category),
            Column::new(&dataset.target, Role::Target, Kind::Category),
        ]);
        let raw = tables.table(position)?;
        let refusal = raw.and_then(|raw| match check(raw, &needed, false) {
            Err(Refusal(reason)) => Err(Refusal(format!("{reason}{}", what_it_has(raw)))),
            Ok(_) => Ok(()),
        });
        Ok(refusal.err().map(|refusal| refusal.0).unwrap_or_default())
    }

    /// Marks the files that have disappeared; those that never had an accepted row are dropped.
    fn archive(&mut self, found: &Discovery) -> Result<()> {
        let there = |name: &String| {
            found.inputs.iter().any(|input| input.name == *name) || found.waiting.contains(name)
        };
        self.folder
            .files
            .retain(|name, file| there(name) || file.accepted.is_some());
        for (name, file) in &mut self.folder.files {
            if !there(name) {
                file.archived = true;
                file.refused = None;
            }
        }
        Ok(())
    }
}

/// The columns of a file in which id or target was not found; nothing where there is but one, since
/// its cells are then separated by something else.
fn what_it_has(raw: &RawTable) -> String {
    const SHOWN: usize = 8;
    let names = &raw.header;
    if names.len() < 2 {
        return String::new();
    }
    if !are_names(names) {
        return "; the first line holds values that are no names of columns: is the header missing?"
            .into();
    }
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    let and_more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "; the file has {shown}{and_more}. dataset.client_id and dataset.target in the \
         configuration say which columns they are"
    )
}

/// Accepts or refuses a version of a file.
fn settle(state: &mut FileState, version: Version, refusal: Option<String>) -> FileStatus {
    if let Some(reason) = refusal {
        // What was accepted of the same content before, under other rules, is refused too.
        if state
            .accepted
            .as_ref()
            .is_some_and(|accepted| accepted.sha256 == version.sha256)
        {
            state.accepted = None;
            state.unusable = None;
        }
        state.refused = Some(Refused { version, reason });
        return FileStatus::Refused;
    }
    state.refused = None;
    state.unusable = None;
    match state.accepted.replace(version.clone()) {
        None => FileStatus::New,
        Some(before) if before.sha256 == version.sha256 => FileStatus::Known,
        Some(_) => FileStatus::Changed,
    }
}

/// Does what an ingestion from nothing would do with the inputs, without keeping anything. The notes
/// of attempts keep it away from a file on which runs died.
pub(crate) fn compile_in_memory(run: &Run, index: &Index, found: &Discovery) -> Result<()> {
    let name = input_folder_name(&run.layout);
    let mut folder = index.folders.get(&name).cloned().unwrap_or_default();
    let mut tables = Tables::new(&found.inputs, run);
    let schema = schema::effective(&run.config.dataset, &mut folder, &mut tables)?;
    let Some(schema) = schema else { return Ok(()) };
    let accepted = tables
        .all_readable()?
        .into_iter()
        .filter_map(|raw| check(raw, &schema, false).ok())
        .map(|checked| checked.table)
        .collect();
    compile::unite(&schema, accepted).map(drop)
}
