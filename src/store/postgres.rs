//! Postgres behind the seam: the only file that names its client crate.
//!
//! The client blocks, and panics inside an async task: one plain thread owns it.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use postgres::config::Host;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::private::BytesMut;
use postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::address::ServerAddress;
use super::credentials::Credentials;
use super::engine::{Catalogue, Engine};
use super::error::{Error, FailureKind, Result, StatementError};
use super::value::{Row, Value};
use super::{postgres_catalogue, postgres_tls};
use crate::model::Timestamp;

/// Postgres counts microseconds from 2000-01-01.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PORT: u16 = 5432;

/// A connection to a server.
pub struct Postgres {
    client: Client,
    config: Config,
    tls: MakeRustlsConnect,
    read_only: bool,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects to the server at `address`.
    pub fn open(
        address: &ServerAddress,
        credentials: &Credentials,
        read_only: bool,
    ) -> Result<Self> {
        // The crate's own message may quote the address, and with it a password.
        let mut config: Config = address
            .text
            .parse()
            .map_err(|_| Error::Address("it is no address of a Postgres server".to_owned()))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host_path("/run/postgresql");
        }
        if config.get_password().is_none()
            && let Some(password) = outside_password(&config, credentials)
        {
            config.password(password);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("toolkit");
        }
        let tls = MakeRustlsConnect::new(postgres_tls::configuration(address)?);
        let client = connect(&config, &tls, read_only)?;
        Ok(Self {
            client,
            config,
            tls,
            read_only,
            statements: HashMap::new(),
        })
    }

    fn statement(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).map_err(failed)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn connect(config: &Config, tls: &MakeRustlsConnect, read_only: bool) -> Result<Client> {
    let mut client = config.connect(tls.clone()).map_err(|error| {
        let (address, source) = (shown(config), statement_error(&error));
        let refused = error.code().is_some_and(|code| {
            *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        });
        if refused || source.message.contains("password missing") {
            Error::Authentication { address, source }
        } else {
            Error::Connect { address, source }
        }
    })?;
    // Never switched off: a server that lets this user only read says so on purpose.
    let read_only = if read_only {
        "; SET default_transaction_read_only = on"
    } else {
        ""
    };
    client
        .batch_execute(&format!(
            "SET TIME ZONE 'UTC'; SET client_min_messages = warning{read_only}"
        ))
        .map_err(failed)?;
    Ok(client)
}

/// The address rebuilt from its parts, so that no secret can be in it.
fn shown(config: &Config) -> String {
    let mut text = String::from("postgres://");
    if let Some(user) = config.get_user() {
        let _ = write!(text, "{user}@");
    }
    let port = config.get_ports().first().copied().unwrap_or(PORT);
    let mut socket = None;
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => {
            let _ = write!(text, "{host}:{port}");
        }
        Some(Host::Unix(path)) => socket = Some(path.display().to_string()),
        None => {
            if let Some(address) = config.get_hostaddrs().first() {
                let _ = write!(text, "{address}:{port}");
            }
        }
    }
    let _ = write!(text, "/{}", config.get_dbname().unwrap_or_default());
    if let Some(socket) = socket {
        let _ = write!(text, "?host={socket}");
        if port != PORT {
            let _ = write!(text, "&port={port}");
        }
    }
    text
}

/// The password from outside the address, for what the address names.
fn outside_password(config: &Config, credentials: &Credentials) -> Option<String> {
    // In a password file a socket's host is called so.
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host,
        _ => "localhost",
    };
    let port = config
        .get_ports()
        .first()
        .copied()
        .unwrap_or(PORT)
        .to_string();
    let user = config.get_user().unwrap_or_default();
    credentials.password_for([host, &port, config.get_dbname().unwrap_or(user), user])
}

impl Engine for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn address(&self) -> String {
        shown(&self.config)
    }

    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64> {
        let statement = self.statement(sql)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        self.client.execute(&statement, &parameters).map_err(failed)
    }

    fn query(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        let mut rows = self
            .client
            .query_raw(&statement, parameters)
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            each(&row)?;
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(failed)
    }

    fn begin(&mut self) -> Result<()> {
        self.batch("BEGIN")
    }

    fn begin_snapshot(&mut self) -> Result<()> {
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn commit(&mut self) -> Result<()> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) -> Result<()> {
        if self.client.is_closed() {
            Ok(())
        } else {
            self.batch("ROLLBACK")
        }
    }

    fn reconnect(&mut self) -> Result<()> {
        self.statements.clear();
        self.client = connect(&self.config, &self.tls, self.read_only)?;
        Ok(())
    }

    fn clock(&mut self) -> Result<Timestamp> {
        let mut now = Timestamp::now();
        self.query("SELECT clock_timestamp()", &[], &mut |row| {
            now = row.get(0)?;
            Ok(())
        })?;
        Ok(now)
    }

    fn claim_suffix(&self) -> &'static str {
        " FOR UPDATE SKIP LOCKED"
    }

    fn row_lock_suffix(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn with_migration_lock(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Engine) -> Result<()>,
    ) -> Result<()> {
        let key = "hashtextextended('toolkit migrations in ' || current_schema(), 0)";
        self.batch(&format!("SELECT pg_advisory_lock({key})"))?;
        let worked = work(self);
        // The lock goes with the session if this fails.
        let unlocked = self.batch(&format!("SELECT pg_advisory_unlock({key})"));
        worked.and(unlocked)
    }

    fn run_migrations(&mut self, runner: &refinery::Runner) -> Result<()> {
        let done = runner
            .run(&mut self.client)
            .map(|_| ())
            .map_err(super::schema::migration_error);
        // Prepared statements may speak of columns that have changed.
        self.statements.clear();
        done
    }

    fn table_names(&mut self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        self.query(
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
             AND relkind IN ('r', 'p') ORDER BY relname",
            &[],
            &mut |row| {
                names.push(row.get(0)?);
                Ok(())
            },
        )?;
        Ok(names)
    }

    fn is_exclusive(&self) -> bool {
        false
    }

    fn mark_as_own(&mut self) -> Result<()> {
        Ok(())
    }

    fn foreign_mark(&mut self) -> Result<Option<String>> {
        Ok(None)
    }

    fn backup(&mut self, _label: &str) -> Result<Option<PathBuf>> {
        Ok(None)
    }

    fn compact(&mut self) -> Result<()> {
        postgres_catalogue::vacuum(self)
    }

    fn integrity_faults(&mut self) -> Result<Vec<String>> {
        postgres_catalogue::integrity_faults(self)
    }

    fn gather_statistics(&mut self) -> Result<()> {
        // Autovacuum does, and ANALYZE would read tables of others as well.
        Ok(())
    }

    fn announce_rows(&mut self, table: &'static str) -> Result<()> {
        self.batch(&format!("ANALYZE {table}"))
    }

    fn catalogue(&mut self) -> Result<Catalogue> {
        postgres_catalogue::read(self)
    }
}

/// Every parameter but bytes goes as text, so the server reads it as the type that it has inferred.
impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => return Ok(IsNull::Yes),
            Value::Boolean(value) => out.extend_from_slice(if *value { b"t" } else { b"f" }),
            Value::Integer(value) => write!(out, "{value}")?,
            Value::Real(value) => write!(out, "{value:?}")?,
            Value::Text(value) => out.extend_from_slice(value.as_bytes()),
            Value::Blob(value) => out.extend_from_slice(value),
            Value::Uuid(value) => write!(out, "{value}")?,
            Value::Time(value) => write!(out, "{value}")?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        if matches!(self, Value::Blob(_)) {
            Format::Binary
        } else {
            Format::Text
        }
    }

    to_sql_checked!();
}

/// A column as the server sent it, in binary.
struct Raw<'row> {
    kind: Type,
    bytes: Option<&'row [u8]>,
}

impl<'row> FromSql<'row> for Raw<'row> {
    fn from_sql(
        kind: &Type,
        bytes: &'row [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self {
            kind: kind.clone(),
            bytes: Some(bytes),
        })
    }

    fn from_sql_null(kind: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self {
            kind: kind.clone(),
            bytes: None,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn read<'row, T>(
    row: &'row postgres::Row,
    column: usize,
    wanted: &str,
    decode: impl FnOnce(&Type, &'row [u8]) -> Option<T>,
) -> Result<Option<T>> {
    let raw: Raw<'row> = row.try_get(column).map_err(failed)?;
    let Some(bytes) = raw.bytes else {
        return Ok(None);
    };
    decode(&raw.kind, bytes)
        .map(Some)
        .ok_or_else(|| Error::Decode(format!("{} where {wanted} should be", raw.kind)))
}

fn big_endian(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        2 => Some(i64::from(i16::from_be_bytes(bytes.try_into().ok()?))),
        4 => Some(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

impl Row for postgres::Row {
    fn is_null(&self, column: usize) -> Result<bool> {
        let raw: Raw<'_> = self.try_get(column).map_err(failed)?;
        Ok(raw.bytes.is_none())
    }

    fn boolean(&self, column: usize) -> Result<Option<bool>> {
        read(self, column, "a boolean", |kind, bytes| {
            (*kind == Type::BOOL).then(|| bytes.first() == Some(&1))
        })
    }

    fn integer(&self, column: usize) -> Result<Option<i64>> {
        read(self, column, "an integer", |kind, bytes| match *kind {
            Type::INT2 | Type::INT4 | Type::INT8 => big_endian(bytes),
            Type::BOOL => bytes.first().copied().map(i64::from),
            _ => None,
        })
    }

    fn real(&self, column: usize) -> Result<Option<f64>> {
        read(self, column, "a number", |kind, bytes| match *kind {
            Type::FLOAT8 => bytes.try_into().ok().map(f64::from_be_bytes),
            Type::FLOAT4 => bytes
                .try_into()
                .ok()
                .map(|four| f64::from(f32::from_be_bytes(four))),
            Type::INT2 | Type::INT4 | Type::INT8 => big_endian(bytes).map(|value| value as f64),
            _ => None,
        })
    }

    fn text(&self, column: usize) -> Result<Option<&str>> {
        read(self, column, "text", |kind, bytes| match *kind {
            // The binary form of jsonb is a version byte and then the text.
            Type::JSONB => std::str::from_utf8(bytes.get(1..)?).ok(),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::UNKNOWN => {
                std::str::from_utf8(bytes).ok()
            }
            _ => None,
        })
    }

    fn blob(&self, column: usize) -> Result<Option<&[u8]>> {
        read(self, column, "bytes", |kind, bytes| {
            (*kind == Type::BYTEA).then_some(bytes)
        })
    }

    fn uuid(&self, column: usize) -> Result<Option<Uuid>> {
        read(self, column, "an id", |kind, bytes| {
            (*kind == Type::UUID)
                .then(|| Uuid::from_slice(bytes).ok())
                .flatten()
        })
    }

    fn time(&self, column: usize) -> Result<Option<Timestamp>> {
        read(self, column, "a time", |kind, bytes| {
            (*kind == Type::TIMESTAMPTZ)
                .then(|| big_endian(bytes)?.checked_add(EPOCH_MICROSECONDS))
                .flatten()
                .map(Timestamp::from_microseconds)
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn failed(error: postgres::Error) -> Error {
    Error::Statement(statement_error(&error))
}

fn statement_error(error: &postgres::Error) -> StatementError {
    // The client's own text is only "db error"; what happened is in its source.
    let message = match error.as_db_error() {
        Some(said) => format!("{} (SQLSTATE {})", said.message(), said.code().code()),
        None => error
            .source()
            .map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
    };
    let code = error.code().map(|code| code.code().to_owned());
    let kind = match code.as_deref() {
        Some(code) => FailureKind::of_sqlstate(code),
        None if error.is_closed() || io_error(error) => FailureKind::ConnectionLost,
        None => FailureKind::Other,
    };
    StatementError { kind, message }
}

fn io_error(error: &postgres::Error) -> bool {
    matches!(error.source(), Some(source) if source.is::<std::io::Error>())
}
