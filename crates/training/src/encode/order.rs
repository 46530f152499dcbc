//! Quantiles of ascending numbers.

/// The quantile of ascending numbers at a share from 0 to 1, between two of them by a straight line
/// (type 7 of Hyndman and Fan 1996, numpy's default); 0 for no numbers.
pub(super) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else {
        return 0.0;
    };
    let position = share * last as f64;
    let below = (position as usize).min(last);
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    ascending[below] * (1.0 - weight) + ascending[above] * weight
}

/// The median of ascending numbers: of an even number the mean of the middle two; 0 for no numbers.
pub(super) fn median(ascending: &[f64]) -> f64 {
    let middle = ascending.len() / 2;
    match ascending.len() {
        0 => 0.0,
        n if n % 2 == 1 => ascending[middle],
        _ => ascending[middle - 1] / 2.0 + ascending[middle] / 2.0,
    }
}
