//! `contacts`: the contact list.

use super::check::{at_least_one, in_range};
use schemars::JsonSchema;
use serde::Deserialize;

/// The contact list.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContactsConfig {
    /// How many names a list has, or a sheet of it where clients are assigned. Default 200.
    #[schemars(range(min = 1))]
    pub capacity: u32,
    /// How many days a list is valid; a new one is published when it has run out. Default 7.
    #[schemars(range(min = 1))]
    pub period_days: u32,
    /// Share of the eligible clients, in percent, that is drawn at random and not called for the
    /// whole horizon, so that what calling achieves can be known. Default 0.
    #[schemars(range(min = 0, max = 50))]
    pub holdout_percent: f64,
    /// Nobody whose contract value is above this, or not known, is set aside. Default: no limit.
    #[schemars(range(min = 0))]
    pub never_hold_out_above_value: Option<f64>,
    /// A client that was called is not listed again within so many days, unless its own data has
    /// doubled its odds of leaving since. Default 28.
    pub recontact_after_days: u32,
    /// The column that says who looks after a client; each gets a list and a sheet of its own.
    pub assign_by: Option<String>,
    /// The share of called leavers that stay because of the call, 0 to 1, until outcomes have taught
    /// it. Default 0.3.
    #[schemars(range(min = 0, max = 1))]
    pub success_rate: f64,
    /// What a call costs, in money. Default 0.
    #[schemars(range(min = 0))]
    pub contact_cost: f64,
    /// What is offered in a call, in percent of the contract value. Default 0.
    #[schemars(range(min = 0, max = 100))]
    pub incentive_percent: f64,
}

impl Default for ContactsConfig {
    fn default() -> Self {
        Self {
            capacity: 200,
            period_days: 7,
            holdout_percent: 0.0,
            never_hold_out_above_value: None,
            recontact_after_days: 28,
            assign_by: None,
            success_rate: 0.3,
            contact_cost: 0.0,
            incentive_percent: 0.0,
        }
    }
}

impl ContactsConfig {
    /// Fails on a value that cannot work.
    pub(super) fn check(&self) -> Result<(), String> {
        at_least_one("contacts.capacity", self.capacity)?;
        at_least_one("contacts.period_days", self.period_days)?;
        in_range("contacts.holdout_percent", self.holdout_percent, 0.0, 50.0)?;
        in_range("contacts.success_rate", self.success_rate, 0.0, 1.0)?;
        in_range("contacts.contact_cost", self.contact_cost, 0.0, f64::MAX)?;
        in_range(
            "contacts.incentive_percent",
            self.incentive_percent,
            0.0,
            100.0,
        )?;
        if let Some(limit) = self.never_hold_out_above_value {
            in_range("contacts.never_hold_out_above_value", limit, 0.0, f64::MAX)?;
        }
        match self.assign_by.as_deref() {
            Some("") => Err("contacts.assign_by is empty; it must name a column".into()),
            _ => Ok(()),
        }
    }
}
