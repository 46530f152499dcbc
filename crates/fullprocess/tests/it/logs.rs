//! The log: one line for each step, joined with the history, and without client data.

use crate::{run, said};
use serde_json::Value;
use testkit::Project;

const NOW: &str = Project::PANEL_NOW;

/// Every cell that a log must not repeat holds this.
const MARKER: &str = "Zyxwvut";

fn lines(output: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(output).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn each_step_is_one_line_with_the_run_counts_and_milliseconds() {
    let project = Project::panel();
    let output = run(
        &project,
        "fullprocess",
        &["-v", "--log-format", "json", "--now", NOW],
    );
    assert!(output.status.success(), "{}", said(&output));
    let lines = lines(&output.stderr);
    let step = |name: &str| {
        let found: Vec<&Value> = lines
            .iter()
            .filter(|line| line["message"] == "step" && line["step"] == name)
            .collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        found[0].clone()
    };
    for (name, count) in [
        ("ingestion", "rows"),
        ("judgement", "samples"),
        ("training", "samples"),
        ("scoring", "samples"),
        ("diagnostics", "columns"),
        ("reporting", "clients"),
        ("fullprocess", "steps"),
    ] {
        let line = step(name);
        assert_eq!(line["span"]["id"], 1, "{line}");
        assert_eq!(line["status"], "done", "{line}");
        assert!(
            line["elapsed_ms"].is_u64() && line[count].is_u64(),
            "{line}"
        );
    }
    let history = project.path("ingesteddata/history.sqlite");
    let history = risk_core::history::History::open_to_read(&history).unwrap();
    let history = history.unwrap();
    let last = history
        .find_run(
            "fullprocess",
            "production_deployment",
            risk_core::history::Which::Last,
        )
        .unwrap();
    assert_eq!(last.unwrap().run, 1);
    let by_hand = run(&project, "training", &["-v", "--now", NOW]);
    let text = String::from_utf8(by_hand.stderr).unwrap();
    assert!(
        text.contains("run{id=2}: step step=\"training\" status=\"done\""),
        "{text}"
    );
}

#[test]
fn a_failure_is_json_where_json_is_asked_for() {
    let project = Project::new();
    let output = run(
        &project,
        "fullprocess",
        &["--log-format", "json", "--now", NOW],
    );
    assert_eq!(output.status.code(), Some(66));
    let lines = lines(&output.stderr);
    assert_eq!(lines.last().unwrap()["level"], "ERROR", "{lines:?}");
}

/// Bad cells and names of clients wherever data can come in.
fn marked() -> Project {
    let project = Project::panel();
    let text = project.read("sourcedata/clients_2026-04.csv");
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    let bad = rows[1].replacen(',', &format!("{MARKER},"), 1);
    let cells = rows[0].split(',').count();
    rows.push(bad);
    rows.push(vec![MARKER; cells].join(","));
    project.write("sourcedata/clients_2026-04.csv", rows.join("\n") + "\n");
    let all_bad = vec![vec![MARKER; cells].join(","); 30].join("\n");
    project.write("sourcedata/bad.csv", format!("{}\n{all_bad}\n", rows[0]));
    project.write(
        "sourcedata/headless.csv",
        format!("{MARKER},1,{MARKER}\n{MARKER},2,x\n"),
    );
    let test = project.read("testdata/testdata.csv");
    let bad_test = vec![MARKER; test.lines().next().unwrap().split(',').count()].join(",");
    project.write("testdata/testdata.csv", format!("{test}{bad_test}\n"));
    project
}

#[test]
fn a_log_never_holds_client_data() {
    for format in ["text", "json"] {
        let project = marked();
        let output = run(
            &project,
            "fullprocess",
            &["-vv", "--log-format", format, "--now", NOW],
        );
        assert_eq!(output.status.code(), Some(65), "{}", said(&output));
        assert!(
            project
                .read("ingesteddata/rejectedrows.csv")
                .contains(MARKER)
        );
        assert!(!said(&output).contains(MARKER), "{}", said(&output));
        for name in ["ingestion", "scoring", "diagnostics", "reporting"] {
            let output = run(
                &project,
                name,
                &["-vv", "--log-format", format, "--now", NOW],
            );
            let log = String::from_utf8(output.stderr).unwrap();
            assert!(!log.contains(MARKER), "{name}: {log}");
        }
        let status = run(&project, "fullprocess", &["--status", "--now", NOW]);
        assert!(!said(&status).contains(MARKER), "{}", said(&status));
    }
}
