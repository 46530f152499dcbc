//! An exponential that compiles to vector instructions and gives the same bits on every machine.

use std::f64::consts::LOG2_E;

/// ln 2, its leading bits: a product with a small whole number is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of ln 2.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Added to a number of small size, it leaves the nearest whole number in the lowest bits.
const TO_WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
/// From here down the result is less than every normal number.
const LOWEST: f64 = -708.0;
/// 1 / k! for k = 13 down to 0.
const COEFFICIENTS: [f64; 14] = {
    let mut coefficients = [1.0; 14];
    let (mut k, mut factorial) = (1, 1.0);
    while k < 14 {
        factorial *= k as f64;
        coefficients[13 - k] = 1.0 / factorial;
        k += 1;
    }
    coefficients
};

/// `exp(x)` for `x <= 0`, to 2 units in the last place; `exp(-708)` for anything lower and NaN.
///
/// `x = n ln 2 + r` with whole `n` and `|r| <= ln 2 / 2`; `exp(r)` is its Taylor polynomial, whose
/// remainder there is below 5e-18. The library's `exp` is a call a row, and its last bit depends on
/// the machine.
#[inline(always)]
pub(super) fn exp_of_negative(x: f64) -> f64 {
    let x = x.max(LOWEST);
    let shifted = x * LOG2_E + TO_WHOLE;
    let n = shifted - TO_WHOLE;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut polynomial = COEFFICIENTS[0];
    for coefficient in &COEFFICIENTS[1..] {
        polynomial = polynomial * r + coefficient;
    }
    // 2^n: the lowest bits of `shifted` hold n, moved to where the exponent is.
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    polynomial * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_librarys_to_two_units_in_the_last_place() {
        for step in 0..=708_000 {
            let x = -f64::from(step) / 1000.0;
            let error = (exp_of_negative(x) / x.exp() - 1.0).abs();
            assert!(error <= 2.0 * f64::EPSILON, "exp({x}) is off by {error:e}");
        }
    }

    #[test]
    fn the_ends_are_exact_and_finite() {
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert_eq!(exp_of_negative(-0.0), 1.0);
        assert_eq!(exp_of_negative(-1e-300), 1.0);
        let lowest = exp_of_negative(-708.0);
        assert!(lowest.is_normal() && lowest < 1e-307);
        assert_eq!(exp_of_negative(f64::NEG_INFINITY), lowest);
    }
}
