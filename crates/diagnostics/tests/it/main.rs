//! The program as its users meet it: run as a process in a project folder of its own, without asking
//! the registry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod comparing;
mod comparing_refusals;
mod drifting;
mod figures;
mod missing;
mod performance;
mod project;
mod why;
