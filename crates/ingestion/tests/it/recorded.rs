//! What an ingestion records in the history.

use crate::running::{assert_silent, done, ingest, put, refused, remove, table};
use risk_core::history::History;
use serde_json::json;
use testkit::Project;

/// The rows of a table of the history, as text.
fn rows(project: &Project, table: &str, columns: &[&str]) -> Vec<String> {
    let history = History::open_to_read(&project.path("ingesteddata/history.sqlite")).unwrap();
    let export = history.unwrap().export(table).unwrap().unwrap();
    let places: Vec<usize> = columns
        .iter()
        .map(|name| {
            export
                .columns
                .iter()
                .position(|column| column == name)
                .unwrap()
        })
        .collect();
    let cells = |row: &Vec<_>| -> Vec<String> {
        places
            .iter()
            .map(|place| ToString::to_string(&row[*place]))
            .collect()
    };
    export.rows.iter().map(|row| cells(row).join(" ")).collect()
}

#[test]
fn a_run_records_its_start_its_end_its_step_and_its_files() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    put(&project, "bad.csv", "nothing of use");
    refused(&project);
    assert_silent(&project);
    ingest(&project, &["--forget", "a.csv"]).ended(2);
    let runs = rows(&project, "runs", &["command", "exit_code"]);
    assert_eq!(
        runs,
        ["ingestion 0", "ingestion 65", "ingestion 0", "ingestion 2"]
    );
    assert!(rows(&project, "runs", &["error"])[3].contains("a.csv is still"));
    let steps = rows(&project, "steps", &["run", "name", "status"]);
    assert_eq!(
        steps,
        ["1 ingestion done", "2 ingestion done", "4 ingestion failed"]
    );
    let files = rows(&project, "files", &["run", "name", "status", "rows"]);
    assert_eq!(files, ["1 a.csv new 1", "2 bad.csv refused 0"]);
    assert_eq!(
        rows(&project, "ingestions", &["run", "rows"]),
        ["1 1", "2 1"]
    );
}

#[test]
fn what_a_killed_run_did_not_live_to_record_is_recorded_by_the_next() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    let history = std::fs::read(project.path("ingesteddata/history.sqlite")).unwrap();
    put(&project, "b.csv", table(&["bolt,8,0"]));
    done(&project);
    // As after a kill between the index and the history.
    project.write("ingesteddata/history.sqlite", history);
    let mut index = project.read_json("ingesteddata/parts/index.json");
    let folders = index["folders"].as_object_mut().unwrap();
    let folder = folders.values_mut().next().unwrap();
    assert_eq!(
        folder["unrecorded"],
        json!(null),
        "all is recorded after a whole run"
    );
    folder["unrecorded"] = json!({"b.csv": "new"});
    project.write("ingesteddata/parts/index.json", index.to_string());

    done(&project);
    let files = rows(&project, "files", &["name", "status", "rows"]);
    assert_eq!(files, ["a.csv new 1", "b.csv new 1"]);
    assert_eq!(rows(&project, "ingestions", &["rows"]), ["1", "2"]);
    assert_silent(&project);
    assert_eq!(rows(&project, "ingestions", &["rows"]).len(), 2);
}

#[test]
fn a_refusal_is_told_again_until_a_run_has_ended_with_the_code_for_it() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "bad.csv", "nothing of use");
    refused(&project);
    assert_silent(&project);
    // As a run leaves it that was killed after it had recorded the refusal, or that failed later on.
    for code in ["NULL", "1"] {
        let path = project.path("ingesteddata/history.sqlite");
        let history = rusqlite::Connection::open(path).unwrap();
        let sql = format!("UPDATE runs SET exit_code = {code} WHERE exit_code = 65");
        assert_eq!(history.execute(&sql, []).unwrap(), 1);
        drop(history);
        let outcome = refused(&project);
        assert_eq!(outcome.status("bad.csv"), "refused");
        assert_silent(&project);
    }
    // It is one refusal, whoever told of it.
    let files = rows(&project, "files", &["name", "status"]);
    assert_eq!(files, ["a.csv new", "bad.csv refused"]);
    assert_eq!(rows(&project, "ingestions", &["rows"]), ["1"]);
    // Another run that records it along with its own news and is killed has nothing new to tell of it.
    put(&project, "c.csv", table(&["bolt,8,0"]));
    done(&project);
    let path = project.path("ingesteddata/history.sqlite");
    let history = rusqlite::Connection::open(path).unwrap();
    let sql = "UPDATE runs SET exit_code = NULL WHERE run = (SELECT MAX(run) FROM files)";
    assert_eq!(history.execute(sql, []).unwrap(), 1);
    drop(history);
    assert_silent(&project);
}

#[test]
fn forgetting_a_file_is_recorded_once_and_its_part_goes_also_after_a_kill() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "b.csv", table(&["bolt,8,0"]));
    done(&project);
    let parts = project.files("ingesteddata/parts");
    remove(&project, "b.csv");
    ingest(&project, &["--forget", "b.csv"]).ended(0);
    let left = project.files("ingesteddata/parts");
    assert!(left.len() < parts.len());
    let ingestions = rows(&project, "ingestions", &["rows"]);

    // As after a kill between the index, the history, and the removal of the part.
    let mut index = project.read_json("ingesteddata/parts/index.json");
    let folders = index["folders"].as_object_mut().unwrap();
    folders.values_mut().next().unwrap()["unrecorded"] = json!({});
    project.write("ingesteddata/parts/index.json", index.to_string());
    for (name, bytes) in &parts {
        if !left.contains_key(name) {
            project.write(&format!("ingesteddata/parts/{name}"), bytes);
        }
    }
    let history = project.path("ingesteddata/history.sqlite");
    let history = rusqlite::Connection::open(history).unwrap();
    let sql = "UPDATE runs SET exit_code = NULL WHERE run = (SELECT MAX(run) FROM runs)";
    history.execute(sql, []).unwrap();
    drop(history);
    done(&project);
    let now: Vec<String> = project.files("ingesteddata/parts").into_keys().collect();
    assert_eq!(now, left.into_keys().collect::<Vec<_>>());
    assert_eq!(rows(&project, "ingestions", &["rows"]), ingestions);
}
