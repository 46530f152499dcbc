//! Monitoring as pure functions: has the data drifted, and does the model still hold?
//!
//! Nothing here reads or writes a file, asks the clock or prints. Reference is what the champion saw,
//! analysis is what is to be judged.

pub mod distribution;
pub mod evidence;
