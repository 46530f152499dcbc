//! From facts to causes that people are told of, and to reasons why a project is not healthy.

use super::{Alarms, Decided, Health, RanOnce};
use alerts::{Cause, Kind};
use chrono::NaiveDate;
use risk_core::Run;

/// What people are told of.
pub(super) fn causes(run: &Run, health: &Health) -> Vec<Cause> {
    let mut causes = Vec::new();
    causes.extend(health.last_run.as_ref().and_then(failed_run));
    causes.extend(health.refused_files.iter().map(|file| {
        let what = format!("{}: {}.", file.path, file.reason);
        Cause::new(Kind::RefusedData, &file.sha256, what).about(&file.path)
    }));
    causes.extend(
        health
            .decision
            .as_ref()
            .and_then(|made| decision(health, made)),
    );
    causes.extend(health.waiting.as_ref().map(|release| {
        let what = format!(
            "Release {release} waits for approval; deployment --approve {release} puts it in force."
        );
        Cause::new(Kind::ApprovalWaiting, release, what)
    }));
    causes.extend(health.alarms.iter().flat_map(alarms));
    causes.extend(stale_data(run, health));
    causes.extend(stale_model(run, health));
    causes
}

/// Why the project is not healthy.
pub(super) fn reasons(run: &Run, health: &Health, causes: &[Cause]) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(overdue(run, health));
    match &health.last_run {
        None => reasons.push("Nothing has run yet: run fullprocess.".into()),
        Some(last) if last.exit_code.is_none() && health.at_work.is_none() => {
            reasons.push(format!(
                "The last run, at {}, was killed; the next one goes on from there.",
                last.started_at
            ));
        }
        Some(_) if health.release.is_none() => reasons.push("No model is deployed.".into()),
        Some(_) => {}
    }
    // Drift of the data breaks nothing, and no command ends it: people are told, the project is well.
    // Nor is anything wrong with a model that held against a new one which was asked for.
    let is_asked_for = (health.decision.as_ref()).is_some_and(Decided::is_asked_for);
    let is_bad = |cause: &&Cause| match cause.kind {
        Kind::ChallengerDeployed | Kind::DriftAlarm => false,
        Kind::ChallengerRejected => !is_asked_for,
        _ => true,
    };
    reasons.extend(causes.iter().filter(is_bad).map(|cause| cause.what.clone()));
    for message in health.undelivered.iter().filter(|m| m.attempts > 0) {
        let error = message.error.as_deref().unwrap_or("not known why");
        reasons.push(format!(
            "The message about {} could not be delivered by {}: {error}.",
            message.cause, message.channel
        ));
    }
    reasons
}

/// That the period of the list has ended and no run has published the next one: a cron that is dead leaves
/// no failed run behind. A day is left for it.
fn overdue(run: &Run, health: &Health) -> Option<String> {
    let due: NaiveDate = health.next_list.as_ref()?.parse().ok()?;
    let late_days = (run.now.date_naive() - due).num_days();
    let last = health.last_success.as_ref()?;
    (late_days > 1).then(|| {
        format!(
            "The next list has been due for {late_days} days, since {due}, and the last run that did all \
             there was to do was at {}: see that cron or the timer starts fullprocess.",
            last.started_at
        )
    })
}

/// That a run failed, where it did.
pub(crate) fn failed_run(last: &RanOnce) -> Option<Cause> {
    if !last.failed() {
        return None;
    }
    let code = last.exit_code.unwrap_or_default();
    let error = last.error.as_deref().unwrap_or("not known why");
    let what = format!("The run at {} ended {code}: {error}.", last.started_at);
    Some(Cause::new(Kind::FailedRun, code.to_string(), what).about(last.failed_steps.join(", ")))
}

/// A decision that needs a person, unless another model was deployed since.
fn decision(health: &Health, made: &Decided) -> Option<Cause> {
    let kind = match made.decision.as_str() {
        "challenger_deployed" => Kind::ChallengerDeployed,
        "challenger_rejected" => Kind::ChallengerRejected,
        "degraded" => Kind::Degraded,
        _ => return None,
    };
    let replaced = health
        .release
        .as_ref()
        .is_some_and(|release| release.deployed_at > made.decided_at);
    // Of a better model that waits people are told as such; and a model that a freeze keeps in force
    // though a new one was asked for is not degraded.
    if kind == Kind::Degraded && (health.waiting.is_some() || made.is_asked_for()) {
        return None;
    }
    if replaced && kind != Kind::ChallengerDeployed {
        return None;
    }
    Some(Cause::new(kind, made.run.to_string(), made.reason.clone()))
}

/// Drift of the data, and an estimate that is no longer to be believed. The same columns of the same
/// release are one occurrence, however many samples come after the first.
fn alarms(alarms: &Alarms) -> Vec<Cause> {
    let mut causes = Vec::new();
    let Alarms {
        release, drifted, ..
    } = alarms;
    if !drifted.is_empty() {
        let columns = drifted.join(", ");
        let list = alarms.list_change.map_or(String::new(), |(changed, k)| {
            format!(" This changes {changed} of the {k} names at the top of the list.")
        });
        let what = format!(
            "In {} new samples these differ from what the model has learnt from: {columns}.{list}",
            alarms.new_samples
        );
        causes.push(Cause::drift_alarm(
            "data",
            format!("{release} {columns}"),
            what,
        ));
    }
    if let Some(why) = &alarms.withdrawn {
        let what = format!("The estimated performance is withdrawn: {why}");
        causes.push(Cause::drift_alarm("performance", release, what));
    }
    causes
}

fn stale_data(run: &Run, health: &Health) -> Option<Cause> {
    let limit = run.config.monitoring.max_data_age_days?;
    let (arrived_at, age) = (health.data_arrived_at.as_ref()?, health.data_age_days?);
    if age <= f64::from(limit) {
        return None;
    }
    let what = format!(
        "No file with new content was accepted since {arrived_at}, {age:.1} days ago; \
         monitoring.max_data_age_days is {limit}."
    );
    Some(Cause::new(Kind::StaleData, arrived_at, what))
}

fn stale_model(run: &Run, health: &Health) -> Option<Cause> {
    let limit = run.config.monitoring.max_model_age_days?;
    let release = health.release.as_ref()?;
    let age = release.model_age_days?;
    if age <= f64::from(limit) {
        return None;
    }
    let what = format!(
        "The deployed model {} was trained {}, {age:.1} days ago; monitoring.max_model_age_days is \
         {limit}.",
        release.model_id, release.trained_at
    );
    Some(Cause::new(Kind::StaleModel, &release.model_id, what))
}
