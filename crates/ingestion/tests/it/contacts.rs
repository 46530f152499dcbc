//! What came of calling clients.

use crate::running::{done, ingest, put, table};
use risk_core::history::{ContactRecord, History};
use serde_json::{Value, json};
use testkit::Project;

const NOW: [&str; 2] = ["--now", "2026-07-10T06:00:00Z"];

fn project() -> Project {
    let project = Project::new();
    put(
        &project,
        "a.csv",
        table(&["acme,7,1", "bolt,8,0", "=cora,9,0"]),
    );
    done(&project);
    project
}

fn tell(project: &Project, code: i32, text: &str) -> Value {
    project.write("calls.csv", text);
    let file = project.path("calls.csv");
    let arguments = [
        "--contacts",
        file.to_str().unwrap(),
        "--json",
        NOW[0],
        NOW[1],
    ];
    ingest(project, &arguments).ended(code).json()["contacts"].clone()
}

fn known(project: &Project) -> Vec<ContactRecord> {
    let history = History::open_to_read(&project.path("ingesteddata/history.sqlite"));
    let folder = "../sourcedata";
    history.unwrap().unwrap().contacts(folder).unwrap()
}

#[test]
fn calls_are_kept_once_and_told_in_words() {
    let project = project();
    let text = "corporation,contacted_at,outcome,note\n\
                acme,2026-07-02,Stays,\"asked, twice\"\n\
                '=cora,2026-07-03T10:00:00Z,not_reached,\n";
    let told = tell(&project, 0, text);
    assert_eq!((&told["rows"], &told["new_rows"]), (&json!(2), &json!(2)));
    let again = tell(&project, 0, text);
    assert_eq!((&again["rows"], &again["new_rows"]), (&json!(2), &json!(0)));
    let call = |client: &str, day: &str, outcome: &str, note: Option<&str>| ContactRecord {
        client: client.into(),
        contacted_at: day.parse().unwrap(),
        outcome: outcome.into(),
        note: note.map(str::to_owned),
    };
    let expected = [
        call("acme", "2026-07-02", "stays", Some("asked, twice")),
        call("=cora", "2026-07-03", "not reached", None),
    ];
    assert_eq!(known(&project), expected);
    let file = project.path("calls.csv");
    let quiet = ingest(
        &project,
        &["--contacts", file.to_str().unwrap(), NOW[0], NOW[1]],
    );
    assert_eq!((quiet.code, quiet.out.as_str()), (0, ""), "{quiet:?}");
}

#[test]
fn bad_rows_are_named_and_the_others_kept() {
    let project = project();
    let told = tell(
        &project,
        65,
        "corporation,contacted_at,outcome\n\
         acme,2026-07-02,maybe\n\
         acne,2026-07-02,stays\n\
         acme,soon,stays\n\
         acme,2026-07-11,perhaps\n\
         acme,2026-07-02\n\
         ,2026-07-02,stays\n\
         bolt,2026-07-02,already leaving\n",
    );
    assert_eq!(told["refused"], Value::Null);
    let rejected = told["rejected"].as_array().unwrap();
    let lines: Vec<u64> = rejected
        .iter()
        .map(|row| row["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
    for (row, reason) in [
        (0, "outcome: \"maybe\" is none of stays, leaves"),
        (1, "corporation: \"acne\" is no client of the data"),
        (2, "contacted_at: \"soon\" is not a date"),
        (3, "contacted_at is after today, 2026-07-10"),
        (4, "expected 3 fields, found 2"),
        (5, "corporation is missing"),
    ] {
        let reasons = rejected[row]["reasons"].to_string().replace("\\\"", "\"");
        assert!(reasons.contains(reason), "{reasons}");
    }
    assert_eq!(rejected[3]["reasons"].as_array().unwrap().len(), 2);
    assert_eq!(known(&project).len(), 1);
}

#[test]
fn a_file_with_too_many_bad_rows_or_without_the_columns_is_refused_whole() {
    let project = project();
    let mut text = "corporation,contacted_at,outcome\nacme,2026-07-02,stays\n".to_owned();
    text += &"acme,2026-07-02,what\n".repeat(20);
    for (text, reason) in [
        (text.as_str(), "20 of 21 rows are bad"),
        (
            "corporation,when\nacme,2026-07-02\n",
            "contacted_at, outcome are missing",
        ),
        ("", "empty"),
    ] {
        let told = tell(&project, 65, text);
        let refused = told["refused"].as_str().unwrap();
        assert!(refused.contains(reason), "{refused}");
        assert_eq!(told["new_rows"], 0);
    }
    assert!(known(&project).is_empty());
    project.write("calls.csv", "corporation,when\nacme,2026-07-02\n");
    let calls = project.path("calls.csv");
    let quiet = ingest(&project, &["-q", "--contacts", calls.to_str().unwrap()]).ended(65);
    assert!(quiet.err.contains("calls.csv is refused: "), "{quiet:?}");
    let ran = ingest(&project, &["--contacts", "nowhere.csv"]).ended(66);
    assert!(ran.err.contains("nowhere.csv"), "{ran:?}");
}
