//! Clients that leave by the relation of the sample data, and calls that keep some of them.
//!
//! Months have 28 days, four lists each; the horizon is three months. A call that keeps a client keeps it
//! for the horizon.

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate};
use contacts::{Contact, Outcome};
use dataset::{ColumnData, Table};
use risk_core::Config;
use risk_core::config::ContactedLabels;
use risk_core::model::{Model, Value};
use risk_core::schema::{Column, Kind, Role, Schema};
use std::collections::BTreeMap;
use testkit::sample::{Draws, Origin, Regime, State};
use training::{Contacted, Samples, fit, overlapping};

pub const MONTH: i32 = 28;
pub const HORIZON: i32 = 3 * MONTH;
const WEEK: usize = 7;
/// A client that was called is not called again within so many days.
const RECONTACT: i32 = 28;
/// Months until the panel has settled.
const RUN_IN: i32 = 24;

/// A programme of calls.
#[derive(Debug, Clone, Copy)]
pub struct Programme {
    /// For how many months labels are looked at.
    pub months: i32,
    /// Names a week.
    pub capacity: usize,
    /// Share of those who would be listed that is set aside for the horizon.
    pub holdout: f64,
    /// Share of the leavers that a call keeps.
    pub saved: f64,
}

/// A row: a client at the end of a month.
#[derive(Debug, Clone)]
pub struct Row {
    pub client: usize,
    pub month: i32,
    pub state: State,
}

/// A client while it is there.
struct Client {
    number: usize,
    state: State,
    draws: Draws,
    called: Option<i32>,
    held_out_until: i32,
    kept_until: i32,
}

/// What was recorded.
#[derive(Default)]
pub struct Panel {
    pub rows: Vec<Row>,
    /// The day each client left.
    pub left: BTreeMap<usize, i32>,
    /// The days on which somebody reached a client.
    pub calls: BTreeMap<usize, Vec<i32>>,
}

pub struct World {
    seed: u64,
    /// What is added to the log-odds to leave in a month.
    shift: f64,
    size: usize,
    clients: Vec<Client>,
    joined: usize,
    month: i32,
}

impl World {
    /// A settled panel of about so many clients, at the end of month 0.
    pub fn new(seed: u64, size: usize, shift: f64) -> Self {
        let mut world = Self {
            seed,
            shift,
            size,
            clients: Vec::new(),
            joined: 0,
            month: -RUN_IN,
        };
        world.join(size);
        while world.month < 0 {
            world.pass(None, &mut Panel::default());
        }
        world
    }

    fn join(&mut self, count: usize) {
        for _ in 0..count {
            let mut draws = Draws::new(self.seed, self.joined as u64);
            self.clients.push(Client {
                number: self.joined,
                state: State::join(Origin::Market, &mut draws),
                draws,
                called: None,
                held_out_until: i32::MIN,
                kept_until: i32::MIN,
            });
            self.joined += 1;
        }
    }

    /// Records the clients of today.
    pub fn record(&self, panel: &mut Panel) {
        panel.rows.extend(self.clients.iter().map(|client| Row {
            client: client.number,
            month: self.month,
            state: client.state,
        }));
    }

    /// Lets a month pass, with calls where a programme and a model are given.
    pub fn pass(&mut self, calling: Option<(&Programme, &Model)>, panel: &mut Panel) {
        let today = self.month * MONTH;
        let leaving: Vec<Option<i32>> = self
            .clients
            .iter_mut()
            .map(|c| c.leaves(today, self.shift))
            .collect();
        if let Some((programme, model)) = calling {
            let risks: Vec<f64> = self.clients.iter().map(|c| risk(model, &c.state)).collect();
            let mut order: Vec<usize> = (0..risks.len()).collect();
            order.sort_by(|a, b| risks[*b].total_cmp(&risks[*a]));
            for day in (0..MONTH).step_by(WEEK) {
                self.call(today + day, programme, &order, &leaving, panel);
            }
        }
        let mut place = 0;
        self.clients.retain_mut(|client| {
            let day = leaving[place].filter(|day| *day > client.kept_until);
            place += 1;
            if let Some(day) = day {
                panel.left.insert(client.number, day);
            }
            client.state = client.state.next(&mut client.draws);
            day.is_none()
        });
        self.month += 1;
        let missing = self.size.saturating_sub(self.clients.len());
        self.join(missing);
    }

    /// The calls of one list.
    fn call(
        &mut self,
        list: i32,
        programme: &Programme,
        order: &[usize],
        leaving: &[Option<i32>],
        panel: &mut Panel,
    ) {
        let mut listed = 0;
        for place in order {
            if listed == programme.capacity {
                break;
            }
            let client = &mut self.clients[*place];
            let gone_by = |day: i32| {
                leaving[*place].is_some_and(|left| left <= day && left > client.kept_until)
            };
            let called_lately = client
                .called
                .is_some_and(|called| list - called < RECONTACT);
            if gone_by(list) || called_lately || list < client.held_out_until {
                continue;
            }
            // A client keeps its group for the horizon; the draw is made when it is first listed.
            let mut draws = Draws::new(
                self.seed ^ 0x6361_6c6c,
                (client.number as u64) << 20 | (list as u64 & 0xf_ffff),
            );
            if client.called.is_none_or(|called| list - called >= HORIZON)
                && draws.uniform() < programme.holdout
            {
                client.held_out_until = list + HORIZON;
                continue;
            }
            listed += 1;
            let day = list + 1 + draws.below(5) as i32;
            if gone_by(day) {
                continue;
            }
            client.called = Some(day);
            panel.calls.entry(client.number).or_default().push(day);
            if draws.uniform() < programme.saved {
                client.kept_until = day + HORIZON;
            }
        }
    }
}

impl Client {
    /// The day on which it would leave in the month that begins after today, if nobody kept it.
    fn leaves(&mut self, today: i32, shift: f64) -> Option<i32> {
        let (leaving, day) = (self.draws.uniform(), self.draws.below(MONTH as usize));
        (leaving < monthly(&self.state, shift)).then_some(today + 1 + day as i32)
    }
}

impl Panel {
    /// Rows as they count, with the calls of this panel.
    pub fn labels(&self, rows: &[Row], labels: ContactedLabels) -> Result<Labels> {
        let contacted = self.contacted();
        let exited: Vec<bool> = rows.iter().map(|row| self.exited(row)).collect();
        let samples = Samples::new(table(rows, &exited), exited.clone());
        let shared = overlapping(&samples.table, Some(HORIZON.unsigned_abs()));
        let is_left_out = |place: usize| {
            labels == ContactedLabels::LeaveOut && contacted.is_touched(&samples.table, place)
        };
        let of = |left_out: bool| {
            let places = (0..rows.len()).filter(|place| is_left_out(*place) == left_out);
            places
                .map(|place| Known {
                    row: rows[place].clone(),
                    exited: exited[place],
                    shared: shared[place],
                })
                .collect()
        };
        let (rows, left_out) = (of(false), of(true));
        Ok(Labels {
            rows,
            left_out,
            samples: samples.counting(&contacted, labels)?,
        })
    }

    fn contacted(&self) -> Contacted {
        let reached = |day: &i32| Contact {
            contacted_at: date(*day),
            outcome: Outcome::Offered,
            note: None,
        };
        let calls = self.calls.iter();
        let calls =
            calls.map(|(client, days)| (client.to_string(), days.iter().map(reached).collect()));
        Contacted::new(calls.collect(), Some(HORIZON.unsigned_abs()))
    }

    /// Whether a client left within the horizon after a row.
    pub fn exited(&self, row: &Row) -> bool {
        let end = row.month * MONTH + HORIZON;
        self.left.get(&row.client).is_some_and(|day| *day <= end)
    }
}

/// The chance to leave in the month that follows, with so much added to its log-odds.
fn monthly(state: &State, shift: f64) -> f64 {
    let chance = state.hazard(Regime::Usual);
    chance / (chance + (1.0 - chance) * (-shift).exp())
}

/// The probability that a client in this state leaves within the horizon when nobody calls it.
pub fn truth(state: &State, shift: f64, paths: usize, draws: &mut Draws) -> f64 {
    let path = |_| {
        let (mut state, mut stays) = (*state, 1.0);
        for _ in 0..HORIZON / MONTH {
            stays *= 1.0 - monthly(&state, shift);
            state = state.next(draws);
        }
        1.0 - stays
    };
    (0..paths).map(path).sum::<f64>() / paths as f64
}

/// The risk that a model gives a client.
pub fn risk(model: &Model, state: &State) -> f64 {
    model.risk(&[
        Value::Number(state.lastmonth_activity),
        Value::Number(state.lastyear_activity),
        Value::Number(state.number_of_employees),
        Value::Text(state.industry.name()),
        Value::Number(state.annual_contract_value),
    ])
}

/// The day of a number.
pub fn date(day: i32) -> NaiveDate {
    NaiveDate::default() + Days::new(u64::from((day + 10_000).unsigned_abs()))
}

/// Rows as a table.
pub fn table(rows: &[Row], exited: &[bool]) -> Table {
    let numeric = |name: &str| Column::new(name, Role::Feature, Kind::Numeric);
    let schema = Schema::new(vec![
        Column::new("corporation", Role::ClientId, Kind::Category),
        Column::new("observed_at", Role::ObservedAt, Kind::Category),
        numeric("lastmonth_activity"),
        numeric("lastyear_activity"),
        numeric("number_of_employees"),
        Column::new("industry", Role::Feature, Kind::Category),
        numeric("annual_contract_value"),
        Column::new("exited", Role::Target, Kind::Category),
    ]);
    let number =
        |of: fn(&State) -> f64| ColumnData::Number(rows.iter().map(|row| of(&row.state)).collect());
    let industry = |row: &Row| Some(row.state.industry.name().to_owned());
    let columns = vec![
        ColumnData::Text(
            rows.iter()
                .map(|row| Some(row.client.to_string()))
                .collect(),
        ),
        ColumnData::Date(
            rows.iter()
                .map(|row| Some(date(row.month * MONTH)))
                .collect(),
        ),
        number(|state| state.lastmonth_activity),
        number(|state| state.lastyear_activity),
        number(|state| state.number_of_employees),
        ColumnData::Text(rows.iter().map(industry).collect()),
        number(|state| state.annual_contract_value),
        ColumnData::Flag(exited.iter().copied().map(Some).collect()),
    ];
    Table::new(schema, columns)
}

/// What happened in a project.
pub struct Lived {
    pub champion: Model,
    /// The rows with settled labels.
    pub rows: Vec<Row>,
    panel: Panel,
}

/// Rows as they count under one way of counting the labels of contacted clients.
pub struct Labels {
    pub rows: Vec<Known>,
    /// Those whose labels are left out.
    pub left_out: Vec<Known>,
    pub samples: Samples,
}

/// A row with its label.
pub struct Known {
    pub row: Row,
    pub exited: bool,
    /// How many rows of the client tell of the same event.
    pub shared: u32,
}

/// Months without calls, on which the champion is fitted.
const QUIET: i32 = 3;

/// Lets a project live.
pub fn lived(
    config: &Config,
    seed: u64,
    size: usize,
    shift: f64,
    programme: &Programme,
) -> Result<Lived> {
    // The same clients once more, whom nobody calls until the labels of the champion have settled.
    let mut before = Panel::default();
    let mut world = World::new(seed, size, shift);
    let mut panel = Panel::default();
    for month in 0..QUIET + HORIZON / MONTH {
        if month < QUIET {
            world.record(&mut before);
        }
        world.pass(None, &mut before);
    }
    let champion = model_of(config, &before.labels(&before.rows, ContactedLabels::Use)?)?;
    for _ in 0..programme.months + HORIZON / MONTH {
        world.record(&mut panel);
        world.pass(Some((programme, &champion)), &mut panel);
    }
    let last = QUIET + programme.months + HORIZON / MONTH;
    let settled = panel
        .rows
        .iter()
        .filter(|row| row.month < last)
        .cloned()
        .collect();
    Ok(Lived {
        champion,
        rows: settled,
        panel,
    })
}

impl Lived {
    /// The rows as they count.
    pub fn labels(&self, labels: ContactedLabels) -> Result<Labels> {
        self.panel.labels(&self.rows, labels)
    }

    /// How many labels are of contacted clients.
    pub fn n_contacted(&self) -> Result<u64> {
        let touched = self.labels(ContactedLabels::Use)?.samples.touched;
        Ok(touched.map_or(0, |touched| touched.samples.len() as u64))
    }
}

/// Fits a model to samples.
pub fn model_of(config: &Config, labels: &Labels) -> Result<Model> {
    fit(config, &labels.samples, DateTime::UNIX_EPOCH)
}
