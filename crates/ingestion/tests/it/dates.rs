//! Samples with dates: client and date are the key.

use crate::running::{configure, dated_project, done, ends, final_data, put, rejected_rows};
use serde_json::json;

const HEADER: &str = "corporation,activity,exited,observed_at\n";

fn dated(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

#[test]
fn a_later_file_supplies_labels() {
    let project = dated_project();
    put(
        &project,
        "2026-01.csv",
        dated(&["acme,7,,2026-01-31", "bolt,8,,2026-01-31"]),
    );
    let first = done(&project);
    assert_eq!(first.count("unlabelled_rows"), 2);
    put(
        &project,
        "labels.csv",
        dated(&["acme,7,1,2026-01-31", "bolt,8,0,2026-01-31"]),
    );
    let second = done(&project);
    assert_eq!(second.count("updated_rows"), 2);
    assert_eq!(second.count("duplicate_rows"), 0);
    assert_eq!(second.count("rows_read"), 4);
    assert_eq!(second.count("unlabelled_rows"), 0);
    let expected = dated(&["acme,7,1,2026-01-31", "bolt,8,0,2026-01-31"]);
    assert_eq!(final_data(&project), expected);
}

#[test]
fn a_later_file_corrects_a_row_and_leaves_the_others() {
    let project = dated_project();
    put(
        &project,
        "a.csv",
        dated(&["acme,7,1,2026-01-31", "bolt,8,0,2026-01-31"]),
    );
    put(
        &project,
        "b.csv",
        dated(&["acme,70,1,2026-01-31", "acme,9,0,2026-02-28"]),
    );
    let outcome = done(&project);
    assert_eq!(outcome.count("updated_rows"), 1);
    let expected = dated(&[
        "bolt,8,0,2026-01-31",
        "acme,70,1,2026-01-31",
        "acme,9,0,2026-02-28",
    ]);
    assert_eq!(final_data(&project), expected);
}

#[test]
fn an_exact_repetition_is_a_duplicate_and_no_update() {
    let project = dated_project();
    put(&project, "a.csv", dated(&["acme,7,1,2026-01-31"]));
    put(
        &project,
        "b.csv",
        dated(&["acme,7.0,yes,2026-01-31T08:00:00Z"]),
    );
    let outcome = done(&project);
    assert_eq!(outcome.count("duplicate_rows"), 1);
    assert_eq!(outcome.count("updated_rows"), 0);
}

#[test]
fn the_order_in_which_dated_files_arrive_does_not_matter() {
    let files = [
        (
            "a.csv",
            dated(&["acme,7,,2026-01-31", "bolt,8,,2026-01-31"]),
        ),
        (
            "b.csv",
            dated(&["acme,7,1,2026-01-31", "bolt,8,,2026-02-28"]),
        ),
        ("c.csv", dated(&["acme,9,,2026-01-31"])),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let project = dated_project();
        for position in order {
            put(&project, files[position].0, &files[position].1);
            done(&project);
        }
        let expected = dated(&[
            "bolt,8,,2026-01-31",
            "bolt,8,,2026-02-28",
            "acme,9,1,2026-01-31",
        ]);
        assert_eq!(final_data(&project), expected, "{order:?}");
    }
}

#[test]
fn a_target_of_0_younger_than_the_horizon_is_not_a_label_yet() {
    let project = dated_project();
    configure(
        &project,
        json!({ "observed_at": "observed_at", "horizon_days": 90 }),
    );
    let rows = [
        "acme,7,0,2026-04-01", // 90 days before the end of June
        "bolt,8,0,2026-04-02",
        "corv,9,1,2026-06-30",
        "dask,1,,2026-01-31",
    ];
    put(&project, "a.csv", dated(&rows));
    let on = |time| ends(&project, 0, &["--now", time]).count("unlabelled_rows");
    assert_eq!(on("2026-06-30T12:00:00Z"), 2);
    assert_eq!(on("2026-07-01T12:00:00Z"), 1);
    assert_eq!(final_data(&project), dated(&rows));
}

#[test]
fn a_bad_or_missing_date_makes_a_bad_row() {
    let project = dated_project();
    let rows = [
        "acme,7,1,31.01.2026",
        "bolt,8,0,",
        "corv,9,0,2026-02-30",
        "d,1,0,2026-01-31",
    ];
    put(&project, "a.csv", dated(&rows));
    assert_eq!(done(&project).count("rows"), 1);
    let reasons: Vec<String> = rejected_rows(&project)
        .into_iter()
        .map(|[_, _, reasons, _]| reasons)
        .collect();
    let expected = [
        "observed_at: \"31.01.2026\" is not a date; expected YYYY-MM-DD",
        "observed_at is missing",
        "observed_at: \"2026-02-30\" is not a date; expected YYYY-MM-DD",
    ];
    assert_eq!(reasons, expected);
}
