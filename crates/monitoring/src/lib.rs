//! Monitoring as pure functions: has the data drifted, and does the model still hold?
//!
//! Nothing here reads or writes a file, asks the clock or prints. *Reference* is what the champion
//! saw, *analysis* is what is to be judged.
//!
//! - [`sample`]: one column of either side. [`alarm`]: the rule that decides whether it has drifted.
//! - [`published`]: the figures of Evidently and NannyML, each by its own definition. They inform;
//!   they never decide.
//! - [`reconstruction`]: drift of the columns together. [`cbpe`]: performance before labels exist.
//! - [`evidence`]: has the model itself stopped to hold, judged by labels as they arrive.
//! - [`profile`]: a reference in short, to be kept with a release.
//! - [`ranking`]: what two rankings have in common.

pub mod alarm;
pub mod calibration;
pub mod cbpe;
pub mod distribution;
pub mod eigen;
pub mod evidence;
pub mod kolmogorov;
pub mod limits;
pub mod profile;
pub mod published;
pub mod quantiles;
pub mod ranking;
pub mod reconstruction;
pub mod sample;
pub mod shuffle;
mod summation;
