//! Data in columns: Parquet, the union of files, de-duplication, summary statistics.
//!
//! The one crate that uses polars. Rows are read and checked before they come here.

mod clock;
mod damage;
mod frame;
mod parquet;
mod summary;
mod union;

pub use parquet::{keep_rows, read_parquet, read_part, rows_without, write_part};
pub use summary::{ColumnSummary, summarise};
pub use union::{Union, unite};
