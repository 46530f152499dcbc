//! A clock that jumps back.

use crate::{NOW, WRITERS, assert_ends, full, kept};
use risk_core::history::History;
use std::process::Command;
use testkit::Project;

const FUTURE: &str = "2999-01-01T00:00:00Z";

/// A project whose last run by the clock was in the far future.
fn after_the_future() -> Project {
    let project = Project::panel();
    assert_ends(&full(&project, NOW), 0, &["bootstrap"]);
    let history = History::open(&project.path("ingesteddata/history.sqlite")).unwrap();
    history.begin_run("test", NOW.parse().unwrap()).unwrap();
    history.set_published("clock", FUTURE).unwrap();
    project
}

/// A program at the time of the clock.
fn by_the_clock(project: &Project, name: &str, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_campaign"))
        .env("RISK_CAMPAIGN_PROGRAM", name)
        .env_remove("RISK_CONFIG")
        .arg("--config")
        .arg(project.config())
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_clock_that_is_behind_the_last_run_ends_1_and_changes_nothing() {
    let project = after_the_future();
    let before = kept(&project);
    for (name, arguments) in WRITERS {
        let output = by_the_clock(&project, name, arguments);
        assert_ends(&output, 1, &["the clock says", FUTURE, "--earlier"]);
    }
    assert_eq!(kept(&project), before);
}

#[test]
fn a_run_that_had_the_time_wrong_is_got_over_once_and_for_all() {
    let project = after_the_future();
    assert_ends(&by_the_clock(&project, "ingestion", &["--earlier"]), 0, &[]);
    assert_ends(&by_the_clock(&project, "ingestion", &[]), 0, &[]);
}

#[test]
fn a_time_that_is_given_may_be_any() {
    let project = after_the_future();
    assert_ends(&full(&project, NOW), 0, &[]);
}
