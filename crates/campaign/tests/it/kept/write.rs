//! How the kept projects were made: by the programs themselves, one command after another.
//!
//!     cargo test -p campaign --test it -- --ignored writes_a_kept_project
//!
//! writes `tests/kept/history-N` for the version N of the history that this program writes, and fails
//! where it is there already: what was once kept is never written again.

use super::{RECORDED, asked, kept_folder, version_of};
use crate::{assert_ends, program};
use risk_core::history::{Batch, DecisionEntry, History, ListChange, Prediction};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use testkit::Project;
use testkit::Scenario::Labels;
use testkit::sample::{self, Size};

/// Few clients, so that all of it is small; enough for a curve and a calibration.
const SIZE: Size = Size {
    seed: 11,
    clients: 60,
    labelled_months: 3,
    unlabelled_months: 1,
    test_rows: 60,
};
const LOOKED_AT: [&str; 7] = [
    "models/report.html",
    "models/contactlist.xlsx",
    "models/risk.prom",
    "models/confusionmatrix.png",
    "models/reliability.png",
    "models/roccurve.png",
    "backup.json",
];

const FIRST: &str = "2026-07-01T06:00:00Z";
const SECOND: &str = "2026-08-01T06:00:00Z";
const THIRD: &str = "2026-08-02T06:00:00Z";

#[test]
#[ignore = "writes a kept project, once for each version of the history"]
fn writes_a_kept_project_of_the_formats_of_now() {
    let project = Project::new();
    lay_out(&project);
    live(&project);
    keep(&project);
}

/// Configuration and data: a spline with an isotonic calibration, so that a small project has them.
fn lay_out(project: &Project) {
    for (name, text) in sample::files(&SIZE) {
        if !name.starts_with("practicedata") {
            project.write(&name, text);
        }
    }
    let mut config = project.read_json("config.json");
    config["dataset"] = json!({
        "observed_at": "observed_at",
        "horizon_days": 90,
        "ignore": ["account_manager"],
        "contract_value": "annual_contract_value"
    });
    config["model"] = json!({"basis": "spline", "l2": "auto", "calibration": "isotonic"});
    config["contacts"] = json!({"capacity": 10, "holdout_percent": 20});
    config["alerts"] = json!({"command": ["true"]});
    project.set_config(config);
}

/// What happens to it: each table of the history gets its rows.
fn live(project: &Project) {
    let done = |name: &str, now: &str, code: i32, arguments: &[&str]| {
        let output = program(project, name, now, arguments).output().unwrap();
        assert_ends(&output, code, &[]);
    };
    let full = ["--offline"];
    done("fullprocess", FIRST, 0, &full);
    sample::deliver(
        &SIZE,
        &project.path("sourcedata"),
        "2026-07".parse().unwrap(),
        Labels,
    )
    .unwrap();
    project.write("sourcedata/broken.csv", "corporation,exited\n");
    done("fullprocess", SECOND, 65, &full);
    let clients = super::listed(project);
    let call = format!("{},2026-08-01,stays,rang twice\n", clients[0]);
    project.write(
        "calls.csv",
        format!("corporation,contacted_at,outcome,note\n{call}"),
    );
    let calls = project.path("calls.csv").display().to_string();
    done("ingestion", SECOND, 0, &["--contacts", &calls]);
    done(
        "fullprocess",
        SECOND,
        0,
        &["--offline", "--erase", &clients[1]],
    );
    // A second release, with a Platt calibration, and back to the first one.
    let platt = ["--set", "model.calibration=platt"];
    done("training", THIRD, 0, &platt);
    done("scoring", THIRD, 0, &[]);
    done("deployment", THIRD, 0, &["--force", "to be kept"]);
    done("fullprocess", THIRD, 0, &full);
    done("deployment", THIRD, 0, &["--rollback"]);
    done("deployment", THIRD, 0, &["--freeze", "2030-12-31"]);
    by_others(project, &clients[2]);
    done("fullprocess", THIRD, 0, &["--prune", "--keep-days", "3650"]);
}

/// What the service, a registry and `apicalls` leave, which are not at hand here.
fn by_others(project: &Project, client: &str) {
    let path = project.path("ingesteddata/history.sqlite");
    let now = THIRD.parse().unwrap();
    let manifest = project.read_json("production_deployment/current/manifest.json");
    let [release, model_id] = ["release", "model_id"].map(|key| manifest[key].as_str().unwrap());
    let batch = Batch {
        handed_out_at: now,
        model_folder: "models",
        release,
        model_id,
        threshold: 0.5,
    };
    let prediction = Prediction {
        client,
        observed_at: Some("2026-07-01".parse().unwrap()),
        rank: 1,
        risk: 0.25,
        score: -(3.0_f64.ln()),
        contract_value: None,
        reasons: &[],
        file: None,
        line: None,
        cells: None,
    };
    assert!(History::keep_batch(&path, &batch, &[prediction]).unwrap());
    let history = History::open(&path).unwrap();
    history.begin_run("apicalls", now).unwrap();
    let url = "http://127.0.0.1:8000";
    history
        .record_api_call(url, "GET", "/scoring", 200)
        .unwrap();
    let versions = json!([{"vers": "1.0.0", "yanked": false, "rust_version": null}]);
    let answer = json!({"published": versions, "checked_at": THIRD, "failure": null});
    let answers = BTreeMap::from([("serde".to_owned(), answer)]);
    history.set_registry_answers(&answers, now).unwrap();
    history.finish_run(0.5, 0, None).unwrap();
    // A new model, with which other clients would be on the list.
    history.begin_run("fullprocess", now).unwrap();
    let change = ListChange {
        enters: vec![client.to_owned()],
        leaves: vec![client.to_owned()],
    };
    let entry = DecisionEntry {
        decision: "challenger_rejected",
        reason: "it is no better",
        inputs: &json!({"cause": "drift"}),
        list_change: Some(&change),
    };
    history.record_decision(&entry, now).unwrap();
    history.finish_run(0.5, 0, None).unwrap();
}

/// Keeps a backup of it without what is only looked at, the data that a backup leaves out, and what the
/// programs say now.
fn keep(project: &Project) {
    let version = version_of(&project.path("ingesteddata/history.sqlite"));
    let folder = kept_folder(version);
    assert!(!folder.exists(), "{} is kept already", folder.display());
    let backup = project.path("backup").display().to_string();
    let output = program(project, "fullprocess", THIRD, &["--backup", &backup]);
    assert_ends(&{ output }.output().unwrap(), 0, &[]);
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    copy(Path::new(&backup), &folder);
    for name in LOOKED_AT {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    for name in ["sourcedata", "testdata"] {
        copy(&project.path(name), &folder.join(name));
    }
    let client = super::listed(project).remove(0);
    let mut recorded = json!({"client": client});
    for (name, arguments) in RECORDED {
        recorded[name] = asked(project, &client, arguments);
    }
    let tables = History::open_to_read(&project.path("ingesteddata/history.sqlite"));
    let tables = tables.unwrap().unwrap();
    for table in tables.tables().unwrap() {
        let rows = tables.export(&table).unwrap().unwrap().rows.len();
        assert!(rows > 0, "{table} has no row");
    }
    let text = format!("{recorded:#}\n");
    std::fs::write(folder.join("recorded.json"), text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}
