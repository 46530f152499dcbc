//! Running the program, and looking at what it says and does.

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use testkit::Project;

/// The time of every deployment that does not give another.
pub const NOW: &str = "2026-07-02T06:00:00Z";

/// What a finished run left.
#[derive(Debug)]
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs `deployment` in a project.
pub fn deploy(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployment"));
    command
        .env_remove("RISK_CONFIG")
        .env_remove("COLUMNS")
        .arg("--config")
        .arg(project.config());
    if !arguments.contains(&"--now") {
        command.args(["--now", NOW]);
    }
    let output = command.args(arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Deploys and gives the object that `--json` prints.
#[track_caller]
pub fn deployed(project: &Project, arguments: &[&str]) -> Value {
    let ran = deploy(project, &[arguments, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Fails unless a run ends with an exit code, says this on standard error, prints no result and
/// leaves every file as it was, in the production folder and outside of it.
#[track_caller]
pub fn assert_refused(project: &Project, code: i32, message: &str) {
    let before = files(project);
    let ran = deploy(project, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
    assert!(ran.err.contains(message), "{}", ran.err);
    assert_eq!(files(project), before);
}

/// Every file but the lock and the history, in which the refused run is recorded.
fn files(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = project.files("");
    files.retain(|name, _| !name.contains("history.sqlite") && !name.ends_with(".lock"));
    files
}

/// The names of the releases.
pub fn releases(project: &Project) -> Vec<String> {
    let files = project.files("production_deployment/releases");
    let mut names: Vec<String> = files
        .keys()
        .map(|path| path.split('/').next().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}
