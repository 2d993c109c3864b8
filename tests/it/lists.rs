//! Lists of seeds: one job, an outcome for every line, and nothing that grows with the list but its rows.

use rstest::rstest;
use serde_json::json;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// Seeds of a long list.
const MANY: usize = 100_000;

/// Bytes resident while such a list is read, of a program that was built for tests.
const MOST_MEMORY: u64 = 200 << 20;

const POLITE: [&str; 3] = ["--allow-private", "--delay", "0"];

fn site(title: &str) -> Server {
    let page = format!("<!doctype html><title>{title}</title><a href=/more>more</a>");
    Server::builder()
        .answer("/", Answer::page(page))
        .answer("/more", Answer::page("<title>More</title>"))
        .start()
}

#[rstest]
fn a_list_is_one_job_with_a_line_for_each_site(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_piped: bool,
) {
    let place = Workplace::new(engine);
    let (one, two) = (site("One"), site("Two"));
    let folder = temporary_folder();
    std::fs::write(folder.path().join("notes.html"), "<title>Notes</title>").expect("a page");
    let list = format!(
        "\u{feff}# where to begin\r\n\r\n{}\r\n  {}  \r\n{}\r\nftp://user:low-tide@a.test/\r\nfree words\r\n{}\r\n{}\r\n",
        one.url("/"),
        two.url("/"),
        text_of(&folder.path().join("notes.html")),
        one.url("/"),
        text_of(&folder.path().join("missing.html")),
    );
    let path = folder.path().join("seeds.txt");
    std::fs::write(&path, &list).expect("a list");
    let from = if is_piped { "-" } else { text_of(&path) };
    let output = place
        .command(&[&["crawl", "--from", from][..], &POLITE].concat())
        .input(list)
        .run();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    place.check();
    assert_eq!(place.count("jobs"), 1);
    assert_eq!(place.count("sources"), 5);
    assert_eq!(place.count("frontier"), 8);
    let report = place.json(&["report", "balance", "--by", "group"]);
    let count = |group: &str| {
        let lines = lines_where(&report, "rows", |line| {
            line["source_group"] == group && line["outcome"] == "new"
        });
        assert_eq!(lines.len(), 1, "{group}: {report}");
        lines[0]["count"].clone()
    };
    for server in [&one, &two] {
        let url = server.url("/");
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        assert_eq!(count(host), json!(2));
    }
    let name = if is_piped {
        "standard input"
    } else {
        "seeds.txt"
    };
    let report = place.json(&["report", "incomplete"]);
    let losses = lines_where(&report, "rows", |line| line["stage"] == "crawl");
    let mut told: Vec<(String, String)> = fields(&losses, "reason")
        .into_iter()
        .zip(fields(&losses, "detail"))
        .collect();
    told.sort();
    let expected = [
        (
            "file_not_found",
            "line 9: No such file or directory (os error 2)",
        ),
        ("malformed_url", "line 6: scheme \"ftp\" is not supported"),
        ("malformed_url", "line 7: neither a URL nor a path"),
    ];
    assert_eq!(
        told,
        expected.map(|(reason, detail)| (reason.to_owned(), format!("{name} {detail}")))
    );
    assert_eq!(place.count("frontier WHERE uri LIKE '%low-tide%'"), 0);
}

#[rstest]
fn a_list_without_a_seed_makes_no_job(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    for (list, message) in [
        ("# nothing\n\n", "standard input holds no seed"),
        (
            "free words\nftp://a.test/\n",
            "no line of standard input is a seed; line 1 (\"free words\"): neither a URL nor a path",
        ),
    ] {
        for command in ["crawl", "run"] {
            let output = place.command(&[command, "--from", "-"]).input(list).run();
            assert_eq!(output.code(), Some(1), "{}", output.snapshot());
            assert!(output.stderr.contains(message), "{}", output.stderr);
        }
    }
    let output = place.run(&["crawl", "--from", "no-such-list.txt"]);
    assert_eq!(output.code(), Some(1));
    let message = "cannot read the list of seeds \"no-such-list.txt\"";
    assert!(output.stderr.contains(message), "{}", output.stderr);
    // One seed beside it is enough.
    let server = site("One");
    let output = place
        .command(&[&["crawl", &server.url("/"), "--from", "-"][..], &POLITE].concat())
        .input("free words\n")
        .run();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(place.count("frontier WHERE reason = 'malformed_url'"), 1);
    for arguments in [
        &["crawl"][..],
        &["run"],
        &["crawl", "--resume", "last", "--from", "-"],
    ] {
        assert_eq!(place.run(arguments).code(), Some(2), "{arguments:?}");
    }
}

/// What a list named is not asked for again, so it is in the job.
#[rstest]
fn a_crash_loses_no_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let (one, two) = (site("One"), site("Two"));
    let list = format!("{}\nfree words\n{}\n", one.url("/"), two.url("/"));
    let crash = place
        .command(&[&["crawl", "--from", "-"][..], &POLITE].concat())
        .input(list)
        .environment("TOOLKIT_CRASH_AT", "store_pages.begun:1")
        .run();
    assert_eq!(crash.code(), None, "{}", crash.snapshot());
    assert_eq!(place.count("sources"), 0);
    place.succeed(&["crawl", "--resume", "last"]);
    place.check();
    assert_eq!(place.count("sources"), 4);
    assert_eq!(place.count("frontier WHERE reason = 'malformed_url'"), 1);
    assert_eq!(place.count("gaps WHERE reason = 'malformed_url'"), 1);
}

/// A file of a list that is gone when the job is taken on again costs itself alone.
#[rstest]
fn a_file_that_is_gone_holds_up_no_resume(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let (site, folder) = (site("One"), temporary_folder());
    let file = folder.path().join("notes.html");
    let resume = ["crawl", "--resume", "last"];
    for is_alone in [true, false] {
        std::fs::write(&file, "<title>Notes</title>").expect("a page");
        let mut list = format!("{}\nfree words\n", text_of(&file));
        if !is_alone {
            list = format!("{list}{}\nfree words\n", site.url("/"));
        }
        let crash = place
            .command(&[&["crawl", "--from", "-"][..], &POLITE].concat())
            .input(list)
            .environment("TOOLKIT_CRASH_AT", "store_pages.begun:1")
            .run();
        assert_eq!(crash.code(), None, "{}", crash.snapshot());
        std::fs::remove_file(&file).expect("the page");
        let output = place.run(&resume);
        if is_alone {
            // It may be on a disk that is not there at the moment.
            assert_eq!(output.code(), Some(1), "{}", output.snapshot());
            assert!(
                output.stderr.contains("cannot read seed"),
                "{}",
                output.stderr
            );
        } else {
            assert_eq!(output.code(), Some(0), "{}", output.snapshot());
            assert_eq!(place.count("sources"), 2);
            assert_eq!(place.count("frontier WHERE reason = 'file_not_found'"), 1);
            let again = "frontier WHERE detail LIKE '%(again in line 4)'";
            assert_eq!(place.count(again), 1);
            place.check();
        }
    }
}

/// A hundred thousand sites, until each has its row.
#[rstest]
fn a_long_list_costs_its_rows_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let lines: Vec<String> = (0..MANY)
        .map(|number| format!("https://s{number}.test/"))
        .collect();
    let output = place
        .command(&["crawl", "--from", "-"])
        .input(lines.join("\n"))
        .environment("TOOLKIT_CRASH_AT", "create_job.after_commit:1")
        .run();
    assert_eq!(output.code(), None, "{}", output.snapshot());
    let peak = output.peak_memory.expect("the system tells the peak");
    assert!(peak < MOST_MEMORY, "{} MB", peak >> 20);
    assert_eq!(place.count("frontier"), MANY);
    let shown = place.succeed(&["jobs", "show", "last"]).stdout;
    assert!(shown.contains("and 99980 more"), "{shown}");
    for listing in [&["jobs", "list"][..], &["jobs", "show", "last"]] {
        let all = [listing, &["--format", "json"]].concat();
        assert!(place.succeed(&all).stdout.len() < 10_000, "{listing:?}");
    }
}
