//! Answers questions about the deployed model over HTTP.

use std::process::ExitCode;

fn main() -> ExitCode {
    risk_core::shell::main::<api::Arguments>()
}
