//! What is said about the list as a whole, in sentences for those who call.

use super::{Aged, count, money, percent};
use crate::diagnosed::Diagnostics;
use crate::list::{ContactList, Effect, Head, Settings};
use chrono::NaiveDate;
use contacts::SavedShare;
use dataset::format_number;

/// " within 90 days", or nothing.
#[must_use]
pub fn horizon(days: Option<u32>) -> String {
    days.map_or_else(String::new, |days| format!(" within {days} days"))
}

/// What speaks against the number of leavers that was expected when a list was made. The list keeps its
/// number; the report and the spreadsheet say this beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt<'d> {
    /// The first labels disagree with the risks; why, as the diagnostics have it.
    Withdrawn(&'d str),
    /// Another model has been put in force, so no label checks the number any more.
    Replaced,
}

impl<'d> Doubt<'d> {
    /// What speaks against it while a release is in force.
    #[must_use]
    pub fn about(
        list: &ContactList,
        release: &str,
        diagnostics: Option<&'d Diagnostics>,
    ) -> Option<Self> {
        if list.release != release {
            return Some(Self::Replaced);
        }
        withdrawn(release, diagnostics).map(Self::Withdrawn)
    }
}

/// Why the estimate by the risks of a release is withdrawn, where it is.
#[must_use]
pub fn withdrawn<'d>(release: &str, diagnostics: Option<&'d Diagnostics>) -> Option<&'d str> {
    let found = diagnostics.filter(|found| found.release.as_deref() == Some(release))?;
    let estimated = found.performance.as_ref()?.estimated.as_ref()?;
    estimated.withdrawn.as_deref()
}

/// How many of those to be called are expected to leave, and what is at stake; `None` where nothing
/// can be said. Where the days in question have passed today it is said as what was expected.
///
/// The number is m ± s, where s reaches to the farther end of the band that holds it with 95 %
/// probability.
#[must_use]
pub fn expected_leavers(
    list: &ContactList,
    doubt: Option<Doubt<'_>>,
    today: NaiveDate,
) -> Option<String> {
    let leavers = list.head.leavers?;
    let n = list.to_call().count() as u64;
    if n == 0 {
        return None;
    }
    let dates = list.to_call().map(|entry| entry.observed_at);
    let aged = Aged::of(dates, list.head.horizon_days, today);
    let is_over = aged.is_some_and(|aged| aged.is_over);
    let within = aged.map_or_else(|| horizon(list.head.horizon_days), Aged::within);
    let mean = leavers.mean.round() as u64;
    let half = (leavers.high.saturating_sub(mean)).max(mean.saturating_sub(leavers.low));
    let so_long = match doubt {
        _ if is_over => ". How many of them leave from now on is not known".into(),
        None => ", as long as clients behave as they have so far".into(),
        Some(Doubt::Withdrawn(why)) => format!(". This estimate has been {why}"),
        Some(Doubt::Replaced) => {
            ". The model that this estimate is by has been replaced since".into()
        }
    };
    let mut said = format!(
        "Of {} about {} ± {half} {} expected to leave{within}{} if nobody calls, with a probability of \
         95 %{so_long}.",
        if n == 1 {
            "this one client".into()
        } else {
            format!("these {} clients", count(n))
        },
        count(mean),
        either(doubt.is_none() && !is_over, "are", "were"),
        either(aged.is_some(), ",", ""),
    );
    if let Some(stake) = list.head.value_at_stake {
        said += &format!(
            " At stake {} contract value of {} a year.",
            either(is_over, "was", "is"),
            money(stake)
        );
    }
    Some(said)
}

/// Why there is nobody to call; `None` where there is somebody.
#[must_use]
pub fn nobody(list: &ContactList) -> Option<String> {
    if list.to_call().next().is_some() {
        return None;
    }
    let head = &list.head;
    if head.n_book == 0 {
        return Some("There is no client on the list: the book is empty.".into());
    }
    let held = list.held_out().count() as u64;
    let passed = &head.passed_over;
    // The list has room, so whoever is left over would be called at a loss.
    let others = held + passed.called + passed.leaving + passed.not_seen;
    let reasons = [
        (
            head.n_book.saturating_sub(others),
            at_a_loss(&head.settings),
        ),
        (
            passed.called,
            format!(
                "called within the last {} days",
                head.settings.recontact_after_days
            ),
        ),
        (passed.leaving, "leaving by their own word".into()),
        (passed.not_seen, "missing in the newest data".into()),
        (held, "set aside at random".into()),
    ];
    let said: Vec<String> = (reasons.into_iter())
        .filter(|(n, _)| *n > 0)
        .map(|(n, why)| format!("{} {why}", count(n)))
        .collect();
    Some(format!(
        "There is no client on the list. Of the {} of the book: {}.",
        clients(head.n_book),
        said.join("; ")
    ))
}

fn at_a_loss(settings: &Settings) -> String {
    let costs = [
        ("contact_cost", settings.contact_cost),
        ("incentive_percent", settings.incentive_percent),
    ];
    let costs: String = (costs.into_iter())
        .filter(|(_, cost)| *cost > 0.0)
        .map(|(key, cost)| format!("contacts.{key} is {}, ", format_number(cost)))
        .collect();
    format!(
        "not worth the cost of a call ({costs}contacts.success_rate is {})",
        format_number(settings.success_rate)
    )
}

/// How the value of a call is computed.
#[must_use]
pub fn value_of_calling(list: &ContactList) -> String {
    let settings = &list.head.settings;
    let less = less(settings.incentive_percent, settings.contact_cost);
    if list.head.success_is_learned {
        return format!(
            "What a call is expected to bring: risk times contract value times the share of leavers \
             that calls have been seen to keep{less}."
        );
    }
    format!(
        "What a call would bring if it kept {} of those who would leave, as is assumed \
         (contacts.success_rate): risk times contract value times that share{less}. Outcomes of calls \
         have not taught a better figure yet.",
        percent(settings.success_rate)
    )
}

/// What is taken off for the offer and the call.
fn less(incentive_percent: f64, contact_cost: f64) -> String {
    let offer = (incentive_percent > 0.0).then(|| {
        format!(
            "the offer of {} of the contract value, which everybody who is called may take",
            percent(incentive_percent / 100.0)
        )
    });
    let cost = (contact_cost > 0.0).then(|| format!("the cost of a call, {}", money(contact_cost)));
    match (offer, cost) {
        (Some(offer), Some(cost)) => format!(", less {offer}, and {cost}"),
        (Some(one), None) | (None, Some(one)) => format!(", less {one}"),
        (None, None) => String::new(),
    }
}

/// Who stands high enough for the list and is not on it, a sentence for each kind.
#[must_use]
pub fn not_listed(list: &ContactList) -> Vec<String> {
    let Head {
        passed_over,
        settings,
        not_seen,
        ..
    } = &list.head;
    let mut said = Vec::new();
    if passed_over.called > 0 {
        let one = passed_over.called == 1;
        said.push(format!(
            "{} that would be on the list {} called within the last {} days, and {} own data has not \
             clearly worsened since; {} left in peace.",
            clients(passed_over.called),
            either(one, "was", "were"),
            settings.recontact_after_days,
            either(one, "its", "their"),
            either(one, "it is", "they are")
        ));
    }
    if passed_over.leaving > 0 {
        let one = passed_over.leaving == 1;
        said.push(format!(
            "{} that would be on the list {}; {} not called again.",
            clients(passed_over.leaving),
            either(one, "has said that it leaves", "have said that they leave"),
            either(one, "it is", "they are")
        ));
    }
    if let Some((n, newest)) = not_seen {
        let high = if passed_over.not_seen > 0 {
            format!(
                "; {} of them would be on the list",
                count(passed_over.not_seen)
            )
        } else {
            String::new()
        };
        said.push(format!(
            "{} of the book {} not in the newest data, of {newest}, and may have left already{high}. {} \
             not listed.",
            clients(*n),
            either(*n == 1, "is", "are"),
            either(*n == 1, "It is", "They are")
        ));
    }
    said
}

/// One of two words.
fn either(one: bool, singular: &'static str, plural: &'static str) -> &'static str {
    if one { singular } else { plural }
}

fn clients(n: u64) -> String {
    if n == 1 {
        "1 client".to_owned()
    } else {
        format!("{} clients", count(n))
    }
}

/// What is said about the hold-out: who is set aside, or what that would teach and cost.
#[must_use]
pub fn holdout(list: &ContactList) -> Option<String> {
    let held = list.held_out().count() as u64;
    if held > 0 {
        return Some(format!(
            "{} that {} above the last of the list {} set aside at random and must not be called{}, so \
             that it can be seen what calling achieves.",
            clients(held),
            either(held == 1, "stands", "stand"),
            either(held == 1, "is", "are"),
            horizon(list.head.horizon_days)
        ));
    }
    let plan = list.head.plan?;
    let cost = plan.cost.map_or(String::new(), |cost| {
        format!(
            ", give up about {} of expected value each time",
            money(cost)
        )
    });
    let when = if list.head.horizon_days.is_some() {
        "after a year"
    } else {
        "once their outcomes are known"
    };
    Some(format!(
        "Nobody is set aside, so it cannot be known what calling achieves. With contacts.holdout_percent \
         at {:.0}, about {:.0} of {} names would not be called{}{cost}, and {when} the share of \
         leavers that calls keep would be known to within ± {:.0} percentage points.",
        plan.percent,
        plan.names.max(1.0),
        count(list.to_call().count() as u64),
        horizon(list.head.horizon_days),
        100.0 * plan.half_width_after_a_year
    ))
}

/// What calling has achieved; nothing before the first call is reported and nobody was set aside.
#[must_use]
pub fn effect(effect: &Effect) -> Vec<String> {
    let mut said = Vec::new();
    if effect.n_contacts > 0 {
        let one = effect.n_contacts == 1;
        said.push(format!(
            "{} {} been reported.",
            count(effect.n_contacts),
            either(one, "call has", "calls have")
        ));
    }
    match effect.saved {
        Some(SavedShare::Estimate { share, low, high, called, held_out }) => said.push(format!(
            "Calling has kept {} of those who would have left (95 % interval {} to {}): known from {} \
             called clients and {} that were set aside.",
            percent(share),
            percent(low),
            percent(high),
            count(called),
            count(held_out)
        )),
        Some(SavedShare::TooFew { called, held_out, needed_held_out }) => said.push(format!(
            "What calling achieves cannot be told yet: the outcome is known of {} called clients and of \
             {} that were set aside; about {} of the latter are needed.",
            count(called),
            count(held_out),
            count(needed_held_out)
        )),
        None => {}
    }
    for band in effect.success.bands.iter().filter(|band| band.replaces) {
        said.push(format!(
            "At a risk of {} to {}, a call keeps {} of those who would leave (95 % interval {} to {}); \
             this replaces the assumed {}.",
            percent(band.from),
            percent(band.to),
            percent(band.mean),
            percent(band.low),
            percent(band.high),
            percent(effect.success.assumed)
        ));
    }
    said
}

#[cfg(test)]
mod tests;
