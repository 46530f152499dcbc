//! The whole pipeline, run as the programs that people run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod as_of;
mod by_hand;
mod contacted;
mod dry_run;
mod erase;
mod failures;
mod logs;
mod months;
mod on_call;
mod original;
mod releases;
mod retraining;
mod settling;
mod status;
mod trial;
mod upkeep;

use fullprocess::decide::{Inputs, decide};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use testkit::Project;

/// A program of this workspace. Only `fullprocess` is sure to have been built by `cargo test` of this
/// package alone; the others lie beside it after `cargo test --workspace`.
pub fn program(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_fullprocess")).with_file_name(name);
    assert!(
        path.exists(),
        "{} is not built: run cargo build --workspace --bins",
        path.display()
    );
    path
}

/// Runs a program on a project and gives all it said.
pub fn run(project: &Project, name: &str, arguments: &[&str]) -> Output {
    let asks_the_registry = ["fullprocess", "diagnostics"].contains(&name);
    Command::new(program(name))
        .arg("--config")
        .arg(project.config())
        .args(arguments)
        .args(asks_the_registry.then_some("--offline"))
        .env_remove("RISK_CONFIG")
        .output()
        .unwrap()
}

/// Runs `fullprocess --json`, which must end with the exit code, and gives the object.
pub fn full(project: &Project, now: &str, arguments: &[&str], code: i32) -> Value {
    let output = run(
        project,
        "fullprocess",
        &[&["--json", "--now", now], arguments].concat(),
    );
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All a program said, for messages of failed tests.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{:?}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// The rows of a table of the history.
pub fn exported(project: &Project, table: &str) -> Vec<Value> {
    let output = run(
        project,
        "fullprocess",
        &["--export", table, "--format", "json"],
    );
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The recorded decisions must be these, and each must follow from the inputs recorded with it.
#[track_caller]
pub fn assert_replays(project: &Project, expected: &[&str]) {
    let rows = exported(project, "decisions");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    for row in &rows {
        let inputs: Inputs = serde_json::from_str(&text(row, "inputs")).unwrap();
        assert_eq!(decide(&inputs).decision.name(), row["decision"], "{row:#}");
    }
    let found: Vec<String> = rows.iter().map(|row| text(row, "decision")).collect();
    assert_eq!(
        found[..expected.len().min(found.len())],
        *expected,
        "{found:?}"
    );
}

/// The status of each step by name.
pub fn steps(outcome: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = outcome["steps"].as_array().unwrap().iter();
    steps
        .map(|step| (text(&step["name"]), text(&step["status"])))
        .collect()
}
