//! The program against a server of the test's own.
#![allow(
    clippy::unwrap_used,
    reason = "test support: a failure should stop the test where it happens"
)]

mod calls;
mod failures;
mod server;
