//! Which database this is, which version of the schema it has and how much it holds.

use serde::Serialize;

use super::line::{Line as _, lines, table};
use super::{Report, Table};
use crate::model::Timestamp;
use crate::store::{Result, Store};

lines! {
    /// The database.
    DatabaseLine {
        address: String => text.volatile;
        engine: &'static str => text.volatile.verbose;
        schema_version: i64 => number;
        supported_version: i64 => number;
        pending_migrations: i64 => number;
    }

    /// One version of the schema.
    MigrationLine {
        version: i64 => number;
        name: String => text;
        /// `None` while it is pending.
        applied_at: Option<Timestamp> => time;
        applied: bool => text;
    }

    /// One table.
    TableLine {
        table: &'static str => text;
        rows: i64 => number;
    }
}

/// `db status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusReport {
    pub database: DatabaseLine,
    pub migrations: Vec<MigrationLine>,
    pub tables: Vec<TableLine>,
}

/// Reads which version the database has and counts its rows; works on any version.
pub fn status(store: &mut Store) -> Result<StatusReport> {
    store.snapshot(|store| {
        let migrations: Vec<MigrationLine> = store
            .versions()?
            .into_iter()
            .map(|version| MigrationLine {
                version: version.version,
                name: version.name,
                applied: version.applied_at.is_some(),
                // The migrations' own table keeps text, finer than every other time here.
                applied_at: version.applied_at.and_then(|text| text.parse().ok()),
            })
            .collect();
        let applied = migrations.iter().filter(|one| one.applied);
        Ok(StatusReport {
            database: DatabaseLine {
                address: store.address(),
                engine: store.engine_name(),
                schema_version: applied.map(|one| one.version).max().unwrap_or(0),
                supported_version: Store::supported_version(),
                pending_migrations: migrations.iter().filter(|one| !one.applied).count() as i64,
            },
            migrations,
            tables: store
                .row_counts()?
                .into_iter()
                .map(|(table, rows)| TableLine { table, rows })
                .collect(),
        })
    })
}

impl Report for StatusReport {
    fn tables(&self) -> Vec<Table> {
        let mut database = Table::new("database", "", DatabaseLine::columns());
        database.push(self.database.cells());
        vec![
            database,
            table("tables", "There are no tables.", &self.tables),
            table("migrations", "No migration is known.", &self.migrations),
        ]
    }

    fn notes(&self) -> Vec<String> {
        if self.database.pending_migrations > 0 {
            return vec!["The schema is older than this program: toolkit db migrate".to_owned()];
        }
        Vec::new()
    }
}
