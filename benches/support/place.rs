//! Places for databases: a folder for files, and schemas on the Postgres server that the tests use.

use std::path::PathBuf;

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// The variable that names the server.
pub const SERVER_VARIABLE: &str = "TOOLKIT_TEST_POSTGRES";

/// What a database is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The engines that can be measured here; says so where that is not both.
pub fn engines() -> Vec<Engine> {
    if server().is_some() {
        return vec![Engine::Sqlite, Engine::Postgres];
    }
    println!("Postgres is not measured: {SERVER_VARIABLE} names no server (scripts/test --serve).");
    vec![Engine::Sqlite]
}

/// An empty database, gone when the value is dropped.
pub struct Place {
    folder: TempDir,
    schema: Option<String>,
}

impl Place {
    /// Makes an empty database.
    pub fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("cannot make a folder");
        let schema = (engine == Engine::Postgres).then(|| {
            let schema = format!("toolkit_bench_{}", uuid::Uuid::now_v7().simple());
            execute(&format!("CREATE SCHEMA {schema}"));
            schema
        });
        Self { folder, schema }
    }

    /// Returns what `--database` takes.
    pub fn address(&self) -> String {
        let Some(schema) = &self.schema else {
            return self.file().display().to_string();
        };
        let server = server().expect("a server, as there is a schema");
        if !server.contains("://") {
            return format!("{server} options=-csearch_path={schema}");
        }
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-csearch_path%3D{schema}")
    }

    /// Returns the file of a SQLite database.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("bench.db")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(schema) = &self.schema {
            execute(&format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

fn server() -> Option<String> {
    std::env::var(SERVER_VARIABLE)
        .ok()
        .filter(|address| !address.is_empty())
}

fn execute(sql: &str) {
    let server = server().expect("a server");
    let mut client = Client::connect(&server, NoTls).expect("cannot connect to the server");
    client.batch_execute(sql).expect("the server refused");
}
