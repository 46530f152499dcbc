//! What the campaign is asked to do.

use crate::scenario::{self, Scenario};
use crate::tally::Tally;
use crate::{kills, points};
use anyhow::{Result, bail};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Stop, kill and starve runs of the pipeline, and check that nothing is ever lost
///
/// Without --long: every stop in the two scenarios `bootstrap` and `challenger`, a full disk at every
/// eighth operation of them, and 20 kills. With it: all scenarios, a full disk at every operation, and
/// 200 kills. The exit code is 1 when anything was lost.
#[derive(Debug, Parser)]
#[command(name = "campaign")]
pub struct Arguments {
    /// The long campaign
    #[arg(long)]
    long: bool,
    /// Only these scenarios; an unknown name lists them
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Kills at random moments [default: 20, with --long 200]
    #[arg(long, value_name = "COUNT")]
    kills: Option<usize>,
    /// Stop only at every so manieth operation; 0 for none
    #[arg(long, value_name = "STEP", default_value_t = 1)]
    stop_every: usize,
    /// Let the disk be full from every so manieth operation on; 0 for never
    /// [default: 8, with --long 1]
    #[arg(long, value_name = "STEP")]
    full_every: Option<usize>,
    /// Seed of the random moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs at the same time
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where the copies of the projects lie [default: /dev/shm where it is there, else the folder for
    /// temporary files]
    #[arg(long, value_name = "FOLDER")]
    within: Option<PathBuf>,
}

impl Arguments {
    /// Does it and prints what was found.
    pub fn run(&self) -> ExitCode {
        match self.campaign() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("campaign: {error:#}");
                ExitCode::from(2)
            }
        }
    }

    fn campaign(&self) -> Result<bool> {
        let place = tempfile::Builder::new()
            .prefix("campaign-")
            .tempdir_in(self.within())?;
        let scenarios = self
            .names()?
            .into_iter()
            .map(|name| scenario::prepare(name, place.path()))
            .collect::<Result<Vec<Scenario>>>()?;
        let mut tally = Tally::default();
        if cfg!(feature = "fault-injection") {
            self.points(&scenarios, &mut tally);
        } else {
            println!("without the feature fault-injection only kills are done");
        }
        let kills = self.kills.unwrap_or(if self.long { 200 } else { 20 });
        if kills > 0 {
            tally.add(kills::campaign(&scenarios, kills, self.seed));
        }
        print!("\n{tally}");
        Ok(tally.nothing_was_lost())
    }

    fn points(&self, scenarios: &[Scenario], tally: &mut Tally) {
        let full_every = self.full_every.unwrap_or(if self.long { 1 } else { 8 });
        for scenario in scenarios {
            if self.stop_every > 0 {
                tally.add(points::stops(scenario, self.stop_every, self.threads));
            }
            if full_every > 0 {
                tally.add(points::full_disks(scenario, full_every, self.threads));
            }
        }
    }

    fn names(&self) -> Result<Vec<&'static str>> {
        let known = scenario::NAMES;
        if let Some(unknown) = self
            .only
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            bail!("there is no scenario {unknown}: {}", known.join(", "));
        }
        let chosen = |name: &&str| match self.only.as_slice() {
            [] => self.long || ["bootstrap", "challenger"].contains(name),
            only => only.iter().any(|it| it == name),
        };
        Ok(known.into_iter().filter(chosen).collect())
    }

    fn within(&self) -> PathBuf {
        let memory = PathBuf::from("/dev/shm");
        match &self.within {
            Some(folder) => folder.clone(),
            None if memory.is_dir() => memory,
            None => std::env::temp_dir(),
        }
    }
}
