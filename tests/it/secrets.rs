//! No password is written down: not on a terminal, not in a row, not in a file. Each gets a word of its own
//! that is looked for wherever the program can have left it.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use rstest::rstest;

use crate::support::database::{Engine, SECRET_PASSWORD};
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

const OF_SEED: &str = "canary-of-the-seed";
const OF_ENVIRONMENT: &str = "canary-of-the-environment";
const OF_UNREACHABLE: &str = "canary-of-the-unreachable";
const OF_HEADER: &str = "canary-of-the-header";
const OF_TOKEN: &str = "canary-of-the-token";
const OF_LOGIN: &str = "canary-of-the-login";
/// `ada:canary-of-the-login`, as Basic has it, without the end that padding changes.
const OF_LOGIN_ENCODED: &str = "YWRhOmNhbmFyeS1vZi10aGUtbG9naW";
const OF_PROXY: &str = "canary-of-the-proxy";
/// `ada:canary-of-the-proxy`, as Basic has it, without the end.
const OF_PROXY_ENCODED: &str = "YWRhOmNhbmFyeS1vZi10aGUtcHJveH";
const OF_COOKIE: &str = "canary-of-the-cookie";
const OF_SITE: &str = "canary-of-the-site";
const CANARIES: [&str; 12] = [
    OF_SEED,
    OF_ENVIRONMENT,
    OF_UNREACHABLE,
    OF_HEADER,
    OF_TOKEN,
    OF_LOGIN,
    OF_LOGIN_ENCODED,
    OF_PROXY,
    OF_PROXY_ENCODED,
    OF_COOKIE,
    OF_SITE,
    SECRET_PASSWORD,
];

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
    assert_database_free(&place, engine);
}

/// Crawls with every option that names a secret, straight and by a proxy, resumes, and misspells each.
#[rstest]
fn no_credential_is_written_down(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("harbor")));
    let cookie = format!("session={OF_COOKIE}; Path=/");
    server.set(
        "/index.html",
        Answer::page("<a href=/denied>d</a><a href=/moved>m</a><a href=/notes.txt>n</a>")
            .header("Set-Cookie", &cookie),
    );
    // A server may send back what it was sent.
    server.set(
        "/denied",
        Answer::status(401).header("WWW-Authenticate", &format!("Basic realm={OF_COOKIE}")),
    );
    server.set(
        "/moved",
        Answer::redirect(302, "/denied").header("Set-Cookie", &cookie),
    );
    let host = server.url("").replace("http://", "");
    let header = format!("{host}=X-Key:env:CANARY_HEADER");
    let (token, login) = (
        format!("{host}=env:CANARY_TOKEN"),
        format!("{host}=env:CANARY_LOGIN"),
    );
    let seed = server.url("/index.html");
    let proxy = server.url("");
    let base = [
        "--allow-private",
        "--delay",
        "0",
        "--retries",
        "0",
        "--verbose",
    ];
    let by_proxy = ["--proxy", &proxy, "--proxy-auth", "env:CANARY_PROXY"];
    let wrong_header = format!("{host}=X-Key:{OF_HEADER}");
    let wrong_auth = format!("--auth={host}=ada:{OF_LOGIN}");
    let wrong_proxy = format!("http://ada:{OF_PROXY}@{host}");
    let story: &[(i32, &[&str])] = &[
        (0, &["crawl", &seed, "--header", &header, "--auth", &token]),
        (0, &["run", &seed, "--header", &header, "--auth", &login]),
        (
            1,
            &[
                "crawl",
                "http://site.example/",
                by_proxy[0],
                by_proxy[1],
                by_proxy[2],
                by_proxy[3],
            ],
        ),
        (
            1,
            &[
                "crawl",
                "https://site.example/",
                by_proxy[0],
                by_proxy[1],
                by_proxy[2],
                by_proxy[3],
            ],
        ),
        // A variable that holds no usable value is named, and the value is not.
        (
            1,
            &[
                "crawl",
                &seed,
                "--auth",
                &format!("{host}=env:CANARY_HEADER"),
            ],
        ),
        (
            1,
            &[
                "crawl",
                &seed,
                "--header",
                &format!("{host}=X:env:CANARY_LINES"),
            ],
        ),
        (2, &["crawl", &seed, "--header", &wrong_header]),
        (2, &["crawl", &seed, &wrong_auth]),
        (2, &["crawl", &seed, "--proxy", &wrong_proxy]),
        (
            2,
            &[
                "crawl",
                &seed,
                "--proxy",
                &proxy,
                "--proxy-auth",
                &format!("ada:{OF_PROXY}"),
            ],
        ),
    ];
    let run = |expected: i32, arguments: &[&str]| {
        let command = place.command(arguments);
        let output = command
            .environment("CANARY_HEADER", OF_HEADER)
            .environment("CANARY_LINES", format!("{OF_HEADER}\nsecond"))
            .environment("CANARY_TOKEN", format!("Bearer {OF_TOKEN}"))
            .environment("CANARY_LOGIN", format!("ada:{OF_LOGIN}"))
            .environment("CANARY_PROXY", format!("ada:{OF_PROXY}"))
            .run();
        assert_free(&output.stdout, &format!("what {arguments:?} prints"));
        assert_free(&output.stderr, &format!("what {arguments:?} tells"));
        assert_eq!(
            output.code(),
            Some(expected),
            "{arguments:?} {}",
            output.stderr
        );
    };
    for (expected, arguments) in story {
        run(*expected, &[arguments, &base[..]].concat());
    }
    // All of it was sent.
    let request = server.last_request("/notes.txt").expect("a request");
    assert_eq!(request.header("x-key"), Some(OF_HEADER));
    assert!(
        request
            .header("authorization")
            .is_some_and(|value| value.contains(OF_LOGIN_ENCODED))
    );
    assert!(
        request
            .header("cookie")
            .is_some_and(|value| value.contains(OF_COOKIE))
    );
    let robots = server
        .last_request("http://site.example/robots.txt")
        .expect("a request");
    assert!(
        robots
            .header("proxy-authorization")
            .is_some_and(|value| value.contains(OF_PROXY_ENCODED))
    );
    place.database.execute(
        "UPDATE jobs SET state = 'cancelled' WHERE kind = 'crawl'; \
         UPDATE frontier SET outcome = NULL WHERE uri LIKE '%/denied'",
    );
    let job =
        place.value("SELECT CAST(MIN(CAST(id AS TEXT)) AS TEXT) FROM jobs WHERE kind = 'crawl'");
    run(0, &["crawl", "--resume", &job, "--verbose"]);
    for report in [
        &["jobs", "show", &job, "--verbose"][..],
        &["jobs", "list", "--verbose"],
        &["report", "incomplete", "--all", "--verbose"],
        &["report", "provenance", "--verbose"],
        &["sources", "show", "last", "--verbose"],
        &["db", "check", "--deep"],
    ] {
        run(if report[0] == "db" { 3 } else { 0 }, report);
    }
    assert_database_free(&place, engine);
}

/// A site may name users and passwords in what it sends, also in what is no URL.
#[rstest]
fn no_password_of_a_site_is_written_down(#[values(Sqlite, Postgres)] engine: Engine) {
    let broken = format!("http://keeper:{OF_SITE}@127.0.0.1:99999/");
    let link = format!("<http://keeper:{OF_SITE}@127.0.0.1/>; rel=\"canonical\"");
    let server = Server::builder()
        .answer(
            "/",
            Answer::page("<a href=/broken>b</a><a href=/relative>r</a>"),
        )
        .answer("/broken", Answer::redirect(302, &broken))
        .answer(
            "/relative",
            Answer::redirect(302, &format!("//keeper:{OF_SITE}@127.0.0.1:99999/")),
        )
        .start();
    let place = Workplace::new(engine);
    let seed = server.url("/");
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.succeed(&[&crawl[..], &["--warc", "out.warc.gz"]].concat());
    let file = std::fs::File::open(place.user.folder().join("out.warc.gz")).expect("an archive");
    let mut written = Vec::new();
    MultiGzDecoder::new(file)
        .read_to_end(&mut written)
        .expect("a packed archive");
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains("99999"), "{written}");
    assert_free(&written, "the archive");

    // From here on the files of the site themselves hold it, and no archive is written.
    server.set("/", Answer::page("<p>1</p>").header("Link", &link));
    let sitemap = server.url("/map.xml");
    let sitemap = sitemap.replace("http://", &format!("http://keeper:{OF_SITE}@"));
    server.set(
        "/robots.txt",
        Answer::status(200).body("text/plain", format!("Sitemap: {sitemap}\n")),
    );
    server.set(
        "/map.xml",
        Answer::status(200).body(
            "application/xml",
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"></urlset>",
        ),
    );
    place.succeed(&crawl);
    assert_eq!(server.count("/map.xml"), 1);

    let record = |path: &str, head: &str| {
        let block = format!("HTTP/1.1 {head}Content-Type: text/html\r\n\r\n<p>{path}");
        format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/{path}\r\n\
             WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
             Content-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    };
    let folder = temporary_folder();
    let archive = folder.path().join("in.warc");
    let records = [
        record("linked", &format!("200 OK\r\nLink: {link}\r\n")),
        record("moved", &format!("302 Found\r\nLocation: {broken}\r\n")),
    ];
    std::fs::write(&archive, records.concat()).expect("an archive");
    place.succeed(&["crawl", text_of(&archive)]);
    assert_eq!(place.count("sources WHERE uri LIKE '%/linked'"), 1);
    assert_database_free(&place, engine);
}

/// Looks through every column of every table, and through the bytes of the files.
fn assert_database_free(place: &Workplace, engine: Engine) {
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
