//! Each cause is told once, and again only when it should be.

use super::{NOW, ends, is_silent, project, put_bad_file, run_at, texts};
use crate::said;
use serde_json::json;
use testkit::{Receiver, sample::Scenario};

#[test]
fn the_same_bad_file_is_told_once_and_another_content_after_it_was_mended_at_once() {
    let project = project(json!({}));
    let receiver = Receiver::answering("200 OK");
    put_bad_file(&project, "corporation,exited\n");
    ends(&project, NOW, &receiver.url, 65);
    let told = texts(&receiver);
    assert_eq!(told.len(), 1, "{told:?}");
    for part in [
        "Data was refused: broken.csv",
        "config.json",
        "run 1",
        "What to do",
    ] {
        assert!(told[0].contains(part), "{told:?}");
    }
    for later in [
        "2026-07-01T06:10:00Z",
        "2026-07-01T06:20:00Z",
        "2026-07-02T07:00:00Z",
    ] {
        is_silent(&project, later, &receiver.url);
    }
    put_bad_file(&project, "corporation\nacme\n");
    ends(&project, "2026-07-02T07:10:00Z", &receiver.url, 65);
    assert_eq!(texts(&receiver).len(), 2, "the cool-down is over");
    put_bad_file(&project, "corporation\nbolt\n");
    ends(&project, "2026-07-02T07:20:00Z", &receiver.url, 65);
    assert_eq!(texts(&receiver).len(), 2, "within the cool-down");
    std::fs::remove_file(project.path("sourcedata/broken.csv")).unwrap();
    ends(&project, "2026-07-02T07:30:00Z", &receiver.url, 0);
    put_bad_file(&project, "corporation\ncoil\n");
    ends(&project, "2026-07-02T07:40:00Z", &receiver.url, 65);
    assert_eq!(texts(&receiver).len(), 3, "it had ended");
}

#[test]
fn a_feed_that_stopped_and_an_old_model_are_noticed_before_the_silent_end() {
    let project = project(json!({ "max_data_age_days": 3, "max_model_age_days": 4 }));
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 0);
    is_silent(&project, "2026-07-04T06:00:00Z", &receiver.url);
    let stale = ends(&project, "2026-07-04T06:10:00Z", &receiver.url, 0);
    assert!(stale.stdout.is_empty(), "{}", said(&stale));
    assert!(
        said(&stale).contains("max_data_age_days is 3"),
        "{}",
        said(&stale)
    );
    assert_eq!(texts(&receiver).len(), 1);
    assert!(texts(&receiver)[0].contains("No new data"));
    is_silent(&project, "2026-07-04T06:20:00Z", &receiver.url);
    let both = ends(&project, "2026-07-05T06:10:00Z", &receiver.url, 0);
    assert!(
        said(&both).contains("max_model_age_days is 4"),
        "{}",
        said(&both)
    );
    assert_eq!(
        texts(&receiver).len(),
        3,
        "the cool-down of the first is over"
    );
    let status = run_at(&project, "2026-07-05T06:20:00Z", "", &["--status"]);
    assert_eq!(status.status.code(), Some(1), "{}", said(&status));
    assert!(
        said(&status).contains("max_data_age_days"),
        "{}",
        said(&status)
    );
    project.deliver("2026-07", Scenario::Labels);
    ends(&project, "2026-07-05T06:30:00Z", &receiver.url, 0);
    assert_eq!(texts(&receiver).len(), 3);
    is_silent(&project, "2026-07-05T06:40:00Z", &receiver.url);
}

#[test]
fn a_failed_publishing_step_is_told_once_and_pending_until_it_is_done() {
    let project = project(json!({}));
    let receiver = Receiver::answering("200 OK");
    std::fs::create_dir_all(project.path("models/report.html/in the way")).unwrap();
    for now in [NOW, "2026-07-01T06:10:00Z", "2026-07-01T06:20:00Z"] {
        ends(&project, now, &receiver.url, 1);
    }
    assert_eq!(texts(&receiver).len(), 1);
    assert!(
        texts(&receiver)[0].contains("A run failed"),
        "{:?}",
        texts(&receiver)
    );
    let status = run_at(&project, "2026-07-01T06:25:00Z", "", &["--status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(
        said(&status).contains("reporting (failed)"),
        "{}",
        said(&status)
    );
    std::fs::remove_dir_all(project.path("models/report.html")).unwrap();
    ends(&project, "2026-07-01T06:30:00Z", &receiver.url, 0);
    let status = run_at(&project, "2026-07-01T06:35:00Z", "", &["--status"]);
    assert_eq!(status.status.code(), Some(0), "{}", said(&status));
    std::fs::remove_file(project.path("models/report.html")).unwrap();
    std::fs::create_dir_all(project.path("models/report.html/in the way")).unwrap();
    ends(&project, "2026-07-01T06:40:00Z", &receiver.url, 1);
    assert_eq!(texts(&receiver).len(), 2, "it had ended");
}

#[test]
fn decisions_to_retrain_and_refusals_of_a_new_model_are_told() {
    let project = project(json!({}));
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 0);
    let mut expected = Vec::new();
    for (month, now) in [
        ("2026-07", "2026-08-01T06:00:00Z"),
        ("2026-08", "2026-09-01T06:00:00Z"),
        ("2026-09", "2026-10-01T06:00:00Z"),
    ] {
        project.deliver(month, Scenario::ConceptDrift);
        let output = run_at(&project, now, &receiver.url, &["--json"]);
        let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        expected.extend(match outcome["decision"].as_str().unwrap() {
            "challenger_deployed" => Some("The model was retrained"),
            "challenger_rejected" => Some("A new model was refused"),
            "degraded" => Some("The model is degraded"),
            _ => None,
        });
    }
    assert!(!expected.is_empty());
    let mut told = texts(&receiver);
    told.retain(|text| !text.starts_with("Drift alarm"));
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn drift_of_the_data_is_told_once_for_the_same_columns_and_shown_in_the_status() {
    let project = project(json!({}));
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 0);
    let status = run_at(&project, NOW, "", &["--status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(status["alarms"].is_null(), "{status}");
    project.deliver("2026-07", Scenario::UnitError);
    ends(&project, "2026-08-01T06:00:00Z", &receiver.url, 0);
    let told = texts(&receiver);
    let alarms: Vec<&String> = told
        .iter()
        .filter(|text| text.starts_with("Drift alarm"))
        .collect();
    assert_eq!(alarms.len(), 1, "{told:?}");
    assert!(alarms[0].contains("annual_contract_value"), "{alarms:?}");
    is_silent(&project, "2026-08-01T06:10:00Z", &receiver.url);
    is_silent(&project, "2026-08-03T06:10:00Z", &receiver.url);
    assert_eq!(texts(&receiver).len(), told.len());
    let status = run_at(&project, "2026-08-03T06:20:00Z", "", &["--status"]);
    assert_eq!(status.status.code(), Some(0), "{}", said(&status));
    let line = said(&status);
    let line = line.lines().find(|line| line.starts_with("alarms"));
    assert!(line.unwrap().contains("annual_contract_value"), "{line:?}");
}
