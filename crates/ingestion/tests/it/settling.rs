//! Files that are still being written.

use crate::running::{Outcome, ends, final_data, ingest, project_with, put, table};
use serde_json::json;
use std::fs::File;
use std::time::{Duration, SystemTime};
use testkit::Project;

/// 2026-07-01T06:00:00Z.
const NOW_S: u64 = 1_782_885_600;
const NOW: [&str; 2] = ["--now", "2026-07-01T06:00:00Z"];

fn touch(project: &Project, name: &str, seconds_since_1970: u64) {
    let file = File::options()
        .write(true)
        .open(project.path(&format!("sourcedata/{name}")))
        .unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds_since_1970);
    file.set_modified(time).unwrap();
}

fn waits_for_a_minute() -> Project {
    let project = project_with(json!({ "settle_s": 60 }));
    put(&project, "a.csv", table(&["acme,7,1"]));
    touch(&project, "a.csv", NOW_S - 61);
    project
}

fn waiting(outcome: &Outcome) -> Vec<&str> {
    let names = outcome.json["waiting"].as_array().unwrap();
    names.iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn a_fresh_file_waits_for_a_later_run() {
    let project = waits_for_a_minute();
    put(&project, "b.csv", table(&["bolt,8,0"]));
    touch(&project, "b.csv", NOW_S - 59);
    let outcome = ends(&project, 0, &NOW);
    assert_eq!(waiting(&outcome), ["b.csv"]);
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
    let outcome = ends(&project, 0, &["--now", "2026-07-01T06:00:02Z"]);
    assert!(waiting(&outcome).is_empty());
    assert_eq!(outcome.status("b.csv"), "new");
}

#[test]
fn a_file_whose_last_line_is_cut_off_waits_an_hour_and_is_refused_then_until_it_is_whole() {
    let project = waits_for_a_minute();
    put(&project, "b.csv", table(&["bolt,8,0"]).trim_end());
    touch(&project, "b.csv", NOW_S - 3600);
    assert_eq!(waiting(&ends(&project, 0, &NOW)), ["b.csv"]);
    touch(&project, "b.csv", NOW_S - 3601);
    let refused = ends(&project, 65, &NOW);
    assert_eq!(
        (refused.status("b.csv"), refused.count("rows")),
        ("refused", 1)
    );
    assert!(
        refused.json.to_string().contains("cut off"),
        "{}",
        refused.json
    );
    // The same is told once.
    ends(&project, 0, &NOW);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    touch(&project, "b.csv", NOW_S - 3600);
    assert_eq!(ends(&project, 0, &NOW).count("rows"), 2);
}

#[test]
fn a_run_in_which_a_file_only_waits_is_silent() {
    let project = waits_for_a_minute();
    ends(&project, 0, &NOW);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    touch(&project, "b.csv", NOW_S);
    let ran = ingest(&project, &NOW);
    assert_eq!(
        (ran.code, ran.out, ran.err),
        (0, String::new(), String::new())
    );
    let told = ingest(&project, &[&NOW[..], &["-v"]].concat()).out;
    assert!(
        told.contains("waiting   b.csv: still being written"),
        "{told}"
    );
}

#[test]
fn a_known_file_that_is_being_rewritten_keeps_its_rows() {
    let project = waits_for_a_minute();
    ends(&project, 0, &NOW);
    put(&project, "a.csv", "corporation,acti");
    touch(&project, "a.csv", NOW_S);
    let outcome = ends(&project, 0, &NOW);
    assert_eq!(
        (waiting(&outcome), outcome.count("rows")),
        (vec!["a.csv"], 1)
    );
}

#[test]
fn a_first_run_in_which_every_file_waits_ends_well() {
    let project = project_with(json!({ "settle_s": 60 }));
    put(&project, "a.csv", table(&["acme,7,1"]));
    touch(&project, "a.csv", NOW_S);
    let outcome = ends(&project, 0, &NOW);
    assert_eq!(
        (waiting(&outcome), outcome.count("rows")),
        (vec!["a.csv"], 0)
    );
}

#[test]
fn without_settle_s_every_file_is_read_at_once() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]).trim_end());
    touch(&project, "a.csv", NOW_S);
    assert_eq!(ends(&project, 0, &NOW).count("rows"), 1);
}
