//! Says what the deployed model predicts, what the data looks like, how long the work takes, and
//! which dependencies are out of date.

use std::process::ExitCode;

fn main() -> ExitCode {
    risk_core::shell::main::<diagnostics::Arguments>()
}
