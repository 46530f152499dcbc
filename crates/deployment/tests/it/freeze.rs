//! Freezing the release in force.

use crate::history::events;
use crate::project::{ready, renew};
use crate::running::{assert_refused, deploy, deployed};
use serde_json::json;

const UNTIL: &str = "2026-07-10T00:00:00Z";
const AFTER: [&str; 2] = ["--now", UNTIL];

#[test]
fn during_a_freeze_nothing_takes_the_place_of_the_release_in_force() {
    let project = ready();
    let first = deployed(&project, &[]);
    renew(&project);
    assert_eq!(
        deployed(&project, &["--freeze", "2026-07-09"]),
        json!({"frozen_until": UNTIL})
    );
    assert_refused(&project, 1, "frozen until 2026-07-10T00:00:00Z");
    assert_eq!(deployed(&project, &["--list"])["frozen_until"], UNTIL);
    let second = deployed(&project, &AFTER);
    assert_eq!(second["previous_model_id"], first["model_id"]);
    assert_eq!(
        deployed(&project, &[&AFTER[..], &["--list"]].concat())["frozen_until"],
        json!(null)
    );
}

#[test]
fn a_rollback_is_a_change_too_and_a_reason_overcomes_a_freeze() {
    let project = ready();
    let first = deployed(&project, &[]);
    renew(&project);
    deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    deployed(&project, &["--freeze", UNTIL]);
    let before = project.files("production_deployment");
    let refused = deploy(&project, &["--rollback"]).ended(1);
    assert!(refused.err.contains("--force REASON"), "{}", refused.err);
    assert_eq!(project.files("production_deployment"), before);
    let forced = deployed(&project, &["--rollback", "--force", "it names everybody"]);
    assert_eq!(forced["release"], first["release"]);
    assert!(
        events(&project)
            .last()
            .unwrap()
            .ends_with("it names everybody")
    );
}

#[test]
fn a_freeze_can_be_ended_and_both_are_recorded() {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    let frozen = deploy(&project, &["--freeze", UNTIL]).ended(0);
    assert_eq!(
        frozen.out,
        format!("frozen until {UNTIL}: the release in force stays\n")
    );
    assert_eq!(
        deploy(&project, &["--unfreeze"]).ended(0).out,
        "the freeze has ended\n"
    );
    assert_eq!(deploy(&project, &["--unfreeze"]).ended(0).out, "");
    assert_eq!(deployed(&project, &[])["deployed"], true);
    let recorded = events(&project);
    assert_eq!(recorded[1], format!("frozen  until {UNTIL}"));
    assert_eq!(recorded[2], format!("unfrozen  until {UNTIL}"));
}

#[test]
fn a_time_that_has_passed_or_is_none_is_bad_usage() {
    let project = ready();
    let past = deploy(&project, &["--freeze", "2026-07-01"]).ended(2);
    assert!(past.err.contains("has passed"), "{}", past.err);
    let none = deploy(&project, &["--freeze", "soon"]).ended(2);
    assert!(none.err.contains("such as 2026-12-31"), "{}", none.err);
}

#[test]
fn the_first_deployment_takes_nothings_place_and_is_not_held_up() {
    let project = ready();
    deployed(&project, &["--freeze", UNTIL]);
    assert_eq!(deployed(&project, &[])["deployed"], true);
}

#[test]
fn a_state_that_cannot_be_read_is_told_and_nothing_is_changed() {
    let project = ready();
    deployed(&project, &[]);
    renew(&project);
    project.write("production_deployment/state.json", "{\"frozen\"");
    assert_refused(
        &project,
        1,
        "state.json cannot be used; it says which models were rolled back",
    );
    std::fs::remove_file(project.path("production_deployment/state.json")).unwrap();
    assert_eq!(deployed(&project, &[])["deployed"], true);
}
