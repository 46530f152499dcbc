//! Receivers that are good, broken, slow or missing; the command; the heartbeat.

use super::{NOW, ends, is_silent, project, put_bad_file, run_at, texts};
use crate::said;
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::receiver::{Receiver, never_answering, nobody};

#[test]
fn what_could_not_be_delivered_is_delivered_by_a_later_run() {
    let project = project(json!({}));
    let broken = Receiver::answering("500 Internal Server Error");
    put_bad_file(&project, "corporation,exited\n");
    let first = ends(&project, NOW, &broken.url, 65);
    assert!(said(&first).contains("answered 500"), "{}", said(&first));
    assert!(project.path("models/report.html").is_file());
    // Logged once, not every ten minutes.
    is_silent(&project, "2026-07-01T06:10:00Z", &nobody());
    let status = run_at(&project, "2026-07-01T06:15:00Z", "", &["--status"]);
    assert!(
        said(&status).contains("could not be delivered by webhook"),
        "{}",
        said(&status)
    );
    let good = Receiver::answering("200 OK");
    is_silent(&project, "2026-07-01T06:20:00Z", &good.url);
    is_silent(&project, "2026-07-01T06:30:00Z", &good.url);
    assert_eq!((broken.requests().len(), texts(&good).len()), (1, 1));
    assert!(
        texts(&good)[0].contains("run 1, 2026-07-01T06:00:00Z"),
        "{:?}",
        texts(&good)
    );
}

#[test]
fn a_receiver_that_never_answers_neither_holds_up_nor_fails_the_run() {
    let project = project(json!({}));
    let (_listener, url) = never_answering();
    put_bad_file(&project, "corporation,exited\n");
    let started = Instant::now();
    let child = {
        let (project, url) = (&project, url.clone());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(move || ends(project, NOW, &url, 65));
            // While the message waits for its answer, the lock is free for the next run.
            let published = project.path("models/risk.prom");
            while !published.is_file() {
                assert!(started.elapsed() < Duration::from_secs(120));
                std::thread::sleep(Duration::from_millis(50));
            }
            is_silent(project, "2026-07-01T06:10:00Z", "");
            waiting.join().unwrap()
        })
    };
    assert!(
        said(&child).contains("no answer within"),
        "{}",
        said(&child)
    );
}

#[test]
fn a_missing_variable_is_a_clear_warning() {
    let project = project(json!({}));
    let output = ends(&project, NOW, "", 0);
    let text = said(&output);
    assert!(
        text.contains("RISK_TEST_WEBHOOK") && text.contains("not set"),
        "{text}"
    );
    is_silent(&project, "2026-07-01T06:10:00Z", "");
}

#[test]
fn a_command_reads_the_message_in_the_folder_of_the_configuration() {
    let project = project(json!({}));
    let mut config = project.read_json("config.json");
    config["alerts"] = json!({ "command": "{ echo $RISK_ALERT_KIND; cat; } > told.txt" });
    project.set_config(config);
    put_bad_file(&project, "corporation,exited\n");
    ends(&project, NOW, "", 65);
    let told = project.read("told.txt");
    assert!(
        told.starts_with("refused_data\nData was refused: broken.csv"),
        "{told}"
    );
    std::fs::remove_file(project.path("told.txt")).unwrap();
    is_silent(&project, "2026-07-01T06:10:00Z", "");
    assert!(!project.path("told.txt").exists());
}

#[test]
fn the_heart_beats_after_every_success_and_only_then() {
    let project = project(json!({}));
    let mut config = project.read_json("config.json");
    config["alerts"] = json!({ "heartbeat_url_env": "RISK_TEST_WEBHOOK" });
    project.set_config(config);
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 0);
    is_silent(&project, "2026-07-01T06:10:00Z", &receiver.url);
    assert_eq!(receiver.requests().len(), 2);
    assert!(receiver.requests()[1].0.starts_with("GET /hooks/"));
    std::fs::rename(project.path("sourcedata"), project.path("elsewhere")).unwrap();
    ends(&project, "2026-07-01T06:20:00Z", &receiver.url, 66);
    assert_eq!(receiver.requests().len(), 2);
    std::fs::rename(project.path("elsewhere"), project.path("sourcedata")).unwrap();
    is_silent(&project, "2026-07-01T06:30:00Z", &nobody());
}
