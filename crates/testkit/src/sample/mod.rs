//! The generator of the sample data: a panel of invented clients with a known risk to leave.
//!
//! The same size and seed give the same bytes. docs/DATA.md describes the data and the relation.

mod calendar;
mod delivery;
mod draws;
mod industry;
mod names;
mod process;
mod shipped;
mod table;
mod truth;
mod world;

#[cfg(test)]
mod tests;

pub use calendar::Month;
pub use delivery::{Scenario, deliver, next_month};
pub use draws::Draws;
pub use process::{Origin, Regime, State};
pub use shipped::{Size, files, truth};
pub use table::COLUMNS;
