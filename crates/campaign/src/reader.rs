//! A reader that takes no lock: whatever happens to the writer, it sees a whole and unmixed state.

use risk_core::history::History;
use risk_core::{Layout, config, release};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a reader saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Looks at a whole state.
    pub looks: usize,
    /// What was torn or mixed.
    pub torn: Vec<String>,
}

/// Looks at a project again and again until told to stop.
pub fn watch(folder: &Path, is_over: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    while !is_over.load(Ordering::SeqCst) {
        match look(folder) {
            Ok(()) => seen.looks += 1,
            Err(torn) => seen.torn.push(torn),
        }
    }
    seen
}

/// One look.
///
/// # Errors
/// What is torn or mixed.
pub fn look(folder: &Path) -> Result<(), String> {
    let config =
        config::load(&folder.join("config.json"), &[]).map_err(|error| error.to_string())?;
    let layout = config.layout();
    // Every file of the release is read once and checked against its manifest.
    let current = release::current(&layout).map_err(|error| format!("the release: {error:#}"))?;
    if current.is_some() {
        contract_names(&layout)?;
    }
    contact_list(&layout)?;
    history(&layout)
}

/// The three old names lead through one link.
fn contract_names(layout: &Layout) -> Result<(), String> {
    for name in ["trainedmodel.json", "latestscore.txt", "ingestedfiles.txt"] {
        let path = layout.production().join(name);
        let leads = fs::read_link(&path).map_err(|error| format!("{name}: {error}"))?;
        if leads != Path::new("current").join(name) {
            return Err(format!("{name} leads to {}", leads.display()));
        }
        fs::read(&path).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// The list is whole and of one list and one model.
fn contact_list(layout: &Layout) -> Result<(), String> {
    let Ok(bytes) = fs::read(layout.contact_list()) else {
        return Ok(());
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let torn = |error: csv::Error| format!("the list: {error}");
    let headers = reader.headers().map_err(torn)?.clone();
    let place = |name: &str| headers.iter().position(|header| header == name);
    let (Some(list), Some(model)) = (place("list_id"), place("model_id")) else {
        return Err("the list has no list_id or model_id".into());
    };
    let mut first = None;
    for row in reader.records() {
        let row = row.map_err(torn)?;
        let ids = (row[list].to_owned(), row[model].to_owned());
        if *first.get_or_insert_with(|| ids.clone()) != ids {
            return Err(format!("the list is mixed: {first:?} and {ids:?}"));
        }
    }
    if !bytes.ends_with(b"\n") {
        return Err("the list ends within a line".into());
    }
    Ok(())
}

/// The history can be read, and each of its decisions has a reason.
fn history(layout: &Layout) -> Result<(), String> {
    let read = || -> anyhow::Result<()> {
        let Some(history) = History::open_to_read(&layout.history())? else {
            return Ok(());
        };
        for table in ["decisions", "deployments", "release_events", "books"] {
            history.export(table)?;
        }
        Ok(())
    };
    match read() {
        // The writer has not finished making it.
        Err(error) if format!("{error:#}").contains("is of version") => Ok(()),
        result => result.map_err(|error| format!("the history: {error:#}")),
    }
}
