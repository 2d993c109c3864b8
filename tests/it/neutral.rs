//! One SQL text for both engines: no migration and no query says what only one of them understands.

use regex::Regex;

/// What the engines do not share, with what to write instead. Case is as the house writes SQL.
const AVOIDED: &[(&str, &str)] = &[
    (r"::\s*[a-z]", "a cast with ::, write CAST"),
    (
        r"\bCAST\([^)]* AS (UUID|TIMESTAMPTZ|JSONB?|BOOLEAN)\)",
        "a cast that SQLite turns into a number",
    ),
    (
        r"\b(INSERT OR|REPLACE INTO)\b",
        "INSERT OR, write ON CONFLICT",
    ),
    (
        r"\b(I?LIKE|GLOB|REGEXP|SIMILAR TO)\b|~\*",
        "a pattern match; they differ in case",
    ),
    (
        r"\b(NOW\(|CURRENT_(TIMESTAMP|DATE|TIME)|INTERVAL\b|EXTRACT\(|strftime|datetime\()",
        "a clock; bind the time",
    ),
    (
        r"(?i)\b(json_(extract|object|agg|group_array|build_object)|jsonb_\w+)\(",
        "a JSON function; do it in Rust",
    ),
    (
        r"\b(LATERAL|DISTINCT ON|TRUNCATE|COMMENT ON|FOR UPDATE|ONLY|USING \w+ WHERE)\b",
        "a word of one engine",
    ),
    (
        r"\b(IF NOT EXISTS|IF EXISTS)\b",
        "IF EXISTS, which columns and views do not have on both",
    ),
    (
        r"\b(STRICT|WITHOUT ROWID|AUTOINCREMENT|SERIAL|BIGSERIAL|IDENTITY)\b",
        "a table word of one engine",
    ),
    (
        r"\b(VARCHAR|CHAR\(|NUMERIC|DECIMAL|TIMESTAMP |INTEGER|INT |REAL|FLOAT|BLOB)\b",
        "a type outside the subset",
    ),
    (
        r"(?i)\b(instr|strpos|position|left|lpad|md5|hex|encode|ceil|floor|power|greatest|least|group_concat|printf|ifnull|iif|nvl)\(",
        "a function of one engine",
    ),
    (
        r"\$\d+ IS (NOT )?NULL",
        "a parameter whose type Postgres cannot know; bind a boolean",
    ),
    (r"RETURNING \w+\.", "RETURNING with a table's name"),
    (r"[^$\w]\?\d*(\s|,|\)|$)", "a ? parameter"),
    (
        r"\bADD CONSTRAINT\b|\bALTER COLUMN\b",
        "a constraint added later, which SQLite does not know",
    ),
    (r"ORDER BY \d", "ORDER BY a number"),
    (r"\bROWID\b|\browid\b|\bctid\b", "a row's address"),
];

/// Returns what of [`AVOIDED`] a text says.
fn faults(sql: &str) -> Vec<&'static str> {
    AVOIDED
        .iter()
        .filter(|(pattern, _)| Regex::new(pattern).expect("a fixed pattern").is_match(sql))
        .map(|(_, why)| *why)
        .collect()
}

/// Drops comments, and joins the lines that a Rust string continues.
fn statements(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn migrations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["migrations", "migrations/down"] {
        for entry in std::fs::read_dir(folder).expect("the migrations") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "sql") {
                let text = std::fs::read_to_string(&path).expect("a migration");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found
}

/// The string literals of the table files that hold SQL; the two engine files may speak their dialect.
fn queries() -> Vec<(String, String)> {
    let literal = Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).expect("a fixed pattern");
    let sql = Regex::new(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|\(SELECT|UNION| AND | ON CONFLICT|CASE)\b")
        .expect("a fixed pattern");
    let continued = Regex::new(r"\\\n\s*").expect("a fixed pattern");
    let mut found = Vec::new();
    for entry in std::fs::read_dir("src/store").expect("the store") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if [
            "sqlite.rs",
            "postgres.rs",
            "sqlite_catalogue.rs",
            "postgres_catalogue.rs",
        ]
        .contains(&name.as_str())
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for captured in literal.captures_iter(code) {
            let text = continued
                .replace_all(&captured[1], " ")
                .replace("\\\"", "\"");
            if sql.is_match(&text) {
                found.push((name.clone(), text));
            }
        }
    }
    found
}

#[test]
fn migrations_keep_to_the_subset() {
    let migrations = migrations();
    assert!(migrations.len() > 10, "{}", migrations.len());
    for (path, text) in migrations {
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("-- "),
            "{path} does not begin with its reason"
        );
        assert!(
            !text.contains('\r'),
            "{path} has other line ends, and with them another checksum"
        );
        assert_eq!(faults(&statements(&text)), Vec::<&str>::new(), "{path}");
    }
}

#[test]
fn queries_keep_to_the_subset() {
    let queries = queries();
    assert!(queries.len() > 60, "{}", queries.len());
    let nulls =
        Regex::new(r"ORDER BY [^()]*\b(reason|alias_of|resolved_at)\b").expect("a fixed pattern");
    for (file, sql) in queries {
        assert_eq!(faults(&sql), Vec::<&str>::new(), "{file}: {sql}");
        let select_upsert = sql.contains("INSERT INTO")
            && sql.contains(" SELECT ")
            && sql.contains("ON CONFLICT")
            && !sql.contains("VALUES");
        assert!(
            !select_upsert || sql.contains("WHERE"),
            "{file}: SQLite needs a WHERE: {sql}"
        );
        assert!(
            !nulls.is_match(&sql) || sql.contains("NULLS ") || sql.contains("stage COLLATE"),
            "{file}: {sql}"
        );
    }
}

#[test]
fn what_is_avoided_is_noticed() {
    for sql in [
        "SELECT id::text FROM jobs",
        "SELECT CAST(id AS UUID) FROM jobs",
        "INSERT OR IGNORE INTO jobs VALUES ($1)",
        "SELECT 1 FROM jobs WHERE uri LIKE 'x'",
        "SELECT NOW()",
        "SELECT json_extract(data, '$.a') FROM extractions",
        "SELECT 1 FROM jobs FOR UPDATE",
        "CREATE TABLE IF NOT EXISTS t (a TEXT)",
        "CREATE TABLE t (a VARCHAR(3))",
        "SELECT 1 WHERE $1 IS NULL",
        "UPDATE t SET a = 1 RETURNING t.a",
        "SELECT 1 FROM t WHERE a = ?",
        "SELECT group_concat(a) FROM t",
        "SELECT a FROM t ORDER BY 1",
    ] {
        assert!(!faults(sql).is_empty(), "{sql}");
    }
    assert!(faults("SELECT CAST(COUNT(*) AS TEXT) FROM t WHERE a = $1 OR $2").is_empty());
}

#[test]
fn applied_migrations_are_frozen() {
    // A new migration adds a line; an edited one makes every database that has it refuse this program.
    let mut found: Vec<(String, String)> = std::fs::read_dir("migrations")
        .expect("the migrations")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "sql"))
        .map(|path| {
            let bytes = std::fs::read(&path).expect("a migration");
            let digest = toolkit::model::Digest::of(bytes).to_string();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, digest[..16].to_owned())
        })
        .collect();
    found.sort();
    let frozen: Vec<(String, String)> = FROZEN
        .iter()
        .map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned()))
        .collect();
    assert_eq!(found, frozen);
}

const FROZEN: &[(&str, &str)] = &[
    (
        "V10__show_incomplete_and_provenance.sql",
        "aeffe452ff136013",
    ),
    ("V11__claim_host_by_host.sql", "6800751c20109b42"),
    ("V12__compare_versions_and_twins.sql", "c345ca569407909d"),
    ("V13__count_fetches_by_host.sql", "2369e1dad68afa91"),
    ("V14__keep_link_rows.sql", "20d6061c7980d15f"),
    ("V15__write_archives.sql", "f49f901ae776b61a"),
    ("V16__index_sources_of_urls.sql", "5150acaaa192aa9a"),
    ("V17__count_blocks.sql", "230207c106efb1ae"),
    ("V18__merge_entities.sql", "8e52b1ede6cdbf67"),
    ("V1__baseline.sql", "c1d8273f37dc6b70"),
    ("V20__tell_every_loss.sql", "ec01d432fdd964f9"),
    ("V24__index_words.sql", "17223720c3dc6861"),
    (
        "V2__add_extraction_and_source_columns.sql",
        "aa23052dc9d06e6e",
    ),
    ("V3__keep_bodies.sql", "c150c2225953f75b"),
    (
        "V4__record_how_extractions_were_made.sql",
        "cb2c2e040e5a526f",
    ),
    ("V5__claim_urls.sql", "bafada01be71a161"),
    ("V6__pass_sources.sql", "e5c865c3f539f2e8"),
    ("V7__window_texts.sql", "bebfebd89dc32b56"),
    ("V8__record_gaps.sql", "a1da8f25504de018"),
    ("V9__record_runs_and_events.sql", "843fc94c916a4ce4"),
];
