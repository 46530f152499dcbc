//! Running the program, and looking at what it says and writes.

use serde_json::Value;
use testkit::{Project, Ran, at};

/// The time of every run that does not give another.
pub const NOW: &str = "2026-07-01T06:00:00Z";

/// Runs `training` in a project.
pub fn train(project: &Project, arguments: &[&str]) -> Ran {
    Ran::of(env!("CARGO_BIN_EXE_training"), project, &at(NOW, arguments))
}

/// Trains a model and gives the object that `--json` prints.
#[track_caller]
pub fn trained(project: &Project, arguments: &[&str]) -> Value {
    train(project, &[arguments, &["--json"]].concat())
        .ended(0)
        .json()
}

/// Fails unless a run ends with an exit code, says this on standard error, prints no result and
/// leaves the model folder as it was.
#[track_caller]
pub fn assert_refused(project: &Project, arguments: &[&str], code: i32, message: &str) {
    let before = project.files("models");
    let ran = train(project, arguments);
    assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
    assert!(ran.err.contains(message), "{}", ran.err);
    assert_eq!(project.files("models"), before);
}
