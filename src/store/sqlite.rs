//! SQLite behind the seam: the only file that names its client crate.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};
use uuid::Uuid;

use super::engine::{Catalogue, Engine, beside};
use super::error::{Error, FailureKind, Result, StatementError};
use super::sqlite_catalogue;
use super::value::{Row, Value, values};
use crate::model::Timestamp;

/// "tkit": marks a file as this program's (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x746b_6974;
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const CACHED_STATEMENTS: usize = 256;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAccess {
    Create,
    Write,
    Read,
}

/// A SQLite file.
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    access: FileAccess,
    /// For each statement text, the numbers of its parameters in the order in which SQLite counts them.
    /// Asked for once: SQLite finds a parameter's name by walking all names before it.
    numbers: HashMap<String, Vec<usize>>,
}

impl Sqlite {
    /// Opens the file at `path`; a missing one is made only with [`FileAccess::Create`].
    pub fn open(path: &Path, access: FileAccess) -> Result<Self> {
        let address = path.display().to_string();
        if access != FileAccess::Create && !path.exists() {
            return Err(Error::Missing(address));
        }
        connect(path, access)
            .map(|connection| Self {
                connection,
                path: path.to_owned(),
                access,
                numbers: HashMap::new(),
            })
            .map_err(|error| Error::Open {
                address,
                source: statement_error(&error),
            })
    }

    fn pragma(&self, sql: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let rows = statement
            .query_map([], |row| row.get::<_, Owned>(0))
            .map_err(failed)?;
        rows.map(|value| match value.map_err(failed)? {
            Owned::Text(text) => Ok(text),
            Owned::Integer(number) => Ok(number.to_string()),
            other => Ok(format!("{other:?}")),
        })
        .collect()
    }
}

fn connect(path: &Path, access: FileAccess) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match access {
        FileAccess::Create => Connection::open_with_flags(
            path,
            flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?,
        FileAccess::Write => {
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?
        }
        FileAccess::Read => open_read_only(path, flags)?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Otherwise a statement whose plan might hang on a value is planned again for each value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.create_collation("C", |a, b| a.as_bytes().cmp(b.as_bytes()))?;
    // A page of an index that many transactions change is copied into the database once a checkpoint, so
    // these come at 64 MB of log and not at 4. What is sorted for a report goes to the disk as usual: the URLs
    // of a large frontier would take more memory than the crawl.
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; \
         PRAGMA wal_autocheckpoint = 16000;",
    )?;
    // The first read tells whether the file is a database at all.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Opens for reading; where the folder cannot be written and no log is left over, a WAL file can only be
/// read as immutable, because its shared-memory file cannot be made.
fn open_read_only(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(path, flags)?;
    let readable = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    match readable {
        Err(rusqlite::Error::SqliteFailure(error, _))
            if matches!(error.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly)
                && !beside(path, "-wal").exists() =>
        {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            let uri = url::Url::from_file_path(&absolute)
                .map_or_else(|()| format!("file:{}", path.display()), String::from);
            Connection::open_with_flags(
                format!("{uri}?immutable=1"),
                flags | OpenFlags::SQLITE_OPEN_URI,
            )
        }
        _ => Ok(connection),
    }
}

impl Engine for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn address(&self) -> String {
        self.path.display().to_string()
    }

    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        bind(&mut self.numbers, sql, &mut statement, parameters)?;
        let changed = statement.raw_execute().map_err(failed);
        statement.clear_bindings();
        Ok(changed? as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        bind(&mut self.numbers, sql, &mut statement, parameters)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            each(row)?;
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(failed)
    }

    fn begin(&mut self) -> Result<()> {
        // A transaction that begins by reading cannot be made to wait when it comes to write.
        self.batch(if self.access == FileAccess::Read {
            "BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        })
    }

    fn begin_snapshot(&mut self) -> Result<()> {
        self.batch("BEGIN")
    }

    fn commit(&mut self) -> Result<()> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) -> Result<()> {
        // Some failures, a full disk among them, have rolled back already.
        if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.batch("ROLLBACK")
        }
    }

    fn reconnect(&mut self) -> Result<()> {
        Ok(())
    }

    fn clock(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::now())
    }

    fn claim_suffix(&self) -> &'static str {
        ""
    }

    fn row_lock_suffix(&self) -> &'static str {
        ""
    }

    fn with_migration_lock(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Engine) -> Result<()>,
    ) -> Result<()> {
        let path = beside(&self.path, ".lock");
        let file = File::create(&path).map_err(|source| Error::File {
            path: path.clone(),
            source,
        })?;
        file.lock().map_err(|source| Error::File { path, source })?;
        work(self)
    }

    fn run_migrations(&mut self, runner: &refinery::Runner) -> Result<()> {
        runner
            .run(&mut self.connection)
            .map(|_| ())
            .map_err(super::schema::migration_error)
    }

    fn table_names(&mut self) -> Result<Vec<String>> {
        self.pragma(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             ORDER BY name",
        )
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn mark_as_own(&mut self) -> Result<()> {
        self.batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA application_id = {APPLICATION_ID};"
        ))
    }

    fn foreign_mark(&mut self) -> Result<Option<String>> {
        let mark = self.pragma("PRAGMA application_id")?.concat();
        Ok((mark != "0" && mark != APPLICATION_ID.to_string())
            .then(|| format!("application_id {mark}")))
    }

    fn backup(&mut self, label: &str) -> Result<Option<PathBuf>> {
        let target = beside(&self.path, &format!(".{label}"));
        self.execute("VACUUM INTO $1", &values![target.display().to_string()])?;
        Ok(Some(target))
    }

    fn compact(&mut self) -> Result<()> {
        self.batch("VACUUM")?;
        // The first column says whether a reader kept the log from being emptied.
        let busy = self.pragma("PRAGMA wal_checkpoint(TRUNCATE)")?;
        if busy.concat() == "0" {
            return Ok(());
        }
        Err(Error::Statement(StatementError {
            kind: FailureKind::Retry,
            message: "another process reads the database, so that its log is not empty".to_owned(),
        }))
    }

    fn integrity_faults(&mut self) -> Result<Vec<String>> {
        let mut faults = self.pragma("PRAGMA integrity_check")?;
        faults.retain(|line| line != "ok");
        self.query("PRAGMA foreign_key_check", &[], &mut |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            faults.push(format!(
                "a row of {table} refers to a missing row of {parent}"
            ));
            Ok(())
        })?;
        Ok(faults)
    }

    fn gather_statistics(&mut self) -> Result<()> {
        self.batch("PRAGMA optimize")
    }

    fn announce_rows(&mut self, _table: &'static str) -> Result<()> {
        Ok(())
    }

    fn catalogue(&mut self) -> Result<Catalogue> {
        sqlite_catalogue::read(self)
    }
}

/// SQLite numbers `$n` by first appearance, so parameters are bound by name.
fn bind(
    numbers: &mut HashMap<String, Vec<usize>>,
    sql: &str,
    statement: &mut Statement<'_>,
    parameters: &[Value<'_>],
) -> Result<()> {
    if !numbers.contains_key(sql) {
        numbers.insert(sql.to_owned(), named_numbers(statement));
    }
    let named = numbers.get(sql).map_or(&[][..], Vec::as_slice);
    for (index, number) in (1..).zip(named) {
        let Some(value) = number.checked_sub(1).and_then(|at| parameters.get(at)) else {
            return Err(Error::Decode(format!("parameter {index} has no value")));
        };
        statement.raw_bind_parameter(index, value).map_err(failed)?;
    }
    Ok(())
}

/// Reads the number in each parameter's name; 0, which no value has, for a name that is none.
fn named_numbers(statement: &Statement<'_>) -> Vec<usize> {
    (1..=statement.parameter_count())
        .map(|index| {
            let name = statement.parameter_name(index);
            let digits = name.and_then(|name| name.strip_prefix('$'));
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
        })
        .collect()
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Owned(Owned::Null),
            Value::Boolean(value) => ToSqlOutput::Owned(Owned::Integer(i64::from(*value))),
            Value::Integer(value) => ToSqlOutput::Owned(Owned::Integer(*value)),
            Value::Real(value) => ToSqlOutput::Owned(Owned::Real(*value)),
            Value::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Value::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Value::Uuid(value) => ToSqlOutput::Owned(Owned::Text(value.hyphenated().to_string())),
            Value::Time(value) => ToSqlOutput::Owned(Owned::Text(value.to_string())),
        })
    }
}

impl Row for rusqlite::Row<'_> {
    fn is_null(&self, column: usize) -> Result<bool> {
        Ok(matches!(
            self.get_ref(column).map_err(failed)?,
            ValueRef::Null
        ))
    }

    fn boolean(&self, column: usize) -> Result<Option<bool>> {
        Ok(Row::integer(self, column)?.map(|value| value != 0))
    }

    fn integer(&self, column: usize) -> Result<Option<i64>> {
        match self.get_ref(column).map_err(failed)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            other => Err(unexpected("an integer", other)),
        }
    }

    fn real(&self, column: usize) -> Result<Option<f64>> {
        match self.get_ref(column).map_err(failed)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(value) => Ok(Some(value)),
            ValueRef::Integer(value) => Ok(Some(value as f64)),
            other => Err(unexpected("a number", other)),
        }
    }

    fn text(&self, column: usize) -> Result<Option<&str>> {
        match self.get_ref(column).map_err(failed)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(value) => std::str::from_utf8(value)
                .map(Some)
                .map_err(|error| Error::Decode(error.to_string())),
            other => Err(unexpected("text", other)),
        }
    }

    fn blob(&self, column: usize) -> Result<Option<&[u8]>> {
        match self.get_ref(column).map_err(failed)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(value) => Ok(Some(value)),
            other => Err(unexpected("bytes", other)),
        }
    }

    fn uuid(&self, column: usize) -> Result<Option<Uuid>> {
        Row::text(self, column)?
            .map(|text| Uuid::parse_str(text).map_err(|error| Error::Decode(error.to_string())))
            .transpose()
    }

    fn time(&self, column: usize) -> Result<Option<Timestamp>> {
        Row::text(self, column)?
            .map(|text| Timestamp::from_str(text).map_err(|error| Error::Decode(error.to_string())))
            .transpose()
    }
}

fn unexpected(wanted: &str, found: ValueRef<'_>) -> Error {
    Error::Decode(format!("{} where {wanted} should be", found.data_type()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn failed(error: rusqlite::Error) -> Error {
    Error::Statement(statement_error(&error))
}

fn statement_error(error: &rusqlite::Error) -> StatementError {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FailureKind::Retry,
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            FailureKind::Rejected
        }
        Some(ErrorCode::ReadOnly) => FailureKind::ReadOnly,
        Some(ErrorCode::DiskFull) => FailureKind::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FailureKind::Corrupt,
        _ => FailureKind::Other,
    };
    StatementError {
        kind,
        message: error.to_string(),
    }
}
