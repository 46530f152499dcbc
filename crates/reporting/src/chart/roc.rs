//! The ROC curve: how many leavers are found for how many false alarms.

use super::canvas::{
    BLUE, INK, LINE, ORANGE, Picture, SOFT, Surface, Text, at, font, heading, picture, px, stroke,
};
use crate::judged::Judged;
use crate::text::{NONE, figure, interval, share};
use anyhow::Result;
use plotters::prelude::*;

const SIZE: (u32, u32) = (1000, 1000);
/// Edges of the plot: left, top, right, bottom.
const PLOT: [f64; 4] = [118.0, 130.0, 956.0, 896.0];
/// Left edge and first line of the legend.
const LEGEND: (f64, f64) = (440.0, 724.0);
const LEGEND_LINE: f64 = 42.0;

/// Draws the ROC curve with its area, the diagonal of chance and the point of the threshold; `below`
/// is the line below the title.
///
/// # Errors
/// When plotters cannot draw it.
pub fn roc_curve(judged: &Judged, below: &str) -> Result<Picture> {
    picture(SIZE, |surface| {
        heading(surface, "ROC curve: leavers found and false alarms", below)?;
        plot(surface, judged)?;
        axis_names(surface)?;
        legend(surface, judged)
    })
}

fn axis_names(surface: &Surface<'_>) -> Result<()> {
    let name = Text::new(17.0, INK).centred();
    let [left, top, right, bottom] = PLOT;
    name.draw(
        surface,
        "False alarms: share of the clients who stayed (%)",
        ((left + right) / 2.0, bottom + 66.0),
    )?;
    name.upwards().draw(
        surface,
        "Found: share of the clients who left (%)",
        (left - 74.0, (top + bottom) / 2.0),
    )
}

fn plot(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let [left, top, right, bottom] = PLOT;
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
    let mut chart = ChartBuilder::on(surface)
        .margin_top(px(top))
        .margin_right(px(width - right))
        .x_label_area_size(px(height - bottom))
        .y_label_area_size(px(left))
        .build_cartesian_2d(0.0..100.0, 0.0..100.0)?;
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
    let curve = || judged.curve.iter().map(|(x, y)| (100.0 * x, 100.0 * y));
    chart.draw_series(AreaSeries::new(curve(), 0.0, BLUE.mix(0.08)))?;
    let chance = DashedLineSeries::new(
        [(0.0, 0.0), (100.0, 100.0)],
        px(7.0).unsigned_abs(),
        px(6.0).unsigned_abs(),
        stroke(&SOFT, 1.5),
    );
    chart.draw_series(chance)?;
    chart.draw_series(LineSeries::new(curve(), stroke(&BLUE, 3.0)))?;
    let point = threshold_point(judged);
    chart.draw_series(marks(point.map(|(x, y)| (100.0 * x, 100.0 * y))))?;
    Ok(())
}

/// False alarm rate and share found at the threshold, where both classes are there.
fn threshold_point(judged: &Judged) -> Option<(f64, f64)> {
    let [[stayed, false_alarms], [missed, found]] =
        <[[u64; 2]; 2]>::from(judged.evaluation.confusion_matrix);
    let part = |part: u64, rest: u64| (part + rest > 0).then(|| part as f64 / (part + rest) as f64);
    Some((part(false_alarms, stayed)?, part(found, missed)?))
}

/// The dot at the threshold, with a white rim that sets it off the curve.
fn marks<Point: Copy>(point: Option<Point>) -> impl Iterator<Item = Circle<Point, i32>> {
    let rings = [(11.0, WHITE), (8.0, ORANGE)];
    point.into_iter().flat_map(move |point| {
        rings.map(|(radius, color)| Circle::new(point, px(radius), color.filled()))
    })
}

fn legend(surface: &Surface<'_>, judged: &Judged) -> Result<()> {
    let (left, top) = LEGEND;
    let line = |place: f64| top + place * LEGEND_LINE;
    let write = |place: f64, text: &str| {
        Text::new(16.0, INK).draw(surface, text, (left + 58.0, line(place)))
    };
    let sample =
        |place: f64, from: f64, to: f64| [at(left + from, line(place)), at(left + to, line(place))];
    let area = [
        at(left - 20.0, top - 30.0),
        at(PLOT[2] - 14.0, line(2.0) + 34.0),
    ];
    surface.draw(&Rectangle::new(area, WHITE.filled()))?;
    let frame = [
        area[0],
        (area[1].0, area[0].1),
        area[1],
        (area[0].0, area[1].1),
        area[0],
    ];
    surface.draw(&PathElement::new(frame, stroke(&LINE, 1.0)))?;
    surface.draw(&PathElement::new(
        sample(0.0, 0.0, 40.0),
        stroke(&BLUE, 3.0),
    ))?;
    write(0.0, &area_text(judged))?;
    for start in [0.0, 15.0, 30.0] {
        let dash = sample(1.0, start, start + 9.0);
        surface.draw(&PathElement::new(dash, stroke(&SOFT, 1.5)))?;
    }
    write(1.0, "Chance alone: area 0.5")?;
    for mark in marks(Some(at(left + 20.0, line(2.0)))) {
        surface.draw(&mark)?;
    }
    write(2.0, &threshold_text(judged))
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
