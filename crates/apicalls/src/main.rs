//! Calls the running service and keeps its answers.

use std::process::ExitCode;

fn main() -> ExitCode {
    risk_core::shell::main::<apicalls::Arguments>()
}
