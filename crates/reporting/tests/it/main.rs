//! The library and the program on whole projects.
#![allow(
    clippy::unwrap_used,
    reason = "a failure should stop the test where it happens"
)]

mod documents;
mod list;
mod model;
mod program;
mod project;
