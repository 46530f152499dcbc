//! The reliability curve: the risks that were given and the shares that left.

use super::canvas::{BLUE, Picture, Surface, heading, picture, stroke};
use super::square::{Legend, SIZE, axis_names, diagonal, dot, frame};
use crate::judged::Judged;
use crate::text::{NONE, figure, interval};
use anyhow::Result;
use plotters::prelude::*;
use risk_core::metrics::ReliabilityBin;

/// Left edge and first line of the legend.
const LEGEND: (f64, f64) = (152.0, 176.0);
const LEGEND_WIDTH: f64 = 470.0;
/// Radius of the dots.
const DOT: f64 = 7.0;

/// Draws mean risk against observed share in groups of equally many samples, with the intervals of the
/// shares and the diagonal on which risks are right; `below` is the line below the title.
///
/// # Errors
/// When plotters cannot draw it.
pub fn reliability_curve(judged: &Judged, below: &str) -> Result<Picture> {
    picture(SIZE, |surface| {
        heading(
            surface,
            "Reliability: risks given and shares that left",
            below,
        )?;
        plot(surface, &judged.reliability)?;
        axis_names(
            surface,
            "Risk given: mean of a tenth of the clients (%)",
            "Share of them that left (%)",
        )?;
        legend(surface, judged)
    })
}

/// The upper end of both axes in percent: the next ten above all that is drawn.
fn upper_end(bins: &[ReliabilityBin]) -> f64 {
    let highest = bins
        .iter()
        .map(|bin| bin.mean_risk.max(bin.high))
        .fold(0.0, f64::max);
    (10.0 * (10.0 * highest).ceil()).clamp(10.0, 100.0)
}

fn plot(surface: &Surface<'_>, bins: &[ReliabilityBin]) -> Result<()> {
    let end = upper_end(bins);
    let mut chart = frame(surface, end)?;
    chart.draw_series(diagonal(end))?;
    for bin in bins {
        let x = 100.0 * bin.mean_risk;
        let interval = [(x, 100.0 * bin.low), (x, 100.0 * bin.high)];
        chart.draw_series(LineSeries::new(interval, stroke(&BLUE.mix(0.45), 3.0)))?;
    }
    let points = || {
        bins.iter()
            .map(|bin| (100.0 * bin.mean_risk, 100.0 * bin.observed_rate))
    };
    chart.draw_series(LineSeries::new(points(), stroke(&BLUE, 2.0)))?;
    chart.draw_series(points().flat_map(|point| dot(point, DOT, BLUE)))?;
    Ok(())
}

fn legend(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let right = LEGEND.0 - 20.0 + LEGEND_WIDTH;
    let legend = Legend::boxed(surface, LEGEND, right, 30.0)?;
    legend.sample(0, stroke(&BLUE, 2.0))?;
    legend.dot(0, DOT, BLUE)?;
    legend.write(0, &error_text(judged))?;
    legend.sample(1, stroke(&BLUE.mix(0.45), 3.0))?;
    legend.write(1, "95\u{a0}% interval of the share that left")?;
    legend.dashes(2)?;
    legend.write(2, "Risks that are right")
}

fn error_text(judged: &Judged) -> String {
    let error = &judged.evaluation.metrics.ece;
    match error.value {
        Some(_) => format!(
            "Model: calibration error {} ({})",
            figure(error.value),
            interval(error)
        ),
        None => format!("Model: {}", error.reason.as_deref().unwrap_or(NONE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::Judged;
    use risk_core::metrics::{self, Scored};

    fn judged(risks: &[f64], exited: &[bool]) -> Judged {
        let client_ids: Vec<String> = (0..risks.len()).map(|row| row.to_string()).collect();
        let scored = Scored {
            client_ids: &client_ids,
            risks,
            exited,
        };
        Judged {
            evaluation: metrics::evaluate(&scored, 0.5, 0).unwrap(),
            curve: Vec::new(),
            reliability: metrics::reliability(&scored).unwrap(),
            replaced: None,
        }
    }

    #[test]
    fn every_group_has_a_point_and_the_error_is_in_the_legend() {
        let risks: Vec<f64> = (0..100).map(|row| f64::from(row) / 400.0).collect();
        let exited: Vec<bool> = (0..100).map(|row| row % 5 == 0).collect();
        let svg = reliability_curve(&judged(&risks, &exited), "below")
            .unwrap()
            .svg;
        for text in [
            "Reliability: risks given and shares that left",
            "below",
            "Share of them that left (%)",
            "Model: calibration error 0.",
            "Risks that are right",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        // A rim and a dot for each of the ten groups, and for the legend.
        assert_eq!(svg.matches("<circle").count(), 22);
    }

    #[test]
    fn one_sample_can_be_drawn() {
        let svg = reliability_curve(&judged(&[0.02], &[false]), "")
            .unwrap()
            .svg;
        assert_eq!(svg.matches("<circle").count(), 4);
    }

    #[test]
    fn the_axes_end_at_the_next_ten() {
        let bin = |mean_risk, high| ReliabilityBin {
            n_samples: 10,
            mean_risk,
            observed_rate: 0.0,
            low: 0.0,
            high,
        };
        assert_eq!(upper_end(&[bin(0.31, 0.2)]), 40.0);
        assert_eq!(upper_end(&[bin(0.31, 0.95)]), 100.0);
        assert_eq!(upper_end(&[]), 10.0);
    }
}
