//! Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
//!
//! Slow for large matrices and accurate for all; the matrices here have a row for each feature.

/// Eigenvalues in descending order with their eigenvectors, all of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// The eigenvalues.
    pub values: Vec<f64>,
    /// An eigenvector for each.
    pub vectors: Vec<Vec<f64>>,
}

const MOST_SWEEPS: usize = 100;

/// Decomposes a symmetric matrix, given as rows. (Golub and Van Loan, Matrix Computations, 8.5.)
#[must_use]
pub fn symmetric(mut matrix: Vec<Vec<f64>>) -> Eigen {
    let n = matrix.len();
    // Row k is the k-th eigenvector in the end.
    let mut vectors: Vec<Vec<f64>> = (0..n)
        .map(|row| {
            (0..n)
                .map(|column| f64::from(u8::from(row == column)))
                .collect()
        })
        .collect();
    for _ in 0..MOST_SWEEPS {
        if !sweep(&mut matrix, &mut vectors) {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| matrix[*b][*b].total_cmp(&matrix[*a][*a]));
    Eigen {
        values: order.iter().map(|k| matrix[*k][*k]).collect(),
        vectors: order.iter().map(|k| vectors[*k].clone()).collect(),
    }
}

/// Rotates every element off the diagonal to zero once; false when none was worth it.
fn sweep(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>]) -> bool {
    let n = matrix.len();
    let mut rotated = false;
    for p in 0..n {
        for q in p + 1..n {
            let scale = (matrix[p][p] * matrix[q][q]).abs().sqrt();
            let off = matrix[p][q];
            if off == 0.0 || off.abs() <= f64::EPSILON * 0.01 * scale {
                continue;
            }
            rotated = true;
            rotate(matrix, vectors, p, q);
        }
    }
    rotated
}

fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    let ratio = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let sign = if ratio < 0.0 { -1.0 } else { 1.0 };
    let tangent = sign / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for row in matrix.iter_mut() {
        (row[p], row[q]) = (
            cosine * row[p] - sine * row[q],
            sine * row[p] + cosine * row[q],
        );
    }
    rotate_rows(matrix, p, q, cosine, sine);
    rotate_rows(vectors, p, q, cosine, sine);
    // What rounding leaves would keep the sweeps going.
    matrix[p][q] = 0.0;
    matrix[q][p] = 0.0;
}

fn rotate_rows(rows: &mut [Vec<f64>], p: usize, q: usize, cosine: f64, sine: f64) {
    let (before, after) = rows.split_at_mut(q);
    for (a, b) in before[p].iter_mut().zip(&mut after[0]) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_values_give_the_matrix_back() {
        let n = 12;
        let cell =
            |i: usize, j: usize| ((i * j) as f64 * 0.7).sin() + if i == j { 3.0 } else { 0.0 };
        let matrix: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| cell(i, j)).collect())
            .collect();
        let eigen = symmetric(matrix.clone());
        assert!(eigen.values.windows(2).all(|pair| pair[0] >= pair[1]));
        for (i, row) in matrix.iter().enumerate() {
            for (j, cell) in row.iter().enumerate() {
                let parts = eigen.values.iter().zip(&eigen.vectors);
                let back: f64 = parts
                    .map(|(value, vector)| value * vector[i] * vector[j])
                    .sum();
                assert!((back - cell).abs() < 1e-12, "{i} {j}");
                let pair = eigen.vectors[i].iter().zip(&eigen.vectors[j]);
                let product: f64 = pair.map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn a_matrix_of_rank_one_and_an_empty_one_end_too() {
        let eigen = symmetric(vec![vec![1.0; 3]; 3]);
        assert!((eigen.values[0] - 3.0).abs() < 1e-14 && eigen.values[2].abs() < 1e-14);
        assert!(symmetric(Vec::new()).values.is_empty());
        assert_eq!(symmetric(vec![vec![0.0; 2]; 2]).values, [0.0, 0.0]);
    }
}
