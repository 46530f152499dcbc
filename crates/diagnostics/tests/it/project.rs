//! Projects for the tests of this crate.

use assert_cmd::Command;
use chrono::{DateTime, Utc};
use risk_core::{Run, config};
use serde_json::json;
use testkit::Project;

/// The time of every run.
pub const NOW: &str = "2026-07-01T06:00:00Z";

/// The practice data of the original shape, not ingested yet.
pub fn practice() -> Project {
    let project = Project::original();
    project.set_config(json!({
        "input_folder_path": "practicedata",
        "output_folder_path": "ingesteddata",
        "test_data_path": "testdata",
        "output_model_path": "models",
        "prod_deployment_path": "production_deployment"
    }));
    project
}

/// The same with a model trained on it and deployed.
pub fn deployed() -> Project {
    let project = practice();
    deploy(&project);
    project
}

/// Monthly rows of some hundred clients, with a model trained on them and deployed.
pub fn deployed_panel() -> Project {
    let project = Project::panel();
    deploy(&project);
    project
}

/// A run that writes, with some keys of the configuration replaced.
pub fn writer(project: &Project, replaced: &[&str]) -> Run {
    let replaced: Vec<_> = replaced.iter().map(|text| text.parse().unwrap()).collect();
    let config = config::load(&project.config(), &replaced).unwrap();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    Run::writer(config, now, "test").unwrap()
}

fn deploy(project: &Project) {
    let run = writer(project, &[]);
    ingestion::run(&run, &ingestion::Options::default()).unwrap();
    training::run(&run).unwrap();
    scoring::run(&run, &scoring::Options::default()).unwrap();
    deployment::run(&run, &deployment::Options::default()).unwrap();
}

/// The program in a project.
pub fn diagnostics(project: &Project) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnostics"));
    command
        .env_remove("RISK_CONFIG")
        .arg("--config")
        .arg(project.config())
        .args(["--now", NOW, "--offline"]);
    command
}
