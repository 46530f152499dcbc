//! Telling the people on call what needs them.
//!
//! A [`Cause`] is something that needs a person. [`plan()`] decides which causes are told now: each
//! once, again only after a cool-down. A [`Channel`] carries the message: a webhook or a command.
//! [`in_time`] bounds all of it together, so that no receiver can hold up a run.
//!
//! Nothing here keeps state, reads the environment or prints. The address of a webhook is a secret:
//! no error and no debug output of this crate contains it.

mod cause;
mod command;
mod http;
mod in_time;
mod message;
mod plan;

pub use cause::{Cause, Kind};
pub use command::Command;
pub use http::{Address, beat};
pub use in_time::{Work, in_time};
pub use message::{Message, Sender};
pub use plan::{Plan, Told, plan};

use std::time::Duration;

/// A way to reach people.
#[derive(Debug, Clone)]
pub enum Channel {
    /// An address that takes `{"text": …}` by POST, as Slack and Mattermost do.
    Webhook(Address),
    /// A program that reads the message on its standard input.
    Command(Command),
}

impl Channel {
    /// The name of the channel in records.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Command(_) => "command",
        }
    }

    /// Delivers a message within a limit of time.
    ///
    /// # Errors
    /// [`Undelivered`] says why, without the address.
    pub fn deliver(&self, message: &Message, limit: Duration) -> Result<(), Undelivered> {
        match self {
            Self::Webhook(address) => http::post(address, message, limit),
            Self::Command(command) => command.run(message, limit),
        }
    }
}

/// Why a message did not arrive. The address is never part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undelivered(pub(crate) String);
