//! Running a program on a project, as its tests do.

use crate::Project;
use serde_json::Value;
use std::process::Command;

/// What a finished run left.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; [`Ran::KILLED`] where a signal ended the run.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Stands for the exit code of a run that was ended by a signal.
    pub const KILLED: i32 = -1;

    /// Runs a program (its path, from `CARGO_BIN_EXE_…`) with the configuration of a project.
    pub fn of(program: &str, project: &Project, arguments: &[&str]) -> Self {
        let output = Command::new(program)
            .env_remove("RISK_CONFIG")
            .env_remove("COLUMNS")
            .arg("--config")
            .arg(project.config())
            .args(arguments)
            .output()
            .unwrap();
        Self {
            code: output.status.code().unwrap_or(Self::KILLED),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The object that `--json` printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless the run ended with this exit code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// The arguments with `--now` where they do not give another time.
pub fn at<'a>(now: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    let given = arguments.contains(&"--now");
    let clock: &[&str] = if given { &[] } else { &["--now", now] };
    [clock, arguments].concat()
}
