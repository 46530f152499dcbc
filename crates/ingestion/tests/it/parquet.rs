//! Parquet files, as pandas writes them: see fixtures/make_types.py.

use crate::running::{done, final_data, project_with, put, rejected_rows};
use serde_json::json;
use testkit::Project;

/// A table with every type of column that pandas writes often.
pub const TYPES: &[u8] = include_bytes!("../fixtures/types.parquet");
/// The same table as CSV.
const SAME: &str = include_str!("../fixtures/types.csv");

fn compiled(name: &str, contents: &[u8], dataset: serde_json::Value) -> (Project, String) {
    let project = project_with(dataset);
    put(&project, name, contents);
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("rejected_rows")),
        (12, 0)
    );
    let data = final_data(&project);
    (project, data)
}

#[test]
fn a_parquet_file_gives_the_same_as_the_same_data_in_csv() {
    let (_project, from_parquet) = compiled("a.parquet", TYPES, json!({}));
    let (_project, from_csv) = compiled("a.csv", SAME.as_bytes(), json!({}));
    assert_eq!(from_parquet, from_csv);
    assert_eq!(from_parquet, SAME);
}

#[test]
fn both_find_the_same_columns() {
    let (parquet, _) = compiled("a.parquet", TYPES, json!({}));
    let (csv, _) = compiled("a.csv", SAME.as_bytes(), json!({}));
    let schema =
        |project: &Project| project.read_json("ingesteddata/schema.json")["schema"].clone();
    assert_eq!(schema(&parquet), schema(&csv));
}

#[test]
fn dates_and_times_of_parquet_may_date_the_samples() {
    for (column, expected) in [
        ("signed_on", "2020-01-01"),
        ("seen_at", "2026-03-01"),
        ("seen_utc", "2026-03-01"),
        ("seen_berlin", "2026-03-02"), // half past midnight there is still the day before in UTC
    ] {
        let (_project, data) = compiled("a.parquet", TYPES, json!({ "observed_at": column }));
        let mut lines = data.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let position = names.iter().position(|name| *name == column).unwrap();
        let first = lines.next().unwrap();
        assert_eq!(first.split(',').nth(position), Some(expected), "{column}");
    }
}

#[test]
fn a_parquet_and_a_csv_file_are_united() {
    let project = Project::new();
    put(&project, "a.parquet", TYPES);
    put(&project, "b.csv", SAME);
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("duplicate_rows")),
        (12, 12)
    );
}

#[test]
fn bad_rows_of_a_parquet_file_have_the_line_they_would_have_as_csv() {
    let features = json!([{ "name": "small", "kind": "numeric", "max": 5999 }]);
    let project = project_with(json!({ "features": features }));
    put(&project, "a.parquet", TYPES);
    assert_eq!(done(&project).count("rejected_rows"), 1);
    let [file, line, reasons, row] = &rejected_rows(&project)[0];
    assert_eq!((file.as_str(), line.as_str()), ("a.parquet", "8"));
    assert_eq!(reasons, "small: 6000 is above the maximum 5999");
    assert!(
        row.starts_with("client 1,9,-1,6000,1,0.6,7.50,Retail,,2020-01-07,"),
        "{row}"
    );
}
