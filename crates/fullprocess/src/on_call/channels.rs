//! From the configuration and the environment to the channels. Addresses are secrets: they stand in
//! the environment only and are never logged.

use alerts::{Address, Channel, Command};
use risk_core::config::{AlertCommand, AlertsConfig};
use risk_core::error::exit;
use risk_core::shell::environment;
use std::path::Path;

/// The channels by which people are told. A silent run stays silent about what is missing.
pub(super) fn of(config: &AlertsConfig, folder: &Path, is_silent: bool) -> Vec<Channel> {
    let webhook = config
        .webhook_url_env
        .as_deref()
        .and_then(|name| address("alerts.webhook_url_env", name, is_silent));
    let command = config.command.as_ref().map(|command| match command {
        AlertCommand::Shell(line) => Command::shell(line, folder.to_owned()),
        AlertCommand::Arguments(arguments) => Command {
            arguments: arguments.clone(),
            folder: folder.to_owned(),
        },
    });
    let webhook = webhook.map(Channel::Webhook);
    webhook
        .into_iter()
        .chain(command.map(Channel::Command))
        .collect()
}

/// Where the heartbeat goes after a run that did all there was to do.
pub(super) fn heartbeat(config: &AlertsConfig, exit_code: u8, is_silent: bool) -> Option<Address> {
    let name = config.heartbeat_url_env.as_deref()?;
    let is_success = [exit::DONE, exit::DATA_REFUSED].contains(&exit_code);
    address("alerts.heartbeat_url_env", name, is_silent).filter(|_| is_success)
}

fn address(key: &str, name: &str, is_silent: bool) -> Option<Address> {
    let problem = match environment(name).map(|text| Address::new(&text)) {
        Some(Ok(address)) => return Some(address),
        Some(Err(error)) => error.to_string(),
        None => "it is not set".into(),
    };
    let message = format!(
        "{key}: the environment variable {name} cannot be used: {problem}; nothing is sent there"
    );
    if is_silent {
        tracing::info!("{message}");
    } else {
        tracing::warn!("{message}");
    }
    None
}
