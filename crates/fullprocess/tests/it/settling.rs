//! Files that are still being copied while cron runs.

use crate::{run, said};
use serde_json::Value;
use std::fs::File;
use std::time::{Duration, SystemTime};
use testkit::{Project, sample::Scenario};

/// 2026-08-01T06:00:00Z.
const LATER_S: u64 = 1_785_564_000;

fn full_settled(project: &Project, now: &str) -> Value {
    let settle = ["--set", "dataset.settle_s=60", "--json", "--now", now];
    let output = run(project, "fullprocess", &settle);
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn touch(project: &Project, name: &str, seconds_since_1970: u64) {
    let path = project.path(&format!("sourcedata/{name}"));
    let file = File::options().write(true).open(path).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds_since_1970);
    file.set_modified(time).unwrap();
}

#[test]
fn a_file_that_grows_from_run_to_run_is_judged_only_when_it_is_whole() {
    let project = Project::panel();
    for name in project.files("sourcedata").keys() {
        touch(&project, name, LATER_S - 90 * 86_400);
    }
    full_settled(&project, Project::PANEL_NOW);
    let before = project.read("ingesteddata/finaldata.csv");
    let delivered = project.deliver("2026-07", Scenario::Labels);
    let whole: Vec<String> = delivered
        .iter()
        .map(|name| project.read(&format!("sourcedata/{name}")))
        .collect();
    // Half of it, cut within a line; then all but the last line, touched a moment ago.
    for (share, touched) in [(2, LATER_S - 3600), (1, LATER_S + 600 - 5)] {
        for (name, text) in delivered.iter().zip(&whole) {
            let end = if share == 2 {
                text.len() / 2
            } else {
                text.trim_end().rfind('\n').unwrap() + 1
            };
            let end = if share == 2 && text.as_bytes()[end - 1] == b'\n' {
                end - 1
            } else {
                end
            };
            project.write(&format!("sourcedata/{name}"), &text[..end]);
            touch(&project, name, touched);
        }
        let now = if share == 2 {
            "2026-08-01T06:00:00Z"
        } else {
            "2026-08-01T06:10:00Z"
        };
        let outcome = full_settled(&project, now);
        assert_eq!(project.read("ingesteddata/finaldata.csv"), before);
        assert!(
            !outcome["reason"]
                .as_str()
                .unwrap()
                .contains("newly labelled"),
            "{outcome}"
        );
    }
    for (name, text) in delivered.iter().zip(&whole) {
        project.write(&format!("sourcedata/{name}"), text);
        touch(&project, name, LATER_S + 700);
    }
    let outcome = full_settled(&project, "2026-08-01T06:20:00Z");
    assert!(
        outcome["reason"]
            .as_str()
            .unwrap()
            .contains("newly labelled samples"),
        "{outcome}"
    );
    assert_ne!(project.read("ingesteddata/finaldata.csv"), before);
}
