//! Plain text for people: aligned columns and short numbers.

/// To which side the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a line for the column names and one for each row; two blanks between columns, none
/// at the end of a line.
pub fn table<const N: usize>(columns: [(&str, Align); N], rows: Vec<[String; N]>) -> String {
    let mut lines = vec![columns.map(|(name, _)| name.to_owned())];
    lines.extend(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines {
        let mut padded = String::new();
        for ((cell, width), (_, align)) in line.iter().zip(widths).zip(columns) {
            padded += &match align {
                Align::Left => format!("{cell:<width$}  "),
                Align::Right => format!("{cell:>width$}  "),
            };
        }
        text += padded.trim_end();
        text.push('\n');
    }
    text
}

/// A number to six significant digits, `-` for none.
pub fn number(number: Option<f64>) -> String {
    let Some(number) = number else {
        return "-".to_owned();
    };
    let before_point = number.abs().log10().floor();
    let decimals = if before_point.is_finite() {
        (5.0 - before_point).clamp(0.0, 12.0) as usize
    } else {
        0
    };
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The word that the field uses for a population stability index.
pub fn size_of_change(psi: f64) -> &'static str {
    match psi {
        psi if psi < 0.1 => "small",
        psi if psi < 0.25 => "moderate",
        _ => "large",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_significant_digits() {
        let table = [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (68.5, "68.5"),
            (0.123_456_789, "0.123457"),
            (158.153_846, "158.154"),
            (0.000_012_345_678, "0.0000123457"),
            (1_000_000.0, "1000000"),
            (12_345_678.9, "12345679"),
        ];
        for (value, text) in table {
            assert_eq!(number(Some(value)), text);
        }
        assert_eq!(number(None), "-");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let columns = [("name", Align::Left), ("n", Align::Right)];
        let rows = vec![["Müller".into(), "7".into()], ["x".into(), "123".into()]];
        assert_eq!(
            table(columns, rows),
            "name      n\nMüller    7\nx       123\n"
        );
    }
}
