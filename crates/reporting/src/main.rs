//! Draws the charts, writes the report and publishes the ranked contact list.

use reporting::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    risk_core::shell::main::<Arguments>()
}
