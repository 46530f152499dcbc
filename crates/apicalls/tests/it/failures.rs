//! What goes wrong is named, in time, and what was written before stays.

use crate::calls::program;
use crate::server::{Server, nobody, silent};
use apicalls::{NotUp, Options};
use risk_core::{Run, config};
use std::time::{Duration, Instant};
use testkit::Project;

const OLD: &str = "the answers of last time";

fn project() -> Project {
    let project = Project::original();
    project.write("models/apireturns.txt", OLD);
    project
}

/// Runs the program, which has to fail, and gives its message.
#[track_caller]
fn failure(project: &Project, url: &str, code: i32) -> String {
    let assert = program(project, url).assert().code(code);
    assert_eq!(project.read("models/apireturns.txt"), OLD);
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_service_that_is_not_up_is_named_with_how_to_start_it() {
    let url = nobody();
    let message = failure(&project(), &url, 1);
    assert!(
        message.contains(&format!("no service at {url}")),
        "{message}"
    );
    assert!(
        message.contains("start it with the program api"),
        "{message}"
    );
}

#[test]
fn not_up_can_be_told_from_other_failures() {
    let project = project();
    let attempt = |url: String| {
        let config = config::load(&project.config(), &[]).unwrap();
        let run = Run::reader(config, chrono::DateTime::UNIX_EPOCH);
        let options = Options {
            url: Some(url.parse().unwrap()),
            timeout: Duration::from_millis(300),
        };
        apicalls::run(&run, &options).unwrap_err()
    };
    assert!(attempt(nobody()).is::<NotUp>());
    let started = Instant::now();
    let (_listener, url) = silent();
    let error = attempt(url);
    assert!(!error.is::<NotUp>());
    assert!(
        format!("{error:#}").contains("POST /prediction"),
        "{error:#}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_answer_that_is_no_success_is_named_with_its_detail() {
    let server = Server::start(|request| match request {
        "get /diagnostics" => (
            "503 Service Unavailable",
            r#"{"status": 503, "detail": "there are no diagnostics yet"}"#.into(),
        ),
        _ => ("200 OK", "{}".into()),
    });
    let message = failure(&project(), &server.url, 1);
    let expected = format!(
        "GET /diagnostics of {} failed: 503 Service Unavailable: there are no diagnostics yet",
        server.url
    );
    assert!(message.contains(&expected), "{message}");
}

#[test]
fn answers_of_something_else_are_not_taken() {
    for (status, body, said) in [
        ("200 OK", "<html>", "not JSON"),
        ("502 Bad Gateway", "<html>", "502 Bad Gateway"),
        ("302 Found", "", "302 Found"),
    ] {
        let server = Server::start(move |_| (status, body.into()));
        let message = failure(&project(), &server.url, 1);
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn without_test_data_there_is_nothing_to_ask() {
    let project = Project::new();
    project.write("models/apireturns.txt", OLD);
    let message = failure(&project, &nobody(), 66);
    assert!(message.contains("testdata"), "{message}");
}

#[test]
fn an_address_that_is_none_is_bad_usage() {
    let message = failure(&project(), "localhost:8000", 2);
    assert!(message.contains("http://127.0.0.1:8000"), "{message}");
}
