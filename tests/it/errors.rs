//! What a user is told when something cannot be done: one sentence, its cause, a hint with a command, the
//! exit code that scripts rely on, and nothing half-written behind it.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use insta::{allow_duplicates, assert_snapshot};
use rstest::rstest;

use crate::support::database::{Engine, SECRET_PASSWORD, TestDatabase};
use crate::support::toolkit::{Output, Toolkit};
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Runs a command that must fail with `code`, say why and print no data.
fn refused(place: &Workplace, code: i32, arguments: &[&str]) -> Output {
    let output = place.run(arguments);
    assert_eq!(output.code(), Some(code), "{}", output.snapshot());
    assert_eq!(output.stdout, "");
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
    output
}

fn assert_nothing_made(place: &Workplace) {
    match place.database.engine() {
        Sqlite => assert!(!place.database.file().exists()),
        Postgres => {
            let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
            assert!(place.database.query_text(tables).is_empty());
        }
    }
    let left = std::fs::read_dir(place.user.folder()).expect("the user's folder");
    let left: Vec<_> = left
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(
        left.iter().all(|name| name == "lost.html"),
        "{left:?} was left behind"
    );
}

#[rstest]
fn a_seed_that_cannot_be_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    symlink("nowhere.html", place.user.folder().join("lost.html")).expect("a link");
    let told = |seed: &str| {
        let output = refused(&place, 1, &["run", seed]);
        assert!(output.stderr.contains("\nhint: "), "{}", output.stderr);
        output.snapshot().to_string()
    };
    allow_duplicates! {
        assert_snapshot!(told("http://[::1"), @r#"
        -- stderr
        error: seed "http://[::1" is not a URL: invalid IPv6 address
        hint: a seed is http://…, https://…, a folder or a file
        -- exit 1
        "#);
        assert_snapshot!(told("http://exa mple.example/"), @r#"
        -- stderr
        error: seed "http://exa mple.example/" is not a URL: invalid international domain name
        hint: a seed is http://…, https://…, a folder or a file
        -- exit 1
        "#);
        assert_snapshot!(told("ftp://files.example/"), @r#"
        -- stderr
        error: seed "ftp://files.example/" has scheme "ftp"; http, https and file are supported
        hint: a seed is http://…, https://…, a folder or a file
        -- exit 1
        "#);
        assert_snapshot!(told("./no-such-folder"), @r#"
        -- stderr
        error: cannot read seed "./no-such-folder": No such file or directory (os error 2)
        hint: check the path and its permissions
        -- exit 1
        "#);
        // A link to nothing: permissions would not stop a test that runs as root.
        assert_snapshot!(told("lost.html"), @r#"
        -- stderr
        error: cannot read seed "lost.html": No such file or directory (os error 2)
        hint: check the path and its permissions
        -- exit 1
        "#);
    }
    // One bad seed among good ones stops all, before anything is made.
    refused(
        &place,
        1,
        &["run", text_of(&site("seeds")), "./no-such-folder"],
    );
    assert_nothing_made(&place);
}

#[rstest]
fn a_file_that_cannot_be_read_costs_itself_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    let page = "<!doctype html><title>Here</title><a href=\"lost.html\">lost</a> \
                <a href=\"round.html\">round</a>";
    std::fs::write(folder.path().join("index.html"), page).expect("a page");
    symlink("nowhere.html", folder.path().join("lost.html")).expect("a link");
    // A link to itself cannot be opened by anybody, root included.
    symlink("round.html", folder.path().join("round.html")).expect("a link");
    place.succeed(&["crawl", text_of(folder.path())]);
    assert_eq!(place.count("sources"), 1);
    let report = place.json(&["report", "incomplete", "--stage", "crawl"]);
    let lines = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&lines, "class"), ["loss", "loss"]);
    assert_eq!(
        fields(&lines, "reason"),
        ["file_not_found", "file_unreadable"]
    );
    place.check();
}

#[rstest]
fn wrong_usage(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let seed = text_of(&site("seeds")).to_owned();
    let told = |arguments: &[&str]| refused(&place, 2, arguments).snapshot().to_string();
    allow_duplicates! {
        assert_snapshot!(told(&["crawl", &seed, "--no-such-option"]), @r"
        -- stderr
        error: unexpected argument '--no-such-option' found

          tip: to pass '--no-such-option' as a value, use '-- --no-such-option'

        Usage: toolkit crawl <SEED>...

        For more information, try '--help'.
        -- exit 2
        ");
        assert_snapshot!(told(&["crawl"]), @r"
        -- stderr
        error: the following required arguments were not provided:
          <SEED>...

        Usage: toolkit crawl --database <FILE|URL> <SEED>...

        For more information, try '--help'.
        -- exit 2
        ");
        assert_snapshot!(told(&["crawl", &seed, "--include", "stage-("]), @r#"
        -- stderr
        error: pattern "stage-(" is not a regular expression: unclosed group
        hint: a pattern is a regular expression: \. is a dot, .* is anything
        -- exit 2
        "#);
        assert_snapshot!(told(&["crawl", &seed, "--max-body", "16M"]), @r#"
        -- stderr
        error: invalid value '16M' for '--max-body <SIZE>': "16M" is no size; write a number and B, KB, KiB, MB, MiB, GB, GiB, TB or TiB, as in 16MiB

        For more information, try '--help'.
        -- exit 2
        "#);
    }
    for arguments in [
        &["crawl", &seed, "--delay", "fast"][..],
        &["crawl", &seed, "--concurrency", "0"],
        &["crawl", &seed, "--exclude", "[z-a]"],
        &["crawl", &seed, "--format", "yaml"],
        &["crawl", &seed, "--resume", "last"],
        &["crawl", &seed, "--user-agent", "a\u{e9}b"],
        &["report", "incomplete", "--reason", "bad_luck"],
        &["report", "incomplete", "--class", "worst"],
        &["db", "downgrade"],
        &["no-such-command"],
    ] {
        refused(&place, 2, arguments);
    }
    assert_nothing_made(&place);
}

#[test]
fn a_database_that_cannot_be_opened() {
    let user = Toolkit::new();
    let seed = site("seeds");
    let told = |address: &str| {
        let output = user.run(["crawl", text_of(&seed), "--database", address]);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("\nhint: "), "{}", output.stderr);
        output.snapshot().to_string()
    };
    // Port 1 is tcpmux, which nothing has served for decades.
    allow_duplicates! {
        assert_snapshot!(told("postgres://me:winter@127.0.0.1:1/pages"), @r"
        -- stderr
        error: cannot connect to postgres://me@127.0.0.1:[PORT]/pages
          cause: error connecting to server: Connection refused (os error 111)
        hint: check that the server runs and that --database names it
        -- exit 1
        ");
        assert_snapshot!(told("host=127.0.0.1 port=1 user=me password=winter"), @r"
        -- stderr
        error: cannot connect to postgres://me@127.0.0.1:[PORT]/
          cause: error connecting to server: Connection refused (os error 111)
        hint: check that the server runs and that --database names it
        -- exit 1
        ");
        assert_snapshot!(told("postgres://me@localhost:harbor/pages"), @r"
        -- stderr
        error: the database address cannot be read: it is no address of a Postgres server
        hint: --database takes a path, sqlite:PATH, postgres://USER@HOST/NAME or 'host=… dbname=…'
        -- exit 2
        ");
        assert_snapshot!(told("no-such-folder/pages.db"), @r"
        -- stderr
        error: cannot open the database no-such-folder/pages.db
          cause: unable to open database file: no-such-folder/pages.db
        hint: check that the folder exists and may be written
        -- exit 1
        ");
        // Nobody, root included, can make a file there.
        assert_snapshot!(told("/proc/pages.db"), @r"
        -- stderr
        error: cannot open the database /proc/pages.db
          cause: unable to open database file: /proc/pages.db
        hint: check that the folder exists and may be written
        -- exit 1
        ");
    }
    let text = user.folder().join("notes.txt");
    std::fs::write(&text, "no database, but somebody's notes\n".repeat(100)).expect("a file");
    allow_duplicates! {
        assert_snapshot!(told("notes.txt"), @r"
        -- stderr
        error: cannot open the database notes.txt
          cause: file is not a database
        hint: name another file with --database; this one is left as it is
        -- exit 1
        ");
    }
    let kept = std::fs::read_to_string(&text).expect("the file is there");
    assert_eq!(kept, "no database, but somebody's notes\n".repeat(100));
    assert_eq!(
        std::fs::read_dir(user.folder())
            .expect("the folder")
            .count(),
        1
    );
}

#[rstest]
fn no_database_yet(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let output = refused(&place, 1, &["report", "incomplete", "--check"]);
    if engine == Sqlite {
        allow_duplicates! {
            assert_snapshot!(output.snapshot(), @r"
            -- stderr
            error: there is no database at [DATABASE]
            hint: `toolkit run SEED` makes one; --database names another
            -- exit 1
            ");
        }
    }
    assert!(output.stderr.contains("hint: `toolkit run SEED`"));
    assert_nothing_made(&place);
}

/// Postgres alone: a file has no password.
#[test]
fn a_password_is_taken_from_where_libpq_takes_it_and_told_to_nobody() {
    let (database, user) = (TestDatabase::new(Postgres), Toolkit::new());
    let seed = site("seeds");
    let with_wrong = database.secret_address("wrong-canary-7731");
    let output = user.run(["crawl", text_of(&seed), "--database", &with_wrong]);
    assert_eq!(output.code(), Some(1));
    assert!(
        output.stderr.contains("refused the user or the password"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("hint: set PGPASSWORD"));
    assert!(!output.stderr.contains("canary"), "{}", output.stderr);
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
    assert!(database.query_text(tables).is_empty());

    let without = with_wrong.replace(":wrong-canary-7731@", "@");
    assert_ne!(without, with_wrong);
    let migrate = ["db", "migrate", "--database", &without];
    let nothing_given = user.run(migrate);
    assert_eq!(
        nothing_given.code(),
        Some(1),
        "{}",
        nothing_given.snapshot()
    );

    let from_environment = user
        .command(migrate)
        .environment("PGPASSWORD", SECRET_PASSWORD)
        .run();
    assert_eq!(
        from_environment.code(),
        Some(0),
        "{}",
        from_environment.snapshot()
    );

    let file = user.home().join(".pgpass");
    let line = format!("# who\n*:*:*:secret_user:{SECRET_PASSWORD}\n");
    std::fs::write(&file, line).expect("the password file");
    let status = ["db", "status", "--database", &without];
    for (mode, code) in [(0o600, 0), (0o644, 1)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, permissions).expect("its mode");
        let output = user.run(status);
        assert_eq!(output.code(), Some(code), "{mode:o}: {}", output.snapshot());
        for text in [&output.stdout, &output.stderr] {
            assert!(!text.contains(SECRET_PASSWORD), "{text}");
        }
    }
}

/// Postgres alone: a file's mode does not stop root, and what reads a read-only file is tested with the
/// schema.
#[test]
fn a_server_that_only_lets_read() {
    let place = Workplace::new(Postgres);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let read_only = format!(
        "{}%20-cdefault_transaction_read_only%3Don",
        place.database.address()
    );
    let run = |arguments: &[&str]| {
        place
            .user
            .run([arguments, &["--database", &read_only]].concat())
    };
    for reading in [
        &["report", "incomplete"][..],
        &["sources", "list"],
        &["db", "check"],
    ] {
        assert_eq!(run(reading).code(), Some(0), "{reading:?}");
    }
    for writing in [
        &["extract"][..],
        &["crawl", text_of(&site("club"))],
        &["jobs", "delete", "last", "--yes"],
    ] {
        let output = run(writing);
        assert_eq!(output.code(), Some(1), "{writing:?}");
        assert!(
            output
                .stderr
                .contains("hint: the database may only be read"),
            "{}",
            output.stderr
        );
    }
    assert_eq!(place.count("jobs"), 1);
    assert_eq!(place.count("extractions"), 0);
}

#[rstest]
fn the_codes_of_a_check(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let code = |further: &[&str]| {
        let output = place.run(&[&["report", "incomplete"], further].concat());
        (output.code(), output)
    };
    assert_eq!(code(&[]).0, Some(0));
    let (none_ran, output) = code(&["--check"]);
    assert_eq!(none_ran, Some(1));
    allow_duplicates! {
        assert_snapshot!(output.snapshot(), @r"
        -- stdout
        incomplete
        Nothing is incomplete.

        totals
        No reasons to count.

        No job has run on this database: toolkit run SEED
        -- stderr
        error: no job ever ran on this database
        hint: toolkit run SEED, or --allow-empty where that is meant
        -- exit 1
        ");
    }
    assert_eq!(code(&["--check", "--allow-empty"]).0, Some(0));
    assert_eq!(code(&["--strict", "--allow-empty"]).0, Some(0));

    // A limit alone.
    let seed = site("club");
    place.succeed(&["run", text_of(&seed), "--max-pages", "3"]);
    assert_eq!(code(&["--check"]).0, Some(0));
    let (strict, output) = code(&["--strict"]);
    assert_eq!(strict, Some(3));
    assert!(!output.stdout.is_empty(), "the report is on stdout as well");
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);

    // Losses, of which one kind is asked for.
    place.succeed(&["run", text_of(&site("harbor")), "--quiet"]);
    let (lost, output) = code(&["--check"]);
    assert_eq!(lost, Some(3));
    assert!(
        output.stderr.starts_with("incomplete: 6 loss, "),
        "{}",
        output.stderr
    );
    assert_eq!(code(&["--check", "--reason", "timeout"]).0, Some(0));
    assert_eq!(code(&["--check", "--group", "club"]).0, Some(0));
    assert_eq!(code(&["--check", "--group", "harbor"]).0, Some(3));
}

#[rstest]
fn an_id_that_names_no_job_or_two(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    // Endings of more than a few digits: a random id has no such one by chance.
    for id in ["0aedfaceb00c", "0bedfaceb00c"] {
        place.database.execute(&format!(
            "INSERT INTO jobs (id, kind, state, priority, params, created_at) VALUES \
             ('01990000-0000-7000-8000-{id}', 'crawl', 'completed', 0, '{{}}', \
             '2026-01-02T03:04:05.000000Z')"
        ));
    }
    let told = |given: &str| {
        refused(&place, 1, &["jobs", "show", given])
            .snapshot()
            .to_string()
    };
    allow_duplicates! {
        assert_snapshot!(told("edfaceb00c"), @r#"
        -- stderr
        error: more than one job has an id that ends in "edfaceb00c"
        hint: `toolkit jobs list` shows numbers and ids; `last` and the end of an id will do
        -- exit 1
        "#);
        assert_snapshot!(told("deadbeef"), @r#"
        -- stderr
        error: no job has an id that ends in "deadbeef"
        hint: `toolkit jobs list` shows numbers and ids; `last` and the end of an id will do
        -- exit 1
        "#);
    }
    for given in ["", "%", "_", "'", "01990000"] {
        refused(&place, 1, &["jobs", "show", given]);
    }
    place.succeed(&["jobs", "show", "0BEDFACEB00C"]);
    place.succeed(&["jobs", "show", "last"]);
    refused(&place, 1, &["sources", "show", "last"]);
    refused(&place, 1, &["report", "balance", "--job", "deadbeef"]);
}

#[rstest]
fn nothing_is_deleted_without_a_yes(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let asked = place
        .command(&["jobs", "delete", "last"])
        .input("y\n")
        .run();
    assert_eq!(asked.code(), Some(2));
    allow_duplicates! {
        assert_snapshot!(asked.snapshot(), @r"
        -- stderr
        error: deleting job [UUID] needs a yes
        hint: toolkit jobs delete [UUID] --yes
        -- exit 2
        ");
    }
    assert_eq!(place.count("jobs"), 1);
    assert_eq!(place.count("frontier"), 7);
}

#[rstest]
fn a_reader_that_has_enough_is_no_failure(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["run", text_of(&site("harbor"))]);
    for format in ["table", "json", "jsonl", "csv", "markdown"] {
        let list = ["entities", "list", "--format", format];
        // More than a pipe holds, or nobody would notice that the reader is gone.
        assert!(place.succeed(&list).stdout.len() > 80 << 10);
        let script = format!(
            "{{ \"$0\" {} --database \"$1\"; echo \"ended with $?\" >&2; }} | head -1",
            list.join(" ")
        );
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_toolkit")])
            .arg(place.database.address())
            .stdin(Stdio::null())
            .output()
            .expect("sh runs");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "ended with 0\n",
            "{format}"
        );
        let lines = String::from_utf8_lossy(&output.stdout).lines().count();
        assert_eq!(lines, 1, "{format}");
    }
}
