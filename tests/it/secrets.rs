//! No password is written down: not on a terminal, not in a row, not in a file. Each gets a word of its own
//! that is looked for wherever the program can have left it.

use rstest::rstest;

use crate::support::database::{Engine, SECRET_PASSWORD};
use crate::support::server::Server;
use crate::support::site;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const OF_SEED: &str = "canary-of-the-seed";
const OF_ENVIRONMENT: &str = "canary-of-the-environment";
const OF_UNREACHABLE: &str = "canary-of-the-unreachable";
const CANARIES: [&str; 4] = [OF_SEED, OF_ENVIRONMENT, OF_UNREACHABLE, SECRET_PASSWORD];

fn assert_free(text: &str, place: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary} is in {place}:\n{text}");
        let digits: Vec<String> = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(&digits.concat()), "{canary} is in {place}");
    }
}

/// The parser of URLs takes a seed's slashes and the case of its scheme lightly.
fn crawl_in_every_spelling(place: &Workplace, server: &Server) {
    let page = server.url("/index.html").replace("http://", "");
    let beginnings = [
        "http:",
        "http:/",
        "http:///",
        "http:\\\\",
        "HTTP://",
        "Http:",
    ];
    for beginning in beginnings {
        let seed = format!("{beginning}keeper:{OF_SEED}@{page}");
        let further = ["--allow-private", "--delay", "0", "--max-pages", "1"];
        let crawl = place.run(&[&["crawl", &seed], &further[..]].concat());
        assert_eq!(crawl.code(), Some(0), "{seed} {}", crawl.stderr);
        let show = place.run(&["sources", "show", &seed]);
        assert_eq!(show.code(), Some(0), "{seed} {}", show.stderr);
        let broken = place.run(&["crawl", &seed, &format!("{beginning}keeper:{OF_SEED}@[::1")]);
        assert_eq!(broken.code(), Some(1), "{seed}");
        for output in [crawl, show, broken] {
            assert_free(&output.stdout, &format!("what {seed} prints"));
            assert_free(&output.stderr, &format!("what {seed} tells"));
        }
    }
    let crawls = place.count("runs WHERE command_line LIKE 'toolkit crawl http://127.0.0.1%'");
    assert!(crawls >= beginnings.len(), "{crawls}");
}

#[rstest]
fn no_password_is_written_down(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let address = match engine {
        Sqlite => place.database.address(),
        Postgres => place.database.secret_address(SECRET_PASSWORD),
    };
    let userinfo = format!("http://keeper:{OF_SEED}@");
    let seed = server.url("/index.html").replace("http://", &userinfo);
    let unreachable = format!("postgres://me:{OF_UNREACHABLE}@127.0.0.1:1/pages");
    let joined = format!("--database={address}");
    let story: &[&[&str]] = &[
        &["run", &seed, "--allow-private", "--delay", "0"],
        &[
            "crawl",
            &seed,
            "--allow-private",
            "--delay",
            "0",
            "--verbose",
        ],
        &["extract", "--verbose"],
        &["report", "provenance", "--verbose"],
        &["report", "incomplete", "--all", "--verbose"],
        &["sources", "list"],
        &["sources", "show", "last"],
        &["jobs", "list", "--verbose"],
        &["jobs", "show", "last", "--verbose"],
        &["db", "status", "--verbose"],
        &["db", "check"],
        &["jobs", "delete", "last", "--yes", "--reason", "a reason"],
        // Pasted as it was typed, the seed names its source.
        &["sources", "show", &seed],
        // Words that are wrong are quoted in the message.
        &["crawl", &format!("ftp://keeper:{OF_SEED}@files.example/")],
        &["crawl", &format!("http://keeper:{OF_SEED}@[::1")],
        &[
            "sources",
            "show",
            &format!("http://keeper:{OF_SEED}@files.example/"),
        ],
        &["report", "incomplete", "--group", &seed, "--no-such-option"],
    ];
    for (number, arguments) in story.iter().enumerate() {
        // Both spellings of the option, and the variable.
        let command = match number % 3 {
            0 => place
                .user
                .command([arguments, &["--database", &address][..]].concat()),
            1 => place.user.command([arguments, &[&*joined][..]].concat()),
            _ => place
                .user
                .command(*arguments)
                .environment("TOOLKIT_DATABASE", &address),
        };
        let output = command.environment("PGPASSWORD", OF_ENVIRONMENT).run();
        assert_free(&output.stdout, &format!("what {arguments:?} prints"));
        assert_free(&output.stderr, &format!("what {arguments:?} tells"));
        if number < 13 {
            assert_eq!(output.code(), Some(0), "{arguments:?} {}", output.stderr);
        }
    }
    crawl_in_every_spelling(&place, &server);
    let failed = place.user.run(["crawl", &seed, "--database", &unreachable]);
    assert_eq!(failed.code(), Some(1));
    assert_free(
        &failed.stderr,
        "the message about a server that is not there",
    );
    let help = place
        .user
        .command(["crawl", "--help"])
        .environment("TOOLKIT_DATABASE", &unreachable)
        .run();
    assert_free(&help.stdout, "the help");

    assert_eq!(place.count("sources"), 17);
    let tables = match engine {
        Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table'",
        Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
    };
    let tables = place.database.query_text(tables);
    assert!(tables.len() >= 13, "{tables:?}");
    for table in tables.into_iter().flatten().flatten() {
        for row in place.database.query_text(&format!("SELECT * FROM {table}")) {
            for value in row.into_iter().flatten() {
                assert_free(&value, &table);
            }
        }
    }
    if engine == Sqlite {
        let folder = std::fs::read_dir(place.database.folder()).expect("the folder");
        for entry in folder {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            for canary in CANARIES {
                assert!(!text.contains(canary), "{canary} is in {}", path.display());
            }
        }
    }
}
