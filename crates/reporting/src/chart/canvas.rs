//! A surface to draw on in the pixels of the finished picture.
//!
//! plotters rounds every position to a whole pixel, which makes curves wobble. So everything is
//! drawn four times as large and made smaller when it becomes pixels.

use anyhow::{Context, Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

const SCALE: f64 = 4.0;
const FONT: &str = "Inter";
const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.otf");
const BOLD: &[u8] = include_bytes!("../../fonts/Inter-Bold.otf");
/// plotters divides the size of a font by this in SVG.
const SVG_FONT_DIVISOR: f64 = 1.24;

pub(super) const INK: RGBColor = RGBColor(0x1b, 0x25, 0x33);
pub(super) const SOFT: RGBColor = RGBColor(0x5a, 0x67, 0x78);
pub(super) const LINE: RGBColor = RGBColor(0xd5, 0xdb, 0xe3);
pub(super) const BLUE: RGBColor = RGBColor(0x1f, 0x5f, 0xa8);
pub(super) const ORANGE: RGBColor = RGBColor(0xc2, 0x57, 0x1a);

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The drawing as SVG, four times as large as the picture.
    pub svg: String,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
}

pub(super) type Surface<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// Draws a picture of a size on white.
pub(super) fn picture(
    (width, height): (u32, u32),
    draw: impl FnOnce(&Surface<'_>) -> Result<()>,
) -> Result<Picture> {
    for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
        register_font(FONT, style, bytes).map_err(|_| anyhow!("an embedded font is broken"))?;
    }
    let mut svg = String::new();
    {
        let size = (width * SCALE as u32, height * SCALE as u32);
        let surface = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        surface.fill(&WHITE)?;
        draw(&surface)?;
        surface.present()?;
    }
    Ok(Picture { svg, width, height })
}

/// A length or position of the picture on the surface.
pub(super) fn px(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

/// A point of the picture on the surface.
pub(super) fn at(x: f64, y: f64) -> (i32, i32) {
    (px(x), px(y))
}

/// A line of a width in pixels.
pub(super) fn stroke(color: &impl Color, width: f64) -> ShapeStyle {
    color.stroke_width(px(width).unsigned_abs())
}

/// A font of a size in pixels.
pub(super) fn font(size: f64, style: FontStyle) -> FontDesc<'static> {
    (FONT, size * SCALE * SVG_FONT_DIVISOR)
        .into_font()
        .style(style)
}

/// How a piece of text looks and on which of its points it is placed; vertically always on its
/// middle.
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub size: f64,
    pub bold: bool,
    pub color: RGBColor,
    pub anchor: HPos,
    pub upwards: bool,
}

impl Text {
    pub fn new(size: f64, color: RGBColor) -> Self {
        Self {
            size,
            bold: false,
            color,
            anchor: HPos::Left,
            upwards: false,
        }
    }

    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub fn centred(self) -> Self {
        Self {
            anchor: HPos::Center,
            ..self
        }
    }

    pub fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }

    /// Writes it.
    pub fn draw(self, surface: &Surface<'_>, text: &str, (x, y): (f64, f64)) -> Result<()> {
        let style = if self.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let mut font = font(self.size, style);
        if self.upwards {
            font = font.transform(FontTransform::Rotate270);
        }
        let style = TextStyle::from(font)
            .color(&self.color)
            .pos(Pos::new(self.anchor, VPos::Center));
        surface.draw(&plotters::element::Text::new(text, at(x, y), style))?;
        Ok(())
    }
}

/// Title and the line below it, at the top of a picture.
pub(super) fn heading(surface: &Surface<'_>, title: &str, below: &str) -> Result<()> {
    Text::new(28.0, INK)
        .bold()
        .draw(surface, title, (48.0, 50.0))?;
    Text::new(16.0, SOFT).draw(surface, below, (48.0, 86.0))
}

/// The picture as a PNG file.
///
/// # Errors
/// When it cannot be turned into pixels.
pub fn png(picture: &Picture) -> Result<Vec<u8>> {
    pixels(picture)?
        .encode_png()
        .context("a chart cannot be written as PNG")
}

fn pixels(picture: &Picture) -> Result<tiny_skia::Pixmap> {
    let mut options = usvg::Options {
        font_family: FONT.into(),
        ..usvg::Options::default()
    };
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    let tree = usvg::Tree::from_str(&picture.svg, &options).context("a chart is no valid SVG")?;
    let mut pixels = tiny_skia::Pixmap::new(picture.width, picture.height)
        .ok_or_else(|| anyhow!("a chart has no size"))?;
    let smaller = 1.0 / SCALE as f32;
    let transform = tiny_skia::Transform::from_scale(smaller, smaller);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// resvg leaves out text, without a word, for which it finds no font.
    #[test]
    fn text_of_both_weights_and_directions_becomes_dark_pixels() {
        let dark_pixels = |text: Text| {
            let size = (60, 60);
            let drawn = picture(size, |surface| text.draw(surface, "left é", (30.0, 30.0)));
            let pixels = pixels(&drawn.unwrap()).unwrap();
            pixels
                .pixels()
                .iter()
                .filter(|pixel| pixel.red() < 128)
                .count()
        };
        let text = Text::new(16.0, INK).centred();
        let regular = dark_pixels(text);
        assert!(regular > 60, "{regular}");
        assert!(dark_pixels(text.bold()) > regular + 20);
        assert!(dark_pixels(text.upwards()) > 60);
        assert_eq!(dark_pixels(Text::new(16.0, WHITE).centred()), 0);
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes() {
        let draw = || picture((80, 40), |surface| heading(surface, "title", "below")).unwrap();
        assert_eq!(png(&draw()).unwrap(), png(&draw()).unwrap());
    }
}
