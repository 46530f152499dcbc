//! Projects with a deployed release, compiled data and test data, all made by hand.

use chrono::{DateTime, Utc};
use dataset::CompiledData;
use reporting::{Options, Outcome};
use risk_core::config;
use risk_core::hash::sha256_hex;
use risk_core::metrics::{Scored, evaluate};
use risk_core::model::{Model, Value};
use risk_core::records::{FORMAT_VERSION, IngestedFile, Manifest, Scores};
use risk_core::run::Run;
use risk_core::schema::{Column, Kind, Role, Schema};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use testkit::Project;

/// The compiled data most tests use: `leaving` and `staying` are open, `gone` has left.
pub const COMPILED: &str = "\
corporation,lastmonth_activity,exited,observed_at,industry,annual_contract_value
gone,10,1,2026-03-31,Energy,1000
staying,150,0,2026-03-31,Retail,2000
leaving,3,,2026-06-30,Energy,1200.5
staying,140,,2026-06-30,Retail,2000
middle,60,,2026-06-30,Retail,
";

/// The time at which most tests run.
pub fn now() -> DateTime<Utc> {
    "2026-07-01T06:00:00Z".parse().unwrap()
}

/// A project with everything that reporting needs.
pub fn deployed() -> Project {
    let project = Project::new();
    configure(&project, &json!({}));
    project.write("testdata/testdata.csv", test_data(300));
    compile(&project, COMPILED);
    deploy(&project, &super::model::model());
    project
}

/// Sets the configuration of the sample data, with further keys at the top.
pub fn configure(project: &Project, more: &Json) {
    let mut config = project.read_json("config.json");
    config["dataset"] = json!({
        "observed_at": "observed_at",
        "horizon_days": 90,
        "contract_value": "annual_contract_value",
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    project.set_config(config);
}

/// Labelled clients whose exits follow the model roughly: most leavers are little active.
pub fn test_data(rows: u64) -> String {
    let mut text = "corporation,lastmonth_activity,exited,industry\n".to_owned();
    for row in 0..rows {
        let activity = (row * 37) % 160;
        let industry = if row % 4 == 0 { "Energy" } else { "Retail" };
        let chance = (row * 61) % 100;
        let exited = u8::from(chance < 80_u64.saturating_sub(activity));
        text += &format!("test {row:04},{activity},{exited},{industry}\n");
    }
    text
}

/// Writes compiled data as ingestion does.
pub fn compile(project: &Project, csv: &str) {
    let column = |name: &str, role, kind| Column::new(name, role, kind);
    let schema = Schema::new(vec![
        column("corporation", Role::ClientId, Kind::Category),
        column("lastmonth_activity", Role::Feature, Kind::Numeric),
        column("exited", Role::Target, Kind::Category),
        column("observed_at", Role::ObservedAt, Kind::Category),
        column("industry", Role::Feature, Kind::Category),
        column("annual_contract_value", Role::Carried, Kind::Numeric),
    ]);
    let file = |name: &str| IngestedFile {
        name: name.into(),
        sha256: sha256_hex(name),
    };
    let compiled = CompiledData {
        format_version: 1,
        input_folder: "../sourcedata".into(),
        sha256: sha256_hex(csv),
        rows: csv.lines().count() as u64 - 1,
        files: vec![file("2026-03.csv"), file("2026-06.csv")],
        schema,
    };
    project.write("ingesteddata/finaldata.csv", csv);
    project.write(
        "ingesteddata/schema.json",
        serde_json::to_string(&compiled).unwrap(),
    );
}

/// Writes a release of a model as deployment does, scored on the test data.
pub fn deploy(project: &Project, model: &Model) {
    let scores = score(model, &project.read("testdata/testdata.csv"));
    let record = json!({
        "format_version": 1, "model_id": model.model_id, "input_folder": "../sourcedata",
        "files": [], "samples": [],
    });
    let contents = BTreeMap::from([
        ("trainedmodel.json", serde_json::to_string(model).unwrap()),
        (
            "latestscore.txt",
            scores.evaluation.confusion_matrix.f1().to_string(),
        ),
        ("scores.json", serde_json::to_string(&scores).unwrap()),
        ("ingestedfiles.txt", "2026-03.csv\n".to_owned()),
        ("trainingrecord.json", record.to_string()),
    ]);
    let digest = |(name, text): (&&str, &String)| ((*name).to_owned(), sha256_hex(text));
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        release: "release-1".into(),
        model_id: model.model_id.clone(),
        deployed_at: "2026-06-30T22:10:00Z".into(),
        previous_release: None,
        force_reason: None,
        files: contents.iter().map(digest).collect(),
    };
    let folder = "production_deployment/releases/release-1";
    for (name, text) in &contents {
        project.write(&format!("{folder}/{name}"), text);
    }
    project.write(
        &format!("{folder}/manifest.json"),
        serde_json::to_string(&manifest).unwrap(),
    );
    let link = project.path("production_deployment/current");
    if !link.is_symlink() {
        std::os::unix::fs::symlink("releases/release-1", link).unwrap();
    }
}

fn score(model: &Model, test: &str) -> Scores {
    let (mut client_ids, mut risks, mut exited) = (Vec::new(), Vec::new(), Vec::new());
    for line in test.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let activity = Value::Number(cells[1].parse().unwrap());
        client_ids.push(cells[0].to_owned());
        risks.push(model.risk(&[activity, Value::Text(cells[3])]));
        exited.push(cells[2] == "1");
    }
    let scored = Scored {
        client_ids: &client_ids,
        risks: &risks,
        exited: &exited,
    };
    Scores {
        model_id: model.model_id.clone(),
        evaluation: evaluate(&scored, model.threshold, 0).unwrap(),
    }
}

/// Runs the library.
pub fn run(project: &Project, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
    let config = config::load(&project.config(), &[]).unwrap();
    let run = Run::writer(config, now, "reporting").unwrap();
    reporting::run(&run, &Options {})
}

/// The rows of the contact list, each by the names of its columns.
pub fn contact_list(project: &Project) -> Vec<BTreeMap<String, String>> {
    let text = project.read("models/contactlist.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// One column of the contact list.
pub fn column(project: &Project, name: &str) -> Vec<String> {
    let rows = contact_list(project);
    rows.into_iter()
        .map(|mut row| row.remove(name).unwrap())
        .collect()
}
