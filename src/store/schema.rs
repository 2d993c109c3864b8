//! The schema's versions: up by refinery in one transaction and under a lock, down by the scripts beside.

use std::error::Error as _;
use std::path::PathBuf;

use refinery::{Runner, Target};
use serde::Serialize;

use super::engine::Engine;
use super::error::{Error, FailureKind, Result, StatementError};
use super::value::values;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The scripts that undo a version; version 1 has none.
pub const DOWN: &[(i64, &str)] = &[
    (
        2,
        include_str!("../../migrations/down/D2__add_extraction_and_source_columns.sql"),
    ),
    (3, include_str!("../../migrations/down/D3__keep_bodies.sql")),
    (
        4,
        include_str!("../../migrations/down/D4__record_how_extractions_were_made.sql"),
    ),
    (5, include_str!("../../migrations/down/D5__claim_urls.sql")),
    (
        6,
        include_str!("../../migrations/down/D6__pass_sources.sql"),
    ),
    (
        7,
        include_str!("../../migrations/down/D7__window_texts.sql"),
    ),
    (8, include_str!("../../migrations/down/D8__record_gaps.sql")),
    (
        9,
        include_str!("../../migrations/down/D9__record_runs_and_events.sql"),
    ),
    (
        10,
        include_str!("../../migrations/down/D10__show_incomplete_and_provenance.sql"),
    ),
    (
        11,
        include_str!("../../migrations/down/D11__claim_host_by_host.sql"),
    ),
    (
        12,
        include_str!("../../migrations/down/D12__compare_versions_and_twins.sql"),
    ),
    (
        13,
        include_str!("../../migrations/down/D13__count_fetches_by_host.sql"),
    ),
    (
        14,
        include_str!("../../migrations/down/D14__keep_link_rows.sql"),
    ),
    (
        15,
        include_str!("../../migrations/down/D15__write_archives.sql"),
    ),
    (
        16,
        include_str!("../../migrations/down/D16__index_sources_of_urls.sql"),
    ),
    (
        17,
        include_str!("../../migrations/down/D17__count_blocks.sql"),
    ),
    (
        18,
        include_str!("../../migrations/down/D18__merge_entities.sql"),
    ),
    (
        20,
        include_str!("../../migrations/down/D20__tell_every_loss.sql"),
    ),
    (
        24,
        include_str!("../../migrations/down/D24__index_words.sql"),
    ),
];

/// Tables that hold nothing of their own: the index of words is made of the texts whenever it is asked for.
const DERIVED: &[&str] = &["search_pending", "search_texts", "search_words"];

const HISTORY: &str = "refinery_schema_history";
const BASELINE: &str = "baseline";

/// The first version's tables, which every version has.
pub const BASELINE_TABLES: &[&str] = &[
    "entities",
    "extraction_entities",
    "extractions",
    "jobs",
    "sources",
];

/// One version of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaVersion {
    pub version: i64,
    pub name: String,
    /// When it was applied here; `None` while it is pending.
    pub applied_at: Option<String>,
}

/// What a downgrade takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Downgrade {
    pub from: i64,
    pub to: i64,
    /// What goes, in the order it goes: `table x (n rows)`, `column t.c`, `view v`.
    pub drops: Vec<String>,
    /// Where the file was copied to first.
    pub backup: Option<PathBuf>,
}

/// Returns the newest version this program knows.
pub fn supported_version() -> i64 {
    DOWN.last().map_or(1, |(version, _)| *version)
}

/// Every version this program knows, with what the database has of them.
pub fn versions(engine: &mut dyn Engine) -> Result<Vec<SchemaVersion>> {
    let applied = applied(engine)?;
    let mut known: Vec<SchemaVersion> = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(|migration| SchemaVersion {
            version: i64::from(migration.version()),
            name: migration.name().to_owned(),
            applied_at: None,
        })
        .collect();
    known.sort_by_key(|one| one.version);
    for one in applied {
        match known.iter_mut().find(|known| known.version == one.version) {
            Some(found) => found.applied_at = one.applied_at,
            None => known.push(one),
        }
    }
    Ok(known)
}

/// What a database is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing of this program's is there.
    Empty,
    /// This version is there.
    At(i64),
}

/// Looks without changing anything; refuses what belongs to somebody else.
pub fn condition(engine: &mut dyn Engine) -> Result<Condition> {
    let foreign = |engine: &dyn Engine, found: String| {
        Err(Error::ForeignTables {
            address: engine.address(),
            found,
        })
    };
    if let Some(mark) = engine.foreign_mark()? {
        return foreign(engine, mark);
    }
    let tables = engine.table_names()?;
    if !tables.iter().any(|name| name == HISTORY) {
        let in_the_way: Vec<String> = tables
            .into_iter()
            .filter(|name| engine.is_exclusive() || BASELINE_TABLES.contains(&name.as_str()))
            .collect();
        return if in_the_way.is_empty() {
            Ok(Condition::Empty)
        } else {
            foreign(engine, in_the_way.join(", "))
        };
    }
    let applied = applied(engine)?;
    match applied.first() {
        None => Ok(Condition::Empty),
        Some(first) if first.version == 1 && first.name == BASELINE => {
            Ok(Condition::At(applied.last().map_or(1, |last| last.version)))
        }
        Some(first) => foreign(
            engine,
            format!("migration {} {}", first.version, first.name),
        ),
    }
}

fn applied(engine: &mut dyn Engine) -> Result<Vec<SchemaVersion>> {
    let mut applied = Vec::new();
    if !engine.table_names()?.iter().any(|name| name == HISTORY) {
        return Ok(applied);
    }
    engine.query(
        "SELECT version, name, applied_on FROM refinery_schema_history ORDER BY version",
        &[],
        &mut |row| {
            applied.push(SchemaVersion {
                version: row.get(0)?,
                name: row.get(1)?,
                applied_at: row.get(2)?,
            });
            Ok(())
        },
    )?;
    Ok(applied)
}

/// Says whether any table of the first version holds a row.
pub fn holds_rows(engine: &mut dyn Engine) -> Result<bool> {
    for table in ["jobs", "sources"] {
        if count(engine, table)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(engine: &mut dyn Engine, table: &str) -> Result<i64> {
    let mut rows = 0;
    engine.query(&format!("SELECT COUNT(*) FROM {table}"), &[], &mut |row| {
        rows = row.get(0)?;
        Ok(())
    })?;
    Ok(rows)
}

/// Goes up to `target`, or to the newest version; returns the versions before and after, and the backup.
///
/// The condition is looked at again under the lock, because another process may have gone first.
pub fn migrate(
    engine: &mut dyn Engine,
    target: Option<i64>,
) -> Result<(Condition, i64, Option<PathBuf>)> {
    let target = target.unwrap_or_else(supported_version);
    if !(1..=supported_version()).contains(&target) {
        return Err(Error::NoSuchVersion(target));
    }
    let mut answer = (Condition::Empty, target, None);
    engine.with_migration_lock(&mut |engine| {
        let before = condition(engine)?;
        answer.0 = before;
        match before {
            Condition::At(version) if version >= target => {
                answer.1 = version;
                return Ok(());
            }
            Condition::At(version) => {
                let label = format!("before-V{target}-{}", backup_time());
                if version < target && holds_rows(engine)? {
                    answer.2 = engine.backup(&label)?;
                }
            }
            Condition::Empty => engine.mark_as_own()?,
        }
        let version = i32::try_from(target).map_err(|_| Error::NoSuchVersion(target))?;
        let runner: Runner = embedded::migrations::runner()
            .set_grouped(true)
            .set_abort_missing(false)
            .set_target(Target::Version(version));
        engine.run_migrations(&runner)
    })?;
    Ok(answer)
}

/// Says what going down to `target` would take away.
pub fn plan_downgrade(engine: &mut dyn Engine, target: i64) -> Result<Downgrade> {
    let Condition::At(from) = condition(engine)? else {
        return Err(Error::Missing(engine.address()));
    };
    if from > supported_version() {
        let (address, supported) = (engine.address(), supported_version());
        return Err(Error::NewerSchema {
            address,
            found: from,
            supported,
        });
    }
    if target < 1 || target > from {
        return Err(Error::NoSuchVersion(target));
    }
    let mut plan = Downgrade {
        from,
        to: target,
        ..Downgrade::default()
    };
    for (_, script) in scripts_between(target, from) {
        let code: Vec<&str> = script
            .lines()
            .filter(|line| !line.starts_with("--"))
            .collect();
        for statement in code.join("\n").split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words.as_slice() {
                ["DROP", "TABLE", table] => {
                    let rows = count(engine, table)?;
                    plan.drops.push(format!("table {table} ({rows} rows)"));
                }
                ["DROP", "VIEW", view] => plan.drops.push(format!("view {view}")),
                ["ALTER", "TABLE", table, "DROP", "COLUMN", column] => {
                    plan.drops.push(format!("column {table}.{column}"));
                }
                _ => {}
            }
        }
    }
    Ok(plan)
}

/// Goes down to `target` in one transaction; `allow_rows` says that tables with rows may go.
pub fn downgrade(engine: &mut dyn Engine, target: i64, allow_rows: bool) -> Result<Downgrade> {
    let mut done = Downgrade::default();
    engine.with_migration_lock(&mut |engine| {
        let mut plan = plan_downgrade(engine, target)?;
        let with_rows: Vec<&str> = plan
            .drops
            .iter()
            .filter(|drop| drop.starts_with("table ") && !drop.ends_with("(0 rows)"))
            .filter(|drop| !is_derived(drop))
            .map(String::as_str)
            .collect();
        if !with_rows.is_empty() && !allow_rows {
            return Err(Error::RowsWouldGo(with_rows.join(", ")));
        }
        if plan.from > target {
            plan.backup = engine.backup(&format!("before-V{target}-{}", backup_time()))?;
        }
        engine.begin()?;
        let applied = scripts_between(target, plan.from).try_for_each(|(version, script)| {
            engine.batch(script)?;
            engine
                .execute(
                    "DELETE FROM refinery_schema_history WHERE version = $1",
                    &values![*version],
                )
                .map(|_| ())
        });
        match applied.and_then(|()| engine.commit()) {
            Ok(()) => done = plan,
            Err(error) => {
                engine.rollback()?;
                return Err(error);
            }
        }
        Ok(())
    })?;
    Ok(done)
}

/// Says whether a table that would go is only made of others, and is made again.
fn is_derived(drop: &str) -> bool {
    drop.strip_prefix("table ")
        .and_then(|rest| rest.split(' ').next())
        .is_some_and(|table| DERIVED.contains(&table))
}

fn scripts_between(low: i64, high: i64) -> impl Iterator<Item = &'static (i64, &'static str)> {
    DOWN.iter()
        .rev()
        .filter(move |(version, _)| *version > low && *version <= high)
}

/// The time without the colons that some file systems refuse.
fn backup_time() -> String {
    crate::model::Timestamp::now()
        .to_string()
        .replace([':', '-'], "")
}

/// Walks to the words that help: the display of a migration error alone says little.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub(super) fn migration_error(error: refinery::Error) -> Error {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        message = format!("{message}: {inner}");
        source = inner.source();
    }
    Error::Migration {
        source: StatementError {
            kind: FailureKind::Other,
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_but_the_first_has_a_way_back() {
        let mut known: Vec<i64> = embedded::migrations::runner()
            .get_migrations()
            .iter()
            .map(|migration| i64::from(migration.version()))
            .collect();
        known.sort_unstable();
        let down: Vec<i64> = std::iter::once(1)
            .chain(DOWN.iter().map(|(version, _)| *version))
            .collect();
        assert_eq!(known, down);
    }
}
