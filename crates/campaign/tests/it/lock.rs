//! One writer at a time, whichever program it is.

use crate::{LATER, WRITERS, assert_ends, full, program, with_a_month};
use std::fs::File;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn every_writing_program_ends_75_at_once_and_names_the_holder() {
    let project = with_a_month();
    let path = project.path("ingesteddata/.lock");
    std::fs::write(&path, "4711 2026-07-31T23:00:00Z\n").unwrap();
    let lock = File::open(&path).unwrap();
    lock.lock().unwrap();
    let before = crate::kept(&project);
    for (name, arguments) in WRITERS {
        let output = program(&project, name, LATER, arguments).output().unwrap();
        assert_ends(
            &output,
            75,
            &[
                "another run holds the lock",
                "process 4711",
                "started 2026-07-31T23:00:00Z",
            ],
        );
    }
    assert_eq!(crate::kept(&project), before);
    drop(lock);
    assert_ends(&full(&project, LATER), 0, &[]);
}

#[test]
fn of_two_runs_at_the_same_time_one_works_and_the_other_names_its_process() {
    let project = with_a_month();
    let mut first = program(&project, "fullprocess", LATER, &["--offline"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = format!("{} ", first.id());
    let signed = || project.read("ingesteddata/.lock").starts_with(&pid);
    let patience = Instant::now() + Duration::from_secs(60);
    while !signed() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(1));
    }
    let second = full(&project, LATER);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_ends(&second, 75, &[format!("process {pid}").trim_end()]);
    // The killed holder has left nothing to clean.
    assert_ends(&full(&project, LATER), 0, &[]);
}
