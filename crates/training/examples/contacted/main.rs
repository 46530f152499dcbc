//! What the labels of contacted clients do to a model, and to the evidence against one, where calls work.
//!
//!     cargo run --release -p training --example contacted
//!
//! Projects of 5,000 clients of the sample data's relation (docs/DATA.md; a client that leaves is replaced
//! by a new one), in months of 28 days. A champion is fitted to three months without calls. Then 100
//! clients are called every week for two years, those with the highest risk by the champion, nobody twice
//! within 28 days. A call keeps a share of those who would leave within the horizon of 84 days; a share of
//! those who would be listed may be held out. The labels of these two years are judged month by month, and
//! a new model is fitted to them. Once more where clients leave seldom (log-odds of a month less 1.5).
//!
//! Printed are means over the projects: how many percent of the labels are of contacted clients; the
//! log-loss of the new model above that of the true probabilities to leave when nobody calls, over clients
//! that nobody called; its mean risk of the 2 % with the highest risk, beside the truth; the slope of the
//! truth on its log-odds among the tenth with the highest risk (1 where they differ as they should); and
//! in how many projects the champion, which is right, was called drifted.
//!
//! `-- 10` takes ten projects instead of four.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

mod judged;
mod world;

use anyhow::{Context, Result};
use judged::{Figures, Truth, false_drift};
use risk_core::config::ContactedLabels;
use risk_core::{Config, config};
use world::{Lived, Programme, lived};

/// Clients of a project.
const CLIENTS: usize = 5_000;
/// Names a week.
const CAPACITY: usize = 100;
/// Two years of 28 days a month.
const MONTHS: i32 = 26;
const PROJECTS: u64 = 4;
const RULES: [(&str, ContactedLabels); 3] = [
    ("use", ContactedLabels::Use),
    ("0.5", ContactedLabels::Weigh(0.5)),
    ("leave_out", ContactedLabels::LeaveOut),
];

fn main() -> Result<()> {
    let projects = match std::env::args().nth(1) {
        Some(count) => count.parse().context("how many projects")?,
        None => PROJECTS,
    };
    println!(
        "leave   saved  held out  contacted  labels     above truth  top: said  true   slope  false drift"
    );
    for (shift, saved, holdout) in [
        (0.0, 0.0, 0.0),
        (0.0, 0.15, 0.0),
        (0.0, 0.3, 0.0),
        (0.0, 0.3, 0.05),
        (-1.5, 0.0, 0.0),
        (-1.5, 0.15, 0.0),
        (-1.5, 0.3, 0.0),
        (-1.5, 0.3, 0.05),
    ] {
        scenario(
            shift,
            Programme {
                months: MONTHS,
                capacity: CAPACITY,
                holdout,
                saved,
            },
            projects,
        )?;
    }
    Ok(())
}

/// Splines with one penalty, so that nothing but the labels differs.
fn settings() -> Result<Config> {
    let folder = testkit::Project::new();
    let settings = [
        "model.basis=spline",
        "model.l2=30",
        "model.calibration=platt",
    ];
    let settings = settings.map(|setting| setting.parse().map_err(anyhow::Error::msg));
    let settings = settings.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(config::load(&folder.config(), &settings)?)
}

/// The rows of the table for one programme of calls.
fn scenario(shift: f64, programme: Programme, projects: u64) -> Result<()> {
    let config = settings()?;
    let truth = Truth::new(shift);
    let mut sums = [Figures::default(); RULES.len()];
    let mut drifted = [0; RULES.len()];
    for seed in 0..projects {
        let lived: Lived = lived(&config, seed, CLIENTS, shift, &programme)?;
        for (place, (_, rule)) in RULES.iter().enumerate() {
            let labels = lived.labels(*rule)?;
            drifted[place] += u64::from(false_drift(&lived.champion, &labels)?);
            sums[place].add(&truth.judge(&config, &lived, &labels)?, projects);
        }
    }
    for ((name, _), (figures, drifted)) in RULES.iter().zip(sums.iter().zip(drifted)) {
        let kind = if shift < 0.0 { "seldom" } else { "usual" };
        println!(
            "{kind:<7} {:3.0} %  {:3.0} %     {:4.1} %     {name:<10} {:.4}       {:.3}      {:.3}  {:.2}   {drifted} of {projects}",
            100.0 * programme.saved,
            100.0 * programme.holdout,
            figures.contacted_percent,
            figures.above_truth,
            figures.said,
            figures.truth,
            figures.slope,
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing changes but that calls keep 30 % of the leavers; a year of monthly looks.
    #[test]
    fn calls_that_work_are_no_drift_unless_their_labels_are_used() {
        let programme = Programme {
            months: 13,
            capacity: 40,
            holdout: 0.0,
            saved: 0.3,
        };
        let lived = lived(&settings().unwrap(), 0, 2_000, 0.0, &programme).unwrap();
        for (labels, expected) in [
            (ContactedLabels::LeaveOut, false),
            (ContactedLabels::Use, true),
        ] {
            let labelled = lived.labels(labels).unwrap();
            let found = false_drift(&lived.champion, &labelled).unwrap();
            assert_eq!(found, expected, "{labels:?}");
        }
    }
}
