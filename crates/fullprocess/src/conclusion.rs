//! What the history keeps of a decision about the model, and that a kill loses none of it.
//!
//! Decision, judgement and evidence are recorded in one transaction when all is done: a run that is
//! killed before leaves the samples unjudged, and the next one decides anew. Only where a new model was
//! put in force before the kill there is nothing left to decide from, for its training took the samples
//! in. So the conclusion is noted whole before the model is put in force, and the next run records the
//! note if that model is in force, and drops it if not.

use crate::Assessment;
use crate::decide::{HeldBack, Inputs, Tried, Verdict};
use crate::outcome::Decision;
use crate::{AGED, FROZEN, judgement, judgement_inputs, publish, retrial};
use anyhow::Result;
use chrono::{DateTime, Utc};
use risk_core::Run;
use risk_core::error::timestamp;
use risk_core::history::{DecisionEntry, EvidenceEntry, Judgement, ListChange};
use risk_core::records::SampleId;
use risk_core::release::{self, Release};
use serde::{Deserialize, Serialize};

/// All that is recorded of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conclusion {
    decision: String,
    reason: String,
    decided_at: DateTime<Utc>,
    /// The release that was in force.
    champion: Option<String>,
    judgement: Option<Judged>,
    /// All that it follows from, and what asked for a new model.
    #[serde(default)]
    inputs_of_decision: serde_json::Value,
    /// Who would come to the top of the list and leave it with the new model.
    #[serde(default)]
    list_change: Option<ListChange>,
    /// That a new model was tried, as it is kept.
    #[serde(default)]
    tried: Option<String>,
    /// For which compiled data and settings, and on which day.
    inputs: String,
    day: String,
    /// How many labelled samples stay unjudged.
    unjudged: u64,
    frozen: bool,
    /// Whether the age of the champion asked for a new model.
    #[serde(default)]
    aged: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Judged {
    model_id: String,
    drift_test: String,
    samples: Vec<SampleId>,
    #[serde(default)]
    left_out: Vec<SampleId>,
    n_positive: u64,
    drift: bool,
    figures: serde_json::Value,
    evidence: Option<Evidence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Evidence {
    release: String,
    log_ratio: f64,
    state: String,
}

impl Conclusion {
    /// What is to be recorded of this assessment of the champion.
    ///
    /// # Errors
    /// When the record of the compiled data cannot be read.
    pub fn of(run: &Run, champion: Option<&Release>, found: &Assessment) -> Result<Self> {
        let judged = champion.filter(|_| !found.judged.is_empty());
        Ok(Self {
            decision: found.decision.name().to_owned(),
            reason: found.reason.clone(),
            decided_at: run.now,
            champion: champion.map(|release| release.id().to_owned()),
            judgement: judged.map(|champion| Judged::of(run, champion, found)),
            inputs_of_decision: of_decision(&found.inputs)?,
            list_change: found.list_change.clone(),
            tried: retrial::of(run, found)?,
            inputs: judgement_inputs(run)?,
            day: crate::day(run),
            // What was judged is not unjudged any more.
            unjudged: if found.judged.is_empty() {
                found.n_unjudged()
            } else {
                0
            },
            frozen: found.held_back == Some(HeldBack::ByFreeze),
            aged: found.inputs.triggers.is_aged(),
        })
    }

    /// Notes it before a model is put in force by it.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn note(&self, run: &Run) -> Result<()> {
        let text = serde_json::to_string(self)?;
        run.history()?.set_published(&pending(run), &text)
    }

    /// Records it, and that it was made with the release that is in force now.
    ///
    /// # Errors
    /// When the history cannot be written or no release is in force.
    pub fn record(&self, run: &Run) -> Result<()> {
        let in_force = release::require_current(&run.layout)?;
        let history = run.history()?;
        history.together(|| {
            if self.decision != Decision::NoNewData.name() {
                history.record_decision(&self.entry(), self.decided_at)?;
            }
            if let Some(judged) = &self.judgement {
                history.record_judgement(&judged.entry(), self.decided_at)?;
            }
            if let Some(tried) = &self.tried {
                history.set_published(&retrial::key(run), tried)?;
            }
            history.set_published(&judgement(run), &self.known(in_force.id()))?;
            history.forget_published(&pending(run))
        })
    }

    fn entry(&self) -> DecisionEntry<'_> {
        DecisionEntry {
            decision: &self.decision,
            reason: &self.reason,
            inputs: &self.inputs_of_decision,
            list_change: self.list_change.as_ref(),
        }
    }

    /// For which inputs the release was judged, as [`crate::LastJudgement`] reads it.
    fn known(&self, release: &str) -> String {
        let Self {
            inputs,
            day,
            unjudged,
            ..
        } = self;
        let mut known = format!("{inputs} {release} {day} {unjudged}");
        for (is_marked, mark) in [(self.frozen, FROZEN), (self.aged, AGED)] {
            if is_marked {
                known = format!("{known} {mark}");
            }
        }
        known
    }

    /// Whether a release was put in force by it.
    fn put_in_force(&self, release: &Release) -> bool {
        release.manifest.previous_release == self.champion
            && release.manifest.deployed_at == timestamp(self.decided_at)
    }
}

/// Records the conclusion that a killed run noted, where it had put the model in force; else it is
/// dropped, and the run decides anew.
///
/// # Errors
/// When the history cannot be read or written.
pub(crate) fn finish(run: &Run) -> Result<()> {
    let history = run.history()?;
    let Some(text) = history.published(&pending(run))? else {
        return Ok(());
    };
    // What is wrong with the release in force is told by those who need it.
    let in_force = release::current(&run.layout).ok().flatten();
    match (serde_json::from_str::<Conclusion>(&text), in_force) {
        (Ok(noted), Some(release)) if noted.put_in_force(&release) => {
            tracing::info!("recording the decision of a run that was killed");
            noted.record(run)
        }
        _ => history.forget_published(&pending(run)),
    }
}

/// The name under which the history keeps the note.
fn pending(run: &Run) -> String {
    publish::key(run, "pending decision", run.layout.production())
}

/// What is kept of the inputs: all of them, and what asked for a new model.
fn of_decision(inputs: &Inputs) -> Result<serde_json::Value> {
    let mut value = serde_json::to_value(inputs)?;
    value["cause"] = serde_json::to_value(inputs.cause())?;
    Ok(value)
}

/// What is kept with a judgement.
fn figures(inputs: &Inputs) -> serde_json::Value {
    let judgement = inputs.judgement.as_ref();
    let evidence = judgement.and_then(|judgement| judgement.by.evidence());
    let (comparison, challenger, list_impact) = match &inputs.tried {
        Some(Tried::Compared {
            comparison,
            challenger,
            list_impact,
            ..
        }) => (Some(comparison), Some(challenger), list_impact.as_ref()),
        _ => (None, None, None),
    };
    serde_json::json!({
        "findings": judgement.map(|judgement| &judgement.findings),
        "comparison": comparison,
        "challenger": challenger,
        "list_impact": list_impact,
        "evidence": evidence,
    })
}

impl Judged {
    fn of(run: &Run, champion: &Release, found: &Assessment) -> Self {
        let judgement = found.inputs.judgement.as_ref();
        let figures_of_evidence = judgement.and_then(|judgement| judgement.by.evidence());
        let evidence = figures_of_evidence.zip(found.evidence_state.as_ref());
        let evidence = evidence.map(|(figures, state)| Evidence {
            release: champion.id().to_owned(),
            log_ratio: figures.finding.log_ratio,
            state: state.clone(),
        });
        Self {
            model_id: champion.model.model_id.clone(),
            drift_test: run.config.monitoring.drift_test.name().to_owned(),
            samples: found.judged.clone(),
            left_out: found.left_out.clone(),
            n_positive: found.findings().map_or(0, |it| it.n_positive),
            drift: judgement.is_some_and(|it| it.verdict() == Verdict::Drift),
            figures: figures(&found.inputs),
            evidence,
        }
    }

    fn entry(&self) -> Judgement<'_, &serde_json::Value> {
        Judgement {
            model_id: &self.model_id,
            drift_test: &self.drift_test,
            samples: &self.samples,
            left_out: &self.left_out,
            n_positive: self.n_positive,
            drift: self.drift,
            figures: &self.figures,
            evidence: self.evidence.as_ref().map(|evidence| EvidenceEntry {
                release: &evidence.release,
                log_ratio: evidence.log_ratio,
                state: &evidence.state,
            }),
        }
    }
}
