//! The shipped data, whose true probabilities are known: how near to them a training comes.
//!
//! `tests/fixtures/true_probabilities.csv` has the probability of each row of the test data, in its
//! order, as `cargo run --release -p testkit --bin sampledata -- truth --into FILE` computes it (the
//! last column, six digits).

use chrono::{DateTime, Utc};
use dataset::{ModelInput, RawTable, Table, check};
use risk_core::config::{self, Basis};
use risk_core::metrics::log_loss;
use risk_core::schema::{Column, Kind, Role, Schema};
use std::path::{Path, PathBuf};
use testkit::Project;
use training::{Samples, fit};

const TRUTH: &str = include_str!("../fixtures/true_probabilities.csv");

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}

fn schema(header: &str) -> Schema {
    let column = |name: &str| {
        let (role, kind) = match name {
            "corporation" => (Role::ClientId, Kind::Category),
            "exited" => (Role::Target, Kind::Category),
            "observed_at" => (Role::ObservedAt, Kind::Category),
            "account_manager" => (Role::Carried, Kind::Category),
            "industry" => (Role::Feature, Kind::Category),
            _ => (Role::Feature, Kind::Numeric),
        };
        Column::new(name, role, kind)
    };
    Schema::new(header.split(',').map(column).collect())
}

/// The rows of some files with one header.
fn read(files: &[&str]) -> Table {
    let texts = files
        .iter()
        .map(|file| std::fs::read_to_string(shipped(file)).unwrap());
    let mut all = String::new();
    for text in texts {
        let (header, rows) = text.split_once('\n').unwrap();
        if all.is_empty() {
            all = format!("{header}\n");
        }
        all.push_str(rows);
    }
    let schema = schema(all.lines().next().unwrap());
    let raw = RawTable::from_csv(all.into_bytes()).unwrap();
    check(&raw, &schema, true).unwrap().table
}

fn labelled(table: Table) -> Samples {
    let rows: Vec<usize> = (0..table.n_rows())
        .filter(|row| table.target(*row).is_some())
        .collect();
    let exited = rows.iter().map(|row| table.target(*row).unwrap()).collect();
    Samples::new(table.select(&rows), exited)
}

#[test]
fn the_log_loss_is_within_two_percent_of_that_of_the_true_probabilities() {
    let months = ["01", "02", "03"].map(|month| format!("sourcedata/clients_2026-{month}.csv"));
    let samples = labelled(read(&months.each_ref().map(String::as_str)));
    let config = config::load(
        &Project::new().config(),
        &["dataset.observed_at=observed_at", "dataset.horizon_days=90"]
            .map(|text| text.parse().unwrap()),
    )
    .unwrap();
    let now: DateTime<Utc> = crate::running::NOW.parse().unwrap();
    let model = fit(&config, &samples, now).unwrap();
    assert_eq!(model.basis, Basis::Spline);

    let test = labelled(read(&["testdata/testdata.csv"]));
    let truth: Vec<f64> = TRUTH.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(truth.len(), test.exited.len());
    let risks = ModelInput::new(&model, test.table.schema())
        .unwrap()
        .risks(&test.table);
    let (ours, best) = (
        log_loss(&risks, &test.exited).unwrap(),
        log_loss(&truth, &test.exited).unwrap(),
    );
    assert!(ours <= 1.02 * best, "{ours} against {best}");
}
