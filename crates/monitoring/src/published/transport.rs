//! The Wasserstein-1 distance of many samples from one reference.

use crate::sample::Numeric;

/// A reference with the sums of its values, so that a small sample is compared in a time that hardly
/// depends on the size of the reference.
#[derive(Debug)]
pub struct Transport<'a> {
    reference: &'a [f64],
    deviation: f64,
    /// `sums[i]`: the sum of the first `i` values, less `i` times the first one.
    sums: Option<Vec<f64>>,
}

impl<'a> Transport<'a> {
    /// `None` without any known value.
    #[must_use]
    pub fn from(reference: &'a Numeric) -> Option<Self> {
        Some(Self {
            reference: reference.sorted(),
            deviation: reference.standard_deviation()?,
            sums: None,
        })
    }

    /// Prepares for many samples that are much smaller than the reference.
    #[must_use]
    pub fn for_small_samples(mut self) -> Self {
        let mut sum = 0.0;
        let origin = self.reference[0];
        let mut sums = Vec::with_capacity(self.reference.len() + 1);
        sums.push(0.0);
        for value in self.reference {
            sum += value - origin;
            sums.push(sum);
        }
        self.sums = Some(sums);
        self
    }

    /// The area between the two empirical distributions, in the unit of the column: `wasserstein`.
    /// `None` where the sample has no known value.
    #[must_use]
    pub fn distance(&self, analysis: &Numeric) -> Option<f64> {
        let sample = analysis.sorted();
        if sample.is_empty() {
            return None;
        }
        Some(match &self.sums {
            Some(sums) if sample.len() * 32 < self.reference.len() => {
                self.area_by_search(sums, sample)
            }
            _ => area_by_merging(self.reference, sample),
        })
    }

    /// The distance over the population standard deviation of the reference, which counts as at least
    /// 0.001: `wasserstein_evidently`.
    #[must_use]
    pub fn normed(&self, distance: f64) -> f64 {
        distance / self.deviation.max(0.001)
    }

    /// Between two neighbouring values of the sample its distribution is constant, and that of the
    /// reference crosses it once at most.
    fn area_by_search(&self, sums: &[f64], sample: &[f64]) -> f64 {
        let (reference, m) = (self.reference, sample.len() as f64);
        let (n, origin) = (reference.len(), reference[0]);
        let above = |from: usize, to: usize| sums[to] - sums[from] + (to - from) as f64 * origin;
        let mut area = 0.0;
        // Before the first value of the sample, and after the last.
        let start = reference.partition_point(|value| *value <= sample[0]);
        area += start as f64 * sample[0] - above(0, start);
        let last = sample[sample.len() - 1];
        let end = reference.partition_point(|value| *value <= last);
        area += above(end, n) - (n - end) as f64 * last;
        let mut from = start;
        for (index, pair) in sample.windows(2).enumerate() {
            let (low, high) = (pair[0], pair[1]);
            if low == high {
                continue;
            }
            let to = from + reference[from..].partition_point(|value| *value <= high);
            // The distribution of the sample here, in counts of the reference; that of the reference is
            // at most so high up to `at`, and higher after it.
            let level = (index + 1) as f64 / m * n as f64;
            let (at, crossing) = match level.floor() as usize {
                behind if behind < from => (low, from),
                behind if behind >= to => (high, to),
                behind => (reference[behind], behind),
            };
            let before =
                from as f64 * (at - low) + (crossing - from) as f64 * at - above(from, crossing);
            let after =
                crossing as f64 * (high - at) + (to - crossing) as f64 * high - above(crossing, to);
            area += (level * (at - low) - before).abs() + (after - level * (high - at)).abs();
            from = to;
        }
        area / n as f64
    }
}

/// Merges without a branch on the values: which of two samples goes on is anybody's guess, and a wrong
/// guess of the processor takes longer than the step. Between equal values there is no area.
///
/// The heights are rounded as in the published figure, by division: below one value far away from all
/// others they differ in their last bits only, and these are the figure.
fn area_by_merging(reference: &[f64], sample: &[f64]) -> f64 {
    let (n, m) = (reference.len() as f64, sample.len() as f64);
    let (mut i, mut j, mut area) = (0, 0, 0.0);
    let mut position = reference[0].min(sample[0]);
    while i < reference.len() && j < sample.len() {
        let (a, b) = (reference[i], sample[j]);
        let next = if a < b { a } else { b };
        area += (i as f64 / n - j as f64 / m).abs() * (next - position);
        position = next;
        i += usize::from(a <= next);
        j += usize::from(b <= next);
    }
    // One distribution has got to 1; the other one has only the rest of its steps to go.
    for (values, done, size) in [(reference, i, n), (sample, j, m)] {
        for (index, next) in values.iter().enumerate().skip(done) {
            area += (1.0 - index as f64 / size) * (next - position);
            position = *next;
        }
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_points_is_how_far_they_move() {
        let reference = Numeric::new(vec![1.0, 2.0, 4.0]);
        let transport = Transport::from(&reference).unwrap();
        assert_eq!(
            transport.distance(&Numeric::new(vec![2.0, 3.0, 5.0])),
            Some(1.0)
        );
        assert_eq!(
            transport.distance(&Numeric::new(vec![5.0])),
            Some(8.0 / 3.0)
        );
        assert_eq!(transport.distance(&Numeric::new(vec![f64::NAN])), None);
    }

    #[test]
    fn far_outliers_leave_the_last_bits_of_the_published_figure() {
        let with_outlier = |n: u32, from: f64| {
            let values = (0..n).map(|value| f64::from(value) + from);
            Numeric::new(values.chain([1e12]).collect())
        };
        let reference = with_outlier(9_998, 0.0);
        let distance = Transport::from(&reference)
            .unwrap()
            .distance(&with_outlier(10_006, 0.5))
            .unwrap();
        // `scipy.stats.wasserstein_distance`, SciPy 1.17.1.
        let expected = 79_956.532_787_481_99;
        assert!((distance / expected - 1.0).abs() < 1e-12, "{distance}");
    }

    #[test]
    fn searching_finds_the_same_area_as_merging() {
        let mut state = 7_u64;
        let mut draw = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 20)
        };
        let mut values: Vec<f64> = (0..5000).map(|_| draw().powi(3) + 1e3).collect();
        values.extend([1e6, 1000.5, 1000.5, -3.0]);
        let reference = Numeric::new(values);
        let transport = Transport::from(&reference).unwrap().for_small_samples();
        for n in [1, 2, 7, 60, 150] {
            let mut cells: Vec<f64> = (0..n).map(|_| draw().powi(2) + 1e3).collect();
            cells.extend([1000.5, 1000.5]);
            let sample = Numeric::new(cells);
            let merged = area_by_merging(reference.sorted(), sample.sorted());
            let searched = transport.distance(&sample).unwrap();
            assert!(
                (merged / searched - 1.0).abs() < 1e-10,
                "{n}: {merged} {searched}"
            );
        }
    }
}
