//! Turning the cells of a column, one after the other, into what is wanted of it.

use super::{CategoryCells, Cells, NUMERIC_SHARE, Numbers, Texts, Want};
use crate::cell::{is_missing, parse_bare_number, parse_number, parse_target};
use risk_core::schema::Kind;
use std::collections::HashMap;

pub(super) enum Builder {
    Skip,
    Numbers(Numbers),
    Categories(CategoryCells, Spellings),
    Texts(Texts),
    Targets(Vec<Option<bool>>, Option<String>),
}

impl Builder {
    pub(super) fn new<'a>(want: Want, first: impl Iterator<Item = &'a [u8]>) -> Self {
        let numbers = || {
            Self::Numbers(Numbers {
                is_integer: true,
                ..Numbers::default()
            })
        };
        let categories = || Self::Categories(CategoryCells::default(), Spellings::default());
        match want {
            Want::Skip => Self::Skip,
            Want::Kind(Kind::Numeric) => numbers(),
            Want::Kind(Kind::Category) => categories(),
            Want::Text => Self::Texts(Texts::default()),
            Want::Target(positive) => Self::Targets(Vec::new(), positive),
            Want::Found => match guess(first) {
                Kind::Numeric => numbers(),
                Kind::Category => categories(),
            },
        }
    }

    pub(super) fn push(&mut self, cell: &[u8]) -> Result<(), String> {
        match self {
            Self::Skip => {}
            Self::Numbers(numbers) => numbers.push(cell),
            Self::Categories(categories, known) => {
                let code = match known.code(cell) {
                    Some(code) => code,
                    None => categories.learn(cell, known)?,
                };
                categories.codes.push(code);
            }
            Self::Texts(texts) => {
                let text = text(cell)?.trim();
                texts.push(if is_missing(text) { "" } else { text });
            }
            Self::Targets(targets, positive) => {
                let text = text(cell)?;
                if is_missing(text) {
                    targets.push(None);
                } else {
                    let left = parse_target(text, positive.as_deref()).ok_or_else(|| {
                        format!(
                            "{text:?} is no target; use 0 and 1, or say which text means that \
                                 the client left with dataset.positive"
                        )
                    })?;
                    targets.push(Some(left));
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Cells {
        match self {
            Self::Skip => Cells::Skipped,
            Self::Numbers(numbers) => Cells::Numbers(numbers),
            Self::Categories(categories, _) => Cells::Categories(categories),
            Self::Texts(texts) => Cells::Texts(texts),
            Self::Targets(targets, _) => Cells::Targets(targets),
        }
    }
}

impl Numbers {
    fn push(&mut self, cell: &[u8]) {
        let text = || std::str::from_utf8(cell).unwrap_or("?");
        let number = match parse_bare_number(cell).or_else(|| parse_number(text()).ok()) {
            Some(number) => {
                self.known += 1;
                let looks_integer = || !cell.iter().any(|byte| b".eE".contains(byte));
                self.is_integer = self.is_integer && looks_integer();
                number
            }
            None => {
                self.is_integer = false;
                self.unreadable += u64::from(!is_missing(text()));
                f64::NAN
            }
        };
        self.values.push(number);
    }
}

/// The codes of the spellings that were met. Most columns have a few, which are found before a hash of the
/// cell would be.
#[derive(Default)]
pub(super) struct Spellings {
    first: Vec<(Vec<u8>, u32)>,
    others: HashMap<Vec<u8>, u32>,
}

impl Spellings {
    const MOST_FIRST: usize = 6;

    fn code(&self, cell: &[u8]) -> Option<u32> {
        let first = self.first.iter().find(|(spelling, _)| spelling == cell);
        first
            .map(|(_, code)| *code)
            .or_else(|| self.others.get(cell).copied())
    }

    fn insert(&mut self, cell: &[u8], code: u32) {
        if self.code(cell).is_some() {
            return;
        }
        if self.first.len() < Self::MOST_FIRST {
            self.first.push((cell.to_vec(), code));
        } else {
            self.others.insert(cell.to_vec(), code);
        }
    }
}

impl CategoryCells {
    /// Finds the code of a cell that has not been met in this spelling.
    fn learn(&mut self, cell: &[u8], known: &mut Spellings) -> Result<u32, String> {
        let name = text(cell)?.trim();
        let code = if is_missing(name) {
            0
        } else if let Some(code) = known.code(name.as_bytes()) {
            code
        } else {
            self.names.push(name.to_owned());
            u32::try_from(self.names.len()).map_err(|_| "too many categories".to_owned())?
        };
        known.insert(name.as_bytes(), code);
        known.insert(cell, code);
        Ok(code)
    }
}

fn text(cell: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(cell).map_err(|_| "not UTF-8; save the file as UTF-8".to_owned())
}

fn guess<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Kind {
    let (mut known, mut numbers) = (0_u64, 0_u64);
    for text in cells.filter_map(|cell| std::str::from_utf8(cell).ok()) {
        if !is_missing(text) {
            known += 1;
            numbers += u64::from(parse_number(text).is_ok());
        }
    }
    if numbers as f64 >= NUMERIC_SHARE * known as f64 {
        Kind::Numeric
    } else {
        Kind::Category
    }
}
