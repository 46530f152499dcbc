//! One life of a list: a model is fitted, a list made, its band stated, and its clients leave or stay.

use contacts::{Information, expected_leavers};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Features of the world; their effects are `1, -0.8, 0.6, -0.4, 0.2, 0, 0, 0`.
const FEATURES: usize = 8;

/// The size of a life.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// Training samples.
    pub samples: usize,
    /// Clients of the book.
    pub book: usize,
    /// Names on the list.
    pub names: usize,
    /// The log-odds of leaving of the typical client.
    pub constant: f64,
}

/// The share of lives whose band holds the number of leavers, and the mean of that number.
pub fn share_held(life: Life, lives: u64) -> (f64, f64) {
    let outcomes: Vec<(bool, u64)> = (0..lives).map(|seed| life_of(seed, life)).collect();
    let held = outcomes.iter().filter(|(held, _)| *held).count() as f64;
    let leavers = outcomes.iter().map(|(_, n)| *n as f64).sum::<f64>();
    (held / lives as f64, leavers / lives as f64)
}

/// One life: whether the band held the number of leavers, and that number.
fn life_of(seed: u64, life: Life) -> (bool, u64) {
    let Life {
        samples,
        book,
        names,
        constant,
    } = life;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let draw = |random: &mut ChaCha8Rng, n: usize| -> Vec<[f64; FEATURES]> {
        (0..n)
            .map(|_| std::array::from_fn(|_| normal(random)))
            .collect()
    };
    let training = draw(&mut random, samples);
    let left: Vec<bool> = (training.iter())
        .map(|x| random.random::<f64>() < truth(x, constant))
        .collect();
    let fitted = fit(&training, &left);
    let risk = |x: &[f64; FEATURES]| sigmoid(fitted[0] + parts(&fitted, x).iter().sum::<f64>());
    let mut information = Information::new(FEATURES);
    for x in &training {
        information.add(&parts(&fitted, x), risk(x));
    }
    let book = draw(&mut random, book);
    let mut ranked: Vec<(f64, usize)> = (book.iter().enumerate())
        .map(|(client, x)| (risk(x) * (0.7 * normal(&mut random)).exp(), client))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.truncate(names);
    let listed: Vec<&[f64; FEATURES]> = ranked.iter().map(|(_, client)| &book[*client]).collect();
    let risks: Vec<f64> = listed.iter().map(|x| risk(x)).collect();
    let contributions: Vec<Vec<f64>> = listed.iter().map(|x| parts(&fitted, x)).collect();
    let slopes: Vec<f64> = risks.iter().map(|risk| risk * (1.0 - risk)).collect();
    let stated = expected_leavers(&risks, &slopes, &contributions, &information);
    let number = (listed.iter())
        .filter(|x| random.random::<f64>() < truth(x, constant))
        .count() as u64;
    ((stated.low..=stated.high).contains(&number), number)
}

fn truth(x: &[f64; FEATURES], constant: f64) -> f64 {
    let effects = [1.0, -0.8, 0.6, -0.4, 0.2, 0.0, 0.0, 0.0];
    sigmoid(
        constant
            + x.iter()
                .zip(effects)
                .map(|(x, effect)| x * effect)
                .sum::<f64>(),
    )
}

fn parts(fitted: &[f64], x: &[f64; FEATURES]) -> Vec<f64> {
    x.iter()
        .zip(&fitted[1..])
        .map(|(x, weight)| x * weight)
        .collect()
}

/// Newton's method for logistic regression with a ridge penalty of 1 on all but the constant.
fn fit(rows: &[[f64; FEATURES]], left: &[bool]) -> Vec<f64> {
    let size = FEATURES + 1;
    let mut weights = vec![0.0; size];
    for _ in 0..12 {
        let mut hessian = vec![vec![0.0; size + 1]; size];
        for (i, row) in hessian.iter_mut().enumerate().skip(1) {
            row[i] = 1.0;
            row[size] = -weights[i];
        }
        for (x, left) in rows.iter().zip(left) {
            let p = sigmoid(weights[0] + parts(&weights, x).iter().sum::<f64>());
            let design: Vec<f64> = std::iter::once(1.0).chain(x.iter().copied()).collect();
            for i in 0..size {
                for j in 0..size {
                    hessian[i][j] += p * (1.0 - p) * design[i] * design[j];
                }
                hessian[i][size] += (f64::from(*left) - p) * design[i];
            }
        }
        for (weight, step) in weights.iter_mut().zip(solve(hessian)) {
            *weight += step;
        }
    }
    weights
}

/// Gaussian elimination of a positive definite system, the right side in the last column.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let size = rows.len();
    for pivot in 0..size {
        for other in 0..size {
            if other == pivot {
                continue;
            }
            let factor = rows[other][pivot] / rows[pivot][pivot];
            let subtracted = rows[pivot].clone();
            for (cell, pivot) in rows[other].iter_mut().zip(subtracted) {
                *cell -= factor * pivot;
            }
        }
    }
    (0..size).map(|i| rows[i][size] / rows[i][i]).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (a, b): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
