//! The risk from which a client is predicted to leave, where it is not a number of the configuration.

/// The threshold with the greatest F1 on risks of models that were fitted without the clients: half-way
/// between the risk with which predictions of leaving should stop and the next lower one. Of several
/// that are as good, the highest. None where nobody left.
#[must_use]
pub fn of_greatest_f1(risks: &[f64], exited: &[bool], weights: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..risks.len()).collect();
    order.sort_by(|a, b| risks[*b].total_cmp(&risks[*a]));
    let left: f64 = (order.iter().filter(|row| exited[**row]))
        .map(|row| weights[*row])
        .sum();
    let (mut predicted, mut found) = (0.0, 0.0);
    let (mut greatest, mut threshold) = (0.0, None);
    for (place, &row) in order.iter().enumerate() {
        predicted += weights[row];
        found += if exited[row] { weights[row] } else { 0.0 };
        let next = order.get(place + 1).map(|next| risks[*next]);
        if next == Some(risks[row]) {
            continue;
        }
        let f1 = 2.0 * found / (predicted + left);
        if f1 > greatest {
            greatest = f1;
            threshold = Some(next.map_or(risks[row], |next| between(next, risks[row])));
        }
    }
    threshold
}

/// Half-way, and above the lower one also where nothing lies between.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    if middle > low { middle } else { high }
}

/// The risk of the client with whom the capacity is used up, clients called by falling risk: from it on
/// `capacity` clients of the book are predicted to leave, or more where several share it. The smallest
/// risk where the book is no larger; none for an empty book.
#[must_use]
pub fn of_capacity(mut risks_of_book: Vec<f64>, capacity: u64) -> Option<f64> {
    risks_of_book.sort_by(|a, b| b.total_cmp(a));
    let place = usize::try_from(capacity).unwrap_or(usize::MAX);
    let last = place.min(risks_of_book.len()).checked_sub(1)?;
    risks_of_book.get(last).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_f1_is_found_by_hand() {
        for (risks, exited, expected) in [
            // F1 by number of predictions: 2/3, 2/4, 4/5, 4/6.
            (vec![0.9, 0.8, 0.6, 0.2], vec![1, 0, 1, 0], Some(0.4)),
            (vec![0.9, 0.8, 0.6, 0.2], vec![1, 1, 0, 0], Some(0.7)),
            (vec![0.3, 0.3, 0.1], vec![1, 0, 0], Some(0.2)),
            // All are predicted to leave.
            (vec![0.3, 0.2], vec![0, 1], Some(0.2)),
            (vec![0.3, 0.2], vec![0, 0], None),
            (vec![], vec![], None),
        ] {
            let exited: Vec<bool> = exited.iter().map(|exited| *exited == 1).collect();
            let found = of_greatest_f1(&risks, &exited, &vec![1.0; risks.len()]);
            match (found, expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-12, "{risks:?}: {found}");
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }

    #[test]
    fn no_other_threshold_has_a_greater_f1() {
        let risks: Vec<f64> = (0..200)
            .map(|row| f64::from(row * 37 % 101) / 101.0)
            .collect();
        let exited: Vec<bool> = (0..200).map(|row| row * 53 % 97 < row * 37 % 101).collect();
        let f1 = |threshold: f64| {
            let count = |left: bool, predicted: bool| {
                let rows = risks.iter().zip(&exited);
                rows.filter(|(risk, exited)| **exited == left && (**risk >= threshold) == predicted)
                    .count() as f64
            };
            let hits = 2.0 * count(true, true);
            hits / (hits + count(true, false) + count(false, true))
        };
        let best = of_greatest_f1(&risks, &exited, &[1.0; 200]).unwrap();
        assert!(risks.iter().all(|risk| f1(*risk) <= f1(best)));
    }

    #[test]
    fn the_capacity_is_used_up_at_the_risk_of_the_last_client_called() {
        let book = vec![0.1, 0.7, 0.3, 0.5];
        for (capacity, expected) in [(1, 0.7), (3, 0.3), (4, 0.1), (200, 0.1)] {
            assert_eq!(of_capacity(book.clone(), capacity), Some(expected));
        }
        assert_eq!(of_capacity(Vec::new(), 5), None);
    }
}
