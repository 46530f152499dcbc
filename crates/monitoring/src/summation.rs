//! Sums in the order in which numpy adds, so that differences of sums that should be zero are zero
//! exactly where they are in the tools whose figures are matched.

const BLOCK: usize = 128;

/// numpy's pairwise sum.
pub(crate) fn pairwise_sum(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if n > BLOCK {
        let half = n / 2 - (n / 2) % 8;
        return pairwise_sum(&values[..half]) + pairwise_sum(&values[half..]);
    }
    let mut lanes = [0.0; 8];
    lanes.copy_from_slice(&values[..8]);
    let whole = values[8..].chunks_exact(8);
    let rest = whole.remainder();
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(sum, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `np.sum(np.full(k, 0.1))` and of `1 / np.arange(1, k + 1)`, numpy 2.4.
    #[test]
    fn sums_have_the_same_last_bit_as_those_of_numpy() {
        let table = [
            (7, 0.7, 2.5928571428571425),
            (23, 2.3000000000000007, 3.73429151108684),
            (1000, 100.00000000000001, 7.485470860550345),
        ];
        for (n, tenths, harmonic) in table {
            assert_eq!(pairwise_sum(&vec![0.1; n]), tenths);
            let terms: Vec<f64> = (1..=n).map(|k| 1.0 / k as f64).collect();
            assert_eq!(pairwise_sum(&terms), harmonic);
        }
    }
}
