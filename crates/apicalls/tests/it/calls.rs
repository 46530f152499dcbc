//! What is called and what is written.

use crate::server::{Server, nobody, silent};
use apicalls::is_up;
use assert_cmd::Command;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::Project;

pub fn program(project: &Project, url: &str) -> Command {
    let mut command = Command::cargo_bin("apicalls").unwrap();
    command.arg("--config").arg(project.config());
    command.args(["--url", url]);
    command
}

#[test]
fn the_four_answers_are_written_under_their_headings() {
    let project = Project::original();
    let server = Server::good();
    let output = program(&project, &server.url).arg("--json").unwrap();
    let expected = r#"POST /prediction {"dataset_path":"testdata/testdata.csv"}
=========================================================
{"answer to":"post /prediction"}

GET /scoring
============
{"answer to":"get /scoring"}

GET /summarystats
=================
{"answer to":"get /summarystats"}

GET /diagnostics
================
{"answer to":"get /diagnostics"}
"#;
    assert_eq!(project.read("models/apireturns.txt"), expected);
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        outcome,
        json!({"url": server.url, "calls": [
            {"method": "POST", "path": "/prediction", "status": 200},
            {"method": "GET", "path": "/scoring", "status": 200},
            {"method": "GET", "path": "/summarystats", "status": 200},
            {"method": "GET", "path": "/diagnostics", "status": 200},
        ]})
    );
    let sent = json!({"dataset_path": "testdata/testdata.csv"});
    assert_eq!(server.asked()[0].1, sent);
}

#[test]
fn every_file_of_the_test_data_is_asked_for_in_order() {
    let project = Project::original();
    project.write("testdata/more.csv", "");
    project.write("testdata/.hidden.csv", "");
    project.write("testdata/notes.txt", "");
    let server = Server::good();
    program(&project, &server.url).assert().success();
    let asked = server.asked();
    assert_eq!(asked.len(), 5);
    assert_eq!(asked[0].1["dataset_path"], "testdata/more.csv");
    assert_eq!(asked[1].1["dataset_path"], "testdata/testdata.csv");
}

#[test]
fn test_data_elsewhere_is_named_by_its_whole_path() {
    let project = Project::original();
    let elsewhere = Project::original();
    let server = Server::good();
    let folder = elsewhere.path("testdata");
    let setting = format!("test_data_path={}", folder.display());
    let mut command = program(&project, &server.url);
    command.args(["--set", &setting]).assert().success();
    let sent = json!({ "dataset_path": folder.join("testdata.csv") });
    assert_eq!(server.asked()[0].1, sent);
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let project = Project::original();
    let server = Server::good();
    let mut command = program(&project, &server.url);
    for variable in ["http_proxy", "HTTP_PROXY", "ALL_PROXY"] {
        command.env(variable, nobody());
    }
    command.assert().success();
}

#[test]
fn up_is_a_service_that_says_so_in_its_own_words() {
    let says = |status: &'static str, body: &'static str| {
        let server = Server::start(move |_| (status, body.to_owned()));
        is_up(&server.url.parse().unwrap())
    };
    assert!(says("200 OK", r#"{"status": "ok"}"#));
    assert!(!says("200 OK", "ok"));
    assert!(!says("200 OK", r#"{"status": "UP"}"#));
    assert!(!says("404 Not Found", r#"{"status": "ok"}"#));
    assert!(!is_up(&nobody().parse().unwrap()));
}

#[test]
fn a_service_that_does_not_answer_is_not_up_after_a_second() {
    let (_listener, url) = silent();
    let started = Instant::now();
    assert!(!is_up(&url.parse().unwrap()));
    assert!(started.elapsed() < Duration::from_secs(10));
}
