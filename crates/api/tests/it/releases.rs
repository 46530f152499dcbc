//! Each request answers from the release that is current then.

use crate::support::{Api, TEST_DATA, deploy, model, point_current_at, project};
use chrono::DateTime;
use testkit::Project;

#[test]
fn without_a_release_the_answer_says_how_to_get_one() {
    let project = Project::new();
    let api = Api::start(&project);
    for answer in [api.get("/scoring"), api.post("text/csv", TEST_DATA)] {
        let detail = answer.problem(503);
        assert!(detail.contains("run fullprocess"), "{detail}");
    }
    deploy(&project, "1", &model());
    api.get("/scoring").json();
}

#[test]
fn a_new_release_is_picked_up_without_a_restart() {
    let project = project();
    let api = Api::start(&project);
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "1");
    let mut other = model();
    other.l2 = 2.0;
    let other = other.sealed(DateTime::UNIX_EPOCH).unwrap();
    deploy(&project, "2", &other);
    let answer = api.post("text/csv", TEST_DATA).json();
    assert_eq!(answer["release"], "2");
    assert_eq!(answer["model_id"], other.model_id);
    assert_eq!(api.get("/scoring").json()["model_id"], other.model_id);
    point_current_at(&project, "1");
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "1");
}

#[test]
fn a_rollback_is_seen_by_the_next_request() {
    let project = project();
    let mut other = model();
    other.l2 = 2.0;
    let other = other.sealed(DateTime::UNIX_EPOCH).unwrap();
    deploy(&project, "2", &other);
    let api = Api::start(&project);
    assert_eq!(api.get("/scoring").json()["model_id"], other.model_id);
    let config = risk_core::config::load(&project.config(), &[]).unwrap();
    let run = risk_core::Run::writer(config, DateTime::UNIX_EPOCH, "deployment").unwrap();
    deployment::rollback(&run, Some("1"), None).unwrap();
    let answer = api.post("text/csv", TEST_DATA).json();
    assert_eq!(answer["release"], "1");
    assert_eq!(answer["model_id"], model().model_id);
}

#[test]
fn while_the_current_release_is_broken_the_last_good_one_answers() {
    let project = project();
    let api = Api::start(&project);
    api.get("/scoring").json();
    let mut other = model();
    other.l2 = 2.0;
    deploy(&project, "2", &other.sealed(DateTime::UNIX_EPOCH).unwrap());
    project.write("production_deployment/releases/2/scores.json", "{}");
    for _ in 0..2 {
        assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "1");
    }
    deploy(&project, "3", &model());
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "3");
    point_current_at(&project, "nowhere");
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "3");
}

#[test]
fn a_broken_release_is_named_where_there_is_no_good_one_in_memory() {
    let project = project();
    project.write("production_deployment/releases/1/scores.json", "{}");
    let api = Api::start(&project);
    let detail = api.get("/scoring").problem(503);
    assert!(detail.contains("release 1 cannot be used"), "{detail}");
    assert!(!detail.contains('/'), "{detail}");
    deploy(&project, "2", &model());
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "2");
}
