//! Quantiles and tails of the distributions that the tests are judged by.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The value that a χ² variable with so many degrees of freedom exceeds with probability `alpha`.
///
/// Zero where there are no degrees of freedom: then nothing can vary. Infinite where `alpha` is not
/// positive.
#[must_use]
pub fn chi_squared_quantile_above(alpha: f64, degrees_of_freedom: usize) -> f64 {
    if degrees_of_freedom == 0 || alpha >= 1.0 {
        return 0.0;
    }
    if alpha.is_nan() || alpha <= 0.0 {
        return f64::INFINITY;
    }
    let freedom = degrees_of_freedom as f64;
    ChiSquared::new(freedom).map_or(f64::INFINITY, |chi_squared| {
        bisect(|x| chi_squared.sf(x) > alpha, freedom)
    })
}

/// The probability that a χ² variable with so many degrees of freedom reaches `statistic`.
#[must_use]
pub fn chi_squared_tail(statistic: f64, degrees_of_freedom: usize) -> f64 {
    if degrees_of_freedom == 0 || statistic.is_nan() || statistic <= 0.0 {
        return 1.0;
    }
    ChiSquared::new(degrees_of_freedom as f64).map_or(1.0, |chi_squared| chi_squared.sf(statistic))
}

/// The place where a condition that holds below it stops to hold, to the last bits.
fn bisect(holds: impl Fn(f64) -> bool, start: f64) -> f64 {
    let (mut low, mut high) = (0.0, start);
    while holds(high) {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `chi2.isf(alpha, df)` of scipy.
    #[test]
    fn quantiles_match_scipy() {
        let table = [
            (0.001, 9, 27.877_164_871_256_57),
            (0.05, 1, 3.841_458_820_694_124),
            (1e-6, 2, 27.631_021_115_928_547), // -2 ln alpha
        ];
        for (alpha, freedom, expected) in table {
            let found = chi_squared_quantile_above(alpha, freedom);
            assert!(
                (found - expected).abs() < 1e-9 * expected,
                "{found} {expected}"
            );
            let tail = chi_squared_tail(found, freedom);
            assert!((tail / alpha - 1.0).abs() < 1e-9, "{tail} {alpha}");
        }
    }

    #[test]
    fn without_freedom_nothing_varies() {
        assert_eq!(chi_squared_quantile_above(0.001, 0), 0.0);
        assert_eq!(chi_squared_tail(5.0, 0), 1.0);
        assert_eq!(chi_squared_quantile_above(0.0, 3), f64::INFINITY);
    }
}
