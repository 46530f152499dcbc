//! Running the program, and looking at what it says and writes.

use assert_cmd::Command;
use serde_json::Value;
use testkit::Project;

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

/// Runs `scoring` in a project.
pub fn score(project: &Project, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_scoring"))
        .env_remove("RISK_CONFIG")
        .env_remove("COLUMNS")
        .arg("--config")
        .arg(project.config())
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Scores and gives the object that `--json` prints.
#[track_caller]
pub fn scored(project: &Project, arguments: &[&str]) -> Value {
    let ran = score(project, &[arguments, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
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
