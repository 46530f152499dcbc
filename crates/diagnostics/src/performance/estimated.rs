//! The performance that the model's own probabilities let expect on the book, and when to stop
//! believing it.

use crate::unlabelled::unlabelled;
use anyhow::{Context, Result};
use dataset::{ModelInput, Table};
use monitoring::cbpe::{
    BLIND_SPOT, Estimate, Estimator, ExpectedLeavers, PerMetric, Scored, expected_leavers,
};
use monitoring::evidence::{Evidence, Rule};
use monitoring::ranking::rank_by;
use risk_core::Run;
use risk_core::release::Release;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Chance that the check withdraws an estimate, in the life of a release, where the probabilities are
/// right. It costs no retraining, so it may be wrong more often than the decision about the model.
const WITHDRAW_ALPHA: f64 = 0.05;
/// Fewest labels that can withdraw an estimate.
const MIN_LABELLED: u64 = 10;

/// Performance on the book, before its labels exist.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimated {
    /// How many clients the book has.
    pub n_clients: u64,
    /// How many labelled samples of the test data the bands have learnt from.
    pub n_reference: u64,
    /// What is expected, with bands of three standard errors; nothing once it is withdrawn.
    pub metrics: PerMetric<Estimate>,
    /// How many of the `contacts.capacity` clients with the highest risks are expected to leave within
    /// the horizon; none once the estimate is withdrawn.
    pub expected_leavers: Option<ExpectedLeavers>,
    /// What the estimate cannot see.
    pub note: &'static str,
    /// Why it is not to be believed any more, once the first labels disagree.
    pub withdrawn: Option<String>,
    /// The labels that it was checked against; none before the first.
    pub check: Option<Check>,
}

/// The estimate against the first labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Check {
    /// How many labelled samples since the release.
    pub n_labelled: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// The share that the model expected to leave: the mean of its risks.
    pub expected_share: f64,
    /// Natural logarithm of the greatest evidence against the probabilities so far.
    pub log_ratio: f64,
    /// From which on the estimate is withdrawn.
    pub threshold: f64,
}

/// Estimates the performance on the book, or says why it cannot be.
///
/// # Errors
/// When the history or the clients cannot be read, or the data lacks a feature of the model.
pub fn estimate(
    run: &Run,
    release: &Release,
    table: &Table,
) -> Result<Result<Estimated, &'static str>> {
    let model = &release.model;
    let Some(book) = unlabelled(run, model, table)? else {
        return Ok(Err("no client is open"));
    };
    let risks = ModelInput::new(model, book.schema())?.risks(&book);
    let Ok(test) = dataset::read_folder(run.layout.test(), &model.schema(true)) else {
        return Ok(Err("the test data cannot be read"));
    };
    let reference_risks = ModelInput::new(model, test.table.schema())?.risks(&test.table);
    let labels: Vec<Option<bool>> = (0..test.table.n_rows())
        .map(|row| test.table.target(row))
        .collect();
    let reference = Scored {
        risks: &reference_risks,
        labels: &labels,
    };
    // The risks are calibrated by training, on clients the model had not seen. The test data may be older
    // than a change that the model has followed: calibrated on it the risks would be wrong again.
    let fitted = Estimator::fit(reference, model.threshold, []);
    let Some(estimator) = fitted.map(Estimator::uncalibrated) else {
        return Ok(Err("the test data has no label"));
    };
    let check = check(run, release)?;
    let withdrawn = check.and_then(|check| withdrawn(&check));
    let nothing = Estimate {
        estimate: None,
        low: None,
        high: None,
    };
    let holds = withdrawn.is_none();
    let capacity = run.config.contacts.capacity as usize;
    Ok(Ok(Estimated {
        n_clients: risks.len() as u64,
        n_reference: labels.iter().flatten().count() as u64,
        metrics: if holds {
            estimator.estimate(&risks)
        } else {
            PerMetric::from_fn(|_| nothing)
        },
        expected_leavers: holds.then(|| leavers(&estimator, &risks, capacity)),
        note: BLIND_SPOT,
        withdrawn,
        check,
    }))
}

/// Of the clients with the highest risks.
fn leavers(estimator: &Estimator, risks: &[f64], capacity: usize) -> ExpectedLeavers {
    let top = rank_by(risks, |row| row).into_iter().take(capacity);
    let probabilities: Vec<f64> = top.map(|row| estimator.probability(risks[row])).collect();
    expected_leavers(&probabilities)
}

fn check(run: &Run, release: &Release) -> Result<Option<Check>> {
    let Some(gathered) = run.history()?.evidence(release.id())? else {
        return Ok(None);
    };
    let evidence: Evidence = serde_json::from_str(&gathered.state)
        .with_context(|| format!("the evidence about release {}", release.id()))?;
    let finding = evidence.finding(&Rule {
        alpha: WITHDRAW_ALPHA,
        min_labelled: MIN_LABELLED,
        min_gain: 0.0,
    });
    Ok(Some(Check {
        n_labelled: evidence.n_samples,
        n_positive: evidence.n_positive,
        expected_share: evidence.expected_positive / evidence.n_samples as f64,
        log_ratio: finding.greatest_log_ratio,
        threshold: finding.threshold,
    }))
}

fn withdrawn(check: &Check) -> Option<String> {
    let disagree = check.log_ratio >= check.threshold && check.n_labelled >= MIN_LABELLED;
    disagree.then(|| {
        format!(
            "withdrawn: the first {} labels disagree with the probabilities behind it ({} left, where \
             {:.0} were expected). Clients of the same kind behave differently than they did (concept \
             drift), which no estimate without labels can see",
            check.n_labelled,
            check.n_positive,
            check.expected_share * check.n_labelled as f64
        )
    })
}

impl Display for Estimated {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(withdrawn) = &self.withdrawn {
            return write!(f, "estimated performance: {withdrawn}.");
        }
        let said = |estimate: &Estimate| match (estimate.estimate, estimate.low, estimate.high) {
            (Some(value), Some(low), Some(high)) => format!("{value:.3} ({low:.3} to {high:.3})"),
            (Some(value), ..) => format!("{value:.3}"),
            _ => "not defined".into(),
        };
        let metrics = &self.metrics;
        write!(
            f,
            "estimated on {} clients without labels: AUC {}, F1 {}, accuracy {}, precision {}, recall {}",
            self.n_clients,
            said(&metrics.roc_auc),
            said(&metrics.f1),
            said(&metrics.accuracy),
            said(&metrics.precision),
            said(&metrics.recall),
        )?;
        if let Some(leavers) = &self.expected_leavers {
            write!(
                f,
                "; of the {} with the highest risks about {:.0} are expected to leave ({:.0} to {:.0})",
                leavers.k, leavers.expected, leavers.low, leavers.high
            )?;
        }
        write!(f, ". This is {}", self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_withdrawn_when_labels_disagree_and_not_before() {
        let check = Check {
            n_labelled: 200,
            n_positive: 70,
            expected_share: 0.2,
            log_ratio: 3.5,
            threshold: 20_f64.ln(),
        };
        let said = withdrawn(&check).unwrap();
        assert!(
            said.contains("70 left, where 40 were expected") && said.contains("concept drift"),
            "{said}"
        );
        let agreeing = Check {
            log_ratio: 2.9,
            ..check
        };
        assert_eq!(withdrawn(&agreeing), None);
        let few = Check {
            n_labelled: 9,
            ..check
        };
        assert_eq!(withdrawn(&few), None);
    }
}
