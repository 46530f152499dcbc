//! What the square charts of percent against percent share: the frame with its ticks, the names of the
//! axes, the diagonal, and the box of the legend.

use super::canvas::{INK, LINE, SOFT, Surface, Text, at, font, px, stroke};
use anyhow::Result;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// Size of such a chart.
pub const SIZE: (u32, u32) = (1000, 1000);
/// Edges of the plot: left, top, right, bottom.
pub const PLOT: [f64; 4] = [118.0, 130.0, 956.0, 896.0];
/// Distance of the lines of a legend.
const LEGEND_LINE: f64 = 42.0;

/// Both axes in percent.
pub type Percent = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// Writes the names below and beside the plot.
pub fn axis_names(surface: &Surface<'_>, below: &str, beside: &str) -> Result<()> {
    let name = Text::new(17.0, INK).centred();
    let [left, top, right, bottom] = PLOT;
    name.draw(surface, below, ((left + right) / 2.0, bottom + 66.0))?;
    let place = (left - 74.0, (top + bottom) / 2.0);
    name.upwards().draw(surface, beside, place)
}

/// The plot with its lines and ticks; both axes go from 0 to `end`.
pub fn frame<'s>(
    surface: &Surface<'s>,
    end: f64,
) -> Result<ChartContext<'s, SVGBackend<'s>, Percent>> {
    let [left, top, right, bottom] = PLOT;
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
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
    Ok(chart)
}

/// The dashed diagonal up to `end`.
pub fn diagonal(end: f64) -> DashedLineSeries<std::array::IntoIter<(f64, f64), 2>, u32> {
    DashedLineSeries::new(
        [(0.0, 0.0), (end, end)],
        px(7.0).unsigned_abs(),
        px(6.0).unsigned_abs(),
        stroke(&SOFT, 1.5),
    )
}

/// A dot of a radius and color, with a white rim that sets it off the lines.
pub fn dot<Point: Copy>(point: Point, radius: f64, color: RGBColor) -> [Circle<Point, i32>; 2] {
    [(radius + 3.0, WHITE), (radius, color)]
        .map(|(radius, color)| Circle::new(point, px(radius), color.filled()))
}

/// A legend whose first line is at a place.
pub struct Legend<'a, 's> {
    surface: &'a Surface<'s>,
    left: f64,
    top: f64,
}

impl<'a, 's> Legend<'a, 's> {
    /// Draws its box, down to so much below the third line and right to `right`.
    pub fn boxed(
        surface: &'a Surface<'s>,
        (left, top): (f64, f64),
        right: f64,
        below: f64,
    ) -> Result<Self> {
        let legend = Self { surface, left, top };
        let from = at(left - 20.0, top - 30.0);
        let to = at(right, legend.line(2) + below);
        surface.draw(&Rectangle::new([from, to], WHITE.filled()))?;
        let border = [from, (to.0, from.1), to, (from.0, to.1), from];
        surface.draw(&PathElement::new(border, stroke(&LINE, 1.0)))?;
        Ok(legend)
    }

    /// Writes a line.
    pub fn write(&self, line: u8, text: &str) -> Result<()> {
        let place = (self.left + 58.0, self.line(line));
        Text::new(16.0, INK).draw(self.surface, text, place)
    }

    /// Draws a piece of a curve as a sample for a line.
    pub fn sample(&self, line: u8, style: ShapeStyle) -> Result<()> {
        self.piece(line, 0.0, 40.0, style)
    }

    /// Draws a piece of the diagonal as a sample for a line.
    pub fn dashes(&self, line: u8) -> Result<()> {
        [0.0, 15.0, 30.0]
            .into_iter()
            .try_for_each(|start| self.piece(line, start, start + 9.0, stroke(&SOFT, 1.5)))
    }

    /// Draws a dot as a sample for a line.
    pub fn dot(&self, line: u8, radius: f64, color: RGBColor) -> Result<()> {
        for circle in dot(at(self.left + 20.0, self.line(line)), radius, color) {
            self.surface.draw(&circle)?;
        }
        Ok(())
    }

    fn piece(&self, line: u8, from: f64, to: f64, style: ShapeStyle) -> Result<()> {
        let y = self.line(line);
        let ends = [at(self.left + from, y), at(self.left + to, y)];
        Ok(self.surface.draw(&PathElement::new(ends, style))?)
    }

    fn line(&self, number: u8) -> f64 {
        self.top + f64::from(number) * LEGEND_LINE
    }
}
