//! Drift of the data with its effect on the list, and age, ask for a new model where that is set; and
//! what the gate, approval, a freeze and the test data make of it.

use crate::{assert_replays, exported, full, run, said, steps};
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";
const NEXT_DAY: &str = "2026-08-02T06:00:00Z";
const DAY_AFTER: &str = "2026-08-03T06:00:00Z";
/// With these a new model passes on the labels of July.
const TOLERANT: [&str; 2] = ["--set", "model.tolerance=0.02"];

#[track_caller]
fn assert_silent(project: &Project, now: &str, settings: &[&str]) {
    let output = run(
        project,
        "fullprocess",
        &[settings, &["--now", now]].concat(),
    );
    assert!(
        output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(),
        "{}",
        said(&output)
    );
}

/// What a dry run says under settings of its own: decision and reason.
fn dry(project: &Project, now: &str, settings: &[&str]) -> (String, String) {
    let outcome = full(project, now, &[settings, &["--dry-run"]].concat(), 0);
    let text = |key: &str| outcome[key].as_str().unwrap().to_owned();
    (text("decision"), text("reason"))
}

#[test]
fn drift_of_the_data_that_changes_the_list_retrains_where_that_is_set() {
    let project = Project::panel();
    let base = [&["--set", "contacts.capacity=40"], &TOLERANT[..]].concat();
    let share = "monitoring.retrain_on_list_impact";
    let set = [
        &base[..],
        &["--set", "monitoring.retrain_on_list_impact=0.25"],
    ]
    .concat();
    full(&project, FIRST, &set, 0);
    project.deliver("2026-07", Scenario::UnitError);

    let (decision, reason) = dry(&project, LATER, &base);
    assert_eq!(decision, "no_drift", "{reason}");
    let more = [
        &base[..],
        &["--set", "monitoring.retrain_on_list_impact=0.5"],
    ]
    .concat();
    assert_eq!(dry(&project, LATER, &more).0, "no_drift");
    let foreseen = dry(&project, LATER, &set);
    assert_eq!(foreseen.0, "challenger_deployed", "{}", foreseen.1);

    let outcome = full(&project, LATER, &set, 0);
    assert_eq!(outcome["decision"], "challenger_deployed", "{outcome}");
    let reason = outcome["reason"].as_str().unwrap();
    assert_eq!(reason, foreseen.1);
    for words in [
        "annual_contract_value",
        " of the 40 clients",
        share,
        "is not worse",
    ] {
        assert!(reason.contains(words), "{reason}");
    }
    let named = exported(&project, "decision_list_changes");
    assert!(!named.is_empty(), "{reason}");
    let report = project.read("models/report.html");
    for row in &named {
        let client = row["client"].as_str().unwrap();
        assert!(!reason.contains(client), "{reason}");
        assert!(report.contains(client), "{client}");
    }
    assert!(report.contains("this model replaced one whose clients had changed."));
    assert_silent(&project, LATER, &set);
    assert_replays(&project, &["bootstrap", "challenger_deployed"]);

    let client = named[0]["client"].as_str().unwrap();
    let erased = full(
        &project,
        LATER,
        &[&set[..], &["--erase", client]].concat(),
        0,
    );
    assert_eq!(erased["removed"]["decision_clients"], 1, "{erased}");
    assert!(!project.read("models/report.html").contains(client));
    let left = exported(&project, "decision_list_changes");
    assert_eq!(left.len(), named.len() - 1);
}

#[test]
fn an_old_model_is_tried_once_and_again_when_more_labels_have_come() {
    let project = Project::panel();
    let set = ["--set", "monitoring.retrain_after_days=32"];
    full(&project, FIRST, &set, 0);
    project.deliver("2026-07", Scenario::Labels);
    let young = full(&project, LATER, &set, 0);
    assert_eq!(young["decision"], "no_drift", "{young}");

    let few = [&set[..], &["--set", "monitoring.min_labelled=1000"]].concat();
    let (decision, reason) = dry(&project, NEXT_DAY, &few);
    assert_eq!(decision, "too_few_to_decide");
    assert!(reason.contains("Only 283 labelled samples"), "{reason}");
    let foreseen = dry(&project, NEXT_DAY, &set);
    let old = full(&project, NEXT_DAY, &set, 0);
    assert_eq!(old["decision"], "too_few_to_decide", "{old}");
    let reason = old["reason"].as_str().unwrap();
    assert_eq!(reason, foreseen.1);
    for words in ["32 days ago", "was tried, but it cannot be told"] {
        assert!(reason.contains(words), "{reason}");
    }
    assert_silent(&project, NEXT_DAY, &set);
    assert_silent(&project, DAY_AFTER, &set);
    assert_eq!(dry(&project, DAY_AFTER, &set).0, "no_new_data");

    // A delivery without a further label is none to try on.
    project.deliver("2026-08", Scenario::NothingNew);
    let unlabelled = full(&project, DAY_AFTER, &set, 0);
    assert_eq!(unlabelled["decision"], "no_new_data", "{unlabelled}");
    project.deliver("2026-08", Scenario::Labels);
    let again = full(&project, "2026-09-01T06:00:00Z", &set, 0);
    let reason = again["reason"].as_str().unwrap();
    assert!(reason.contains("62 days ago"), "{reason}");
    assert!(reason.contains("was tried"), "{reason}");
    assert_replays(&project, &["bootstrap", "no_drift", "too_few_to_decide"]);
}

#[test]
fn a_new_model_that_was_asked_for_waits_for_approval_and_for_the_end_of_a_freeze() {
    let project = Project::panel();
    let age = ["--set", "monitoring.retrain_after_days=31"];
    let set = [&age[..], &TOLERANT].concat();
    let first = full(&project, FIRST, &set, 0);
    project.deliver("2026-07", Scenario::Labels);
    let approve = [&set[..], &["--set", "deployment.mode=approve"]].concat();
    let (decision, reason) = dry(&project, LATER, &approve);
    assert_eq!(decision, "degraded");
    assert!(reason.ends_with("It waits for approval."), "{reason}");

    let freeze = ["--freeze", "2026-12-31", "--now", FIRST];
    assert!(run(&project, "deployment", &freeze).status.success());
    let held = full(&project, LATER, &set, 0);
    assert_eq!(held["decision"], "degraded", "{held}");
    assert_eq!(held["release"], first["release"]);
    assert_silent(&project, LATER, &set);
    assert_silent(&project, NEXT_DAY, &set);
    let status = run(&project, "fullprocess", &["--status", "--now", NEXT_DAY]);
    assert!(
        status.status.success(),
        "nothing is wrong: {}",
        said(&status)
    );
    let report = project.read("models/report.html");
    assert!(!report.contains("The model is degraded"));

    let unfreeze = ["--unfreeze", "--now", NEXT_DAY];
    assert!(run(&project, "deployment", &unfreeze).status.success());
    let ended = full(&project, NEXT_DAY, &set, 0);
    assert_eq!(ended["decision"], "challenger_deployed", "{ended}");
    assert_silent(&project, NEXT_DAY, &set);
    assert_replays(&project, &["bootstrap", "degraded", "challenger_deployed"]);
}

#[test]
fn a_new_model_that_fails_grossly_on_the_test_data_is_not_put_in_force_as_foreseen() {
    let project = Project::panel();
    let age = ["--set", "monitoring.retrain_after_days=31"];
    let set = [&age[..], &TOLERANT].concat();
    let first = full(&project, FIRST, &set, 0);
    project.deliver("2026-07", Scenario::Labels);
    // Somebody has turned the labels of the test data round.
    let test = project.read("testdata/testdata.csv");
    let header: Vec<&str> = test.lines().next().unwrap().split(',').collect();
    let target = header.iter().position(|name| *name == "exited").unwrap();
    let mut turned = vec![header.join(",")];
    for row in test.lines().skip(1) {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[target] = if cells[target] == "1" { "0" } else { "1" };
        turned.push(cells.join(","));
    }
    project.write("testdata/testdata.csv", turned.join("\n") + "\n");

    let foreseen = dry(&project, LATER, &set);
    let outcome = full(&project, LATER, &set, 0);
    for (decision, reason) in [
        (foreseen.0.as_str(), foreseen.1.as_str()),
        (
            outcome["decision"].as_str().unwrap(),
            outcome["reason"].as_str().unwrap(),
        ),
    ] {
        assert_eq!(decision, "challenger_rejected", "{reason}");
        let words = "It is not put in force, for on the 200 test samples";
        assert!(
            reason.contains("is not worse") && reason.contains(words),
            "{reason}"
        );
    }
    assert_eq!(outcome["reason"], foreseen.1);
    assert_eq!(outcome["release"], first["release"]);
    assert_eq!(steps(&outcome)["scoring"], "done");
    assert!(!steps(&outcome).contains_key("deployment"), "{outcome}");
    assert_silent(&project, LATER, &set);
    assert_replays(&project, &["bootstrap", "challenger_rejected"]);
}

#[test]
fn where_nothing_can_be_told_more_labels_decide() {
    let project = Project::panel();
    let raw = [
        "--set",
        "monitoring.drift_test=raw",
        "--set",
        "model.tolerance=0",
    ];
    // So little test data stops no model; all of it would, for it knows nothing of the change.
    let test = project.read("testdata/testdata.csv");
    let few: Vec<&str> = test.lines().take(26).collect();
    project.write("testdata/testdata.csv", few.join("\n") + "\n");
    full(&project, FIRST, &raw, 0);
    project.deliver("2026-07", Scenario::ConceptDrift);
    let undecided = full(&project, LATER, &raw, 0);
    assert_eq!(undecided["decision"], "degraded", "{undecided}");
    let reason = undecided["reason"].as_str().unwrap();
    assert!(reason.contains("it cannot be told yet"), "{reason}");
    assert_silent(&project, LATER, &raw);
    project.deliver("2026-08", Scenario::ConceptDrift);
    let decided = full(&project, "2026-09-01T06:00:00Z", &raw, 0);
    assert_eq!(decided["decision"], "challenger_deployed", "{decided}");
    assert_replays(&project, &["bootstrap", "degraded", "challenger_deployed"]);
}
