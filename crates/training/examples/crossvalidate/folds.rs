//! Dealing clients into folds.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// The fold of every row. All rows of a client are in one fold; the clients that left at some time,
/// and those that never did, are each dealt evenly.
pub fn deal(client_ids: &[&str], exited: &[bool], folds: usize, seed: u64) -> Vec<usize> {
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    for (client, exited) in client_ids.iter().zip(exited) {
        *left.entry(client).or_default() |= exited;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut fold_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut next = 0;
    for stratum in [true, false] {
        let mut clients: Vec<&str> = left
            .iter()
            .filter(|(_, left)| **left == stratum)
            .map(|(client, _)| *client)
            .collect();
        clients.shuffle(&mut random);
        for client in clients {
            fold_of.insert(client, next % folds);
            next += 1;
        }
    }
    client_ids.iter().map(|client| fold_of[client]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_stay_together_and_those_that_left_are_dealt_evenly() {
        let names: Vec<String> = (0..100).map(|row| format!("c{}", row / 2)).collect();
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        // The first row of every fifth client says that it left.
        let exited: Vec<bool> = (0..100).map(|row| row % 10 == 0).collect();
        let dealt = deal(&ids, &exited, 5, 7);
        for client in 0..50 {
            assert_eq!(dealt[2 * client], dealt[2 * client + 1]);
        }
        for fold in 0..5 {
            let rows = || (0..100).filter(|row| dealt[*row] == fold);
            assert_eq!(
                (rows().count(), rows().filter(|row| exited[*row]).count()),
                (20, 2)
            );
        }
        assert_eq!(dealt, deal(&ids, &exited, 5, 7));
        assert_ne!(dealt, deal(&ids, &exited, 5, 8));
    }
}
