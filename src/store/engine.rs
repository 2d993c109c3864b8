//! The seam: what the two engines have in common, and a named method for each thing that truly differs.
//!
//! `sqlite.rs` and `postgres.rs` implement it; reading them side by side is the complete list of
//! differences. No table file may ask which engine it runs on.

use std::path::{Path, PathBuf};

use super::error::Result;
use super::value::{Row, Value};
use crate::model::Timestamp;

/// One connection to a database, used by one thread.
pub trait Engine: Send {
    /// The engine's name, shown only with `--verbose`.
    fn name(&self) -> &'static str;

    /// The address without secrets.
    fn address(&self) -> String;

    /// Runs one statement with parameters `$1..$n` and returns how many rows it changed.
    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64>;

    /// Runs one query and calls `each` for every row while it is being read.
    fn query(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()>;

    /// Runs several statements without parameters.
    fn batch(&mut self, sql: &str) -> Result<()>;

    /// Begins a transaction that takes what it needs to write at once.
    fn begin(&mut self) -> Result<()>;

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    fn begin_snapshot(&mut self) -> Result<()>;

    /// Ends a transaction.
    fn commit(&mut self) -> Result<()>;

    /// Gives a transaction up; on a lost connection there is nothing to give up.
    fn rollback(&mut self) -> Result<()>;

    /// Opens the connection anew after it was lost.
    fn reconnect(&mut self) -> Result<()>;

    /// The database's clock, by which leases expire.
    fn clock(&mut self) -> Result<Timestamp>;

    /// What keeps two claims from waiting for each other; appended to the inner SELECT of a claim.
    fn claim_suffix(&self) -> &'static str;

    /// What makes a SELECT hold its rows until the transaction ends; a file's one writer holds them all.
    fn row_lock_suffix(&self) -> &'static str;

    /// Runs `work` while no other process migrates this database.
    fn with_migration_lock(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Engine) -> Result<()>,
    ) -> Result<()>;

    /// Applies pending migrations in one transaction.
    fn run_migrations(&mut self, runner: &refinery::Runner) -> Result<()>;

    /// The names of the user's tables in the place where this program's tables live.
    fn table_names(&mut self) -> Result<Vec<String>>;

    /// Says whether the place where the tables live is this program's alone.
    fn is_exclusive(&self) -> bool;

    /// Marks a new database as this program's, where the engine has such a mark.
    fn mark_as_own(&mut self) -> Result<()>;

    /// Says what the database's mark names, when it is another program's.
    fn foreign_mark(&mut self) -> Result<Option<String>>;

    /// Copies the database to a file beside it before it is changed, where it is a file.
    fn backup(&mut self, label: &str) -> Result<Option<PathBuf>>;

    /// Gives free what deleted rows leave behind; where a file holds them, by writing it anew and emptying its log.
    fn compact(&mut self) -> Result<()>;

    /// Asks the engine itself whether its structures are sound; each line is a fault.
    fn integrity_faults(&mut self) -> Result<Vec<String>>;

    /// Lets the planner know of many new rows, where the engine does not see to that by itself.
    fn gather_statistics(&mut self) -> Result<()>;

    /// Lets the planner know at once of many new rows in `table`, where it takes them for none until it has
    /// looked by itself.
    fn announce_rows(&mut self, table: &'static str) -> Result<()>;

    /// The catalogue in one shape for both engines, for `db status` and for the parity test.
    fn catalogue(&mut self) -> Result<Catalogue>;
}

/// What stands in a database, described without its engine's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Catalogue {
    pub tables: Vec<CatalogueTable>,
}

/// One table of a [`Catalogue`].
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CatalogueTable {
    pub name: String,
    /// `name TYPE [NOT NULL] [DEFAULT x]`, in the order of the table.
    pub columns: Vec<String>,
    /// `(columns)`, the primary key first.
    pub unique_keys: Vec<String>,
    /// `(columns) -> table (columns) ON DELETE action`, sorted.
    pub foreign_keys: Vec<String>,
    /// `name (columns) [WHERE …]`, sorted; unique keys' own indexes left out.
    pub indexes: Vec<String>,
}

/// Returns `path` with `suffix` appended to its file name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
