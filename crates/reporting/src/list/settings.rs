//! The settings of a list, and what is different from those of the list before.

use super::Head;
use dataset::format_number;
use risk_core::{Config, hash};
use serde::{Deserialize, Serialize};

/// The settings of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Names on the list, or on each sheet.
    pub capacity: u32,
    /// The column that assigns clients.
    pub assign_by: Option<String>,
    /// The assumed success rate, 0 to 1.
    pub success_rate: f64,
    /// What a call costs, in money.
    pub contact_cost: f64,
    /// What is offered, in percent of the contract value.
    pub incentive_percent: f64,
    /// Share that is set aside, in percent.
    pub holdout_percent: f64,
    /// Days within which a called client is not listed again.
    pub recontact_after_days: u32,
}

impl Settings {
    /// The settings of a configuration.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let contacts = &config.contacts;
        Self {
            capacity: contacts.capacity,
            assign_by: contacts.assign_by.clone(),
            success_rate: contacts.success_rate,
            contact_cost: contacts.contact_cost,
            incentive_percent: contacts.incentive_percent,
            holdout_percent: contacts.holdout_percent,
            recontact_after_days: contacts.recontact_after_days,
        }
    }

    /// A name for all settings on which a list depends: where they are changed, the running list is
    /// replaced.
    #[must_use]
    pub fn fingerprint(config: &Config) -> String {
        let value = &config.dataset.contract_value;
        let text = format!("{:?} {value:?}", config.contacts);
        hash::sha256_hex(text)[..16].to_owned()
    }
}

/// What a list is made by and the one before was not: changed settings, another order, a success rate
/// that is learned now. `None` where nothing of it changed.
#[must_use]
pub(super) fn changed(then: &Head, now: &Head) -> Option<String> {
    let mut said = Vec::new();
    let keys = changed_keys(&then.settings, &now.settings);
    if !keys.is_empty() {
        said.push(format!(
            "the settings of the list changed ({})",
            keys.join("; ")
        ));
    }
    if then.by_value != now.by_value {
        let order = |by_value| {
            if by_value {
                "the value of calling"
            } else {
                "the risk"
            }
        };
        said.push(format!(
            "the list is in the order of {}, the last one was in that of {}",
            order(now.by_value),
            order(then.by_value)
        ));
    }
    if now.by_value && then.success_is_learned != now.success_is_learned {
        let rate = |is_learned| if is_learned { "learned" } else { "assumed" };
        said.push(format!(
            "the success rate of calls is {}, on the last list it was {}",
            rate(now.success_is_learned),
            rate(then.success_is_learned)
        ));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// Every changed key with what it was and is.
fn changed_keys(then: &Settings, now: &Settings) -> Vec<String> {
    let rows = |of: &Settings| {
        [
            ("capacity", of.capacity.to_string()),
            (
                "assign_by",
                of.assign_by.clone().unwrap_or_else(|| "not set".into()),
            ),
            ("success_rate", format_number(of.success_rate)),
            ("contact_cost", format_number(of.contact_cost)),
            ("incentive_percent", format_number(of.incentive_percent)),
            ("holdout_percent", format_number(of.holdout_percent)),
            ("recontact_after_days", of.recontact_after_days.to_string()),
        ]
    };
    let pairs = rows(then).into_iter().zip(rows(now));
    pairs
        .filter(|((_, was), (_, is))| was != is)
        .map(|((key, was), (_, is))| format!("contacts.{key} was {was}, is {is}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::tests::list;

    #[test]
    fn every_changed_setting_is_named_with_what_it_was() {
        let then = list("a").head;
        assert_eq!(changed(&then, &then), None);
        let mut now = then.clone();
        now.settings.capacity = 50;
        assert_eq!(
            changed(&then, &now).as_deref(),
            Some("the settings of the list changed (contacts.capacity was 200, is 50)")
        );
        now.settings.assign_by = Some("manager".into());
        now.settings.success_rate = 0.25;
        now.by_value = false;
        assert_eq!(
            changed(&then, &now).as_deref(),
            Some(
                "the settings of the list changed (contacts.capacity was 200, is 50; \
                 contacts.assign_by was not set, is manager; contacts.success_rate was 0.3, is 0.25); \
                 the list is in the order of the risk, the last one was in that of the value of calling"
            )
        );
        let mut learned = then.clone();
        learned.success_is_learned = true;
        assert_eq!(
            changed(&then, &learned).as_deref(),
            Some("the success rate of calls is learned, on the last list it was assumed")
        );
    }
}
