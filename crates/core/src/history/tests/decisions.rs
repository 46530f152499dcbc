//! Decisions about the model: their inputs, and the clients that come to the list and leave it.

use super::*;

/// Records a decision with a new model by which some clients would come to the list, and leave it.
pub(super) fn decide(history: &History, day: i64, clients: &[&str]) -> DateTime<chrono::Utc> {
    let names: Vec<String> = clients.iter().map(|client| (*client).to_owned()).collect();
    let change = ListChange {
        enters: names.clone(),
        leaves: names,
    };
    let entry = DecisionEntry {
        decision: "challenger_deployed",
        reason: "why",
        inputs: &serde_json::json!({ "cause": "age", "tolerance": 0.1 }),
        list_change: Some(&change),
    };
    let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day);
    history.record_decision(&entry, now).unwrap();
    now
}

#[test]
fn a_decision_is_kept_with_its_inputs_and_whom_it_concerns_in_their_order() {
    let (_folder, history) = history();
    assert_eq!(history.last_decision("p").unwrap(), None);
    decide(&history, 0, &["Cora", "Acme"]);
    let few = DecisionEntry {
        decision: "too_few_to_decide",
        reason: "why",
        inputs: &serde_json::Value::Null,
        list_change: None,
    };
    history.record_decision(&few, DateTime::UNIX_EPOCH).unwrap();
    let last = history.last_decision("p").unwrap().unwrap();
    assert_eq!(last.cause.as_deref(), Some("age"));
    let change = history.list_change(last.number).unwrap();
    assert_eq!(change.enters, ["Cora", "Acme"]);
    assert_eq!(change.leaves, ["Cora", "Acme"]);
    let export = history.export("decisions").unwrap().unwrap();
    let inputs: Vec<String> = export.rows.iter().map(|row| row[5].to_string()).collect();
    assert_eq!(inputs, [r#"{"cause":"age","tolerance":0.1}"#, "null"]);
    let none = history.list_change(last.number + 1).unwrap();
    assert_eq!(none, ListChange::default());
}

#[test]
fn the_clients_of_a_decision_are_pruned_with_it_and_the_last_decision_stays() {
    let (_folder, history) = history();
    decide(&history, 0, &["Bolt"]);
    let last = decide(&history, 1, &["Acme"]);
    let before = last + chrono::TimeDelta::days(1);
    let removed = history.prune(before, &Kept::default(), before).unwrap();
    assert_eq!((removed["decisions"], removed["decision_clients"]), (1, 2));
    assert!(!history.names_client("Bolt").unwrap());
    assert!(history.names_client("Acme").unwrap());
    let last = history.last_decision("p").unwrap().unwrap();
    assert_eq!(history.list_change(last.number).unwrap().enters, ["Acme"]);
}
