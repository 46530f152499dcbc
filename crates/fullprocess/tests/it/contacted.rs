//! Labels of clients that were called before these had settled: marked, and left out, weighed or used in
//! training and in judging as `model.contacted_labels` says.

use crate::{full, run, said};
use risk_core::history::History;
use serde_json::{Value, json};
use testkit::{Project, sample::Scenario};

const NOW: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";

fn program(project: &Project, name: &str, now: &str, arguments: &[&str]) -> Value {
    let output = run(
        project,
        name,
        &[&["--json", "--now", now], arguments].concat(),
    );
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Tells of one call of each of some clients.
fn tell(project: &Project, clients: &[String], day: &str, outcome: &str) {
    let calls = clients
        .iter()
        .map(|client| format!("{client},{day},{outcome}\n"));
    let head = "corporation,contacted_at,outcome\n".to_owned();
    project.write("calls.csv", head + &calls.collect::<String>());
    let file = project.path("calls.csv");
    program(
        project,
        "ingestion",
        NOW,
        &["--contacts", file.to_str().unwrap()],
    );
}

/// Client, target and date of each compiled row.
fn rows(project: &Project) -> Vec<[String; 3]> {
    let text = project.read("ingesteddata/finaldata.csv");
    let cells = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[0], cells[4], cells[5]].map(str::to_owned)
    };
    text.lines().skip(1).map(cells).collect()
}

/// The first clients of the snapshot of April, by name.
fn in_april(project: &Project, count: usize) -> Vec<String> {
    let open = rows(project)
        .into_iter()
        .filter(|[_, _, day]| day == "2026-04-30");
    let mut clients: Vec<String> = open.map(|[client, ..]| client).collect();
    clients.sort();
    clients.truncate(count);
    clients
}

/// How many labels of these clients are known.
fn n_labels(project: &Project, clients: &[String]) -> usize {
    let labelled =
        |[client, target, _]: &[String; 3]| !target.is_empty() && clients.contains(client);
    rows(project).into_iter().filter(labelled).count()
}

#[test]
fn training_leaves_labels_of_contacted_clients_out_weighs_them_or_uses_them() {
    let project = Project::panel();
    program(&project, "ingestion", NOW, &[]);
    let train = |settings: &[&str]| program(&project, "training", NOW, settings);
    let before = train(&[]);
    assert_eq!(
        (&before["n_contacted"], &before["contacted_labels"]),
        (&json!(0), &Value::Null)
    );

    let clients = in_april(&project, 60);
    // Where nobody was reached, or the horizon of every label had passed, no label is touched.
    tell(&project, &clients, "2026-04-10", "not reached");
    tell(&project, &clients, "2026-06-30", "offered");
    assert_eq!(train(&[])["model_id"], before["model_id"]);

    tell(&project, &clients, "2026-04-10", "offered");
    let n_contacted = n_labels(&project, &clients);
    let n_samples = before["n_samples"].as_u64().unwrap();
    let left_out = train(&[]);
    assert_eq!(left_out["n_contacted"], n_contacted);
    assert_eq!(left_out["contacted_labels"], "leave_out");
    assert_eq!(left_out["n_samples"], n_samples - n_contacted as u64);
    assert_eq!(
        project.read_json("models/trainedmodel.json")["data"]["contacted"],
        json!({"n_contacted": n_contacted, "labels": "leave_out"})
    );
    let record = project.read_json("models/trainingrecord.json");
    let count = |key: &str| record[key].as_array().unwrap().len();
    assert_eq!(count("left_out"), n_contacted);
    assert_eq!((count("samples") + count("left_out")) as u64, n_samples);

    let used = train(&["--set", "model.contacted_labels=use"]);
    assert_eq!(
        (&used["n_contacted"], &used["n_samples"]),
        (&json!(n_contacted), &json!(n_samples))
    );
    assert_eq!(used["coefficients"], before["coefficients"]);
    let halved = train(&["--set", "model.contacted_labels=0.5"]);
    assert_eq!(halved["n_samples"], n_samples);
    assert_eq!(halved["contacted_labels"], 0.5);
    for other in [&left_out, &used] {
        assert_ne!(halved["coefficients"], other["coefficients"]);
    }
    let nothing = train(&["--set", "model.contacted_labels=0"]);
    assert_eq!(nothing["model_id"], left_out["model_id"]);
}

#[test]
fn the_champion_is_not_judged_on_labels_of_contacted_clients_now_or_later() {
    let project = Project::panel();
    full(&project, NOW, &[], 0);
    let clients = in_april(&project, 60);
    tell(&project, &clients, "2026-05-20", "stays");
    project.deliver("2026-07", Scenario::Labels);
    let using = ["--set", "model.contacted_labels=use"];
    let reason = |outcome: &Value| outcome["reason"].as_str().unwrap().to_owned();

    let would_use = reason(&full(
        &project,
        LATER,
        &[&["--dry-run"][..], &using].concat(),
        0,
    ));
    assert!(
        would_use.contains("60 of these clients were called meanwhile."),
        "{would_use}"
    );
    let judged = reason(&full(&project, LATER, &[], 0));
    let n_new = rows(&project)
        .iter()
        .filter(|[_, target, day]| day == "2026-04-30" && !target.is_empty())
        .count();
    let counted = format!("Of {} newly labelled samples", n_new - 60);
    assert!(judged.starts_with(&counted), "{counted}: {judged}");
    assert!(
        judged.contains("Besides, 60 labels of clients that were called"),
        "{judged}"
    );

    // They count as judged: this model is not confronted with them under another setting either.
    let again = full(&project, LATER, &using, 0);
    assert!(
        reason(&again).contains("No further sample has got its label"),
        "{again}"
    );
    let history = History::open_to_read(&project.path("ingesteddata/history.sqlite"));
    let model = project.read_json("production_deployment/trainedmodel.json");
    let model_id = model["model_id"].as_str().unwrap();
    let samples = history.unwrap().unwrap().judged_samples(model_id).unwrap();
    assert_eq!(samples.len(), n_new);

    // The next training is: then they come back.
    let trained = program(&project, "training", LATER, &using);
    let n_known = rows(&project)
        .iter()
        .filter(|[_, target, _]| !target.is_empty())
        .count();
    assert_eq!(trained["n_samples"], n_known);
}
