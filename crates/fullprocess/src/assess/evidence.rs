//! The evidence against the champion: what newly labelled samples add to it, and what it says.
//!
//! The decision is a function of the evidence before, the risks and labels of the new samples, and the
//! rule of the configuration. All of these, and what follows from them, are recorded with it.

use super::known::Known;
use super::unseen::Unseen;
use super::{Findings, Ruling};
use crate::decide::Verdict;
use anyhow::{Context, Result};
use monitoring::evidence::{
    Evidence, Expectation, Finding, Labelled, Recalibration, Rule, ScoreHistory,
    compare_with_history, fit_recalibration,
};
use risk_core::config::MonitoringConfig;
use risk_core::history::{GatheredEvidence, History, Look};
use risk_core::metrics::{Estimate, Scored, roc_auc_with_interval};
use risk_core::model::Model;
use risk_core::records::SampleId;
use risk_core::release::Release;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What is known of the champion before the new samples.
pub(super) struct Before {
    evidence: Evidence,
    looks: Vec<Look>,
    earlier_f1s: Vec<f64>,
}

/// The evidence with the new samples.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The sums with which the next judgement goes on, as JSON.
    pub state: String,
    /// What it says, and what it follows from.
    pub figures: Figures,
}

/// The inputs of the decision and what follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The release.
    pub release: String,
    /// The rule.
    pub rule: Rule,
    /// The recalibrations of the champion that its training data allows.
    pub allowed: Recalibration,
    /// Whether these were taken from the size of the training data, because the model says nothing.
    pub allowed_is_assumed: bool,
    /// How many judgements there were before.
    pub earlier_looks: u64,
    /// Natural logarithm of the ratio before the new samples; none before the first.
    pub log_ratio_before: Option<f64>,
    /// Log-loss of the new samples against what the champion expects.
    pub new: Expectation,
    /// Log-loss of all samples since the release against what the champion expects.
    pub all: Expectation,
    /// How many samples since the release.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// What the evidence says.
    pub finding: Finding,
    /// `(Σ loss - Σ H) / √Var` over all samples since the release: standard normal under the champion.
    pub z: Option<f64>,
    /// How the champion's log-odds would have to be read to fit the labels.
    pub calibration: Option<Calibration>,
    /// The area under the ROC curve, and by how much it fell.
    pub roc_auc: AreaDrop,
    /// The F1 on the new samples against those of earlier judgements.
    pub f1_history: ScoreHistory,
}

/// Intercept and slope of the labels on the champion's log-odds, with standard errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// 0 where as many leave as expected.
    pub intercept: f64,
    /// Its standard error.
    pub intercept_standard_error: f64,
    /// 1 where the risks differ as much as they should.
    pub slope: f64,
    /// Its standard error.
    pub slope_standard_error: f64,
}

/// The area under the ROC curve of samples since the release against that of the test data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaDrop {
    /// On all samples that the champion was not fitted on, with DeLong's interval.
    pub now: Estimate,
    /// On the test data, when it was deployed.
    pub stored: Estimate,
    /// By how much it fell, with the 95 % interval of the difference of two independent areas.
    pub drop: Option<[f64; 3]>,
}

impl Before {
    /// Reads the evidence against a champion, or begins it.
    ///
    /// # Errors
    /// When the history or the evidence in it cannot be read.
    pub fn read(champion: &Release, history: Option<&History>) -> Result<Self> {
        let model = &champion.model;
        let (stored, earlier_f1s) = match history {
            Some(history) => (
                history.evidence(champion.id())?,
                history.judged_f1s(&model.model_id)?,
            ),
            None => (None, Vec::new()),
        };
        let (evidence, looks) = match stored {
            Some(GatheredEvidence { state, looks }) => {
                let evidence = serde_json::from_str(&state)
                    .with_context(|| format!("the history of release {}", champion.id()))?;
                (evidence, looks)
            }
            None => (Evidence::new(&allowed(model))?, Vec::new()),
        };
        Ok(Self {
            evidence,
            looks,
            earlier_f1s,
        })
    }

    /// Whether the last judgement called drift.
    pub fn was_drift(&self) -> bool {
        self.looks.last().is_some_and(|look| look.drift)
    }
}

/// The recalibrations of a champion that its training data allows: those around the one that was fitted
/// to its cross-validated risks, or, where it has none, what the size of the data lets expect.
fn allowed(model: &Model) -> Recalibration {
    let (n, positive) = effective(model);
    let coefficients: usize = model
        .features
        .iter()
        .map(|feature| feature.coefficients().len())
        .sum();
    let fitted = model.recalibration.map(|fitted| Recalibration {
        intercept: fitted.intercept,
        slope: fitted.slope,
        covariance: fitted.covariance,
    });
    fitted
        .unwrap_or_else(|| Recalibration::assumed(n, positive))
        .of_champion(coefficients as u64 + 1, positive.min(n - positive))
}

/// How many samples of equal weight tell as much as the champion's training samples, and how many of them
/// left.
fn effective(model: &Model) -> (u64, u64) {
    let (n, positive) = (model.data.n_samples, model.data.n_positive);
    match &model.data.recency {
        Some(recent) => {
            let share = (recent.effective_samples / n as f64).min(1.0);
            let of = |count: u64| (count as f64 * share).round() as u64;
            (of(n), of(positive))
        }
        None => (n, positive),
    }
}

/// What the evidence says with the samples that were not judged before.
///
/// # Errors
/// When a risk is no probability.
pub(super) fn rule(
    config: &MonitoringConfig,
    champion: &Release,
    before: &Before,
    samples: &Judged<'_>,
) -> Result<(Ruling, Weighed)> {
    let rule = Rule {
        alpha: config.alpha,
        min_labelled: config.min_labelled,
        min_gain: config.min_gain,
    };
    let mut evidence = before.evidence.clone();
    let labelled = samples.unseen.labelled(samples.new);
    evidence
        .add_with_called(&labelled, &samples.unseen.called)
        .context("the new samples")?;
    let finding = evidence.finding(&rule);
    let verdict = verdict(samples.new.len() as u64, &finding, before.was_drift());
    let figures = figures(champion, before, samples, &evidence, &labelled, rule)?;
    let ruling = Ruling {
        description: describe(&figures, samples.findings, verdict),
        is_judged: !samples.new.is_empty(),
    };
    let state = serde_json::to_string(&evidence)?;
    Ok((ruling, Weighed { state, figures }))
}

/// The samples of a judgement.
pub(super) struct Judged<'a> {
    /// All labelled samples.
    pub known: &'a Known,
    /// Those that the champion was not fitted on.
    pub unseen: &'a Unseen,
    /// The positions among these of those not judged before.
    pub new: &'a [usize],
    /// How the champion does on the new ones.
    pub findings: &'a Findings,
}

/// The verdict under the rule of evidence. Drift that was found before is looked into again when there
/// is more to look at.
pub(crate) fn verdict(n_new: u64, finding: &Finding, was_drift: bool) -> Verdict {
    let reached = finding.greatest_log_ratio >= finding.threshold;
    match (n_new, finding.drift) {
        (0, true) if !was_drift => Verdict::Drift,
        (0, _) => Verdict::NothingNew,
        (_, true) => Verdict::Drift,
        (_, false) if reached => Verdict::TooFew,
        (_, false) => Verdict::NoDrift,
    }
}

fn figures(
    champion: &Release,
    before: &Before,
    samples: &Judged<'_>,
    evidence: &Evidence,
    labelled: &[Labelled],
    rule: Rule,
) -> Result<Figures> {
    let unseen = samples.unseen;
    let everything: Vec<usize> = (0..unseen.rows.len()).collect();
    let all = unseen.labelled(&everything);
    Ok(Figures {
        release: champion.id().to_owned(),
        rule,
        allowed: *evidence.recalibration(),
        allowed_is_assumed: champion.model.recalibration.is_none(),
        earlier_looks: before.looks.len() as u64,
        log_ratio_before: before.looks.last().map(|look| look.log_ratio),
        new: Expectation::of(labelled),
        all: evidence.expectation,
        n_samples: evidence.n_samples,
        n_positive: evidence.n_positive,
        finding: evidence.finding(&rule),
        z: evidence.expectation.z(),
        calibration: fit_recalibration(&all).map(|fit| {
            let (intercept_standard_error, slope_standard_error) = fit.standard_errors();
            Calibration {
                intercept: fit.intercept,
                intercept_standard_error,
                slope: fit.slope,
                slope_standard_error,
            }
        }),
        roc_auc: area_drop(champion, samples),
        f1_history: compare_with_history(samples.findings.f1, &before.earlier_f1s),
    })
}

fn area_drop(champion: &Release, samples: &Judged<'_>) -> AreaDrop {
    let unseen = samples.unseen;
    let client_ids: Vec<String> = unseen
        .rows
        .iter()
        .map(|row| samples.known.counted.table.client_id(*row).to_owned())
        .collect();
    let now = roc_auc_with_interval(&Scored {
        client_ids: &client_ids,
        risks: &unseen.risks,
        exited: &unseen.exited,
    });
    let now = now.unwrap_or_else(|error| Estimate {
        value: None,
        low: None,
        high: None,
        reason: Some(error.to_string()),
    });
    let stored = champion.scores.evaluation.metrics.roc_auc.clone();
    let drop = drop_of(&stored, &now);
    AreaDrop { now, stored, drop }
}

/// Difference, lower and upper end: the squares of the half intervals add up.
fn drop_of(stored: &Estimate, now: &Estimate) -> Option<[f64; 3]> {
    let (before, after) = (stored.value?, now.value?);
    let half = |estimate: &Estimate| Some((estimate.high? - estimate.low?) / 2.0);
    let margin = half(stored)?.hypot(half(now)?);
    let drop = before - after;
    Some([drop, drop - margin, drop + margin])
}

/// The samples on which a challenger is compared: those judged since the evidence was lowest. A change
/// began about then, and samples from before it say nothing about what holds now.
///
/// # Errors
/// When the history cannot be read.
pub(super) fn newest(
    before: &Before,
    unseen: &Unseen,
    new: &[usize],
    champion: &Release,
    history: Option<&History>,
) -> Result<Vec<usize>> {
    let lowest = before
        .looks
        .iter()
        .enumerate()
        .filter(|(_, look)| look.log_ratio < 0.0)
        .min_by(|(_, a), (_, b)| a.log_ratio.total_cmp(&b.log_ratio));
    let after = lowest.map_or(0, |(position, _)| position + 1);
    let since = match (history, before.looks.get(after)) {
        (Some(history), Some(look)) => {
            history.samples_judged_since(&champion.model.model_id, look.judgement)?
        }
        _ => HashSet::<SampleId>::new(),
    };
    let is_new: HashSet<usize> = new.iter().copied().collect();
    Ok((0..unseen.rows.len())
        .filter(|position| is_new.contains(position) || since.contains(&unseen.ids[*position]))
        .collect())
}

fn describe(figures: &Figures, findings: &Findings, verdict: Verdict) -> String {
    let expected = findings.expected_positive;
    let needed = (1.0 / figures.rule.alpha).round();
    let ratio = in_words(figures.finding.greatest_log_ratio);
    let of = if figures.earlier_looks > 0 {
        format!(" ({} since the model was deployed)", figures.n_samples)
    } else {
        String::new()
    };
    let found = format!(
        "Of {} newly labelled samples{of} {} left, where the deployed model expected {expected:.0} \
         (F1 {:.3}; {:.3} when it was deployed).",
        findings.n_samples, findings.n_positive, findings.f1, findings.stored_f1
    );
    match verdict {
        Verdict::Drift => format!(
            "{found} Its probabilities no longer fit: the evidence against them has reached {ratio}, \
             and {needed} is drift."
        ),
        Verdict::TooFew => format!(
            "{found} The evidence against its probabilities has reached {ratio}, but under {} samples, or \
             for a gain below monitoring.min_gain, nothing is called drift.",
            figures.rule.min_labelled
        ),
        _ => format!(
            "{found} Its probabilities still fit: the evidence against them is {ratio}, and {needed} \
             would be drift."
        ),
    }
}

/// The ratio as people read it.
fn in_words(log_ratio: f64) -> String {
    let ratio = log_ratio.exp();
    if ratio >= 1e6 {
        "over a million".into()
    } else if ratio >= 10.0 {
        format!("{ratio:.0}")
    } else {
        format!("{ratio:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};
    use risk_core::schema::{Column, Kind, Role, Schema};

    fn finding(greatest_log_ratio: f64, drift: bool) -> Finding {
        Finding {
            log_ratio: -1.0,
            greatest_log_ratio,
            threshold: 100_f64.ln(),
            gain: 0.01,
            best: (0.0, 0.5),
            drift,
        }
    }

    /// A model of 60 clients that tell nothing, 20 of which left.
    fn model() -> Model {
        let text = (0..60).fold("id,x,exited\n".to_owned(), |text, row| {
            format!("{text}c{row},{},{}\n", row % 7, row % 3 % 2)
        });
        let raw = RawTable::from_csv(text.into_bytes()).unwrap();
        let schema = Schema::new(vec![
            Column::new("id", Role::ClientId, Kind::Category),
            Column::new("x", Role::Feature, Kind::Numeric),
            Column::new("exited", Role::Target, Kind::Category),
        ]);
        let table = check(&raw, &schema, false).unwrap().table;
        let exited = (0..60).map(|row| table.target(row).unwrap()).collect();
        let config = r#"{"input_folder_path": "in", "output_folder_path": "out",
            "test_data_path": "test", "output_model_path": "model",
            "prod_deployment_path": "prod", "model": {"basis": "linear", "l2": 1}}"#;
        let config = serde_json::from_str(config).unwrap();
        let now = chrono::DateTime::UNIX_EPOCH;
        training::fit(&config, &training::Samples::new(table, exited), now).unwrap()
    }

    #[test]
    fn what_is_kept_is_allowed_and_else_what_the_size_lets_expect() {
        let mut model = model();
        let assumed = Recalibration::assumed(60, 20).of_champion(2, 20);
        assert_eq!(allowed(&model), assumed);
        let (intercept, slope) = (0.1, 0.9);
        let covariance = [[0.02, 0.001], [0.001, 0.03]];
        model.recalibration = Some(risk_core::calibration::Recalibration {
            intercept,
            slope,
            covariance,
        });
        let kept = Recalibration {
            intercept,
            slope,
            covariance,
        };
        assert_eq!(allowed(&model), kept.of_champion(2, 20));
    }

    #[test]
    fn the_verdict_follows_from_the_evidence() {
        let (low, high) = (finding(1.0, false), finding(9.0, true));
        let waiting = finding(9.0, false);
        let table = [
            (0, low, false, Verdict::NothingNew),
            (7, low, false, Verdict::NoDrift),
            (7, waiting, false, Verdict::TooFew),
            (7, high, false, Verdict::Drift),
            (7, high, true, Verdict::Drift),
            (0, high, true, Verdict::NothingNew),
            (0, high, false, Verdict::Drift),
        ];
        for (n_new, finding, was_drift, expected) in table {
            assert_eq!(
                verdict(n_new, &finding, was_drift),
                expected,
                "{n_new} {finding:?}"
            );
        }
    }

    #[test]
    fn the_drop_of_the_area_has_the_interval_of_a_difference() {
        let estimate = |value: f64, half: f64| Estimate {
            value: Some(value),
            low: Some(value - half),
            high: Some(value + half),
            reason: None,
        };
        let [drop, low, high] = drop_of(&estimate(0.8, 0.03), &estimate(0.7, 0.04)).unwrap();
        for (found, expected) in [(drop, 0.1), (low, 0.05), (high, 0.15)] {
            assert!(
                (found - expected).abs() < 1e-12,
                "{found} is not {expected}"
            );
        }
    }

    #[test]
    fn ratios_are_short() {
        for (log_ratio, text) in [(0.0, "1.0"), (4.7, "110"), (50.0, "over a million")] {
            assert_eq!(in_words(log_ratio), text);
        }
    }
}
