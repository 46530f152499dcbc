//! Data in rows: the one reader and checker of samples.
//!
//! A file is first read as text ([`RawTable`]), then checked row by row against a schema
//! ([`check()`]), which gives a typed [`Table`] and, for every row that was not accepted, all reasons.
//! Figures over a million rows that need no rows read [`columns`]. The same check serves files, databases, test data and requests to the service.

mod cell;
mod check;
pub mod columns;
mod compiled;
mod formula;
mod infer;
mod judge;
mod kept;
mod labels;
mod origins;
mod plain;
mod predict;
mod raw;
mod table;

pub use cell::{format_number, is_missing};
pub use check::{Checked, RejectedRow, check};
pub use compiled::{
    CompiledData, FolderData, clients_have, input_folder_name, read_clients, read_compiled,
    read_compiled_record, read_folder,
};
pub use formula::{formula_safe, formula_unsafe};
pub use infer::{assign_roles, infer_schema, listed_schema};
pub use kept::KeptCells;
pub use labels::{Book, Labels, book, newest_snapshot};
pub use origins::{Lines, Origin, Origins, read_origins};
pub use predict::ModelInput;
pub use raw::{RawRow, RawTable, Refusal, are_names, names_client};
pub use table::{ColumnData, Table};
