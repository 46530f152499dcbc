//! GET /contacts and /clients/{id}: the published list and one client, from the history.

use crate::support::{Api, project};
use chrono::{DateTime, NaiveDate};
use risk_core::history::{
    ContactRecord, History, ListEntryRecord, ListRecord, Prediction, PublishedBook,
};
use serde_json::json;
use testkit::Project;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
}

fn history(project: &Project) -> History {
    std::fs::create_dir_all(project.path("ingesteddata")).unwrap();
    let history = History::open(&project.path("ingesteddata/history.sqlite")).unwrap();
    history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
    history
}

fn publish(history: &History, from: u32, risk: f64) {
    let reasons = ["activity is low".to_owned()];
    let list_id = format!("list {from}");
    let prediction = |client, rank| Prediction {
        client,
        observed_at: Some(day(1)),
        rank,
        risk,
        score: -1.0,
        contract_value: None,
        reasons: &reasons,
        file: None,
        line: None,
        cells: None,
    };
    let book = PublishedBook {
        published_at: day(from).and_time(chrono::NaiveTime::MIN).and_utc(),
        model_folder: "models",
        list_id: &list_id,
        release: "1",
        model_id: "m",
        threshold: 0.5,
        input_folder: "../sourcedata",
        files: &[],
    };
    let predictions = [
        prediction("a/b & c", 1),
        prediction("bolt", 2),
        prediction("soon", 3),
    ];
    history.record_predictions(&book, &predictions).unwrap();
    let entry = |client: &str, part: &str, entry: serde_json::Value| ListEntryRecord {
        client: client.into(),
        part: part.into(),
        trial: None,
        observed_at: None,
        risk: Some(risk),
        entry: entry.to_string(),
    };
    let list = ListRecord {
        published_at: book.published_at,
        model_folder: "models".into(),
        list_id: list_id.clone(),
        release: "1".into(),
        model_id: "m".into(),
        valid_from: day(from),
        valid_to: day(from + 7),
        settings: "s".into(),
        head: json!({"n_book": 2}).to_string(),
        entries: vec![
            entry("a/b & c", "listed", json!({"rank": 1, "group": "contact"})),
            entry("bolt", "listed", json!({"rank": 2, "group": "holdout"})),
            entry(
                "gone",
                "dropped",
                json!({"previous_rank": 3, "why": "left"}),
            ),
        ],
    };
    history.record_contact_list(&list).unwrap();
    let why = json!({"rank": 1, "group": "contact", "why": "its own data changed"});
    let urgent = [entry("soon", "urgent", why)];
    history.replace_urgent("models", &list_id, &urgent).unwrap();
}

fn published() -> Project {
    let project = project();
    let history = history(&project);
    publish(&history, 1, 0.25);
    publish(&history, 8, 0.5);
    let call = ContactRecord {
        client: "a/b & c".into(),
        contacted_at: day(2),
        outcome: "stays".into(),
        note: Some("fine".into()),
    };
    history.record_contacts("../sourcedata", &[call]).unwrap();
    project
}

#[test]
fn the_newest_list_is_served_by_its_parts() {
    let project = published();
    let answer = Api::start(&project).get("/contacts").json();
    assert_eq!(answer["list_id"], "list 8");
    assert_eq!(
        (&answer["valid_from"], &answer["valid_to"]),
        (&json!("2026-07-08"), &json!("2026-07-15"))
    );
    assert_eq!(answer["head"]["n_book"], 2);
    assert_eq!(
        answer["contacts"],
        json!([{"corporation": "a/b & c", "rank": 1, "group": "contact"}])
    );
    assert_eq!(
        answer["urgent"],
        json!([{
            "corporation": "soon", "rank": 1, "group": "contact", "why": "its own data changed",
        }])
    );
    assert_eq!(answer["held_out"][0]["corporation"], "bolt");
    assert_eq!(answer["dropped"][0]["corporation"], "gone");
}

#[test]
fn a_client_has_its_risk_its_history_and_its_calls() {
    let project = published();
    let api = Api::start(&project);
    let answer = api.get("/clients/a%2Fb%20%26%20c").json();
    assert_eq!(answer["corporation"], "a/b & c");
    assert_eq!(
        (&answer["risk"], &answer["list_id"]),
        (&json!(0.5), &json!("list 8"))
    );
    assert_eq!(answer["reasons"], json!(["activity is low"]));
    assert_eq!(answer["on_list"]["rank"], 1);
    assert!(answer["urgent"].is_null());
    let soon = api.get("/clients/soon").json();
    assert!(soon["on_list"].is_null());
    assert_eq!(soon["urgent"]["why"], "its own data changed");
    let risks: Vec<f64> = answer["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|then| then["risk"].as_f64().unwrap())
        .collect();
    assert_eq!(risks, [0.5, 0.25]);
    let expected = json!([{"contacted_at": "2026-07-02", "outcome": "stays", "note": "fine"}]);
    assert_eq!(answer["contacts"], expected);
    for path in ["/clients/nobody", "/clients/%ff", "/clients/"] {
        api.get(path).problem(404);
    }
}

#[test]
fn without_a_list_the_answers_say_so() {
    let project = project();
    let api = Api::start(&project);
    let detail = api.get("/contacts").problem(503);
    assert!(detail.contains("run reporting"), "{detail}");
    api.get("/clients/acme").problem(404);
}

#[test]
fn the_answers_change_no_file_and_wait_for_no_writer() {
    let project = published();
    let before = project.files(".");
    let api = Api::start(&project);
    for path in ["/contacts", "/clients/bolt"] {
        api.get(path).json();
    }
    assert_eq!(project.files("."), before);
    let writer = history(&project);
    publish(&writer, 15, 0.75);
    assert_eq!(api.get("/contacts").json()["list_id"], "list 15");
    assert_eq!(api.get("/clients/bolt").json()["risk"], 0.75);
}
