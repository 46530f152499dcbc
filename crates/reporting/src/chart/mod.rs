//! The charts: drawn as vectors with plotters, turned into PNG with resvg, both with the fonts of
//! this program, so that a chart is the same on every machine.

mod canvas;
mod confusion;
mod reliability;
mod roc;
mod square;

pub use canvas::{Picture, png};
pub use confusion::confusion_matrix;
pub use reliability::reliability_curve;
pub use roc::roc_curve;
