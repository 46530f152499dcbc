//! The program as its users meet it, on models that training fitted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod deployed;
mod help;
mod models;
mod project;
mod running;
mod scores;
mod test_data;
