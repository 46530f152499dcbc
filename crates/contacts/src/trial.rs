//! The hold-out: a random share of those that would be called is not, so that what calling achieves
//! can be known.

use crate::cut::Group;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The place of a client in the trial: it keeps its group for the whole horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Whether it is called or set aside.
    pub group: Group,
    /// The first day of the list for which it was drawn.
    pub since: NaiveDate,
}

/// Draws the group of a client for the trial that begins on a day. The draw depends on seed, client
/// and day alone: on no other client and on no order.
#[must_use]
pub fn draw(client_id: &str, share: f64, seed: u64, since: NaiveDate) -> Trial {
    let digest = Sha256::new()
        .chain_update(b"holdout")
        .chain_update(seed.to_le_bytes())
        .chain_update(since.to_string())
        .chain_update(client_id)
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    // 53 bits make every multiple of 2^-53 below 1 alike likely.
    let uniform = (u64::from_le_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64;
    let group = if uniform < share {
        Group::Holdout
    } else {
        Group::Contact
    };
    Trial { group, since }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(seed: u64, day: u32) -> Vec<bool> {
        let since = NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
        (0..4000)
            .map(|n| draw(&format!("client {n}"), 0.1, seed, since).group == Group::Holdout)
            .collect()
    }

    #[test]
    fn the_draw_takes_its_share_and_depends_on_seed_and_day() {
        let drawn = share(0, 1);
        let count = drawn.iter().filter(|held| **held).count();
        assert!((340..460).contains(&count), "{count}");
        assert_eq!(drawn, share(0, 1));
        assert_ne!(drawn, share(1, 1));
        assert_ne!(drawn, share(0, 2));
    }
}
