//! Projects in which everything is ready to be deployed.

use dataset::CompiledData;
use risk_core::hash::sha256_hex;
use risk_core::records::IngestedFile;
use risk_core::schema::{Column, Kind, Role, Schema};
use risk_core::{Run, config};
use std::fmt::Write;
use testkit::Project;

/// The time at which models are trained and scored.
pub const NOW: &str = "2026-07-01T06:00:00Z";

/// A project with a model of 60 clients, its score and the record of ingested files.
pub fn ready() -> Project {
    let project = Project::new();
    project.write("testdata/testdata.csv", data(100..140));
    ingest(&project, 0..60, &["a.csv", "b.csv"]);
    train(&project, NOW);
    score(&project);
    project
}

/// Makes another model ready: of 80 clients from a further file.
pub fn renew(project: &Project) {
    ingest(project, 0..80, &["a.csv", "b.csv", "c.csv"]);
    train(project, NOW);
    score(project);
}

/// Writes what ingestion leaves.
pub fn ingest(project: &Project, clients: std::ops::Range<u64>, names: &[&str]) {
    compile(project, data(clients), names);
}

/// Writes what ingestion leaves of data in which those that left stayed, and the reverse.
pub fn ingest_inverted(project: &Project, clients: std::ops::Range<u64>) {
    let inverted = data(clients)
        .replace(",0\n", ",-\n")
        .replace(",1\n", ",0\n")
        .replace(",-\n", ",1\n");
    compile(project, inverted, &["a.csv", "b.csv"]);
}

fn compile(project: &Project, csv: String, names: &[&str]) {
    let file = |name: &&str| IngestedFile {
        name: (*name).into(),
        sha256: sha256_hex(name),
    };
    let compiled = CompiledData {
        format_version: 1,
        input_folder: "../sourcedata".into(),
        sha256: sha256_hex(&csv),
        rows: csv.lines().count() as u64 - 1,
        files: names.iter().map(file).collect(),
        schema: Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("activity", Role::Feature, Kind::Numeric),
            Column::new("exited", Role::Target, Kind::Category),
        ]),
    };
    project.write("ingesteddata/finaldata.csv", csv);
    let record = serde_json::to_string(&compiled).unwrap();
    project.write("ingesteddata/schema.json", record);
    let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
    project.write("ingesteddata/ingestedfiles.txt", lines);
}

/// Trains a model.
pub fn train(project: &Project, now: &str) {
    training::run(&run(project, now)).unwrap();
}

/// Scores the newly trained model.
pub fn score(project: &Project) {
    scoring::run(&run(project, NOW), &scoring::Options::default()).unwrap();
}

/// A run that writes, at a time.
pub fn run(project: &Project, now: &str) -> Run {
    let config = config::load(&project.config(), &[]).unwrap();
    Run::writer(config, now.parse().unwrap(), "test").unwrap()
}

/// Clients as CSV; the less active leave, with exceptions.
fn data(clients: std::ops::Range<u64>) -> String {
    let mut text = "corporation,activity,exited\n".to_owned();
    for client in clients {
        let activity = client * 37 % 101;
        let exited = u8::from((activity < 40) != client.is_multiple_of(7));
        writeln!(text, "client {client},{activity},{exited}").unwrap();
    }
    text
}
