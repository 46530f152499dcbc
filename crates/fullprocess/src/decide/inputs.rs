//! The inputs of the decision.

use super::triggers::{Request, Triggers};
use super::{Cause, MIN_OF_A_CLASS, Verdict};
use crate::assess::Findings;
use crate::assess::evidence::{self, Figures};
use crate::assess::impact::Impact;
use crate::assess::raw;
use crate::guard;
use risk_core::config::DeploymentMode;
use risk_core::metrics::{Comparison, Evaluation};
use serde::{Deserialize, Serialize};
use training::gate::Choice;

/// All that the decision follows from. No client is named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The release in force; `None` before the first.
    pub release: Option<String>,
    /// Its model.
    pub model_id: Option<String>,
    /// How many samples have a label.
    pub n_labelled: u64,
    /// What judging it says; `None` where no sample has a label.
    pub judgement: Option<Judgement>,
    /// What may ask for a new model besides.
    pub triggers: Triggers,
    /// What became of trying a new model, where one was tried.
    pub tried: Option<Tried>,
    /// Whether it may be put in force now, where it passed the comparison.
    pub permit: Option<Permit>,
    /// How it does on the test data, where it was scored.
    pub guard: Option<Guard>,
}

/// What judging the champion on labelled samples says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// How it did on the samples not judged before.
    pub findings: Findings,
    /// Labelled samples that it was not fitted on, judged before or not.
    pub n_unseen: u64,
    /// How many of these left.
    pub n_unseen_positive: u64,
    /// `monitoring.min_labelled`.
    pub min_labelled: u64,
    /// The rule, and what it goes by.
    #[serde(flatten)]
    pub by: JudgedBy,
}

/// The rule by which the champion is judged (`monitoring.drift_test`), and what it goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "drift_test", rename_all = "snake_case")]
pub enum JudgedBy {
    /// The F1 of the findings against the stored one.
    Raw {
        /// The evidence, which decides nothing here.
        evidence: Option<Box<Figures>>,
    },
    /// The evidence since the release.
    Evidence {
        /// Whether the judgement before called drift.
        was_drift: bool,
        /// The evidence, with the thresholds in force.
        evidence: Box<Figures>,
    },
}

/// What became of trying a new model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Tried {
    /// None could be trained.
    Failed {
        /// Why.
        why: String,
    },
    /// It was compared with the champion.
    Compared {
        /// The comparison.
        comparison: Comparison,
        /// `model.tolerance`.
        tolerance: f64,
        /// What it is trained on, and why.
        challenger: Choice,
        /// What it does to the list; `None` where that could not be found out.
        list_impact: Option<Impact>,
    },
}

/// Whether a new model may be put in force now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Permit {
    /// Why not, where the very model was rolled back.
    pub blocked: Option<String>,
    /// `deployment.mode`.
    pub mode: DeploymentMode,
    /// Until when changes are frozen, RFC 3339; `None` where they are not.
    pub frozen_until: Option<String>,
}

/// How a new model does on the test data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// Test samples.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// Lower end of the 95 % interval of its log-loss, nats a sample.
    pub log_loss_low: Option<f64>,
}

impl Inputs {
    /// What asks for a new model, and is to be followed now.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self.request() {
            Request::Try(cause) => Some(cause),
            _ => None,
        }
    }

    /// What asks for a new model, and whether one is to be tried for it now. Drift of the model comes
    /// before the triggers, and where it was found before it is looked into again with more samples.
    #[must_use]
    pub fn request(&self) -> Request {
        match &self.judgement {
            Some(judgement) if judgement.verdict() == Verdict::Drift => {
                Request::Try(Cause::ModelDrift)
            }
            Some(judgement) if !judgement.was_drift() => self.triggers.request(judgement),
            _ => Request::None,
        }
    }

    /// What was compared, where a new model was tried and could be.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        match &self.tried {
            Some(Tried::Compared { challenger, .. }) => Some(challenger),
            _ => None,
        }
    }
}

impl Judgement {
    /// What the rule says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.by {
            JudgedBy::Raw { .. } => raw::verdict(&self.findings, self.min_labelled),
            JudgedBy::Evidence {
                was_drift,
                evidence,
            } => evidence::verdict(self.findings.n_samples, &evidence.finding, *was_drift),
        }
    }

    fn was_drift(&self) -> bool {
        matches!(
            &self.by,
            JudgedBy::Evidence {
                was_drift: true,
                ..
            }
        )
    }

    /// Whether the samples that the champion was not fitted on are enough to try a new model on.
    pub(super) fn has_enough(&self) -> bool {
        let rarer = self
            .n_unseen_positive
            .min(self.n_unseen.saturating_sub(self.n_unseen_positive));
        self.n_unseen >= self.min_labelled && rarer >= MIN_OF_A_CLASS
    }
}

impl JudgedBy {
    /// The evidence, whether it decides or not.
    #[must_use]
    pub fn evidence(&self) -> Option<&Figures> {
        match self {
            Self::Raw { evidence } => evidence.as_deref(),
            Self::Evidence { evidence, .. } => Some(evidence),
        }
    }
}

impl Guard {
    /// What an evaluation on the test data says.
    pub(crate) fn of(evaluation: &Evaluation) -> Self {
        Self {
            n_samples: evaluation.n_samples,
            n_positive: evaluation.n_positive,
            log_loss_low: evaluation.metrics.log_loss.low,
        }
    }

    /// Whether the model fails grossly.
    #[must_use]
    pub fn is_gross(&self) -> bool {
        guard::gross_failure(self).is_some()
    }
}
