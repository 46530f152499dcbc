//! From the settings to the calibration of a chosen model: which scores it is fitted on.

use super::{CalibrationSamples, ENOUGH, choose, too_few};
use crate::threshold::of_greatest_f1;
use crate::{Samples, Selected, out_of_fold};
use anyhow::{Context, Result};
use monitoring::evidence::{Labelled, fit_recalibration};
use risk_core::Config;
use risk_core::calibration::{Calibration, CalibrationRecord, Recalibration};
use risk_core::config::{BasisChoice, CalibrationChoice, ModelConfig, Penalty, Threshold};

/// How the scores of a model become risks, and risks predictions.
#[derive(Debug, Clone, Default)]
pub struct Calibrated {
    /// The mapping.
    pub mapping: Calibration,
    /// How it was chosen; none where nothing was to be chosen.
    pub record: Option<CalibrationRecord>,
    /// What is left to be mended after it, with its uncertainty; none where the labels do not tell.
    pub recalibration: Option<Recalibration>,
    /// The threshold with the greatest F1, where it is asked for and somebody left.
    pub threshold: Option<f64>,
}

impl Calibrated {
    /// No mapping, because no model was fitted without the client of a sample.
    fn not_validated(exited: &[bool]) -> Self {
        let reason = too_few(exited, &ENOUGH).unwrap_or_else(|| {
            "The scores stay as they are, because nothing was cross-validated.".into()
        });
        Self {
            record: Some(CalibrationRecord {
                n_samples: 0,
                candidates: Vec::new(),
                reason,
            }),
            ..Self::default()
        }
    }
}

/// Calibrates a chosen model on its scores of samples whose clients it was not fitted on: those of the
/// choice of basis and penalty, or, where the configuration fixes both and they are needed, such of the
/// same splits.
///
/// # Errors
/// When no model of a fold can be fitted.
pub fn calibrate(config: &Config, samples: &Samples, chosen: &Selected) -> Result<Calibrated> {
    let settings = &config.model;
    let choice = effective_choice(settings);
    let of_f1 = settings.threshold == Threshold::F1;
    if choice.is_none() && !of_f1 && chosen.out_of_fold.is_none() {
        return Ok(Calibrated::default());
    }
    let found = match &chosen.out_of_fold {
        Some(found) => Some(found.clone()),
        None => out_of_fold(config, samples, chosen.basis, chosen.l2)
            .context("cross-validating for the calibration")?,
    };
    let Some(found) = found else {
        return Ok(Calibrated::not_validated(&samples.exited));
    };
    let weights: Vec<f64> = (found.rows.iter())
        .map(|row| samples.weight(*row))
        .collect();
    let client_ids: Vec<&str> = (found.rows.iter())
        .map(|row| samples.table.client_id(*row))
        .collect();
    let exited: Vec<bool> = (found.rows.iter())
        .map(|row| samples.exited[*row])
        .collect();
    let scored = CalibrationSamples {
        client_ids: &client_ids,
        scores: &found.log_odds,
        exited: &exited,
        weights: &weights,
    };
    let (mapping, record) = match choice {
        Some(choice) => {
            let (mapping, record) = choose(choice, scored);
            (mapping, Some(record))
        }
        None => (Calibration::None, None),
    };
    let risks: Vec<f64> = (scored.scores.iter())
        .map(|score| mapping.risk(*score))
        .collect();
    let threshold = if of_f1 {
        of_greatest_f1(&risks, &exited, &weights)
    } else {
        None
    };
    Ok(Calibrated {
        recalibration: recalibration(&risks, &exited, &weights),
        mapping,
        record,
        threshold,
    })
}

fn recalibration(risks: &[f64], exited: &[bool], weights: &[f64]) -> Option<Recalibration> {
    let rows = risks.iter().zip(exited).zip(weights);
    let labelled: Vec<Labelled> = rows
        .map(|((risk, exited), weight)| Labelled {
            weight: *weight,
            ..Labelled::new(*risk, *exited)
        })
        .collect();
    let fit = fit_recalibration(&labelled)?;
    Some(Recalibration {
        intercept: fit.intercept,
        slope: fit.slope,
        covariance: fit.covariance,
    })
}

/// What is to be chosen from; none where the scores stay as they are without a question.
fn effective_choice(settings: &ModelConfig) -> Option<CalibrationChoice> {
    let is_fixed = settings.basis != BasisChoice::Auto && matches!(settings.l2, Penalty::Fixed(_));
    match settings.calibration {
        CalibrationChoice::None => None,
        CalibrationChoice::Auto if is_fixed => None,
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_asks_nothing_where_basis_and_penalty_are_fixed() {
        let settings = |basis, l2, calibration| ModelConfig {
            basis,
            l2,
            calibration,
            ..ModelConfig::default()
        };
        let (auto, platt) = (CalibrationChoice::Auto, CalibrationChoice::Platt);
        let fixed = Penalty::Fixed(1.0);
        for (settings, expected) in [
            (settings(BasisChoice::Linear, fixed, auto), None),
            (settings(BasisChoice::Auto, fixed, auto), Some(auto)),
            (
                settings(BasisChoice::Linear, Penalty::Auto, auto),
                Some(auto),
            ),
            (settings(BasisChoice::Linear, fixed, platt), Some(platt)),
            (
                settings(BasisChoice::Auto, fixed, CalibrationChoice::None),
                None,
            ),
        ] {
            assert_eq!(effective_choice(&settings), expected, "{settings:?}");
        }
    }
}
