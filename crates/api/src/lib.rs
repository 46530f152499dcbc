//! The HTTP service: predictions of the deployed model, its score, and the latest diagnostics.
//!
//! It only reads, but for predictions that a caller asks to be kept. Every request resolves the current release once, so that its answer is of one and
//! the same release, and the next request sees a new deployment without a restart. Data is read and
//! the model applied on threads of their own; the asynchronous ones only pass bytes. Whatever goes
//! wrong is answered as `application/problem+json` (RFC 9457): with what the caller can mend, and
//! with nothing about the machine. Causes go to the log.

mod arguments;
mod clients;
mod confine;
mod contacts;
mod keep;
mod prediction;
mod problem;
mod reports;
mod routes;
mod serve;
mod state;

pub use arguments::Arguments;
pub use serve::{Options, Outcome, serve};
