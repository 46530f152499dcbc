//! `--status`: one screen that says how the project is doing.

use crate::health::{self, Health, RanOnce};
use risk_core::Run;
use risk_core::error::exit;
use risk_core::history::History;
use serde::Serialize;
use std::fmt::{self, Display};

/// How a project is doing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The facts and the verdict.
    #[serde(flatten)]
    pub health: Health,
}

/// Looks how the project is doing, without changing anything. A history that cannot be read is part
/// of the answer.
pub(crate) fn status(run: &Run) -> Status {
    let opened = History::open_to_read(&run.layout.history());
    let (history, trouble) = match opened {
        Ok(history) => (history, None),
        Err(error) => (None, Some(format!("{error:#}."))),
    };
    let mut health = health::examine(run, history.as_ref(), None);
    if let Some(trouble) = trouble {
        health.healthy = false;
        // Whether anything has run cannot be told then.
        health
            .reasons
            .retain(|reason| !reason.contains("Nothing has run yet"));
        health.reasons.insert(0, trouble);
    }
    Status { health }
}

impl Status {
    /// 1 where something needs a person.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.health.healthy {
            exit::DONE
        } else {
            exit::FAILED
        }
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let health = &self.health;
        let mut line = |name: &str, text: String| writeln!(f, "{name:<13} {text}");
        match &health.release {
            Some(release) => {
                line(
                    "release",
                    format!("{}, deployed {}", release.id, release.deployed_at),
                )?;
                let (id, at, f1) = (&release.model_id, &release.trained_at, release.f1);
                let age = ago(release.model_age_days);
                line("model", format!("{id}, trained {at}{age}, F1 {f1:.3}"))?;
            }
            None => line("release", "none".into())?,
        }
        if let Some(made) = &health.decision {
            line(
                "decision",
                format!("{}, {}", made.decision, made.decided_at),
            )?;
        }
        if let Some(release) = &health.waiting {
            line("waiting", format!("{release}, for deployment --approve"))?;
        }
        if let Some(until) = &health.frozen_until {
            line("frozen", format!("until {until}"))?;
        }
        if let Some(working) = &health.at_work {
            line(
                "at work",
                format!("process {}, since {}", working.pid, working.started_at),
            )?;
        }
        line("last run", ran(health.last_run.as_ref()))?;
        line("last success", ran(health.last_success.as_ref()))?;
        line("last failure", ran(health.last_failure.as_ref()))?;
        let arrived = health.data_arrived_at.as_deref().unwrap_or("never");
        line(
            "new data",
            format!("{arrived}{}", ago(health.data_age_days)),
        )?;
        let pending = health.pending_steps.iter().map(|step| {
            let failed = if step.failed { " (failed)" } else { "" };
            format!("{}{failed}", step.name)
        });
        line("pending", listed(pending))?;
        let refused = health.refused_files.iter().map(|file| file.path.clone());
        line("refused", listed(refused))?;
        let alarms = health.alarms.iter().flat_map(|alarms| {
            let estimate = alarms.withdrawn.as_ref().map(|_| "estimate withdrawn");
            alarms.drifted.iter().map(String::as_str).chain(estimate)
        });
        line("alarms", listed(alarms.map(str::to_owned)))?;
        line(
            "next list",
            health.next_list.clone().unwrap_or("unknown".into()),
        )?;
        if health.healthy {
            return writeln!(f, "healthy");
        }
        writeln!(f, "unhealthy:")?;
        health
            .reasons
            .iter()
            .try_for_each(|reason| writeln!(f, "  - {reason}"))
    }
}

fn ago(days: Option<f64>) -> String {
    days.map_or(String::new(), |days| format!(" ({days:.1} days ago)"))
}

fn ran(run: Option<&RanOnce>) -> String {
    let Some(run) = run else { return "none".into() };
    let number = run
        .run
        .map_or(String::new(), |number| format!(", run {number}"));
    match run.exit_code {
        Some(code) => format!("{}{number}, exit code {code}", run.started_at),
        None => format!("{}{number}, not ended", run.started_at),
    }
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}
