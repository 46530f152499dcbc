//! What it costs to rank by risk times value when calls keep the riskiest clients least, and how
//! fast the learned success rates win that back.
//!
//!     cargo run --release -p contacts --example successrate [LIVES]
//!
//! A book of 2,000 clients has risks and contract values; a call keeps a leaver with probability
//! 0.6 · (1 - risk), while the system assumes 0.3 for everybody. Each quarter 200 are called and 5 %
//! of the eligible set aside; the outcomes teach the rate of each band of risks. The value saved in a
//! quarter is compared with that of the same calls ranked by the true rate.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a program that prints a table"
)]

use chrono::NaiveDate;
use contacts::{
    Candidate, Cut, Economics, Group, Observation, Rules, Standing, SuccessRates, cut, learn,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CLIENTS: usize = 2_000;
const QUARTERS: usize = 12;
const ASSUMED: f64 = 0.3;
const INCENTIVE: f64 = 0.03;

fn main() {
    let lives = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    let mut sums = vec![[0.0; 4]; QUARTERS];
    for life in 0..lives {
        for (sum, quarter) in sums.iter_mut().zip(life_of(life)) {
            for (sum, figure) in sum.iter_mut().zip(quarter) {
                *sum += figure / lives as f64;
            }
        }
    }
    println!("value of the calls of a quarter, and what is lost against the true rates");
    println!("quarter  true rates  assumed rate       learned rates      bands learned");
    for (quarter, [best, assumed, learned, bands]) in (1..).zip(sums) {
        let lost = |value: f64| 100.0 * (best - value) / best;
        println!(
            "{quarter:>7} {best:>11.0} {assumed:>9.0} (-{:>4.1} %) {learned:>9.0} (-{:>4.1} %) {bands:>8.1}",
            lost(assumed),
            lost(learned)
        );
    }
}

fn truth(risk: f64) -> f64 {
    0.6 * (1.0 - risk)
}

/// For each quarter: the value under the true rates, the assumed one and the learned ones, and how
/// many bands are learned.
fn life_of(seed: u64) -> Vec<[f64; 4]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut seen = Vec::new();
    let mut figures = Vec::new();
    for quarter in 0..QUARTERS {
        let book = book(&mut random, quarter);
        let learned = learn(&seen, ASSUMED);
        let today = NaiveDate::MIN + chrono::Days::new(400_000 + 91 * quarter as u64);
        let list = |success: &SuccessRates, aside| cut(&book, &rules(success, aside), today);
        let true_rates = true_cut(&book);
        let assumed = list(&SuccessRates::assumed(ASSUMED), 0.0);
        let best = list(&learned, 0.0);
        let bands = learned.bands.iter().filter(|band| band.replaces).count();
        figures.push([
            true_rates,
            value(&book, &assumed),
            value(&book, &best),
            bands as f64,
        ]);
        observe(&book, &list(&learned, 0.05), &mut random, &mut seen);
    }
    figures
}

fn book(random: &mut ChaCha8Rng, quarter: usize) -> Vec<Candidate> {
    (0..CLIENTS)
        .map(|client| {
            let draws: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            let size: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            Candidate {
                client_id: format!("{quarter} {client}"),
                risk: 1.0 / (1.0 + (1.5 - 1.5 * draws).exp()),
                contract_value: Some(12_000.0 * (0.9 * size).exp()),
                assigned_to: None,
                standing: Standing::default(),
            }
        })
        .collect()
}

fn rules(success: &SuccessRates, holdout_share: f64) -> Rules {
    Rules {
        capacity: 200,
        holdout_share,
        never_hold_out_above_value: None,
        recontact_after_days: 28,
        horizon_days: Some(90),
        seed: 0,
        economics: Economics {
            success: success.clone(),
            contact_cost: 50.0,
            incentive_share: INCENTIVE,
        },
    }
}

/// What a call is truly worth.
fn worth(client: &Candidate) -> f64 {
    let value = client.contract_value.unwrap_or_default();
    client.risk * truth(client.risk) * value - INCENTIVE * value - 50.0
}

fn value(book: &[Candidate], list: &Cut) -> f64 {
    list.listed
        .iter()
        .map(|listed| worth(&book[listed.candidate]))
        .sum()
}

/// The value of the calls that the true rates would choose.
fn true_cut(book: &[Candidate]) -> f64 {
    let mut all: Vec<f64> = book
        .iter()
        .map(worth)
        .filter(|worth| *worth >= 0.0)
        .collect();
    all.sort_by(|a, b| b.total_cmp(a));
    all.iter().take(200).sum()
}

fn observe(book: &[Candidate], list: &Cut, random: &mut ChaCha8Rng, seen: &mut Vec<Observation>) {
    for listed in &list.listed {
        let risk = book[listed.candidate].risk;
        let called = listed.group == Group::Contact;
        let leaves = if called {
            risk * (1.0 - truth(risk))
        } else {
            risk
        };
        let left = random.random::<f64>() < leaves;
        seen.push(Observation { risk, called, left });
    }
}
