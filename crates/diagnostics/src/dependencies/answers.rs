//! The answers of the registry as the history keeps them, and when they are asked for anew.

use super::AskRegistry;
use super::embedded::DirectPackage;
use super::registry::{Heard, Published, Registry};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use risk_core::Run;
use risk_core::error::timestamp;
use risk_core::history::History;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long an answer, or its absence, is good for.
const MAX_AGE: TimeDelta = TimeDelta::days(1);

/// What is known about a package from the registry. The time at which it was last asked is kept
/// beside it in the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The versions it last named; empty where it never answered.
    pub published: Vec<Published>,
    /// When it named them, RFC 3339.
    pub checked_at: Option<String>,
    /// Why it did not answer when it was last asked.
    pub failure: Option<String>,
}

impl Answer {
    /// A failure leaves what was known before.
    fn updated(self, heard: Heard, now: DateTime<Utc>) -> Self {
        match heard {
            Ok(published) => Self {
                published,
                checked_at: Some(timestamp(now)),
                failure: None,
            },
            Err(reason) => Self {
                failure: Some(reason),
                ..self
            },
        }
    }
}

/// An answer and when the registry was asked for it.
type Stored = (Answer, String);

/// What is known about each package now, after asking the registry where that is due.
///
/// # Errors
/// When the answers cannot be stored.
pub fn current(
    run: &Run,
    packages: &[DirectPackage],
    ask: AskRegistry,
    registry: &Registry,
) -> Result<BTreeMap<String, Answer>> {
    let history = run.history()?;
    let mut stored = BTreeMap::new();
    let mut due = Vec::new();
    for package in packages.iter().filter(|package| package.is_from_registry) {
        let found = read_stored(history, &package.name);
        if is_due(
            ask,
            found.as_ref().map(|(_, asked_at)| asked_at.as_str()),
            run.now,
        ) {
            due.push(package.name.clone());
        }
        stored.extend(found.map(|(answer, _)| (package.name.clone(), answer)));
    }
    if !due.is_empty() {
        let fresh = registry.ask(due).into_iter().map(|(package, heard)| {
            let known: Answer = stored.get(&package).cloned().unwrap_or_default();
            (package, known.updated(heard, run.now))
        });
        let fresh: BTreeMap<String, Answer> = fresh.collect();
        history.set_registry_answers(&fresh, run.now)?;
        stored.extend(fresh);
    }
    Ok(stored)
}

/// What cannot be read is asked for again; an answer is not worth stopping for.
fn read_stored(history: &History, package: &str) -> Option<Stored> {
    history.registry_answer(package).unwrap_or_else(|error| {
        tracing::warn!("ignoring what is stored about {package}: {error:#}");
        None
    })
}

/// A time in the future, left by a clock that was wrong, counts as long ago.
fn is_due(ask: AskRegistry, asked_at: Option<&str>, now: DateTime<Utc>) -> bool {
    match ask {
        AskRegistry::Always => true,
        AskRegistry::Never => false,
        AskRegistry::WhenOld => asked_at
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .is_none_or(|time| (now - time.to_utc()).abs() > MAX_AGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-07-10T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_registry_is_asked_when_told_to_or_when_the_last_time_is_over_a_day_ago() {
        use AskRegistry::{Always, Never, WhenOld};
        let table = [
            (Always, Some("2026-07-10T12:00:00Z"), true),
            (Never, None, false),
            (WhenOld, None, true),
            (WhenOld, Some("2026-07-10T11:59:00Z"), false),
            (WhenOld, Some("2026-07-09T12:00:00Z"), false),
            (WhenOld, Some("2026-07-09T11:59:59Z"), true),
            (WhenOld, Some("2027-01-01T00:00:00Z"), true),
            (WhenOld, Some("yesterday"), true),
        ];
        for (ask, asked_at, expected) in table {
            assert_eq!(
                is_due(ask, asked_at, now()),
                expected,
                "{ask:?} {asked_at:?}"
            );
        }
    }

    #[test]
    fn a_failure_keeps_the_older_answer_and_the_next_answer_replaces_both() {
        let published = |text: &str| Published {
            version: text.parse().unwrap(),
            yanked: false,
            rust_version: None,
        };
        let first = Answer::default().updated(Ok(vec![published("1.0.0")]), now());
        assert_eq!(first.checked_at.as_deref(), Some("2026-07-10T12:00:00Z"));
        let failed = first
            .clone()
            .updated(Err("no route".into()), now() + MAX_AGE);
        assert_eq!(failed.published, first.published);
        assert_eq!(failed.checked_at, first.checked_at);
        assert_eq!(failed.failure.as_deref(), Some("no route"));
        let later = failed.updated(Ok(vec![published("1.1.0")]), now() + MAX_AGE);
        assert_eq!(later.checked_at.as_deref(), Some("2026-07-11T12:00:00Z"));
        assert_eq!(later.failure, None);
    }
}
