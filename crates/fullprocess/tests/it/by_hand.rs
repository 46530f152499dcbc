//! The binaries by hand, in order, give what `fullprocess` gives.

use crate::{full, run, said};
use serde_json::Value;
use testkit::Project;

const NOW: &str = Project::PANEL_NOW;

/// The artefacts that must be byte-equal. Those that report measured times are compared without them.
const ARTEFACTS: [&str; 9] = [
    "ingesteddata/finaldata.csv",
    "ingesteddata/ingestedfiles.txt",
    "ingesteddata/rejectedrows.csv",
    "ingesteddata/schema.json",
    "models/trainedmodel.json",
    "models/latestscore.txt",
    "models/scores.json",
    "models/confusionmatrix.png",
    "models/contactlist.csv",
];

#[test]
fn the_binaries_by_hand_give_the_artefacts_of_a_full_run() {
    let (by_hand, at_once) = (Project::panel(), Project::panel());
    for name in ["ingestion", "training", "scoring", "deployment"] {
        let output = run(&by_hand, name, &["--now", NOW]);
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
    for (name, arguments) in [
        ("diagnostics", ["--now", NOW].as_slice()),
        ("reporting", &["--now", NOW]),
    ] {
        let output = run(&by_hand, name, arguments);
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
    full(&at_once, NOW, &[], 0);
    for path in ARTEFACTS {
        let read = |project: &Project| std::fs::read(project.path(path)).unwrap();
        assert!(read(&by_hand) == read(&at_once), "{path} differs");
    }
    assert_eq!(
        by_hand.files("production_deployment"),
        at_once.files("production_deployment"),
        "the releases differ"
    );
    assert_eq!(without_times(&by_hand), without_times(&at_once));
}

/// The diagnostics without measured times and without what a registry said.
fn without_times(project: &Project) -> Value {
    let mut diagnostics = project.read_json("ingesteddata/diagnostics.json");
    let object = diagnostics.as_object_mut().unwrap();
    object.remove("timing_s").unwrap();
    object.remove("dependencies").unwrap();
    diagnostics
}
