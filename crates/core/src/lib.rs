//! What every program of the risk assessment system shares.
//!
//! The configuration and the layout of files, the schema of the data, the stored model and how it
//! turns a client into a risk, metrics, the records that are kept, safe files, the lock, the history
//! and the shell around a command line. No solver, no frames, no charts, no network: those
//! stay in the one crate that needs them.

pub mod calibration;
pub mod config;
pub mod draft;
pub mod erased;
pub mod error;
pub mod faults;
pub mod files;
pub mod hash;
pub mod history;
pub mod layout;
pub mod lock;
pub mod log;
pub mod model;
pub mod progress;
pub mod recency;
pub mod records;
pub mod release;
pub mod run;
pub mod schema;
pub mod shell;

pub use config::Config;
pub use error::Failure;
pub use layout::Layout;
pub use metrics;
pub use run::Run;
