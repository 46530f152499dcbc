//! Compiled data as ingestion writes it, and rows drawn by a seeded formula.

use dataset::CompiledData;
use risk_core::hash::sha256_hex;
use risk_core::records::IngestedFile;
use risk_core::schema::{Column, Kind, Role, Schema};
use std::fmt::Write;
use testkit::Project;

/// A project with compiled data and nothing else.
pub fn project(csv: &str) -> Project {
    let project = Project::new();
    compile(&project, csv);
    project
}

/// Writes compiled data. The columns `corporation`, `exited` and `observed_at` are what they are
/// called; of the others, those with numbers only are numeric.
pub fn compile(project: &Project, csv: &str) {
    let file = |name: &str| IngestedFile {
        name: name.into(),
        sha256: sha256_hex(name),
    };
    let compiled = CompiledData {
        format_version: 1,
        input_folder: "../sourcedata".into(),
        sha256: sha256_hex(csv),
        rows: csv.lines().count() as u64 - 1,
        files: vec![file("a.csv"), file("b.csv")],
        schema: schema(csv),
    };
    project.write("ingesteddata/finaldata.csv", csv);
    let record = serde_json::to_string(&compiled).unwrap();
    project.write("ingesteddata/schema.json", record);
}

/// The columns of some CSV.
pub fn schema(csv: &str) -> Schema {
    let header = csv.lines().next().unwrap();
    let is_number = |cell: &str| cell.is_empty() || cell.parse::<f64>().is_ok();
    let column = |(position, name)| match name {
        "corporation" => Column::new(name, Role::ClientId, Kind::Category),
        "exited" => Column::new(name, Role::Target, Kind::Category),
        "observed_at" => Column::new(name, Role::ObservedAt, Kind::Category),
        _ => {
            let mut rows = csv.lines().skip(1);
            let numeric = rows.all(|row| is_number(row.split(',').nth(position).unwrap()));
            let kind = if numeric {
                Kind::Numeric
            } else {
                Kind::Category
            };
            Column::new(name, Role::Feature, kind)
        }
    };
    Schema::new(header.split(',').enumerate().map(column).collect())
}

/// Numbers of two features and whether each client left: more likely with less activity and more
/// complaints.
pub fn drawn(seed: u64, n: u64) -> Vec<([f64; 2], bool)> {
    let client = |row| {
        let [activity, complaints, chance] = [0, 1, 2].map(|part| uniform(seed, 3 * row + part));
        let numbers = [
            (activity * 1000.0).round() / 10.0,
            (complaints * 6.0).floor(),
        ];
        let log_odds = 0.4 - 0.05 * numbers[0] + 0.6 * numbers[1];
        (numbers, chance < 1.0 / (1.0 + f64::exp(-log_odds)))
    };
    (0..n).map(client).collect()
}

/// [`drawn`] rows as compiled data.
pub fn csv(rows: &[([f64; 2], bool)]) -> String {
    let mut text = "corporation,activity,complaints,exited\n".to_owned();
    for (row, ([activity, complaints], exited)) in rows.iter().enumerate() {
        let exited = u8::from(*exited);
        writeln!(text, "client {row},{activity},{complaints},{exited}").unwrap();
    }
    text
}

/// The `index`-th number from 0 to 1 of a stream (the finaliser of SplitMix64).
pub fn uniform(seed: u64, index: u64) -> f64 {
    let mut bits = (seed << 32 | index).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits ^ (bits >> 31)) as f64 / u64::MAX as f64
}
