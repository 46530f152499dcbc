//! Makes the newly trained model the deployed one, in one step.

fn main() -> std::process::ExitCode {
    risk_core::shell::main::<deployment::Arguments>()
}
