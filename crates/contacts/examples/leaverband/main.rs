//! How often the 95 % band for the number of leavers of a list holds the number.
//!
//!     cargo run --release -p contacts --example leaverband [LIVES]
//!
//! Each life draws training samples and a book from a logistic world, fits a logistic regression,
//! lists the clients of highest expected value, states the band, and lets the clients of the list
//! leave with their true probabilities. 93 to 97 % of the bands should hold the number.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a program that prints a table"
)]

mod life;

use life::{Life, share_held};

const BOOK: usize = 10_000;

fn main() {
    let lives = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(2000);
    println!("training samples, names, leavers: held by the band (standard error), mean number");
    for (samples, names, constant) in [
        (500, 200, -1.7),
        (2_000, 200, -1.7),
        (20_000, 200, -1.7),
        (2_000, 20, -1.7),
        (2_000, 1_000, -1.7),
        (2_000, 200, -4.5),
        (20_000, 50, -4.5),
    ] {
        let life = Life {
            samples,
            book: BOOK,
            names,
            constant,
        };
        let (held, leavers) = share_held(life, lives);
        let error = (held * (1.0 - held) / lives as f64).sqrt();
        println!("{samples:>6} {names:>5} {constant:>5}: {held:.3} ({error:.3}), {leavers:.1}");
    }
}
