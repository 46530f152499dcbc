//! A dry run says what would happen, and changes nothing.

use crate::{full, steps};
use testkit::{Project, sample::Scenario};

const FIRST: &str = Project::PANEL_NOW;

#[test]
fn a_dry_run_before_the_first_run_writes_nothing() {
    let project = Project::panel();
    let before = project.files(".");
    let outcome = full(&project, FIRST, &["--dry-run"], 0);
    assert_eq!(outcome["decision"], "bootstrap");
    assert_eq!(steps(&outcome)["deployment"], "would_run");
    assert_eq!(project.files("."), before);
}

#[test]
fn a_dry_run_decides_like_the_run_after_it() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    project.deliver("2026-07", Scenario::ConceptDrift);
    let now = "2026-08-01T06:00:00Z";
    let before = project.files("production_deployment");
    let finaldata = project.read("ingesteddata/finaldata.csv");
    let dry = full(&project, now, &["--dry-run"], 0);
    assert_eq!(project.files("production_deployment"), before);
    assert_eq!(project.read("ingesteddata/finaldata.csv"), finaldata);
    let real = full(&project, now, &[], 0);
    assert_eq!(dry["decision"], real["decision"]);
    assert_eq!(dry["reason"], real["reason"]);
}

#[test]
fn a_dry_run_with_nothing_to_do_says_so() {
    let project = Project::panel();
    full(&project, FIRST, &[], 0);
    let outcome = full(&project, FIRST, &["--dry-run"], 0);
    assert_eq!(outcome["decision"], "no_new_data");
    assert!(
        steps(&outcome)
            .values()
            .all(|status| status == "nothing_to_do"),
        "{outcome}"
    );
}
