//! The schema: alike on both engines, as the design's table says, up and down without losing a row, and
//! refused where it is somebody else's or newer.

use rstest::rstest;
use toolkit::store::{Access, Catalogue, CatalogueTable, Credentials, DatabaseAddress, Store};

use crate::support::database::{Engine, TestDatabase};
use crate::support::toolkit::Toolkit;

use Engine::{Postgres, Sqlite};

/// What every version has after the first, by name.
const BASELINE: [&str; 5] = [
    "jobs",
    "sources",
    "extractions",
    "entities",
    "extraction_entities",
];

fn open(database: &TestDatabase, access: Access) -> Store {
    let address = DatabaseAddress::parse(&database.address()).expect("an address");
    Store::open(&address, &Credentials::default(), access).expect("a database")
}

fn migrated(engine: Engine, version: Option<i64>) -> TestDatabase {
    let database = TestDatabase::new(engine);
    open(&database, Access::Migrate)
        .migrate(version)
        .expect("a migration");
    database
}

fn catalogue(database: &TestDatabase) -> Catalogue {
    open(database, Access::Inspect)
        .catalogue()
        .expect("a catalogue")
}

/// Spelling that the engines choose freely: parentheses and casts in an index's condition, and the words
/// of the history table, which is refinery's.
fn plain(mut catalogue: Catalogue) -> Vec<CatalogueTable> {
    catalogue
        .tables
        .retain(|table| !table.name.starts_with("refinery_"));
    for table in &mut catalogue.tables {
        for index in &mut table.indexes {
            *index = index.replace('"', "");
            if let Some((columns, condition)) = index.split_once(" WHERE ") {
                let condition = condition.replace(['(', ')'], "").replace("::text", "");
                *index = format!("{columns} WHERE {condition}");
            }
        }
    }
    catalogue.tables
}

#[test]
fn both_engines_have_the_same_catalogue_at_every_version() {
    let newest = open(&migrated(Sqlite, None), Access::Read)
        .versions()
        .expect("versions")
        .len();
    for version in 1..=newest as i64 {
        let sqlite = plain(catalogue(&migrated(Sqlite, Some(version))));
        let postgres = plain(catalogue(&migrated(Postgres, Some(version))));
        assert!(sqlite.len() >= BASELINE.len());
        for (one, other) in sqlite.iter().zip(&postgres) {
            assert_eq!(one, other, "version {version}");
        }
        assert_eq!(sqlite.len(), postgres.len(), "version {version}");
    }
}

/// The design's table of tables: name, unique keys, and each foreign key with what a deletion does.
const DESIGN: &[(&str, &[&str], &[&str])] = &[
    (
        "archives",
        &["(job_id)"],
        &["(job_id) -> jobs (id) ON DELETE CASCADE"],
    ),
    (
        "blocks",
        &["(extraction_id)"],
        &["(extraction_id) -> extractions (id) ON DELETE CASCADE"],
    ),
    ("bodies", &["(digest)"], &[]),
    (
        "entities",
        &["(id)", "(source_group, entity_type, normalized_key)"],
        &[],
    ),
    (
        "entity_merges",
        &["(source_group, entity_type, normalized_key)"],
        &[],
    ),
    (
        "events",
        &["(run_id, sequence)"],
        &["(run_id) -> runs (id) ON DELETE NO ACTION"],
    ),
    (
        "extraction_entities",
        &["(extraction_id, entity_id, role, span_start, recognizer)"],
        &[
            "(entity_id) -> entities (id) ON DELETE CASCADE",
            "(extraction_id) -> extractions (id) ON DELETE CASCADE",
        ],
    ),
    (
        "extractions",
        &["(id)", "(source_id, profile, extraction_type, ordinal)"],
        &["(source_id) -> sources (id) ON DELETE CASCADE"],
    ),
    (
        "frontier",
        &["(job_id, uri_key)"],
        &[
            "(job_id) -> jobs (id) ON DELETE CASCADE",
            "(source_id) -> sources (id) ON DELETE SET NULL",
        ],
    ),
    (
        "gaps",
        &["(id)"],
        &[
            "(extraction_id) -> extractions (id) ON DELETE CASCADE",
            "(source_id) -> sources (id) ON DELETE CASCADE",
        ],
    ),
    ("host_days", &["(host, day)"], &[]),
    ("jobs", &["(id)"], &[]),
    (
        "links",
        &["(source_id, target_key)"],
        &["(source_id) -> sources (id) ON DELETE CASCADE"],
    ),
    (
        "passes",
        &["(source_id, profile)"],
        &["(source_id) -> sources (id) ON DELETE CASCADE"],
    ),
    ("runs", &["(id)"], &[]),
    (
        "search_pending",
        &["(extraction_id)"],
        &["(extraction_id) -> extractions (id) ON DELETE CASCADE"],
    ),
    (
        "search_texts",
        &["(extraction_id)"],
        &["(extraction_id) -> extractions (id) ON DELETE CASCADE"],
    ),
    ("search_words", &["(word, segment)"], &[]),
    (
        "sources",
        &["(id)", "(uri_key)"],
        &[
            "(body_digest) -> bodies (digest) ON DELETE NO ACTION",
            "(created_by_job_id) -> jobs (id) ON DELETE SET NULL",
        ],
    ),
    (
        "windows",
        &["(extraction_id, recognizer, ordinal)"],
        &["(extraction_id) -> extractions (id) ON DELETE CASCADE"],
    ),
    ("workers", &["(id)"], &[]),
];

#[rstest]
fn the_catalogue_is_the_designs(#[values(Sqlite, Postgres)] engine: Engine) {
    let tables = plain(catalogue(&migrated(engine, None)));
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let designed: Vec<&str> = DESIGN.iter().map(|table| table.0).collect();
    assert_eq!(names, designed);
    for (table, (name, unique, foreign)) in tables.iter().zip(DESIGN) {
        assert_eq!(table.unique_keys, *unique, "{name}");
        assert_eq!(table.foreign_keys, *foreign, "{name}");
    }
    let of = |name: &str| {
        tables
            .iter()
            .find(|table| table.name == name)
            .expect("a table")
    };
    assert!(
        of("extractions")
            .columns
            .contains(&"entities_extracted BOOLEAN DEFAULT false".to_owned())
    );
    assert!(
        of("sources")
            .columns
            .contains(&"created_by_job_id UUID".to_owned())
    );
    assert!(
        of("sources")
            .indexes
            .contains(&"idx_sources_created_by_job_id (created_by_job_id)".to_owned())
    );
    assert!(
        of("gaps").indexes.contains(
            &"UNIQUE idx_gaps_open (stage, reason, what, position) WHERE resolved_at IS NULL"
                .to_owned()
        )
    );
}

#[test]
fn the_foreign_key_has_its_name() {
    let sqlite = migrated(Sqlite, None);
    let text = sqlite.query_one("SELECT sql FROM sqlite_schema WHERE name = 'sources'");
    assert!(
        text.expect("its text")
            .contains("fk_sources_created_by_job_id")
    );
    let postgres = migrated(Postgres, None);
    let named = "SELECT confdeltype FROM pg_constraint WHERE conname = 'fk_sources_created_by_job_id' \
                 AND connamespace = current_schema()::regnamespace";
    assert_eq!(postgres.query_one(named).as_deref(), Some("n"));
}

/// Rows as the first version's program left them.
const OLD_ROWS: &str = "
INSERT INTO jobs (id, kind, state, priority, params, created_at) VALUES
    ('01990000-0000-7000-8000-000000000001', 'crawl', 'completed', 0, '{}', '2026-01-02T03:04:05.000000Z');
INSERT INTO sources (id, uri_key, uri, source_group, created_at) VALUES
    ('01990000-0000-7000-8000-000000000002', 'k2', 'https://old.example/', 'old.example', '2026-01-02T03:04:05.000000Z'),
    ('01990000-0000-7000-8000-000000000003', 'k3', 'https://old.example/b', 'old.example', '2026-01-02T03:04:05.000000Z');
INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, created_at) VALUES
    ('01990000-0000-7000-8000-000000000004', '01990000-0000-7000-8000-000000000002', 'default', 'content', 0, '{}', 'mail me@old.example', '2026-01-02T03:04:05.000000Z');
INSERT INTO entities (id, source_group, entity_type, normalized_key, value, normalized_value, attributes, created_at) VALUES
    ('01990000-0000-7000-8000-000000000005', 'old.example', 'email', 'n5', 'me@old.example', 'me@old.example', '{}', '2026-01-02T03:04:05.000000Z');
INSERT INTO extraction_entities (extraction_id, entity_id, role, span_start, span_end, surface, score, recognizer) VALUES
    ('01990000-0000-7000-8000-000000000004', '01990000-0000-7000-8000-000000000005', 'mention', 5, 19, 'me@old.example', 1.0, 'email');
";

fn baseline_rows(database: &TestDatabase) -> Vec<Vec<Vec<Option<String>>>> {
    [
        "SELECT id, kind, state, priority, created_at FROM jobs ORDER BY id",
        "SELECT id, uri_key, uri, source_group, created_at FROM sources ORDER BY id",
        "SELECT id, source_id, profile, extraction_type, ordinal, content FROM extractions ORDER BY id",
        "SELECT id, source_group, entity_type, normalized_key, value FROM entities ORDER BY id",
        "SELECT extraction_id, entity_id, role, span_start, surface FROM extraction_entities ORDER BY 1",
    ]
    .map(|sql| database.query_text(sql))
    .into()
}

#[rstest]
fn a_database_with_rows_goes_up_down_and_up(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = migrated(engine, Some(1));
    database.execute(OLD_ROWS);
    let before = baseline_rows(&database);
    let user = Toolkit::new();
    let address = database.address();
    user.succeed(["db", "migrate", "--to", "2", "--database", &address]);
    // What was there is unknown, and what is new is not.
    let unknown = "SELECT COUNT(*) FROM extractions WHERE entities_extracted IS NULL";
    assert_eq!(database.query_one(unknown).as_deref(), Some("1"));
    let without_job = "SELECT COUNT(*) FROM sources WHERE created_by_job_id IS NULL";
    assert_eq!(database.query_one(without_job).as_deref(), Some("2"));
    database.execute(
        "INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, created_at) \
         VALUES ('01990000-0000-7000-8000-000000000009', '01990000-0000-7000-8000-000000000003', 'default', \
         'content', 0, '{}', '', '2026-01-02T03:04:05.000000Z')",
    );
    let fresh = "SELECT COUNT(*) FROM extractions WHERE entities_extracted IS FALSE";
    assert_eq!(database.query_one(fresh).as_deref(), Some("1"));
    database.execute("DELETE FROM extractions WHERE id = '01990000-0000-7000-8000-000000000009'");

    user.succeed(["db", "downgrade", "--to", "1", "--database", &address]);
    assert_eq!(baseline_rows(&database), before);
    assert_eq!(
        plain(catalogue(&database)),
        plain(catalogue(&migrated(engine, Some(1))))
    );

    user.succeed(["db", "migrate", "--database", &address]);
    assert_eq!(baseline_rows(&database), before);
    assert_eq!(
        plain(catalogue(&database)),
        plain(catalogue(&migrated(engine, None)))
    );

    user.succeed(["db", "downgrade", "--to", "1", "--database", &address]);
    assert_eq!(baseline_rows(&database), before);
}

#[rstest]
fn going_down_over_rows_needs_a_yes(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = migrated(engine, None);
    database.execute(
        "INSERT INTO workers (id, host, process, version, started_at, heartbeat_at, expires_at) VALUES \
         ('01990000-0000-7000-8000-000000000001', 'h', 1, '0', '2026-01-02T03:04:05.000000Z', \
         '2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z')",
    );
    let user = Toolkit::new();
    let address = database.address();
    let refused = user.run(["db", "downgrade", "--to", "4", "--database", &address]);
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused.stderr.contains("table workers (1 rows)"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(
        database
            .query_one("SELECT COUNT(*) FROM workers")
            .as_deref(),
        Some("1")
    );
    user.succeed([
        "db",
        "downgrade",
        "--to",
        "4",
        "--yes",
        "--database",
        &address,
    ]);
    assert_eq!(
        plain(catalogue(&database)),
        plain(catalogue(&migrated(engine, Some(4))))
    );
}

#[rstest]
fn several_processes_may_migrate_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    for _ in 0..3 {
        let database = TestDatabase::new(engine);
        let address = database.address();
        let user = Toolkit::new();
        let running: Vec<_> = (0..4)
            .map(|_| {
                user.command(["db", "migrate", "--database", &address])
                    .start()
            })
            .collect();
        for process in running {
            let output = process.finish();
            assert_eq!(output.code(), Some(0), "{}", output.stderr);
        }
        let newest = open(&database, Access::Read)
            .versions()
            .expect("versions")
            .len();
        let applied = database.query_one("SELECT COUNT(*) FROM refinery_schema_history");
        assert_eq!(applied, Some(newest.to_string()));
    }
}

#[rstest]
fn a_newer_schema_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = migrated(engine, None);
    database.execute(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
         VALUES (999, 'later', '2026-01-02T03:04:05Z', '1')",
    );
    let user = Toolkit::new();
    for command in [
        &["report", "incomplete"][..],
        &["db", "migrate"],
        &["extract"],
    ] {
        let mut arguments = command.to_vec();
        let address = database.address();
        arguments.extend(["--database", &address]);
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(1), "{command:?}");
        assert!(
            output.stderr.contains("newer than this program's"),
            "{}",
            output.stderr
        );
        assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    }
}

#[rstest]
fn somebody_elses_tables_are_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = TestDatabase::new(engine);
    database.execute("CREATE TABLE jobs (title TEXT)");
    let user = Toolkit::new();
    for command in [
        &["extract"][..],
        &["db", "migrate"],
        &["report", "incomplete"],
    ] {
        let mut arguments = command.to_vec();
        let address = database.address();
        arguments.extend(["--database", &address]);
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(1), "{command:?}");
        assert!(
            output.stderr.contains("not this program's (jobs)"),
            "{}",
            output.stderr
        );
    }
    assert!(database.query_text("SELECT title FROM jobs").is_empty());
}

#[rstest]
fn only_some_commands_make_a_database(#[values(Sqlite, Postgres)] engine: Engine) {
    let user = Toolkit::new();
    for command in [
        &["report", "incomplete"][..],
        &["report", "balance"],
        &["jobs", "list"],
        &["sources", "list"],
        &["db", "status"],
        &["db", "check"],
        &["db", "downgrade", "--to", "1"],
        &["crawl", "--resume", "last"],
    ] {
        let database = TestDatabase::new(engine);
        let address = database.address();
        let mut arguments = command.to_vec();
        arguments.extend(["--database", &address]);
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(1), "{command:?}: {}", output.stderr);
        assert!(
            output.stderr.contains("there is no database at"),
            "{}",
            output.stderr
        );
        if engine == Sqlite {
            assert!(!database.file().exists(), "{command:?}");
        }
    }
}

/// An old file is migrated on use and copied first; a server's database with rows only by `db migrate`.
#[rstest]
fn an_older_database_goes_up_as_its_engine_allows(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = migrated(engine, Some(2));
    database.execute(OLD_ROWS);
    let user = Toolkit::new();
    let address = database.address();
    let reading = user.run(["report", "incomplete", "--database", &address]);
    assert_eq!(reading.code(), Some(1));
    assert!(
        reading.stderr.contains(" db migrate\n"),
        "{}",
        reading.stderr
    );
    let writing = user.run(["extract", "--database", &address]);
    match engine {
        Sqlite => {
            assert_eq!(writing.code(), Some(0), "{}", writing.stderr);
            let copies: Vec<String> = std::fs::read_dir(database.folder())
                .expect("its folder")
                .map(|entry| {
                    entry
                        .expect("an entry")
                        .file_name()
                        .to_string_lossy()
                        .into_owned()
                })
                .filter(|name| name.contains(".before-V"))
                .collect();
            assert_eq!(copies.len(), 1, "{copies:?}");
            assert!(writing.stderr.contains(&copies[0]), "{}", writing.stderr);
        }
        Postgres => {
            assert_eq!(writing.code(), Some(1));
            assert!(
                writing.stderr.contains(" db migrate\n"),
                "{}",
                writing.stderr
            );
            user.succeed(["db", "migrate", "--database", &address]);
            user.succeed(["extract", "--database", &address]);
        }
    }
}

/// SQLite alone: a server's rights are the server's business, a file's mode is the user's.
#[test]
fn a_read_only_file_can_be_reported_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = migrated(Sqlite, None);
    let user = Toolkit::new();
    let mode = |bits| {
        let permissions = std::fs::Permissions::from_mode(bits);
        std::fs::set_permissions(database.file(), permissions).expect("its mode");
    };
    mode(0o444);
    let address = database.address();
    user.succeed(["report", "incomplete", "--database", &address]);
    user.succeed(["db", "check", "--database", &address]);
    mode(0o644);
}
