//! The program as its users meet it, on models that training fitted and scoring scored.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod again;
mod approve;
mod checks;
mod damage;
mod formats;
mod freeze;
mod help;
mod history;
mod kept;
mod layout;
mod list;
mod project;
mod refusals;
mod rollback;
mod running;
