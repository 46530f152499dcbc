//! What is on the contact list.

use crate::project::{COMPILED, column, compile, configure, contact_list, deployed, now, run};
use chrono::Days;
use risk_core::error::exit_code;
use serde_json::json;

#[test]
fn the_open_clients_are_listed_by_risk_with_money_and_reasons() {
    let project = deployed();
    let outcome = run(&project, now()).unwrap();
    assert_eq!(outcome.n_clients, 3);
    assert!(!outcome.from_training_rows);
    assert_eq!(
        column(&project, "corporation"),
        ["leaving", "middle", "staying"]
    );
    let first = &contact_list(&project)[0];
    let expected = [
        ("rank", "1"),
        // Log-odds 2.1 - 0.04 * 3 + 1.
        ("risk", "0.951662"),
        ("contract_value", "1200.5"),
        ("value_at_risk", "1142.47"),
        ("expected_value", ""),
        ("reason_1", "lastmonth_activity 3 (typical 73)"),
        ("reason_2", "industry Energy"),
        ("reason_3", ""),
        ("change", ""),
        ("previous_rank", ""),
        ("assigned_to", ""),
        ("group", "contact"),
        ("valid_from", "2026-07-01"),
        ("valid_to", "2026-07-08"),
    ];
    for (name, value) in expected {
        assert_eq!(first[name], value, "{name}");
    }
    assert_eq!(first["list_id"], outcome.list_id);
    assert_eq!(first["model_id"], outcome.model_id);
    assert_eq!(column(&project, "contract_value")[1], "");
    assert_eq!(column(&project, "value_at_risk")[1], "");
}

#[test]
fn a_later_list_says_how_ranks_moved_and_the_same_run_again_changes_nothing() {
    let project = deployed();
    run(&project, now()).unwrap();
    compile(
        &project,
        &COMPILED
            .replace("middle,60", "middle,-90")
            .replace("staying,", "new,"),
    );
    let later = now() + Days::new(7);
    run(&project, later).unwrap();
    assert_eq!(
        column(&project, "corporation"),
        ["middle", "leaving", "new"]
    );
    assert_eq!(column(&project, "change"), ["up", "down", "new"]);
    assert_eq!(column(&project, "previous_rank"), ["2", "1", ""]);
    let first = project.files("models");
    run(&project, later).unwrap();
    assert_eq!(project.files("models"), first);
}

#[test]
fn a_list_that_cannot_be_read_is_no_obstacle() {
    let project = deployed();
    project.write("models/contactlist.csv", b"\xff\xfe not a list");
    run(&project, now()).unwrap();
    assert_eq!(column(&project, "change"), ["", "", ""]);
}

#[test]
fn clients_may_come_from_files_of_their_own() {
    let project = deployed();
    configure(&project, &json!({ "clients_path": "clients" }));
    let header = "corporation,industry,lastmonth_activity,annual_contract_value,extra";
    project.write(
        "clients/a.csv",
        format!("{header}\n=cmd|' /C calc'!A1,Energy,1,10,x\ntwice,Retail,5,20,x\n"),
    );
    project.write(
        "clients/b.csv",
        format!("{header}\ntwice,Retail,150,30,x\nbad,Retail,much,40,x\n"),
    );
    let outcome = run(&project, now()).unwrap();
    assert_eq!((outcome.n_clients, outcome.rejected_rows), (2, 1));
    assert_eq!(
        column(&project, "corporation"),
        ["'=cmd|' /C calc'!A1", "twice"]
    );
    assert_eq!(column(&project, "contract_value"), ["10", "30"]);
    let report = project.read("models/report.html");
    assert!(
        report.contains("1 bad rows in the client files"),
        "{report}"
    );
}

#[test]
fn a_contract_value_that_the_data_does_not_have_is_told() {
    let project = deployed();
    let dataset = json!({ "contract_value": "fee", "observed_at": "observed_at" });
    configure(&project, &json!({ "dataset": dataset }));
    run(&project, now()).unwrap();
    assert_eq!(column(&project, "contract_value"), ["", "", ""]);
    let report = project.read("models/report.html");
    assert!(report.contains("the data has no column fee"));
}

#[test]
fn where_no_client_is_open_those_that_stayed_are_listed_with_a_warning() {
    let project = deployed();
    let known: Vec<&str> = COMPILED.lines().take(3).collect();
    compile(&project, &(known.join("\n") + "\n"));
    let outcome = run(&project, now()).unwrap();
    assert!(outcome.from_training_rows);
    assert_eq!(column(&project, "corporation"), ["staying"]);
    let report = project.read("models/report.html");
    assert!(report.contains("rows the model was trained on"));
    assert!(!report.contains("are expected to leave"));
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    for (gone, word) in [
        ("production_deployment/current", "run deployment"),
        ("testdata/testdata.csv", "no CSV file in folder"),
        ("ingesteddata/schema.json", "run ingestion"),
    ] {
        let project = deployed();
        std::fs::remove_file(project.path(gone)).unwrap();
        let error = run(&project, now()).unwrap_err();
        assert_eq!(exit_code(&error), 66, "{gone}");
        assert!(format!("{error:#}").contains(word), "{error:#}");
        assert!(project.files("models").is_empty());
    }
}
