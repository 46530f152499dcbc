//! GET /scoring, /summarystats, /diagnostics and /healthz; and that nothing is ever written.

use crate::support::{Api, model, project};
use serde_json::{Value, json};
use testkit::Project;

fn diagnostics() -> Value {
    json!({
        "format_version": 1,
        "created_at": "2026-07-01T06:00:00Z",
        "summary": [
            {"column": "activity", "mean": 20.0, "median": 20.0, "std": 28.3, "modes": [0.0, 40.0],
             "min": 0.0, "max": 40.0, "missing_percent": 33.3},
            {"column": "industry", "mean": null, "missing_percent": 0.0},
        ],
        "timing_s": {"ingestion": 0.1, "training": 0.2},
        "dependencies": [{"package": "serde", "installed": "1.0.0"}],
        "drift": {"drifted": false},
        "performance": null,
        "more": "is not passed on",
    })
}

fn project_with_diagnostics() -> Project {
    let project = project();
    project.write("ingesteddata/diagnostics.json", diagnostics().to_string());
    project
}

#[test]
fn scoring_is_that_of_the_release() {
    let project = project();
    let answer = Api::start(&project).get("/scoring").json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["model_id", "f1", "metrics"]);
    assert_eq!(answer["model_id"], model().model_id);
    assert_eq!(answer["f1"], 0.5);
    let f1 = &answer["metrics"]["f1"];
    assert_eq!(f1["value"], 0.5);
    assert!(f1["low"].is_number() && f1["high"].is_number());
    assert_eq!(answer["metrics"].as_object().unwrap().len(), 10);
}

#[test]
fn summary_statistics_are_those_of_the_diagnostics() {
    let project = project_with_diagnostics();
    let answer = Api::start(&project).get("/summarystats").json();
    assert_eq!(
        answer,
        json!({"summary": diagnostics()["summary"], "created_at": "2026-07-01T06:00:00Z"})
    );
}

#[test]
fn diagnostics_have_the_missing_percent_of_every_column() {
    let project = project_with_diagnostics();
    let answer = Api::start(&project).get("/diagnostics").json();
    assert_eq!(
        answer,
        json!({
            "timing_s": {"ingestion": 0.1, "training": 0.2},
            "missing_percent": {"activity": 33.3, "industry": 0.0},
            "dependencies": [{"package": "serde", "installed": "1.0.0"}],
            "drift": {"drifted": false},
            "performance": null,
            "created_at": "2026-07-01T06:00:00Z",
        })
    );
}

#[test]
fn without_diagnostics_or_with_broken_ones_the_answer_says_to_run_them() {
    let project = project();
    let api = Api::start(&project);
    for path in ["/summarystats", "/diagnostics"] {
        let detail = api.get(path).problem(503);
        assert!(detail.contains("run diagnostics"), "{detail}");
    }
    for broken in ["{", "[]", r#"{"format_version": 99}"#] {
        project.write("ingesteddata/diagnostics.json", broken);
        let detail = api.get("/diagnostics").problem(503);
        assert!(detail.contains("cannot be read"), "{detail}");
        assert!(!detail.contains('/'), "{detail}");
    }
}

#[test]
fn the_service_is_healthy_also_without_a_release() {
    let project = Project::new();
    let answer = Api::start(&project).get("/healthz");
    assert_eq!(answer.json(), json!({"status": "ok"}));
}

#[test]
fn no_request_changes_a_file() {
    let project = project_with_diagnostics();
    let before = project.files(".");
    let api = Api::start(&project);
    for path in ["/scoring", "/summarystats", "/diagnostics", "/healthz"] {
        api.get(path).json();
    }
    api.dataset("testdata/testdata.csv").json();
    api.dataset("testdata/none.csv").problem(404);
    api.post("text/csv", "nonsense").problem(422);
    assert_eq!(api.stop().0, Some(0));
    assert_eq!(project.files("."), before);
}
