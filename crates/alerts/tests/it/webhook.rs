//! The webhook and the heartbeat.

use crate::message;
use alerts::{Address, Channel, Undelivered, beat};
use std::time::{Duration, Instant};
use testkit::Receiver;
use testkit::receiver::{never_answering, nobody};

const LIMIT: Duration = Duration::from_secs(5);

fn send(url: &str, limit: Duration) -> Result<(), Undelivered> {
    Channel::Webhook(Address::new(url).unwrap()).deliver(&message(), limit)
}

fn error(result: Result<(), Undelivered>) -> String {
    let text = result.unwrap_err().to_string();
    assert!(
        !text.contains("SECRET") && !text.contains("127.0.0.1"),
        "{text}"
    );
    text
}

#[test]
fn a_receiver_gets_one_object_with_a_text() {
    let receiver = Receiver::answering("200 OK");
    send(&receiver.url, LIMIT).unwrap();
    let requests = receiver.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].0, "POST /hooks/SECRET HTTP/1.1");
    let body: serde_json::Value = serde_json::from_str(&requests[0].1).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    let text = body["text"].as_str().unwrap();
    for part in [
        "a.csv: it has no rows.",
        "web1",
        "/srv/risk/config.json",
        "run 17",
        "What to do",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_receiver_that_never_answers_is_left_in_time() {
    let (_listener, url) = never_answering();
    let started = Instant::now();
    let text = error(send(&url, Duration::from_millis(400)));
    assert_eq!(text, "no answer within 0.4 s");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_receiver_that_is_gone_is_told() {
    assert!(error(send(&nobody(), LIMIT)).contains("no connection"));
}

#[test]
fn an_answer_that_is_no_success_is_a_failure() {
    for status in ["500 Internal Server Error", "404 Not Found", "302 Found"] {
        let receiver = Receiver::answering(status);
        let text = error(send(&receiver.url, LIMIT));
        assert!(text.ends_with(&status[..3]), "{text}");
        assert_eq!(receiver.requests().len(), 1);
    }
}

#[test]
fn a_heartbeat_asks_with_get_and_may_fail() {
    let receiver = Receiver::answering("200 OK");
    beat(&Address::new(&receiver.url).unwrap(), LIMIT).unwrap();
    assert_eq!(receiver.requests()[0].0, "GET /hooks/SECRET HTTP/1.1");
    error(beat(&Address::new(&nobody()).unwrap(), LIMIT));
}
