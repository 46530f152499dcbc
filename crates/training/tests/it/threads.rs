//! The number of threads does not show in what training writes.

use crate::compiled::compile;
use crate::running::{NOW, trained};
use serde_json::json;
use std::process::Command;
use testkit::Project;

/// The three months with labels of the sample data.
fn project() -> Project {
    let project = Project::panel();
    let mut csv = String::new();
    for month in ["01", "02", "03"] {
        let file = project.read(&format!("sourcedata/clients_2026-{month}.csv"));
        let (header, rows) = file.split_once('\n').unwrap();
        if csv.is_empty() {
            csv = format!("{header}\n");
        }
        csv.push_str(rows);
    }
    let mut config = project.read_json("config.json");
    config["dataset"] = json!({"observed_at": "observed_at", "horizon_days": 90});
    project.set_config(config);
    compile(&project, &csv);
    project
}

/// Trains with one core only, so that all that counts cores finds one; `false` where the machine has
/// no `taskset` and need not have it.
fn train_on_one_core(project: &Project, arguments: &[&str]) -> bool {
    let run = Command::new("taskset")
        .args(["--cpu-list", "0", env!("CARGO_BIN_EXE_training")])
        .arg("--config")
        .arg(project.config())
        .args(["--now", NOW])
        .args(arguments)
        .output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            true
        }
        Err(error) => {
            let demanded = std::env::var_os("RISK_REQUIRE_SERVICES").is_some();
            assert!(!demanded, "taskset cannot be run: {error}");
            false
        }
    }
}

#[test]
fn one_core_and_all_of_them_give_the_same_bytes() {
    let project = project();
    for settings in [&[][..], &["--set", "model.calibration=isotonic"]] {
        let outcome = trained(&project, settings);
        assert!(outcome["selection"]["candidates"].is_array(), "{outcome}");
        let on_all = project.files("models");
        if !train_on_one_core(&project, settings) {
            return;
        }
        let on_one = project.files("models");
        for name in ["trainedmodel.json", "trainingrecord.json"] {
            assert!(on_all.contains_key(name), "{:?}", on_all.keys());
        }
        assert_eq!(on_one, on_all, "{settings:?}");
    }
}
