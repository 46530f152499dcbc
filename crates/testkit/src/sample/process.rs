//! The relation between a client's row and its leaving: how a client's recorded numbers move from
//! month to month, and the chance to leave in a month.
//!
//! Everything here depends on recorded numbers only, as they are written (whole numbers, contract
//! values in hundreds). So the chance to leave within 90 days is a function of the row. The
//! formulas are in docs/DATA.md, and change there with them.

use super::draws::Draws;
use super::industry::Industry;

/// What is recorded about a client at the end of a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Line of business.
    pub industry: Industry,
    /// Orders and enquiries in the month.
    pub lastmonth_activity: f64,
    /// The same of a year, in which older months fade out.
    pub lastyear_activity: f64,
    /// Head count.
    pub number_of_employees: f64,
    /// Money a year, in whole hundreds.
    pub annual_contract_value: f64,
}

/// Which relation holds in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// The relation of the shipped data.
    Usual,
    /// A rival courts the most active clients and nobody else: the relation after a concept drift.
    Rival,
}

/// Where a new client comes from: how its first numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of the clients that join every month.
    Market,
    /// A book taken over: small companies, half of them in construction and half in retail.
    Takeover,
}

/// A usual company has so many employees, a usual client so much activity a month, and a usual
/// contract is worth so much a year.
const EMPLOYEES: f64 = 35.0;
const ACTIVITY: f64 = 60.0;
const CONTRACT_VALUE: f64 = 12_000.0;

/// The size of company that leaves least.
const BEST_EMPLOYEES: f64 = 60.0;

impl State {
    /// A new client.
    pub fn join(origin: Origin, draws: &mut Draws) -> State {
        let industry = Industry::ALL[draws.weighted(Industry::ALL.map(Industry::share))];
        let (size, level) = draws.normal_pair();
        let (value, month) = draws.normal_pair();
        let (industry, size, level) = match origin {
            Origin::Market => (industry, 1.1 * size, 0.3 * 1.1 * size + 0.7 * level),
            Origin::Takeover => {
                let industry = if draws.uniform() < 0.5 {
                    Industry::Construction
                } else {
                    Industry::Retail
                };
                (industry, -0.5 + 0.8 * size, 0.15 + 0.6 * level)
            }
        };
        let value = CONTRACT_VALUE.ln() + 0.6 * size + 0.3 * level + 0.5 * value;
        let log_activity = ACTIVITY.ln() + level;
        State {
            industry,
            lastmonth_activity: whole((log_activity + 0.45 * month).exp_m1(), 0.0),
            lastyear_activity: whole(12.0 * log_activity.exp_m1(), 0.0),
            number_of_employees: whole(EMPLOYEES * size.exp(), 1.0),
            annual_contract_value: hundreds(value.exp()),
        }
    }

    /// The client a month later, if it stays. Always takes the same number of draws.
    pub fn next(&self, draws: &mut Draws) -> State {
        let (activity, staff) = draws.normal_pair();
        let (price, _) = draws.normal_pair();
        let shock = if draws.uniform() < 0.04 { 1.8 } else { 0.0 };
        let renewed = draws.uniform() < 1.0 / 12.0;
        let log_activity = self.level() + 0.82 * self.trend() - 0.05 + 0.25 * activity - shock;
        let lastmonth_activity = whole(log_activity.exp_m1(), 0.0);
        let raise = if renewed { 0.02 + 0.08 * price } else { 0.0 };
        State {
            industry: self.industry,
            lastmonth_activity,
            lastyear_activity: whole(
                self.lastyear_activity * 11.0 / 12.0 + lastmonth_activity,
                0.0,
            ),
            number_of_employees: whole(self.number_of_employees * (0.02 * staff).exp(), 1.0),
            annual_contract_value: hundreds(self.annual_contract_value * raise.exp()),
        }
    }

    /// The chance to leave in the month that follows.
    pub fn hazard(&self, regime: Regime) -> f64 {
        let log_odds = match regime {
            Regime::Usual => self.usual_log_odds(),
            Regime::Rival => -2.6 + 2.0 * (self.level() - ACTIVITY.ln()),
        };
        1.0 / (1.0 + (-log_odds).exp())
    }

    fn usual_log_odds(&self) -> f64 {
        let level = self.level() - ACTIVITY.ln();
        let trend = self.trend().clamp(-2.5, 1.0);
        let distance = (self.number_of_employees / BEST_EMPLOYEES).ln();
        let value = (self.annual_contract_value / CONTRACT_VALUE).ln();
        let smallness = 1.0 / (1.0 + (self.number_of_employees / 20.0).powf(1.0 / 0.3));
        let interaction = if self.industry.is_troubled() {
            0.6 * smallness
        } else {
            0.0
        };
        -3.75 + self.industry.effect() - 1.2 * level - 1.7 * trend + 0.28 * distance * distance
            - 0.2 * value
            + interaction
    }

    /// The logarithm of a usual month: the monthly average of the last year.
    fn level(&self) -> f64 {
        (self.lastyear_activity / 12.0).ln_1p()
    }

    /// The last month relative to a usual month, as a difference of logarithms.
    fn trend(&self) -> f64 {
        self.lastmonth_activity.ln_1p() - self.level()
    }
}

/// Rounds to a whole number, at least `minimum`.
fn whole(number: f64, minimum: f64) -> f64 {
    // Adding zero turns -0 into 0; which of the two `max` gives depends on the build.
    number.round().max(minimum) + 0.0
}

/// Rounds money to hundreds, at least 500.
fn hundreds(money: f64) -> f64 {
    100.0 * whole(money / 100.0, 5.0)
}
