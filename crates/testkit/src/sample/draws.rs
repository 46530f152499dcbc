//! Random numbers: one ChaCha stream for each client, so that what happens to one client never
//! depends on another, nor on how many there are.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers. Only raw 64-bit words are taken from the generator, so the numbers
/// do not change with the library's distributions.
#[derive(Clone, Debug)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Draws {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Draws(generator)
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in the open interval (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.word() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// A whole number from 0 to `count` - 1.
    pub fn below(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }

    /// A pair of independent standard normal numbers (Box and Muller 1958).
    pub fn normal_pair(&mut self) -> (f64, f64) {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        (radius * cosine, radius * sine)
    }

    /// The index of one of `weights`, which sum to 1.
    pub fn weighted(&mut self, weights: impl IntoIterator<Item = f64>) -> usize {
        let mut rest = self.uniform();
        let mut last = 0;
        for (index, weight) in weights.into_iter().enumerate() {
            if rest < weight {
                return index;
            }
            rest -= weight;
            last = index;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut draws = Draws::new(1, 2);
        let numbers: Vec<f64> = (0..2_000)
            .flat_map(|_| <[f64; 2]>::from(draws.normal_pair()))
            .collect();
        let mean = numbers.iter().sum::<f64>() / 4_000.0;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4_000.0;
        assert!(
            mean.abs() < 0.05 && (variance - 1.0).abs() < 0.07,
            "{mean} {variance}"
        );
    }

    #[test]
    fn streams_differ_and_repeat() {
        assert_eq!(Draws::new(1, 2).word(), Draws::new(1, 2).word());
        assert_ne!(Draws::new(1, 2).word(), Draws::new(1, 3).word());
        assert_ne!(Draws::new(1, 2).word(), Draws::new(2, 2).word());
    }
}
