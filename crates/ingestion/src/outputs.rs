//! The compiled files. They follow from the index, which is written before them and says what they
//! must be; where they are not, they are written again.

use crate::index::{Compiled, Folder, Index, Version};
use crate::part::Parts;
use crate::update::Change;
use anyhow::{Context, Result};
use compile::Union;
use dataset::{CompiledData, Origin, Origins, RejectedRow, Table};
use risk_core::files::AtomicFile;
use risk_core::records::{self, IngestedFile};
use risk_core::schema::Schema;
use risk_core::{Layout, Run, files, hash};
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::PathBuf;

/// Compiles where something changed; says whether the compiled data is another one than before.
pub(crate) fn bring_up_to_date(run: &Run, index: &mut Index, change: &Change) -> Result<bool> {
    let folder = index
        .folders
        .get(&change.folder)
        .cloned()
        .unwrap_or_default();
    let Some(schema) = &change.schema else {
        if change.index_changed {
            commit(run, index)?;
        }
        return Ok(false);
    };
    let erased = index.erased_clients.as_ref();
    let inputs = fingerprint(&change.folder, schema, &folder, erased);
    let current = index
        .compiled
        .as_ref()
        .filter(|compiled| compiled.inputs == inputs);
    if current.is_some_and(|compiled| is_on_disk(&run.layout, compiled)) {
        if change.index_changed {
            commit(run, index)?;
        }
        return Ok(false);
    }
    let before = index.compiled.as_ref().and_then(final_data_of).cloned();
    write_all(run, index, change, schema, inputs)?;
    let now = index.compiled.as_ref();
    let is_first_and_empty = before.is_none() && now.is_some_and(|compiled| compiled.rows == 0);
    Ok(before.as_ref() != now.and_then(final_data_of) && !is_first_and_empty)
}

/// Writes the index and removes the parts that are of no use any more, also where a run that was killed
/// had no time to.
fn commit(run: &Run, index: &mut Index) -> Result<()> {
    index.write(&run.layout.parts_index())?;
    remove_unused(&Parts::of(run)?, index)
}

fn remove_unused(parts: &Parts, index: &Index) -> Result<()> {
    let used: HashSet<&str> = index.parts().collect();
    parts.remove_all_but(&used)
}

/// The hash of the compiled data.
pub(crate) fn final_data_of(compiled: &Compiled) -> Option<&String> {
    compiled.outputs.get("finaldata.csv")
}

fn fingerprint(name: &str, schema: &Schema, folder: &Folder, erased: Option<&String>) -> String {
    let refused: Vec<_> = folder
        .files
        .iter()
        .map(|(name, file)| (name, &file.refused))
        .collect();
    let all = serde_json::json!([name, schema, folder.counted(), refused, erased]);
    hash::sha256_hex(all.to_string())
}

fn paths(layout: &Layout) -> [PathBuf; 5] {
    [
        layout.final_data(),
        layout.ingested_files(),
        layout.rejected_rows(),
        layout.data_origins(),
        layout.schema(),
    ]
}

fn name_of(path: &std::path::Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_on_disk(layout: &Layout, compiled: &Compiled) -> bool {
    paths(layout).iter().all(|path| {
        let found = files::read_if_exists(path)
            .ok()
            .flatten()
            .map(hash::sha256_hex);
        found.is_some() && found.as_ref() == compiled.outputs.get(&name_of(path))
    })
}

fn write_all(
    run: &Run,
    index: &mut Index,
    change: &Change,
    schema: &Schema,
    inputs: String,
) -> Result<()> {
    let folder = index
        .folders
        .get(&change.folder)
        .cloned()
        .unwrap_or_default();
    let parts = Parts::of(run)?;
    let union = unite(run, &parts, &folder, schema)?;
    let contents = contents(&parts, &folder, schema, &union, &change.folder)?;
    let mut outputs = BTreeMap::new();
    let mut ready = Vec::new();
    for (path, content) in paths(&run.layout).into_iter().zip(contents) {
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&content)
            .with_context(|| format!("cannot write {}", path.display()))?;
        outputs.insert(name_of(&path), hash::sha256_hex(&content));
        ready.push(file.sync()?);
    }
    index.compiled = Some(compiled(&change.folder, inputs, outputs, &union));
    index.write(&run.layout.parts_index())?;
    for file in ready {
        file.publish()?;
    }
    remove_unused(&parts, index)
}

pub(crate) fn unite(run: &Run, parts: &Parts, folder: &Folder, schema: &Schema) -> Result<Union> {
    let counted = folder.counted();
    let bar = run.progress.bar("compiling", counted.len());
    let mut tables = Vec::new();
    for (_, version) in counted {
        tables.push(parts.rows(&version.part, schema)?);
        bar.advance();
    }
    let union = compile::unite(schema, tables)?;
    tracing::info!(rows = union.table.n_rows(), "compiled");
    Ok(union)
}

fn contents(
    parts: &Parts,
    folder: &Folder,
    schema: &Schema,
    union: &Union,
    name: &str,
) -> Result<[Vec<u8>; 5]> {
    let final_data = table_as_csv(&union.table)?;
    let counted = folder.counted();
    let ingested: String = counted
        .iter()
        .map(|(name, _)| format!("{name}\n"))
        .collect();
    let record = CompiledData {
        format_version: records::FORMAT_VERSION,
        input_folder: name.to_owned(),
        sha256: hash::sha256_hex(&final_data),
        rows: union.table.n_rows() as u64,
        files: counted
            .iter()
            .map(|(name, version)| IngestedFile {
                name: (*name).to_owned(),
                sha256: version.sha256.clone(),
            })
            .collect(),
        schema: schema.clone(),
    };
    let origins = Origins::new(record.sha256.clone(), origins(parts, &counted, union)?);
    let mut origins = serde_json::to_vec(&origins)?;
    origins.push(b'\n');
    let mut record = serde_json::to_vec_pretty(&record)?;
    record.push(b'\n');
    Ok([
        final_data,
        ingested.into_bytes(),
        rejected_as_csv(parts, folder)?,
        origins,
        record,
    ])
}

/// The file and the line of every row of the union.
fn origins(parts: &Parts, counted: &[(&str, &Version)], union: &Union) -> Result<Vec<Origin>> {
    let mut infos = Vec::new();
    let mut first_rows = Vec::new();
    let mut n_rows = 0;
    for (_, version) in counted {
        let info = parts.info(&version.part)?.context("a part has gone")?;
        first_rows.push(n_rows);
        n_rows += info.rows;
        infos.push(info);
    }
    let origin = |position: &usize| {
        let position = *position as u64;
        let file = first_rows.partition_point(|first| *first <= position) - 1;
        let line = infos[file].lines.line(position - first_rows[file]);
        Origin { file, line }
    };
    Ok(union.kept.iter().map(origin).collect())
}

pub(crate) fn table_as_csv(table: &Table) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.schema().names())?;
    for row in 0..table.n_rows() {
        writer.write_record(table.cells(row))?;
    }
    Ok(writer.into_inner()?)
}

/// The bad rows of the accepted versions, and of those that were refused for them.
fn rejected_as_csv(parts: &Parts, folder: &Folder) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "line", "reasons", "row"])?;
    let counted: HashSet<&str> = folder.counted().into_iter().map(|(name, _)| name).collect();
    for (name, file) in &folder.files {
        let accepted = file
            .accepted
            .as_ref()
            .filter(|_| counted.contains(name.as_str()));
        let refused = file.refused.as_ref().map(|refused| &refused.version);
        for version in accepted.into_iter().chain(refused) {
            for row in parts
                .info(&version.part)?
                .map(|info| info.rejected)
                .unwrap_or_default()
            {
                write_rejected(&mut writer, name, &row)?;
            }
        }
    }
    Ok(writer.into_inner()?)
}

fn write_rejected(writer: &mut csv::Writer<Vec<u8>>, name: &str, row: &RejectedRow) -> Result<()> {
    let reasons = row.reasons.join("; ");
    Ok(writer.write_record([name, &row.line.to_string(), &reasons, &row.row])?)
}

fn compiled(
    folder: &str,
    inputs: String,
    outputs: BTreeMap<String, String>,
    union: &Union,
) -> Compiled {
    let table = &union.table;
    let mut stayed_by_date = BTreeMap::new();
    let mut missing_targets = 0;
    for row in 0..table.n_rows() {
        match (table.target(row), table.observed_at(row)) {
            (None, _) => missing_targets += 1,
            (Some(false), Some(date)) => *stayed_by_date.entry(date).or_default() += 1,
            _ => {}
        }
    }
    Compiled {
        folder: folder.to_owned(),
        inputs,
        outputs,
        duplicate_rows: union.duplicate_rows,
        updated_rows: union.updated_rows,
        rows: table.n_rows() as u64,
        missing_targets,
        stayed_by_date,
    }
}
