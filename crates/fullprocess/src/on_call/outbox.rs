//! The messages as the history keeps them: raised once for each cause, delivered until they arrive.

use super::send::{Outgoing, log};
use crate::health;
use alerts::{Cause, Channel, Message, Sender, Told, Undelivered, plan};
use anyhow::Result;
use chrono::TimeDelta;
use risk_core::Run;
use risk_core::error::recorded_time;
use risk_core::history::{History, NewAlert, PendingDelivery};

/// The most messages that are sent by one run; the rest is for the next.
const MOST: usize = 20;

/// Notes what is there, what is new and what is over. Gives the causes that are told now.
pub(super) fn update<'c>(
    run: &Run,
    history: &History,
    causes: &'c [Cause],
    channels: &[Channel],
) -> Result<Vec<&'c Cause>> {
    let project = health::project(run);
    let open: Vec<Told> = history
        .open_alerts(&project)?
        .into_iter()
        .map(|alert| Told {
            cause: alert.cause,
            occurrence: alert.occurrence,
            told_at: alert.told_at.as_deref().and_then(recorded_time),
            held_back: alert.held_back,
        })
        .collect();
    let cooldown = TimeDelta::minutes(run.config.alerts.cooldown_minutes.into());
    let plan = plan(causes, &open, cooldown, run.now);
    for cause in &plan.end {
        history.end_alert(&project, cause, run.now)?;
    }
    let names: Vec<&str> = channels.iter().map(Channel::name).collect();
    for cause in plan.tell.iter().map(|position| &causes[*position]) {
        note(&project, cause, |alert| {
            history.raise_alert(alert, &names, run.now)
        })?;
    }
    for cause in plan.hold_back.iter().map(|position| &causes[*position]) {
        note(&project, cause, |alert| {
            history.hold_alert_back(alert, run.now)
        })?;
    }
    Ok(plan
        .tell
        .iter()
        .map(|position| &causes[*position])
        .collect())
}

fn note(
    project: &str,
    cause: &Cause,
    note: impl FnOnce(&NewAlert<'_>) -> Result<()>,
) -> Result<()> {
    note(&NewAlert {
        project,
        kind: cause.kind.name(),
        cause: &cause.key(),
        occurrence: &cause.occurrence,
        message: &cause.text(),
    })
}

/// The messages that have not arrived yet, oldest first.
pub(super) fn pending(
    run: &Run,
    history: &History,
    channels: &[Channel],
    sender: &Sender,
) -> Result<Vec<Outgoing>> {
    let pending = history.pending_deliveries(&health::project(run))?;
    let outgoing = pending.into_iter().filter_map(|pending| {
        let channel = channels
            .iter()
            .find(|channel| channel.name() == pending.channel)?;
        Some(Outgoing {
            alert: Some(pending.alert),
            channel: channel.name(),
            attempts: pending.attempts,
            message: message(pending, sender),
        })
    });
    Ok(outgoing.take(MOST).collect())
}

fn message(pending: PendingDelivery, sender: &Sender) -> Message {
    let over = pending
        .ended_at
        .map_or(String::new(), |at| format!("\nIt is over since {at}."));
    Message {
        kind: pending.kind,
        cause: pending.cause,
        run: pending.run,
        raised_at: pending.raised_at,
        sender: sender.clone(),
        text: format!("{}{over}", pending.message),
    }
}

/// Records how the messages fared.
pub(super) fn record(
    run: &Run,
    history: &History,
    outgoing: &[Outgoing],
    fared: &[(usize, Result<(), Undelivered>)],
) -> Result<()> {
    for (position, result) in fared {
        let message = &outgoing[*position];
        log(message, result);
        let error = result.as_ref().err().map(ToString::to_string);
        if let Some(alert) = message.alert {
            history.record_delivery((alert, message.channel), error.as_deref(), run.now)?;
        }
    }
    Ok(())
}
