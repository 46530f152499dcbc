//! What is disturbed: a project as it stands before a run, the run, and what it leaves undisturbed.

use crate::end_state::{self, EndState};
use crate::programs::{Call, said};
use crate::project::{self, MONTHS, NOW};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use testkit::Scenario as Delivery;

/// When the releases of any scenario are all made.
const LATER: &str = "2027-03-02T06:00:00Z";

const BY_APPROVAL: [&str; 2] = ["--set", "deployment.mode=approve"];

/// The names of all scenarios.
pub const NAMES: [&str; 14] = [
    "bootstrap",
    "no_drift",
    "challenger",
    "rollback",
    "refused",
    "pruning",
    "held",
    "approval",
    "freeze",
    "contacts",
    "forgotten",
    "erasure",
    "history_pruning",
    "backup",
];

/// A project before a run, the run, and what it leaves.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The project as it stands before the run.
    pub before: PathBuf,
    /// What is done to it.
    pub deed: Deed,
    /// What stands after the undisturbed run.
    pub undisturbed: EndState,
    /// How long that run takes.
    pub takes: Duration,
    /// The folder for copies.
    pub place: PathBuf,
}

/// A command and what is expected of it.
pub struct Deed {
    /// The command.
    pub call: Call,
    /// Exit codes with which it may end, that of the undisturbed run first. Another one is for a
    /// command that finds its work done: by the disturbed run.
    pub codes: Vec<i32>,
    /// What the undisturbed run says.
    sign: &'static str,
    /// The ordinary run that brings up to date what follows from it.
    then: Option<Call>,
    /// The name of a client that no file may hold afterwards.
    gone: Option<String>,
}

impl Deed {
    fn new(call: Call, codes: &[i32], sign: &'static str) -> Self {
        Self {
            call,
            codes: codes.to_vec(),
            sign,
            then: None,
            gone: None,
        }
    }
}

/// Prepares a scenario within a folder.
///
/// # Errors
/// When a run that leads there does not end as it should.
pub fn prepare(name: &'static str, place: &Path) -> Result<Scenario> {
    let before = place.join(format!("{name}-before"));
    project::create(&before);
    let deed = deed(name, &before)?;
    let after = place.join(format!("{name}-after"));
    project::copy(&before, &after);
    let started = Instant::now();
    let output = deed.call.run(&after);
    let takes = started.elapsed();
    let text = said(&output);
    if output.status.code() != Some(deed.codes[0]) || !text.contains(deed.sign) {
        let sign = deed.sign;
        bail!("{name}: the undisturbed run does not say {sign}: {text}");
    }
    if let Some(then) = &deed.then {
        done(&after, then)?;
    }
    let undisturbed = EndState::of(&after);
    fs::remove_dir_all(&after)?;
    Ok(Scenario {
        name,
        before,
        deed,
        undisturbed,
        takes,
        place: place.to_owned(),
    })
}

/// Leads a new project to where a scenario begins, and says what is then done.
fn deed(name: &str, folder: &Path) -> Result<Deed> {
    match name {
        "bootstrap" => Ok(Deed::new(full(NOW), &[0], "bootstrap")),
        "no_drift" => {
            done(folder, &full(NOW))?;
            project::deliver(folder, MONTHS[0].0, Delivery::Labels);
            Ok(Deed::new(full(MONTHS[0].1), &[0], "no_drift"))
        }
        "refused" => {
            done(folder, &full(NOW))?;
            project::deliver(folder, MONTHS[0].0, Delivery::Labels);
            fs::write(folder.join("sourcedata/broken.csv"), "corporation,exited\n")?;
            Ok(Deed::new(full(MONTHS[0].1), &[65, 0], "refused"))
        }
        "challenger" => {
            let now = before_a_challenger(folder)?;
            Ok(Deed::new(full(now), &[0], "challenger_deployed"))
        }
        "held" => {
            let call = full_with(before_a_challenger(folder)?, &BY_APPROVAL);
            Ok(Deed::new(call, &[0], "waits for approval"))
        }
        "approval" => {
            let now = before_a_challenger(folder)?;
            done(folder, &full_with(now, &BY_APPROVAL))?;
            let call = Call::new("deployment", LATER, &["--approve"]);
            // The second time nothing waits.
            Ok(Deed::new(call, &[0, 66], "is in force"))
        }
        "rollback" => rollback(folder),
        "pruning" => pruning(folder),
        "freeze" => {
            done(folder, &full(NOW))?;
            let call = Call::new("deployment", LATER, &["--freeze", "2027-12-31"]);
            Ok(Deed::new(call, &[0], "2028-01-01"))
        }
        _ => upkeep(name, folder),
    }
}

/// What is done to the data that is kept.
fn upkeep(name: &str, folder: &Path) -> Result<Deed> {
    done(folder, &full(NOW))?;
    project::deliver(folder, MONTHS[0].0, Delivery::Labels);
    done(folder, &full(MONTHS[0].1))?;
    match name {
        "contacts" => {
            let client = &project::listed(folder)[0];
            let text = format!("corporation,contacted_at,outcome\n{client},2026-07-20,stays\n");
            fs::write(folder.join("calls.csv"), text)?;
            let call = Call::new("ingestion", MONTHS[0].1, &["--contacts", "calls.csv"]);
            Ok(Deed::new(call, &[0], "calls.csv"))
        }
        "forgotten" => {
            let file = "labels_2026-04.csv";
            fs::remove_file(folder.join("sourcedata").join(file))?;
            let call = Call::new("ingestion", MONTHS[0].1, &["--forget", file]);
            // The second time no such file is known.
            let deed = Deed::new(call, &[0, 2], "");
            Ok(Deed {
                then: Some(full(MONTHS[0].1)),
                ..deed
            })
        }
        "erasure" => {
            let clients = project::listed(folder);
            let erase = |client: &str| Call::new("fullprocess", MONTHS[0].1, &["--erase", client]);
            // The salt of the hashes is random: it is drawn before.
            done(folder, &erase(&clients[1]))?;
            let deed = Deed::new(erase(&clients[0]), &[0], "erased, known as");
            Ok(Deed {
                gone: Some(clients[0].clone()),
                ..deed
            })
        }
        "history_pruning" => {
            let call = Call::new("fullprocess", LATER, &["--prune", "--keep-days", "1"]);
            Ok(Deed::new(call, &[0], "removed from before"))
        }
        "backup" => {
            let call = Call::new("fullprocess", LATER, &["--backup", "backups/one"]);
            // The second time it is there already.
            Ok(Deed::new(call, &[0, 2], "files copied"))
        }
        _ => bail!("there is no scenario {name}"),
    }
}

fn rollback(folder: &Path) -> Result<Deed> {
    let now = before_a_challenger(folder)?;
    done(folder, &full(now))?;
    // By its name: without one, a run after a rollback that was done goes back one further.
    let first = first_release(folder)?;
    let call = Call::new("deployment", LATER, &["--rollback", first.as_str()]);
    Ok(Deed::new(call, &[0], "is in force"))
}

/// A deployment that removes the oldest release.
fn pruning(folder: &Path) -> Result<Deed> {
    let now = before_a_challenger(folder)?;
    done(folder, &full(now))?;
    let other = ["--set", "model.l2=10"];
    done(folder, &Call::new("training", now, &other))?;
    done(folder, &Call::new("scoring", now, &[]))?;
    let keep = ["--force", "a test", "--set", "deployment.keep_releases=1"];
    let call = Call::new("deployment", LATER, &keep);
    Ok(Deed::new(call, &[0], "is in force"))
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
        let deed = &self.deed;
        let output = deed.call.run(folder);
        let is_good = |code: i32| deed.codes.contains(&code);
        if !output.status.code().is_some_and(is_good) {
            return vec![format!("the plain run failed: {}", said(&output))];
        }
        if let Some(error) = deed.then.as_ref().and_then(|then| done(folder, then).err()) {
            return vec![format!("the run after it failed: {error}")];
        }
        let mut found = EndState::of(folder).differences_from(&self.undisturbed);
        if let Some(client) = &deed.gone {
            found.extend(end_state::files_that_name(folder, client));
        }
        found
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
    full_with(now, &[])
}

fn full_with(now: &str, arguments: &[&str]) -> Call {
    Call::new("fullprocess", now, arguments)
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
