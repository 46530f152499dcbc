//! What is said of the deployed model, in the cases there are.

use super::*;
use crate::diagnosed::{Check, ListImpact};
use chrono::NaiveDate;
use std::collections::BTreeMap;

fn decision(name: &str) -> Decided {
    Decided {
        name: name.into(),
        on: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(),
        reason: "why.".into(),
        is_outdated: false,
        cause: None,
    }
}

fn drifted() -> Drift {
    let feature = |psi, median_before, median| FeatureDrift {
        alarm: true,
        psi: Some(psi),
        median_before,
        median,
        missing_percent_before: Some(0.0),
        missing_percent: Some(0.0),
    };
    let mut empty = feature(0.12, Some(10.0), None);
    empty.missing_percent = Some(100.0);
    let features = BTreeMap::from([
        (
            "lastmonth_activity".to_owned(),
            feature(0.31, Some(53.0), Some(41.0)),
        ),
        ("industry".to_owned(), feature(0.05, None, None)),
        ("risk".to_owned(), feature(0.04, Some(0.12), Some(0.18))),
        ("spread".to_owned(), feature(0.03, Some(5.0), Some(5.0))),
        ("empty".to_owned(), empty),
        ("quiet".to_owned(), FeatureDrift::default()),
    ]);
    Drift {
        alarm: Some(true),
        new_samples: 2000,
        false_alarms_a_year: Some(0.104),
        features,
        list_impact: Some(ListImpact {
            k: 200,
            overlap: 169,
            ..ListImpact::default()
        }),
        ..Drift::default()
    }
}

#[test]
fn what_has_changed_is_said_in_words_the_strongest_first() {
    let said: Vec<(String, &str, String)> = changes(&drifted())
        .into_iter()
        .map(|change| {
            (
                change.name,
                change.size,
                change.figures.replace('\u{a0}', " "),
            )
        })
        .collect();
    let expected = [
        (
            "activity last month",
            "strongly",
            "half of them are below 41; before it was 53 (23 % lower)",
        ),
        (
            "empty",
            "clearly",
            "there is no value any more; empty in 100.0 % of the rows, before in 0.0 %",
        ),
        (
            "industry",
            "slightly",
            "other shares of its values than before",
        ),
        (
            "the risks themselves",
            "slightly",
            "half of them are below 18.0 %; before it was 12.0 %",
        ),
        (
            "spread",
            "slightly",
            "half of them are below 5, as before, but they are spread differently",
        ),
    ];
    assert_eq!(
        said,
        expected.map(|(name, size, figures)| (name.to_owned(), size, figures.to_owned()))
    );
    assert_eq!(
        list_impact(&drifted()).unwrap(),
        "For the list it means: of the 200 clients with the highest risks 31 would be others \
         without the change."
    );
}

#[test]
fn what_was_judged_is_named() {
    let mut found = drifted();
    assert!(drift(&found).starts_with("The 2,000 rows that the model was not trained on"));
    found.judged = Some("book".into());
    found.alarm = Some(false);
    assert_eq!(
        drift(&found),
        "The 2,000 clients of the book are like those that the model learnt from."
    );
    found.alarm = None;
    found.reason = Some("no samples".into());
    assert!(drift(&found).ends_with("cannot be said: no samples."));
}

#[test]
fn the_reader_is_warned_of_what_matters_and_of_nothing_else() {
    let mut condition = Condition {
        data_age_days: Some(12.4),
        max_data_age_days: Some(14),
        ..Condition::default()
    };
    assert!(attention(&condition, None, None).is_empty());
    condition.max_data_age_days = Some(7);
    condition.decision = Some(decision("degraded"));
    let withdrawn = Estimated {
        withdrawn: Some("withdrawn: x".into()),
        ..Estimated::default()
    };
    let said = attention(&condition, Some(&drifted()), Some(&withdrawn));
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("The model is degraded"));
    assert!(said[1].contains("for 12 days, and 7 are"));
    assert!(said[2].contains("activity last month, empty, industry and 2 more"));
    condition.decision = Some(decision("no_drift"));
    let said = attention(&condition, None, Some(&withdrawn)).join(" ");
    assert!(said.contains("The first outcomes do not fit"), "{said}");
}

#[test]
fn every_decision_has_its_sentence() {
    for (name, words) in [
        ("bootstrap", "the first model, put in force on 1 July 2026"),
        ("no_drift", "and kept"),
        ("challenger_deployed", "replaced one that no longer fitted"),
        ("challenger_rejected", "was not better"),
        ("degraded", "could not be replaced yet"),
        ("something", "was something"),
    ] {
        let said = decided(&decision(name));
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_new_model_that_was_asked_for_is_no_sign_that_the_old_one_did_not_fit() {
    for (name, cause, words) in [
        (
            "challenger_deployed",
            "age",
            "replaced one that had become old.",
        ),
        (
            "challenger_deployed",
            "list_impact",
            "replaced one whose clients had changed.",
        ),
        (
            "challenger_rejected",
            "age",
            "It was not better, so this one was kept.",
        ),
        (
            "degraded",
            "list_impact",
            "It passed, and is not in force yet.",
        ),
    ] {
        let made = Decided {
            cause: Some(cause.into()),
            ..decision(name)
        };
        let said = decided(&made);
        assert!(said.contains(words) && !said.contains("fit"), "{said}");
    }
}

#[test]
fn the_alarm_rate_is_said_in_years() {
    let said = alarm_rate(Some(&drifted()), 0.01);
    assert!(
        said.contains("at 6 columns") && said.contains("once in 9 years"),
        "{said}"
    );
    assert!(said.contains("once in 100 releases"), "{said}");
    assert!(alarm_rate(None, 0.05).starts_with("A model that fits"));
}

#[test]
fn an_estimate_says_what_it_cannot_see_and_a_withdrawn_one_is_not_shown() {
    let band = |estimate| Band {
        estimate: Some(estimate),
        low: Some(estimate - 0.1),
        high: Some(estimate + 0.1),
    };
    let mut found = Estimated {
        metrics: BTreeMap::from([
            ("precision".to_owned(), band(0.5)),
            ("recall".to_owned(), band(0.4)),
        ]),
        note: Some("an estimate".into()),
        withdrawn: None,
        check: Some(Check {
            n_labelled: 2000,
            n_positive: 405,
            expected_share: Some(0.199),
            threshold: Some(20_f64.ln()),
        }),
    };
    let said = estimated(&found, 3);
    assert!(
        said[0].contains("2,000 samples")
            && said[0].contains("405 left, where the model expected 398")
    );
    assert!(
        said[1].contains("50.0\u{a0}% (40.0\u{a0}% to 60.0\u{a0}%)"),
        "{said:?}"
    );
    assert!(said[1].ends_with("This is an estimate."));
    assert_eq!(estimated(&found, 0).len(), 1);
    let condition = Condition {
        alpha: 0.01,
        by_evidence: true,
        ..Condition::default()
    };
    assert_eq!(between_limits(&condition, &found), None);
    found.withdrawn = Some("withdrawn: the labels disagree".into());
    let limits = between_limits(&condition, &found).unwrap();
    assert!(
        limits.contains("from 20 on and has the model replaced from 100 on"),
        "{limits}"
    );
    let replaced = Condition {
        decision: Some(decision("degraded")),
        ..condition
    };
    assert_eq!(between_limits(&replaced, &found), None);
    assert_eq!(between_limits(&Condition::default(), &found), None);
    let said = estimated(&found, 3);
    assert!(said.len() == 2 && said[1].contains("is withdrawn: the labels disagree."));
}

#[test]
fn ages_are_said_where_they_are_known() {
    let mut condition = Condition::default();
    assert_eq!(ages(&condition), None);
    condition.newest_row = NaiveDate::from_ymd_opt(2026, 6, 30);
    condition.newest_row_age_days = Some(1);
    condition.data_age_days = Some(0.2);
    assert_eq!(
        ages(&condition).unwrap(),
        "The newest data is of 30 June 2026, 1 day before this report."
    );
}
