//! Limits that a figure keeps as long as nothing changes, from its values in chunks of the reference.

use serde::Serialize;

/// The range between two limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limits {
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

/// Mean ± 3 population standard deviations of the values that are defined, cut at what is possible;
/// `None` with fewer than two, which have no spread. Else NannyML's `StandardDeviationThreshold`, which
/// makes a limit of a single value too: there any other value would be an alert.
#[must_use]
pub fn three_sigma(values: &[f64], possible: Limits) -> Option<Limits> {
    let known: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    if known.len() < 2 {
        return None;
    }
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let variance = known
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    let spread = 3.0 * variance.sqrt();
    Some(Limits {
        lower: (mean - spread).max(possible.lower),
        upper: (mean + spread).min(possible.upper),
    })
}

/// The rows of each chunk of so many rows; a last one may be smaller. NannyML's `SizeBasedChunker`.
pub fn chunks_of(n_rows: usize, size: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..n_rows)
        .step_by(size.max(1))
        .map(move |start| start..(start + size.max(1)).min(n_rows))
}

/// The size of chunks where none is asked for: a tenth of the reference, as in NannyML.
#[must_use]
pub fn default_chunk_size(n_rows: usize) -> usize {
    (n_rows / 10).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_three_population_deviations_away_and_possible() {
        let possible = Limits {
            lower: 0.0,
            upper: 1.0,
        };
        let limits = three_sigma(&[0.4, 0.6, f64::NAN], possible).unwrap();
        assert!((limits.lower - 0.2).abs() < 1e-12 && (limits.upper - 0.8).abs() < 1e-12);
        let wide = three_sigma(&[0.0, 1.0], possible).unwrap();
        assert_eq!((wide.lower, wide.upper), (0.0, 1.0));
        assert_eq!(three_sigma(&[f64::NAN], possible), None);
    }

    #[test]
    fn a_single_value_has_no_spread_and_makes_no_limits() {
        let possible = Limits {
            lower: 0.0,
            upper: 1.0,
        };
        assert_eq!(three_sigma(&[0.4], possible), None);
        assert_eq!(three_sigma(&[0.4, f64::NAN], possible), None);
        let same = three_sigma(&[0.5, 0.5], possible).unwrap();
        assert_eq!((same.lower, same.upper), (0.5, 0.5));
    }

    #[test]
    fn the_last_chunk_takes_what_is_left() {
        let chunks: Vec<_> = chunks_of(7, 3).collect();
        assert_eq!(chunks, [0..3, 3..6, 6..7]);
        assert_eq!(chunks_of(0, 3).count(), 0);
        assert_eq!(chunks_of(2, 0).count(), 2);
    }
}
