//! From the settings to the calibration of a chosen model: which scores it is fitted on.

use super::{CalibrationSamples, ENOUGH, choose, too_few};
use crate::threshold::of_greatest_f1;
use crate::{Samples, Selected, out_of_fold, overlapping};
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
    let overlapping = overlapping(&samples.table, config.dataset.horizon_days);
    let once: Vec<f64> = (found.rows.iter().zip(&weights))
        .map(|(row, weight)| weight / f64::from(overlapping[*row]))
        .collect();
    Ok(Calibrated {
        recalibration: recalibration(&risks, &exited, &once),
        mapping,
        record,
        threshold,
    })
}

/// The recalibration of risks with its covariance. The weights are those of the evidence, where samples
/// whose label windows overlap count about once together: in full they would make it look too certain.
/// Under Platt's mapping, which was fitted to the same scores, it is near (0, 1) by construction; the
/// covariance then says how far off the mapping can be.
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
    use crate::OutOfFold;
    use dataset::{RawTable, check};
    use risk_core::config::Basis;
    use risk_core::schema::{Column, Kind, Role, Schema};
    use std::fmt::Write;

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

    /// Three months of 90 clients with the same label and score in each: weights 1, 1/2 and 1/3 where
    /// their label windows overlap.
    #[test]
    fn samples_whose_label_windows_overlap_do_not_count_in_full() {
        let mut text = "id,x,exited,day\n".to_owned();
        for day in ["2026-01-31", "2026-02-28", "2026-03-31"] {
            for client in 0..90 {
                writeln!(text, "c{client},0,{},{day}", u8::from(client % 7 < 2)).unwrap();
            }
        }
        let raw = RawTable::from_csv(text.into_bytes()).unwrap();
        let schema = Schema::new(vec![
            Column::new("id", Role::ClientId, Kind::Category),
            Column::new("x", Role::Feature, Kind::Numeric),
            Column::new("exited", Role::Target, Kind::Category),
            Column::new("day", Role::ObservedAt, Kind::Category),
        ]);
        let table = check(&raw, &schema, false).unwrap().table;
        let exited = (0..270).map(|row| table.target(row).unwrap()).collect();
        let samples = Samples::new(table, exited);
        let chosen = Selected {
            basis: Basis::Linear,
            l2: 1.0,
            selection: None,
            out_of_fold: Some(OutOfFold {
                rows: (0..270).collect(),
                log_odds: (0..270).map(|row| f64::from(row % 90 % 4) - 2.0).collect(),
            }),
        };
        let found = |horizon_days: u32| {
            let config = format!(
                r#"{{"input_folder_path": "in", "output_folder_path": "out", "test_data_path": "test",
                "output_model_path": "model", "prod_deployment_path": "prod",
                "model": {{"calibration": "none"}},
                "dataset": {{"observed_at": "day", "horizon_days": {horizon_days}}}}}"#
            );
            let config: Config = serde_json::from_str(&config).unwrap();
            let calibrated = calibrate(&config, &samples, &chosen).unwrap();
            calibrated.recalibration.unwrap()
        };
        let (apart, overlapping) = (found(10), found(90));
        assert!((apart.slope - overlapping.slope).abs() < 1e-9);
        let ratio = overlapping.covariance[1][1] / apart.covariance[1][1];
        assert!((ratio - 18.0 / 11.0).abs() < 1e-6, "{ratio}");
    }
}
