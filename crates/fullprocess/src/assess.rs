//! What to do about the model. Nothing is written here, so that a dry run decides alike.
//!
//! The champion is judged on the labelled samples that are neither in its training record nor judged
//! before. They add to what all samples since the release say ([`mod@evidence`]), which decides under
//! `evidence`; under `raw`, the rule of the original scripts, it has drifted when its F1 on them is
//! lower than the score it was deployed with.

pub mod evidence;
pub mod impact;
mod raw;
mod unseen;

use crate::outcome::Decision;
use anyhow::Result;
use dataset::{Labels, Table};
use evidence::{Before, Judged, Weighed};
use impact::Impact;
use risk_core::Run;
use risk_core::config::{ContactedLabels, DriftTest};
use risk_core::history::History;
use risk_core::metrics;
use risk_core::recency::Recency;
use risk_core::records::SampleId;
use risk_core::release::Release;
use serde::Serialize;
use training::gate::{self, Challenge, Choice, Comparison};
use training::{Contacted, Samples};
use unseen::Unseen;

/// Fewest samples of each class from which drift is declared.
const MIN_OF_A_CLASS: u64 = 5;

/// What to do about the model, and why.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The decision.
    pub decision: Decision,
    /// Why, in sentences for a manager.
    pub reason: String,
    /// Whether the champion has drifted.
    pub drift: bool,
    /// How the champion did on newly labelled samples.
    pub findings: Option<Findings>,
    /// The challenger against the champion, where there was drift.
    pub comparison: Option<Comparison>,
    /// What the challenger is trained on, and why, where one was tried.
    pub choice: Option<Choice>,
    /// What it would do to the list.
    pub impact: Option<Impact>,
    /// The samples that count as judged from now on.
    pub judged: Vec<SampleId>,
    /// Samples that are not judged either, because their clients were contacted; the champion is not
    /// judged on them later.
    pub left_out: Vec<SampleId>,
    /// The evidence with them; under the raw rule it decides nothing, and checks the estimate of the
    /// performance.
    pub evidence: Option<Box<Weighed>>,
    /// What keeps a new model that passed the comparison from being put in force now.
    pub held_back: Option<HeldBack>,
}

/// What keeps a new model that passed the comparison from being put in force now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// A person has to approve it.
    ForApproval,
    /// Changes are frozen.
    ByFreeze,
}

/// How the champion did on newly labelled samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// How many samples.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// How many of them the champion expected to leave: the sum of its risks.
    pub expected_positive: f64,
    /// How many new labels are of contacted clients: of these samples, or, where such labels are left
    /// out, besides them.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_contacted: u64,
    /// The champion's F1 on them.
    pub f1: f64,
    /// The F1 it was deployed with.
    pub stored_f1: f64,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No sample to judge on.
    NothingNew,
    /// It looks like drift, but the samples are too few to call it that.
    TooFew,
    /// No drift, on samples too few to call that settled; they count with the next.
    NoDriftSoFar,
    /// No drift.
    NoDrift,
    /// Drift.
    Drift,
}

/// What a rule says, and how it is told.
#[derive(Debug, Clone)]
struct Ruling {
    verdict: Verdict,
    description: String,
    /// Whether the samples count as judged.
    is_judged: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Findings {
    /// What the labels of contacted clients count, in a sentence that follows others; empty where there
    /// are none.
    fn describe_contacted(&self, labels: ContactedLabels) -> String {
        let count = self.n_contacted;
        match labels {
            _ if count == 0 => String::new(),
            ContactedLabels::LeaveOut => format!(
                " Besides, {count} labels of clients that were called before these had settled are left \
                 out."
            ),
            ContactedLabels::Use => format!(" {count} of these clients were called meanwhile."),
            ContactedLabels::Weigh(weight) => format!(
                " {count} of these clients were called meanwhile; their labels count {weight} each."
            ),
        }
    }

    fn describe(&self) -> String {
        format!(
            "On {} newly labelled samples, {} of which left, the deployed model has an F1 of {:.3}; \
             it was deployed with {:.3}.",
            self.n_samples, self.n_positive, self.f1, self.stored_f1
        )
    }
}

impl Assessment {
    /// Nothing has changed since the last judgement.
    #[must_use]
    pub fn nothing_new() -> Self {
        Self::new(
            Decision::NoNewData,
            "Nothing has changed since the last run.".into(),
        )
    }

    /// There is no data to decide on.
    #[must_use]
    pub fn nothing_accepted() -> Self {
        Self::new(
            Decision::NoNewData,
            "No row of the input could be accepted.".into(),
        )
    }

    /// The same where a judgement was made again and found what it had found before.
    #[must_use]
    pub fn nothing_new_but(found: &Self) -> Self {
        Self {
            findings: found.findings.clone(),
            held_back: found.held_back,
            ..Self::nothing_new()
        }
    }

    /// Whether a new model is trained and scored, to be put in force or to wait for approval.
    #[must_use]
    pub fn makes_a_model(&self) -> bool {
        self.decision.deploys() || self.held_back == Some(HeldBack::ForApproval)
    }

    /// How many labelled samples the champion neither saw nor was judged on before.
    #[must_use]
    pub fn n_unjudged(&self) -> u64 {
        self.findings
            .as_ref()
            .map_or(0, |findings| findings.n_samples)
    }

    /// Which of the labelled samples a new model is trained on.
    #[must_use]
    pub fn recency(&self) -> Recency {
        self.choice
            .as_ref()
            .map_or(Recency::All, |choice| choice.chosen)
    }

    fn new(decision: Decision, reason: String) -> Self {
        let drift = false;
        Self {
            decision,
            reason,
            drift,
            findings: None,
            comparison: None,
            choice: None,
            impact: None,
            judged: Vec::new(),
            left_out: Vec::new(),
            held_back: None,
            evidence: None,
        }
    }
}

/// Decides about the model on the compiled data.
///
/// # Errors
/// When a record of the champion or the history cannot be read, or the compiled data lacks a feature
/// of the champion.
pub fn assess(
    run: &Run,
    champion: Option<&Release>,
    table: &Table,
    history: Option<&History>,
) -> Result<Assessment> {
    let Some(champion) = champion else {
        let reason = "No model is deployed yet: the first one is trained and deployed.";
        return Ok(Assessment::new(Decision::Bootstrap, reason.into()));
    };
    let samples = Samples::labelled(table, &Labels::new(&run.config, run.now));
    let Ok(samples) = samples else {
        let reason = "No sample of the data has a label yet.";
        return Ok(Assessment::new(Decision::TooFewToDecide, reason.into()));
    };
    let contacted = Contacted::read(run, history)?;
    let Ok(samples) = samples.counting(&contacted, run.config.model.contacted_labels) else {
        let reason = "All labels are of clients that were called, and such are left out.";
        return Ok(Assessment::new(Decision::TooFewToDecide, reason.into()));
    };
    let mut found = judge(run, champion, &samples, history)?;
    if found.choice.is_some() {
        match impact_of(run, champion, &samples, table, &found) {
            Ok(impact) => {
                found.reason = format!("{} {}", found.reason, impact.describe());
                found.impact = Some(impact);
            }
            Err(error) => tracing::warn!("what a new model does to the list is unknown: {error:#}"),
        }
    }
    Ok(found)
}

/// What the very model that training would make does to the list.
fn impact_of(
    run: &Run,
    champion: &Release,
    samples: &Samples,
    table: &Table,
    found: &Assessment,
) -> Result<Impact> {
    let challenger = training::train(run, table, samples, found.recency())?;
    Impact::of(run, &champion.model, &challenger, table)
}

/// Judges the champion on labelled samples, and looks for a better model where it has drifted.
fn judge(
    run: &Run,
    champion: &Release,
    samples: &Samples,
    history: Option<&History>,
) -> Result<Assessment> {
    let unseen = Unseen::find(champion, samples, history)?;
    let new = unseen.new_ones();
    let stored_f1 = champion.scores.evaluation.confusion_matrix.f1();
    let findings = unseen.findings(&new, &champion.model, stored_f1);
    let config = &run.config.monitoring;
    let before = Before::read(champion, history)?;
    let judged = Judged {
        samples,
        unseen: &unseen,
        new: &new,
        findings: &findings,
        overlapping: &training::overlapping(&samples.table, run.config.dataset.horizon_days),
    };
    let (by_evidence, weighed) = evidence::rule(config, champion, &before, &judged)?;
    let (mut ruling, compared) = match config.drift_test {
        DriftTest::Raw => (raw::rule(&findings, config.min_labelled), new.clone()),
        DriftTest::Evidence => {
            let compared = evidence::newest(&before, &unseen, &new, champion, history)?;
            (by_evidence, compared)
        }
    };
    let contacted = findings.describe_contacted(run.config.model.contacted_labels);
    ruling.description.push_str(&contacted);
    let mut assessment = conclude(&ruling, || {
        let rows: Vec<usize> = compared.iter().map(|place| unseen.rows[*place]).collect();
        let risks: Vec<f64> = compared.iter().map(|place| unseen.risks[*place]).collect();
        let tried = gate::challenge(&champion.model, samples, &rows, &risks);
        let n_known = samples.exited.len() as u64;
        weigh_challenge(
            tried,
            n_known,
            run.config.model.tolerance,
            &ruling.description,
        )
    });
    if ruling.is_judged {
        assessment.judged = new.iter().map(|place| unseen.ids[*place]).collect();
        assessment.left_out.clone_from(&unseen.left_out);
        assessment.evidence = Some(Box::new(weighed));
    }
    assessment.drift = ruling.verdict == Verdict::Drift;
    assessment.findings = Some(findings);
    Ok(assessment)
}

fn conclude(ruling: &Ruling, challenge: impl FnOnce() -> Assessment) -> Assessment {
    let description = &ruling.description;
    match ruling.verdict {
        Verdict::NothingNew => Assessment::new(
            Decision::TooFewToDecide,
            "No further sample has got its label since the last judgement.".into(),
        ),
        Verdict::TooFew => Assessment::new(Decision::TooFewToDecide, description.clone()),
        Verdict::NoDriftSoFar | Verdict::NoDrift => {
            Assessment::new(Decision::NoDrift, format!("{description} It stays."))
        }
        Verdict::Drift => challenge(),
    }
}

/// There is drift: is a model trained now certainly not worse?
fn weigh_challenge(
    tried: Result<Challenge>,
    n_known: u64,
    tolerance: f64,
    found: &str,
) -> Assessment {
    let Challenge {
        comparison, choice, ..
    } = match tried {
        Ok(challenge) => challenge,
        Err(error) => {
            let reason = format!("{found} No new model could be trained: {error:#}.");
            return Assessment::new(Decision::Degraded, reason);
        }
    };
    let (decision, outcome) = judge_challenger(&comparison, tolerance);
    let reason = format!(
        "{found} A new model, trained on {}{}, {outcome}: on {} samples that neither was fitted on, {}.",
        choice.chosen.describe(n_known),
        choice.describe(),
        comparison.n_samples,
        comparison.describe()
    );
    Assessment {
        comparison: Some(comparison),
        choice: Some(choice),
        ..Assessment::new(decision, reason)
    }
}

/// A challenger is deployed when it is certainly not worse by more than the tolerance, rejected when
/// it is certainly worse, and else nothing can be told.
fn judge_challenger(comparison: &Comparison, tolerance: f64) -> (Decision, &'static str) {
    match comparison.verdict(tolerance) {
        metrics::Verdict::NotWorse => (Decision::ChallengerDeployed, "was tried and is not worse"),
        metrics::Verdict::Worse => (
            Decision::ChallengerRejected,
            "was tried and rejected, for it is worse",
        ),
        metrics::Verdict::Undecided => (
            Decision::Degraded,
            "was tried, but it cannot be told yet whether it is better",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenger_must_be_certainly_not_worse() {
        let table = [
            (-0.02, -0.01, Decision::ChallengerDeployed),
            (-0.02, 0.005, Decision::ChallengerDeployed),
            (-0.02, 0.006, Decision::Degraded),
            (0.001, 0.02, Decision::ChallengerRejected),
            (0.001, 0.004, Decision::ChallengerDeployed),
        ];
        for (low, high, expected) in table {
            let comparison = Comparison {
                n_samples: 100,
                champion_log_loss: 0.5,
                challenger_log_loss: 0.5 + (low + high) / 2.0,
                difference: (low + high) / 2.0,
                low,
                high,
            };
            assert_eq!(
                judge_challenger(&comparison, 0.005).0,
                expected,
                "{low} to {high}"
            );
        }
    }
}
