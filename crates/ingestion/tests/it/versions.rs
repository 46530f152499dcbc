//! A file is known by its content: changed, unchanged, copied.

use crate::running::{
    assert_silent, done, final_data, outputs, put, refused, remove, rename, table,
};
use std::os::unix::fs::MetadataExt;
use testkit::Project;

fn two_files() -> Project {
    let project = Project::new();
    put(&project, "b.csv", table(&["acme,7,1", "bolt,8,0"]));
    put(&project, "c.csv", table(&["corv,9,0"]));
    done(&project);
    project
}

/// Inode and time of each part.
fn parts(project: &Project) -> Vec<(String, u64, i64)> {
    let names = project.files("ingesteddata/parts").into_keys();
    let names = names.filter(|name| name != "index.json");
    let describe = |name: String| {
        let path = project.path(&format!("ingesteddata/parts/{name}"));
        let found = std::fs::metadata(path).unwrap();
        (name, found.ino(), found.mtime_nsec())
    };
    names.map(describe).collect()
}

#[test]
fn a_changed_file_under_the_same_name_is_read_again() {
    let project = two_files();
    put(&project, "b.csv", table(&["acme,7,1", "dask,3,0"]));
    let outcome = done(&project);
    assert_eq!(outcome.status("b.csv"), "changed");
    assert_eq!(outcome.status("c.csv"), "known");
    assert_eq!(
        final_data(&project),
        table(&["acme,7,1", "dask,3,0", "corv,9,0"])
    );
}

#[test]
fn a_file_with_only_another_time_is_known_and_silent() {
    let project = two_files();
    put(&project, "b.csv", table(&["acme,7,1", "bolt,8,0"]));
    assert_silent(&project);
    assert_eq!(done(&project).status("b.csv"), "known");
}

#[test]
fn unchanged_files_are_not_parsed_again() {
    let project = two_files();
    let before = parts(&project);
    assert_eq!(before.len(), 4);
    put(&project, "d.csv", table(&["dask,3,0"]));
    assert_eq!(done(&project).status("b.csv"), "known");
    let after = parts(&project);
    assert_eq!(after.len(), 6);
    assert!(before.iter().all(|part| after.contains(part)));
}

#[test]
fn parts_that_are_of_no_use_any_more_are_removed() {
    let project = two_files();
    let before = parts(&project);
    put(&project, "b.csv", table(&["dask,3,0"]));
    done(&project);
    let after = parts(&project);
    assert_eq!(after.len(), 4);
    assert_eq!(before.iter().filter(|part| after.contains(part)).count(), 2);
}

#[test]
fn a_renamed_copy_adds_nothing() {
    let project = two_files();
    let before = final_data(&project);
    put(&project, "d.csv", table(&["acme,7,1", "bolt,8,0"]));
    let outcome = done(&project);
    assert_eq!(outcome.status("d.csv"), "copy");
    assert_eq!(outcome.reason("d.csv"), "the same content as b.csv");
    assert_eq!(outcome.count("rows_read"), 3);
    assert_eq!(final_data(&project), before);
    assert_eq!(
        project.read("ingesteddata/ingestedfiles.txt"),
        "b.csv\nc.csv\n"
    );
    assert_silent(&project);
}

#[test]
fn a_copy_with_a_smaller_name_takes_the_place_of_the_first() {
    let project = two_files();
    let before = final_data(&project);
    put(&project, "a.csv", table(&["acme,7,1", "bolt,8,0"]));
    let outcome = done(&project);
    assert_eq!(outcome.status("b.csv"), "copy");
    assert_eq!(outcome.count("rows_read"), 3);
    assert_eq!(final_data(&project), before);
}

#[test]
fn a_renamed_file_is_archived_and_its_new_name_a_copy() {
    let project = two_files();
    let before = final_data(&project);
    rename(&project, "b.csv", "d.csv");
    let outcome = done(&project);
    assert_eq!(outcome.status("b.csv"), "archived");
    assert_eq!(outcome.status("d.csv"), "copy");
    assert_eq!(final_data(&project), before);
    assert_silent(&project);
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let files = [
        ("a.csv", table(&["acme,7,1", "bolt,8,0"])),
        ("b.csv", table(&["corv,9,0", "acme,7,1"])),
        ("c.csv", table(&["dask,1,0", "corv,9,0"])),
    ];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for order in orders {
        let project = Project::new();
        for position in order {
            put(&project, files[position].0, &files[position].1);
            done(&project);
        }
        let expected = table(&["acme,7,1", "bolt,8,0", "corv,9,0", "dask,1,0"]);
        assert_eq!(final_data(&project), expected, "{order:?}");
    }
}

#[test]
fn a_corrected_file_brings_its_rows_back_in() {
    let project = two_files();
    put(&project, "b.csv", table(&["acme,7,1", "bolt,many,0"]));
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("rejected_rows")),
        (2, 1)
    );
    put(&project, "b.csv", table(&["acme,7,1", "bolt,80,0"]));
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("rejected_rows")),
        (3, 0)
    );
    assert_eq!(
        final_data(&project),
        table(&["acme,7,1", "bolt,80,0", "corv,9,0"])
    );
}

#[test]
fn the_last_accepted_version_stays_when_a_newer_one_is_refused() {
    let project = two_files();
    let before = final_data(&project);
    put(&project, "b.csv", "corporation,activity,exited\nacme,\"cut");
    put(&project, "d.csv", table(&["dask,3,0"]));
    let outcome = refused(&project);
    assert_eq!(outcome.status("b.csv"), "refused");
    assert_eq!(outcome.file("b.csv")["rows"], 2);
    assert_eq!(final_data(&project), format!("{before}dask,3,0\n"));
    put(&project, "b.csv", table(&["acme,7,1", "bolt,8,0"]));
    assert_eq!(done(&project).status("b.csv"), "known");
}

#[test]
fn a_refused_file_that_goes_away_leaves_its_accepted_version_archived() {
    let project = two_files();
    let before = final_data(&project);
    put(&project, "b.csv", "nothing of use");
    refused(&project);
    remove(&project, "b.csv");
    assert_eq!(done(&project).status("b.csv"), "archived");
    assert_eq!(final_data(&project), before);
}

#[test]
fn a_part_that_was_lost_is_made_again() {
    let project = two_files();
    let before = outputs(&project);
    for name in project.files("ingesteddata/parts").into_keys() {
        if name != "index.json" {
            std::fs::remove_file(project.path(&format!("ingesteddata/parts/{name}"))).unwrap();
        }
    }
    done(&project);
    assert_eq!(final_data(&project).as_bytes(), before["finaldata.csv"]);
    assert_eq!(parts(&project).len(), 4);
}
