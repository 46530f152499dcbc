//! Label windows that overlap: the same client every month, with labels over three months.

use crate::draws::Draws;
use crate::life::ALPHA;
use monitoring::evidence::{Evidence, Labelled, Recalibration, Rule};

/// Months in a label window.
const WINDOW: usize = 3;
/// Months that a release lives.
const MONTHS: usize = 60;
/// Clients at any time; who leaves is replaced.
const CLIENTS: usize = 300;
const RULE: Rule = Rule {
    alpha: ALPHA,
    min_labelled: 30,
    min_gain: 0.0,
};

/// A client whose risk does not change, and how many months it has been there.
#[derive(Clone, Copy)]
struct Client {
    hazard: f64,
    age: usize,
    leaves_at: usize,
}

/// A champion that is exactly right, on monthly samples of the same clients.
pub fn table(lives: usize, threads: usize) {
    println!(
        "Share of {lives} lives of {MONTHS} monthly looks at {CLIENTS} clients with a false alarm,"
    );
    println!("percent; the champion is exactly right, a label tells of three months\n");
    println!("| every sample in full | one over the overlapping samples of the client |");
    println!("|---|---|");
    let alarms = crate::in_parallel(lives, threads, |life| {
        let samples = months(&mut Draws::new(life as u64));
        [false, true].map(|weighed| alarms(&samples, weighed))
    });
    let share = |column: usize| {
        let alarms = alarms.iter().filter(|life| life[column]).count();
        100.0 * alarms as f64 / lives as f64
    };
    println!("| {:.2} | {:.2} |\n", share(0), share(1));
}

fn alarms(months: &[Vec<(Labelled, usize)>], weighed: bool) -> bool {
    let narrow = Recalibration {
        intercept: 0.0,
        slope: 1.0,
        covariance: [[1e-4, 0.0], [0.0, 1e-4]],
    };
    let mut evidence = Evidence::new(&narrow).expect("a proper covariance");
    for month in months {
        let labels: Vec<Labelled> = month
            .iter()
            .map(|(sample, overlapping)| {
                let weight = if weighed {
                    1.0 / *overlapping as f64
                } else {
                    1.0
                };
                Labelled { weight, ..*sample }
            })
            .collect();
        evidence.add(&labels).expect("risks are probabilities");
    }
    evidence.is_drift(&RULE)
}

/// The samples of each month with the number of samples of the client in the window up to it.
fn months(draws: &mut Draws) -> Vec<Vec<(Labelled, usize)>> {
    let mut clients: Vec<Client> = (0..CLIENTS).map(|_| join(0, draws)).collect();
    (0..MONTHS)
        .map(|month| {
            let mut samples = Vec::with_capacity(CLIENTS);
            for client in &mut clients {
                if client.leaves_at <= month {
                    *client = join(month, draws);
                }
                client.age += 1;
                let risk = 1.0 - (1.0 - client.hazard).powi(WINDOW as i32);
                let exited = client.leaves_at <= month + WINDOW;
                samples.push((Labelled::new(risk, exited), client.age.min(WINDOW)));
            }
            samples
        })
        .collect()
}

fn join(month: usize, draws: &mut Draws) -> Client {
    let hazard = 0.1 * draws.uniform().powi(2) + 0.002;
    let mut leaves_at = month + 1;
    while draws.uniform() >= hazard {
        leaves_at += 1;
    }
    Client {
        hazard,
        age: 0,
        leaves_at,
    }
}
