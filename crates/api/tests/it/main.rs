//! The service as a program: started on a free port, asked over HTTP, stopped by a signal.
#![allow(
    clippy::unwrap_used,
    reason = "test support: a failure should stop the test where it happens"
)]

mod confinement;
mod contacts;
mod errors;
mod prediction;
mod program;
mod recording;
mod releases;
mod reports;
mod support;
