//! Which value each setting has, and where it comes from.
//!
//! Stands on no row: what is set is handed in, with nothing secret left in it.

use serde::Serialize;

use super::line::{lines, table};
use super::{Report, Table};

lines! {
    /// A setting.
    SettingLine {
        /// As it is written in `toolkit.toml`, with its table: `crawl.delay`.
        setting: String => text;
        /// `None` where it is not given and nothing stands in.
        value: Option<String> => text;
        /// `flag`, the name of a variable, `FILE:LINE` or `default`.
        origin: String => text;
    }
}

/// `config show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConfigReport {
    pub rows: Vec<SettingLine>,
    /// The file of settings that was read.
    pub file: Option<String>,
}

/// Makes the report of settings.
pub fn config(rows: Vec<SettingLine>, file: Option<String>) -> ConfigReport {
    ConfigReport { rows, file }
}

impl Report for ConfigReport {
    fn tables(&self) -> Vec<Table> {
        vec![table(
            "settings",
            "Every setting is as the program does by itself.",
            &self.rows,
        )]
    }

    fn notes(&self) -> Vec<String> {
        vec![match &self.file {
            Some(file) => format!("settings are read from {file}"),
            None => "no toolkit.toml is read".to_owned(),
        }]
    }
}
