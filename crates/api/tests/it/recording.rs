//! POST /prediction?record=true: predictions that are kept, with day and model.

use crate::support::{Api, model, project};
use chrono::DateTime;
use risk_core::erased::ErasedClients;
use risk_core::history::History;
use serde_json::json;
use testkit::Project;

const CSV: &str = "corporation,day,activity,industry\n\
                   acme,2026-06-30,0,Retail\n\
                   blue,2026-06-30,40,\n\
                   cora,no day,1,x\n";

fn dated() -> Project {
    let project = project();
    let mut config: serde_json::Value =
        serde_json::from_slice(&std::fs::read(project.config()).unwrap()).unwrap();
    config["dataset"] = json!({"observed_at": "day"});
    project.write("config.json", config.to_string());
    project
}

fn history(project: &Project) -> History {
    std::fs::create_dir_all(project.path("ingesteddata")).unwrap();
    History::open(&project.path("ingesteddata/history.sqlite")).unwrap()
}

#[test]
fn predictions_are_kept_on_request_while_a_run_holds_the_history() {
    let project = dated();
    let history = history(&project);
    history
        .begin_run("fullprocess", DateTime::UNIX_EPOCH)
        .unwrap();
    let api = Api::start(&project);
    let answer = api.record("text/csv", CSV).json();
    assert_eq!(answer["recorded"], 2, "{answer}");
    assert_eq!(answer["rejected"][0]["index"], 2);
    let clients = json!({"clients": [
        {"corporation": "blue", "day": "2026-07-31", "activity": null, "industry": "Energy"},
    ]});
    let answer = api.record("application/json", clients.to_string()).json();
    assert_eq!(answer["recorded"], 1, "{answer}");
    history
        .begin_run("fullprocess", DateTime::UNIX_EPOCH)
        .unwrap();
    let kept = history.predictions_handed_out("models").unwrap();
    let said: Vec<_> = kept
        .iter()
        .map(|kept| (kept.client.as_str(), kept.observed_at.to_string()))
        .collect();
    let [june, july] = ["2026-06-30", "2026-07-31"].map(str::to_owned);
    assert_eq!(
        said,
        [("acme", june.clone()), ("blue", june), ("blue", july)]
    );
    assert!(kept.iter().all(|kept| kept.model_id == model().model_id));
    let entries = history.export("client_predictions").unwrap().unwrap();
    let cells = entries.rows[1].last().unwrap().to_string();
    assert_eq!(cells, r#"{"activity":40.0,"industry":null}"#);
    // The same without the request keeps nothing and says nothing of it.
    let answer = api.post("text/csv", "corporation,activity,industry\na,1,x\n");
    assert!(answer.json().get("recorded").is_none());
    assert_eq!(history.predictions_handed_out("models").unwrap().len(), 3);
}

#[test]
fn a_row_without_a_date_cannot_be_kept_where_samples_have_dates() {
    let project = dated();
    let _history = history(&project);
    let api = Api::start(&project);
    let detail = api
        .record("text/csv", "corporation,activity,industry\na,1,x\n")
        .problem(422);
    assert!(detail.contains("day"), "{detail}");
}

#[test]
fn an_erased_client_is_answered_and_not_kept() {
    let project = dated();
    let history = history(&project);
    let config = risk_core::config::load(&project.config(), &[]).unwrap();
    ErasedClients::default()
        .add("acme", DateTime::UNIX_EPOCH, &config.layout())
        .unwrap();
    let answer = Api::start(&project).record("text/csv", CSV).json();
    assert_eq!(answer["recorded"], 1);
    assert_eq!(answer["predictions"].as_array().unwrap().len(), 2);
    assert!(!history.names_client("acme").unwrap());
}

#[test]
fn what_cannot_be_kept_is_not_handed_out() {
    let project = dated();
    let api = Api::start(&project);
    let detail = api.record("text/csv", CSV).problem(503);
    assert!(detail.contains("no history of this version"), "{detail}");
    project.write("ingesteddata/history.sqlite", "garbage");
    let detail = api.record("text/csv", CSV).problem(503);
    assert!(detail.contains("cannot be kept"), "{detail}");
}
