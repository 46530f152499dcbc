//! What to do about the model. Nothing is written here, so that a dry run decides alike.
//!
//! The champion is judged on the labelled samples that are neither in its training record nor judged
//! before. The raw rule is that of the original scripts: it has drifted when its F1 on them is lower
//! than the score it was deployed with.

use crate::outcome::Decision;
use anyhow::Result;
use dataset::{Labels, ModelInput, Table};
use risk_core::Run;
use risk_core::history::History;
use risk_core::metrics::{self, ConfusionMatrix};
use risk_core::records::SampleId;
use risk_core::release::Release;
use serde::Serialize;
use std::collections::HashSet;
use training::Samples;
use training::gate::{self, Comparison};

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
    /// The samples that count as judged from now on.
    pub judged: Vec<SampleId>,
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
    /// The champion's F1 on them.
    pub f1: f64,
    /// The F1 it was deployed with.
    pub stored_f1: f64,
}

/// What the raw rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No sample to judge on.
    NothingNew,
    /// The F1 is lower, but the samples are too few to call that drift; they count with the next.
    TooFew,
    /// The F1 is not lower, on samples too few to call that settled; they count with the next.
    NoDriftSoFar,
    /// The F1 is not lower.
    NoDrift,
    /// The F1 is lower.
    Drift,
}

impl Findings {
    /// The verdict of the raw rule.
    #[must_use]
    pub fn verdict(&self, min_labelled: u64) -> Verdict {
        let rarer = self.n_positive.min(self.n_samples - self.n_positive);
        let enough = self.n_samples >= min_labelled && rarer >= MIN_OF_A_CLASS;
        match (self.n_samples, self.f1 < self.stored_f1, enough) {
            (0, ..) => Verdict::NothingNew,
            (_, true, true) => Verdict::Drift,
            (_, true, false) => Verdict::TooFew,
            (_, false, true) => Verdict::NoDrift,
            (_, false, false) => Verdict::NoDriftSoFar,
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

    fn new(decision: Decision, reason: String) -> Self {
        let drift = false;
        Self {
            decision,
            reason,
            drift,
            findings: None,
            comparison: None,
            judged: Vec::new(),
            held_back: None,
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
    let new = unjudged(champion, &samples, history)?;
    let judged = new
        .iter()
        .map(|row| samples.table.sample_id(*row))
        .collect();
    let table = samples.table.select(&new);
    let risks = ModelInput::new(&champion.model, table.schema())?.risks(&table);
    let findings = findings(champion, &samples, &new, &risks);
    let verdict = findings.verdict(run.config.monitoring.min_labelled);
    let mut assessment = match verdict {
        Verdict::NothingNew => Assessment::new(
            Decision::TooFewToDecide,
            "No further sample has got its label since the last judgement.".into(),
        ),
        Verdict::TooFew => {
            let reason = format!(
                "{} That is lower, but {} samples with {MIN_OF_A_CLASS} of each class are needed to \
                 call it drift; they will be judged together with the next ones.",
                findings.describe(),
                run.config.monitoring.min_labelled
            );
            Assessment::new(Decision::TooFewToDecide, reason)
        }
        Verdict::NoDriftSoFar | Verdict::NoDrift => {
            let reason = format!("{} It stays.", findings.describe());
            Assessment::new(Decision::NoDrift, reason)
        }
        Verdict::Drift => challenge(run, &samples, &new, &risks, &findings),
    };
    if matches!(verdict, Verdict::NoDrift | Verdict::Drift) {
        assessment.judged = judged;
    }
    assessment.drift = verdict == Verdict::Drift;
    assessment.findings = Some(findings);
    Ok(assessment)
}

/// The positions of the labelled samples that the champion neither saw nor was judged on.
fn unjudged(
    champion: &Release,
    samples: &Samples,
    history: Option<&History>,
) -> Result<Vec<usize>> {
    let mut known: HashSet<SampleId> = champion.training_record()?.samples.into_iter().collect();
    if let Some(history) = history {
        known.extend(history.judged_samples(&champion.model.model_id)?);
    }
    let is_new = |row: &usize| !known.contains(&samples.table.sample_id(*row));
    Ok((0..samples.exited.len()).filter(is_new).collect())
}

fn findings(champion: &Release, samples: &Samples, new: &[usize], risks: &[f64]) -> Findings {
    let mut matrix = ConfusionMatrix::default();
    for (row, risk) in new.iter().zip(risks) {
        let count = match (samples.exited[*row], champion.model.predicts_exit(*risk)) {
            (true, true) => &mut matrix.true_positive,
            (true, false) => &mut matrix.false_negative,
            (false, true) => &mut matrix.false_positive,
            (false, false) => &mut matrix.true_negative,
        };
        *count += 1;
    }
    Findings {
        n_samples: new.len() as u64,
        n_positive: matrix.true_positive + matrix.false_negative,
        f1: matrix.f1(),
        stored_f1: champion.scores.evaluation.confusion_matrix.f1(),
    }
}

/// There is drift: is a model trained on all data of now certainly not worse?
fn challenge(
    run: &Run,
    samples: &Samples,
    new: &[usize],
    champion_risks: &[f64],
    findings: &Findings,
) -> Assessment {
    let found = findings.describe();
    let comparison = match gate::compare(&run.config, samples, new, champion_risks, run.now) {
        Ok(comparison) => comparison,
        Err(error) => {
            let reason =
                format!("{found} That is drift, but no new model could be trained: {error:#}.");
            return Assessment::new(Decision::Degraded, reason);
        }
    };
    let (decision, outcome) = judge_challenger(&comparison, run.config.model.tolerance);
    let reason = format!(
        "{found} That is drift. A new model {outcome}: on these samples, which neither was fitted \
         on, {}.",
        comparison.describe()
    );
    Assessment {
        comparison: Some(comparison),
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
    fn the_raw_rule_convicts_only_on_enough_samples() {
        let table = [
            (0, 0, 0.0, Verdict::NothingNew),
            (26, 13, 0.643, Verdict::NoDriftSoFar),
            (26, 13, 0.2, Verdict::TooFew),
            (30, 5, 0.2, Verdict::Drift),
            (30, 4, 0.2, Verdict::TooFew),
            (30, 26, 0.2, Verdict::TooFew),
            (30, 5, 1.0 / 3.0, Verdict::NoDrift),
            (29, 14, 1.0 / 3.0, Verdict::NoDriftSoFar),
        ];
        for (n_samples, n_positive, f1, expected) in table {
            let findings = Findings {
                n_samples,
                n_positive,
                f1,
                stored_f1: 1.0 / 3.0,
            };
            assert_eq!(findings.verdict(30), expected, "{findings:?}");
        }
    }

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
