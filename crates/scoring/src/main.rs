//! Scores a model on the labelled test data.

fn main() -> std::process::ExitCode {
    risk_core::shell::main::<scoring::Arguments>()
}
