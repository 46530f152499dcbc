//! What goes wrong around the programs: each ends in a clear message, the right exit code and the old
//! state intact. The programs are the binary of this crate, told which one to be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod clock;
mod damage;
mod disk;
mod folders;
mod kept;
mod kills;
mod lock;

use std::collections::BTreeMap;
use std::process::{Command, Output};
use testkit::{Project, Scenario};

const NOW: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";

/// The programs that write, each with arguments with which it would.
const WRITERS: [(&str, &[&str]); 11] = [
    ("ingestion", &[]),
    ("training", &[]),
    ("scoring", &[]),
    ("deployment", &[]),
    ("deployment", &["--rollback"]),
    ("diagnostics", &["--offline"]),
    ("reporting", &[]),
    ("apicalls", &[]),
    ("fullprocess", &["--offline"]),
    ("fullprocess", &["--prune"]),
    ("fullprocess", &["--erase", "anybody"]),
];

/// A program on a project, at a time.
fn program(project: &Project, name: &str, now: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campaign"));
    command
        .env("RISK_CAMPAIGN_PROGRAM", name)
        .env_remove("RISK_CONFIG")
        .arg("--config")
        .arg(project.config())
        .args(["--now", now])
        .args(arguments);
    command
}

/// The whole pipeline.
fn full(project: &Project, now: &str) -> Output {
    program(project, "fullprocess", now, &["--offline"])
        .output()
        .unwrap()
}

/// The command through a shell that first does what `before` says; as root without the right to do
/// what the modes of files forbid.
fn through_shell(before: &str, command: &Command) -> Command {
    let mut shell = Command::new("setpriv");
    shell.args(["--bounding-set", "-dac_override,-dac_read_search"]);
    if !is_root() {
        shell = Command::new("env");
    }
    shell
        .args(["sh", "-c", &format!("{before}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0")
}

/// Fails unless a run ended with this code and said all of these.
#[track_caller]
fn assert_ends(output: &Output, code: i32, said: &[&str]) {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    for words in said {
        assert!(text.contains(words), "{words} is not in: {text}");
    }
}

/// A project with a release in force, and a further month to look at.
fn with_a_month() -> Project {
    let project = Project::panel();
    assert_ends(&full(&project, NOW), 0, &["bootstrap"]);
    project.deliver("2026-07", Scenario::Labels);
    project
}

/// All that was written before, but for what every run that starts writes.
fn kept(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let folders = ["ingesteddata", "models", "production_deployment"];
    let files = folders.iter().flat_map(|folder| {
        let files = project.files(folder).into_iter();
        files.map(move |(name, bytes)| (format!("{folder}/{name}"), bytes))
    });
    let of_each_run = |name: &String| {
        name.contains("history.sqlite")
            || name.ends_with(".lock")
            || name.ends_with("risk.prom")
            || name.ends_with("alerts.json")
    };
    files.filter(|(name, _)| !of_each_run(name)).collect()
}
