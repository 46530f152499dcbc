//! The confusion matrix: what was predicted against what happened.

use super::canvas::{INK, LINE, Picture, SOFT, Surface, Text, at, heading, picture, stroke};
use crate::text::{count, share};
use anyhow::Result;
use plotters::prelude::*;
use risk_core::metrics::ConfusionMatrix;

const SIZE: (u32, u32) = (1000, 800);
/// Left and top edge of the cells, and their width and height.
const CELLS: (f64, f64) = (150.0, 190.0);
const CELL: (f64, f64) = (310.0, 230.0);
const GAP: f64 = 6.0;
/// What each cell means, actual by row and predicted by column.
const MEANING: [[&str; 2]; 2] = [
    ["stayed, as predicted", "false alarm"],
    ["missed", "left, as predicted"],
];
/// Hues of right and of wrong predictions, dark enough for white text on a full cell.
const RIGHT: RGBColor = RGBColor(0x12, 0x43, 0x7d);
const WRONG: RGBColor = RGBColor(0xa8, 0x44, 0x10);
const OUTCOMES: [&str; 2] = ["stayed", "left"];

/// Draws the confusion matrix with counts and shares; `below` is the line below the title.
///
/// # Errors
/// When plotters cannot draw it.
pub fn confusion_matrix(matrix: &ConfusionMatrix, below: &str) -> Result<Picture> {
    let counts = <[[u64; 2]; 2]>::from(*matrix);
    picture(SIZE, |surface| {
        heading(surface, "Confusion matrix: predicted and actual", below)?;
        axes(surface)?;
        for (actual, row) in counts.iter().enumerate() {
            for predicted in 0..2 {
                cell(surface, row, (actual, predicted))?;
            }
        }
        totals(surface, &counts)
    })
}

fn centre(place: usize, start: f64, length: f64) -> f64 {
    start + (place as f64 + 0.5) * length
}

fn axes(surface: &Surface<'_>) -> Result<()> {
    let name = Text::new(16.0, SOFT).centred();
    let tick = Text::new(18.0, INK).bold().centred();
    name.draw(
        surface,
        "Predicted by the model",
        (CELLS.0 + CELL.0, CELLS.1 - 56.0),
    )?;
    name.upwards().draw(
        surface,
        "What the client did",
        (CELLS.0 - 78.0, CELLS.1 + CELL.1),
    )?;
    for (place, outcome) in OUTCOMES.iter().enumerate() {
        let x = centre(place, CELLS.0, CELL.0);
        tick.draw(surface, outcome, (x, CELLS.1 - 24.0))?;
        let y = centre(place, CELLS.1, CELL.1);
        tick.upwards().draw(surface, outcome, (CELLS.0 - 34.0, y))?;
    }
    Ok(())
}

/// A cell is the darker the larger its share of the row.
fn cell(surface: &Surface<'_>, row: &[u64; 2], (actual, predicted): (usize, usize)) -> Result<()> {
    let (number, total) = (row[predicted], row[0] + row[1]);
    let part = number as f64 / total.max(1) as f64;
    let hue = if actual == predicted { RIGHT } else { WRONG };
    let fill = tinted(hue, 0.08 + 0.82 * part);
    let (left, top) = (
        CELLS.0 + predicted as f64 * CELL.0 + GAP / 2.0,
        CELLS.1 + actual as f64 * CELL.1 + GAP / 2.0,
    );
    let corners = [at(left, top), at(left + CELL.0 - GAP, top + CELL.1 - GAP)];
    surface.draw(&Rectangle::new(corners, fill.filled()))?;
    let color = readable_on(fill);
    let x = centre(predicted, CELLS.0, CELL.0);
    let y = centre(actual, CELLS.1, CELL.1);
    let text = |size| Text::new(size, color).centred();
    text(46.0)
        .bold()
        .draw(surface, &count(number), (x, y - 30.0))?;
    let of_row = format!("{} of those who {}", share(number, total), OUTCOMES[actual]);
    text(17.0).draw(surface, &of_row, (x, y + 18.0))?;
    text(17.0).draw(surface, MEANING[actual][predicted], (x, y + 48.0))
}

/// A colour mixed with white, opaque, so that text on it has a known contrast.
fn tinted(color: RGBColor, part: f64) -> RGBColor {
    let mix = |channel: u8| (255.0 - part * (255.0 - f64::from(channel))).round() as u8;
    RGBColor(mix(color.0), mix(color.1), mix(color.2))
}

/// White or dark ink, whichever has more contrast (WCAG 2: relative luminance).
fn readable_on(fill: RGBColor) -> RGBColor {
    let linear = |channel: u8| (f64::from(channel) / 255.0).powf(2.2);
    let luminance = |color: RGBColor| {
        0.2126 * linear(color.0) + 0.7152 * linear(color.1) + 0.0722 * linear(color.2) + 0.05
    };
    let fill = luminance(fill);
    if luminance(WHITE) / fill > fill / luminance(INK) {
        WHITE
    } else {
        INK
    }
}

fn totals(surface: &Surface<'_>, counts: &[[u64; 2]; 2]) -> Result<()> {
    let all: u64 = counts.iter().flatten().sum();
    let (right, bottom) = (CELLS.0 + 2.0 * CELL.0, CELLS.1 + 2.0 * CELL.1);
    let write = |total: u64, x: f64, y: f64| -> Result<()> {
        let number = Text::new(20.0, INK).bold().centred();
        number.draw(surface, &count(total), (x, y - 13.0))?;
        Text::new(15.0, SOFT)
            .centred()
            .draw(surface, &share(total, all), (x, y + 14.0))
    };
    for (place, [to_stay, to_leave]) in counts.iter().enumerate() {
        let y = centre(place, CELLS.1, CELL.1);
        write(to_stay + to_leave, right + 90.0, y)?;
        let x = centre(place, CELLS.0, CELL.0);
        write(counts[0][place] + counts[1][place], x, bottom + 56.0)?;
    }
    write(all, right + 90.0, bottom + 56.0)?;
    let rule = |from, to| PathElement::new([from, to], stroke(&LINE, 1.5));
    surface.draw(&rule(
        at(right + 18.0, CELLS.1),
        at(right + 18.0, bottom + 90.0),
    ))?;
    surface.draw(&rule(
        at(CELLS.0, bottom + 18.0),
        at(right + 150.0, bottom + 18.0),
    ))?;
    Text::new(15.0, SOFT)
        .centred()
        .draw(surface, "all", (right + 90.0, CELLS.1 - 24.0))?;
    Text::new(15.0, SOFT)
        .centred()
        .upwards()
        .draw(surface, "all", (CELLS.0 - 34.0, bottom + 56.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_shares_are_written_in_words() {
        let matrix = ConfusionMatrix::from([[1500, 100], [150, 250]]);
        let svg = confusion_matrix(&matrix, "2,000 test samples").unwrap().svg;
        for text in [
            "Confusion matrix",
            "2,000 test samples",
            "Predicted by the model",
            "1,500",
            "62.5\u{a0}% of those who left",
            "37.5\u{a0}% of those who left",
            "6.2\u{a0}% of those who stayed",
            "false alarm",
            "missed",
        ] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn an_empty_matrix_can_be_drawn() {
        let svg = confusion_matrix(&ConfusionMatrix::default(), "")
            .unwrap()
            .svg;
        assert!(svg.contains("– of those who left"));
    }
}
