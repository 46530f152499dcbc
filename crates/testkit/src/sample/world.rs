//! A panel of clients over time: who joins, what is recorded each month, who leaves and when.

use std::ops::Range;

use super::calendar::Month;
use super::draws::Draws;
use super::names;
use super::process::{Origin, Regime, State};

/// The first month with a snapshot.
pub const FIRST_MONTH: Month = Month::new(2026, 1);

/// A label says whether the client left within so many days after the snapshot.
pub const HORIZON_DAYS: i32 = 90;

/// Months simulated before the first snapshot, so that the panel has settled.
const RUN_IN_MONTHS: i32 = 30;

/// Clients that join in a month, as a share of the panel: about as many as leave.
const JOINING_SHARE: f64 = 0.070;

/// Which panel to simulate.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The same seed gives the same panel.
    pub seed: u64,
    /// How many clients there are, about.
    pub clients: usize,
    /// The numbers that its clients may have; names and random streams follow them.
    pub serials: Range<u64>,
    /// The month from which [`Regime::Rival`] holds.
    pub rival_from: Option<Month>,
    /// Books of clients taken over from elsewhere.
    pub takeovers: Vec<Takeover>,
}

/// A book of clients taken over: many small companies in troubled industries.
#[derive(Clone, Debug)]
pub struct Takeover {
    /// The month of the takeover. Its clients are in the snapshots from this month on; their rows
    /// of the three months before are only in the files of labels, when these become known.
    pub month: Month,
    /// How many clients there are at first.
    pub clients: usize,
    /// The number of the first.
    pub first_serial: u64,
}

/// One client over time.
#[derive(Clone, Debug)]
pub struct Client {
    /// The number behind the name.
    pub serial: u64,
    /// A position in [`names::ACCOUNT_MANAGERS`].
    pub account_manager: usize,
    /// The first month whose snapshot has the client.
    pub listed_from: Month,
    /// The day it left, in days since 1970-01-01.
    pub left_on: Option<i32>,
    born: Month,
    /// One for each month from `born` to the last before it left, with random bits that decide
    /// which cells are missing.
    states: Vec<(State, u64)>,
}

/// One client at the end of one month.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Who.
    pub client: &'a Client,
    /// When.
    pub month: Month,
    /// What is recorded.
    pub state: State,
    /// Decides which cells are missing.
    pub missing_bits: u64,
}

impl Sample<'_> {
    /// The client's name.
    pub fn name(&self) -> String {
        names::company(self.client.serial, self.state.industry)
    }

    /// Whether the client left within the horizon; the panel must reach that far.
    pub fn exited(&self) -> bool {
        let end = self.month.last_day() + HORIZON_DAYS;
        self.client.left_on.is_some_and(|day| day <= end)
    }
}

/// A simulated panel.
#[derive(Debug)]
pub struct World {
    clients: Vec<Client>,
}

impl World {
    /// Simulates from before [`FIRST_MONTH`] to the end of `until`.
    pub fn simulate(plan: &Plan, until: Month) -> World {
        let start = FIRST_MONTH.plus(-RUN_IN_MONTHS);
        let mut lives = Vec::new();
        let mut serial = plan.serials.start;
        for month in start.to(until) {
            let joining = if month == start {
                plan.clients * 13 / 10
            } else {
                plan.joining(month)
            };
            for _ in 0..joining {
                lives.push(Life {
                    serial,
                    origin: Origin::Market,
                    born: month,
                    listed_from: month,
                });
                serial += 1;
            }
        }
        assert!(serial <= plan.serials.end, "the panel runs out of names");
        for takeover in plan
            .takeovers
            .iter()
            .filter(|takeover| takeover.month <= until)
        {
            let (origin, listed_from) = (Origin::Takeover, takeover.month);
            let born = listed_from.plus(-3);
            for serial in takeover.first_serial..takeover.first_serial + takeover.clients as u64 {
                lives.push(Life {
                    serial,
                    origin,
                    born,
                    listed_from,
                });
            }
        }
        World {
            clients: lives
                .iter()
                .filter_map(|life| life.live(plan, until))
                .collect(),
        }
    }

    /// The snapshot of a month: every client that is there at its end.
    pub fn snapshot(&self, month: Month) -> impl Iterator<Item = Sample<'_>> {
        self.samples(month, month)
    }

    /// The samples of a month as they are known in `delivered`: its snapshot, and the clients
    /// taken over since.
    pub fn samples(&self, month: Month, delivered: Month) -> impl Iterator<Item = Sample<'_>> {
        self.clients.iter().filter_map(move |client| {
            let (state, missing_bits) = *client.state(month)?;
            (client.listed_from <= delivered).then_some(Sample {
                client,
                month,
                state,
                missing_bits,
            })
        })
    }
}

impl Plan {
    /// How many clients join in a month.
    fn joining(&self, month: Month) -> usize {
        let mut draws = Draws::new(self.seed ^ 0x6a6f_696e, month.last_day() as u64);
        let share = JOINING_SHARE * (0.9 + 0.2 * draws.uniform());
        (self.clients as f64 * share).round() as usize
    }

    fn regime(&self, month: Month) -> Regime {
        match self.rival_from {
            Some(from) if from <= month => Regime::Rival,
            _ => Regime::Usual,
        }
    }
}

impl Client {
    fn state(&self, month: Month) -> Option<&(State, u64)> {
        self.states
            .get(usize::try_from(month.since(self.born)).ok()?)
    }
}

/// The beginning of a client's life; the rest follows from its random stream.
struct Life {
    serial: u64,
    origin: Origin,
    born: Month,
    listed_from: Month,
}

impl Life {
    /// None where the client left before the first snapshot.
    fn live(&self, plan: &Plan, until: Month) -> Option<Client> {
        let mut draws = Draws::new(plan.seed, self.serial);
        let account_manager = draws.below(names::ACCOUNT_MANAGERS.len());
        let mut states = vec![(State::join(self.origin, &mut draws), draws.word())];
        let mut left_on = None;
        for month in self.born.plus(1).to(until) {
            let (state, _) = states[states.len() - 1];
            let (leaving, day) = (draws.uniform(), draws.below(month.days() as usize));
            if leaving < state.hazard(plan.regime(month)) {
                left_on = Some(month.last_day() - day as i32);
                break;
            }
            states.push((state.next(&mut draws), draws.word()));
        }
        let born = self.born.max(FIRST_MONTH);
        states.drain(..states.len().min(born.since(self.born) as usize));
        let (serial, listed_from) = (self.serial, self.listed_from);
        let client = Client {
            serial,
            account_manager,
            listed_from,
            left_on,
            born,
            states,
        };
        (!client.states.is_empty()).then_some(client)
    }
}
