//! Faults at every operation on a file, one after another.

use crate::end_state::EndState;
use crate::programs::said;
use crate::reader;
use crate::scenario::Scenario;
use crate::tally::Line;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// Stops a run at its operations, as a kill would.
pub fn stops(scenario: &Scenario, every: usize, threads: usize) -> Line {
    let recovery = Recovery::of(scenario);
    each(scenario, "stop", every, threads, |number, folder| {
        let plan = format!("stop:{number}");
        let output = scenario.deed.call.run_with(folder, &plan, None);
        if output.status.signal() != Some(SIGABRT) {
            return vec![format!("it did not stop: {}", said(&output))];
        }
        recovery.after(folder)
    })
}

/// Lets a run find the disk full from an operation on; then there is room again.
pub fn full_disks(scenario: &Scenario, every: usize, threads: usize) -> Line {
    let recovery = Recovery::of(scenario);
    each(scenario, "full disk", every, threads, |number, folder| {
        let plan = format!("full:{number}");
        let output = scenario.deed.call.run_with(folder, &plan, None);
        let mut found: Vec<String> = wrong_end(scenario, &output).into_iter().collect();
        found.extend(recovery.after(folder));
        found
    })
}

/// What a plain run makes of what faults leave. Where that is just what an earlier fault left, the run
/// is not repeated.
struct Recovery<'a> {
    scenario: &'a Scenario,
    seen: Mutex<BTreeMap<EndState, Vec<String>>>,
}

impl<'a> Recovery<'a> {
    fn of(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            seen: Mutex::default(),
        }
    }

    /// What is not as it should be: before the plain run, for a reader, and after it.
    fn after(&self, folder: &Path) -> Vec<String> {
        let mut found: Vec<String> = reader::look(folder).err().into_iter().collect();
        let left = EndState::left_in(folder);
        let known = self.seen.lock().expect("no panic").get(&left).cloned();
        found.extend(known.unwrap_or_else(|| {
            let differences = self.scenario.recover(folder);
            let mut seen = self.seen.lock().expect("no panic");
            seen.insert(left, differences.clone());
            differences
        }));
        found
    }
}

/// A run that finds the disk full ends with 1 and says so; or as if nothing was, where only what is
/// done after the work, such as the metrics, found no room.
fn wrong_end(scenario: &Scenario, output: &Output) -> Option<String> {
    let text = said(output);
    let says_so = text.contains("No space left on device");
    match output.status.code() {
        Some(1) if says_so => None,
        Some(code) if scenario.deed.codes.contains(&code) => None,
        _ => Some(format!("it ended otherwise than it should: {text}")),
    }
}

fn each(
    scenario: &Scenario,
    fault: &str,
    every: usize,
    threads: usize,
    inject: impl Fn(usize, &Path) -> Vec<String> + Sync,
) -> Line {
    let operations = operations(scenario);
    let next = AtomicUsize::new(0);
    let (injected, lost) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || loop {
        let number = next.fetch_add(every, Ordering::SeqCst) + 1;
        let Some(operation) = operations.get(number - 1) else {
            return;
        };
        let folder = scenario.copy(&format!("{}-{number}", fault.replace(' ', "-")));
        let found = inject(number, &folder);
        injected.fetch_add(1, Ordering::SeqCst);
        if !found.is_empty() {
            let text = format!("{number} ({operation}): {}", found.join("; "));
            lost.lock().expect("no panic").push(text);
        }
        fs::remove_dir_all(&folder).expect("a folder that can be removed");
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    Line {
        scenario: scenario.name.to_owned(),
        fault: fault.to_owned(),
        operations: Some(operations.len()),
        injected: injected.into_inner(),
        lost: lost.into_inner().expect("no panic"),
        ..Line::default()
    }
}

/// All operations of the undisturbed run, in order.
fn operations(scenario: &Scenario) -> Vec<String> {
    let folder = scenario.copy("counted");
    let log = folder.join("operations.log");
    let output = scenario.deed.call.run_with(&folder, "count", Some(&log));
    let log = fs::read_to_string(&log).unwrap_or_else(|_| panic!("no log: {}", said(&output)));
    fs::remove_dir_all(&folder).expect("a folder that can be removed");
    let root = folder.display().to_string();
    log.lines().map(|line| line.replace(&root, "")).collect()
}
