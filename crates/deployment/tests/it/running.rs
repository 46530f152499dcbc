//! Running the program, and looking at what it says and does.

use serde_json::Value;
use std::collections::BTreeMap;
use testkit::{Project, Ran, at};

/// The time of every deployment that does not give another.
pub const NOW: &str = "2026-07-02T06:00:00Z";

/// Runs `deployment` in a project.
pub fn deploy(project: &Project, arguments: &[&str]) -> Ran {
    Ran::of(
        env!("CARGO_BIN_EXE_deployment"),
        project,
        &at(NOW, arguments),
    )
}

/// Deploys and gives the object that `--json` prints.
#[track_caller]
pub fn deployed(project: &Project, arguments: &[&str]) -> Value {
    deploy(project, &[arguments, &["--json"]].concat())
        .ended(0)
        .json()
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
