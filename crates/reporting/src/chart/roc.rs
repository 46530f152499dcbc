//! The ROC curve: how many leavers are found for how many false alarms.

use super::canvas::{BLUE, ORANGE, Picture, Surface, heading, picture, stroke};
use super::square::{Legend, PLOT, SIZE, axis_names, diagonal, dot, frame};
use crate::judged::Judged;
use crate::text::{NONE, figure, interval, share};
use anyhow::Result;
use plotters::prelude::*;

/// Left edge and first line of the legend.
const LEGEND: (f64, f64) = (440.0, 724.0);
/// Radius of the dot at the threshold.
const DOT: f64 = 8.0;

/// Draws the ROC curve with its area, the diagonal of chance and the point of the threshold; `below`
/// is the line below the title.
///
/// # Errors
/// When plotters cannot draw it.
pub fn roc_curve(judged: &Judged, below: &str) -> Result<Picture> {
    picture(SIZE, |surface| {
        heading(surface, "ROC curve: leavers found and false alarms", below)?;
        plot(surface, judged)?;
        axis_names(
            surface,
            "False alarms: share of the clients who stayed (%)",
            "Found: share of the clients who left (%)",
        )?;
        legend(surface, judged)
    })
}

fn plot(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let mut chart = frame(surface, 100.0)?;
    let curve = || judged.curve.iter().map(|(x, y)| (100.0 * x, 100.0 * y));
    chart.draw_series(AreaSeries::new(curve(), 0.0, BLUE.mix(0.08)))?;
    chart.draw_series(diagonal(100.0))?;
    chart.draw_series(LineSeries::new(curve(), stroke(&BLUE, 3.0)))?;
    let threshold = threshold_point(judged).map(|(x, y)| (100.0 * x, 100.0 * y));
    chart.draw_series(threshold.into_iter().flat_map(|at| dot(at, DOT, ORANGE)))?;
    Ok(())
}

/// False alarm rate and share found at the threshold, where both classes are there.
fn threshold_point(judged: &Judged) -> Option<(f64, f64)> {
    let [[stayed, false_alarms], [missed, found]] =
        <[[u64; 2]; 2]>::from(judged.evaluation.confusion_matrix);
    let part = |part: u64, rest: u64| (part + rest > 0).then(|| part as f64 / (part + rest) as f64);
    Some((part(false_alarms, stayed)?, part(found, missed)?))
}

fn legend(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let legend = Legend::boxed(surface, LEGEND, PLOT[2] - 14.0, 34.0)?;
    legend.sample(0, stroke(&BLUE, 3.0))?;
    legend.write(0, &area_text(judged))?;
    legend.dashes(1)?;
    legend.write(1, "Chance alone: area 0.5")?;
    legend.dot(2, DOT, ORANGE)?;
    legend.write(2, &threshold_text(judged))
}

fn area_text(judged: &Judged) -> String {
    let area = &judged.evaluation.metrics.roc_auc;
    match area.value {
        Some(_) => format!(
            "Model: area {} (95\u{a0}% interval {})",
            figure(area.value),
            interval(area)
        ),
        None => format!("No curve: {}", area.reason.as_deref().unwrap_or(NONE)),
    }
}

fn threshold_text(judged: &Judged) -> String {
    let matrix = &judged.evaluation.confusion_matrix;
    format!(
        "Threshold {}: {} found, {} false alarms",
        dataset::format_number(judged.evaluation.threshold),
        share(
            matrix.true_positive,
            matrix.true_positive + matrix.false_negative
        ),
        share(
            matrix.false_positive,
            matrix.false_positive + matrix.true_negative
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::metrics::{self, Scored};

    fn judged(exited: &[bool]) -> Judged {
        let risks = [0.9, 0.8, 0.4, 0.3];
        let client_ids = ["a", "b", "c", "d"].map(str::to_owned);
        let scored = Scored {
            client_ids: &client_ids,
            risks: &risks,
            exited,
        };
        let curve = metrics::roc_curve(&risks, exited);
        Judged {
            evaluation: metrics::evaluate(&scored, 0.5, 0).unwrap(),
            curve: curve.into_iter().map(|(x, y, _)| (x, y)).collect(),
            reliability: Vec::new(),
            replaced: None,
        }
    }

    #[test]
    fn area_interval_and_threshold_are_in_the_legend() {
        let svg = roc_curve(&judged(&[true, false, true, false]), "below")
            .unwrap()
            .svg;
        for text in [
            "ROC curve",
            "below",
            "False alarms: share of the clients who stayed (%)",
            "Model: area 0.750 (95\u{a0}% interval",
            "Chance alone: area 0.5",
            "Threshold 0.5: 50.0\u{a0}% found, 50.0\u{a0}% false alarms",
        ] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn one_class_gives_no_curve_and_says_so() {
        let svg = roc_curve(&judged(&[false; 4]), "").unwrap().svg;
        assert!(svg.contains("No curve: no client exited"));
    }
}
