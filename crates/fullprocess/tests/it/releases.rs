//! Rolling back, approving and freezing, and what the next runs make of it.

use crate::{full, run, said, steps};
use serde_json::Value;
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;
/// The rule with which these months are judged.
const RAW: [&str; 2] = ["--set", "monitoring.drift_test=raw"];

/// A run that found a new model that passes.
struct Passed {
    now: &'static str,
    /// What it said.
    outcome: Value,
    /// The history before it.
    history: Vec<u8>,
}

const HISTORY: &str = "ingesteddata/history.sqlite";

/// Lets months of changed behaviour arrive until a run finds a new model that passes.
fn until_a_challenger_passes(project: &Project, arguments: &[&str]) -> Passed {
    for (month, now) in [
        ("2026-07", "2026-08-01T06:00:00Z"),
        ("2026-08", "2026-09-01T06:00:00Z"),
        ("2026-09", "2026-10-01T06:00:00Z"),
    ] {
        project.deliver(month, Scenario::ConceptDrift);
        let history = std::fs::read(project.path(HISTORY)).unwrap();
        let outcome = full(project, now, &[&RAW, arguments].concat(), 0);
        if outcome["reason"].as_str().unwrap().contains("is not worse") {
            return Passed {
                now,
                outcome,
                history,
            };
        }
    }
    panic!("no challenger passed");
}

#[track_caller]
fn assert_silent(project: &Project, now: &str, arguments: &[&str]) {
    let silent = run(
        project,
        "fullprocess",
        &[&["--now", now], &RAW[..], arguments].concat(),
    );
    assert!(
        silent.status.success() && silent.stdout.is_empty() && silent.stderr.is_empty(),
        "{}",
        said(&silent)
    );
}

/// Runs `deployment`, which must end with the exit code, and gives all it said.
#[track_caller]
fn deployment(project: &Project, arguments: &[&str], code: i32) -> String {
    let output = run(project, "deployment", arguments);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    said(&output)
}

#[test]
fn a_model_that_was_rolled_back_is_not_deployed_again_by_itself() {
    assert_stays_rolled_back(&[]);
}

#[test]
fn nor_is_one_whose_threshold_comes_from_the_book() {
    assert_stays_rolled_back(&[
        "--set",
        "model.threshold=capacity",
        "--set",
        "contacts.capacity=60",
    ]);
}

#[track_caller]
fn assert_stays_rolled_back(settings: &[&str]) {
    let project = Project::panel();
    let all = [&RAW, settings].concat();
    let first = full(&project, FIRST, &all, 0);
    let passed = until_a_challenger_passes(&project, settings);
    let (now, deployed) = (passed.now, passed.outcome);
    assert_eq!(deployed["decision"], "challenger_deployed", "{deployed}");
    deployment(&project, &["--rollback", "--now", now], 0);

    let next = full(&project, now, &all, 0);
    assert_eq!(next["release"], first["release"], "{next}");
    assert_eq!(next["decision"], "too_few_to_decide", "{next}");
    assert_eq!(steps(&next)["reporting"], "done", "the release is another");
    assert_silent(&project, now, settings);

    // Under an older copy of the history the same samples are judged again, and the same model comes
    // of them.
    for file in ["history.sqlite-wal", "history.sqlite-shm"] {
        assert!(!project.path("ingesteddata").join(file).exists());
    }
    project.write(HISTORY, &passed.history);
    let dry = full(&project, now, &[&all[..], &["--dry-run"]].concat(), 0);
    let again = full(&project, now, &all, 0);
    for outcome in [dry, again] {
        assert_eq!(outcome["decision"], "challenger_rejected", "{outcome}");
        let reason = outcome["reason"].as_str().unwrap();
        assert!(reason.contains("was rolled back on "), "{reason}");
        assert_eq!(outcome["release"], first["release"]);
    }
    assert_silent(&project, now, settings);

    let forward = deployed["release"].as_str().unwrap();
    deployment(&project, &["--rollback", forward, "--now", now], 0);
    let state = project.read_json("production_deployment/state.json");
    assert_eq!(state["blocked"].as_array().unwrap().len(), 1);
    assert_ne!(state["blocked"][0]["release"], forward);
}

#[test]
fn a_challenger_waits_for_approval_and_is_told_of_once() {
    let project = Project::panel();
    let approve = [&RAW[..], &["--set", "deployment.mode=approve"]].concat();
    let first = full(&project, FIRST, &approve, 0);
    assert_eq!(
        first["decision"], "bootstrap",
        "the first takes nothing's place"
    );
    let passed = until_a_challenger_passes(&project, &approve[2..]);
    let (now, held) = (passed.now, passed.outcome);
    assert_eq!(held["decision"], "degraded", "{held}");
    assert_eq!(held["release"], first["release"]);
    for step in ["training", "scoring", "deployment"] {
        assert_eq!(steps(&held)[step], "done", "{step}");
    }
    let reason = held["reason"].as_str().unwrap();
    let candidate = reason
        .split_once("waits for approval. deployment --approve ")
        .and_then(|(_, rest)| rest.split_once(' '))
        .map(|(candidate, _)| candidate)
        .unwrap_or_else(|| panic!("{reason}"));
    assert_silent(&project, now, &approve[2..]);
    let waiting = project.files("production_deployment/waiting");
    assert!(waiting.keys().all(|name| name.starts_with(candidate)));

    deployment(&project, &["--approve", candidate, "--now", now], 0);
    let next = full(&project, now, &approve, 0);
    assert_eq!(next["release"], candidate);
    assert_eq!(steps(&next)["reporting"], "done");
    assert_silent(&project, now, &approve[2..]);
}

#[test]
fn during_a_freeze_a_model_is_judged_and_deployed_when_it_has_ended() {
    let project = Project::panel();
    let first = full(&project, FIRST, &RAW, 0);
    deployment(&project, &["--freeze", "2026-12-31", "--now", FIRST], 0);
    let passed = until_a_challenger_passes(&project, &[]);
    let (now, held) = (passed.now, passed.outcome);
    assert_eq!(held["decision"], "degraded", "{held}");
    let reason = held["reason"].as_str().unwrap();
    assert!(
        reason.contains("frozen until 2027-01-01T00:00:00Z"),
        "{reason}"
    );
    assert_eq!(held["release"], first["release"]);
    assert_silent(&project, now, &[]);
    let next_day = now.replace("-01T", "-02T");
    assert_silent(&project, &next_day, &[]);

    deployment(&project, &["--unfreeze", "--now", &next_day], 0);
    let ended = full(&project, &next_day, &RAW, 0);
    assert_eq!(ended["decision"], "challenger_deployed", "{ended}");
    assert_ne!(ended["release"], first["release"]);
}

#[test]
fn a_release_that_was_changed_is_refused_by_every_reader_and_the_one_before_is_offered() {
    let project = Project::panel();
    let first = full(&project, FIRST, &[], 0);
    for (name, arguments) in [
        (
            "training",
            ["--set", "model.l2=3", "--now", FIRST].as_slice(),
        ),
        ("scoring", &["--now", FIRST]),
        ("deployment", &["--force", "a drill", "--now", FIRST]),
    ] {
        let output = run(&project, name, arguments);
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
    let record = project.read("production_deployment/current/trainingrecord.json");
    let truncated = &record[..record.len() / 2];
    project.write(
        "production_deployment/current/trainingrecord.json",
        truncated,
    );
    let before = project.files("production_deployment");
    let offer = format!(
        "deployment --rollback {}",
        first["release"].as_str().unwrap()
    );
    for (name, arguments) in [
        ("fullprocess", [].as_slice()),
        ("fullprocess", &["--dry-run"]),
        ("scoring", &["--deployed"]),
        ("diagnostics", &[]),
        ("reporting", &[]),
    ] {
        let output = run(&project, name, &[arguments, &["--now", FIRST]].concat());
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        for words in [&offer, "trainingrecord.json is not what was deployed"] {
            assert!(said(&output).contains(words), "{name}: {}", said(&output));
        }
    }
    assert_eq!(project.files("production_deployment"), before);
    deployment(&project, &["--rollback", "--now", FIRST], 0);
    assert_eq!(full(&project, FIRST, &[], 0)["release"], first["release"]);
}
