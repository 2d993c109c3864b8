//! Nothing is lost and nothing doubled when the process dies: at every named point around a commit, and at
//! random times by SIGKILL. After each, resuming tells the same story as a run that was left alone.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rstest::rstest;
use toolkit::store::{CRASH_PLACES, CRASH_TRANSACTIONS};

use crate::support::database::{Engine, TestDatabase};
use crate::support::random::{Random, seed_or};
use crate::support::server::Server;
use crate::support::toolkit::Toolkit;
use crate::support::{series_length, site, temporary_folder};

use Engine::{Postgres, Sqlite};

const SIGABRT: i32 = 6;
const KILLS: usize = 50;

/// What a user sees of a database, without ids and times.
fn story(user: &Toolkit, address: &str) -> String {
    [
        &["sources", "list"][..],
        &["report", "incomplete", "--all"],
        &["report", "balance"],
        &["entities", "list"],
    ]
    .map(|command| {
        let mut arguments = command.to_vec();
        arguments.extend(["--stable", "--format", "json", "--database", address]);
        user.succeed(arguments).stdout
    })
    .join("\n")
}

fn states(database: &TestDatabase, kind: &str) -> Vec<String> {
    let sql = format!("SELECT state FROM jobs WHERE kind = '{kind}' ORDER BY created_at, id");
    database
        .query_text(&sql)
        .into_iter()
        .map(|row| row[0].clone().expect("a state"))
        .collect()
}

/// Does what a user would after a crash: resumes the crawl, or begins it where it never began, extracts,
/// and checks.
fn recover(user: &Toolkit, database: &TestDatabase, crawl: &[&str]) -> String {
    let address = database.address();
    let status = user.run(["db", "status", "--database", &address]);
    let crawls = if status.code() == Some(0) {
        states(database, "crawl")
    } else {
        Vec::new()
    };
    match crawls.as_slice() {
        [] => {
            let mut arguments = vec!["crawl"];
            arguments.extend(crawl);
            arguments.extend(["--database", &address]);
            user.succeed(arguments);
        }
        [state] if state == "completed" => {}
        [_] => {
            let job = database.query_one("SELECT id FROM jobs WHERE kind = 'crawl'");
            let job = job.expect("a job");
            user.succeed(["crawl", "--resume", &job, "--database", &address]);
        }
        several => panic!("{several:?}"),
    }
    user.succeed(["extract", "--database", &address]);
    let unfinished = "SELECT COUNT(*) FROM jobs WHERE state <> 'completed'";
    assert_eq!(database.query_one(unfinished).as_deref(), Some("0"));
    user.succeed(["db", "check", "--deep", "--database", &address]);
    user.succeed(["db", "verify", "--database", &address]);
    story(user, &address)
}

/// The story of a run that was left alone. A second extraction is part of it, because recovery extracts
/// once more and a job that selects nothing is a line of the balance.
fn undisturbed(engine: Engine, crawl: &[&str]) -> String {
    let (database, user) = (TestDatabase::new(engine), Toolkit::new());
    let address = database.address();
    let mut arguments = vec!["crawl"];
    arguments.extend(crawl);
    arguments.extend(["--database", &address]);
    user.succeed(arguments);
    user.succeed(["extract", "--database", &address]);
    story(&user, &address)
}

/// Balances name one line a job, and how many extractions it took depends on where the crash came; what
/// they add up to does not.
fn without_balance_of_extractions(story: &str) -> String {
    let mut parts: Vec<String> = story.split("\n{").map(str::to_owned).collect();
    parts.retain(|part| !part.contains("\"selected\""));
    parts.join("\n{")
}

/// Runs the program until it aborts at `point`, and says whether it did.
fn crash_at(user: &Toolkit, arguments: &[&str], point: &str) -> bool {
    let output = user
        .command(arguments)
        .environment("TOOLKIT_CRASH_AT", point)
        .run();
    let aborted = output.status.signal() == Some(SIGABRT);
    assert!(
        aborted || output.code() == Some(0),
        "{point}: {}",
        output.stderr
    );
    aborted
}

#[rstest]
fn every_point_of_a_run_can_be_recovered_from(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(
        "create_job",
        "claim_urls",
        "store_pages",
        "settle_canonicals",
        "end_job",
        "claim_passes",
        "store_extractions",
        "heartbeat"
    )]
    transaction: &str,
) {
    let folder = site("harbor");
    let crawl = [
        folder.to_str().expect("a path"),
        "--max-body",
        "200KB",
        "--concurrency",
        "2",
    ];
    let expected = without_balance_of_extractions(&undisturbed(engine, &crawl));
    for place in CRASH_PLACES {
        for count in [1, 2] {
            let (database, user) = (TestDatabase::new(engine), Toolkit::new());
            let address = database.address();
            let mut arguments = vec!["run"];
            arguments.extend(crawl);
            arguments.extend(["--database", &address]);
            let point = format!("{transaction}.{place}:{count}");
            let crashed = crash_at(&user, &arguments, &point);
            assert!(crashed || count > 1, "{point} was never reached");
            let recovered = without_balance_of_extractions(&recover(&user, &database, &crawl));
            assert_eq!(recovered, expected, "{point}");
        }
    }
}

#[rstest]
fn a_crash_while_resuming_can_be_resumed(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = site("club");
    let crawl = [folder.to_str().expect("a path"), "--concurrency", "1"];
    let expected = without_balance_of_extractions(&undisturbed(engine, &crawl));
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let mut arguments = vec!["crawl"];
        arguments.extend(crawl);
        arguments.extend(["--database", &address]);
        assert!(crash_at(&user, &arguments, "store_pages.before_commit:3"));
        let resume = ["crawl", "--resume", "last", "--database", &address];
        assert!(crash_at(&user, &resume, &format!("resume_job.{place}:1")));
        let recovered = without_balance_of_extractions(&recover(&user, &database, &crawl));
        assert_eq!(recovered, expected, "{place}");
    }
}

#[rstest]
fn a_crash_while_a_limit_closes_the_frontier(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = site("club");
    let crawl = [
        folder.to_str().expect("a path"),
        "--concurrency",
        "1",
        "--max-pages",
        "4",
    ];
    let expected = without_balance_of_extractions(&undisturbed(engine, &crawl));
    assert!(expected.contains("max_pages"));
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let mut arguments = vec!["crawl"];
        arguments.extend(crawl);
        arguments.extend(["--database", &address]);
        assert!(crash_at(
            &user,
            &arguments,
            &format!("close_frontier.{place}:1")
        ));
        let recovered = without_balance_of_extractions(&recover(&user, &database, &crawl));
        assert_eq!(recovered, expected, "{place}");
    }
}

#[rstest]
fn a_crash_while_texts_are_completed(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = site("seeds");
    let crawl = [folder.to_str().expect("a path")];
    let expected = without_balance_of_extractions(&undisturbed(engine, &crawl));
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        user.succeed(["run", crawl[0], "--database", &address]);
        database.execute(
            "DELETE FROM extraction_entities; DELETE FROM entities; \
             UPDATE extractions SET entities_extracted = FALSE",
        );
        let extract = ["extract", "--database", &address];
        assert!(crash_at(
            &user,
            &extract,
            &format!("store_mentions.{place}:1")
        ));
        let untrue = "SELECT COUNT(*) FROM extractions WHERE entities_extracted IS TRUE AND NOT EXISTS \
                      (SELECT 1 FROM extraction_entities WHERE extraction_id = extractions.id) \
                      AND extraction_type = 'content'";
        if *place != "after_commit" {
            assert_eq!(database.query_one(untrue).as_deref(), Some("0"), "{place}");
        }
        let recovered = without_balance_of_extractions(&recover(&user, &database, &crawl));
        assert_eq!(recovered, expected, "{place}");
    }
}

#[rstest]
fn a_crash_while_a_job_is_deleted(#[values(Sqlite, Postgres)] engine: Engine) {
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let folder = site("seeds");
        user.succeed([
            "crawl",
            folder.to_str().expect("a path"),
            "--database",
            &address,
        ]);
        let delete = ["jobs", "delete", "last", "--yes", "--database", &address];
        assert!(crash_at(&user, &delete, &format!("delete_job.{place}:1")));
        let jobs = if *place == "after_commit" { "0" } else { "1" };
        assert_eq!(
            database.query_one("SELECT COUNT(*) FROM jobs").as_deref(),
            Some(jobs),
            "{place}"
        );
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'job_deleted'";
        let events = if *place == "after_commit" { "1" } else { "0" };
        assert_eq!(database.query_one(told).as_deref(), Some(events), "{place}");
        user.succeed(["db", "check", "--database", &address]);
        user.succeed(["db", "verify", "--database", &address]);
    }
}

/// Ctrl-C while most URLs still wait for their turn gives those back; a crash then loses none.
#[rstest]
fn a_crash_while_urls_are_given_back(#[values(Sqlite, Postgres)] engine: Engine) {
    for place in CRASH_PLACES {
        let server = Server::of(site("harbor"));
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let (address, url) = (database.address(), server.url("/index.html"));
        let crawl = [
            "crawl",
            &url,
            "--allow-private",
            "--delay",
            "400ms",
            "--database",
            &address,
        ];
        let mut running = user
            .command(crawl)
            .environment("TOOLKIT_CRASH_AT", format!("release_urls.{place}:1"))
            .start();
        let end = Instant::now() + Duration::from_secs(20);
        while server.requests().len() < 4 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        running.signal("INT");
        assert!(running.wait_for(Duration::from_secs(30)));
        assert_eq!(running.finish().status.signal(), Some(SIGABRT), "{place}");
        // Without the delay, which the job keeps, the rest would take long: the database is told.
        database.execute(match engine {
            Sqlite => "UPDATE jobs SET params = json_set(params, '$.delay', 0)",
            Postgres => "UPDATE jobs SET params = jsonb_set(params, '{delay}', '0')",
        });
        user.succeed(["crawl", "--resume", "last", "--database", &address]);
        user.succeed(["db", "check", "--deep", "--database", &address]);
        let stored = database.query_one("SELECT COUNT(*) FROM sources");
        assert_eq!(stored.as_deref(), Some("17"), "{place}");
    }
}

#[rstest]
fn a_crash_while_entities_are_merged(#[values(Sqlite, Postgres)] engine: Engine) {
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let folder = site("harbor");
        user.succeed([
            "run",
            folder.to_str().expect("a path"),
            "--database",
            &address,
        ]);
        let named = |order: &str| {
            let sql = format!(
                "SELECT CAST(id AS TEXT) FROM entities ORDER BY normalized_key {order} LIMIT 1"
            );
            database.query_one(&sql).expect("an entity")
        };
        let (kept, other) = (named("ASC"), named("DESC"));
        let merge = ["entities", "merge", &kept, &other, "--database", &address];
        assert!(crash_at(
            &user,
            &merge,
            &format!("merge_entities.{place}:1")
        ));
        let count = |rows: &str| database.query_one(&format!("SELECT COUNT(*) FROM {rows}"));
        let merged = if *place == "after_commit" { "1" } else { "0" };
        assert_eq!(count("entity_merges").as_deref(), Some(merged), "{place}");
        assert_eq!(
            count("events WHERE kind = 'entity_merged'").as_deref(),
            Some(merged),
            "{place}"
        );
        user.succeed(["db", "check", "--database", &address]);
        user.succeed(["db", "verify", "--database", &address]);
    }
}

#[rstest]
fn a_crash_while_bodies_are_dropped(#[values(Sqlite, Postgres)] engine: Engine) {
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let folder = temporary_folder();
        for text in ["low", "high"] {
            std::fs::write(folder.path().join("tide.txt"), text).expect("cannot write a page");
            let path = folder.path().to_str().expect("a path");
            user.succeed(["crawl", path, "--database", &address]);
        }
        let drop = ["db", "vacuum", "--bodies", "--database", &address];
        assert!(crash_at(&user, &drop, &format!("drop_bodies.{place}:1")));
        let count = |rows: &str| database.query_one(&format!("SELECT COUNT(*) FROM {rows}"));
        let (kept, told) = if *place == "after_commit" {
            ("1", "1")
        } else {
            ("2", "0")
        };
        assert_eq!(count("bodies").as_deref(), Some(kept), "{place}");
        let events = count("events WHERE kind = 'bodies_dropped'");
        assert_eq!(events.as_deref(), Some(told), "{place}");
        user.succeed(drop);
        assert_eq!(count("bodies").as_deref(), Some("1"), "{place}");
        let events = count("events WHERE kind = 'bodies_dropped'");
        assert_eq!(events.as_deref(), Some("1"), "{place}");
        user.succeed(["db", "check", "--database", &address]);
        user.succeed(["db", "verify", "--database", &address]);
    }
}

#[rstest]
fn a_crash_while_a_source_is_erased(#[values(Sqlite, Postgres)] engine: Engine) {
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let folder = site("seeds");
        let path = folder.to_str().expect("a path");
        user.succeed(["run", path, "--database", &address]);
        let erase = ["erase", "last", "--yes", "--database", &address];
        assert!(crash_at(&user, &erase, &format!("erase_source.{place}:1")));
        let count = |rows: &str| database.query_one(&format!("SELECT COUNT(*) FROM {rows}"));
        let gone = if *place == "after_commit" { "1" } else { "0" };
        for rows in [
            "sources WHERE body_digest IS NULL",
            "events WHERE kind = 'source_erased'",
        ] {
            assert_eq!(count(rows).as_deref(), Some(gone), "{place}: {rows}");
        }
        user.succeed(erase);
        assert_eq!(count("bodies").as_deref(), Some("6"), "{place}");
        let erasures = count("events WHERE kind = 'source_erased'");
        assert_eq!(erasures.as_deref(), Some("1"), "{place}");
        user.succeed(["db", "check", "--deep", "--database", &address]);
        user.succeed(["db", "verify", "--database", &address]);
    }
}

#[test]
fn an_export_is_recorded_whole_or_not_at_all() {
    for place in CRASH_PLACES {
        let (database, user) = (TestDatabase::new(Sqlite), Toolkit::new());
        let address = database.address();
        let page = user.folder().join("a.html");
        std::fs::write(&page, "<p>A page.").expect("a page");
        user.succeed([
            "crawl",
            page.to_str().expect("a path"),
            "--database",
            &address,
        ]);
        let export = ["export", "sources", "--record", "--database", &address];
        assert!(crash_at(
            &user,
            &export,
            &format!("record_export.{place}:1")
        ));
        let recorded = database.query_one("SELECT COUNT(*) FROM events WHERE kind = 'exported'");
        let expected = if *place == "after_commit" { "1" } else { "0" };
        assert_eq!(recorded.as_deref(), Some(expected), "{place}");
        user.succeed(["db", "check", "--database", &address]);
        user.succeed(["db", "verify", "--database", &address]);
    }
}

#[test]
fn every_named_point_has_a_test() {
    let text = concat!(
        include_str!("crash.rs"),
        include_str!("archive_recovery.rs"),
        include_str!("captures.rs"),
        include_str!("search.rs")
    );
    for transaction in CRASH_TRANSACTIONS {
        let named = text.contains(&format!("\"{transaction}\""))
            || text.contains(&format!("{transaction}.{{place}}"))
            || text.contains(&format!("\"{transaction}.begun:1\""));
        assert!(named, "{transaction}");
    }
}

/// A site that takes long enough to be killed in the middle of.
fn larger_site(folder: &Path, pages: usize) {
    for number in 0..pages {
        let links: String = [1, 7, 31]
            .map(|step| {
                format!(
                    "<a href=\"page-{}.html\">next</a> ",
                    (number * 3 + step) % pages
                )
            })
            .concat();
        let text = format!(
            "<!doctype html><title>Page {number}</title><h1>Page {number}</h1><p>Written on 2024-03-{:02} \
             by writer{number}@example.org, who asks for $ {}.50 a copy and has more to say in a sentence \
             that is long enough, with commas, to be taken for one.</p>{links}",
            number % 28 + 1,
            number + 1,
        );
        std::fs::write(folder.join(format!("page-{number}.html")), text).expect("a page");
    }
}

#[rstest]
fn random_kills_lose_and_double_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = temporary_folder();
    larger_site(folder.path(), 150);
    let crawl = [
        folder.path().to_str().expect("a path"),
        "--concurrency",
        "4",
    ];
    let started = Instant::now();
    let expected = without_balance_of_extractions(&undisturbed(engine, &crawl));
    let whole = started.elapsed().as_millis() as u64;
    let seed = seed_or(std::process::id().into());
    let mut random = Random::new(seed);
    for run in 0..series_length(KILLS) {
        let (database, user) = (TestDatabase::new(engine), Toolkit::new());
        let address = database.address();
        let mut arguments = vec!["run"];
        arguments.extend(crawl);
        arguments.extend(["--database", &address]);
        let first = random.below(whole);
        user.command(&arguments).kill_after(first);
        // And once more while it resumes, or extracts.
        let second = random.below(whole / 2);
        let again = if random.below(2) == 0 {
            ["crawl", "--resume", "last", "--database", &address].to_vec()
        } else {
            ["extract", "--database", &address].to_vec()
        };
        user.command(again).kill_after(second);
        let recovered = without_balance_of_extractions(&recover(&user, &database, &crawl));
        assert_eq!(
            recovered, expected,
            "seed {seed}, run {run}, killed at {first} and {second} ms"
        );
    }
}
