//! Drift of new data against the reference that the release keeps.

use crate::project::{NOW, deployed, diagnostics};
use chrono::{DateTime, Utc};
use risk_core::{Run, config};
use serde_json::Value;
use testkit::Project;

fn ingest(project: &Project) {
    let config = config::load(&project.config(), &[]).unwrap();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let run = Run::writer(config, now, "test").unwrap();
    ingestion::run(&run, &ingestion::Options::default()).unwrap();
}

fn json(project: &Project) -> Value {
    let output = diagnostics(project).arg("--json").output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {message}"))
}

/// New clients; `lastmonth_activity` is as in the practice data, or many times as high.
fn more_clients(factor: u32) -> String {
    let rows = (0..60_u32).map(|row| {
        let activity = (row * 53 % 120) * factor;
        format!(
            "new{row},{activity},{},{},{}\n",
            row * 7 % 30,
            row * 11 % 40,
            row % 2
        )
    });
    let header = "corporation,lastmonth_activity,lastyear_activity,number_of_employees,exited\n";
    format!("{header}{}", rows.collect::<String>())
}

#[test]
fn without_new_samples_nothing_is_said_about_drift() {
    let project = deployed();
    let found = json(&project);
    assert!(found["drift"]["alarm"].is_null());
    assert!(
        found["drift"]["reason"]
            .as_str()
            .unwrap()
            .contains("no samples since")
    );
}

#[test]
fn new_samples_are_judged_against_the_release_without_its_data() {
    let project = deployed();
    project.write("practicedata/more.csv", more_clients(500));
    ingest(&project);
    // The practice files are gone; only what the release keeps is left to compare with.
    let found = json(&project);
    let drift = &found["drift"];
    assert_eq!(
        (&drift["alarm"], &drift["new_samples"]),
        (&true.into(), &60.into())
    );
    assert_eq!(drift["reference_samples"], 26);
    let feature = &drift["features"]["lastmonth_activity"];
    assert!(
        feature["alarm"] == true && feature["psi"].as_f64() > feature["psi_threshold"].as_f64()
    );
    assert!(drift["features"]["risk"]["psi"].is_f64());
    let impact = &drift["list_impact"];
    assert!(impact["k"].as_u64() > Some(0) && impact["enters"].is_array());
    diagnostics(&project).assert().code(0);
    diagnostics(&project)
        .arg("--fail-on-alarm")
        .assert()
        .code(1);
    let text = String::from_utf8(diagnostics(&project).output().unwrap().stdout).unwrap();
    assert!(text.contains("drift: ALARM in 60 new samples"), "{text}");
}

#[test]
fn without_new_samples_the_clients_of_the_book_are_judged() {
    let project = deployed();
    project.write("book.csv", more_clients(500));
    let output = diagnostics(&project)
        .args(["--json", "--set", "clients_path=book.csv"])
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let drift = &found["drift"];
    assert_eq!(
        (&drift["judged"], &drift["new_samples"], &drift["alarm"]),
        (&"book".into(), &60.into(), &true.into()),
        "{drift}"
    );
    let alarms = drift["alarms"].as_array().unwrap();
    assert!(alarms.contains(&"lastmonth_activity".into()), "{drift}");
    assert_eq!(drift["features"]["lastmonth_activity"]["size"], "large");
}

#[test]
fn cells_that_went_missing_have_an_impact_on_the_list() {
    let project = deployed();
    let rows = more_clients(1);
    let emptied = rows.lines().enumerate().map(|(row, line)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if row > 0 && row % 2 == 0 {
            cells[3] = "";
        }
        cells.join(",") + "\n"
    });
    project.write("practicedata/more.csv", emptied.collect::<String>());
    ingest(&project);
    let drift = json(&project)["drift"].clone();
    let feature = &drift["features"]["number_of_employees"];
    assert!(feature["alarm"] == true && feature["missing_percent"] == 50.0);
    assert!(
        drift["list_impact"]["rank_biased_overlap"].is_f64(),
        "{drift}"
    );
}

#[test]
fn a_release_of_before_references_were_kept_is_no_error() {
    let project = deployed();
    let current = project
        .path("production_deployment/current")
        .canonicalize()
        .unwrap();
    std::fs::remove_file(current.join("reference.json")).unwrap();
    let manifest = current.join("manifest.json");
    let mut listed: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    listed["files"]
        .as_object_mut()
        .unwrap()
        .remove("reference.json")
        .unwrap();
    std::fs::write(&manifest, listed.to_string()).unwrap();
    let found = json(&project);
    assert!(
        found["drift"]["reason"]
            .as_str()
            .unwrap()
            .contains("the next one has it")
    );
    diagnostics(&project)
        .arg("--fail-on-alarm")
        .assert()
        .code(0);
}
