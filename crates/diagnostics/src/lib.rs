//! Diagnostics: which dependencies are out of date.

pub mod dependencies;
