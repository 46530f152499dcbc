//! Rows that are not accepted, and files with too many of them.

use crate::running::{
    Outcome, assert_silent, done, ends, final_data, ingest, project_with, put, refused,
    rejected_rows, table,
};
use serde_json::json;
use testkit::Project;

#[test]
fn each_kind_of_bad_row_is_listed_with_file_line_text_and_every_reason() {
    let project = project_with(json!({
        "observed_at": "day",
        "features": [{ "name": "size", "kind": "numeric", "min": 0, "max": 1000 }],
    }));
    let bad = [
        ("a,1,0", "expected 4 fields, found 3"),
        ("a,1,0,2026-01-31,x", "expected 4 fields, found 5"),
        ("a,many,0,2026-01-31", "size: \"many\" is not a number"),
        ("a,inf,0,2026-01-31", "size: \"inf\" is infinite"),
        ("a,1e999,0,2026-01-31", "size: \"1e999\" is infinite"),
        ("a,-1,0,2026-01-31", "size: -1 is below the minimum 0"),
        (
            "a,1001,0,2026-01-31",
            "size: 1001 is above the maximum 1000",
        ),
        (",1,0,2026-01-31", "corporation is missing"),
        (
            "a,1,2,2026-01-31",
            "exited: \"2\" is none of 0, 1, true, false, yes, no and missing",
        ),
        (
            "a,1,0,soon",
            "day: \"soon\" is not a date; expected YYYY-MM-DD",
        ),
        ("a,1,0,", "day is missing"),
        (
            "NA,lots,maybe,31.1.2026",
            "corporation is missing; size: \"lots\" is not a number; exited: \"maybe\" is none of \
             0, 1, true, false, yes, no and missing; day: \"31.1.2026\" is not a date; expected \
             YYYY-MM-DD",
        ),
    ];
    let mut text = "corporation,size,exited,day\nfirst,1,0,2026-01-31\n".to_owned();
    for (row, _) in bad {
        text.push_str(&format!("{row}\n"));
    }
    text.push_str("last,2,1,2026-01-31\n");
    put(&project, "a.csv", text);
    let outcome = done(&project);
    assert_eq!(outcome.count("rejected_rows"), 12);
    assert_eq!(outcome.file("a.csv")["rejected_rows"], 12);
    assert_eq!(outcome.count("rows_read"), 14);
    let listed = rejected_rows(&project);
    assert_eq!(listed.len(), bad.len());
    for (at, (row, reasons)) in bad.iter().enumerate() {
        let line = (at + 3).to_string();
        assert_eq!(listed[at], ["a.csv", &line, reasons, row]);
    }
    let kept = "corporation,size,exited,day\nfirst,1,0,2026-01-31\nlast,2,1,2026-01-31\n";
    assert_eq!(final_data(&project), kept);
}

#[test]
fn a_bad_row_keeps_its_text_with_quotes_and_line_ends_and_its_true_line() {
    let project = Project::new();
    put(
        &project,
        "a.csv",
        "corporation,activity,exited\r\n\"two\r\nlines\",1,0\r\n\r\n\"Acme, \"\"A\"\"\",1,maybe\r\n",
    );
    done(&project);
    let [_, line, _, row] = &rejected_rows(&project)[0];
    assert_eq!(
        (line.as_str(), row.as_str()),
        ("5", "\"Acme, \"\"A\"\"\",1,maybe")
    );
}

#[test]
fn bad_rows_of_all_files_are_listed_in_name_order() {
    let project = Project::new();
    put(&project, "b.csv", table(&["a,1,0", "b,1,maybe"]));
    done(&project);
    put(&project, "a.csv", table(&["c,1,maybe", "d,1,1"]));
    let outcome = done(&project);
    assert_eq!(outcome.count("rejected_rows"), 2);
    let places: Vec<[String; 2]> = rejected_rows(&project)
        .into_iter()
        .map(|[file, line, ..]| [file, line])
        .collect();
    assert_eq!(places, [["a.csv", "2"], ["b.csv", "3"]]);
}

#[test]
fn people_are_pointed_to_the_list_of_bad_rows() {
    let project = Project::new();
    put(&project, "a.csv", table(&["a,1,0", "b,1,maybe"]));
    let told = ingest(&project, &[]).out;
    assert!(
        told.contains("a.csv (1 rows, 1 rejected, see rejectedrows.csv)"),
        "{told}"
    );
}

/// A file of `good` good rows followed by `bad` bad ones.
fn mixed(good: usize, bad: usize) -> String {
    let good = (0..good).map(|row| format!("good {row},{},0", row % 3));
    let bad = (0..bad).map(|row| format!("bad {row},1,maybe"));
    let rows: Vec<String> = good.chain(bad).collect();
    table(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

fn status_of(contents: &str, arguments: &[&str], code: i32) -> Outcome {
    let project = Project::new();
    put(&project, "a.csv", contents);
    ends(&project, code, arguments)
}

#[test]
fn a_file_is_refused_from_20_bad_rows_when_they_are_more_than_5_percent() {
    assert_eq!(status_of(&mixed(1, 19), &[], 0).count("rows"), 1);
    assert_eq!(status_of(&mixed(380, 20), &[], 0).count("rows"), 380);
    let outcome = status_of(&mixed(379, 20), &[], 65);
    assert_eq!(outcome.count("rows"), 0);
    let expected = "20 of 399 rows are bad (5.0 %, more than 5 %); the first is line 381: exited: \
                    a cell is none of 0, 1, true, false, yes, no and missing";
    assert_eq!(outcome.reason("a.csv"), expected);
}

#[test]
fn a_refusal_for_text_in_numeric_columns_names_the_columns_and_the_way_out() {
    // Each of the columns is numeric, for 97 of 100 cells are numbers; together they are too bad.
    let row = |row: usize| {
        let cell = |column: usize| match (row + 10 * column) % 33 {
            0 => "?".to_owned(),
            _ => (row % 17).to_string(),
        };
        format!("c{row},{},{},{},{}\n", cell(0), cell(1), cell(2), row % 2)
    };
    let rows: String = (0..660).map(row).collect();
    let outcome = status_of(&format!("corporation,a,b,c,exited\n{rows}"), &[], 65);
    let reason = outcome.reason("a.csv");
    assert!(
        reason.ends_with(
            "; text stands in the numeric columns a (20 rows), b (20 rows), c (20 rows): empty those \
             cells, or list the columns with kind category in dataset.features, or raise \
             dataset.max_rejected_percent"
        ),
        "{reason}"
    );
}

#[test]
fn the_limit_of_bad_rows_is_configurable() {
    let limit = |percent| {
        [
            "--set".to_owned(),
            format!("dataset.max_rejected_percent={percent}"),
        ]
    };
    let with = |percent, code| {
        let arguments = limit(percent);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        status_of(&mixed(60, 20), &arguments, code)
    };
    assert_eq!(with(25, 0).count("rows"), 60);
    assert_eq!(with(24, 65).count("rows"), 0);
}

#[test]
fn a_file_with_too_many_bad_rows_leaves_its_last_accepted_version() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "b.csv", table(&["bolt,8,0"]));
    done(&project);
    put(&project, "a.csv", mixed(100, 30));
    put(&project, "c.csv", table(&["corv,9,0"]));
    let ran = ingest(&project, &[]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(
        ran.err.contains("a.csv is refused: 30 of 130 rows are bad"),
        "{ran:?}"
    );
    assert_eq!(
        final_data(&project),
        table(&["acme,7,1", "bolt,8,0", "corv,9,0"])
    );
    assert_eq!(rejected_rows(&project).len(), 30);
    assert_eq!(
        project.read("ingesteddata/ingestedfiles.txt"),
        "a.csv\nb.csv\nc.csv\n"
    );
    // Told once, and from then on quiet.
    assert_silent(&project);
    let outcome = done(&project);
    assert_eq!(outcome.status("a.csv"), "refused");
    assert_eq!(outcome.count("rejected_rows"), 0);
    put(&project, "a.csv", mixed(130, 0));
    let outcome = done(&project);
    assert_eq!(
        (outcome.status("a.csv"), outcome.count("rows")),
        ("changed", 132)
    );
    assert!(rejected_rows(&project).is_empty());
}

#[test]
fn bad_rows_of_the_only_file_are_listed_although_it_is_refused() {
    let project = Project::new();
    put(&project, "a.csv", mixed(10, 30));
    assert_eq!(refused(&project).file("a.csv")["rejected_rows"], 30);
    assert_eq!(rejected_rows(&project).len(), 30);
    assert_silent(&project);
}

#[test]
fn a_stricter_limit_refuses_what_was_accepted_and_a_milder_one_takes_it_back() {
    let project = Project::new();
    put(&project, "a.csv", mixed(380, 20));
    put(&project, "b.csv", table(&["acme,7,1"]));
    assert_eq!(done(&project).count("rows"), 381);
    let strict = ["--set", "dataset.max_rejected_percent=1"];
    assert_eq!(ends(&project, 65, &strict).count("rows"), 1);
    assert_eq!(done(&project).count("rows"), 381);
}
