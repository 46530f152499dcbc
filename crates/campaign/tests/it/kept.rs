//! Projects of earlier versions: each is opened by the programs of now, which lose nothing of it and
//! say what was said then.
//!
//! `tests/kept/history-N` is a backup (`fullprocess --backup`) of a small project whose history is of
//! version N, with its data and `recorded.json`: what the programs of then said. How it was made is in
//! `write.rs`.

mod write;

use crate::{assert_ends, program};
use dataset::KeptCells;
use risk_core::history::{ExportedValue, History};
use risk_core::release::Release;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::Project;

/// The versions of the history of which a project is kept.
const VERSIONS: [u32; 2] = [8, 9];

/// A later day: nothing has come since.
const NOW: &str = "2026-08-02T07:00:00Z";

/// What the programs are asked, then and now, by the name of the answer; CLIENT is one on the list.
const RECORDED: [(&str, &[&str]); 4] = [
    ("scored", &["scoring", "--deployed"]),
    (
        "as_of_july",
        &["scoring", "--client", "CLIENT", "--as-of", "2026-07-15"],
    ),
    (
        "as_of_august",
        &["scoring", "--client", "CLIENT", "--as-of", "2026-08-01"],
    ),
    ("releases", &["deployment", "--list"]),
];

fn kept_folder(version: u32) -> PathBuf {
    let name = format!("tests/kept/history-{version}");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A kept project, restored as the documentation says.
fn restored(version: u32) -> Project {
    let project = Project::new();
    let kept = kept_folder(version);
    for (from, to) in [
        ("output", "ingesteddata"),
        ("models", "models"),
        ("production", "production_deployment"),
        ("sourcedata", "."),
        ("testdata", "."),
        ("config.json", "."),
    ] {
        let copied = Command::new("cp")
            .arg("-a")
            .args([kept.join(from), project.path(to)])
            .status();
        assert!(copied.unwrap().success());
    }
    project
}

fn recorded(version: u32) -> Value {
    let text = std::fs::read_to_string(kept_folder(version).join("recorded.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The clients on the published list, in its order.
fn listed(project: &Project) -> Vec<String> {
    let text = project.read("models/contactlist.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.records()
        .map(|row| row.unwrap()[1].to_owned())
        .collect()
}

/// The object with which a program answers.
fn asked(project: &Project, client: &str, question: &[&str]) -> Value {
    let arguments: Vec<&str> = question[1..]
        .iter()
        .map(|word| if *word == "CLIENT" { client } else { word })
        .chain(["--json"])
        .collect();
    let output = program(project, question[0], NOW, &arguments)
        .output()
        .unwrap();
    assert_ends(&output, 0, &[]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn version_of(history: &Path) -> u32 {
    let connection = Connection::open(history).unwrap();
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    version.unwrap()
}

/// Fails where something that was said then is not said now. More may be said, and numbers may differ
/// in their last digits.
#[track_caller]
fn assert_says(place: &str, now: &Value, then: &Value) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (key, value) in then {
                let place = format!("{place}.{key}");
                assert_says(&place, now.get(key).unwrap_or(&Value::Null), value);
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{place}");
            for (position, (now, then)) in now.iter().zip(then).enumerate() {
                assert_says(&format!("{place}[{position}]"), now, then);
            }
        }
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            let is_close = (one - other).abs() <= 1e-12 * (1.0 + other.abs());
            assert!(is_close, "{place}: {one} is not {other}");
        }
        _ => assert_eq!(now, then, "{place}"),
    }
}

#[test]
fn a_kept_project_is_opened_and_says_what_was_said_then() {
    for version in VERSIONS {
        let (project, then) = (restored(version), recorded(version));
        let client = then["client"].as_str().unwrap().to_owned();
        let current = project.files("production_deployment")["current"].clone();
        let output = program(&project, "fullprocess", NOW, &["--offline"]);
        assert_ends(&{ output }.output().unwrap(), 0, &[]);
        for (name, question) in RECORDED {
            let now = asked(&project, &client, question);
            assert_says(&format!("{version} {name}"), &now, &then[name]);
        }
        assert_eq!(project.files("production_deployment")["current"], current);
        // What holds from before: the freeze, the model that was rolled back, the erased client.
        let newest = then["releases"]["releases"][1]["release"].as_str().unwrap();
        let back = program(&project, "deployment", NOW, &["--rollback", newest]);
        assert_ends(&{ back }.output().unwrap(), 1, &["frozen until 2031-01-01"]);
        let output = program(&project, "deployment", NOW, &["--unfreeze"]);
        assert_ends(&{ output }.output().unwrap(), 0, &[]);
        let output = program(&project, "deployment", NOW, &[]).output().unwrap();
        assert_ends(&output, 1, &["was rolled back"]);
    }
}

#[test]
fn no_row_of_a_kept_history_is_lost_or_changed() {
    for version in VERSIONS {
        let project = restored(version);
        let path = project.path("ingesteddata/history.sqlite");
        assert_eq!(version_of(&path), version);
        let then = rows_then(&path);
        let history = History::open(&path).unwrap();
        for (table, (columns, rows)) in &then {
            let export = history.export(table).unwrap().unwrap();
            let place = |name: &String| export.columns.iter().position(|it| it == name).unwrap();
            let places: Vec<usize> = columns.iter().map(place).collect();
            let row = |row: &Vec<ExportedValue>| {
                places.iter().map(|place| row[*place].to_string()).collect()
            };
            let mut now: Vec<Vec<String>> = export.rows.iter().map(row).collect();
            now.sort();
            assert!(!rows.is_empty(), "{table} has no row");
            assert_eq!(&now, rows, "{version} {table}");
        }
    }
}

/// Columns and rows of a table.
type Rows = (Vec<String>, Vec<Vec<String>>);

/// What an untouched database holds, read without this program.
fn rows_then(path: &Path) -> BTreeMap<String, Rows> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut tables = connection.prepare(sql).unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    tables
        .map(|table| {
            let table = table.unwrap();
            let mut query = connection
                .prepare(&format!("SELECT * FROM {table}"))
                .unwrap();
            let columns: Vec<String> = query.column_names().map(ToString::to_string).collect();
            let n_columns = columns.len();
            let rows = query.query_map([], |row| (0..n_columns).map(|at| row.get(at)).collect());
            let rows = rows
                .unwrap()
                .map(|row: rusqlite::Result<Vec<Cell>>| row.unwrap());
            let mut rows: Vec<Vec<String>> = rows
                .map(|row| row.into_iter().map(text).collect())
                .collect();
            rows.sort();
            (table, (columns, rows))
        })
        .collect()
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Null | Cell::Blob(_) => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text,
    }
}

/// The two releases of a kept project, a spline with an isotonic and one with a Platt calibration, give
/// the very risks that were published, from the values that were kept with them.
#[test]
fn a_kept_model_gives_the_risks_that_were_published() {
    for version in VERSIONS {
        let project = restored(version);
        let path = project.path("ingesteddata/history.sqlite");
        let releases = std::fs::read_dir(project.path("production_deployment/releases"));
        let mut calibrations = Vec::new();
        for folder in releases.unwrap() {
            let release = Release::read(&folder.unwrap().path()).unwrap();
            let model = &release.model;
            let published = published(&path, &model.model_id);
            assert!(published.len() > 20, "{}", published.len());
            for (cells, risk, score) in published {
                let cells = KeptCells::parse(&cells).unwrap();
                let values = cells.values(model).unwrap();
                assert!((model.risk(&values) - risk).abs() < 1e-15, "{risk}");
                assert!((model.log_odds(&values) - score).abs() < 1e-12, "{score}");
            }
            assert!(model.selection.is_some() && model.recalibration.is_some());
            assert!(release.reference().is_some());
            assert!(release.training_record().unwrap().samples.len() > 100);
            calibrations.push(model.calibration.name());
        }
        calibrations.sort_unstable();
        assert_eq!(calibrations, ["isotonic", "platt"]);
    }
}

fn published(history: &Path, model_id: &str) -> Vec<(String, f64, f64)> {
    let connection = Connection::open(history).unwrap();
    let sql = "SELECT cells, risk, score FROM client_predictions
               WHERE model_id = ?1 AND cells IS NOT NULL";
    let mut query = connection.prepare(sql).unwrap();
    let rows = query.query_map([model_id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Each stored format that names its version, a program that reads it, and how that ends: with 0 where
/// it can do without.
const VERSIONED: [(&str, &str, &[&str], i32); 9] = [
    ("ingesteddata/parts/index.json", "ingestion", &[], 1),
    ("ingesteddata/erasedclients.json", "ingestion", &[], 1),
    ("ingesteddata/schema.json", "training", &[], 1),
    ("ingesteddata/dataorigins.json", "reporting", &[], 0),
    ("ingesteddata/diagnostics.json", "reporting", &[], 0),
    ("models/trainedmodel.json", "scoring", &[], 1),
    ("models/trainingrecord.json", "deployment", &[], 1),
    (
        "production_deployment/state.json",
        "deployment",
        &["--list"],
        1,
    ),
    (
        "production_deployment/current/manifest.json",
        "scoring",
        &["--deployed"],
        1,
    ),
];

#[test]
fn a_file_of_a_newer_version_is_refused_with_what_to_do() {
    for (file, name, arguments, code) in VERSIONED {
        let project = restored(VERSIONS[0]);
        let mut content = project.read_json(file);
        assert!(content["format_version"].is_u64(), "{file}");
        content["format_version"] = 99.into();
        project.write(file, content.to_string());
        let output = program(&project, name, NOW, arguments).output().unwrap();
        let base = file.rsplit('/').next().unwrap();
        let newer = "written by a newer version of this system (format 99";
        assert_ends(&output, code, &[base, newer, "update the program"]);
    }
}

#[test]
fn a_reference_of_a_newer_version_is_refused_with_what_to_do() {
    let project = restored(VERSIONS[0]);
    let release = "production_deployment/current";
    let newer = project.read(&format!("{release}/reference.json")).replacen(
        "\"format_version\": 1",
        "\"format_version\": 99",
        1,
    );
    assert!(newer.contains("99"));
    let mut manifest = project.read_json(&format!("{release}/manifest.json"));
    manifest["files"]["reference.json"] = risk_core::hash::sha256_hex(&newer).into();
    project.write(&format!("{release}/reference.json"), newer);
    project.write(&format!("{release}/manifest.json"), manifest.to_string());
    let output = program(&project, "diagnostics", NOW, &["--offline"])
        .output()
        .unwrap();
    let newer = "written by a newer version of this system (format 99";
    assert_ends(&output, 1, &["reference.json", newer, "update the program"]);
}

#[test]
fn a_history_of_a_newer_version_is_refused_with_what_to_do() {
    let project = restored(VERSIONS[0]);
    let path = project.path("ingesteddata/history.sqlite");
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let questions: [(&str, &[&str]); 2] =
        [("ingestion", &[]), ("fullprocess", &["--export", "runs"])];
    for (name, arguments) in questions {
        let output = program(&project, name, NOW, arguments).output().unwrap();
        assert_ends(
            &output,
            1,
            &["newer version of this system", "update the program"],
        );
    }
}
