//! Kills at random moments, with a reader watching.

use crate::reader::{self, Seen};
use crate::scenario::Scenario;
use crate::tally::Line;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Kills runs of the scenarios in turn, each at a random moment of its life; one in three is killed
/// once more while it recovers.
pub fn campaign(scenarios: &[Scenario], kills: usize, seed: u64) -> Line {
    let mut random = Random(seed);
    let mut line = Line {
        scenario: "all in turn".into(),
        fault: "kill -9".into(),
        ..Line::default()
    };
    for (round, scenario) in scenarios.iter().cycle().enumerate() {
        if line.injected >= kills {
            break;
        }
        let folder = scenario.copy(&format!("kill-{round}"));
        let (hits, seen) = kill_watched(scenario, &folder, &mut random);
        line.looks += seen.looks;
        let mut found = seen.torn;
        found.truncate(3);
        found.extend(reader::look(&folder).err());
        found.extend(scenario.recover(&folder));
        line.injected += hits;
        if !found.is_empty() {
            line.lost
                .push(format!("{} {round}: {}", scenario.name, found.join("; ")));
        }
        fs::remove_dir_all(&folder).expect("a folder that can be removed");
    }
    line
}

/// How many runs were killed, and what the reader saw.
fn kill_watched(scenario: &Scenario, folder: &Path, random: &mut Random) -> (usize, Seen) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| reader::watch(folder, &is_over));
        let mut hits = usize::from(kill_one(scenario, folder, random.below_one()));
        if hits == 1 && random.below_one() < 1.0 / 3.0 {
            hits += usize::from(kill_one(scenario, folder, random.below_one()));
        }
        is_over.store(true, Ordering::SeqCst);
        (hits, reader.join().expect("a reader that ends"))
    })
}

/// Kills a run at a share of its usual time; false where it had ended before.
fn kill_one(scenario: &Scenario, folder: &Path, share: f64) -> bool {
    let mut child = scenario.deed.call.start(folder);
    thread::sleep(scenario.takes.mul_f64(share).max(Duration::from_millis(1)));
    let is_running = child.try_wait().expect("a child").is_none();
    child.kill().expect("a child that can be killed");
    let status = child.wait().expect("a child that ends");
    is_running && status.code().is_none()
}

/// splitmix64: enough for moments, and the same for the same seed.
struct Random(u64);

impl Random {
    /// A number from 0 to 1.
    fn below_one(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}
