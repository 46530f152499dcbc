//! Why a score moved, from what was published.

use crate::project::{deployed_panel, diagnostics, writer};
use chrono::NaiveDate;
use dataset::{KeptCells, ModelInput};
use risk_core::Run;
use risk_core::history::{Prediction, PublishedBook};
use risk_core::model::Model;
use serde_json::Value;
use testkit::Project;

/// Publishes what a model says about the rows of a month, as a list would.
pub fn publish(run: &Run, model: &Model, day: &str, observed_at: &str) -> usize {
    publish_as(run, model, [day, observed_at], ("", true))
}

/// The same with something before the names; before version 8 of the history no features were kept.
fn publish_as(
    run: &Run,
    model: &Model,
    [day, observed_at]: [&str; 2],
    (prefix, keep): (&str, bool),
) -> usize {
    let (_, table) = dataset::read_compiled(&run.layout).unwrap();
    let input = ModelInput::new(model, table.schema()).unwrap();
    let date: NaiveDate = observed_at.parse().unwrap();
    let rows = (0..table.n_rows()).filter(|row| table.observed_at(*row) == Some(date));
    let rows: Vec<usize> = rows.collect();
    let name = |row: &usize| format!("{prefix}{}", table.client_id(*row));
    let names: Vec<String> = rows.iter().map(name).collect();
    let predictions: Vec<Prediction<'_>> = (1..)
        .zip(rows)
        .zip(&names)
        .map(|((rank, row), client)| {
            let values = input.values(&table, row);
            Prediction {
                client,
                observed_at: Some(date),
                rank,
                risk: model.risk(&values),
                score: model.log_odds(&values),
                contract_value: None,
                reasons: &[],
                file: None,
                line: None,
                cells: keep.then(|| KeptCells::new(model, &values).to_string()),
            }
        })
        .collect();
    let book = PublishedBook {
        published_at: format!("{day}T06:00:00Z").parse().unwrap(),
        model_folder: "models",
        list_id: day,
        release: "r1",
        model_id: &model.model_id,
        threshold: 0.5,
        input_folder: "../sourcedata",
        files: &[],
    };
    run.history()
        .unwrap()
        .record_predictions(&book, &predictions)
        .unwrap();
    predictions.len()
}

/// A book of March by the deployed model, and one of April by another.
fn published() -> Project {
    published_as("", true)
}

/// The same with something before the name of each client, and with or without the features.
fn published_as(prefix: &str, keep: bool) -> Project {
    published_by(&["model.l2=200"], (prefix, keep))
}

/// The same, the second model with these settings.
fn published_by(settings: &[&str], (prefix, keep): (&str, bool)) -> Project {
    let project = deployed_panel();
    let deployed = Model::read(&project.path("production_deployment/trainedmodel.json")).unwrap();
    let run = writer(&project, settings);
    training::run(&run).unwrap();
    let other = Model::read(&project.path("models/trainedmodel.json")).unwrap();
    assert_ne!(deployed.model_id, other.model_id);
    publish_as(
        &run,
        &deployed,
        ["2026-05-01", "2026-03-31"],
        (prefix, keep),
    );
    publish_as(&run, &other, ["2026-06-01", "2026-04-30"], (prefix, keep));
    project
}

/// A client that is in both books.
fn client(project: &Project) -> String {
    let rows = project.read("ingesteddata/finaldata.csv");
    let of = |date: &str| {
        let rows: Vec<String> = rows
            .lines()
            .filter(|row| row.contains(date))
            .map(|row| row.split(',').next().unwrap().to_owned())
            .collect();
        rows
    };
    let april = of("2026-04-30");
    of("2026-03-31")
        .into_iter()
        .find(|client| april.contains(client))
        .unwrap()
}

#[test]
fn the_parts_add_up_to_what_was_published() {
    let project = published_as("", true);
    assert_explained(&project, &client(&project));
}

#[test]
fn what_was_published_by_an_older_version_is_explained_from_the_compiled_data() {
    let project = published_as("", false);
    assert_explained(&project, &client(&project));
}

/// In log-odds before calibration; the risk is a growing function of these.
#[test]
fn curves_and_calibrated_risks_add_up_too() {
    let settings = [
        "model.l2=200",
        "model.basis=spline",
        "model.calibration=platt",
    ];
    let project = published_by(&settings, ("", true));
    let other = Model::read(&project.path("models/trainedmodel.json")).unwrap();
    let text = serde_json::to_value(&other).unwrap();
    assert!(text["calibration"].to_string().contains("platt"), "{text}");
    assert_explained(&project, &client(&project));
}

/// As it is where the clients are in files of their own, or where rows were corrected since.
#[test]
fn rows_that_are_not_in_the_compiled_data_are_explained_all_the_same() {
    let project = published_as("own ", true);
    assert_explained(&project, &format!("own {}", client(&project)));
}

#[test]
fn what_an_older_version_published_about_rows_that_are_gone_is_not_explained() {
    let project = published_as("own ", false);
    let client = format!("own {}", client(&project));
    let output = diagnostics(&project)
        .args(["--why", &client, "--from", "2026-05-07"])
        .assert()
        .code(66);
    let message = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(message.contains("was not kept with it"), "{message}");
}

fn assert_explained(project: &Project, client: &str) {
    let question = [
        "--why",
        client,
        "--from",
        "2026-05-07",
        "--to",
        "2026-06-07",
    ];
    let output = diagnostics(project)
        .args(question)
        .arg("--json")
        .assert()
        .success();
    let why: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    for figure in ["log_odds", "risk"] {
        let parts = number(&why[figure]["client"]) + number(&why[figure]["model"]);
        let whole = number(&why["to"][figure]) - number(&why["from"][figure]);
        assert!((parts - whole).abs() < 1e-12, "{figure}: {why}");
        assert!(number(&why[figure]["model"]) != 0.0, "{why}");
    }
    let by_feature: f64 = why["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| number(&feature["log_odds"]))
        .sum();
    assert!(
        (by_feature - number(&why["log_odds"]["client"])).abs() < 1e-9,
        "{why}"
    );
    let place = &why["place"];
    let moved: i64 = ["client", "population", "model"]
        .map(|part| place[part].as_i64().unwrap())
        .iter()
        .sum();
    let whole = why["to"]["place"].as_i64().unwrap() - why["from"]["place"].as_i64().unwrap();
    assert_eq!(moved, whole, "{why}");
    let output = diagnostics(project).args(question).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    for part in [
        "its own data",
        "another model",
        "the other clients",
        "together",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_was_not_published_is_not_explained() {
    let project = published();
    let asked = |arguments: &[&str], code: i32| {
        let output = diagnostics(&project).args(arguments).assert().code(code);
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    let message = asked(&["--why", "nobody", "--from", "2026-05-07"], 66);
    assert!(
        message.contains("client nobody was not in the book"),
        "{message}"
    );
    let client = client(&project);
    let message = asked(&["--why", &client, "--from", "2026-04-30"], 66);
    assert!(
        message.contains("nothing was published until 2026-04-30"),
        "{message}"
    );
    let late = [
        "--why",
        &client,
        "--from",
        "2026-06-07",
        "--to",
        "2026-05-07",
    ];
    let message = asked(&late, 2);
    assert!(message.contains("is after --to"), "{message}");
    asked(&["--why", &client], 2);
}
