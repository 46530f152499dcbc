//! Running the program, and looking at what it says and writes.

use serde_json::Value;
use testkit::{Project, Ran};

/// Runs `scoring` in a project.
pub fn score(project: &Project, arguments: &[&str]) -> Ran {
    Ran::of(env!("CARGO_BIN_EXE_scoring"), project, arguments)
}

/// Scores and gives the object that `--json` prints.
#[track_caller]
pub fn scored(project: &Project, arguments: &[&str]) -> Value {
    score(project, &[arguments, &["--json"]].concat())
        .ended(0)
        .json()
}

/// Fails unless a run ends with an exit code, says this on standard error, prints no result and
/// leaves the model folder as it was.
#[track_caller]
pub fn assert_refused(project: &Project, arguments: &[&str], code: i32, message: &str) {
    let before = project.files("models");
    let ran = score(project, arguments);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
    assert!(ran.err.contains(message), "{}", ran.err);
    assert_eq!(project.files("models"), before);
}
