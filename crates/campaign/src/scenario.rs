//! What is disturbed: a project as it stands before a run, the run, and what it leaves undisturbed.

use crate::end_state::EndState;
use crate::programs::{Call, said};
use crate::project::{self, MONTHS, NOW};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use testkit::Scenario as Delivery;

/// The names of all scenarios.
pub const NAMES: [&str; 6] = [
    "bootstrap",
    "no_drift",
    "challenger",
    "rollback",
    "refused",
    "pruning",
];

/// A project before a run, the run, and what it leaves.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The project as it stands before the run.
    pub before: PathBuf,
    /// The run.
    pub call: Call,
    /// Exit codes with which a plain run may end: refused data is told once, so that it is 0 where the
    /// disturbed run had told it.
    pub codes: Vec<i32>,
    /// What stands after the undisturbed run.
    pub undisturbed: EndState,
    /// How long that run takes.
    pub takes: Duration,
    /// The folder for copies.
    pub place: PathBuf,
}

/// Prepares a scenario within a folder.
///
/// # Errors
/// When a run that leads there does not end as it should.
pub fn prepare(name: &'static str, place: &Path) -> Result<Scenario> {
    let before = place.join(format!("{name}-before"));
    project::create(&before);
    let (call, codes, sign) = match name {
        "bootstrap" => (full(NOW), vec![0], "bootstrap"),
        "no_drift" => {
            done(&before, &full(NOW))?;
            project::deliver(&before, MONTHS[0].0, Delivery::Labels);
            (full(MONTHS[0].1), vec![0], "no_drift")
        }
        "refused" => {
            done(&before, &full(NOW))?;
            project::deliver(&before, MONTHS[0].0, Delivery::Labels);
            fs::write(before.join("sourcedata/broken.csv"), "corporation,exited\n")?;
            (full(MONTHS[0].1), vec![65, 0], "refused")
        }
        "challenger" => {
            let now = before_a_challenger(&before)?;
            (full(now), vec![0], "challenger_deployed")
        }
        "rollback" => {
            let now = before_a_challenger(&before)?;
            done(&before, &full(now))?;
            // By its name: without one, a run after a rollback that was done goes back one further.
            let first = first_release(&before)?;
            let back = ["--rollback", first.as_str()];
            let call = Call::new("deployment", "2027-03-02T06:00:00Z", &back);
            (call, vec![0], "is in force")
        }
        "pruning" => {
            let now = before_a_challenger(&before)?;
            done(&before, &full(now))?;
            let other = ["--set", "model.l2=10"];
            done(&before, &Call::new("training", now, &other))?;
            done(&before, &Call::new("scoring", now, &[]))?;
            let keep = ["--force", "a test", "--set", "deployment.keep_releases=1"];
            let call = Call::new("deployment", "2027-03-02T06:00:00Z", &keep);
            (call, vec![0], "is in force")
        }
        _ => bail!("there is no scenario {name}"),
    };
    let after = place.join(format!("{name}-after"));
    project::copy(&before, &after);
    let started = Instant::now();
    let output = call.run(&after);
    let takes = started.elapsed();
    let text = said(&output);
    if output.status.code() != Some(codes[0]) || !text.contains(sign) {
        bail!("{name}: the undisturbed run does not say {sign}: {text}");
    }
    let undisturbed = EndState::of(&after);
    fs::remove_dir_all(&after)?;
    Ok(Scenario {
        name,
        before,
        call,
        codes,
        undisturbed,
        takes,
        place: place.to_owned(),
    })
}

impl Scenario {
    /// A fresh copy of the project, for the fault of this label.
    pub fn copy(&self, label: &str) -> PathBuf {
        let folder = self.place.join(format!("{}-{label}", self.name));
        project::copy(&self.before, &folder);
        folder
    }

    /// Runs plainly on a disturbed project and says what is then not as it should be.
    pub fn recover(&self, folder: &Path) -> Vec<String> {
        let output = self.call.run(folder);
        if !output
            .status
            .code()
            .is_some_and(|code| self.codes.contains(&code))
        {
            return vec![format!("the plain run failed: {}", said(&output))];
        }
        EndState::of(folder).differences_from(&self.undisturbed)
    }
}

/// The name of the oldest release.
fn first_release(folder: &Path) -> Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("production_deployment/releases"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    names.into_iter().next().context("a release")
}

fn full(now: &str) -> Call {
    Call::new("fullprocess", now, &[])
}

fn done(folder: &Path, call: &Call) -> Result<()> {
    let output = call.run(folder);
    if !output.status.success() {
        bail!("{call:?}: {}", said(&output));
    }
    Ok(())
}

/// Lets months of another behaviour go by until the next run deploys a challenger; gives its time.
fn before_a_challenger(folder: &Path) -> Result<&'static str> {
    done(folder, &full(NOW))?;
    for (month, now) in MONTHS {
        project::deliver(folder, month, Delivery::ConceptDrift);
        let tried = folder.with_extension("tried");
        project::copy(folder, &tried);
        let output = full(now).run(&tried);
        let text = said(&output);
        if text.contains("challenger_deployed") {
            fs::remove_dir_all(&tried)?;
            return Ok(now);
        }
        if !output.status.success() {
            bail!("{text}");
        }
        fs::remove_dir_all(folder)?;
        fs::rename(&tried, folder)?;
    }
    bail!("no challenger was deployed in all the months")
}
