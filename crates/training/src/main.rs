//! Fits the risk model to the compiled data.

fn main() -> std::process::ExitCode {
    risk_core::shell::main::<training::Arguments>()
}
