//! The program around the service: its start, its end, its exit codes.

use crate::support::{Api, TEST_DATA, command, project};
use chrono::DateTime;
use risk_core::Run;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

#[test]
fn a_signal_ends_it_in_good_order_and_silently() {
    let project = project();
    let api = Api::start(&project);
    api.get("/healthz").json();
    assert_eq!(api.stop(), (Some(0), String::new()));
}

#[test]
fn a_request_in_progress_is_answered_before_the_end() {
    let project = project();
    let api = Api::start(&project);
    let mut stream = api.connect();
    let head = format!(
        "POST /prediction HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        TEST_DATA.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    // From here on the service waits for the body.
    assert_eq!(lines.next().unwrap().unwrap(), "HTTP/1.1 100 Continue");
    api.terminate();
    stream.write_all(TEST_DATA.as_bytes()).unwrap();
    let answer: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(answer.contains(&"HTTP/1.1 200 OK".into()), "{answer:?}");
    assert_eq!(api.stop().0, Some(0));
}

#[test]
fn the_calls_of_apicalls_are_answered() {
    let project = project();
    let diagnostics = r#"{"created_at": "2026-07-01T06:00:00Z", "summary": []}"#;
    project.write("ingesteddata/diagnostics.json", diagnostics);
    let api = Api::start(&project);
    let url: apicalls::ApiUrl = api.url.parse().unwrap();
    assert!(apicalls::is_up(&url));
    let config = risk_core::config::load(&project.config(), &[]).unwrap();
    let run = Run::writer(config, DateTime::UNIX_EPOCH, "apicalls").unwrap();
    let options = apicalls::Options {
        url: Some(url),
        ..apicalls::Options::default()
    };
    let calls = apicalls::run(&run, &options).unwrap().calls;
    assert!(calls.iter().all(|call| call.status == 200), "{calls:?}");
    let written = project.read("models/apireturns.txt");
    assert!(
        written.contains("{\"corporation\":\"acme\",\"risk\":"),
        "{written}"
    );
    assert!(written.contains("\"f1\": 0.5"), "{written}");
}

#[test]
fn an_address_in_use_is_an_error_that_says_what_to_do() {
    let project = project();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let setting = format!("api.bind={address}");
    for arguments in [["--bind", &address], ["--set", &setting]] {
        let output = command(&project).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(&address), "{message}");
        assert!(message.contains("--bind"), "{message}");
    }
}

#[test]
fn an_address_that_is_none_is_bad_usage() {
    let project = project();
    let output = command(&project).args(["--bind", "here"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
