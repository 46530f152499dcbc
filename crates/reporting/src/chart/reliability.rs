//! The reliability curve: the risks that were given and the shares that left.

use super::canvas::{
    BLUE, INK, LINE, Picture, SOFT, Surface, Text, at, font, heading, picture, px, stroke,
};
use crate::judged::Judged;
use crate::text::{NONE, figure, interval};
use anyhow::Result;
use plotters::prelude::*;
use risk_core::metrics::ReliabilityBin;

const SIZE: (u32, u32) = (1000, 1000);
/// Edges of the plot: left, top, right, bottom.
const PLOT: [f64; 4] = [118.0, 130.0, 956.0, 896.0];
/// Left edge and first line of the legend.
const LEGEND: (f64, f64) = (152.0, 176.0);
const LEGEND_LINE: f64 = 42.0;
const LEGEND_WIDTH: f64 = 470.0;

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
        axis_names(surface)?;
        legend(surface, judged)
    })
}

fn axis_names(surface: &Surface<'_>) -> Result<()> {
    let name = Text::new(17.0, INK).centred();
    let [left, top, right, bottom] = PLOT;
    name.draw(
        surface,
        "Risk given: mean of a tenth of the clients (%)",
        ((left + right) / 2.0, bottom + 66.0),
    )?;
    name.upwards().draw(
        surface,
        "Share of them that left (%)",
        (left - 74.0, (top + bottom) / 2.0),
    )
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
    let [left, top, right, bottom] = PLOT;
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
    let end = upper_end(bins);
    let mut chart = ChartBuilder::on(surface)
        .margin_top(px(top))
        .margin_right(px(width - right))
        .x_label_area_size(px(height - bottom))
        .y_label_area_size(px(left))
        .build_cartesian_2d(0.0..end, 0.0..end)?;
    let ticks = TextStyle::from(font(15.0, FontStyle::Normal)).color(&SOFT);
    chart
        .configure_mesh()
        .max_light_lines(1)
        .light_line_style(TRANSPARENT)
        .bold_line_style(stroke(&LINE, 1.0))
        .axis_style(stroke(&SOFT, 1.2))
        .set_all_tick_mark_size(px(6.0))
        .x_label_formatter(&|percent| format!("{percent:.0}"))
        .y_label_formatter(&|percent| format!("{percent:.0}"))
        .label_style(ticks)
        .draw()?;
    chart.draw_series(DashedLineSeries::new(
        [(0.0, 0.0), (end, end)],
        px(7.0).unsigned_abs(),
        px(6.0).unsigned_abs(),
        stroke(&SOFT, 1.5),
    ))?;
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
    chart.draw_series(points().flat_map(dot))?;
    Ok(())
}

/// A point of the curve, with a white rim that sets it off the lines.
fn dot<Point: Copy>(point: Point) -> [Circle<Point, i32>; 2] {
    [(10.0, WHITE), (7.0, BLUE)]
        .map(|(radius, color)| Circle::new(point, px(radius), color.filled()))
}

fn legend(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let (left, top) = LEGEND;
    let line = |place: f64| top + place * LEGEND_LINE;
    let write = |place: f64, text: &str| {
        Text::new(16.0, INK).draw(surface, text, (left + 58.0, line(place)))
    };
    let sample =
        |place: f64, from: f64, to: f64| [at(left + from, line(place)), at(left + to, line(place))];
    let (from, to) = (
        at(left - 20.0, top - 30.0),
        at(left - 20.0 + LEGEND_WIDTH, line(2.0) + 30.0),
    );
    surface.draw(&Rectangle::new([from, to], WHITE.filled()))?;
    let frame = [from, (to.0, from.1), to, (from.0, to.1), from];
    surface.draw(&PathElement::new(frame, stroke(&LINE, 1.0)))?;
    surface.draw(&PathElement::new(
        sample(0.0, 0.0, 40.0),
        stroke(&BLUE, 2.0),
    ))?;
    for circle in dot(at(left + 20.0, line(0.0))) {
        surface.draw(&circle)?;
    }
    write(0.0, &error_text(judged))?;
    surface.draw(&PathElement::new(
        sample(1.0, 0.0, 40.0),
        stroke(&BLUE.mix(0.45), 3.0),
    ))?;
    write(1.0, "95\u{a0}% interval of the share that left")?;
    for start in [0.0, 15.0, 30.0] {
        let dash = sample(2.0, start, start + 9.0);
        surface.draw(&PathElement::new(dash, stroke(&SOFT, 1.5)))?;
    }
    write(2.0, "Risks that are right")
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
