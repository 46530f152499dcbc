//! Samples as CSV text. No cell needs quotes.

use std::fmt::Write;

use super::names::ACCOUNT_MANAGERS;
use super::world::Sample;

/// The columns in order.
pub const COLUMNS: [&str; 9] = [
    "corporation",
    "lastmonth_activity",
    "lastyear_activity",
    "number_of_employees",
    "exited",
    "observed_at",
    "industry",
    "annual_contract_value",
    "account_manager",
];

/// Share of missing cells in each of the five feature columns, in 4,096ths: 1 %.
const MISSING_PER_4096: u64 = 41;

/// How a file of samples is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether `exited` is filled in.
    pub labelled: bool,
    /// Whether the contract value is in thousands, by mistake.
    pub value_in_thousands: bool,
}

impl Style {
    /// With `exited`.
    pub const LABELLED: Style = Style {
        labelled: true,
        value_in_thousands: false,
    };
    /// With empty cells for `exited`.
    pub const UNLABELLED: Style = Style {
        labelled: false,
        value_in_thousands: false,
    };
}

/// The text of a file with a header and a line for each sample, in the order of the names.
pub fn csv<'a>(samples: impl IntoIterator<Item = Sample<'a>>, style: Style) -> String {
    let mut rows: Vec<(String, Sample)> = samples
        .into_iter()
        .map(|sample| (sample.name(), sample))
        .collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for (name, sample) in &rows {
        push_row(&mut text, name, sample, style);
    }
    text
}

fn push_row(text: &mut String, name: &str, sample: &Sample, style: Style) {
    let state = &sample.state;
    let exited = match (style.labelled, sample.exited()) {
        (false, _) => "",
        (true, false) => "0",
        (true, true) => "1",
    };
    let unit = if style.value_in_thousands {
        1_000.0
    } else {
        1.0
    };
    let cell = |column, value: String| match missing(sample.missing_bits, column) {
        Some(mark) => mark.to_owned(),
        None => value,
    };
    writeln!(
        text,
        "{name},{},{},{},{exited},{},{},{},{}",
        cell(0, state.lastmonth_activity.to_string()),
        cell(1, state.lastyear_activity.to_string()),
        cell(2, state.number_of_employees.to_string()),
        sample.month.last_date(),
        cell(3, state.industry.name().to_owned()),
        cell(4, (state.annual_contract_value / unit).to_string()),
        ACCOUNT_MANAGERS[sample.client.account_manager],
    )
    .expect("writing to a string");
}

/// How the cell of a feature is written where it is missing: empty or `NA`, equally often.
fn missing(bits: u64, column: u32) -> Option<&'static str> {
    let part = (bits >> (12 * column)) & 0xfff;
    (part < MISSING_PER_4096).then_some(if part.is_multiple_of(2) { "" } else { "NA" })
}
