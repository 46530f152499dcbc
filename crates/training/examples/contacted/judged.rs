//! How a model and the evidence come out under one way of counting the labels of contacted clients.

use crate::world::{Known, Labels, Lived, Panel, World, model_of, risk, truth};
use anyhow::{Context, Result};
use monitoring::evidence::{Evidence, Labelled, Recalibration, Rule, fit_recalibration};
use risk_core::Config;
use risk_core::model::Model;
use testkit::sample::{Draws, State};

/// Clients on whom models are compared with the truth, and futures simulated of each.
const CLIENTS: usize = 4_000;
const PATHS: usize = 200;
/// The highest risks: as many as are called in a week.
const TOP: usize = CLIENTS / 50;

/// Clients that nobody called, with their true probabilities to leave when nobody calls.
pub struct Truth(Vec<(State, f64)>);

/// How a model did; see the head of the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub contacted_percent: f64,
    pub above_truth: f64,
    pub said: f64,
    pub truth: f64,
    pub slope: f64,
}

impl Figures {
    /// Adds one of so many to a mean.
    pub fn add(&mut self, one: &Self, of: u64) {
        let n = of as f64;
        self.contacted_percent += one.contacted_percent / n;
        self.above_truth += one.above_truth / n;
        self.said += one.said / n;
        self.truth += one.truth / n;
        self.slope += one.slope / n;
    }
}

impl Truth {
    pub fn new(shift: f64) -> Self {
        let mut panel = Panel::default();
        World::new(u64::MAX, CLIENTS, shift).record(&mut panel);
        let mut draws = Draws::new(u64::MAX, u64::MAX);
        let rows = panel.rows.iter();
        Self(
            rows.map(|row| (row.state, truth(&row.state, shift, PATHS, &mut draws)))
                .collect(),
        )
    }

    /// Fits a model to labels and compares it with the truth.
    pub fn judge(&self, config: &Config, lived: &Lived, labels: &Labels) -> Result<Figures> {
        let model = model_of(config, labels)?;
        let mut rows: Vec<(f64, f64)> = (self.0.iter())
            .map(|(state, truth)| (risk(&model, state), *truth))
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let entropy = |p: f64, t: f64| -(t * p.ln() + (1.0 - t) * (1.0 - p).ln());
        let above = rows.iter().map(|(p, t)| entropy(*p, *t) - entropy(*t, *t));
        let mean =
            |of: fn(&(f64, f64)) -> f64| rows[..TOP].iter().map(of).sum::<f64>() / TOP as f64;
        Ok(Figures {
            contacted_percent: 100.0 * lived.n_contacted()? as f64 / lived.rows.len() as f64,
            above_truth: above.sum::<f64>() / rows.len() as f64,
            said: mean(|row| row.0),
            truth: mean(|row| row.1),
            slope: slope(&rows[..CLIENTS / 10]),
        })
    }
}

/// The slope of the truth on the log-odds of the risks.
fn slope(rows: &[(f64, f64)]) -> f64 {
    let both = |(risk, truth): &(f64, f64)| {
        [(true, *truth), (false, 1.0 - truth)].map(|(exited, weight)| Labelled {
            risk: *risk,
            exited,
            weight,
        })
    };
    let labelled: Vec<Labelled> = rows.iter().flat_map(both).collect();
    fit_recalibration(&labelled).map_or(f64::NAN, |fit| fit.slope)
}

/// Whether the evidence calls the champion drifted at any of its monthly looks.
pub fn false_drift(champion: &Model, labels: &Labels) -> Result<bool> {
    let fitted = champion
        .recalibration
        .context("the champion has no recalibration")?;
    let fitted = Recalibration {
        intercept: fitted.intercept,
        slope: fitted.slope,
        covariance: fitted.covariance,
    };
    let coefficients = champion
        .features
        .iter()
        .map(|feature| feature.coefficients().len());
    let (n, positive) = (champion.data.n_samples, champion.data.n_positive);
    let n_parameters = coefficients.sum::<usize>() as u64 + 1;
    let allowed = fitted.of_champion(n_parameters, positive.min(n - positive));
    let mut evidence = Evidence::new(&allowed)?;
    let last = labels.rows.iter().map(|known| known.row.month).max();
    let weights = |place: usize| labels.samples.weight(place);
    for month in 0..=last.unwrap_or_default() {
        let counted = of_month(champion, &labels.rows, month, weights);
        let called = of_month(champion, &labels.left_out, month, |_| 1.0);
        evidence.add_with_called(&counted, &called)?;
    }
    let rule = Rule {
        alpha: 0.01,
        min_labelled: 30,
        min_gain: 0.0,
    };
    Ok(evidence.is_drift(&rule))
}

fn of_month(
    champion: &Model,
    rows: &[Known],
    month: i32,
    weight: impl Fn(usize) -> f64,
) -> Vec<Labelled> {
    let of_month = rows
        .iter()
        .enumerate()
        .filter(|(_, known)| known.row.month == month);
    let labelled = |(place, known): (usize, &Known)| Labelled {
        risk: risk(champion, &known.row.state),
        exited: known.exited,
        weight: weight(place) / f64::from(known.shared),
    };
    of_month.map(labelled).collect()
}
