//! The band of expected leavers, in a short form of the simulation.

#[path = "../../examples/leaverband/life.rs"]
mod life;

use life::{Life, share_held};

#[test]
fn the_band_of_expected_leavers_holds_in_93_to_97_percent_of_lists() {
    for (samples, names, constant) in [(400, 40, -1.7), (1_000, 60, -1.7)] {
        let life = Life {
            samples,
            book: 400,
            names,
            constant,
        };
        let (held, leavers) = share_held(life, 600);
        assert!(
            (0.93..=0.97).contains(&held),
            "{samples} samples, {names} names: {held}"
        );
        // The band is no band around nothing.
        assert!((5.0..names as f64 - 5.0).contains(&leavers), "{leavers}");
    }
}
