//! One client is erased everywhere.

use crate::{full, run, said};
use std::fmt::Write as _;
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;
const LATER: &str = "2026-08-01T06:00:00Z";
const OURS: [&str; 3] = ["ingesteddata", "models", "production_deployment"];

/// The files of ours whose bytes hold a text.
fn files_with(project: &Project, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in OURS {
        for (name, bytes) in project.files(folder) {
            if bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
            {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found
}

/// A panel in which a client of the list has a bad row too.
fn project() -> (Project, String) {
    let project = Project::panel();
    let mut config = project.read_json("config.json");
    config["contacts"] = serde_json::json!({ "capacity": 1000 });
    project.set_config(config);
    let newest = project.read("sourcedata/clients_2026-04.csv");
    let row = newest.lines().nth(3).unwrap();
    let client = row.split(',').next().unwrap().to_owned();
    let mut bad = newest.clone();
    writeln!(
        bad,
        "{}",
        row.replacen(&client, "shifted", 1)
            .replace("2026-04-30", &client)
    )
    .unwrap();
    project.write("sourcedata/clients_2026-04.csv", bad);
    (project, client)
}

#[test]
fn no_byte_of_an_erased_client_is_left_and_it_does_not_come_back() {
    let (project, client) = project();
    full(&project, FIRST, &[], 0);
    let before = files_with(&project, &client);
    for name in ["finaldata.csv", "rejectedrows.csv", "history.sqlite"] {
        assert!(
            before.contains(&format!("ingesteddata/{name}")),
            "{before:?}"
        );
    }
    assert!(
        before.contains(&"models/contactlist.csv".to_owned()),
        "{before:?}"
    );
    let rows = project.read("ingesteddata/finaldata.csv").lines().count();
    let own = project
        .read("ingesteddata/finaldata.csv")
        .matches(&format!("\n{client},"))
        .count();
    assert!(own > 1);

    let erased = full(&project, FIRST, &["--erase", &client], 0);
    assert_eq!(files_with(&project, &client), Vec::<String>::new());
    assert_eq!(erased["removed"]["compiled_rows"], own, "{erased}");
    assert!(!erased.to_string().contains(&client));
    let named = erased["still_named_in"].as_array().unwrap();
    assert!(
        named.contains(&"sourcedata/clients_2026-04.csv".into()),
        "{erased}"
    );
    assert_eq!(
        project.read("ingesteddata/finaldata.csv").lines().count(),
        rows - own
    );
    assert!(project.path("models/report.html").exists());
    let audit = run(&project, "fullprocess", &["--export", "erasures"]);
    let hash = erased["client_hash"].as_str().unwrap();
    assert!(said(&audit).contains(hash), "{}", said(&audit));

    // The data is another one, so the model is judged on it; then there is nothing left to do.
    full(&project, FIRST, &[], 0);
    let silent = run(&project, "fullprocess", &["--now", FIRST]);
    assert!(
        silent.status.success() && silent.stdout.is_empty(),
        "{}",
        said(&silent)
    );
    project.deliver("2026-07", Scenario::Labels);
    let header = project.read("sourcedata/clients_2026-04.csv");
    let own_row = header
        .lines()
        .nth(3)
        .unwrap()
        .replace("2026-04-30", "2026-07-31");
    let mut new = project.read("sourcedata/clients_2026-07.csv");
    writeln!(new, "{own_row}").unwrap();
    project.write("sourcedata/clients_2026-07.csv", new);
    full(&project, LATER, &[], 0);
    let ingested = run(&project, "ingestion", &["--json", "--now", LATER]);
    assert!(
        !said(&ingested).contains("\"erased_rows\": 0"),
        "{}",
        said(&ingested)
    );
    assert_eq!(files_with(&project, &client), Vec::<String>::new());

    // Parts are compressed, so bytes prove nothing: nothing comes back even when the list is lost.
    std::fs::remove_file(project.path("ingesteddata/erasedclients.json")).unwrap();
    let compiled = run(&project, "ingestion", &["--now", LATER]);
    assert!(compiled.status.success(), "{}", said(&compiled));
    assert_eq!(files_with(&project, &client), Vec::<String>::new());
}

#[test]
fn erasing_twice_is_fine_and_an_unknown_client_is_not() {
    let (project, client) = project();
    full(&project, FIRST, &[], 0);
    full(&project, FIRST, &["--erase", &client], 0);
    full(&project, FIRST, &["--erase", &client], 0);
    let unknown = run(
        &project,
        "fullprocess",
        &["--erase", "No such client", "--now", FIRST],
    );
    assert_eq!(unknown.status.code(), Some(66), "{}", said(&unknown));
    assert_eq!(files_with(&project, "No such client"), Vec::<String>::new());
}

#[test]
fn a_word_of_the_list_or_of_the_data_is_no_client() {
    let (project, _) = project();
    full(&project, FIRST, &[], 0);
    let before = project.read("models/contactlist.csv");
    for word in ["contact", "199", "retail", "account_manager"] {
        let refused = run(&project, "fullprocess", &["--erase", word, "--now", FIRST]);
        assert_eq!(
            refused.status.code(),
            Some(66),
            "{word}: {}",
            said(&refused)
        );
    }
    let empty = run(&project, "fullprocess", &["--erase", " ", "--now", FIRST]);
    assert_eq!(empty.status.code(), Some(2), "{}", said(&empty));
    assert_eq!(project.read("models/contactlist.csv"), before);
    assert!(!project.path("ingesteddata/erasedclients.json").exists());
}

#[test]
fn the_samples_of_an_erased_client_are_forgotten_and_its_lists_too() {
    let (project, client) = project();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    full(&project, LATER, &[], 0);
    let asked = ["--client", &client, "--as-of", "2026-07-01"];
    let output = run(&project, "scoring", &asked);
    assert!(output.status.success(), "{}", said(&output));
    let erased = full(&project, LATER, &["--erase", &client], 0);
    assert_eq!(erased["removed"]["judged_samples"], 1, "{erased}");
    assert!(
        erased["removed"]["book_entries"].as_u64().unwrap() > 0,
        "{erased}"
    );
    let output = run(&project, "scoring", &asked);
    assert_eq!(output.status.code(), Some(66), "{}", said(&output));
}

#[test]
fn what_is_published_after_an_erasure_counts_nothing_of_the_client() {
    let (project, client) = project();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::Labels);
    full(&project, LATER, &[], 0);
    let read = || {
        let mut diagnostics = project.read_json("ingesteddata/diagnostics.json");
        diagnostics.as_object_mut().unwrap().remove("timing_s");
        diagnostics
    };
    let with_the_client = read();
    full(&project, LATER, &["--erase", &client], 0);
    let published = read();
    assert_ne!(published, with_the_client);
    let again = run(&project, "diagnostics", &["--now", LATER]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(published, read());
}
