//! `sampledata`: writes the sample data and further months of it. docs/DATA.md describes both.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool for demonstrations: it prints what it wrote, and can be run again"
)]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use testkit::sample::{self, Month, Scenario, Size};

/// Writes the sample data: invented clients with a known risk to leave.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes practicedata, sourcedata and testdata, the same bytes each time.
    Ship {
        /// The folder that holds the three.
        #[arg(long, value_name = "DIR", default_value = ".")]
        into: PathBuf,
    },
    /// Writes a further month into the input folder.
    Month {
        /// What the month brings.
        #[arg(long, value_enum)]
        scenario: Scenario,
        /// Such as 2026-07; months are written in order [default: the one after the newest
        /// snapshot in the folder].
        #[arg(long)]
        month: Option<Month>,
        /// The input folder.
        #[arg(long, value_name = "DIR", default_value = "sourcedata")]
        into: PathBuf,
    },
    /// Writes the true probability of every row of the test data.
    Truth {
        /// The file; standard output where it is not given.
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
        /// Simulated futures of each row.
        #[arg(long, default_value_t = 4_000)]
        paths: usize,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Ship { into } => {
            for (name, text) in sample::files(&Size::SHIPPED) {
                write(&into.join(name), &text)?;
            }
            Ok(())
        }
        Command::Month {
            scenario,
            month,
            into,
        } => {
            let month = match month {
                Some(month) => month,
                None => sample::next_month(&Size::SHIPPED, &into)?,
            };
            for name in sample::deliver(&Size::SHIPPED, &into, month, scenario)? {
                println!("{}", into.join(name).display());
            }
            Ok(())
        }
        Command::Truth { into, paths } => {
            let text = sample::truth(&Size::SHIPPED, paths);
            match into {
                Some(path) => write(&path, &text),
                None => {
                    print!("{text}");
                    Ok(())
                }
            }
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let context = || path.display().to_string();
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(context)?;
    }
    fs::write(path, text).with_context(context)?;
    println!("{}", path.display());
    Ok(())
}
