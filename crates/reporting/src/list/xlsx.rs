//! `contactlist.xlsx`: the list for those who call.
//!
//! Cells are typed: numbers are numbers and text is text, so that no text becomes a formula. The same
//! list gives the same bytes.

use super::{ContactList, Dropped, Entry};
use crate::text;
use anyhow::{Context, Result};
use chrono::Datelike;
use contacts::Change;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use std::collections::{BTreeMap, HashSet};

/// One column of a sheet of clients.
struct Column {
    title: String,
    width: f64,
    format: Format,
    cell: fn(&Entry) -> Cell,
}

/// What stands in a cell.
enum Cell {
    Empty,
    Number(f64),
    Text(String),
}

/// The list as a spreadsheet: a sheet with everybody to be called, one with those who have become urgent
/// since it was published and, where clients are assigned, one for each who calls; then those set aside,
/// those dropped since the last list, and what the columns mean. `leavers` is what is said of how many of
/// them are expected to leave.
///
/// # Errors
/// When the library refuses what it is given; it should not.
pub fn to_xlsx(list: &ContactList, urgent: &[Entry], leavers: Option<&str>) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    write(&mut workbook, list, urgent, leavers)
        .and_then(|()| workbook.save_to_buffer())
        .context("cannot make the spreadsheet of the contact list")
}

fn write(
    workbook: &mut Workbook,
    list: &ContactList,
    urgent: &[Entry],
    leavers: Option<&str>,
) -> Result<(), XlsxError> {
    let day = list.valid_from;
    let created = ExcelDateTime::from_ymd(
        day.year().clamp(1900, 9999) as u16,
        day.month() as u8,
        day.day() as u8,
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(format!("Clients to call, {day}"))
            .set_creation_datetime(&created),
    );
    let columns = columns(list, &list.entries, "Rank");
    let mut names = SheetNames::default();
    let called: Vec<&Entry> = list.to_call().collect();
    let everybody = names.unique("Clients to call");
    clients_sheet(workbook.add_worksheet(), &everybody, &columns, &called)?;
    if !urgent.is_empty() {
        let name = names.unique("Urgent");
        let columns = self::columns(list, urgent, "Order");
        let urgent: Vec<&Entry> = urgent.iter().collect();
        clients_sheet(workbook.add_worksheet(), &name, &columns, &urgent)?;
    }
    if list.head.settings.assign_by.is_some() {
        let mut managers: BTreeMap<Option<&str>, Vec<&Entry>> = BTreeMap::new();
        for entry in &called {
            managers
                .entry(entry.assigned_to.as_deref())
                .or_default()
                .push(entry);
        }
        for (manager, entries) in managers {
            let name = names.unique(manager.unwrap_or("Not assigned"));
            clients_sheet(workbook.add_worksheet(), &name, &columns, &entries)?;
        }
    }
    let held_out: Vec<&Entry> = list.held_out().collect();
    if !held_out.is_empty() {
        let name = names.unique("Set aside, do not call");
        clients_sheet(workbook.add_worksheet(), &name, &columns, &held_out)?;
    }
    if !list.dropped.is_empty() {
        let name = names.unique("Dropped");
        dropped_sheet(workbook.add_worksheet(), &name, &list.dropped)?;
    }
    let name = names.unique("About");
    about_sheet(
        workbook.add_worksheet(),
        &name,
        about(list, urgent, leavers),
    )
}

/// The columns for clients, those left out that would be empty for all of them.
fn columns(list: &ContactList, entries: &[Entry], rank: &str) -> Vec<Column> {
    let percent = || top().set_num_format("0.0%");
    let money = || top().set_num_format("#,##0");
    let count = || top().set_num_format("0");
    let column = |title: &str, width, format, cell| Column {
        title: title.to_owned(),
        width,
        format,
        cell,
    };
    let mut columns = vec![
        column(rank, 6.5, count(), |entry| Cell::Number(entry.rank as f64)),
        column("Client", 26.0, wrapped(), |entry| {
            Cell::Text(entry.client_id.clone())
        }),
        column("Risk of leaving", 9.0, percent(), |entry| {
            Cell::Number(entry.risk)
        }),
    ];
    if list.head.by_value {
        columns.push(column("Contract value a year", 11.0, money(), |entry| {
            number(entry.contract_value)
        }));
        columns.push(column("Value at risk", 11.0, money(), |entry| {
            number(entry.value_at_risk)
        }));
        columns.push(column(&list.value_words(), 14.0, money(), |entry| {
            number(entry.expected_value)
        }));
    }
    columns.extend([
        column("Strongest reason", 36.0, wrapped(), |entry| {
            reason(entry, 0)
        }),
        column("Second reason", 36.0, wrapped(), |entry| reason(entry, 1)),
        column("Third reason", 36.0, wrapped(), |entry| reason(entry, 2)),
    ]);
    // The first lists have nothing to say here, and paper is narrow.
    if entries.iter().any(|entry| entry.change.is_some()) {
        columns.push(column("Since the last list", 11.0, wrapped(), |entry| {
            Cell::Text(change(entry))
        }));
    }
    if entries.iter().any(|entry| entry.why.is_some()) {
        columns.push(column("What changed", 30.0, wrapped(), |entry| {
            words(entry.why.as_deref())
        }));
    }
    if entries.iter().any(|entry| entry.last_contact.is_some()) {
        columns.push(column("Last call", 24.0, wrapped(), |entry| {
            Cell::Text(last_contact(entry))
        }));
    }
    if list.head.settings.assign_by.is_some() {
        let assigned: fn(&Entry) -> Cell = |entry| words(entry.assigned_to.as_deref());
        columns.insert(2, column("Assigned to", 18.0, wrapped(), assigned));
    }
    columns
}

fn top() -> Format {
    Format::new()
        .set_align(FormatAlign::Top)
        .set_border_bottom(FormatBorder::Hair)
}

fn wrapped() -> Format {
    // Else it sticks to a number on its left.
    top().set_text_wrap().set_indent(1)
}

fn header() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_font_color(Color::White)
        .set_background_color(Color::RGB(0x001f_5fa8))
}

fn number(amount: Option<f64>) -> Cell {
    amount.map_or(Cell::Empty, Cell::Number)
}

fn words(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
}

fn reason(entry: &Entry, place: usize) -> Cell {
    words(entry.reasons.get(place).map(String::as_str))
}

/// How the place of a client moved, in words.
pub(crate) fn change(entry: &Entry) -> String {
    let place = entry.previous_rank.unwrap_or_default();
    match entry.change {
        None => String::new(),
        Some(change @ (Change::Up | Change::Down)) => format!("{}, was {place}", change.name()),
        Some(change) => change.name().to_owned(),
    }
}

/// The last call of a client, in words.
pub(crate) fn last_contact(entry: &Entry) -> String {
    entry
        .last_contact
        .as_ref()
        .map_or(String::new(), |contact| {
            let (day, outcome) = (contact.contacted_at, contact.outcome.name());
            match &contact.note {
                Some(note) => format!("{day}: {outcome} ({note})"),
                None => format!("{day}: {outcome}"),
            }
        })
}

fn clients_sheet(
    sheet: &mut Worksheet,
    name: &str,
    columns: &[Column],
    entries: &[&Entry],
) -> Result<(), XlsxError> {
    let titles: Vec<(&str, f64)> = columns
        .iter()
        .map(|column| (column.title.as_str(), column.width))
        .collect();
    prepare(sheet, name, &titles, entries.len())?;
    for (row, entry) in (1..).zip(entries) {
        let mut lines = 1;
        for (position, column) in (0..).zip(columns) {
            match (column.cell)(entry) {
                Cell::Empty => sheet.write_blank(row, position, &column.format)?,
                Cell::Number(number) => {
                    sheet.write_number_with_format(row, position, number, &column.format)?
                }
                Cell::Text(text) => {
                    lines = lines.max(lines_of(&text, column.width));
                    sheet.write_string_with_format(row, position, text, &column.format)?
                }
            };
        }
        set_lines(sheet, row, lines)?;
    }
    Ok(())
}

/// How many lines a text takes in a column; programs do not all find that out themselves.
fn lines_of(text: &str, width: f64) -> u32 {
    let in_a_line = (width * 0.95).max(1.0);
    let lines = text
        .lines()
        .map(|line| (line.chars().count() as f64 / in_a_line).ceil().max(1.0));
    (lines.sum::<f64>() as u32).clamp(1, 20)
}

fn set_lines(sheet: &mut Worksheet, row: u32, lines: u32) -> Result<(), XlsxError> {
    sheet.set_row_height(row, 15.0 * f64::from(lines) + 1.0)?;
    Ok(())
}

/// Header, widths, filter, frozen first row, and how the sheet is printed.
fn prepare(
    sheet: &mut Worksheet,
    name: &str,
    titles: &[(&str, f64)],
    rows: usize,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (position, (title, width)) in (0..).zip(titles) {
        sheet.write_string_with_format(0, position, *title, &header())?;
        sheet.set_column_width(position, *width)?;
    }
    let lines = titles.iter().map(|(title, width)| lines_of(title, *width));
    set_lines(sheet, 0, lines.max().unwrap_or(1) + 1)?;
    sheet.set_freeze_panes(1, 2)?;
    let last = (titles.len() as u16).saturating_sub(1);
    sheet.autofilter(0, 0, u32::try_from(rows).unwrap_or(u32::MAX), last)?;
    for_paper(sheet);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// A4, landscape, as wide as one page.
fn for_paper(sheet: &mut Worksheet) {
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3)
        .set_footer("&L&A&RPage &P of &N")
        .set_print_fit_to_pages(1, 0);
}

fn dropped_sheet(sheet: &mut Worksheet, name: &str, dropped: &[Dropped]) -> Result<(), XlsxError> {
    let titles = [
        ("Rank then", 9.0),
        ("Client", 30.0),
        ("Why it is not on this list", 60.0),
    ];
    prepare(sheet, name, &titles, dropped.len())?;
    for (row, entry) in (1..).zip(dropped) {
        sheet.write_number_with_format(row, 0, entry.previous_rank as f64, &top())?;
        sheet.write_string_with_format(row, 1, &entry.client_id, &wrapped())?;
        sheet.write_string_with_format(row, 2, &entry.why, &wrapped())?;
    }
    Ok(())
}

fn about_sheet(
    sheet: &mut Worksheet,
    name: &str,
    about: Vec<(String, String)>,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_column_width(0, 30.0)?;
    sheet.set_column_width(1, 100.0)?;
    for_paper(sheet);
    for (row, (what, said)) in (0..).zip(about) {
        set_lines(
            sheet,
            row,
            lines_of(&said, 100.0).max(lines_of(&what, 30.0)),
        )?;
        sheet.write_string_with_format(row, 0, what, &wrapped().set_bold())?;
        sheet.write_string_with_format(row, 1, said, &wrapped())?;
    }
    Ok(())
}

fn about(list: &ContactList, urgent: &[Entry], leavers: Option<&str>) -> Vec<(String, String)> {
    let head = &list.head;
    let within = text::horizon(head.horizon_days);
    let line = |what: &str, said: String| (what.to_owned(), said);
    let mut lines = vec![
        line("List", list.list_id.clone()),
        line(
            "Valid",
            format!(
                "from {} until the next list on {}",
                list.valid_from, list.valid_to
            ),
        ),
        line(
            "Model",
            format!("{} of release {}", list.model_id, list.release),
        ),
    ];
    if let Some(said) = text::nobody(list) {
        lines.push(line("Nobody to call", said));
    }
    if let Some(said) = leavers {
        lines.push(line("What to expect", said.to_owned()));
    }
    lines.push(line(
        "Risk of leaving",
        format!("How likely the client leaves{within} if nothing is done."),
    ));
    if head.by_value {
        lines.push(line(
            "Value at risk",
            "Risk times the yearly contract value.".into(),
        ));
        lines.push(line(&list.value_words(), text::value_of_calling(list)));
    }
    lines.push(line(
        "Reasons",
        "What raises the risk of this client most, compared with what is usual for clients like it. A \
         reason says that the client is unlike others here, not that more of the same would be worse."
            .into(),
    ));
    lines.push(line(
        "Order",
        if head.by_value {
            "The most valuable calls first. A client whose contract value is not known is placed as if \
             it had the middle one of the book."
        } else {
            "The highest risk first."
        }
        .into(),
    ));
    lines.extend(
        text::not_listed(list)
            .into_iter()
            .map(|said| line("Not listed", said)),
    );
    if !urgent.is_empty() {
        lines.push(line(
            "Urgent",
            "Not on the list, which stays as it is, and to be called all the same: they would now stand in \
             its upper half, and are new or their own data has doubled their odds of leaving."
                .into(),
        ));
    }
    if list.held_out().next().is_some() {
        lines.push(line(
            "Set aside",
            "Drawn at random and not to be called, so that what calling achieves can be seen."
                .into(),
        ));
    }
    lines
}

/// Names of sheets as spreadsheets allow them: at most 31 characters, none of `[]:*?/\`, each once
/// whatever the case.
#[derive(Default)]
struct SheetNames(HashSet<String>);

impl SheetNames {
    fn unique(&mut self, wanted: &str) -> String {
        let allowed = wanted.replace(['[', ']', ':', '*', '?', '/', '\\'], " ");
        let cleaned: String = allowed
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        let cleaned = cleaned.trim().trim_matches('\'').trim();
        // "History" is a name that Excel keeps for itself.
        let base = match cleaned {
            "" => "Sheet",
            name if name.eq_ignore_ascii_case("history") => "History of clients",
            name => name,
        };
        let mut name: String = base.chars().take(31).collect();
        let mut number = 2;
        while !self.0.insert(name.to_lowercase()) {
            let end = format!(" ({number})");
            name = base
                .chars()
                .take(31 - end.chars().count())
                .collect::<String>()
                + &end;
            number += 1;
        }
        name
    }
}

#[cfg(test)]
mod tests;
