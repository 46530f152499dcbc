//! Files that cannot be accepted as a whole.

use crate::running::{
    assert_silent, done, ends, final_data, ingest, outputs, put, refused, remove, table,
};
use std::os::unix::fs::symlink;
use testkit::Project;

fn with_a_good_file() -> Project {
    let project = Project::new();
    put(&project, "m.csv", table(&["acme,7,1"]));
    done(&project);
    project
}

/// Puts bad files in by `place`, and checks that each is refused for its reason, told once, while
/// the others go on and nothing else changes.
#[track_caller]
fn assert_refused(expected: &[(&str, &str)], place: impl FnOnce(&Project)) {
    let project = with_a_good_file();
    let before = outputs(&project);
    place(&project);
    let ran = ingest(&project, &[]);
    assert_eq!(ran.code, 65, "{ran:?}");
    let after = outputs(&project);
    for kept in [
        "finaldata.csv",
        "ingestedfiles.txt",
        "rejectedrows.csv",
        "schema.json",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_silent(&project);
    put(&project, "z.csv", table(&["bolt,8,0"]));
    let outcome = done(&project);
    assert_eq!(
        (outcome.status("m.csv"), outcome.count("rows")),
        ("known", 2)
    );
    for (name, reason) in expected {
        assert_eq!(outcome.status(name), "refused");
        assert!(
            outcome.reason(name).contains(reason),
            "{reason}: {outcome:?}"
        );
        let message = format!("{name} is refused: {}", outcome.reason(name));
        assert!(ran.err.contains(&message), "{message}: {ran:?}");
    }
}

#[test]
fn a_bad_file_is_refused_with_its_reason_while_the_others_go_on() {
    let header = "corporation,activity,exited\n";
    let utf16: Vec<u8> = table(&["a,1,0"])
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&str, &str, Vec<u8>); 11] = [
        (
            "b.csv",
            "the column activity is missing",
            b"corporation,exited\na,0\n".into(),
        ),
        (
            "c.csv",
            "the columns corporation, activity, exited are missing",
            b"foo,bar\n1,2\n".into(),
        ),
        (
            "d.csv",
            "not UTF-8: line 3 holds other bytes",
            [header.as_bytes(), b"a,1,0\nM\xfcller,1,0\n"].concat(),
        ),
        (
            "e.csv",
            "the file is UTF-16",
            [&[0xff, 0xfe], &utf16[..]].concat(),
        ),
        ("f.csv", "line 1 holds zero bytes", utf16),
        ("g.csv", "the file is empty", Vec::new()),
        ("h.csv", "the file is empty", b"\r\n\r\n".into()),
        ("i.csv", "the file has a header but no rows", header.into()),
        (
            "j.csv",
            "a quoted cell is not closed",
            format!("{header}a,1,0\n\"b,1,0\nc,1,0\n").into(),
        ),
        (
            "k.csv",
            "the column activity appears twice in the header",
            b"corporation,activity,activity,exited\na,1,1,0\n".into(),
        ),
        (
            "l.csv",
            "seem to be separated by ';'",
            b"corporation;activity;exited\na;1;0\n".into(),
        ),
    ];
    let expected: Vec<(&str, &str)> = cases.iter().map(|case| (case.0, case.1)).collect();
    assert_refused(&expected, |project| {
        for (name, _, contents) in &cases {
            put(project, name, contents);
        }
    });
}

#[test]
fn what_cannot_be_opened_is_refused_and_not_passed_over_or_waited_for() {
    let expected = [
        ("link.csv", "cannot be read: No such file"),
        ("folder.parquet", "it is no file"),
        ("pipe.csv", "it is no file"),
    ];
    assert_refused(&expected, |project| {
        symlink("nowhere", project.path("sourcedata/link.csv")).unwrap();
        project.write("sourcedata/folder.parquet/part-0.parquet", "x");
        let pipe = project.path("sourcedata/pipe.csv");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
    });
}

#[test]
fn a_link_to_a_file_elsewhere_is_read() {
    let project = with_a_good_file();
    project.write("elsewhere.csv", table(&["bolt,8,0"]));
    symlink(
        project.path("elsewhere.csv"),
        project.path("sourcedata/b.csv"),
    )
    .unwrap();
    assert_eq!(done(&project).count("rows"), 2);
}

#[test]
fn a_bad_file_is_told_of_again_when_its_content_changes() {
    let project = with_a_good_file();
    put(&project, "b.csv", "foo\n1\n");
    refused(&project);
    put(&project, "b.csv", "foo\n2\n");
    refused(&project);
    put(&project, "b.csv", "foo\n1\n");
    refused(&project);
}

#[test]
fn a_bad_file_that_is_mended_comes_in() {
    let project = with_a_good_file();
    put(&project, "b.csv", "");
    refused(&project);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    assert_eq!(done(&project).status("b.csv"), "new");
}

#[test]
fn a_bad_file_that_goes_away_leaves_no_trace() {
    let project = with_a_good_file();
    let before = outputs(&project);
    put(&project, "b.csv", "");
    refused(&project);
    remove(&project, "b.csv");
    done(&project);
    assert_eq!(outputs(&project), before);
}

#[test]
fn the_same_bad_content_is_told_of_once_also_when_the_reason_becomes_another() {
    let project = Project::new();
    put(&project, "b.csv", "foo\n1\n");
    let outcome = refused(&project);
    assert_eq!(outcome.count("rows"), 0);
    assert_silent(&project);
    put(&project, "c.csv", table(&["acme,7,1"]));
    let outcome = done(&project);
    assert_eq!(
        (outcome.status("b.csv"), outcome.status("c.csv")),
        ("refused", "new")
    );
}

#[test]
fn where_no_file_is_good_nothing_is_compiled() {
    let project = Project::new();
    put(&project, "b.csv", "");
    let outcome = ends(&project, 65, &[]);
    assert_eq!((outcome.count("rows_read"), outcome.count("rows")), (0, 0));
    assert!(!project.path("ingesteddata/finaldata.csv").exists());
}

#[test]
fn quiet_still_tells_of_a_refused_file() {
    let project = with_a_good_file();
    put(&project, "b.csv", "");
    let ran = ingest(&project, &["-q"]);
    assert_eq!((ran.code, ran.out.as_str()), (65, ""));
    assert!(
        ran.err.contains("b.csv is refused: the file is empty"),
        "{ran:?}"
    );
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
}

#[test]
fn the_log_may_be_json() {
    let project = with_a_good_file();
    put(&project, "b.csv", "");
    let err = ingest(&project, &["--log-format", "json"]).err;
    let entry: serde_json::Value = serde_json::from_str(err.trim()).unwrap();
    assert_eq!(entry["level"], "ERROR");
    assert_eq!(entry["message"], "b.csv is refused: the file is empty");
}
