//! What the tests of the other crates share: project folders of their own in temporary places,
//! and the generator of the sample data.
//!
//! A dev-dependency only. It depends on no other crate of the workspace, so that a test never
//! checks a crate against itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "test support: a failure should stop the test where it happens, and nothing written \
              here outlives the test"
)]

mod original;
mod project;
pub mod receiver;
mod run;
pub mod sample;

pub use original::{
    ORIGINAL_PRACTICE, ORIGINAL_PRACTICE_STATISTICS, ORIGINAL_SOURCE, OriginalCounts,
};
pub use project::Project;
pub use receiver::Receiver;
pub use run::{Ran, at};
pub use sample::Scenario;
