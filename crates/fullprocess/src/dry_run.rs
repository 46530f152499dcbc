//! What a run would do and why, without changing anything.

use crate::assess::{Assessment, assess};
use crate::outcome::{Outcome, Step, StepStatus};
use crate::permit::permit;
use crate::{LastJudgement, guard, publish};
use anyhow::Result;
use ingestion::Preview;
use risk_core::history::History;
use risk_core::release::{self, Release};
use risk_core::{Failure, Run};
use std::time::Instant;

/// Decides like a run would, on what it would compile.
pub(crate) fn dry_run(run: &Run) -> Result<Outcome> {
    let started = Instant::now();
    let preview = ingestion::preview(run)?;
    let history = History::open_to_read(&run.layout.history())?;
    let champion = release::current(&run.layout)?;
    let assessment = assessment(run, &preview, champion.as_ref(), history.as_ref())?;
    let mut steps = vec![step("ingestion", preview.changed, preview.describe())];
    for name in ["training", "scoring", "deployment"] {
        steps.push(step(name, assessment.makes_a_model(), String::new()));
    }
    let due = due(run, &preview, &assessment, history.as_ref())?;
    for name in ["diagnostics", "reporting", "apicalls"] {
        steps.push(step(name, due.contains(&name), String::new()));
    }
    Ok(Outcome {
        decision: assessment.decision,
        reason: assessment.reason,
        release: champion.map(|release| release.id().to_owned()),
        steps,
        refused_files: preview.refused,
        dry_run: true,
        elapsed_s: started.elapsed().as_secs_f64(),
    })
}

fn assessment(
    run: &Run,
    preview: &Preview,
    champion: Option<&Release>,
    history: Option<&History>,
) -> Result<Assessment> {
    let known = match history {
        Some(history) if !preview.changed => LastJudgement::read(run, champion, history)?,
        _ => LastJudgement::IsOutdated,
    };
    match &preview.table {
        _ if known == LastJudgement::IsCurrent => Ok(Assessment::nothing_new()),
        Some(table) => {
            let found = assess(run, champion, table, history)?;
            let mut found = known.sift(permit(run, table, found, history)?);
            look_at_the_test_data(run, &mut found);
            Ok(found)
        }
        None if preview.refused.is_empty() => {
            Err(Failure::InputMissing("no file of the input could be accepted".into()).into())
        }
        None => Ok(Assessment::nothing_accepted()),
    }
}

/// What the guard against gross failure would say of the very model that a run would make.
fn look_at_the_test_data(run: &Run, found: &mut Assessment) {
    let Some(challenger) = found.challenger.take().filter(|_| found.makes_a_model()) else {
        return;
    };
    match scoring::score(run, &challenger) {
        Ok(scored) => {
            guard::stops(&scored.scores.evaluation, found);
        }
        Err(error) => {
            tracing::warn!("how the new model does on the test data is unknown: {error:#}")
        }
    }
}

fn due(
    run: &Run,
    preview: &Preview,
    assessment: &Assessment,
    history: Option<&History>,
) -> Result<Vec<&'static str>> {
    match history {
        _ if preview.table.is_none() => Ok(Vec::new()),
        Some(history) if !preview.changed && !assessment.decision.deploys() => {
            publish::due(run, history)
        }
        _ => Ok(vec!["diagnostics", "reporting", "apicalls"]),
    }
}

fn step(name: &'static str, due: bool, reason: String) -> Step {
    let status = if due {
        StepStatus::WouldRun
    } else {
        StepStatus::NothingToDo
    };
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    Step {
        name,
        status,
        reason,
        elapsed_s: 0.0,
    }
}
