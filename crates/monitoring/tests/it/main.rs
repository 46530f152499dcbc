//! The published figures against those of the tools themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may stop at the first surprise"
)]

mod data;
mod figures;
mod performance;
mod rule;
