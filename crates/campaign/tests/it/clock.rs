//! A clock that jumps back.

use crate::{LATER, NOW, WRITERS, assert_ends, full, kept, program, with_a_month};

#[test]
fn a_clock_that_is_behind_the_last_run_ends_1_and_changes_nothing() {
    let project = with_a_month();
    assert_ends(&full(&project, LATER), 0, &[]);
    let before = kept(&project);
    for (name, arguments) in WRITERS {
        let output = program(&project, name, NOW, arguments).output().unwrap();
        assert_ends(
            &output,
            1,
            &[
                "the clock",
                "2026-07-01T06:00:00Z",
                "2026-08-01T06:00:00Z",
                "--earlier",
            ],
        );
    }
    assert_eq!(kept(&project), before);
    assert_ends(&full(&project, LATER), 0, &[]);
}

#[test]
fn a_run_that_had_the_time_wrong_is_got_over_once_and_for_all() {
    let project = with_a_month();
    assert_ends(&full(&project, "2036-08-01T06:00:00Z"), 0, &[]);
    assert_ends(&full(&project, LATER), 1, &["--earlier"]);
    let output = program(&project, "ingestion", LATER, &["--earlier"])
        .output()
        .unwrap();
    assert_ends(&output, 0, &[]);
    assert_ends(&full(&project, LATER), 0, &[]);
}

#[test]
fn an_hour_back_is_no_jump() {
    let project = with_a_month();
    assert_ends(&full(&project, LATER), 0, &[]);
    assert_ends(&full(&project, "2026-08-01T05:00:00Z"), 0, &[]);
}
