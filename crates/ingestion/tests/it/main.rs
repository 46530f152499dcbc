//! The program as its users meet it: run as a process in a project folder of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a failure should stop the test where it happens, and nothing written here stays"
)]

mod bad_files;
mod bad_rows;
mod columns;
mod configuration;
mod contacts;
mod damage;
mod dates;
mod files;
mod gone;
mod help;
mod kinds;
mod original;
mod parquet;
mod recorded;
mod running;
mod settling;
mod sqlite;
mod versions;
