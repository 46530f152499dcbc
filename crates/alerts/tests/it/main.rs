//! Deliveries to local receivers that are good, slow, gone or broken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod command;
mod webhook;

use alerts::{Cause, Kind, Message, Sender};

/// A message as fullprocess makes them.
pub fn message() -> Message {
    let cause = Cause::new(Kind::RefusedData, "1", "a.csv: it has no rows.").about("a.csv");
    let sender = Sender {
        host: "web1".into(),
        config: "/srv/risk/config.json".into(),
    };
    Message::about(&cause, Some(17), "2026-07-01T06:00:00Z".into(), &sender)
}
