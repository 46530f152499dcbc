//! Whether the model still holds, in sentences for managers.

use super::{count, percent};
use crate::condition::{Condition, Decided};
use crate::diagnosed::{Band, Drift, Estimated, FeatureDrift};
use contacts::readable_name;

/// From this population stability index on a change is called clear, and from the second on strong:
/// the limits that are in use for it.
const CLEAR: f64 = 0.1;
const STRONG: f64 = 0.25;
/// The name under which the drift of the risks themselves is kept.
const RISK: &str = "risk";

/// What the reader has to know before anything else; mostly nothing.
#[must_use]
pub fn attention(
    condition: &Condition,
    drift: Option<&Drift>,
    estimated: Option<&Estimated>,
) -> Vec<String> {
    let mut said = Vec::new();
    if condition.is_degraded() {
        said.push(
            "The model is degraded: it no longer fits what clients do, and no better one has taken \
             its place. The order of the list still helps, but take the risks and the expected \
             numbers with care."
                .into(),
        );
    }
    if let (Some(age), Some(limit)) = (condition.data_age_days, condition.max_data_age_days)
        && age > f64::from(limit)
    {
        said.push(format!(
            "The data is old: nothing new has arrived for {age:.0} days, and {limit} are the limit. \
             Who has changed since is not seen."
        ));
    }
    if let (Some(age), Some(limit)) = (condition.model_age_days, condition.max_model_age_days)
        && age > f64::from(limit)
    {
        said.push(format!(
            "The model is old: it was trained {age:.0} days ago, and {limit} are the limit."
        ));
    }
    if estimated.is_some_and(|estimated| estimated.withdrawn.is_some()) && !condition.is_degraded()
    {
        said.push(
            "The first outcomes do not fit what the model expected. Take the risks and the expected \
             numbers with care."
                .into(),
        );
    }
    if let Some(drift) = drift.filter(|drift| drift.alarm == Some(true)) {
        said.push(changed_in_short(drift));
    }
    said
}

fn changed_in_short(drift: &Drift) -> String {
    let changed = changes(drift);
    let names: Vec<String> = changed.iter().map(|change| change.name.clone()).collect();
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "The data of the clients has changed since the model was trained: {shown}{more}. See \u{201c}Does \
         the model still hold?\u{201d}."
    )
}

/// What was decided about the model, in one sentence, before the reason for it.
#[must_use]
pub fn decided(decision: &Decided) -> String {
    let day = super::day(decision.on);
    if decision.is_outdated {
        return format!(
            "This release was put in force by hand after the last decision, of {day}, which was about \
             another one."
        );
    }
    if decision.is_asked_for() {
        return asked_for(decision, &day);
    }
    match decision.name.as_str() {
        "bootstrap" => format!("This is the first model, put in force on {day}."),
        "no_drift" => format!("On {day} the model was looked at with new outcomes, and kept."),
        "challenger_deployed" => {
            format!("On {day} this model replaced one that no longer fitted what clients do.")
        }
        "challenger_rejected" => format!(
            "On {day} the model was found to fit no longer. A new one was tried and was not better, \
             so this one was kept."
        ),
        "degraded" => format!(
            "On {day} the model was found to fit no longer, and it could not be replaced yet."
        ),
        other => format!("The last decision about the model, on {day}, was {other}."),
    }
}

/// The same where a new model was asked for though the deployed one was not found to fit worse.
fn asked_for(decision: &Decided, day: &str) -> String {
    let (was, because) = match decision.cause.as_deref() {
        Some("age") => ("one that had become old", "the model had become old"),
        _ => (
            "one whose clients had changed",
            "the data of the clients had changed, and the list with it",
        ),
    };
    match decision.name.as_str() {
        "challenger_deployed" => format!("On {day} this model replaced {was}."),
        "challenger_rejected" => format!(
            "On {day} a new model was tried, because {because}. It was not better, so this one was kept."
        ),
        _ => format!(
            "On {day} a new model was tried, because {because}. It passed, and is not in force yet."
        ),
    }
}

/// How old the data and the model are.
#[must_use]
pub fn ages(condition: &Condition) -> Option<String> {
    let days = |age: i64| match age {
        0 => "today".to_owned(),
        1 => "1 day before this report".to_owned(),
        age if age < 0 => "after the day of this report".to_owned(),
        age => format!("{} days before this report", count(age.unsigned_abs())),
    };
    let mut said = Vec::new();
    if let (Some(newest), Some(age)) = (condition.newest_row, condition.newest_row_age_days) {
        let date = super::day(newest);
        said.push(format!("The newest data is of {date}, {}.", days(age)));
    }
    if let Some(age) = condition.data_age_days.filter(|age| *age >= 1.0) {
        let age = age.floor() as i64;
        said.push(format!("The last new file was read {}.", days(age)));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// One thing that has changed, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// What.
    pub name: String,
    /// By how much, in one word.
    pub size: &'static str,
    /// The same in figures.
    pub figures: String,
}

/// What has changed so much that it raises an alarm, the strongest first.
#[must_use]
pub fn changes(drift: &Drift) -> Vec<Changed> {
    let mut alarming: Vec<(&String, &FeatureDrift)> = (drift.features.iter())
        .filter(|(_, feature)| feature.alarm)
        .collect();
    let size = |feature: &FeatureDrift| feature.psi.unwrap_or(0.0);
    alarming.sort_by(|a, b| size(b.1).total_cmp(&size(a.1)));
    alarming
        .into_iter()
        .map(|(name, feature)| Changed {
            name: if name == RISK {
                "the risks themselves".into()
            } else {
                readable_name(name)
            },
            size: match size(feature) {
                psi if psi >= STRONG => "strongly",
                psi if psi >= CLEAR => "clearly",
                _ => "slightly",
            },
            figures: figures(name, feature),
        })
        .collect()
}

fn figures(name: &str, feature: &FeatureDrift) -> String {
    let mut said = Vec::new();
    match (feature.median_before, feature.median) {
        (Some(before), Some(now)) => said.push(middles(name, before, now)),
        (Some(_), None) => said.push("there is no value any more".into()),
        _ => said.push("other shares of its values than before".into()),
    }
    let (before, now) = (feature.missing_percent_before, feature.missing_percent);
    if let (Some(before), Some(now)) = (before, now)
        && (before - now).abs() >= 1.0
    {
        said.push(format!(
            "empty in {} of the rows, before in {}",
            percent(now / 100.0),
            percent(before / 100.0)
        ));
    }
    said.join("; ")
}

fn middles(name: &str, before: f64, now: f64) -> String {
    let shown = |value: f64| {
        if name == RISK {
            percent(value)
        } else {
            super::number(value)
        }
    };
    let (was, is) = (shown(before), shown(now));
    if was == is {
        return format!("half of them are below {is}, as before, but they are spread differently");
    }
    let change = if name != RISK && before > 0.0 && now >= 0.0 {
        let share = now / before - 1.0;
        let side = if share < 0.0 { "lower" } else { "higher" };
        format!(" ({:.0}\u{a0}% {side})", 100.0 * share.abs())
    } else {
        String::new()
    };
    format!("half of them are below {is}; before it was {was}{change}")
}

/// What the new data looks like beside that of the training, in a sentence.
#[must_use]
pub fn drift(drift: &Drift) -> String {
    let n = count(drift.new_samples);
    let rows = if drift.judged.as_deref() == Some("book") {
        format!("The {n} clients of the book")
    } else {
        format!("The {n} rows that the model was not trained on")
    };
    match (drift.alarm, &drift.reason) {
        (Some(true), _) => format!("{rows} differ from those that the model learnt from:"),
        (Some(false), _) => format!("{rows} are like those that the model learnt from."),
        (None, Some(reason)) => format!(
            "Whether the data has changed since the model was trained cannot be said: {reason}."
        ),
        (None, None) => {
            "Whether the data has changed since the model was trained is not known.".into()
        }
    }
}

/// What the change of the data means for the list, in names.
#[must_use]
pub fn list_impact(drift: &Drift) -> Option<String> {
    let impact = drift.list_impact.as_ref().filter(|impact| impact.k > 0)?;
    let others = impact.k.saturating_sub(impact.overlap);
    Some(if others == 0 {
        format!(
            "For the list it means nothing: the {} clients with the highest risks would be the same \
             without the change.",
            count(impact.k)
        )
    } else {
        format!(
            "For the list it means: of the {} clients with the highest risks {} would be others \
             without the change.",
            count(impact.k),
            count(others)
        )
    })
}

/// How often the rules would cry wolf.
#[must_use]
pub fn alarm_rate(drift: Option<&Drift>, alpha: f64) -> String {
    let model = format!(
        "A model that fits is said not to fit at most once in {} releases, however often it is looked \
         at.",
        count((1.0 / alpha.max(1e-6)).round() as u64)
    );
    let rate = drift.and_then(|drift| Some((drift.features.len(), drift.false_alarms_a_year?)));
    match rate {
        Some((columns, a_year)) if columns > 0 && a_year > 0.0 => {
            let often = if a_year < 1.0 {
                format!("once in {} years", count((1.0 / a_year).floor() as u64))
            } else {
                format!("{a_year:.1} times a year")
            };
            format!(
                "How often these rules cry wolf: with a look every week at {columns} columns, data that \
                 has not changed raises an alarm at most about {often}. {model}"
            )
        }
        _ => model,
    }
}

/// What is expected of the predictions before their outcomes are known, and what has come of them so
/// far. Where nobody is predicted to leave there is nothing to say of those who are.
#[must_use]
pub fn estimated(estimated: &Estimated, n_predicted: u64) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(check) = estimated.check.filter(|check| check.n_labelled > 0) {
        let n = check.n_labelled as f64;
        let expected = check.expected_share.map_or(String::new(), |share| {
            format!(", where the model expected {}", super::money(share * n))
        });
        said.push(format!(
            "Of the {} samples whose outcome has become known since the model was put in force {} \
             left{expected}.",
            count(check.n_labelled),
            count(check.n_positive)
        ));
    }
    if let Some(withdrawn) = &estimated.withdrawn {
        said.push(format!(
            "The estimate of how good the model is now is {withdrawn}."
        ));
        return said;
    }
    let band = |name: &str| estimated.metrics.get(name).copied().and_then(banded);
    if n_predicted > 0
        && let (Some(precision), Some(recall)) = (band("precision"), band("recall"))
    {
        let note = estimated
            .note
            .as_deref()
            .map_or(String::new(), |note| format!(" This is {note}."));
        said.push(format!(
            "Of the clients of today that the model predicts to leave, {precision} are expected to do \
             so, and of all who leave it is expected to have named {recall}.{note}"
        ));
    }
    said
}

/// Why the model stays although the estimate is withdrawn; `None` where it does not, or where another rule
/// than evidence decides about the model.
#[must_use]
pub fn between_limits(condition: &Condition, estimated: &Estimated) -> Option<String> {
    let withdrawn_at = estimated.check?.threshold?.exp();
    let stays = estimated.withdrawn.is_some() && condition.by_evidence && !condition.is_degraded();
    stays.then(|| {
        format!(
            "The two do not contradict each other: evidence against the risks withdraws the estimate from \
             {:.0} on and has the model replaced from {:.0} on; between them both hold.",
            withdrawn_at,
            1.0 / condition.alpha.max(1e-6)
        )
    })
}

fn banded(band: Band) -> Option<String> {
    let estimate = percent(band.estimate?);
    Some(match (band.low, band.high) {
        (Some(low), Some(high)) => format!("{estimate} ({} to {})", percent(low), percent(high)),
        _ => estimate,
    })
}

#[cfg(test)]
mod tests;
