//! Looking after what is kept: backup, export, pruning, and erasing a client.

mod backup;
mod erase;
mod export;
mod prune;

pub use backup::{Backup, backup};
pub use erase::{Erasure, erase};
pub use export::{Export, Format, export};
pub use prune::{Pruning, prune};

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// How many rows of each table were removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Removed(pub BTreeMap<String, u64>);

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (position, (table, rows)) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{table} {rows}")?;
        }
        Ok(())
    }
}
