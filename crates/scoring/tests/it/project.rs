//! Projects with a model and test data.

use dataset::{RawTable, check};
use risk_core::config;
use risk_core::model::Model;
use risk_core::schema::{Column, Kind, Role, Schema};
use std::collections::BTreeMap;
use std::fmt::Write;
use testkit::Project;
use training::Samples;

/// The time at which models are trained.
pub const NOW: &str = "2026-07-01T06:00:00Z";
/// The header of all data here.
pub const HEADER: &str = "corporation,activity,industry,exited\n";

/// A project with a model of 200 clients and 80 others as test data.
pub fn project() -> Project {
    let project = Project::new();
    project.write("models/trainedmodel.json", artefact(&project, 0..200));
    project.write("testdata/testdata.csv", data(200..280));
    project
}

/// The artefact of a model that was fitted to some clients.
pub fn artefact(project: &Project, clients: std::ops::Range<u64>) -> String {
    let schema = Schema::new(vec![
        Column::new("corporation", Role::ClientId, Kind::Category),
        Column::new("activity", Role::Feature, Kind::Numeric),
        Column::new("industry", Role::Feature, Kind::Category),
        Column::new("exited", Role::Target, Kind::Category),
    ]);
    let raw = RawTable::from_csv(data(clients).into_bytes()).unwrap();
    let table = check(&raw, &schema, false).unwrap().table;
    let exited = (0..table.n_rows()).map(|row| table.target(row).unwrap());
    let exited = exited.collect();
    let config = config::load(&project.config(), &[]).unwrap();
    let samples = Samples::new(table, exited);
    let model = training::fit(&config, &samples, NOW.parse().unwrap()).unwrap();
    serde_json::to_string_pretty(&model).unwrap()
}

/// Puts the model of the project in force, with all that a release has.
pub fn deploy(project: &Project) {
    use risk_core::hash::sha256_hex;
    let artefact = project.read("models/trainedmodel.json");
    let model_id = Model::parse(artefact.as_bytes()).unwrap().model_id;
    let record = serde_json::json!({
        "format_version": 1, "model_id": model_id,
        "input_folder": "sourcedata", "files": [], "samples": [],
    });
    let files = [
        ("trainedmodel.json", artefact),
        ("scores.json", project.read("models/scores.json")),
        ("trainingrecord.json", record.to_string()),
        ("ingestedfiles.txt", String::new()),
    ];
    let checksums: BTreeMap<&str, String> = files
        .iter()
        .map(|(name, text)| (*name, sha256_hex(text)))
        .collect();
    let manifest = serde_json::json!({
        "format_version": 1, "release": "one", "model_id": model_id,
        "deployed_at": NOW, "previous_release": null, "files": checksums,
    });
    let folder = "production_deployment/releases/one";
    for (name, text) in files {
        project.write(&format!("{folder}/{name}"), text);
    }
    project.write(&format!("{folder}/manifest.json"), manifest.to_string());
    let link = project.path("production_deployment/current");
    risk_core::files::replace_symlink(&link, std::path::Path::new("releases/one")).unwrap();
}

/// Clients as CSV: the less active leave more often, and those in energy.
pub fn data(clients: std::ops::Range<u64>) -> String {
    let mut text = HEADER.to_owned();
    for client in clients {
        let (activity, industry, exited) = drawn(client);
        let exited = u8::from(exited);
        writeln!(text, "client {client},{activity},{industry},{exited}").unwrap();
    }
    text
}

/// Activity, industry and whether the client left.
pub fn drawn(client: u64) -> (f64, &'static str, bool) {
    let activity = (uniform(2 * client) * 100.0).round();
    let industry = if client.is_multiple_of(3) {
        "Energy"
    } else {
        "Retail"
    };
    let more = if industry == "Energy" { 1.0 } else { 0.0 };
    let risk = 1.0 / (1.0 + f64::exp(0.06 * (activity - 45.0) - more));
    (activity, industry, uniform(2 * client + 1) < risk)
}

/// The `index`-th number from 0 to 1 of a fixed stream (the finaliser of SplitMix64).
fn uniform(index: u64) -> f64 {
    let mut bits = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits ^ (bits >> 31)) as f64 / u64::MAX as f64
}
