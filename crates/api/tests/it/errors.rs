//! Every error is a problem document that says what the caller can mend.

use crate::support::{Api, project};
use serde_json::json;
use std::io::{Read, Write};

#[test]
fn malformed_json_says_where() {
    let project = project();
    let api = Api::start(&project);
    for body in ["{", "", "dataset_path=x"] {
        let detail = api.post("application/json", body).problem(400);
        assert!(detail.contains("line 1 column"), "{detail}");
    }
    api.post("application/json", b"{\"dataset_path\": \"\xff\"}")
        .problem(400);
}

#[test]
fn json_of_another_form_says_which_form_is_expected() {
    let project = project();
    let api = Api::start(&project);
    for body in [
        json!([]),
        json!({"dataset_paht": "testdata/testdata.csv"}),
        json!({"dataset_path": 1}),
        json!({"clients": {}}),
    ] {
        let detail = api.predict(&body).problem(422);
        assert!(detail.contains("\"clients\": [{"), "{detail}");
    }
    for body in [
        json!({}),
        json!({"dataset_path": null}),
        json!({"dataset_path": "testdata/testdata.csv", "clients": []}),
    ] {
        let detail = api.predict(&body).problem(422);
        assert!(detail.contains("exactly one"), "{detail}");
    }
}

#[test]
fn other_content_types_are_refused_with_those_that_are_taken() {
    let project = project();
    let api = Api::start(&project);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = api.post(content_type, "{}");
        let detail = answer.problem(415);
        assert!(detail.contains("text/csv"), "{detail}");
        assert_eq!(answer.headers["accept"], "application/json, text/csv");
        // The body was not read, so nothing can follow it.
        assert_eq!(answer.headers["connection"], "close");
    }
}

#[test]
fn a_table_that_cannot_be_read_as_a_whole_says_why() {
    let project = project();
    let api = Api::start(&project);
    for (body, reason) in [
        ("", "empty"),
        ("corporation,activity,industry\n", "no rows"),
        ("corporation,activity\na,1\n", "industry is missing"),
        ("corporation;activity;industry\na;1;x\n", "';'"),
        ("corporation,activity,industry\na,1,\"x", "not closed"),
    ] {
        let detail = api.post("text/csv", body).problem(422);
        assert!(detail.starts_with("the body cannot be used"), "{detail}");
        assert!(detail.contains(reason), "{detail}");
        project.write("testdata/bad.csv", body);
        let detail = api.dataset("testdata/bad.csv").problem(422);
        assert!(
            detail.starts_with("testdata/bad.csv cannot be used"),
            "{detail}"
        );
        assert!(detail.contains(reason), "{detail}");
    }
}

#[test]
fn unknown_endpoints_and_methods_are_named() {
    let project = project();
    let api = Api::start(&project);
    for path in ["/", "/predictions", "/scoring/", "/%ff", "//"] {
        let detail = api.get(path).problem(404);
        assert!(detail.contains("POST /prediction"), "{detail}");
    }
    let answer = api.get("/prediction");
    let detail = answer.problem(405);
    assert!(
        detail.contains("/prediction does not answer GET"),
        "{detail}"
    );
    assert_eq!(answer.headers["allow"], "POST");
}

fn raw(api: &Api, request: &str) -> String {
    let mut stream = api.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let project = project();
    let api = Api::start(&project);
    let length = 64 * 1024 * 1024 + 1;
    let answer = raw(
        &api,
        &format!(
            "POST /prediction HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("larger than 64 MiB"), "{answer}");
}

#[test]
fn a_body_of_unknown_length_is_refused_when_it_becomes_too_large() {
    let project = project();
    let api = Api::start(&project);
    let mut stream = api.connect();
    let head = "POST /prediction HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mib = vec![b'x'; 1024 * 1024];
    for _ in 0..64 {
        stream.write_all(b"100000\r\n").unwrap();
        stream.write_all(&mib).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"1\r\nx\r\n").unwrap();
    let mut answer = [0; 512];
    let read = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_method_that_is_not_allowed_says_which_is() {
    let project = project();
    let api = Api::start(&project);
    let request = "DELETE /scoring HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw(&api, request);
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("allow: GET,HEAD"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}
