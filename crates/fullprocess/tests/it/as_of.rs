//! Which model scored a client on a day, from which files: the answer of then, whatever came after.

use crate::{full, run, said};
use risk_core::hash;
use serde_json::Value;
use std::process::Output;
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;

fn asked(project: &Project, client: &str, day: &str) -> Output {
    run(
        project,
        "scoring",
        &["--json", "--client", client, "--as-of", day],
    )
}

fn answer(project: &Project, client: &str, day: &str) -> Value {
    let output = asked(project, client, day);
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Trains with other settings, scores, deploys by hand whatever the checks say, and publishes.
fn retrain(project: &Project, now: &str, setting: &str) {
    for program in ["training", "scoring", "deployment", "fullprocess"] {
        let force: &[&str] = match program {
            "deployment" => &["--force", "a test"],
            _ => &[],
        };
        let output = run(
            project,
            program,
            &[&["--now", now, "--set", setting], force].concat(),
        );
        assert!(output.status.success(), "{program} {}", said(&output));
    }
}

#[test]
fn the_answer_for_a_day_is_what_was_published_then() {
    let project = Project::panel();
    let first = full(&project, FIRST, &[], 0);
    let list = project.read("models/contactlist.csv");
    project.deliver("2026-07", Scenario::Labels);
    let still_open = project.read("sourcedata/clients_2026-07.csv");
    let mut rows = csv::Reader::from_reader(list.as_bytes());
    let listed = rows
        .records()
        .map(Result::unwrap)
        .find(|row| still_open.contains(&format!("\n{},", &row[1])))
        .unwrap();
    let client = &listed[1];
    let then = answer(&project, client, "2026-07-01");
    assert_eq!(format!("{:.6}", then["risk"].as_f64().unwrap()), &listed[2]);
    assert_eq!(then["release"], first["release"]);
    assert_eq!(then["list_id"], &listed[14]);
    assert_eq!(then["reasons"][0], &listed[6]);
    assert_eq!(
        (&then["rank"], &then["release_kept"]),
        (&listed[0].parse::<u64>().unwrap().into(), &true.into())
    );
    for file in then["files"].as_array().unwrap() {
        let name = file["name"].as_str().unwrap();
        let bytes = project.read(&format!("sourcedata/{name}"));
        assert_eq!(file["sha256"], hash::sha256_hex(bytes), "{name}");
    }
    let file = then["file"]["name"].as_str().unwrap();
    let text = project.read(&format!("sourcedata/{file}"));
    let line = usize::try_from(then["line"].as_u64().unwrap()).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains(client));

    // A new month, a changed file, another model, and the first settings again.
    let header = text.lines().next().unwrap();
    let rest: Vec<&str> = text
        .lines()
        .skip(1)
        .filter(|row| !row.contains(client))
        .collect();
    let changed = format!(
        "{header}\n{}\n{}\n",
        rest.join("\n"),
        text.lines().nth(line - 1).unwrap()
    );
    project.write(&format!("sourcedata/{file}"), changed);
    full(&project, "2026-08-01T06:00:00Z", &[], 0);
    retrain(&project, "2026-08-10T06:00:00Z", "model.l2=50");
    retrain(&project, "2026-08-20T06:00:00Z", "model.l2=1");

    for day in ["2026-07-01", "2026-07-31"] {
        let mut now = answer(&project, client, day);
        now["as_of"] = then["as_of"].clone();
        assert_eq!(now, then, "{day}");
    }
    let later = answer(&project, client, "2026-08-05");
    assert_ne!(later["files"], then["files"]);
    assert_ne!(later["file"], then["file"]);
    let retrained = answer(&project, client, "2026-08-10");
    assert_ne!(retrained["model_id"], later["model_id"]);
    assert_ne!(retrained["risk"], later["risk"]);

    let release = then["release"].as_str().unwrap();
    std::fs::remove_dir_all(project.path(&format!("production_deployment/releases/{release}")))
        .unwrap();
    let pruned = answer(&project, client, "2026-07-01");
    assert_eq!(pruned["release_kept"], false);
    assert_eq!(pruned["risk"], then["risk"]);
}

#[test]
fn a_client_that_was_not_in_the_book_is_told_with_what_was_in_force() {
    let project = Project::panel();
    let output = asked(&project, "nobody", "2026-07-01");
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
    assert!(said(&output).contains("no history"), "{}", said(&output));
    let first = full(&project, FIRST, &[], 0);
    let before = project.files("ingesteddata");
    for (day, message) in [
        (
            "2026-06-30",
            "no list of models was published on or before 2026-06-30",
        ),
        ("2026-07-01", first["release"].as_str().unwrap()),
    ] {
        let output = asked(&project, "nobody", day);
        assert_eq!(output.status.code(), Some(66), "{}", said(&output));
        assert!(said(&output).contains(message), "{}", said(&output));
    }
    assert_eq!(
        project.files("ingesteddata"),
        before,
        "a question writes nothing"
    );
}
