//! Files that cannot be read and folders that vanish.

use crate::{LATER, assert_ends, full, program, through_shell, with_a_month};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn an_input_file_that_may_not_be_read_is_refused_and_named_while_the_rest_is_done() {
    let project = with_a_month();
    let parts = project.files("ingesteddata/parts");
    let path = project.path("sourcedata/clients_2026-07.csv");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let command = program(&project, "fullprocess", LATER, &["--offline"]);
    let output = through_shell("true", &command).output().unwrap();
    assert_ends(
        &output,
        65,
        &[
            "clients_2026-07.csv",
            "Permission denied",
            "newly labelled samples",
        ],
    );
    let now = project.files("ingesteddata/parts");
    let is_kept = |(name, bytes): (&String, &Vec<u8>)| name == "index.json" || now[name] == *bytes;
    assert!(parts.iter().all(is_kept));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_ends(&full(&project, LATER), 0, &[]);
    let accepted = project.read("ingesteddata/ingestedfiles.txt");
    assert!(accepted.contains("clients_2026-07.csv"), "{accepted}");
}

#[test]
fn an_output_folder_that_vanished_between_two_runs_is_made_anew_from_the_input() {
    let project = with_a_month();
    let production = project.files("production_deployment");
    fs::remove_dir_all(project.path("ingesteddata")).unwrap();
    assert_ends(&full(&project, LATER), 0, &["newly labelled samples"]);
    assert_eq!(
        project.files("production_deployment")["current"],
        production["current"]
    );
}

#[test]
fn an_output_folder_that_vanishes_during_a_run_ends_it_and_the_next_run_does_the_work() {
    let project = with_a_month();
    let production = project.files("production_deployment");
    let mut run = program(&project, "fullprocess", LATER, &["--offline"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (folder, away) = (project.path("ingesteddata"), project.path("away"));
    let is_at_work = || {
        project
            .read("ingesteddata/.lock")
            .starts_with(&run.id().to_string())
    };
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_at_work() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(1));
    }
    fs::rename(&folder, &away).unwrap();
    let status = run.wait().unwrap();
    assert_ne!(status.code(), None, "{status}");
    assert_eq!(
        project.files("production_deployment")["current"],
        production["current"]
    );
    let _ = fs::remove_dir_all(&folder);
    fs::rename(&away, &folder).unwrap();
    let next = full(&project, LATER);
    assert_ends(&next, 0, &[]);
    assert_ends(&full(&project, LATER), 0, &[]);
}
