//! The command.

use crate::message;
use alerts::{Channel, Command, Undelivered};
use std::path::Path;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

fn run(line: &str, folder: &Path, limit: Duration) -> Result<(), Undelivered> {
    Channel::Command(Command::shell(line, folder.to_owned())).deliver(&message(), limit)
}

#[test]
fn it_gets_the_message_and_the_facts_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let line = "{ cat; echo; env | grep ^RISK_ALERT_ | sort; } > got.txt";
    run(line, folder.path(), LIMIT).unwrap();
    let got = std::fs::read_to_string(folder.path().join("got.txt")).unwrap();
    for part in [
        "Data was refused: a.csv: it has no rows.",
        "RISK_ALERT_CAUSE=refused_data a.csv",
        "RISK_ALERT_CONFIG=/srv/risk/config.json",
        "RISK_ALERT_HOST=web1",
        "RISK_ALERT_KIND=refused_data",
        "RISK_ALERT_RAISED_AT=2026-07-01T06:00:00Z",
        "RISK_ALERT_RUN=17",
    ] {
        assert!(got.contains(part), "{got}");
    }
}

#[test]
fn a_list_is_a_program_and_its_arguments_without_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let command = Command {
        arguments: ["/usr/bin/tee", "a b;$HOME"].map(str::to_owned).to_vec(),
        folder: folder.path().to_owned(),
    };
    Channel::Command(command)
        .deliver(&message(), LIMIT)
        .unwrap();
    assert!(folder.path().join("a b;$HOME").is_file());
}

#[test]
fn one_that_fails_is_told_with_its_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let error = run("echo no mail here >&2; exit 3", folder.path(), LIMIT).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains('3') && text.contains("no mail here"),
        "{text}"
    );
    let missing = Command {
        arguments: vec!["/no/such/program".into()],
        folder: folder.path().to_owned(),
    };
    let error = Channel::Command(missing)
        .deliver(&message(), LIMIT)
        .unwrap_err();
    assert!(error.to_string().contains("/no/such/program"), "{error}");
}

#[test]
fn one_that_hangs_is_killed_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let line = "(sleep 600; touch late) & echo $! > child; wait";
    let started = Instant::now();
    let error = run(line, folder.path(), Duration::from_millis(500)).unwrap_err();
    assert!(error.to_string().contains("was killed"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
    let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
    // On a busy machine a killed process may not have run since, so it is looked at again.
    while is_alive(child.trim()) {
        assert!(started.elapsed() < Duration::from_secs(20), "{child}");
        std::thread::yield_now();
    }
}

/// A killed process is gone, or a zombie until its new parent has noticed.
fn is_alive(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|state| !state.contains(") Z"))
}

#[test]
fn one_that_floods_its_output_or_does_not_read_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let flood = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2";
    run(flood, folder.path(), LIMIT).unwrap();
    run("exec 0<&-; exit 0", folder.path(), LIMIT).unwrap();
}
