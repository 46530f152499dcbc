//! What stands after a run, in a form in which two runs can be compared.
//!
//! Every file below the output, model and production folders with its bytes, and every row of the
//! history. Left out is only what says when and how fast a run was and which number it had: durations,
//! run numbers, the tables `runs`, `steps` and `timings`, and that a killed run's draft was removed. A
//! score or a diagnosis that two runs found alike is one fact.

use risk_core::history::{ExportedValue, History};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files by path and rows by table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndState {
    files: BTreeMap<String, Vec<u8>>,
    history: BTreeMap<String, Vec<String>>,
}

const FOLDERS: [&str; 4] = ["ingesteddata", "models", "production_deployment", "backups"];

/// They say what each run did, and two runs did the work of one.
const TABLES_OF_RUNS: [&str; 3] = ["runs", "steps", "timings"];

/// What two runs may have found alike, or done alike: a command that was given twice is audited twice.
const TABLES_OF_FINDINGS: [&str; 5] =
    ["scores", "diagnostics", "api_calls", "erasures", "prunings"];

/// Columns that say which run, how long, or how much of the work one of two runs did; an alert about a
/// decision occurs with the run that made it.
const COLUMNS_OF_RUNS: [&str; 4] = ["run", "elapsed_s", "occurrence", "removed"];

impl EndState {
    /// What stands in a project folder.
    pub fn of(folder: &Path) -> Self {
        let mut state = Self {
            files: files_of(folder),
            history: BTreeMap::new(),
        };
        let path = folder.join("ingesteddata/history.sqlite");
        match History::open_to_read(&path) {
            Ok(Some(history)) => state.history = rows_of(&history),
            Ok(None) => {}
            Err(error) => {
                let text = vec![format!("{error:#}")];
                state.history.insert("cannot be read".into(), text);
            }
        }
        state
    }

    /// The same of a stopped run, without touching what it left: the history is read from a copy.
    pub fn left_in(folder: &Path) -> Self {
        let copy = folder.with_extension("left");
        let output = copy.join("ingesteddata");
        fs::create_dir_all(&output).expect("a folder for the copy");
        for name in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
            let from = folder.join("ingesteddata").join(name);
            if from.exists() {
                fs::copy(from, output.join(name)).expect("a copied history");
            }
        }
        let Self { history, .. } = Self::of(&copy);
        fs::remove_dir_all(&copy).expect("a folder that can be removed");
        Self {
            files: files_of(folder),
            history,
        }
    }

    /// What is not as in another state.
    pub fn differences_from(&self, expected: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, bytes) in &expected.files {
            match self.files.get(name) {
                None => found.push(format!("{name} is missing")),
                Some(other) if other != bytes => {
                    found.push(format!("{name}: {}", first_difference(other, bytes)));
                }
                _ => {}
            }
        }
        let more = |name: &&String| !expected.files.contains_key(*name);
        found.extend(
            self.files
                .keys()
                .filter(more)
                .map(|name| format!("{name} is left")),
        );
        let tables: BTreeSet<_> = self.history.keys().chain(expected.history.keys()).collect();
        for table in tables {
            let rows = |state: &Self| state.history.get(table).cloned().unwrap_or_default();
            let (own, other) = (rows(self), rows(expected));
            if own != other {
                found.push(format!("{table}: {}", other_rows(&own, &other)));
            }
        }
        found
    }
}

fn other_rows(own: &[String], expected: &[String]) -> String {
    let without = |rows: &[String], others: &[String]| {
        let found = rows.iter().find(|row| !others.contains(row));
        found.map_or("-".into(), String::clone)
    };
    let (here, there) = (without(own, expected), without(expected, own));
    let alike = here
        .chars()
        .zip(there.chars())
        .take_while(|(own, other)| own == other)
        .count();
    // The beginning says which row, the rest from shortly before the first difference what is other.
    let shown = |row: &str| -> String {
        let rest: String = row
            .chars()
            .skip(alike.saturating_sub(100))
            .take(300)
            .collect();
        let start: String = row.chars().take(60).collect();
        format!("{start} … {rest}")
    };
    format!(
        "{} rows in place of {}; only here {}; only there {}",
        own.len(),
        expected.len(),
        shown(&here),
        shown(&there)
    )
}

fn first_difference(own: &[u8], expected: &[u8]) -> String {
    let (own, expected) = (
        String::from_utf8_lossy(own),
        String::from_utf8_lossy(expected),
    );
    let short = |line: Option<&str>| line.unwrap_or("-").chars().take(200).collect::<String>();
    let (mut left, mut right) = (own.lines(), expected.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return "the line ends differ".into(),
            (one, other) if one != other => {
                return format!("{} in place of {}", short(one), short(other));
            }
            _ => {}
        }
    }
}

/// The kept files, the history among them, in which a name stands.
pub fn files_that_name(folder: &Path, client: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = FOLDERS.iter().map(|name| folder.join(name)).collect();
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if fs::read(&path).is_ok_and(|bytes| holds(&bytes, client)) {
                found.push(format!("{} names the erased client", path.display()));
            }
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let mut places = bytes.windows(text.len());
    places.any(|place| place == text.as_bytes())
}

fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for name in FOLDERS {
        collect(&folder.join(name), name, folder, &mut files);
    }
    files
}

fn collect(path: &Path, name: &str, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(path) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let base = entry.file_name().to_string_lossy().into_owned();
        let (path, name) = (entry.path(), format!("{name}/{}", steady(&base)));
        let kind = entry.file_type().expect("a file type");
        if is_of_runs(&base) {
            continue;
        } else if kind.is_symlink() {
            let leads = fs::read_link(&path).expect("a link");
            files.insert(name, format!("-> {}", leads.display()).into_bytes());
        } else if kind.is_dir() {
            collect(&path, &name, root, files);
        } else {
            let bytes = fs::read(&path).expect("a file");
            files.insert(name, without_times(&base, bytes, root));
        }
    }
}

/// The locks name the process that last held them; the history is compared row by row.
fn is_of_runs(base: &str) -> bool {
    [".lock", ".alerts.lock"].contains(&base) || base.starts_with("history.sqlite")
}

/// The random part of the name of a temporary file is left out.
fn steady(base: &str) -> String {
    match base.strip_prefix(".risk-") {
        Some(rest) if rest.ends_with(".tmp") && !rest.starts_with("link-") => ".risk-*.tmp".into(),
        _ => base.to_owned(),
    }
}

fn without_times(base: &str, bytes: Vec<u8>, root: &Path) -> Vec<u8> {
    let lines = |keep: &dyn Fn(&str) -> bool| -> Vec<u8> {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.replace(&root.display().to_string(), "");
        let kept = text.lines().filter(|line| keep(line));
        kept.flat_map(|line| [line, "\n"])
            .collect::<String>()
            .into_bytes()
    };
    match base {
        // Refused data is told once: the last run ends with 0 where the disturbed one had told it.
        "risk.prom" => lines(&|line| {
            !line.starts_with("risk_last_run_duration_seconds{")
                && !line.starts_with("risk_last_run_exit_code{")
        }),
        "report.html" => lines(&|line| !is_timing(line)),
        "diagnostics.json" => without(bytes, |object| {
            object.remove("timing_s");
        }),
        "backup.json" => without(bytes, |object| {
            object.remove("folder");
            if let Some(files) = object.get_mut("files").and_then(Value::as_object_mut) {
                files.remove("output/history.sqlite");
            }
        }),
        _ => bytes,
    }
}

/// A JSON object after something was taken out of it; what is none stays as it is.
fn without(bytes: Vec<u8>, take: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Vec<u8> {
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(mut object)) => {
            take(&mut object);
            Value::Object(object).to_string().into_bytes()
        }
        _ => bytes,
    }
}

/// A row of the table of timings.
fn is_timing(line: &str) -> bool {
    ["ingestion", "training"]
        .iter()
        .any(|stage| line.starts_with(&format!("<tr><th scope=\"row\">{stage}")))
}

/// The rows of the compared tables, and whether a run ended with the code for refused data.
fn rows_of(history: &History) -> BTreeMap<String, Vec<String>> {
    let tables = history.tables().expect("tables");
    let compared = tables
        .into_iter()
        .filter(|table| !TABLES_OF_RUNS.contains(&table.as_str()));
    let mut rows: BTreeMap<_, _> = compared
        .map(|table| {
            let rows = rows_of_table(history, &table);
            (table, rows)
        })
        .collect();
    rows.insert("told of refused data".into(), ended_with_65(history));
    rows
}

/// One row where any run did; runs themselves are not compared.
fn ended_with_65(history: &History) -> Vec<String> {
    let runs = history.export("runs").expect("a readable table");
    let runs = runs.expect("the table of runs");
    let mut columns = runs.columns.iter();
    let place = columns.position(|name| name == "exit_code");
    let place = place.expect("the column");
    let mut codes = runs.rows.iter().map(|row| row[place].to_string());
    codes.find(|code| code == "65").into_iter().collect()
}

fn rows_of_table(history: &History, table: &str) -> Vec<String> {
    let export = history
        .export(table)
        .expect("a readable table")
        .expect("a known table");
    let kept: Vec<usize> = (0..export.columns.len())
        .filter(|place| !COLUMNS_OF_RUNS.contains(&export.columns[*place].as_str()))
        .collect();
    let text = |row: &Vec<ExportedValue>| {
        let cells = kept.iter().map(|place| row[*place].to_string());
        cells.collect::<Vec<_>>().join("|")
    };
    let mut rows: Vec<String> = export.rows.iter().map(text).collect();
    // That a draft was removed says what the killed run had left.
    rows.retain(|row| table != "release_events" || !row.contains("|removed|"));
    rows.sort();
    // A freeze that was asked for twice stands there twice.
    rows.dedup_by(|row, other| row == other && row.contains("|frozen|"));
    if TABLES_OF_FINDINGS.contains(&table) {
        rows.dedup();
    }
    rows
}
