//! The decision, as a table.

use super::*;
use crate::assess::Findings;
use risk_core::metrics::Comparison;
use risk_core::recency::Recency;
use training::gate::Choice;

/// A champion on whose 100 newly labelled samples, 20 of which left, F1 is lower than it was, or not.
fn judged(drift: bool) -> Inputs {
    let findings = Findings {
        n_samples: 100,
        n_positive: 20,
        expected_positive: 20.0,
        n_contacted: 0,
        f1: if drift { 0.3 } else { 0.5 },
        stored_f1: 0.4,
    };
    Inputs {
        release: Some("r1".into()),
        judgement: Some(Judgement {
            findings,
            n_unseen: 200,
            n_unseen_positive: 40,
            min_labelled: 30,
            by: JudgedBy::Raw { evidence: None },
        }),
        ..Inputs::default()
    }
}

/// A new model whose log-loss is greater by what lies between these, under a tolerance of 0.005.
fn tried(low: f64, high: f64) -> Option<Tried> {
    // Of one client alone there is a difference, but no interval.
    let difference = if low.is_finite() {
        (low + high) / 2.0
    } else {
        0.0
    };
    let choice = serde_json::json!({
        "chosen": Recency::All, "candidates": [], "n_judged": 0, "is_forward": false
    });
    Some(Tried::Compared {
        comparison: Comparison {
            n_samples: 100,
            champion_log_loss: 0.5,
            challenger_log_loss: 0.5 + difference,
            difference,
            low,
            high,
        },
        tolerance: 0.005,
        challenger: serde_json::from_value::<Choice>(choice).unwrap(),
        list_impact: None,
    })
}

fn aged() -> Triggers {
    Triggers {
        retrain_after_days: Some(180),
        model_age_days: Some(180.0),
        ..Triggers::default()
    }
}

fn drifted(n_others: u64, share: Option<f64>) -> Triggers {
    Triggers {
        retrain_on_list_impact: share,
        data_drift: Some(DataDrift {
            alarms: vec!["activity".into()],
            k: 200,
            n_others,
        }),
        ..Triggers::default()
    }
}

#[test]
fn a_new_model_must_be_certainly_not_worse_whatever_asked_for_it() {
    use Decision::{ChallengerDeployed, ChallengerRejected, Degraded, TooFewToDecide};
    for (low, high, after_drift, after_a_trigger) in [
        (-0.02, -0.01, ChallengerDeployed, ChallengerDeployed),
        (-0.02, 0.005, ChallengerDeployed, ChallengerDeployed),
        (-0.02, 0.006, Degraded, TooFewToDecide),
        (0.001, 0.02, ChallengerRejected, ChallengerRejected),
        (0.001, 0.004, ChallengerDeployed, ChallengerDeployed),
        (f64::NEG_INFINITY, f64::INFINITY, Degraded, TooFewToDecide),
    ] {
        let drift = Inputs {
            tried: tried(low, high),
            ..judged(true)
        };
        assert_eq!(decide(&drift).decision, after_drift, "{low} to {high}");
        let trigger = Inputs {
            tried: tried(low, high),
            triggers: aged(),
            ..judged(false)
        };
        assert_eq!(
            decide(&trigger).decision,
            after_a_trigger,
            "{low} to {high}"
        );
        let kept = serde_json::to_string(&trigger).unwrap();
        let read: Inputs = serde_json::from_str(&kept).unwrap();
        assert_eq!(read.cause(), Some(Cause::Age));
        assert_eq!(decide(&read), decide(&trigger), "{kept}");
    }
}

#[test]
fn a_new_model_is_tried_for_drift_of_the_data_with_its_effect_on_the_list_or_for_age() {
    use Request::{None, TooFew, TriedAlready, Try};
    let no_alarm = Triggers {
        data_drift: Some(DataDrift {
            alarms: Vec::new(),
            k: 200,
            n_others: 200,
        }),
        ..drifted(0, Some(0.2))
    };
    let unknown = Triggers {
        data_drift: Option::None,
        ..drifted(0, Some(0.0))
    };
    let nothing_undone = Triggers {
        data_drift: Some(DataDrift {
            alarms: vec!["risk".into()],
            k: 0,
            n_others: 0,
        }),
        ..drifted(0, Some(0.0))
    };
    let young = Triggers {
        model_age_days: Some(179.9),
        ..aged()
    };
    let not_asked = Triggers {
        retrain_after_days: Option::None,
        ..aged()
    };
    let both = Triggers {
        retrain_after_days: Some(180),
        model_age_days: Some(300.0),
        ..drifted(40, Some(0.2))
    };
    let after = |n_unseen| Triggers {
        last_try: Some(LastTry {
            at: "2026-07-01T06:00:00Z".into(),
            n_unseen,
        }),
        ..aged()
    };
    for (triggers, n_unseen, expected) in [
        (Triggers::default(), 200, None),
        (drifted(40, Some(0.2)), 200, Try(Cause::ListImpact)),
        (drifted(39, Some(0.2)), 200, None),
        (drifted(200, Option::None), 200, None),
        (drifted(0, Some(0.0)), 200, Try(Cause::ListImpact)),
        (no_alarm, 200, None),
        (unknown, 200, None),
        (nothing_undone, 200, None),
        (aged(), 200, Try(Cause::Age)),
        (young, 200, None),
        (not_asked, 200, None),
        (both, 200, Try(Cause::ListImpact)),
        (aged(), 29, TooFew(Cause::Age)),
        (after(200), 200, TriedAlready(Cause::Age)),
        (after(200), 229, TriedAlready(Cause::Age)),
        (after(200), 230, Try(Cause::Age)),
    ] {
        let mut inputs = judged(false);
        if let Some(judgement) = &mut inputs.judgement {
            judgement.n_unseen = n_unseen;
            judgement.n_unseen_positive = n_unseen / 5;
        }
        inputs.triggers = triggers;
        assert_eq!(inputs.request(), expected, "{inputs:?}");
        let few = matches!(expected, TooFew(_) | Try(_));
        let decision = decide(&inputs).decision;
        assert_eq!(decision == Decision::TooFewToDecide, few, "{inputs:?}");
    }
    let drift = Inputs {
        triggers: after(200),
        ..judged(true)
    };
    assert_eq!(drift.cause(), Some(Cause::ModelDrift), "it comes first");
}

#[test]
fn a_rollback_outweighs_approval_and_that_a_freeze_and_gross_failure_stops_either() {
    use DeploymentMode::{Approve, Auto};
    let fails = Guard {
        n_samples: 200,
        n_positive: 50,
        log_loss_low: Some(9.0),
    };
    let held = |by| (Decision::Degraded, Some(by));
    let rejected = (Decision::ChallengerRejected, None);
    for (blocked, mode, is_frozen, guard, expected) in [
        (
            false,
            Auto,
            false,
            None,
            (Decision::ChallengerDeployed, None),
        ),
        (false, Auto, true, None, held(HeldBack::ByFreeze)),
        (false, Approve, false, None, held(HeldBack::ForApproval)),
        (false, Approve, true, None, held(HeldBack::ForApproval)),
        (true, Auto, false, None, rejected),
        (true, Approve, true, None, rejected),
        (false, Auto, false, Some(fails), rejected),
        (false, Approve, false, Some(fails), rejected),
    ] {
        let inputs = Inputs {
            tried: tried(-0.02, -0.01),
            permit: Some(Permit {
                blocked: blocked.then(|| "it was rolled back".into()),
                mode,
                frozen_until: is_frozen.then(|| "2026-08-01T00:00:00Z".into()),
            }),
            guard,
            ..judged(true)
        };
        let found = decide(&inputs);
        assert_eq!((found.decision, found.held_back), expected, "{inputs:?}");
    }
}

#[test]
fn a_trigger_is_told_with_its_figures() {
    assert_eq!(
        drifted(45, Some(0.2)).describe(Cause::ListImpact),
        "The deployed model was not found to fit worse, but the data has drifted (activity), which \
         makes 45 of the 200 clients with the highest risk others; \
         monitoring.retrain_on_list_impact of 0.2 asks for a new one."
    );
    assert_eq!(
        aged().describe(Cause::Age),
        "The deployed model was not found to fit worse, but it was trained 180 days ago; \
         monitoring.retrain_after_days of 180 asks for a new one."
    );
}
