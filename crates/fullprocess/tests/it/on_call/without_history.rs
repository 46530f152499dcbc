//! Runs that fail before they have a history or even a configuration.

use super::{NOW, ends, project, texts};
use serde_json::json;
use testkit::Receiver;

#[test]
fn a_damaged_history_is_told_once_and_again_after_it_was_mended() {
    let project = project(json!({}));
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 0);
    let remove = || {
        for file in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
            let _ = std::fs::remove_file(project.path(&format!("ingesteddata/{file}")));
        }
    };
    let damage = || {
        remove();
        let garbage = "no database, but long enough to be read as one ".repeat(100);
        project.write("ingesteddata/history.sqlite", garbage);
    };
    damage();
    ends(&project, "2026-07-01T06:10:00Z", &receiver.url, 1);
    ends(&project, "2026-07-01T06:20:00Z", &receiver.url, 1);
    assert_eq!(texts(&receiver).len(), 1);
    assert!(
        texts(&receiver)[0].contains("history.sqlite"),
        "{:?}",
        texts(&receiver)
    );
    ends(&project, "2026-07-02T06:10:00Z", &receiver.url, 1);
    assert_eq!(texts(&receiver).len(), 2, "the cool-down is over");
    remove();
    ends(&project, "2026-07-02T06:20:00Z", &receiver.url, 0);
    damage();
    ends(&project, "2026-07-02T06:30:00Z", &receiver.url, 1);
    assert_eq!(texts(&receiver).len(), 3, "it had ended");
}

#[test]
fn a_wrong_key_is_told_where_the_section_of_alerts_is_right() {
    let project = project(json!({ "min_labeled": 30 }));
    let receiver = Receiver::answering("200 OK");
    ends(&project, NOW, &receiver.url, 78);
    ends(&project, "2026-07-01T06:10:00Z", &receiver.url, 78);
    assert_eq!(texts(&receiver).len(), 1);
    assert!(
        texts(&receiver)[0].contains("monitoring.min_labeled"),
        "{:?}",
        texts(&receiver)
    );
}
