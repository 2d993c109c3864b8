//! A database of a test's own on either engine, gone when the test ends, and a way past the program into
//! it: to plant damage, and to look at rows without trusting the code under test.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use postgres::{Client, NoTls, SimpleQueryMessage};
use rusqlite::types::ValueRef;
use tempfile::TempDir;
use uuid::Uuid;

use super::temporary_folder;

/// The variable that names the Postgres server of the tests.
pub const SERVER_VARIABLE: &str = "TOOLKIT_TEST_POSTGRES";

/// How the name of each test's schema begins, so that a snapshot can recognize one.
pub const SCHEMA_PREFIX: &str = "toolkit_test_";

/// A role that must give its password, where every other is trusted. scripts/cluster.sh makes it.
pub const SECRET_USER: &str = "secret_user";
/// The password of [`SECRET_USER`].
pub const SECRET_PASSWORD: &str = "low-tide-lantern";

/// What the program can store in. Tests take it by `#[values(Engine::Sqlite, Engine::Postgres)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// An empty database of the test's own.
pub struct TestDatabase(Place);

enum Place {
    /// A file, which does not exist yet, in a folder.
    Sqlite(TempDir),
    /// A schema, which exists and is empty, on the tests' server.
    Postgres { schema: String },
}

impl TestDatabase {
    /// Makes a place for a database on `engine`.
    pub fn new(engine: Engine) -> Self {
        Self(match engine {
            Engine::Sqlite => Place::Sqlite(temporary_folder()),
            Engine::Postgres => {
                let schema = format!("{SCHEMA_PREFIX}{}", Uuid::now_v7().simple());
                connect(&server_address())
                    .batch_execute(&format!("CREATE SCHEMA {schema}"))
                    .unwrap_or_else(|error| panic!("cannot create schema {schema}: {error}"));
                Place::Postgres { schema }
            }
        })
    }

    /// Returns the engine it is on.
    pub fn engine(&self) -> Engine {
        match self.0 {
            Place::Sqlite(_) => Engine::Sqlite,
            Place::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Returns what `--database` takes: a file's path, or a server's address with the schema in it.
    pub fn address(&self) -> String {
        match &self.0 {
            Place::Sqlite(folder) => file_in(folder).display().to_string(),
            Place::Postgres { schema } => with_schema(&server_address(), schema),
        }
    }

    /// Returns the address under a name that the server shows of each connection. Postgres only.
    pub fn named_address(&self, name: &str) -> String {
        let address = with_schema(&server_address(), self.schema());
        with_setting(&address, "application_name", name)
    }

    /// Returns the address as the role that must give a password would write it, with `password`.
    /// Postgres only.
    pub fn secret_address(&self, password: &str) -> String {
        let schema = self.schema();
        grant_to_secret_user(schema);
        with_schema(&as_secret_user(&server_address(), password), schema)
    }

    /// Returns the database's file. SQLite only.
    pub fn file(&self) -> PathBuf {
        match &self.0 {
            Place::Sqlite(folder) => file_in(folder),
            Place::Postgres { .. } => panic!("a schema has no file"),
        }
    }

    /// Returns the folder that holds the database's file and whatever lies beside it. SQLite only.
    pub fn folder(&self) -> &Path {
        match &self.0 {
            Place::Sqlite(folder) => folder.path(),
            Place::Postgres { .. } => panic!("a schema has no folder"),
        }
    }

    /// Returns the schema's name. Postgres only.
    pub fn schema(&self) -> &str {
        match &self.0 {
            Place::Postgres { schema } => schema,
            Place::Sqlite(_) => panic!("a file has no schema"),
        }
    }

    /// Runs statements, separated by semicolons, past the program. On SQLite foreign keys are enforced
    /// (the bundled build's default), so damage to them starts with `PRAGMA foreign_keys = OFF;`.
    pub fn execute(&self, sql: &str) {
        let result = match &self.0 {
            Place::Sqlite(_) => self.open().execute_batch(sql).map_err(|e| e.to_string()),
            Place::Postgres { .. } => connect(&self.address())
                .batch_execute(sql)
                .map_err(|error| format!("{error:?}")),
        };
        result.unwrap_or_else(|error| panic!("{:?} refused {sql:?}: {error}", self.engine()));
    }

    /// Returns the rows of one query, each value as the engine writes it: nothing is made alike, so a
    /// boolean is `1` on SQLite and `t` on Postgres, and a time is text in each engine's spelling. A blob
    /// is `\x` and hexadecimal digits on both.
    pub fn query_text(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        match &self.0 {
            Place::Sqlite(_) => query_sqlite(&self.open(), sql)
                .unwrap_or_else(|error| panic!("SQLite refused {sql:?}: {error}")),
            Place::Postgres { .. } => query_postgres(&mut connect(&self.address()), sql)
                .unwrap_or_else(|error| panic!("Postgres refused {sql:?}: {error:?}")),
        }
    }

    /// Returns the single value of a query that yields one row of one column.
    pub fn query_one(&self, sql: &str) -> Option<String> {
        let mut rows = self.query_text(sql);
        assert!(
            rows.len() == 1 && rows[0].len() == 1,
            "not one value: {sql:?} gave {rows:?}"
        );
        rows.remove(0).remove(0)
    }

    fn open(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.file()).expect("cannot open the database");
        connection
            .busy_timeout(Duration::from_secs(10))
            .expect("cannot set the busy timeout");
        // Queries that run on both engines order by this collation; Postgres has it by itself.
        connection
            .create_collation("C", |a: &str, b: &str| a.cmp(b))
            .expect("cannot register the collation");
        connection
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Postgres { schema } = &self.0 else {
            return;
        };
        // A killed program's backend may hold its locks for a moment longer.
        let statements =
            format!("SET lock_timeout = '30s'; DROP SCHEMA IF EXISTS {schema} CASCADE");
        let dropped = Client::connect(&server_address(), NoTls)
            .and_then(|mut client| client.batch_execute(&statements));
        if let Err(error) = dropped {
            // Not a panic: a second one while the test is failing would hide the first.
            eprintln!("schema {schema} is left behind: {error}");
        }
    }
}

/// Returns the address of the tests' Postgres server, and stops the test where there is none.
pub fn server_address() -> String {
    match std::env::var(SERVER_VARIABLE) {
        Ok(address) if !address.is_empty() => address,
        _ => panic!("no Postgres server: run scripts/test, or set {SERVER_VARIABLE}"),
    }
}

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("toolkit.db")
}

fn connect(address: &str) -> Client {
    Client::connect(address, NoTls)
        .unwrap_or_else(|error| panic!("cannot connect to {address}: {error:?}"))
}

fn is_url(address: &str) -> bool {
    address.starts_with("postgres://") || address.starts_with("postgresql://")
}

/// Adds a setting to an address in either form.
fn with_setting(address: &str, key: &str, value: &str) -> String {
    if !is_url(address) {
        return format!("{address} {key}={value}");
    }
    let separator = if address.contains('?') { '&' } else { '?' };
    let value = value.replace('%', "%25").replace('=', "%3D");
    format!("{address}{separator}{key}={value}")
}

fn with_schema(address: &str, schema: &str) -> String {
    with_setting(address, "options", &format!("-csearch_path={schema}"))
}

/// Replaces user and password of an address in either form.
fn as_secret_user(address: &str, password: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://").filter(|_| is_url(address)) else {
        let kept: Vec<_> = address
            .split_whitespace()
            .filter(|word| !word.starts_with("user=") && !word.starts_with("password="))
            .collect();
        return format!("{} user={SECRET_USER} password={password}", kept.join(" "));
    };
    let authority = rest.find(['/', '?']).map_or(rest, |end| &rest[..end]);
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{SECRET_USER}:{password}@{}", &rest[host..])
}

/// Lets the role use a test's schema; makes the role on a server that scripts/cluster.sh did not start.
fn grant_to_secret_user(schema: &str) {
    static ROLE: Once = Once::new();
    let mut client = connect(&server_address());
    ROLE.call_once(|| {
        let sql = format!("SELECT 1 FROM pg_roles WHERE rolname = '{SECRET_USER}'");
        if query_postgres(&mut client, &sql).is_ok_and(|rows| rows.is_empty()) {
            client
                .batch_execute(&format!(
                    "CREATE ROLE {SECRET_USER} LOGIN PASSWORD '{SECRET_PASSWORD}'"
                ))
                .expect("cannot create the role that has a password");
        }
    });
    client
        .batch_execute(&format!(
            "GRANT USAGE, CREATE ON SCHEMA {schema} TO {SECRET_USER}"
        ))
        .expect("cannot grant the schema");
}

fn query_sqlite(
    connection: &rusqlite::Connection,
    sql: &str,
) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values: rusqlite::Result<_> = (0..columns)
            .map(|column| row.get_ref(column).map(text_of))
            .collect();
        found.push(values?);
    }
    Ok(found)
}

fn text_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => {
            let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("\\x{}", digits.concat()))
        }
    }
}

fn query_postgres(
    client: &mut Client,
    sql: &str,
) -> Result<Vec<Vec<Option<String>>>, postgres::Error> {
    let messages = client.simple_query(sql)?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows
        .map(|row| {
            (0..row.len())
                .map(|column| row.get(column).map(str::to_owned))
                .collect()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Engine::{Postgres, Sqlite};
    use super::*;

    #[test]
    fn a_postgres_server_is_named() {
        assert!(
            std::env::var_os(SERVER_VARIABLE).is_some_and(|address| !address.is_empty()),
            "run scripts/test, or set {SERVER_VARIABLE}"
        );
    }

    #[rstest]
    fn rows_go_in_and_come_out_as_text(#[values(Sqlite, Postgres)] engine: Engine) {
        let database = TestDatabase::new(engine);
        let blob = if engine == Sqlite { "BLOB" } else { "BYTEA" };
        let bytes = if engine == Sqlite {
            "x'00ff'"
        } else {
            r"'\x00ff'"
        };
        database.execute(&format!(
            "CREATE TABLE piers (name TEXT, length BIGINT, open BOOLEAN, plan {blob});
             INSERT INTO piers VALUES ('ñorth', 120, TRUE, {bytes}), ('East', NULL, FALSE, NULL)"
        ));
        let boolean = |value: bool| match (engine, value) {
            (Sqlite, true) => "1",
            (Sqlite, false) => "0",
            (Postgres, true) => "t",
            (Postgres, false) => "f",
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            database.query_text(r#"SELECT * FROM piers ORDER BY name COLLATE "C""#),
            [
                [some("East"), None, some(boolean(false)), None],
                [
                    some("ñorth"),
                    some("120"),
                    some(boolean(true)),
                    some(r"\x00ff")
                ],
            ]
        );
        assert_eq!(database.query_one("SELECT COUNT(*) FROM piers"), some("2"));
    }

    #[rstest]
    fn two_databases_do_not_see_each_other(#[values(Sqlite, Postgres)] engine: Engine) {
        let (one, other) = (TestDatabase::new(engine), TestDatabase::new(engine));
        assert_ne!(one.address(), other.address());
        for database in [&one, &other] {
            database.execute("CREATE TABLE piers (name TEXT)");
        }
        one.execute("INSERT INTO piers VALUES ('North')");
        assert!(other.query_text("SELECT * FROM piers").is_empty());
    }

    #[test]
    fn a_dropped_database_leaves_nothing() {
        let database = TestDatabase::new(Sqlite);
        database.execute("CREATE TABLE piers (name TEXT)");
        let folder = database.folder().to_owned();
        drop(database);
        assert!(!folder.exists());

        let database = TestDatabase::new(Postgres);
        database.execute("CREATE TABLE piers (name TEXT)");
        let sql = format!(
            "SELECT nspname FROM pg_namespace WHERE nspname = '{}'",
            database.schema()
        );
        let mut client = connect(&server_address());
        assert_eq!(query_postgres(&mut client, &sql).unwrap().len(), 1);
        drop(database);
        assert_eq!(query_postgres(&mut client, &sql).unwrap().len(), 0);
    }

    #[test]
    fn a_wrong_password_is_refused_by_postgres() {
        let database = TestDatabase::new(Postgres);
        let mut client = connect(&database.secret_address(SECRET_PASSWORD));
        client
            .batch_execute("CREATE TABLE piers (name TEXT)")
            .unwrap();
        let error = Client::connect(&database.secret_address("wrong"), NoTls)
            .err()
            .expect("the server must ask for the password");
        assert!(format!("{error:?}").contains("28P01"), "{error:?}");
    }

    #[test]
    fn addresses_are_extended_in_either_form() {
        for (address, expected) in [
            (
                "host=/tmp/x user=postgres dbname=d",
                "host=/tmp/x dbname=d user=secret_user password=p options=-csearch_path=s",
            ),
            (
                "postgres://postgres@%2Ftmp%2Fx/d",
                "postgres://secret_user:p@%2Ftmp%2Fx/d?options=-csearch_path%3Ds",
            ),
            (
                "postgresql://u:old@host:5433/d?sslmode=disable",
                "postgresql://secret_user:p@host:5433/d?sslmode=disable&options=-csearch_path%3Ds",
            ),
            (
                "postgres:///d?host=/tmp/x",
                "postgres://secret_user:p@/d?host=/tmp/x&options=-csearch_path%3Ds",
            ),
        ] {
            assert_eq!(with_schema(&as_secret_user(address, "p"), "s"), expected);
        }
    }
}
