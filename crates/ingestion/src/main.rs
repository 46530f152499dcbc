//! Finds new data, checks it row by row and compiles it into one table.

fn main() -> std::process::ExitCode {
    risk_core::shell::main::<ingestion::Arguments>()
}
