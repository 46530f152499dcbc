//! The schema of a table of samples: its columns, in order, and what each of them is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the stored schema.
pub const FORMAT_VERSION: u32 = 1;

/// Whether a column holds numbers or the names of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Finite numbers.
    Numeric,
    /// Text, each distinct value a category.
    Category,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Numeric => "numeric",
            Self::Category => "a category",
        })
    }
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The text that identifies a client; never missing.
    ClientId,
    /// Whether the client left; missing means "not known yet".
    Target,
    /// The date of the sample; never missing.
    ObservedAt,
    /// An input of the model.
    Feature,
    /// Kept in the data, not used by the model.
    Carried,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name in the header.
    pub name: String,
    /// What the column is for.
    pub role: Role,
    /// Numbers or text. The id, target and date columns count as categories.
    pub kind: Kind,
    /// The smallest accepted number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest accepted number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether a missing cell makes the row a bad one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Why a column that could have been a feature is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

impl Column {
    /// A column without bounds.
    #[must_use]
    pub fn new(name: impl Into<String>, role: Role, kind: Kind) -> Self {
        let required = matches!(role, Role::ClientId | Role::ObservedAt);
        Self {
            name: name.into(),
            role,
            kind,
            min: None,
            max: None,
            required,
            left_out: None,
        }
    }
}

/// The columns of a table, in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The text of the target that means "left", besides 1, true and yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
}

impl Schema {
    /// A schema with these columns.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            positive: None,
            columns,
        }
    }

    /// The position of the only column with a role; meant for id, target and date.
    #[must_use]
    pub fn position(&self, role: Role) -> Option<usize> {
        self.columns.iter().position(|column| column.role == role)
    }

    /// The position of a column by name.
    #[must_use]
    pub fn position_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The features, in order.
    pub fn features(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| column.role == Role::Feature)
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// A name for the way rows are parsed and checked under this schema: two schemas that differ
    /// only in which columns are features have the same one.
    #[must_use]
    pub fn parsing_fingerprint(&self) -> String {
        let mut parsed = self.clone();
        for column in &mut parsed.columns {
            column.left_out = None;
            if column.role == Role::Feature {
                column.role = Role::Carried;
            }
        }
        let text = serde_json::to_string(&parsed).unwrap_or_default();
        crate::hash::sha256_hex(text)[..16].to_owned()
    }
}
