//! Sending: every channel at the same time, all within one limit.

use alerts::{Address, Channel, Message, Undelivered, Work, beat, in_time};
use std::time::{Duration, Instant};

/// How long a channel may take for all its messages, and the heartbeat.
const LIMIT: Duration = Duration::from_secs(10);
/// What is added for killing a command that hangs.
const GRACE: Duration = Duration::from_secs(1);

/// A message on its way.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    /// Its number in the history.
    pub alert: Option<i64>,
    /// The name of the channel it goes out by.
    pub channel: &'static str,
    /// How often it was tried before.
    pub attempts: i64,
    /// The message.
    pub message: Message,
}

/// How a message fared: its position, and whether it arrived; nothing where it was not tried.
type Fared = (usize, Result<(), Undelivered>);

/// Sends the messages and the heartbeat, and gives which message arrived. What was not tried for
/// lack of time is left out.
pub(super) fn send(
    channels: &[Channel],
    outgoing: &[Outgoing],
    heartbeat: Option<Address>,
) -> Vec<Fared> {
    let deadline = Instant::now() + LIMIT;
    let mut pieces: Vec<Work<Vec<Fared>>> = Vec::new();
    for channel in channels {
        let messages: Vec<(usize, Message)> = outgoing
            .iter()
            .enumerate()
            .filter(|(_, outgoing)| outgoing.channel == channel.name())
            .map(|(position, outgoing)| (position, outgoing.message.clone()))
            .collect();
        if !messages.is_empty() {
            let channel = channel.clone();
            pieces.push(Box::new(move || deliver(&channel, messages, deadline)));
        }
    }
    if let Some(address) = heartbeat {
        pieces.push(Box::new(move || {
            // Whoever waits for it notices that it has not come.
            if let Err(error) = beat(&address, LIMIT) {
                tracing::info!("the heartbeat did not arrive: {error}");
            }
            Vec::new()
        }));
    }
    let fared = in_time(pieces, LIMIT + GRACE);
    fared.into_iter().flatten().flatten().collect()
}

/// One after another: a receiver that takes all the time gets one message a run.
fn deliver(channel: &Channel, messages: Vec<(usize, Message)>, deadline: Instant) -> Vec<Fared> {
    let mut fared = Vec::new();
    for (position, message) in messages {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        fared.push((position, channel.deliver(&message, left)));
    }
    fared
}

/// Logs how a message fared: the first failure for people to see, further ones for who looks.
pub(super) fn log(outgoing: &Outgoing, fared: &Result<(), Undelivered>) {
    let (cause, channel) = (&outgoing.message.cause, outgoing.channel);
    match fared {
        Ok(()) => tracing::info!(cause, channel, "told"),
        Err(error) if outgoing.attempts == 0 => tracing::warn!(
            cause,
            "the message could not be delivered by {channel}: {error}; the next run tries again"
        ),
        Err(error) => tracing::info!(cause, "still not delivered by {channel}: {error}"),
    }
}
