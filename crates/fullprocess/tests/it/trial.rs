//! A trial of calls, lived through: clients set aside, calls reported month by month, and what is
//! learned from it when the outcomes are known.

use crate::{full, run, said};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Project, sample::Draws};

/// Days between two snapshots, and of a list.
const PERIOD: i64 = 28;
/// A label settles after two of them; a client stays in its group and is not called again so long.
const HORIZON: i64 = 2 * PERIOD;
const CLIENTS: usize = 900;
/// Snapshots before the first list.
const BEFORE: i64 = 5;
const LISTS: i64 = 7;
/// Lists whose clients have settled labels at the end.
const SETTLED: i64 = LISTS - 2;
/// Share of the leavers that a call keeps; 0.3 is assumed.
const KEPT: f64 = 0.65;

const HEAD: &str = "corporation,logins,contract,exited,observed_at\n";

struct Client {
    name: String,
    logins: f64,
    kept_until: i64,
}

/// A row of a snapshot.
struct Row {
    name: String,
    logins: f64,
    period: i64,
}

/// A row of the contact list.
#[derive(Debug, Clone)]
struct Listed {
    client: String,
    risk: f64,
    contract_value: f64,
    expected_value: f64,
    group: String,
}

/// A company whose clients leave by themselves the sooner the less they log in.
struct World {
    draws: Draws,
    joined: usize,
    clients: Vec<Client>,
    rows: Vec<Row>,
    /// The period in which each client left.
    left: BTreeMap<String, i64>,
    lists: Vec<Vec<Listed>>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            draws: Draws::new(20, 0),
            joined: 0,
            clients: Vec::new(),
            rows: Vec::new(),
            left: BTreeMap::new(),
            lists: Vec::new(),
        };
        world.fill_up();
        world
    }

    fn fill_up(&mut self) {
        while self.clients.len() < CLIENTS {
            self.joined += 1;
            self.clients.push(Client {
                name: format!("Client {:05}", self.joined),
                logins: (100.0 * self.draws.uniform()).round(),
                kept_until: i64::MIN,
            });
        }
    }

    /// Writes the snapshot of the beginning of a period, and the labels that have settled.
    fn deliver(&mut self, project: &Project, period: i64) {
        let clients = self.clients.iter().map(|client| Row {
            name: client.name.clone(),
            logins: client.logins,
            period,
        });
        self.rows.extend(clients);
        for (name, of, is_labelled) in [
            ("snapshot", period, false),
            ("labels", period - HORIZON / PERIOD, true),
        ] {
            let rows = self.rows.iter().filter(|row| row.period == of);
            let text: String = rows.map(|row| self.line(row, is_labelled)).collect();
            if !text.is_empty() {
                let file = format!("sourcedata/{name}_{:02}.csv", period + BEFORE);
                project.write(&file, format!("{HEAD}{text}"));
            }
        }
    }

    fn line(&self, row: &Row, is_labelled: bool) -> String {
        let left = self.has_left(&row.name, row.period);
        let label = is_labelled.then(|| u8::from(left).to_string());
        format!(
            "{},{},1000,{},{}\n",
            row.name,
            row.logins,
            label.unwrap_or_default(),
            first_day(row.period)
        )
    }

    /// Whether a client left within the horizon of a period.
    fn has_left(&self, name: &str, period: i64) -> bool {
        let left = self.left.get(name);
        left.is_some_and(|left| (period..period + HORIZON / PERIOD).contains(left))
    }

    /// Lets a period pass; all calls are made on its third day, before anybody leaves.
    fn pass(&mut self, period: i64, called: &BTreeSet<String>) {
        let mut stayed = Vec::new();
        for mut client in std::mem::take(&mut self.clients) {
            let (leaving, keeping) = (self.draws.uniform(), self.draws.uniform());
            if called.contains(&client.name) && keeping < KEPT {
                client.kept_until = period + HORIZON / PERIOD;
            }
            if leaving < chance(client.logins) && period >= client.kept_until {
                self.left.insert(client.name, period);
            } else {
                stayed.push(client);
            }
        }
        self.clients = stayed;
        self.fill_up();
    }

    /// How many trials of a group have known outcomes, and in how many the client left. A client that
    /// is set aside stands on both lists of its trial.
    fn outcomes(&self, group: &str) -> (f64, f64) {
        let (mut trials, mut left) = (0.0, 0.0);
        let mut begun: BTreeMap<&str, i64> = BTreeMap::new();
        for (list, period) in self.lists.iter().zip(0..SETTLED) {
            for listed in list.iter().filter(|it| it.group == group) {
                let since = begun.entry(&listed.client).or_insert(i64::MIN);
                if (*since + HORIZON / PERIOD) <= period {
                    *since = period;
                    trials += 1.0;
                    left += f64::from(u8::from(self.has_left(&listed.client, period)));
                }
            }
        }
        (trials, left)
    }

    /// Settled labels within whose horizon their client was called.
    fn n_contacted(&self, period: i64) -> usize {
        let was_called = |row: &&Row| {
            let lists = (row.period.max(0)..row.period + HORIZON / PERIOD)
                .filter_map(|of| self.lists.get(usize::try_from(of).unwrap()));
            let mut calls = lists.flatten().filter(|it| it.group == "contact");
            calls.any(|it| it.client == row.name)
        };
        let settled = self
            .rows
            .iter()
            .filter(|row| row.period <= period - HORIZON / PERIOD);
        settled.filter(was_called).count()
    }
}

/// The probability to leave in one period when nobody calls.
fn chance(logins: f64) -> f64 {
    0.5 * (1.0 - logins / 100.0) + 0.02
}

fn first_day(period: i64) -> NaiveDate {
    let start = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    start + Days::new(u64::try_from(PERIOD * (period + BEFORE)).unwrap())
}

/// The time of the run of a period: the day after its snapshot.
fn now(period: i64) -> String {
    format!("{}T06:00:00Z", first_day(period) + Days::new(1))
}

fn project() -> Project {
    let project = Project::new();
    let mut config = project.read_json("config.json");
    config["dataset"] = json!({
        "observed_at": "observed_at",
        "horizon_days": HORIZON,
        "contract_value": "contract",
        "ignore": ["contract"],
    });
    config["contacts"] = json!({
        "capacity": 180,
        "period_days": PERIOD,
        "recontact_after_days": HORIZON,
        "holdout_percent": 40,
    });
    project.set_config(config);
    let mut draws = Draws::new(20, 1);
    let rows: String = (0..300)
        .map(|number| {
            let logins = (100.0 * draws.uniform()).round();
            let left = draws.uniform() < 1.0 - (1.0 - chance(logins)).powi(2);
            format!(
                "Test {number},{logins},1000,{},{}\n",
                u8::from(left),
                first_day(-BEFORE)
            )
        })
        .collect();
    project.write("testdata/testdata.csv", format!("{HEAD}{rows}"));
    project
}

/// The published list, those set aside included.
fn listed(project: &Project) -> Vec<Listed> {
    let text = project.read("models/contactlist.csv");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let place = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let number = |row: &[&str], name: &str| row[place(name)].parse().unwrap();
    lines
        .map(|row| Listed {
            client: row[place("corporation")].to_owned(),
            risk: number(&row, "risk"),
            contract_value: number(&row, "contract_value"),
            expected_value: number(&row, "expected_value"),
            group: row[place("group")].to_owned(),
        })
        .collect()
}

/// Reports one call of each client of a list that is to be called.
fn report_calls(project: &Project, period: i64, called: &BTreeSet<String>) {
    let day = first_day(period) + Days::new(3);
    let calls: String = called
        .iter()
        .map(|client| format!("{client},{day},offered\n"))
        .collect();
    project.write(
        "calls.csv",
        format!("corporation,contacted_at,outcome\n{calls}"),
    );
    let file = project.path("calls.csv");
    let contacts = ["--contacts", file.to_str().unwrap(), "--now"];
    let at = format!("{}T06:00:00Z", day + Days::new(1));
    let output = run(project, "ingestion", &[&contacts[..], &[&at]].concat());
    assert!(output.status.success(), "{}", said(&output));
}

/// What the report says of the calls, without its markup.
fn effect_of_calls(project: &Project) -> String {
    let page = project.read("models/report.html");
    let (_, after) = page.split_once("What calling achieves").unwrap();
    let pieces = after.split('<').map(|piece| match piece.split_once('>') {
        Some((_, text)) => text,
        None => piece,
    });
    let text = pieces.collect::<String>().replace('\u{a0}', " ");
    text.chars().take(1200).collect()
}

/// The numbers of a sentence, of which these words are the beginning.
fn numbers(text: &str, beginning: &str) -> Vec<f64> {
    let (_, rest) = text
        .split_once(beginning)
        .unwrap_or_else(|| panic!("no {beginning:?} in {text}"));
    let sentence = rest.lines().next().unwrap_or_default().replace(',', "");
    let pieces = sentence.split(|it: char| !it.is_ascii_digit() && it != '.' && it != '-');
    pieces.filter_map(|piece| piece.parse().ok()).collect()
}

fn called(list: &[Listed]) -> BTreeSet<String> {
    let called = list.iter().filter(|it| it.group == "contact");
    called.map(|it| it.client.clone()).collect()
}

/// What a call of each client is worth, as a share of its value at risk.
fn success_rates(list: &[Listed]) -> Vec<(f64, f64)> {
    let rate = |it: &Listed| (it.risk, it.expected_value / (it.risk * it.contract_value));
    list.iter().map(rate).collect()
}

#[test]
fn what_calls_achieve_is_learned_from_those_set_aside_and_values_the_next_list() {
    let project = project();
    let mut world = World::new();
    for period in -BEFORE..0 {
        world.deliver(&project, period);
        world.pass(period, &BTreeSet::new());
    }
    let mut decisions = Vec::new();
    for period in 0..LISTS {
        world.deliver(&project, period);
        decisions.push(full(&project, &now(period), &[], 0));
        let list = listed(&project);
        if period == 0 {
            let few = numbers(
                &effect_of_calls(&project),
                "What calling achieves cannot be told yet: the outcome is known of",
            );
            assert!(few[..2] == [0.0, 0.0] && few[2] > 5.0, "{few:?}");
            for (_, rate) in success_rates(&list) {
                assert!((rate - 0.3).abs() < 1e-4, "{rate}");
            }
        }
        let called = called(&list);
        report_calls(&project, period, &called);
        world.lists.push(list);
        world.pass(period, &called);
    }

    // Whom a call reached is left in peace for the horizon, and who is set aside for as long.
    for lists in world.lists.windows(2) {
        let again: Vec<_> = called(&lists[0])
            .intersection(&called(&lists[1]))
            .cloned()
            .collect();
        assert!(again.is_empty(), "{again:?}");
    }
    let set_aside = world.lists[0].iter().filter(|it| it.group == "holdout");
    let set_aside: BTreeSet<String> = set_aside.map(|it| it.client.clone()).collect();
    assert!(set_aside.len() > 50 && set_aside.is_disjoint(&called(&world.lists[1])));

    // The saved share is that of the two groups, and its interval holds the truth.
    let ((n_called, left_called), (n_held, left_held)) =
        (world.outcomes("contact"), world.outcomes("holdout"));
    let effect = effect_of_calls(&project);
    let saved = numbers(&effect, "Calling has kept");
    let [share, _, low, high, of_called, of_held] = saved[..] else {
        panic!("{effect}")
    };
    assert_eq!((of_called, of_held), (n_called, n_held), "{effect}");
    let by_hand = 1.0 - (left_called / n_called) / (left_held / n_held);
    assert!((share / 100.0 - by_hand).abs() < 0.03, "{share} {by_hand}");
    assert!(
        low < 100.0 * KEPT && 100.0 * KEPT < high && high - low < 20.0,
        "{effect}"
    );

    // Where outcomes have taught a rate it values the list; elsewhere the assumed one does.
    let taught = numbers(&effect, "At a risk of 50.0 % to 100.0 %, a call keeps");
    let [rate, _, low, high, ..] = taught[..] else {
        panic!("{effect}")
    };
    assert!(low < 100.0 * KEPT && 100.0 * KEPT < high, "{effect}");
    let newest = success_rates(world.lists.last().unwrap());
    assert!(newest.iter().any(|(risk, _)| *risk >= 0.5));
    for (risk, of_list) in newest.iter().filter(|(risk, _)| *risk >= 0.5) {
        assert!(
            (of_list - rate / 100.0).abs() < 6e-4,
            "{risk}: {of_list}, {rate}"
        );
    }

    // The labels of those who were called are marked, and have not made the model look drifted.
    let at = now(LISTS - 1);
    let trained = run(&project, "training", &["--json", "--now", &at]);
    assert!(trained.status.success(), "{}", said(&trained));
    let trained: Value = serde_json::from_slice(&trained.stdout).unwrap();
    assert_eq!(trained["n_contacted"], world.n_contacted(LISTS - 1));
    let later: Vec<&Value> = decisions[1..].iter().map(|it| &it["decision"]).collect();
    assert!(later.iter().all(|it| **it == "no_drift"), "{decisions:#?}");
}
