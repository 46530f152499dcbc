//! The sums over columns in memory, on all processors.
//!
//! Rows are cut into chunks that do not depend on the number of threads, each chunk is summed in
//! one thread, and the chunks are added in order: the same bits on any machine. A chunk is a row of
//! blocks small enough for the first-level cache, in which every loop runs along a column and
//! compiles to vector instructions. `f64::mul_add` is avoided: without the target feature it is a
//! library call, 33 times slower.

use std::ops::Range;

use super::exponential::exp_of_negative;
use super::{Design, FitError, OnePassSums, Sums};

/// Rows of a block.
const BLOCK: usize = 256;
/// Rows of a chunk: the least that is worth a thread.
const CHUNK: usize = 64 * BLOCK;
/// Sums kept side by side, so that they need not wait for each other.
const LANES: usize = 8;
/// Columns that are multiplied with one at the same time.
pub(super) const ABREAST: usize = 4;

/// A design with its labels and, where they have some, weights of the rows, ready to be summed.
#[derive(Debug, Clone, Copy)]
pub struct RowPass<'a> {
    design: &'a Design,
    exited: &'a [bool],
    weights: Option<&'a [f64]>,
    threads: usize,
}

impl<'a> RowPass<'a> {
    /// Takes a design and a label for each of its rows; sums on all processors.
    ///
    /// # Errors
    /// Labels that are not as many as the rows.
    pub fn new(design: &'a Design, exited: &'a [bool]) -> Result<Self, FitError> {
        let (rows, labels) = (design.n_samples(), exited.len());
        if labels != rows {
            return Err(FitError::Labels { labels, rows });
        }
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        Ok(Self {
            design,
            exited,
            weights: None,
            threads,
        })
    }

    /// Weighs each row: one of weight 2 counts like two rows of weight 1.
    ///
    /// # Errors
    /// Weights that are not as many as the rows, not finite or not above 0.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, FitError> {
        let (rows, found) = (self.exited.len(), weights.len());
        if found != rows {
            return Err(FitError::Weights {
                weights: found,
                rows,
            });
        }
        let is_usable = |weight: f64| weight.is_finite() && weight > 0.0;
        if let Some(row) = weights.iter().position(|weight| !is_usable(*weight)) {
            return Err(FitError::Weight {
                row,
                weight: weights[row],
            });
        }
        Ok(Self {
            weights: Some(weights),
            ..self
        })
    }

    /// Sums on this many threads, at least one. The sums are the same bits.
    pub fn on_threads(self, threads: usize) -> Self {
        Self {
            threads: threads.max(1),
            ..self
        }
    }

    /// Sums a chunk of rows into sums that are zero.
    fn sum_chunk(&self, chunk: usize, intercept: f64, coefficients: &[f64], sums: &mut Sums) {
        let end = self.exited.len().min((chunk + 1) * CHUNK);
        let mut block = Block::new();
        for start in (chunk * CHUNK..end).step_by(BLOCK) {
            let rows = start..end.min(start + BLOCK);
            let columns = self.design.columns();
            block.predict(columns, rows.clone(), intercept, coefficients);
            block.compare(&self.exited[rows.clone()]);
            sums.log_loss += match self.weights {
                None => block.log_loss(rows.len()),
                Some(weights) => block.weigh(&weights[rows.clone()]),
            };
            block.add_derivatives(columns, rows, sums);
        }
    }
}

impl OnePassSums for RowPass<'_> {
    fn n_samples(&self) -> usize {
        self.exited.len()
    }

    fn total_weight(&self) -> f64 {
        self.weights
            .map_or(self.exited.len() as f64, |weights| weights.iter().sum())
    }

    fn n_columns(&self) -> usize {
        self.design.n_columns()
    }

    fn sums(&self, intercept: f64, coefficients: &[f64]) -> Sums {
        let n_chunks = self.exited.len().div_ceil(CHUNK);
        let mut chunks = vec![Sums::zero(self.n_columns()); n_chunks];
        let per_thread = n_chunks.div_ceil(self.threads);
        let sum_part = |first: usize, part: &mut [Sums]| {
            for (offset, sums) in part.iter_mut().enumerate() {
                self.sum_chunk(first + offset, intercept, coefficients, sums);
            }
        };
        std::thread::scope(|scope| {
            let mut parts = chunks.chunks_mut(per_thread).enumerate();
            let own = parts.next();
            for (i, part) in parts {
                scope.spawn(move || sum_part(i * per_thread, part));
            }
            if let Some((_, part)) = own {
                sum_part(0, part);
            }
        });
        let mut total = Sums::zero(self.n_columns());
        for sums in &chunks {
            total.add(sums);
        }
        mirror(&mut total.hessian, self.n_columns() + 1);
        total
    }
}

/// What is computed of the rows of one block.
struct Block {
    /// Log-odds of exit.
    log_odds: [f64; BLOCK],
    /// `v (p - y)`, for the weight `v` of the row.
    residuals: [f64; BLOCK],
    /// `v p (1 - p)`.
    weights: [f64; BLOCK],
    /// `max(0, -t)` of the loss.
    costs: [f64; BLOCK],
    /// A column times the weights; before that, the factors `1 + exp(-|t|)` of the loss.
    scratch: [f64; BLOCK],
}

impl Block {
    fn new() -> Self {
        let zeros = [0.0; BLOCK];
        Self {
            log_odds: zeros,
            residuals: zeros,
            weights: zeros,
            costs: zeros,
            scratch: zeros,
        }
    }

    fn predict(&mut self, columns: &[Vec<f64>], rows: Range<usize>, intercept: f64, by: &[f64]) {
        let log_odds = &mut self.log_odds[..rows.len()];
        log_odds.fill(intercept);
        for (column, coefficient) in columns.iter().zip(by) {
            for (log_odds, x) in log_odds.iter_mut().zip(&column[rows.clone()]) {
                *log_odds += coefficient * x;
            }
        }
    }

    /// Computes residuals, weights and the parts of the loss, for rows that all count alike.
    ///
    /// With `t` the log-odds of what happened, the loss is `log(1 + exp(-t))`, written as
    /// `max(0, -t) + log(1 + exp(-|t|))`.
    fn compare(&mut self, exited: &[bool]) {
        for (i, &exited) in exited.iter().enumerate() {
            let sign = if exited { 1.0 } else { -1.0 };
            let t = sign * self.log_odds[i];
            let less_likely = exp_of_negative(-t.abs());
            let factor = 1.0 + less_likely;
            let more = 1.0 / factor;
            let less = less_likely * more;
            // The probability of what did not happen: never 1 minus something close to 1.
            self.residuals[i] = -sign * if t >= 0.0 { less } else { more };
            self.weights[i] = less * more;
            self.scratch[i] = factor;
            // max(0, -t), but NaN stays NaN.
            self.costs[i] = 0.5 * (t.abs() - t);
        }
    }

    /// The log-loss of rows that all count alike: their logarithms are taken at once, of the product
    /// of factors between 1 and 2.
    fn log_loss(&self, n_rows: usize) -> f64 {
        let factors = &self.scratch[..n_rows];
        let product = fold_lanes(factors, 1.0, |product, factor| product * factor);
        let cost = fold_lanes(&self.costs[..n_rows], 0.0, |sum, cost| sum + cost);
        cost + product.ln()
    }

    /// Weighs the rows, and gives their weighted log-loss.
    fn weigh(&mut self, by: &[f64]) -> f64 {
        for (i, weight) in by.iter().enumerate() {
            self.residuals[i] *= weight;
            self.weights[i] *= weight;
            self.costs[i] = weight * (self.costs[i] + self.scratch[i].ln());
        }
        fold_lanes(&self.costs[..by.len()], 0.0, |sum, cost| sum + cost)
    }

    /// Adds gradient and lower triangle of the Hessian.
    fn add_derivatives(&mut self, columns: &[Vec<f64>], rows: Range<usize>, sums: &mut Sums) {
        let parameters = columns.len() + 1;
        let residuals = &self.residuals[..rows.len()];
        let weights = &self.weights[..rows.len()];
        let weighted = &mut self.scratch[..rows.len()];
        let total = |values: &[f64]| fold_lanes(values, 0.0, |sum, value| sum + value);
        sums.gradient[0] += total(residuals);
        sums.hessian[0] += total(weights);
        for (j, column) in columns.iter().enumerate() {
            let column = &column[rows.clone()];
            sums.gradient[j + 1] += dot(residuals, column);
            for ((weighted, weight), x) in weighted.iter_mut().zip(weights).zip(column) {
                *weighted = weight * x;
            }
            let hessian = &mut sums.hessian[(j + 1) * parameters..];
            hessian[0] += total(weighted);
            let (entries, last_entries) = hessian[1..j + 2].as_chunks_mut::<ABREAST>();
            let (others, last_others) = columns[..=j].as_chunks::<ABREAST>();
            for (entries, others) in entries.iter_mut().zip(others) {
                let others = others.each_ref().map(|other| &other[rows.clone()]);
                for (entry, sum) in entries.iter_mut().zip(dots(weighted, others)) {
                    *entry += sum;
                }
            }
            for (entry, other) in last_entries.iter_mut().zip(last_others) {
                *entry += dot(weighted, &other[rows.clone()]);
            }
        }
    }
}

/// Sum of products.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Sums of products of one column with several, which is read once for all of them.
pub(super) fn dots(a: &[f64], others: [&[f64]; ABREAST]) -> [f64; ABREAST] {
    const LANES: usize = 4;
    let (blocks, rest) = a.as_chunks::<LANES>();
    let whole = |place: usize| &others[place].as_chunks::<LANES>().0[..blocks.len()];
    // Not in loops over arrays or iterators: those are not made into vector instructions here.
    let (first, second, third, fourth) = (whole(0), whole(1), whole(2), whole(3));
    let mut lanes = [[0.0; LANES]; ABREAST];
    for (block, a) in blocks.iter().enumerate() {
        add_products(&mut lanes[0], a, &first[block]);
        add_products(&mut lanes[1], a, &second[block]);
        add_products(&mut lanes[2], a, &third[block]);
        add_products(&mut lanes[3], a, &fourth[block]);
    }
    let mut sums = [0.0; ABREAST];
    for (place, sum) in sums.iter_mut().enumerate() {
        let others = &others[place][a.len() - rest.len()..a.len()];
        *sum = sum_of(&lanes[place]);
        for (a, other) in rest.iter().zip(others) {
            *sum += a * other;
        }
    }
    sums
}

/// Not inlined: with the sum in view, the lanes of several columns would be shuffled into one register at
/// every step for the sake of one addition at the end.
#[inline(never)]
fn sum_of(lanes: &[f64]) -> f64 {
    lanes.iter().sum()
}

#[inline(always)]
fn add_products<const LANES: usize>(lanes: &mut [f64; LANES], a: &[f64; LANES], b: &[f64; LANES]) {
    for lane in 0..LANES {
        lanes[lane] += a[lane] * b[lane];
    }
}

/// Folds values with an operation whose order does not matter but for rounding.
#[inline(always)]
fn fold_lanes(values: &[f64], neutral: f64, fold: impl Fn(f64, f64) -> f64) -> f64 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [neutral; LANES];
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] = fold(lanes[lane], block[lane]);
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(neutral, |folded, &value| fold(folded, value))
}

/// Copies the lower triangle of a square to the upper.
fn mirror(square: &mut [f64], side: usize) {
    for row in 0..side {
        for column in 0..row {
            square[column * side + row] = square[row * side + column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::drawn;
    use super::*;

    /// The sums by their definitions, row by row.
    fn plain_sums(columns: &[Vec<f64>], exited: &[bool], intercept: f64, by: &[f64]) -> Sums {
        let mut sums = Sums::zero(columns.len());
        for (row, &exited) in exited.iter().enumerate() {
            let x: Vec<f64> = std::iter::once(1.0)
                .chain(columns.iter().map(|c| c[row]))
                .collect();
            let z = intercept + by.iter().zip(&x[1..]).map(|(w, x)| w * x).sum::<f64>();
            let p = 1.0 / (1.0 + (-z).exp());
            sums.log_loss -= if exited { p.ln() } else { (1.0 - p).ln() };
            for i in 0..x.len() {
                sums.gradient[i] += (p - f64::from(u8::from(exited))) * x[i];
                for j in 0..x.len() {
                    sums.hessian[i * x.len() + j] += p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        sums
    }

    fn assert_close(sums: &[f64], expected: &[f64], error: f64) {
        assert_eq!(sums.len(), expected.len());
        for (sum, expected) in sums.iter().zip(expected) {
            assert!(
                (sum - expected).abs() <= error,
                "{sum} instead of {expected}"
            );
        }
    }

    #[test]
    fn the_sums_follow_their_definitions_at_any_number_of_rows() {
        for rows in [1, 7, 8, 255, 256, 257, 1000, CHUNK + 3] {
            let (columns, exited) = drawn(rows + 1, 3, 0.4);
            let design = Design::new(columns.clone()).unwrap();
            let sums = RowPass::new(&design, &exited)
                .unwrap()
                .sums(-0.3, &[0.5, -1.0, 2.0]);
            let expected = plain_sums(&columns, &exited, -0.3, &[0.5, -1.0, 2.0]);
            let error = 1e-13 * rows as f64;
            assert!((sums.log_loss - expected.log_loss).abs() <= error);
            assert_close(&sums.gradient, &expected.gradient, error);
            assert_close(&sums.hessian, &expected.hessian, error);
        }
    }

    #[test]
    fn derivatives_are_those_of_finite_differences() {
        let (columns, exited) = drawn(300, 2, -0.5);
        let design = Design::new(columns).unwrap();
        let pass = RowPass::new(&design, &exited).unwrap();
        let at = [0.2, -0.4, 0.7];
        let sums = pass.sums(at[0], &at[1..]);
        let step = 1e-5;
        for i in 0..3 {
            let moved = |by: f64| {
                let mut to = at;
                to[i] += by;
                pass.sums(to[0], &to[1..])
            };
            let (down, up) = (moved(-step), moved(step));
            let slope = (up.log_loss - down.log_loss) / (2.0 * step);
            assert!((slope - sums.gradient[i]).abs() < 1e-6);
            for j in 0..3 {
                let curvature = (up.gradient[j] - down.gradient[j]) / (2.0 * step);
                assert!((curvature - sums.hessian[3 * i + j]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let (columns, exited) = drawn(5 * CHUNK + 777, 2, -1.0);
        let design = Design::new(columns).unwrap();
        let pass = RowPass::new(&design, &exited).unwrap();
        let sums = pass.on_threads(1).sums(0.1, &[0.2, -0.3]);
        for threads in [0, 2, 3, 7, 100] {
            assert_eq!(pass.on_threads(threads).sums(0.1, &[0.2, -0.3]), sums);
        }
    }

    #[test]
    fn extreme_log_odds_give_finite_and_exact_losses() {
        let design = Design::new(vec![vec![1.0, -1.0]]).unwrap();
        let sums =
            |exited: &[bool], by: f64| RowPass::new(&design, exited).unwrap().sums(0.0, &[by]);
        let wrong = sums(&[false, true], 800.0);
        assert_eq!(wrong.log_loss, 1600.0);
        assert_eq!(wrong.gradient, [0.0, 2.0]);
        let right = sums(&[true, false], 800.0);
        assert_eq!(right.log_loss, 0.0);
        assert!(right.gradient[1] < 0.0 && right.gradient[1] > -1e-300);
        // 1 - p loses all digits here, the residual none.
        let near = sums(&[true, false], 40.0);
        assert!((near.gradient[1] / (-2.0 * (-40.0_f64).exp()) - 1.0).abs() < 1e-14);
        assert!(sums(&[true, false], f64::INFINITY).log_loss.is_nan());
        assert!(sums(&[true, false], f64::NAN).log_loss.is_nan());
    }

    #[test]
    fn a_row_of_weight_two_counts_like_two_rows() {
        let (columns, exited) = drawn(CHUNK + 300, 2, -0.5);
        let weights: Vec<f64> = (0..exited.len()).map(|row| [1.0, 2.0][row % 2]).collect();
        let order: Vec<usize> = (0..exited.len())
            .flat_map(|row| vec![row; 1 + row % 2])
            .collect();
        let pick = |column: &Vec<f64>| order.iter().map(|row| column[*row]).collect();
        let repeated = Design::new(columns.iter().map(pick).collect()).unwrap();
        let labels: Vec<bool> = order.iter().map(|row| exited[*row]).collect();
        let design = Design::new(columns).unwrap();
        let pass = RowPass::new(&design, &exited).unwrap();
        let weighted = pass.weighted(&weights).unwrap();
        let expected = RowPass::new(&repeated, &labels).unwrap();
        assert_eq!(weighted.total_weight(), expected.total_weight());
        let error = 1e-13 * labels.len() as f64;
        let (found, expected) = (
            weighted.sums(0.2, &[-0.4, 0.7]),
            expected.sums(0.2, &[-0.4, 0.7]),
        );
        assert!((found.log_loss - expected.log_loss).abs() <= error);
        assert_close(&found.gradient, &expected.gradient, error);
        assert_close(&found.hessian, &expected.hessian, error);
        let bits = weighted.on_threads(1).sums(0.2, &[-0.4, 0.7]);
        assert_eq!(weighted.on_threads(7).sums(0.2, &[-0.4, 0.7]), bits);
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        let design = Design::new(vec![vec![1.0, -1.0]]).unwrap();
        let pass = RowPass::new(&design, &[true, false]).unwrap();
        let few = pass.weighted(&[1.0]).unwrap_err();
        assert_eq!(few.to_string(), "1 weights do not belong to 2 rows");
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = pass.weighted(&[1.0, weight]).unwrap_err().to_string();
            assert!(message.starts_with("row 1 has the weight"), "{message}");
        }
    }

    #[test]
    fn labels_that_do_not_belong_to_the_rows_are_refused() {
        let design = Design::new(vec![vec![1.0, -1.0]]).unwrap();
        let error = RowPass::new(&design, &[true]).unwrap_err();
        assert_eq!(error, FitError::Labels { labels: 1, rows: 2 });
    }
}
