//! Turning the cells of a column, one after the other, into what is wanted of it.

use super::{CategoryCells, Cells, NUMERIC_SHARE, Numbers, Texts, Want};
use crate::cell::{is_missing, parse_number, parse_target};
use risk_core::schema::Kind;
use std::collections::HashMap;

pub(super) enum Builder {
    Skip,
    Numbers(Numbers),
    Categories(CategoryCells, HashMap<Vec<u8>, u32>),
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
        let categories = || Self::Categories(CategoryCells::default(), HashMap::new());
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
                let code = match known.get(cell) {
                    Some(code) => *code,
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
        let text = std::str::from_utf8(cell).unwrap_or("?");
        let number = match parse_number(text) {
            Ok(number) => {
                self.known += 1;
                let looks_integer = || !cell.iter().any(|byte| b".eE".contains(byte));
                self.is_integer = self.is_integer && looks_integer();
                number
            }
            Err(_) => {
                self.is_integer = false;
                self.unreadable += u64::from(!is_missing(text));
                f64::NAN
            }
        };
        self.values.push(number);
    }
}

impl CategoryCells {
    /// Finds the code of a cell that has not been met in this spelling.
    fn learn(&mut self, cell: &[u8], known: &mut HashMap<Vec<u8>, u32>) -> Result<u32, String> {
        let name = text(cell)?.trim();
        let code = if is_missing(name) {
            0
        } else if let Some(position) = known.get(name.as_bytes()) {
            *position
        } else {
            self.names.push(name.to_owned());
            u32::try_from(self.names.len()).map_err(|_| "too many categories".to_owned())?
        };
        known.insert(name.as_bytes().to_vec(), code);
        known.insert(cell.to_vec(), code);
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
