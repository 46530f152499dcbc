//! A campaign of faults against the whole system: runs are stopped at every operation on a file, find
//! the disk full from any of them on, and are killed at random moments while a reader watches. After
//! each fault a plain run follows, and what stands then must equal what an undisturbed run leaves.
//!
//! The programs under attack are this program itself, told by its environment which of them to be. So
//! the feature that injects the faults is compiled into nothing that anybody else runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test program: a failure should stop it where it happens, and it prints its findings"
)]

mod arguments;
mod end_state;
mod kills;
mod points;
mod programs;
mod project;
mod reader;
mod scenario;
mod tally;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match risk_core::shell::environment(programs::NAME) {
        Some(name) => programs::be(&name),
        None => arguments::Arguments::parse().run(),
    }
}
