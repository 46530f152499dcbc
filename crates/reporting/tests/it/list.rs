//! What is on the contact list.

use crate::project::{COMPILED, column, compile, configure, contact_list, deployed, now, run};
use chrono::Days;
use risk_core::error::exit_code;
use risk_core::history::{History, ListEntryRecord};
use serde_json::json;
use testkit::Project;

#[test]
fn the_open_clients_are_listed_by_value_with_money_and_reasons() {
    let project = deployed();
    let outcome = run(&project, now()).unwrap();
    assert_eq!(
        (outcome.n_clients, outcome.n_book, outcome.n_held_out),
        (3, 3, 0)
    );
    assert!(!outcome.from_training_rows);
    // The value of the second is not known: it is placed as if it were 1600.25, the median.
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
        // 0.951662 * 1200.5 * 0.3, the assumed success rate.
        ("expected_value", "342.74"),
        (
            "reason_1",
            "activity last month is 95 % below what is usual among all clients (3 against 60)",
        ),
        ("reason_2", "industry is Energy"),
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
    for name in ["contract_value", "value_at_risk", "expected_value"] {
        assert_eq!(column(&project, name)[1], "");
    }
}

#[test]
fn a_list_stays_as_it_is_until_its_period_ends() {
    let project = deployed();
    let first = run(&project, now()).unwrap();
    let files = project.files("models");
    compile(&project, &COMPILED.replace("middle,60", "middle,-90"));
    let within = run(&project, now() + Days::new(6)).unwrap();
    assert_eq!(within.list_id, first.list_id);
    for name in ["contactlist.csv", "contactlist.xlsx"] {
        assert_eq!(project.files("models")[name], files[name], "{name}");
        std::fs::remove_file(project.path("models").join(name)).unwrap();
    }
    run(&project, now() + Days::new(6)).unwrap();
    let again = project.files("models");
    assert_eq!(again["contactlist.csv"], files["contactlist.csv"]);
    let after = run(&project, now() + Days::new(7)).unwrap();
    assert_ne!(after.list_id, first.list_id);
    assert_eq!(column(&project, "corporation")[0], "middle");
}

#[test]
fn changed_settings_of_the_list_begin_a_new_one() {
    let project = deployed();
    run(&project, now()).unwrap();
    let section = json!({ "capacity": 1 });
    configure(&project, &json!({ "contacts": section }));
    run(&project, now()).unwrap();
    assert_eq!(column(&project, "corporation"), ["leaving"]);
    assert_eq!(column(&project, "change"), [""]);
}

#[test]
fn a_later_list_under_other_settings_names_them_as_the_cause() {
    let project = deployed();
    configure(&project, &json!({ "contacts": { "capacity": 1 } }));
    run(&project, now()).unwrap();
    configure(&project, &json!({ "contacts": { "capacity": 2 } }));
    run(&project, now() + Days::new(7)).unwrap();
    assert_eq!(column(&project, "change"), ["same", "new"]);
    let report = project.read("models/report.html");
    assert!(report.contains("the settings of the list changed (contacts.capacity was 1, is 2)"));
    let contacts = json!({ "capacity": 2, "contact_cost": 200 });
    configure(&project, &json!({ "contacts": contacts }));
    run(&project, now() + Days::new(14)).unwrap();
    let report = project.read("models/report.html");
    assert!(report.contains(
        "calling it would cost more than it is expected to bring; the settings of the list changed \
         (contacts.contact_cost was 0, is 200)"
    ));
    let contacts = json!({ "capacity": 2, "contact_cost": 50_000 });
    configure(&project, &json!({ "contacts": contacts }));
    run(&project, now() + Days::new(21)).unwrap();
    let report = project.read("models/report.html");
    assert!(report.contains(
        "There is no client on the list. Of the 3 clients of the book: 3 not worth the cost of a call \
         (contacts.contact_cost is 50000"
    ));
}

#[test]
fn who_was_set_aside_and_is_listed_now_is_said_to_have_been() {
    let project = deployed();
    let held_out = |percent: f64| json!({ "contacts": { "holdout_percent": percent } });
    // Of three clients at an even draw one is set aside on one of a few days.
    for day in 0..20 {
        configure(&project, &held_out(50.0));
        run(&project, now() + Days::new(7 * day)).unwrap();
        if column(&project, "group").contains(&"holdout".to_owned()) {
            break;
        }
    }
    let aside = contact_list(&project);
    let aside = aside.iter().find(|row| row["group"] == "holdout").unwrap();
    configure(&project, &held_out(0.0));
    // Longer than the horizon after the draw it is called like everybody.
    run(&project, now() + Days::new(7 * 20 + 91)).unwrap();
    let listed = contact_list(&project);
    let now_listed = listed
        .iter()
        .find(|row| row["corporation"] == aside["corporation"])
        .unwrap();
    assert_eq!(
        (now_listed["group"].as_str(), now_listed["change"].as_str()),
        ("contact", "new")
    );
    let report = project.read("models/report.html");
    assert!(report.contains("was set aside until now"), "{report}");
}

#[test]
fn a_later_list_says_how_places_moved_and_the_same_run_again_changes_nothing() {
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
    let report = project.read("models/report.html");
    for text in [
        "its own data changed: risk 37.8 % then, 99.6 % now",
        "others moved ahead of it",
        "was not in the book at the last list",
        "is not in the book any more",
    ] {
        assert!(report.contains(text), "{text}");
    }
    let first = project.files("models");
    run(&project, later).unwrap();
    assert_eq!(project.files("models"), first);
}

#[test]
fn who_becomes_urgent_within_the_period_is_shown_beside_the_list() {
    let project = deployed();
    configure(&project, &json!({ "contacts": { "capacity": 1 } }));
    run(&project, now()).unwrap();
    let published = project.files("models")["contactlist.xlsx"].clone();
    compile(
        &project,
        &COMPILED.replace(
            "middle,60,,2026-06-30,Retail,",
            "middle,-90,,2026-06-30,Retail,9000",
        ),
    );
    let outcome = run(&project, now() + Days::new(1)).unwrap();
    assert_eq!((outcome.n_clients, outcome.n_urgent), (1, 1));
    assert_eq!(column(&project, "corporation"), ["leaving"]);
    let report = project.read("models/report.html");
    assert!(report.contains("Urgent since the list was published"));
    assert!(report.contains("its own data changed since the list was published"));
    let sheets = |project: &Project| project.files("models")["contactlist.xlsx"].clone();
    assert_ne!(sheets(&project), published);
    let kept = |project: &Project| -> Vec<String> {
        let history = History::open(&project.path("ingesteddata/history.sqlite")).unwrap();
        let list = history.contact_list_on("models", now().date_naive() + Days::new(1));
        let entries = list.unwrap().unwrap().entries.into_iter();
        let urgent = entries.filter(|entry| entry.part == ListEntryRecord::URGENT);
        urgent.map(|entry| entry.client).collect()
    };
    assert_eq!(kept(&project), ["middle"]);
    // What is known later takes the place of it.
    compile(&project, COMPILED);
    run(&project, now() + Days::new(2)).unwrap();
    assert!(kept(&project).is_empty());
    assert_eq!(sheets(&project), published);
}

#[test]
fn each_manager_has_a_list_and_a_share_is_set_aside() {
    let project = deployed();
    let contacts = json!({ "capacity": 1, "assign_by": "industry" });
    configure(&project, &json!({ "contacts": contacts }));
    run(&project, now()).unwrap();
    assert_eq!(column(&project, "corporation"), ["leaving", "middle"]);
    assert_eq!(column(&project, "assigned_to"), ["Energy", "Retail"]);
    let contacts = json!({ "holdout_percent": 50, "never_hold_out_above_value": 5000 });
    configure(&project, &json!({ "contacts": contacts }));
    // Three clients and an even draw: over some days both groups appear.
    let mut groups = Vec::new();
    for day in 0..6 {
        let project = deployed();
        configure(&project, &json!({ "contacts": contacts }));
        run(&project, now() + Days::new(day)).unwrap();
        groups.extend(column(&project, "group"));
        let held = column(&project, "group");
        assert!(held.is_sorted(), "{held:?}: those set aside come last");
    }
    for group in ["contact", "holdout"] {
        assert!(groups.iter().any(|found| found == group), "{groups:?}");
    }
    // Of the value of middle nothing is known, so it is never set aside.
    assert_eq!(groups.len(), 18);
}

#[test]
fn costs_and_the_offer_are_taken_off_and_nobody_is_listed_at_a_loss() {
    let project = deployed();
    let contacts = json!({ "contact_cost": 20, "incentive_percent": 10, "success_rate": 0.5 });
    configure(&project, &json!({ "contacts": contacts }));
    run(&project, now()).unwrap();
    // 0.951662 * 0.5 * 1200.5 - 120.05 - 20; the others would cost more than they bring.
    assert_eq!(column(&project, "corporation"), ["leaving", "middle"]);
    assert_eq!(column(&project, "expected_value")[0], "431.19");
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
    assert_eq!((outcome.n_book, outcome.rejected_rows), (2, 1));
    assert_eq!(
        column(&project, "corporation"),
        ["'=cmd|' /C calc'!A1", "twice"]
    );
    assert_eq!(column(&project, "contract_value"), ["10", "30"]);
    let report = project.read("models/report.html");
    assert!(report.contains("1 bad row in the client files"), "{report}");
}

/// Without the date no label could be joined to what was said of them.
#[test]
fn the_date_of_a_row_is_kept_where_the_files_have_it() {
    let project = deployed();
    configure(&project, &json!({ "clients_path": "clients.csv" }));
    let rows = "corporation,observed_at,industry,lastmonth_activity,annual_contract_value\n\
                twice,2026-06-30,Retail,5,20\ntwice,2026-05-31,Retail,150,30\n";
    project.write("clients.csv", rows);
    run(&project, now()).unwrap();
    let history = History::open(&project.path("ingesteddata/history.sqlite")).unwrap();
    let kept = history.predictions_handed_out("models").unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].observed_at.to_string(), "2026-06-30");
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
