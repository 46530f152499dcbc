//! Which files a request may name.

use crate::support::{Api, TEST_DATA, project};
use std::os::unix::fs::symlink;
use std::process::Command;
use testkit::Project;

#[test]
fn names_that_point_outside_the_data_folders_are_forbidden() {
    let project = project();
    project.write("secret.csv", TEST_DATA);
    project.write("models/model.csv", TEST_DATA);
    let api = Api::start(&project);
    let absolute = project.path("secret.csv");
    for path in [
        "config.json",
        "secret.csv",
        "models/model.csv",
        "testdata/../secret.csv",
        "testdata/../../etc/passwd",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "/etc/does-not-exist.csv",
        absolute.to_str().unwrap(),
        "testdata2/testdata.csv",
        "",
        ".",
    ] {
        let detail = api.dataset(path).problem(403);
        assert!(detail.contains("data folders"), "{path}: {detail}");
        assert!(
            !detail.contains(project.root().to_str().unwrap()),
            "{detail}"
        );
    }
}

#[test]
fn links_that_lead_outside_look_like_nothing() {
    let project = project();
    let outside = Project::new();
    outside.write("secret.csv", TEST_DATA);
    symlink(
        outside.path("secret.csv"),
        project.path("testdata/link.csv"),
    )
    .unwrap();
    symlink(outside.root(), project.path("testdata/folder")).unwrap();
    symlink("../config.json", project.path("testdata/config.csv")).unwrap();
    symlink("nowhere", project.path("testdata/dangling.csv")).unwrap();
    let api = Api::start(&project);
    let answer = |path: &str| api.dataset(path).problem(404).replace(path, "it");
    let absent = answer("testdata/none.csv");
    for path in [
        "testdata/link.csv",
        "testdata/folder/secret.csv",
        "testdata/folder/none.csv",
        "testdata/folder",
        "testdata/folder/../folder/secret.csv",
        "testdata/config.csv",
        "testdata/dangling.csv",
        "testdata/testdata.csv/more.csv",
        "testdata/\u{0}.csv",
    ] {
        assert_eq!(answer(path), absent, "{path}");
    }
}

#[test]
fn links_that_stay_inside_and_names_with_dots_are_followed() {
    let project = project();
    symlink("testdata.csv", project.path("testdata/latest.csv")).unwrap();
    let api = Api::start(&project);
    for path in [
        "testdata/latest.csv",
        "./testdata/testdata.csv",
        "sourcedata/../testdata/testdata.csv",
    ] {
        api.dataset(path).json();
    }
}

#[test]
fn a_data_folder_that_is_a_link_may_be_named_either_way() {
    let project = project();
    let elsewhere = Project::new();
    elsewhere.write("data/new.csv", TEST_DATA);
    symlink(elsewhere.path("data"), project.path("ingesteddata")).unwrap();
    let api = Api::start(&project);
    api.dataset("ingesteddata/new.csv").json();
    let absolute = elsewhere.path("data/new.csv");
    api.dataset(absolute.to_str().unwrap()).json();
}

#[test]
fn the_book_may_be_a_file_of_any_name() {
    let project = project();
    let mut config = project.read_json("config.json");
    config["clients_path"] = "clients/book.txt".into();
    project.set_config(config);
    project.write("clients/book.txt", TEST_DATA);
    project.write("clients/other.csv", TEST_DATA);
    let api = Api::start(&project);
    api.dataset("clients/book.txt").json();
    api.dataset("clients/other.csv").problem(403);
}

#[test]
fn only_csv_files_are_datasets() {
    let project = project();
    project.write("ingesteddata/history.sqlite", "secret");
    let fifo = project.path("testdata/pipe.csv");
    assert!(Command::new("mkfifo").arg(fifo).status().unwrap().success());
    let api = Api::start(&project);
    let detail = api.dataset("ingesteddata/history.sqlite").problem(403);
    assert!(detail.contains("CSV"), "{detail}");
    api.dataset("testdata/pipe.csv").problem(403);
    let detail = api.dataset("testdata").problem(422);
    assert_eq!(detail, "testdata is a folder; name one CSV file in it");
}
