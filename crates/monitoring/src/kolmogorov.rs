//! The distribution of the two-sided Kolmogorov-Smirnov statistic.
//!
//! Methods as in Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution"
//! (Journal of Statistical Software 39/11, 2011), with the same choice between them as scipy's
//! `kstwo`, so that the probabilities agree to 1e-10.

use std::f64::consts::PI;

/// The probability that the largest distance between the empirical distribution of `n` values and
/// their true distribution reaches `distance`, without any drift.
#[must_use]
pub fn two_sided_tail(n: u64, distance: f64) -> f64 {
    if n == 0 || distance.is_nan() || distance <= 0.0 {
        return 1.0;
    }
    if distance >= 1.0 {
        return 0.0;
    }
    let size = n as f64;
    let scaled = size * distance;
    let squared = scaled * distance;
    if scaled <= 0.5 {
        return 1.0;
    }
    if scaled >= size - 1.0 {
        return (2.0 * (1.0 - distance).powf(size)).clamp(0.0, 1.0);
    }
    let from_one_side = distance >= 0.5 || squared >= if n <= 140 { 4.0 } else { 2.2 };
    let tail = if squared >= 370.0 {
        0.0
    } else if n > LARGE && squared >= 9.0 {
        leading_tail(size, distance)
    } else if from_one_side && n > LARGE {
        // Twice one side counts the samples that are far off on both sides twice, here as in scipy.
        1.0 - pelz_good(size, distance) + 2.0 * (-8.0 * squared - 8.0 * distance / 3.0).exp()
    } else if from_one_side {
        2.0 * one_sided_tail(n, distance)
    } else if n <= 140 || (n <= LARGE && size * distance.powf(1.5) <= 1.4) {
        1.0 - durbin_matrix(n, distance)
    } else {
        1.0 - pelz_good(size, distance)
    };
    tail.clamp(0.0, 1.0)
}

/// From here on the series of Pelz and Good is exact to 1e-12, and a sum over all values is slow.
const LARGE: u64 = 100_000;

/// Twice the leading terms of the one-sided tail (Maag and Dicaire 1971), for tails so small that one
/// minus the cumulative probability has no digits left.
fn leading_tail(size: f64, distance: f64) -> f64 {
    let root = 6.0 * size * distance + 1.0;
    2.0 * (-root * root / (18.0 * size)).exp()
}

/// Smirnov's sum for the one-sided statistic. Each term is a binomial probability times
/// `distance / p`, computed by Loader's saddle-point form so that no digits cancel.
fn one_sided_tail(n: u64, distance: f64) -> f64 {
    let size = n as f64;
    let last = (size * (1.0 - distance)).floor() as u64;
    let mut sum = (size * (-distance).ln_1p()).exp();
    for hits in 1..=last.min(n) {
        let chance = distance + hits as f64 / size;
        if chance >= 1.0 {
            break;
        }
        sum += binomial(n, hits, chance) * distance / chance;
    }
    sum
}

/// The probability of `hits` of `n` at a chance strictly between 0 and 1.
fn binomial(n: u64, hits: u64, chance: f64) -> f64 {
    let (size, hit, miss) = (n as f64, hits as f64, (n - hits) as f64);
    if hits == n {
        return (size * chance.ln()).exp();
    }
    let exponent = stirling_error(size)
        - stirling_error(hit)
        - stirling_error(miss)
        - deviance(hit, size * chance)
        - deviance(miss, size * (1.0 - chance));
    exponent.exp() * (size / (2.0 * PI * hit * miss)).sqrt()
}

/// `ln n! - ln(sqrt(2 pi n) (n/e)^n)`.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let factorial: f64 = (1..=n as u64).map(|factor| factor as f64).product();
        return factorial.ln() - (0.5 * (2.0 * PI * n).ln() + n * n.ln() - n);
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 / square) / square) / square) / n
}

/// `x ln(x / mean) + mean - x`, without cancellation near the mean.
fn deviance(x: f64, mean: f64) -> f64 {
    let ratio = (x - mean) / (x + mean);
    if ratio.abs() >= 0.1 {
        return x * (x / mean).ln() + mean - x;
    }
    let mut sum = (x - mean) * ratio;
    let mut power = 2.0 * x * ratio;
    for order in 1..1000 {
        power *= ratio * ratio;
        let next = sum + power / f64::from(2 * order + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// Marsaglia, Tsang and Wang 2003: an element of a power of Durbin's matrix.
fn durbin_matrix(n: u64, distance: f64) -> f64 {
    let scaled = n as f64 * distance;
    let half = scaled.ceil() as usize;
    let mut power = Scaled::identity(2 * half - 1);
    let mut square = Scaled {
        matrix: durbin(half, half as f64 - scaled),
        ..Scaled::identity(2 * half - 1)
    };
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            power = power.times(&square, half - 1);
        }
        square = square.times(&square, half - 1);
        left /= 2;
    }
    let (mut probability, mut exponent) = (power.at(half - 1, half - 1), power.exponent);
    for factor in 1..=n {
        probability *= factor as f64 / n as f64;
        if probability < TINY {
            probability /= TINY;
            exponent -= 128;
        }
    }
    probability * 2_f64.powi(exponent)
}

const TINY: f64 = 1.0 / 340_282_366_920_938_463_463_374_607_431_768_211_456.0; // 2^-128

fn durbin(half: usize, excess: f64) -> Vec<f64> {
    let size = 2 * half - 1;
    let mut inverse_factorial = vec![1.0; size + 1];
    for order in 1..=size {
        inverse_factorial[order] = inverse_factorial[order - 1] / order as f64;
    }
    let mut edge: Vec<f64> = (1..=size)
        .map(|order| (1.0 - excess.powi(order as i32)) * inverse_factorial[order])
        .collect();
    let corner = (2.0 * excess - 1.0).max(0.0).powi(size as i32) - 2.0 * excess.powi(size as i32);
    edge[size - 1] = (1.0 + corner) * inverse_factorial[size];
    let mut matrix = vec![0.0; size * size];
    for row in 0..size {
        for column in 1..size.min(row + 2) {
            matrix[row * size + column] = inverse_factorial[row + 1 - column];
        }
        matrix[row * size] = edge[row];
    }
    for column in 0..size {
        matrix[(size - 1) * size + column] = edge[size - 1 - column];
    }
    matrix
}

/// A square matrix times a power of two.
struct Scaled {
    size: usize,
    matrix: Vec<f64>,
    exponent: i32,
}

impl Scaled {
    fn identity(size: usize) -> Self {
        let mut matrix = vec![0.0; size * size];
        for index in 0..size {
            matrix[index * size + index] = 1.0;
        }
        Self {
            size,
            matrix,
            exponent: 0,
        }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.matrix[row * self.size + column]
    }

    fn times(&self, other: &Self, middle: usize) -> Self {
        let size = self.size;
        let mut matrix = vec![0.0; size * size];
        for row in 0..size {
            for inner in 0..size {
                let factor = self.at(row, inner);
                for column in 0..size {
                    matrix[row * size + column] += factor * other.at(inner, column);
                }
            }
        }
        let mut exponent = self.exponent + other.exponent;
        if matrix[middle * size + middle] > 1.0 / TINY {
            matrix.iter_mut().for_each(|cell| *cell *= TINY);
            exponent += 128;
        }
        Self {
            size,
            matrix,
            exponent,
        }
    }
}

/// Pelz and Good 1976: the cumulative probability as a series in `1/sqrt(n)`, in the form that
/// converges for small distances.
fn pelz_good(size: f64, distance: f64) -> f64 {
    let z = size.sqrt() * distance;
    let z2 = z * z;
    let (z3, z4, z6) = (z2 * z, z2 * z2, z2 * z2 * z2);
    let (pi2, pi4) = (PI * PI, PI.powi(4));
    let q_log = -pi2 / 8.0 / z2;
    if q_log < -708.0 {
        return 0.0;
    }
    let mut terms = [0.0_f64; 4];
    let last = (16.0 * z / PI).ceil() as u32;
    for k in 1..=last {
        let m2 = f64::from(2 * k - 1).powi(2);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = (q_log * m2).exp();
        terms[0] += weight;
        terms[1] += weight * (-z2 + pi2 / 4.0 * m2);
        terms[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2
                + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        terms[3] += weight
            * (-30.0 * z6 - 90.0 * z4 * z4
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * m4
                + PI.powi(6) * (5.0 - 30.0 * z2) / 64.0 * m6);
    }
    let root = (2.0 * PI).sqrt();
    let scales = [z, 6.0 * z4, 72.0 * z6 * z, 6480.0 * z4 * z6];
    let mut sums: [f64; 4] = std::array::from_fn(|order| terms[order] * root / scales[order]);
    for k in 1..=last {
        let k2 = f64::from(k).powi(2);
        let weight = k2 * (-pi2 / 2.0 / z2 * k2).exp();
        sums[2] += weight * pi2 * root / (-36.0 * z3);
        sums[3] += weight * (3.0 * z2 - pi2 * k2) * pi2 * root / (216.0 * z6);
    }
    let step = size.sqrt();
    sums[0] + (sums[1] + (sums[2] + sums[3] / step) / step) / step
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kstwo.sf(distance, n)` of scipy 1.17.1, by `testdata/kolmogorov.py`.
    const SCIPY: &str = include_str!("../testdata/kolmogorov.csv");

    #[test]
    fn tails_match_scipy_over_all_methods() {
        let mut rows = 0;
        for line in SCIPY.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let (n, distance): (u64, f64) = (cells[0].parse().unwrap(), cells[1].parse().unwrap());
            let expected: f64 = cells[2].parse().unwrap();
            let found = two_sided_tail(n, distance);
            assert!((found - expected).abs() < 1e-10, "{line}: {found}");
            assert!(
                (found - expected).abs() < 1e-2 * expected,
                "{line}: {found}"
            );
            rows += 1;
        }
        assert!(rows > 200);
    }

    #[test]
    fn the_ends_are_certain() {
        assert_eq!(two_sided_tail(100, 0.0), 1.0);
        assert_eq!(two_sided_tail(100, 1.0), 0.0);
        assert_eq!(two_sided_tail(0, 0.5), 1.0);
        assert_eq!(two_sided_tail(1, 0.75), 0.5);
    }
}
