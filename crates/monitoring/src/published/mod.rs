//! The figures of the established tools, each under the name of its definition.
//!
//! They are matched to 1e-9 on fixtures made with the tools themselves (`testdata/`). They inform, they
//! decide nothing: one outlier among 10,000 values blinds those on equal-width bins, and none sees
//! missing values.

mod evidently;
mod histogram;
mod nannyml;
mod transport;

pub use evidently::{Evidently, chi_squared_p_value};
pub use nannyml::{CategoryReference, NannyMl, NumericReference, chi_squared};
pub use transport::Transport;

/// `Σ a ln(a/m) + Σ b ln(b/m)` with `m` half the sum of both, after each side is scaled to sum to 1;
/// half of it is the Jensen-Shannon divergence in nats. scipy's `jensenshannon` does the same.
fn jensen_shannon(a: &[f64], b: &[f64]) -> f64 {
    use crate::summation::pairwise_sum;
    let (of_a, of_b) = (pairwise_sum(a), pairwise_sum(b));
    let relative_entropy = |scaled: &dyn Fn(usize) -> (f64, f64)| {
        let terms = (0..a.len()).map(|cell| {
            let (own, other) = scaled(cell);
            let middle = f64::midpoint(own, other);
            let ratio = own / middle;
            // As in scipy: near 1 the logarithm of the ratio would have lost digits.
            if own <= 0.0 {
                0.0
            } else if 0.5 < ratio && ratio < 2.0 {
                own * ((own - middle) / middle).ln_1p()
            } else {
                own * ratio.ln()
            }
        });
        pairwise_sum(&terms.collect::<Vec<_>>())
    };
    relative_entropy(&|cell| (a[cell] / of_a, b[cell] / of_b))
        + relative_entropy(&|cell| (b[cell] / of_b, a[cell] / of_a))
}
