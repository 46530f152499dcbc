//! What two rankings have in common.

use serde::Serialize;
use std::collections::HashSet;
use std::hash::Hash;

/// How the top of a ranking changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListImpact<T> {
    /// How many of the top are looked at; fewer where there are not so many.
    pub k: usize,
    /// How many are in the top of both.
    pub overlap: usize,
    /// [`rank_biased_overlap`] of both tops, at the persistence `1 - 1/k`: from 0 for nothing in
    /// common to 1 for the same order.
    pub rank_biased_overlap: f64,
    /// Who is in the top of the second ranking only, in its order.
    pub enters: Vec<T>,
    /// Who is in the top of the first ranking only, in its order.
    pub leaves: Vec<T>,
}

impl<T: Clone + Eq + Hash> ListImpact<T> {
    /// Compares the tops of two rankings, best first, without repetitions.
    #[must_use]
    pub fn between(before: &[T], after: &[T], k: usize) -> Self {
        let before = &before[..k.min(before.len())];
        let after = &after[..k.min(after.len())];
        let only_in = |these: &[T], others: &[T]| -> Vec<T> {
            let others: HashSet<&T> = others.iter().collect();
            these
                .iter()
                .filter(|item| !others.contains(item))
                .cloned()
                .collect()
        };
        let enters = only_in(after, before);
        let depth = before.len().max(after.len());
        Self {
            k: depth,
            overlap: after.len() - enters.len(),
            rank_biased_overlap: rank_biased_overlap(before, after, persistence(depth)),
            leaves: only_in(before, after),
            enters,
        }
    }
}

/// The persistence at which the first `k` ranks carry about 86 % of the weight.
#[must_use]
pub fn persistence(k: usize) -> f64 {
    1.0 - 1.0 / k.max(2) as f64
}

/// Rank-biased overlap, extrapolated: the agreement of two rankings at every depth, weighed by the
/// chance `persistence^depth` that a reader gets that far (Webber, Moffat and Zobel 2010, equation 32,
/// for lists cut at the same depth). 1 where both are empty.
#[must_use]
pub fn rank_biased_overlap<T: Eq + Hash>(a: &[T], b: &[T], persistence: f64) -> f64 {
    let depth = a.len().max(b.len());
    if depth == 0 {
        return 1.0;
    }
    let (mut seen_a, mut seen_b) = (HashSet::new(), HashSet::new());
    let (mut common, mut sum, mut weight) = (0_usize, 0.0, 1.0);
    for rank in 0..depth {
        let (item_a, item_b) = (a.get(rank), b.get(rank));
        if let Some(item) = item_a {
            common += usize::from(seen_b.contains(item));
            seen_a.insert(item);
        }
        if let Some(item) = item_b {
            common += usize::from(seen_a.contains(item));
            seen_b.insert(item);
        }
        weight *= persistence;
        sum += common as f64 / (rank + 1) as f64 * weight;
    }
    common as f64 / depth as f64 * weight + (1.0 - persistence) / persistence * sum
}

/// Positions in descending order of a score; equal ones by `name`, what is not a number last.
#[must_use]
pub fn rank_by<N: Ord>(scores: &[f64], name: impl Fn(usize) -> N) -> Vec<usize> {
    let key = |position: usize| {
        let score = scores[position];
        if score.is_nan() {
            f64::NEG_INFINITY
        } else {
            score
        }
    };
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| {
        key(*b)
            .total_cmp(&key(*a))
            .then_with(|| name(*a).cmp(&name(*b)))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_order_agrees_wholly_and_strangers_not_at_all() {
        let list = [1, 2, 3, 4];
        assert!((rank_biased_overlap(&list, &list, 0.9) - 1.0).abs() < 1e-12);
        assert_eq!(rank_biased_overlap(&list, &[5, 6, 7, 8], 0.9), 0.0);
        assert_eq!(rank_biased_overlap::<u8>(&[], &[], 0.9), 1.0);
    }

    /// By hand: agreements 0, 1, 2/3 at depths 1 to 3, so
    /// `2/3 .9³ + .1/.9 (1 · .9² + 2/3 · .9³)`.
    #[test]
    fn agreement_is_weighed_by_depth() {
        let found = rank_biased_overlap(&["a", "b", "c"], &["b", "a", "d"], 0.9);
        let expected = 2.0 / 3.0 * 0.729 + 0.1 / 0.9 * (0.81 + 2.0 / 3.0 * 0.729);
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn who_enters_and_who_leaves_is_named_in_order() {
        let impact = ListImpact::between(&["a", "b", "c", "d"], &["c", "e", "a", "b"], 3);
        assert_eq!((impact.k, impact.overlap), (3, 2));
        assert_eq!((impact.enters, impact.leaves), (vec!["e"], vec!["b"]));
        let short = ListImpact::between(&["a"], &["b", "a"], 5);
        assert_eq!((short.k, short.overlap, short.leaves.len()), (2, 1, 0));
    }

    #[test]
    fn ties_go_by_name_and_what_is_no_number_comes_last() {
        let names = ["b", "c", "a", "d"];
        let order = rank_by(&[0.5, f64::NAN, 0.5, 0.1], |position| names[position]);
        assert_eq!(order, [2, 0, 3, 1]);
    }
}
