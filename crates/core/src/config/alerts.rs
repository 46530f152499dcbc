//! The section `alerts`: how the people on call are told what needs them.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the people on call are told what needs them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// The name of the environment variable that holds the address of a webhook of Slack,
    /// Mattermost or anything that takes `{"text": …}`. The address itself is a secret and never
    /// stands in this file.
    pub webhook_url_env: Option<String>,
    /// A command that reads the message on standard input and the facts in RISK_ALERT_* of its
    /// environment: a line for /bin/sh, or a list of a program and its arguments.
    pub command: Option<AlertCommand>,
    /// The same cause is told again only after so many minutes. Default 1440, a day.
    #[schemars(range(min = 1))]
    pub cooldown_minutes: u32,
    /// The name of the environment variable that holds an address that is called after every
    /// successful run, so that a cron that has died is noticed by whoever waits for the calls.
    pub heartbeat_url_env: Option<String>,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self {
            webhook_url_env: None,
            command: None,
            cooldown_minutes: 1440,
            heartbeat_url_env: None,
        }
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AlertCommand {
    /// A line for /bin/sh.
    Shell(String),
    /// A program and its arguments.
    Arguments(Vec<String>),
}

impl AlertsConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let names = [
            ("alerts.webhook_url_env", &self.webhook_url_env),
            ("alerts.heartbeat_url_env", &self.heartbeat_url_env),
        ];
        for (key, name) in names {
            if name.as_deref().is_some_and(|name| !is_variable(name)) {
                // What stands there may be the address, which is not repeated.
                return Err(format!(
                    "{key} is no name of an environment variable; put the address into a variable, \
                     such as RISK_WEBHOOK_URL, and its name here"
                ));
            }
        }
        let is_empty = match &self.command {
            None => false,
            Some(AlertCommand::Shell(line)) => line.trim().is_empty(),
            Some(AlertCommand::Arguments(list)) => list.first().is_none_or(String::is_empty),
        };
        if is_empty {
            return Err("alerts.command is empty; name a program or leave the key out".into());
        }
        super::check::at_least_one("alerts.cooldown_minutes", self.cooldown_minutes)
    }
}

fn is_variable(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.is_empty()
        && name.chars().all(is_letter)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
