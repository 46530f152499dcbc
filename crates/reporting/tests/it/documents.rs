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
