//! This program as any other program of the system.

use std::path::Path;
use std::process::{Child, Command, ExitCode, Output, Stdio};

/// The environment variable that says which program to be.
pub const NAME: &str = "RISK_CAMPAIGN_PROGRAM";

/// Is one of the programs that write.
pub fn be(name: &str) -> ExitCode {
    use risk_core::shell::main;
    match name {
        "ingestion" => main::<ingestion::Arguments>(),
        "training" => main::<training::Arguments>(),
        "scoring" => main::<scoring::Arguments>(),
        "deployment" => main::<deployment::Arguments>(),
        "diagnostics" => main::<diagnostics::Arguments>(),
        "reporting" => main::<reporting::Arguments>(),
        "apicalls" => main::<apicalls::Arguments>(),
        "fullprocess" => main::<fullprocess::Arguments>(),
        _ => {
            eprintln!("campaign: there is no program {name}");
            ExitCode::from(2)
        }
    }
}

/// One call of a program.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which program.
    pub program: &'static str,
    /// Its arguments besides the configuration.
    pub arguments: Vec<String>,
}

impl Call {
    /// A call at a time, RFC 3339.
    pub fn new(program: &'static str, now: &str, arguments: &[&str]) -> Self {
        let offline: &[&str] = match program {
            "fullprocess" | "diagnostics" => &["--offline"],
            _ => &[],
        };
        let all = [&["--now", now], offline, arguments].concat();
        Self {
            program,
            arguments: all.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The command on a project folder.
    pub fn command(&self, project: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
        command
            .env(NAME, self.program)
            .env_remove("RISK_CONFIG")
            .env_remove("RISK_FAULT")
            .arg("--config")
            .arg(project.join("config.json"))
            .args(&self.arguments)
            // For the files that are named on the command line.
            .current_dir(project)
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, project: &Path) -> Output {
        self.command(project)
            .output()
            .expect("a program that starts")
    }

    /// Runs it to its end under a plan of faults.
    pub fn run_with(&self, project: &Path, plan: &str, log: Option<&Path>) -> Output {
        let mut command = self.command(project);
        command.env("RISK_FAULT", plan);
        if let Some(log) = log {
            command.env("RISK_FAULT_LOG", log);
        }
        command.output().expect("a program that starts")
    }

    /// Starts it.
    pub fn start(&self, project: &Path) -> Child {
        self.command(project)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a program that starts")
    }
}

/// All that a program said and how it ended, for people.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    format!(
        "{:?} {} {}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}
