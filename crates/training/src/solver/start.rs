//! A start near the optimum: linfa-logistic's fit, of a sample where there are many rows.

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::Design;

/// Most rows that linfa is given: it takes ten times as long a row as a Newton pass, and memory for
/// some vectors of the length of the rows.
const MAX_ROWS: usize = 100_000;
/// Seed of the sample. It does not show in the fit, which is the optimum over all rows.
const SEED: u64 = 0;

/// Where the Newton steps started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At linfa's fit.
    Linfa {
        /// Rows it was fitted to.
        n_samples: usize,
    },
    /// At zeros, because linfa's fit was of no use.
    Zeros {
        /// Why.
        reason: String,
    },
}

/// linfa's fit, oriented so that it predicts exit.
pub(super) struct Fitted {
    /// The parameters, intercept first.
    pub parameters: Vec<f64>,
    /// Number of rows they were fitted to.
    pub n_samples: usize,
}

/// Fits with linfa; or says why that is of no use.
pub(super) fn linfa(design: &Design, exited: &[bool], l2: f64) -> Result<Fitted, String> {
    let rows = sample(exited, MAX_ROWS);
    // The penalty weighs as much against a sample as it does against all rows.
    let alpha = l2 * rows.len() as f64 / exited.len() as f64;
    let parameters = linfa_of_rows(design, exited, alpha, &rows)?;
    Ok(Fitted {
        parameters,
        n_samples: rows.len(),
    })
}

/// Fits weighted rows with linfa, which knows no weights: a row is taken as often as its weight says.
pub(super) fn linfa_weighted(
    design: &Design,
    exited: &[bool],
    weights: &[f64],
    l2: f64,
) -> Result<Fitted, String> {
    let rows = repeated(weights, MAX_ROWS);
    let alpha = l2 * rows.len() as f64 / weights.iter().sum::<f64>();
    let parameters = linfa_of_rows(design, exited, alpha, &rows)?;
    Ok(Fitted {
        parameters,
        n_samples: rows.len(),
    })
}

/// The parameters over some of the rows under a penalty, intercept first.
fn linfa_of_rows(
    design: &Design,
    exited: &[bool],
    alpha: f64,
    rows: &[usize],
) -> Result<Vec<f64>, String> {
    // Row after row: linfa is nearly twice as slow on columns one after the other.
    let mut values = Vec::with_capacity(rows.len() * design.n_columns());
    for &row in rows {
        values.extend(design.columns().iter().map(|column| column[row]));
    }
    let shape = (rows.len(), design.n_columns());
    let records = Array2::from_shape_vec(shape, values).map_err(|error| error.to_string())?;
    let targets: Array1<bool> = rows.iter().map(|&row| exited[row]).collect();
    let fitted = LogisticRegression::default()
        .alpha(alpha)
        .fit(&Dataset::new(records, targets))
        .map_err(|error| error.to_string())?;
    // linfa predicts the majority, on a tie the class seen first.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let parameters: Vec<f64> = std::iter::once(fitted.intercept())
        .chain(fitted.params().iter().copied())
        .map(|parameter| sign * parameter)
        .collect();
    if parameters.iter().all(|parameter| parameter.is_finite()) {
        Ok(parameters)
    } else {
        Err("linfa's parameters are not finite".to_owned())
    }
}

/// All rows, or where they are more than `size`, a seeded sample of them, in order, with the shares
/// of both classes kept and at least one row of each.
fn sample(exited: &[bool], size: usize) -> Vec<usize> {
    if exited.len() <= size {
        return (0..exited.len()).collect();
    }
    let (left, stayed): (Vec<usize>, Vec<usize>) = (0..exited.len()).partition(|&row| exited[row]);
    let share = left.len() as f64 / exited.len() as f64;
    let n_left = ((size as f64 * share).round() as usize).clamp(1, size - 1);
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut draw = |class: &[usize], n: usize| -> Vec<usize> {
        let drawn = index::sample(&mut rng, class.len(), n.min(class.len()));
        drawn.iter().map(|i| class[i]).collect()
    };
    let mut rows = draw(&left, n_left);
    rows.extend(draw(&stayed, size - n_left));
    rows.sort_unstable();
    rows
}

/// As many rows as there are weights, at most `size`, each taken in proportion to its weight: one for
/// each equal part of the sum of weights, the row in which the middle of the part falls.
fn repeated(weights: &[f64], size: usize) -> Vec<usize> {
    let n = weights.len().min(size);
    let part = weights.iter().sum::<f64>() / n as f64;
    let (mut rows, mut reached) = (Vec::with_capacity(n), 0.0);
    for (row, weight) in weights.iter().enumerate() {
        reached += weight;
        while rows.len() < n && (rows.len() as f64 + 0.5) * part <= reached {
            rows.push(row);
        }
    }
    rows
}

/// What linfa-logistic 0.8.1 does that this file has to know of. A test that fails after an update
/// says that a precaution can go, or that another is needed.
#[cfg(test)]
mod tests {
    use linfa::prelude::Predict;
    use linfa_logistic::FittedLogisticRegression;
    use ndarray::{ShapeBuilder, array};

    use super::super::tests::drawn;
    use super::super::{OnePassSums, RowPass, fit, fit_weighted};
    use super::*;

    fn records(columns: &[Vec<f64>]) -> Array2<f64> {
        let shape = (columns[0].len(), columns.len());
        Array2::from_shape_vec(shape.f(), columns.concat()).unwrap()
    }

    fn linfa_fit(
        columns: &[Vec<f64>],
        exited: &[bool],
        max_iterations: u64,
    ) -> FittedLogisticRegression<f64, bool> {
        let targets = Array1::from(exited.to_vec());
        let model = LogisticRegression::default().max_iterations(max_iterations);
        model.fit(&Dataset::new(records(columns), targets)).unwrap()
    }

    /// Norm of the gradient of the objective with `l2` 1.
    fn gradient_norm(columns: &[Vec<f64>], exited: &[bool], parameters: &[f64]) -> f64 {
        let design = Design::new(columns.to_vec()).unwrap();
        let sums = RowPass::new(&design, exited)
            .unwrap()
            .sums(parameters[0], &parameters[1..]);
        let penalty = std::iter::once(0.0).chain(parameters[1..].iter().copied());
        let gradient = sums
            .gradient
            .iter()
            .zip(penalty)
            .map(|(gradient, own)| gradient + own);
        gradient
            .map(|gradient| gradient * gradient)
            .sum::<f64>()
            .sqrt()
    }

    #[test]
    fn the_start_predicts_exit_whichever_class_is_the_majority() {
        for intercept in [-2.0, 2.0] {
            let (columns, exited) = drawn(400, 2, intercept);
            let majority = intercept > 0.0;
            assert_eq!(
                linfa_fit(&columns, &exited, 100).labels().pos.class,
                majority
            );
            let design = Design::new(columns).unwrap();
            let start = linfa(&design, &exited, 1.0).unwrap().parameters;
            assert_eq!(start[0] > 0.0, majority);
            assert!(start[1] > 0.0 && start[2] > 0.0, "{start:?}");
        }
    }

    #[test]
    fn on_a_tie_the_start_predicts_exit_whichever_class_comes_first() {
        let columns = [vec![-1.0, 1.0, -0.5, 2.0, 1.5, -2.0]];
        let exited = [false, true, true, false, true, false];
        let turned = [vec![1.0, -1.0, 2.0, -0.5, -2.0, 1.5]];
        let labels = [true, false, false, true, false, true];
        assert!(!linfa_fit(&columns, &exited, 100).labels().pos.class);
        assert!(linfa_fit(&turned, &labels, 100).labels().pos.class);
        let start = |columns: &[Vec<f64>], exited: &[bool]| {
            linfa(&Design::new(columns.to_vec()).unwrap(), exited, 1.0)
                .unwrap()
                .parameters
        };
        let (first, second) = (start(&columns, &exited), start(&turned, &labels));
        assert!(first[1] > 0.0 && (first[1] - second[1]).abs() < 1e-4);
        assert!((first[0] - second[0]).abs() < 1e-4);
    }

    #[test]
    fn the_start_is_near_the_optimum() {
        let (columns, exited) = drawn(500, 3, -1.0);
        let design = Design::new(columns).unwrap();
        let start = linfa(&design, &exited, 1.0).unwrap();
        let optimum = fit(&design, &exited, 1.0).unwrap();
        assert_eq!(start.n_samples, 500);
        assert!((start.parameters[0] - optimum.intercept).abs() < 1e-4);
        for (start, optimum) in start.parameters[1..].iter().zip(&optimum.coefficients) {
            assert!((start - optimum).abs() < 1e-4);
        }
    }

    #[test]
    fn linfa_reports_no_failure_to_converge_and_the_gradient_does() {
        let (columns, exited) = drawn(400, 3, -1.5);
        let bound = 1e-10 * 400.0;
        let stopped = linfa_fit(&columns, &exited, 1);
        let sign = if stopped.labels().pos.class {
            1.0
        } else {
            -1.0
        };
        let mut parameters = vec![sign * stopped.intercept()];
        parameters.extend(stopped.params().iter().map(|w| sign * w));
        assert!(gradient_norm(&columns, &exited, &parameters) > 1e6 * bound);

        // Even with all iterations its optimum is none by our measure: Newton steps are needed.
        let start = linfa(&Design::new(columns.clone()).unwrap(), &exited, 1.0).unwrap();
        assert!(gradient_norm(&columns, &exited, &start.parameters) > bound);
        let fitted = fit(&Design::new(columns.clone()).unwrap(), &exited, 1.0).unwrap();
        let optimum = [&[fitted.intercept][..], &fitted.coefficients].concat();
        assert!(gradient_norm(&columns, &exited, &optimum) <= bound);
    }

    #[test]
    fn linfa_does_not_standardise() {
        let (columns, exited) = drawn(300, 1, -0.5);
        let small: Vec<Vec<f64>> = vec![columns[0].iter().map(|x| x / 100.0).collect()];
        let coefficient = linfa_fit(&columns, &exited, 100).params()[0];
        let of_small = linfa_fit(&small, &exited, 100).params()[0] / 100.0;
        // The same fit but for the scale, were it standardised.
        assert!(of_small.abs() < 0.1 * coefficient.abs());
    }

    #[test]
    fn features_of_1e9_give_linfa_a_wrong_fit_without_an_error() {
        let (columns, exited) = drawn(300, 1, -0.5);
        let large: Vec<Vec<f64>> = vec![columns[0].iter().map(|x| x * 1e9).collect()];
        let coefficient = linfa_fit(&columns, &exited, 100).params()[0];
        let of_large = linfa_fit(&large, &exited, 100).params()[0] * 1e9;
        assert!(
            (of_large / coefficient - 1.0).abs() > 0.01,
            "{of_large} {coefficient}"
        );
    }

    #[test]
    fn linfa_predicts_a_class_for_nan_so_it_never_predicts_for_us() {
        let (columns, exited) = drawn(100, 1, 0.0);
        let classes = linfa_fit(&columns, &exited, 100).predict(&array![[f64::NAN]]);
        assert_eq!(classes.len(), 1);
        assert!(Design::new(vec![vec![f64::NAN]]).is_err());
    }

    #[test]
    #[should_panic]
    fn linfa_panics_on_a_wrong_number_of_columns_so_it_never_predicts_for_us() {
        let (columns, exited) = drawn(100, 2, 0.0);
        linfa_fit(&columns, &exited, 100).predict_probabilities(&array![[1.0]]);
    }

    #[test]
    fn one_class_is_said_and_not_a_panic() {
        let design = Design::new(vec![vec![1.0, 2.0]]).unwrap();
        let reason = linfa(&design, &[true, true], 1.0).err();
        assert!(reason.is_some_and(|reason| reason.contains("two classes")));
    }

    #[test]
    fn a_sample_keeps_the_shares_of_the_classes() {
        let exited: Vec<bool> = (0..1000).map(|row| row % 10 == 0).collect();
        let rows = sample(&exited, 100);
        assert_eq!(rows.len(), 100);
        assert_eq!(rows.iter().filter(|&&row| exited[row]).count(), 10);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(sample(&exited, 100), rows);
        assert_eq!(sample(&exited, 1000).len(), 1000);
    }

    #[test]
    fn a_sample_has_both_classes_however_rare_one_is() {
        for rare in [true, false] {
            let exited: Vec<bool> = (0..1000).map(|row| (row == 7) == rare).collect();
            let rows = sample(&exited, 50);
            assert_eq!(rows.len(), 50);
            assert!(rows.contains(&7));
        }
    }

    #[test]
    fn rows_are_repeated_in_proportion_to_their_weights() {
        assert_eq!(repeated(&[1.0; 4], 10), [0, 1, 2, 3]);
        assert_eq!(repeated(&[1.0, 7.0, 1.0, 7.0], 10), [1, 1, 3, 3]);
        assert_eq!(repeated(&[0.5; 8], 4), [0, 2, 4, 6]);
        let rows = repeated(&[1e-9, 1.0, 1e-9], 10);
        assert_eq!(rows, [1, 1, 1]);
    }

    #[test]
    fn a_weighted_start_is_near_the_weighted_optimum() {
        let (columns, exited) = drawn(2000, 2, -1.0);
        let design = Design::new(columns).unwrap();
        let weights: Vec<f64> = (0..2000)
            .map(|row| 0.5_f64.powf(row as f64 / 500.0))
            .collect();
        let start = linfa_weighted(&design, &exited, &weights, 1.0).unwrap();
        let optimum = fit_weighted(&design, &exited, &weights, 1.0).unwrap();
        for (start, optimum) in start.parameters[1..].iter().zip(&optimum.coefficients) {
            assert!((start - optimum).abs() < 0.15, "{start} {optimum}");
        }
    }

    #[test]
    fn a_start_from_a_sample_is_near_the_optimum_over_all_rows() {
        let (columns, exited) = drawn(4000, 2, -1.0);
        let design = Design::new(columns).unwrap();
        let rows = sample(&exited, 1000);
        let start = linfa_of_rows(&design, &exited, 10.0, &rows).unwrap();
        let optimum = fit(&design, &exited, 40.0).unwrap();
        for (start, optimum) in start[1..].iter().zip(&optimum.coefficients) {
            assert!((start - optimum).abs() < 0.2, "{start} {optimum}");
        }
    }
}
