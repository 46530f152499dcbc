//! A release in force that cannot be read.

use crate::project::{ready, renew};
use crate::running::{assert_refused, deployed, releases};
use testkit::Project;

const WHAT_TO_DO: &str = "the release in force cannot be used and there is no other one; restore its \
                          files, or deploy a new one with deployment --force REASON";

fn with_release() -> Project {
    let project = ready();
    deployed(&project, &[]);
    project
}

#[test]
fn a_changed_file_in_it_is_named_and_nothing_is_deployed() {
    for name in ["trainedmodel.json", "scores.json"] {
        let project = with_release();
        renew(&project);
        project.write(&format!("production_deployment/current/{name}"), "{}");
        assert_refused(&project, 1, WHAT_TO_DO);
        assert_refused(
            &project,
            1,
            &format!("{name} is not what was deployed: its checksum differs"),
        );
    }
}

#[test]
fn a_release_that_is_gone_is_told() {
    let project = with_release();
    renew(&project);
    let release = &releases(&project)[0];
    let folder = project.path(&format!("production_deployment/releases/{release}"));
    std::fs::remove_dir_all(folder).unwrap();
    assert_refused(&project, 66, WHAT_TO_DO);
}

#[test]
fn a_release_of_a_newer_version_is_told() {
    let project = with_release();
    let path = "production_deployment/current/manifest.json";
    let newer = project
        .read(path)
        .replace("\"format_version\": 1", "\"format_version\": 2");
    project.write(path, newer);
    assert_refused(&project, 1, "written by a newer version of this system");
}

#[test]
fn a_release_before_it_is_offered() {
    let project = with_release();
    let first = releases(&project).remove(0);
    renew(&project);
    deployed(&project, &["--now", "2026-07-03T06:00:00Z"]);
    project.write("production_deployment/current/scores.json", "{}");
    crate::project::ingest(&project, 0..90, &["a.csv", "b.csv"]);
    crate::project::train(&project, crate::project::NOW);
    crate::project::score(&project);
    assert_refused(&project, 1, &format!("deployment --rollback {first}"));
}

#[test]
fn a_reason_puts_a_new_one_in_its_place() {
    let project = with_release();
    renew(&project);
    project.write("production_deployment/current/trainedmodel.json", "{}");
    let forced = deployed(&project, &["--force", "the disk was at fault"]);
    assert_eq!(forced["deployed"], true);
    let model = project.read("models/trainedmodel.json");
    assert_eq!(
        project.read("production_deployment/trainedmodel.json"),
        model
    );
}

#[test]
fn once_current_is_removed_the_next_deployment_is_as_the_first() {
    let project = with_release();
    renew(&project);
    std::fs::remove_file(project.path("production_deployment/current")).unwrap();
    assert_eq!(
        deployed(&project, &[])["previous_model_id"],
        serde_json::Value::Null
    );
    assert_eq!(releases(&project).len(), 2);
}

#[test]
fn deploying_the_same_again_mends_a_file_that_was_changed() {
    for name in [
        "trainedmodel.json",
        "scores.json",
        "latestscore.txt",
        "ingestedfiles.txt",
        "trainingrecord.json",
    ] {
        let project = with_release();
        let path = format!("production_deployment/current/{name}");
        let good = project.read(&path);
        project.write(&path, "changed");
        assert_eq!(deployed(&project, &[])["deployed"], true, "{name}");
        assert_eq!(project.read(&path), good);
        assert_eq!(deployed(&project, &[])["deployed"], false, "{name}");
    }
}

#[test]
fn deploying_the_same_again_restores_the_contract_names() {
    let project = with_release();
    let files = project.files("production_deployment");
    std::fs::remove_file(project.path("production_deployment/latestscore.txt")).unwrap();
    std::fs::remove_file(project.path("production_deployment/ingestedfiles.txt")).unwrap();
    project.write("production_deployment/ingestedfiles.txt", "a plain file");
    assert_eq!(deployed(&project, &[])["deployed"], false);
    assert_eq!(project.files("production_deployment"), files);
}
