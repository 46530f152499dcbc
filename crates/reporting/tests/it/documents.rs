//! The charts and the report.

use crate::model::model;
use crate::project::{COMPILED, compile, deploy, deployed, now, run, test_data};
use serde_json::json;
use testkit::Project;

fn diagnose(project: &Project) {
    let diagnostics = json!({
        "created_at": "2026-07-01T05:59:00Z",
        "model_id": "not shown",
        "summary": [
            { "column": "lastmonth_activity", "mean": 72.6, "median": 60, "std": 70.25,
              "modes": [3, 10, 60, 140, 150], "min": 3, "max": 150, "missing_percent": 0 },
            { "column": "industry", "mean": null, "median": null, "std": null,
              "modes": ["Retail"], "min": null, "max": null, "missing_percent": 12.5 },
        ],
        "timing_s": { "ingestion": 0.25, "training": 1.5 },
        "dependencies": [
            { "package": "serde", "installed": "1.0.1", "latest_compatible": "1.0.9",
              "latest": "2.0.0", "status": "outdated", "reason": null, "change": "updated",
              "checked_at": null },
        ],
        "drift": null,
    });
    project.write("ingesteddata/diagnostics.json", diagnostics.to_string());
}

#[test]
fn the_report_says_what_a_manager_and_what_a_maintainer_needs() {
    let project = deployed();
    diagnose(&project);
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    for text in [
        "The book has <strong>3</strong> clients",
        "are expected to leave within 90 days",
        "release-1",
        &model().model_id,
        "1,200 samples, 300 of which left",
        "<th scope=\"row\">leaving</th>",
        "<div>activity last month is 95 % below what is usual among all clients (3 against 60)</div>",
        "Of these 3 clients about 1 ±",
        "Value at risk × assumed success rate",
        "contacts.holdout_percent at 5",
        "Judged on 300 test samples",
        "Can the risks be taken at their word? Of 30 clients given a risk of about",
        "Area under the ROC curve",
        "Predicted to leave",
        "<td class=\"number\">70.25</td>",
        "3; 10; 60 and 2 more",
        "12.5\u{a0}%",
        "1.500 s",
        "<td>outdated</td>",
        "2026-03.csv",
        "no, newer",
    ] {
        assert!(report.contains(text), "{text}");
    }
    assert!(!report.contains("has changed since"));
    assert!(!report.contains("run <code>diagnostics"));
}

/// Diagnostics of a release that has drifted, and whose first labels disagree.
fn diagnose_drift(project: &Project, release: &str) {
    let feature = json!({
        "alarm": true, "psi": 0.31, "missing_percent_before": 2.0, "missing_percent": 12.0,
        "median_before": 53.0, "median": 41.0,
    });
    let window = json!({
        "model_id": "0123456789abcdef", "from": "2026-01-01", "until": "2026-04-01",
        "expected_positive": 398.4,
        "evaluation": {
            "n_samples": 2000, "n_positive": 405,
            "metrics": { "precision": { "value": 0.41, "low": 0.35, "high": 0.47 } },
        },
    });
    let diagnostics = json!({
        "created_at": "2026-07-01T05:59:00Z",
        "release": release,
        "drift": {
            "alarm": true, "reason": null, "new_samples": 9655, "false_alarms_a_year": 0.104,
            "features": { "lastmonth_activity": feature, "industry": { "alarm": false } },
            "list_impact": { "k": 200, "overlap": 169, "enters": ["Enters by drift"], "leaves": ["Leaves by drift"] },
        },
        "performance": {
            "estimated": {
                "metrics": {
                    "precision": { "estimate": 0.4, "low": 0.3, "high": 0.5 },
                    "recall": { "estimate": 0.3, "low": 0.2, "high": 0.4 },
                },
                "note": "an estimate that cannot see everything",
                "withdrawn": null,
                "check": { "n_labelled": 50, "n_positive": 12, "expected_share": 0.2 },
            },
            "realized": { "windows": [window], "n_waiting": 1234 },
        },
    });
    project.write("ingesteddata/diagnostics.json", diagnostics.to_string());
}

fn decide(project: &Project, decision: &str, reason: &str) {
    let config = risk_core::config::load(&project.config(), &[]).unwrap();
    let run = risk_core::Run::writer(config, now(), "fullprocess").unwrap();
    let history = run.history().unwrap();
    let entry = risk_core::history::DecisionEntry {
        decision,
        reason,
        inputs: &serde_json::Value::Null,
        list_change: Some(&risk_core::history::ListChange {
            enters: vec!["Enters by model".into()],
            leaves: vec!["Leaves by model".into()],
        }),
    };
    history.record_decision(&entry, now()).unwrap();
}

#[test]
fn a_book_whose_days_have_passed_is_not_stated_as_a_forecast() {
    let project = deployed();
    run(&project, "2027-03-01T06:00:00Z".parse().unwrap()).unwrap();
    let report = project.read("models/report.html");
    let (first, _) = report.split_once("In short").unwrap();
    assert!(first.contains(
        "The risks are out of date: the newest data of the clients is of 30 June 2026, and the 90 days \
         that the risks are about ended on 28 September 2026."
    ));
    for text in [
        "The model predicted that <strong>",
        "would leave within 90 days of 30 June 2026, which ended on 28 September 2026: those",
        "were expected to leave within 90 days of 30 June 2026, which ended on 28 September 2026, if \
         nobody calls",
    ] {
        assert!(report.contains(text), "{text}");
    }
    assert!(!report.contains("are expected to leave"));
}

#[test]
fn a_manager_reads_whether_the_model_still_holds() {
    let project = deployed();
    diagnose_drift(&project, "release-1");
    run(&project, now()).unwrap();
    let report = project.read("models/report.html").replace('\u{a0}', " ");
    for text in [
        "Know this first",
        "has changed since the model was trained: activity last month.",
        "<td>strongly</td><td>half of them are below 41; before it was 53 (23 % lower); \
         empty in 12.0 % of the rows, before in 2.0 %</td>",
        "of the 200 clients with the highest risks 31 would be others",
        "<td>Enters by drift</td><td>Leaves by drift</td>",
        "50 samples whose outcome has become known",
        "12 left, where the model expected 10",
        "40.0 % (30.0 % to 50.0 %) are expected to do so",
        "This is an estimate that cannot see everything.",
        "<td class=\"number\">405</td><td class=\"number\">398</td>",
        "The outcome of 1,234 predictions",
        "with a look every week at 2 columns",
        "once in 100 releases",
        "The newest data is of 30 June 2026, 1 day before this report.",
    ] {
        assert!(report.contains(text), "{text}");
    }
    assert!(!report.contains("degraded"));
}

#[test]
fn a_degraded_model_and_the_reason_for_keeping_it_are_said_first() {
    let project = deployed();
    decide(&project, "degraded", "The labels disagree.");
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    let attention = report.find("The model is degraded").unwrap();
    assert!(attention < report.find("Whom to call").unwrap());
    assert!(report.contains("could not be replaced yet.</strong> The labels disagree."));
    assert!(report.contains("If the new model that was tried were in force"));
    assert!(report.contains("<td>Enters by model</td><td>Leaves by model</td>"));
    decide(&project, "no_drift", "The labels agree.");
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    assert!(!report.contains("Know this first") && report.contains("The labels agree."));
}

#[test]
fn diagnostics_of_another_release_say_nothing_about_this_one() {
    let project = deployed();
    diagnose_drift(&project, "release-0");
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    assert!(!report.contains("Know this first"));
    assert!(report.contains("is not known for this release yet"));
}

#[test]
fn the_report_needs_no_script_and_no_network() {
    let project = deployed();
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    for word in ["<script", "<link", "http:", "https:", "src=\"/", "@import"] {
        assert!(!report.contains(word), "{word}");
    }
    assert_eq!(
        report
            .matches("src=\"data:image/png;base64,iVBORw0KGgo")
            .count(),
        3
    );
}

#[test]
fn names_that_are_markup_are_shown_as_text() {
    let project = deployed();
    compile(
        &project,
        &COMPILED.replace("leaving,", "<script>alert(1)</script>,"),
    );
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    assert!(!report.contains("<script"));
    assert!(report.contains("&#60;script&#62;alert(1)"));
}

#[test]
fn without_readable_diagnostics_the_report_says_what_to_run() {
    let project = deployed();
    for content in [None, Some("{\"summary\": 7}"), Some("not JSON")] {
        if let Some(content) = content {
            project.write("ingesteddata/diagnostics.json", content);
        }
        run(&project, now()).unwrap();
        let report = project.read("models/report.html");
        assert!(
            report.contains("Run <code>diagnostics</code>"),
            "{content:?}"
        );
    }
}

#[test]
fn test_data_that_has_changed_since_the_release_is_judged_anew() {
    let project = deployed();
    project.write("testdata/testdata.csv", test_data(200));
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    assert!(report.contains("the test data has changed since the release was scored"));
    assert!(report.contains("Judged on 200 test samples"));
}

#[test]
fn test_data_of_one_class_has_no_curve_and_still_a_report() {
    let project = deployed();
    let header = "corporation,lastmonth_activity,exited,industry";
    project.write(
        "testdata/testdata.csv",
        format!("{header}\na,5,0,Retail\nb,80,0,Energy\n"),
    );
    deploy(&project, &model());
    run(&project, now()).unwrap();
    let report = project.read("models/report.html");
    assert!(report.contains("Not defined here: no client exited"));
    assert!(report.contains("decide nothing"));
}

#[test]
fn the_pictures_are_png_files_of_a_readable_size() {
    let project = deployed();
    run(&project, now()).unwrap();
    let files = project.files("models");
    for (name, height) in [
        ("confusionmatrix.png", 800_u32),
        ("roccurve.png", 1000),
        ("reliability.png", 1000),
    ] {
        let bytes = &files[name];
        assert_eq!(&bytes[1..4], b"PNG");
        assert_eq!(bytes[16..20], 1000_u32.to_be_bytes());
        assert_eq!(bytes[20..24], height.to_be_bytes());
    }
}
