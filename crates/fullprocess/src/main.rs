//! The whole pipeline in one run.

fn main() -> std::process::ExitCode {
    risk_core::shell::main::<fullprocess::Arguments>()
}
