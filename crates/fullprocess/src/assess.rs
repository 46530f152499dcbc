//! What to do about the model. Nothing is written here, so that a dry run decides alike.
//!
//! The champion is judged on the labelled samples that are neither in its training record nor judged
//! before. They add to what all samples since the release say ([`mod@evidence`]), which decides under
//! `evidence`; under `raw`, the rule of the original scripts, it has drifted when its F1 on them is
//! lower than the score it was deployed with. Drift of the data with its effect on the list, or age, may
//! ask for a new model too ([`crate::decide`], where the decision itself is made).

pub mod evidence;
pub mod impact;
mod known;
pub(crate) mod raw;
mod reason;
mod triggers;
mod unseen;

use crate::decide::{Cause, HeldBack, Inputs, JudgedBy, Judgement, Tried, decide};
use crate::outcome::Decision;
use anyhow::Result;
use dataset::{Labels, Table};
use evidence::{Before, Judged};
use impact::Impact;
use known::Known;
use reason::explain;
use risk_core::Run;
use risk_core::config::{ContactedLabels, DriftTest};
use risk_core::history::{History, ListChange};
use risk_core::model::Model;
use risk_core::recency::Recency;
use risk_core::records::SampleId;
use risk_core::release::Release;
use serde::{Deserialize, Serialize};
use training::gate::{self, Challenge};
use training::{Contacted, Samples};
pub(crate) use triggers::model_age_days;
use triggers::triggers;
use unseen::Unseen;

/// What to do about the model, and why.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The decision.
    pub decision: Decision,
    /// Why, in sentences for a manager.
    pub reason: String,
    /// All that the decision follows from.
    pub inputs: Inputs,
    /// What keeps a new model that passed the comparison from being put in force now.
    pub held_back: Option<HeldBack>,
    /// The samples that count as judged from now on.
    pub judged: Vec<SampleId>,
    /// Samples that are not judged either, because their clients were contacted; the champion is not
    /// judged on them later.
    pub left_out: Vec<SampleId>,
    /// The sums with which the next judgement goes on; under the raw rule they decide nothing, and check
    /// the estimate of the performance.
    pub evidence_state: Option<String>,
    /// The very model that training would make, where one was tried.
    pub challenger: Option<Box<Model>>,
    /// Who would come to the top of the list with it, and who would leave it.
    pub list_change: Option<ListChange>,
}

/// How the champion did on newly labelled samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// How many samples.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// How many of them the champion expected to leave: the sum of its risks.
    pub expected_positive: f64,
    /// How many new labels are of contacted clients: of these samples, or, where such labels are left
    /// out, besides them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_contacted: u64,
    /// The champion's F1 on them.
    pub f1: f64,
    /// The F1 it was deployed with.
    pub stored_f1: f64,
}

/// What a rule says, and how it is told.
#[derive(Debug, Clone)]
struct Ruling {
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
                 out; they count only where more of these clients left than expected."
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
            "There is nothing new to judge the model on.".into(),
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
            inputs: found.inputs.clone(),
            held_back: found.held_back,
            ..Self::nothing_new()
        }
    }

    /// Whether a new model is trained and scored, to be put in force or to wait for approval.
    #[must_use]
    pub fn makes_a_model(&self) -> bool {
        self.decision.deploys() || self.held_back == Some(HeldBack::ForApproval)
    }

    /// How the champion did on newly labelled samples.
    #[must_use]
    pub fn findings(&self) -> Option<&Findings> {
        let judgement = self.inputs.judgement.as_ref();
        judgement.map(|judgement| &judgement.findings)
    }

    /// How many labelled samples the champion neither saw nor was judged on before.
    #[must_use]
    pub fn n_unjudged(&self) -> u64 {
        self.findings().map_or(0, |findings| findings.n_samples)
    }

    /// Which of the labelled samples a new model is trained on.
    #[must_use]
    pub fn recency(&self) -> Recency {
        self.inputs
            .choice()
            .map_or(Recency::All, |choice| choice.chosen)
    }

    /// Takes a further input in, and decides with it.
    pub(crate) fn decide_with(&mut self, add: impl FnOnce(&mut Inputs)) {
        add(&mut self.inputs);
        let decided = decide(&self.inputs);
        self.decision = decided.decision;
        self.held_back = decided.held_back;
        // What was judged during a freeze is decided anew when it has ended.
        if self.held_back == Some(HeldBack::ByFreeze) {
            self.judged.clear();
        }
    }

    fn new(decision: Decision, reason: String) -> Self {
        Self {
            decision,
            reason,
            inputs: Inputs::default(),
            held_back: None,
            judged: Vec::new(),
            left_out: Vec::new(),
            evidence_state: None,
            challenger: None,
            list_change: None,
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
    let samples = Samples::labelled(table, &Labels::new(&run.config, run.now));
    let Some(champion) = champion else {
        let reason = "No model is deployed yet: the first one is trained and deployed.";
        let mut found = Assessment::new(Decision::Bootstrap, reason.into());
        found.inputs.n_labelled = samples.map_or(0, |samples| samples.exited.len() as u64);
        return Ok(found);
    };
    let undecided = |reason: &str| {
        let mut found = Assessment::new(Decision::TooFewToDecide, reason.into());
        found.decide_with(|inputs| {
            inputs.release = Some(champion.id().to_owned());
            inputs.model_id = Some(champion.model.model_id.clone());
        });
        Ok(found)
    };
    let Ok(samples) = samples else {
        return undecided("No sample of the data has a label yet.");
    };
    let contacted = Contacted::read(run, history)?;
    let Ok(known) = Known::new(&run.config, samples, &contacted) else {
        return undecided("All labels are of clients that were called, and such are left out.");
    };
    let mut found = judge(run, champion, &known, (table, history))?;
    if found.inputs.choice().is_some()
        && let Err(error) = look_at_the_list(run, champion, &known.counted, table, &mut found)
    {
        tracing::warn!("what a new model does to the list is unknown: {error:#}");
    }
    Ok(found)
}

/// What the very model that training would make does to the list.
fn look_at_the_list(
    run: &Run,
    champion: &Release,
    samples: &Samples,
    table: &Table,
    found: &mut Assessment,
) -> Result<()> {
    let challenger = training::train(run, table, samples, found.recency())?;
    let challenger = found.challenger.insert(Box::new(challenger));
    let (impact, change) = Impact::of(run, &champion.model, challenger, table)?;
    found.reason = format!("{} {}", found.reason, impact.describe());
    if let Some(Tried::Compared { list_impact, .. }) = &mut found.inputs.tried {
        *list_impact = Some(impact);
    }
    found.list_change = Some(change);
    Ok(())
}

/// Judges the champion on labelled samples, and looks for a better model where that or a trigger asks
/// for one.
fn judge(
    run: &Run,
    champion: &Release,
    known: &Known,
    (table, history): (&Table, Option<&History>),
) -> Result<Assessment> {
    let unseen = Unseen::find(champion, known, history)?;
    let new = unseen.new_ones();
    let looked = look(run, champion, known, &unseen, (&new, history))?;
    let Looked {
        ruling, judgement, ..
    } = looked;
    let mut found = Assessment::new(Decision::NoDrift, String::new());
    found.inputs = Inputs {
        release: Some(champion.id().to_owned()),
        model_id: Some(champion.model.model_id.clone()),
        n_labelled: known.counted.exited.len() as u64,
        triggers: triggers(run, champion, table, history)?,
        judgement: Some(judgement.clone()),
        ..Inputs::default()
    };
    if let Some(cause) = found.inputs.cause() {
        // Without a change of behaviour all labels tell the same, and the more the surer.
        let places = match cause {
            Cause::ModelDrift => looked.since_change,
            Cause::ListImpact | Cause::Age => (0..unseen.rows.len()).collect(),
        };
        let rows: Vec<usize> = places.iter().map(|place| unseen.rows[*place]).collect();
        let risks: Vec<f64> = places.iter().map(|place| unseen.risks[*place]).collect();
        let tried = gate::challenge(&champion.model, &known.counted, &rows, &risks);
        found.inputs.tried = Some(Tried::of(tried, run.config.model.tolerance));
    }
    if ruling.is_judged {
        found.judged = new.iter().map(|place| unseen.ids[*place]).collect();
        found.left_out.clone_from(&unseen.left_out);
        found.evidence_state = Some(looked.evidence_state);
    }
    found.decide_with(|_| {});
    found.reason = explain(&found.inputs, &judgement, &ruling.description);
    Ok(found)
}

/// What judging the champion gives.
struct Looked {
    ruling: Ruling,
    judgement: Judgement,
    evidence_state: String,
    /// The unseen samples since a change, on which a new model is compared after drift.
    since_change: Vec<usize>,
}

fn look(
    run: &Run,
    champion: &Release,
    known: &Known,
    unseen: &Unseen,
    (new, history): (&[usize], Option<&History>),
) -> Result<Looked> {
    let config = &run.config.monitoring;
    let stored_f1 = champion.scores.evaluation.confusion_matrix.f1();
    let findings = unseen.findings(new, &champion.model, stored_f1);
    let before = Before::read(champion, history)?;
    let judged = Judged {
        known,
        unseen,
        new,
        findings: &findings,
    };
    let (by_evidence, weighed) = evidence::rule(config, champion, &before, &judged)?;
    let evidence = Box::new(weighed.figures);
    let (mut ruling, by, since_change) = match config.drift_test {
        DriftTest::Raw => {
            let ruling = raw::rule(&findings, config.min_labelled);
            let evidence = Some(evidence);
            (ruling, JudgedBy::Raw { evidence }, new.to_vec())
        }
        DriftTest::Evidence => {
            let since_change = evidence::newest(&before, unseen, new, champion, history)?;
            let was_drift = before.was_drift();
            let by = JudgedBy::Evidence {
                was_drift,
                evidence,
            };
            (by_evidence, by, since_change)
        }
    };
    let contacted = findings.describe_contacted(run.config.model.contacted_labels);
    ruling.description.push_str(&contacted);
    let judgement = Judgement {
        findings,
        n_unseen: unseen.rows.len() as u64,
        n_unseen_positive: unseen.exited.iter().filter(|exited| **exited).count() as u64,
        min_labelled: config.min_labelled,
        by,
    };
    Ok(Looked {
        ruling,
        judgement,
        evidence_state: weighed.state,
        since_change,
    })
}

impl Tried {
    fn of(tried: Result<Challenge>, tolerance: f64) -> Self {
        match tried {
            Ok(challenge) => Self::Compared {
                comparison: challenge.comparison,
                tolerance,
                challenger: challenge.choice,
                list_impact: None,
            },
            Err(error) => Self::Failed {
                why: format!("{error:#}"),
            },
        }
    }
}
