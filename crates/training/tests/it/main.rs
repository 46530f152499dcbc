//! The program as its users meet it, on compiled data written by the tests; and the gate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod calibration;
mod candidates;
mod categories;
mod compiled;
mod gate;
mod help;
mod labels;
mod outcome;
mod recalibration;
mod refusals;
mod running;
mod scikit_learn;
mod spline;
mod threads;
mod truth;
