//! From the settings to the calibration of a chosen model: which scores it is fitted on.

use super::{CalibrationSamples, ENOUGH, choose, too_few};
use crate::threshold::of_greatest_f1;
use crate::{OutOfFold, Samples, Selected, fit_chosen};
use anyhow::{Context, Result};
use chrono::DateTime;
use dataset::ModelInput;
use risk_core::calibration::{Calibration, CalibrationRecord};
use risk_core::config::{BasisChoice, CalibrationChoice, ModelConfig, Penalty, Threshold};
use risk_core::{Config, hash};

/// How the scores of a model become risks, and risks predictions.
#[derive(Debug, Clone, Default)]
pub struct Calibrated {
    /// The mapping.
    pub mapping: Calibration,
    /// How it was chosen; none where nothing was to be chosen.
    pub record: Option<CalibrationRecord>,
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
/// choice, or, where it made none and they are needed, those of a cross-fit of its own.
///
/// # Errors
/// When a model of a fold cannot be fitted.
pub fn calibrate(config: &Config, samples: &Samples, chosen: &Selected) -> Result<Calibrated> {
    let settings = &config.model;
    let choice = effective_choice(settings);
    let is_asked_for = choice.is_some_and(|choice| choice != CalibrationChoice::Auto);
    let of_f1 = settings.threshold == Threshold::F1;
    if choice.is_none() && !of_f1 {
        return Ok(Calibrated::default());
    }
    let out_of_fold = match &chosen.out_of_fold {
        Some(found) => found.clone(),
        None if is_asked_for && choice != Some(CalibrationChoice::None) || of_f1 => {
            cross_fit(config, samples, chosen).context("cross-fitting for the calibration")?
        }
        None => return Ok(Calibrated::not_validated(&samples.exited)),
    };
    let weights: Vec<f64> = (out_of_fold.rows.iter())
        .map(|row| samples.weight(*row))
        .collect();
    let client_ids: Vec<&str> = (out_of_fold.rows.iter())
        .map(|row| samples.table.client_id(*row))
        .collect();
    let exited: Vec<bool> = (out_of_fold.rows.iter())
        .map(|row| samples.exited[*row])
        .collect();
    let scored = CalibrationSamples {
        client_ids: &client_ids,
        scores: &out_of_fold.log_odds,
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
        mapping,
        record,
        threshold,
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

/// The log-odds of every sample under a model of the chosen kind that was fitted without its client.
fn cross_fit(config: &Config, samples: &Samples, chosen: &Selected) -> Result<OutOfFold> {
    let n_folds = u64::from(config.model.folds);
    let fold = |row: usize| hash::short(samples.table.client_id(row)) % n_folds;
    let plain = Selected {
        selection: None,
        out_of_fold: None,
        ..chosen.clone()
    };
    let mut found = OutOfFold {
        rows: Vec::new(),
        log_odds: Vec::new(),
        folds: Vec::new(),
    };
    for held_out in 0..n_folds {
        let (judged, rest): (Vec<usize>, Vec<usize>) =
            (0..samples.exited.len()).partition(|row| fold(*row) == held_out);
        if judged.is_empty() {
            continue;
        }
        // The time does not matter: the model of a fold is kept nowhere.
        let now = DateTime::UNIX_EPOCH;
        let model = fit_chosen(config, &samples.select(&rest), &plain, now)?;
        let input = ModelInput::new(&model, samples.table.schema())?;
        for row in judged {
            found.rows.push(row);
            found.folds.push(u32::try_from(held_out)?);
            let values = input.values(&samples.table, row);
            found.log_odds.push(model.log_odds(&values));
        }
    }
    Ok(found)
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
