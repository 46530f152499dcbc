//! Months of a panel that arrive one after another.

use crate::{full, run, said, steps};
use risk_core::history::History;
use serde_json::Value;
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";

#[test]
fn the_first_run_deploys_and_publishes_and_the_second_is_silent() {
    let project = Project::panel();
    let first = full(&project, FIRST, &[], 0);
    assert_eq!(first["decision"], "bootstrap", "{first}");
    for step in [
        "ingestion",
        "training",
        "scoring",
        "deployment",
        "diagnostics",
        "reporting",
    ] {
        assert_eq!(steps(&first)[step], "done", "{step}");
    }
    let before = project.files("production_deployment");
    let second = run(&project, "fullprocess", &["--now", FIRST]);
    assert!(
        second.status.success() && second.stdout.is_empty() && second.stderr.is_empty(),
        "{}",
        said(&second)
    );
    assert_eq!(project.files("production_deployment"), before);
}

#[test]
fn only_matured_labels_are_trained_on_and_the_rest_is_the_book() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let trained = project.read_json("models/trainedmodel.json");
    let rows = project.read("ingesteddata/finaldata.csv");
    let labelled = rows
        .lines()
        .skip(1)
        .filter(|row| !row.split(',').nth(4).unwrap().is_empty());
    assert_eq!(trained["data"]["n_samples"], labelled.count());
    let listed = project.read("models/contactlist.csv").lines().count() - 1;
    assert!(listed > 50, "{listed} clients on the list");
}

#[test]
fn labels_that_arrive_are_judged_once() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    let judged = full(&project, LATER, &[], 0);
    assert_ne!(judged["decision"], "no_new_data", "{judged}");
    assert!(
        judged["reason"]
            .as_str()
            .unwrap()
            .contains("newly labelled samples"),
        "{judged}"
    );
    let again = run(&project, "fullprocess", &["--now", LATER]);
    assert!(
        again.status.success() && again.stdout.is_empty(),
        "{}",
        said(&again)
    );
}

#[test]
fn a_delivery_with_nothing_new_changes_no_decision() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let data = project.read("ingesteddata/finaldata.csv");
    project.deliver("2026-07", Scenario::NothingNew);
    let outcome = full(&project, FIRST, &[], 0);
    assert_eq!(outcome["decision"], "no_new_data", "{outcome}");
    assert_eq!(project.read("ingesteddata/finaldata.csv"), data);
}

#[test]
fn a_change_of_behaviour_is_found_and_a_better_model_takes_its_place() {
    let project = Project::panel();
    let first = full(&project, FIRST, &[], 0);
    let mut decisions = Vec::new();
    for (month, now) in [
        ("2026-07", "2026-08-01T06:00:00Z"),
        ("2026-08", "2026-09-01T06:00:00Z"),
        ("2026-09", "2026-10-01T06:00:00Z"),
    ] {
        project.deliver(month, Scenario::ConceptDrift);
        decisions.push(full(&project, now, &[], 0));
    }
    let deployed = decisions
        .iter()
        .find(|outcome| outcome["decision"] == "challenger_deployed");
    let deployed = deployed.unwrap_or_else(|| panic!("no challenger deployed: {decisions:#?}"));
    assert_ne!(deployed["release"], first["release"]);
    let reason = deployed["reason"].as_str().unwrap();
    assert!(reason.contains("(the best of "), "{reason}");
    assert!(
        reason.contains("clients with the highest risk would be others."),
        "{reason}"
    );
    let releases = project.path("production_deployment/releases");
    assert!(std::fs::read_dir(releases).unwrap().count() >= 2);
}

#[test]
fn evidence_adds_up_over_the_months_and_a_shift_of_the_mix_is_no_drift() {
    let project = Project::panel();
    let first = full(&project, FIRST, &[], 0);
    for (month, scenario, now) in [
        ("2026-07", Scenario::Labels, "2026-08-01T06:00:00Z"),
        ("2026-08", Scenario::MixShift, "2026-09-01T06:00:00Z"),
    ] {
        project.deliver(month, scenario);
        let outcome = full(&project, now, &[], 0);
        assert_eq!(outcome["decision"], "no_drift", "{outcome}");
        assert_eq!(outcome["release"], first["release"]);
    }
    let history = History::open_to_read(&project.path("ingesteddata/history.sqlite"))
        .unwrap()
        .unwrap();
    let release = first["release"].as_str().unwrap();
    let evidence = history.evidence(release).unwrap().unwrap();
    assert_eq!(evidence.looks.len(), 2);
    let state: Value = serde_json::from_str(&evidence.state).unwrap();
    let model_id = &project.read_json("production_deployment/trainedmodel.json")["model_id"];
    let judged = history.judged_samples(model_id.as_str().unwrap()).unwrap();
    assert_eq!(state["n_samples"], judged.len());
    // Three overlapping label windows of a client count about once.
    let weight = state["weight"].as_f64().unwrap();
    assert!(weight < 0.6 * judged.len() as f64, "{weight}");
}

#[test]
fn a_day_on_which_no_label_ripens_is_silent() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let next_day = run(&project, "fullprocess", &["--now", "2026-07-02T06:00:00Z"]);
    assert!(next_day.status.success(), "{}", said(&next_day));
    assert!(
        next_day.stdout.is_empty() && next_day.stderr.is_empty(),
        "{}",
        said(&next_day)
    );
}

#[test]
fn new_test_data_makes_the_report_anew() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let rows = project.read("testdata/testdata.csv");
    project.write(
        "testdata/testdata.csv",
        rows.lines().take(101).collect::<Vec<_>>().join("\n") + "\n",
    );
    let outcome = full(&project, FIRST, &[], 0);
    assert_eq!(outcome["decision"], "no_new_data", "{outcome}");
    assert_eq!(steps(&outcome)["reporting"], "done");
}

#[test]
fn labels_withdraw_the_estimate_under_the_raw_rule_too_and_the_report_says_so_above_the_list() {
    let project = Project::panel();
    let settings = [
        "--set",
        "monitoring.drift_test=raw",
        // The model stays, whatever the raw rule says of it.
        "--set",
        "deployment.mode=approve",
    ];
    let first = full(&project, FIRST, &settings, 0);
    let withdrawn = || {
        let diagnostics = project.read_json("ingesteddata/diagnostics.json");
        let estimated = &diagnostics["performance"]["estimated"];
        (
            estimated["withdrawn"].as_str().map(str::to_owned),
            estimated.clone(),
        )
    };
    assert_eq!(withdrawn().0, None);
    let above_the_list = "This estimate has been withdrawn: the first ";
    assert!(!project.read("models/report.html").contains(above_the_list));
    for (month, now) in [
        ("2026-07", "2026-08-01T06:00:00Z"),
        ("2026-08", "2026-09-01T06:00:00Z"),
        ("2026-09", "2026-10-01T06:00:00Z"),
    ] {
        project.deliver(month, Scenario::ConceptDrift);
        let outcome = full(&project, now, &settings, 0);
        assert_eq!(outcome["release"], first["release"], "{outcome}");
    }
    let (why, estimated) = withdrawn();
    assert!(why.unwrap().contains("concept drift"));
    assert!(estimated["check"]["n_labelled"].as_u64().unwrap() > 100);
    assert!(estimated["expected_leavers"].is_null());
    let report = project.read("models/report.html");
    assert!(report.contains(above_the_list) && report.contains("were expected to leave"));
}
