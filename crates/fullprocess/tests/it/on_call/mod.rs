//! What people on call are told, how often, and that nobody holds up a run.

mod causes;
mod delivery;
mod without_history;

use crate::{program, said};
use serde_json::{Value, json};
use std::process::{Command, Output};
use testkit::{Project, Receiver};

pub const NOW: &str = Project::PANEL_NOW;

/// A panel whose alerts go to the webhook in `RISK_TEST_WEBHOOK`.
pub fn project(monitoring: Value) -> Project {
    let project = Project::panel();
    let mut config = project.read_json("config.json");
    config["alerts"] = json!({ "webhook_url_env": "RISK_TEST_WEBHOOK" });
    config["monitoring"] = monitoring;
    project.set_config(config);
    project
}

/// A file that is refused.
pub fn put_bad_file(project: &Project, content: &str) {
    project.write("sourcedata/broken.csv", content);
}

/// Runs fullprocess at a time; the webhook is at `url`.
pub fn run_at(project: &Project, now: &str, url: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program("fullprocess"))
        .arg("--config")
        .arg(project.config())
        .args(["--offline", "--now", now])
        .args(arguments)
        .env_remove("RISK_CONFIG")
        .env("RISK_TEST_WEBHOOK", url)
        // What is kept of messages while there is no history stays in the project.
        .env("TMPDIR", project.root())
        .output()
        .unwrap();
    assert!(!said(&output).contains("SECRET"), "{}", said(&output));
    output
}

/// The same, which must end with the exit code.
#[track_caller]
pub fn ends(project: &Project, now: &str, url: &str, code: i32) -> Output {
    let output = run_at(project, now, url, &[]);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    output
}

/// The same, with nothing to do and nothing to say.
#[track_caller]
pub fn is_silent(project: &Project, now: &str, url: &str) {
    let output = ends(project, now, url, 0);
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{}",
        said(&output)
    );
}

/// The texts that a receiver was sent.
pub fn texts(receiver: &Receiver) -> Vec<String> {
    let text = |(_, body): &(String, String)| {
        let body: Value = serde_json::from_str(body).unwrap();
        body["text"].as_str().unwrap().to_owned()
    };
    receiver.requests().iter().map(text).collect()
}
