//! Performance before labels and with them, and figures over time.

use crate::project::{deployed, deployed_panel, diagnostics, writer};
use crate::why::publish;
use risk_core::model::Model;
use serde_json::Value;
use testkit::Project;

fn figures(project: &Project) -> Value {
    let output = diagnostics(project).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn the_book_has_an_estimate_that_says_what_it_cannot_see() {
    let performance = figures(&deployed_panel())["performance"].clone();
    let estimated = &performance["estimated"];
    assert!(
        estimated["n_clients"].as_u64().unwrap() > 50,
        "{performance}"
    );
    let auc = &estimated["metrics"]["roc_auc"];
    let value = auc["estimate"].as_f64().unwrap();
    assert!((0.6..0.95).contains(&value), "{performance}");
    assert!(auc["low"].as_f64().unwrap() < value && value < auc["high"].as_f64().unwrap());
    assert!(estimated["note"].as_str().unwrap().contains("cannot see"));
    assert_eq!(estimated["withdrawn"], Value::Null);
    for metric in ["f1", "accuracy", "precision", "recall"] {
        assert!(estimated["metrics"][metric]["low"].is_f64(), "{metric}");
    }
    let leavers = &estimated["expected_leavers"];
    let number = |key: &str| leavers[key].as_f64().unwrap();
    assert!(number("k") > 0.0 && number("expected") < number("k"));
    assert!(number("low") < number("expected") && number("expected") < number("high"));
}

#[test]
fn test_data_from_before_a_change_does_not_bend_the_estimate() {
    let project = deployed_panel();
    let estimated = || figures(&project)["performance"]["estimated"].clone();
    let before = estimated();
    // Now every other one has left, whatever its risk.
    let test = project.read("testdata/testdata.csv");
    let (header, rows) = test.split_once('\n').unwrap();
    let exited = header.split(',').position(|name| name == "exited").unwrap();
    let changed = rows.lines().zip(["0", "1"].into_iter().cycle());
    let changed = changed.map(|(row, left)| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[exited] = left;
        cells.join(",") + "\n"
    });
    let changed: String = changed.collect();
    project.write("testdata/testdata.csv", format!("{header}\n{changed}"));
    let after = estimated();
    assert_ne!(
        after["metrics"]["roc_auc"]["low"],
        before["metrics"]["roc_auc"]["low"]
    );
    for metric in ["roc_auc", "f1", "accuracy"] {
        let estimate = |of: &Value| of["metrics"][metric]["estimate"].clone();
        assert_eq!(estimate(&after), estimate(&before), "{metric}");
    }
    assert_eq!(after["expected_leavers"], before["expected_leavers"]);
}

#[test]
fn data_without_dates_says_why_there_is_nothing() {
    let performance = figures(&deployed())["performance"].clone();
    assert_eq!(performance["estimated"], Value::Null);
    assert_eq!(performance["realized"], Value::Null);
    let reasons = performance["reasons"].to_string();
    assert!(
        reasons.contains("no client is open") && reasons.contains("observed_at"),
        "{reasons}"
    );
}

#[test]
fn labels_join_to_what_was_published_before_them_and_are_kept_as_trends() {
    let project = deployed_panel();
    let model = Model::read(&project.path("production_deployment/trainedmodel.json")).unwrap();
    let run = writer(&project, &[]);
    let published = publish(&run, &model, "2026-02-10", "2026-01-31");
    publish(&run, &model, "2026-02-17", "2026-01-31");
    publish(&run, &model, "2026-06-10", "2026-04-30");
    drop(run);
    let performance = figures(&project)["performance"].clone();
    let windows = performance["realized"]["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 1, "{performance}");
    assert_eq!(windows[0]["model_id"], model.model_id);
    assert_eq!(windows[0]["from"], "2026-02-10");
    assert_eq!(windows[0]["evaluation"]["n_samples"], published);
    let left = project
        .read("ingesteddata/finaldata.csv")
        .lines()
        .filter(|row| row.contains(",1,2026-01-31"))
        .count();
    assert_eq!(windows[0]["evaluation"]["n_positive"], left);
    assert!(performance["realized"]["n_waiting"].as_u64().unwrap() > 50);

    let before = project.files("ingesteddata");
    let output = diagnostics(&project)
        .args(["--since", "2026-01-01", "--json"])
        .assert()
        .success();
    let trends: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let named = |name: &str| {
        let figures = trends["figures"].as_array().unwrap().iter();
        let mut found = figures.filter(|figure| figure["figure"] == name);
        found
            .next()
            .cloned()
            .unwrap_or_else(|| panic!("no {name} in {trends}"))
    };
    assert_eq!(named("realized.roc_auc")["values"][0]["at"], "2026-02-10");
    assert!(named("estimated.roc_auc")["values"][0]["low"].is_number());
    assert!(trends["note"].as_str().unwrap().contains("cannot see"));
    assert!(named("missing_percent.industry")["values"][0]["value"].is_number());
    for name in [
        "rows",
        "timing_s.training",
        "test_data.f1",
        "estimated.recall",
        "realized.precision",
    ] {
        named(name);
    }
    assert_eq!(project.files("ingesteddata"), before, "it only reads");
    let output = diagnostics(&project)
        .args(["--since", "2030-01-01"])
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(
        text.contains("nothing was recorded since 2030-01-01"),
        "{text}"
    );
}
