//! Ctrl-C, and several processes on one database: what is in flight is finished, what is left can be
//! resumed, and workers do not disturb each other.

use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::toolkit::Output;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{SOON, site, temporary_folder, wait_until};

use Engine::{Postgres, Sqlite};

#[rstest]
fn an_interrupt_finishes_what_is_in_flight(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let running = place.start_crawl(&server.url("/index.html"), &["--delay", "200ms"]);
    wait_until("5 were asked for", || server.requests().len() >= 5);
    running.signal("INT");
    let output = running.finish();
    let id = place.value("SELECT CAST(id AS TEXT) FROM jobs");
    let resume = format!("toolkit crawl --resume {}", &id[id.len() - 8..]);
    assert_interrupted(&output, &resume);
    assert!(output.stderr.contains("stopping"), "{}", output.stderr);
    let next = format!("Next: {resume} && toolkit extract\n");
    assert!(output.stdout.contains(&next), "{}", output.stdout);

    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    let asked = server.requests().len();
    let finished = place.count("frontier WHERE outcome IS NOT NULL");
    assert_eq!(
        finished,
        asked - 2,
        "all that was asked for, robots.txt and llms.txt apart"
    );
    assert!(place.count("frontier WHERE outcome IS NULL") > 0);
    assert_eq!(place.count("frontier WHERE worker_id IS NOT NULL"), 0);
    assert_eq!(place.count("workers"), 0);

    let report = place.json(&["report", "incomplete", "--stage", "crawl"]);
    let reasons = fields(&lines_where(&report, "rows", |_| true), "reason");
    assert!(reasons.iter().all(|reason| reason == "not_fetched"));
    let checked = place.run(&["report", "incomplete", "--check"]);
    assert_eq!(checked.code(), Some(3));
    assert!(
        checked.stderr.contains("toolkit crawl --resume "),
        "{}",
        checked.stderr
    );
    // Work to resume is no corruption.
    let check = place.json(&["db", "check", "--deep"]);
    let waiting = lines_where(&check, "work", |line| line["waiting"] == "urls");
    assert_eq!(waiting[0]["state"], "cancelled");

    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(place.count("frontier WHERE outcome = 'new'"), 12);
    for path in ["/stage-1.html", "/stage-5.html", "/rules.html"] {
        assert_eq!(server.count(path), 1, "{path}");
    }
    place.check();
    let again = place.run(&["crawl", "--resume", "last"]);
    assert_eq!(again.code(), Some(1));
    assert!(again.stderr.contains("is completed"), "{}", again.stderr);
    let jobs = place.json(&["report", "provenance"]);
    assert_eq!(jobs["jobs"][0]["attempts"], 2);

    place.succeed(&["extract"]);
    let again = place.run(&["extract", "--resume", "last"]);
    assert_eq!(again.code(), Some(1));
    assert!(again.stderr.contains("is completed"), "{}", again.stderr);
    assert!(again.stderr.contains("hint: `toolkit extract`"));
    assert_eq!(place.count("jobs WHERE state = 'completed'"), 2);
    assert_eq!(place.count("runs WHERE job_kind = 'extract'"), 1);
}

/// A folder that takes some seconds to extract.
fn large_folder() -> TempDir {
    let folder = temporary_folder();
    let text = "<p>Write to desk@skerrysound.example before noon, or call.</p>".repeat(200);
    for number in 0..240 {
        let page = format!("<!doctype html><title>{number}</title><main>{number}{text}</main>");
        std::fs::write(folder.path().join(format!("{number}.html")), page).expect("a page");
    }
    folder
}

#[rstest]
fn an_interrupted_extraction_begins_no_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), large_folder());
    place.succeed(&["crawl", text_of(folder.path())]);
    // The first begins a job, the second goes on with it: both end with that one job cancelled.
    for attempts in 1..=2 {
        let running = place.command(&["extract"]).start();
        wait_until("it works", || {
            place.count("runs WHERE job_kind = 'extract'") == attempts
                && place.count("runs WHERE closed_at IS NULL") == 1
        });
        running.signal("INT");
        let output = running.finish();
        assert_interrupted(&output, "toolkit extract");
        assert!(output.stdout.contains("Next: toolkit extract\n"));
        assert_eq!(place.count("jobs WHERE kind = 'extract'"), 1);
        assert_eq!(place.count("jobs WHERE state = 'cancelled'"), 1);
        assert_eq!(place.count("passes WHERE worker_id IS NOT NULL"), 0);
    }
    place.check();
    place.succeed(&["extract"]);
    assert_eq!(place.count("jobs WHERE state = 'completed'"), 3);
    assert_eq!(place.count("passes WHERE state = 'done'"), 240);
    place.check();
}

#[rstest]
fn an_interrupted_run_says_how_to_go_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let seed = server.url("/index.html");
    let run = ["run", &seed, "--allow-private", "--delay", "200ms"];
    let running = place.command(&run).start();
    wait_until("3 were asked for", || server.requests().len() >= 3);
    running.signal("INT");
    let output = running.finish();
    let id = place.value("SELECT CAST(id AS TEXT) FROM jobs");
    let commands = format!(
        "toolkit crawl --resume {} && toolkit extract",
        &id[id.len() - 8..]
    );
    assert_interrupted(&output, &commands);
    assert!(output.stdout.contains(&format!("Next: {commands}\n")));
    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    for command in commands.split(" && ") {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        place.succeed(&words);
    }
    place.succeed(&["report", "incomplete", "--check"]);
}

/// A script must not take what is left for done.
fn assert_interrupted(output: &Output, commands: &str) {
    assert_eq!(output.code(), Some(1), "{}", output.snapshot());
    let told = format!("error: interrupted\nhint: {commands}\n");
    assert!(output.stderr.ends_with(&told), "{}", output.stderr);
}

#[rstest]
fn a_second_interrupt_ends_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let late = Answer::page("<title>Late</title>").delay(Duration::from_secs(30));
    let server = Server::builder()
        .folder(site("club"))
        .answer("/rules.html", late)
        .start();
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let mut running = place.start_crawl(&server.url("/index.html"), &["--timeout", "60s"]);
    // All twelve pages, one of which does not come.
    wait_until("one page is left", || {
        server.count("/rules.html") == 1
            && place.count("frontier") == 12
            && place.count("frontier WHERE outcome IS NULL") == 1
    });
    running.signal("INT");
    wait_until("the first is heard", || {
        running.stderr_so_far().contains("stopping")
    });
    assert!(!running.wait_for(Duration::from_millis(100)));
    running.signal("INT");
    assert!(running.wait_for(SOON), "{}", running.stderr_so_far());
    assert_eq!(running.finish().code(), Some(130));

    // Nobody ended the job. Its lease still runs, but its process is seen to be gone.
    assert_eq!(place.value("SELECT state FROM jobs"), "running");
    assert_eq!(place.count("frontier WHERE outcome IS NULL"), 1);
    place.check();
    server.unset("/rules.html");
    let jobs = place.json(&["jobs", "list"]);
    assert_eq!(jobs["rows"][0]["interrupted"], true);
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(place.count("frontier WHERE outcome = 'new'"), 12);
    place.check();
}

#[rstest]
fn a_job_at_work_is_not_to_be_resumed(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    place.succeed(&["db", "migrate"]);
    let running = place.start_crawl(&server.url("/index.html"), &["--delay", "1s"]);
    wait_until("some are left", || {
        place.count("frontier WHERE outcome IS NULL") > 0 && place.count("sources") > 0
    });
    let checked = place.run(&["report", "incomplete", "--check"]);
    assert_eq!(checked.code(), Some(3), "{}", checked.snapshot());
    for told in [&checked.stdout, &checked.stderr] {
        assert!(told.contains("a worker is on job "), "{told}");
        assert!(!told.contains("--resume"), "{told}");
    }
    running.signal("INT");
    running.finish();
    let checked = place.run(&["report", "incomplete", "--check"]);
    for told in [&checked.stdout, &checked.stderr] {
        assert!(told.contains("toolkit crawl --resume "), "{told}");
        assert!(!told.contains("a worker is on"), "{told}");
    }
}

#[rstest]
fn two_crawls_share_a_database(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let servers = ["harbor", "club"].map(|name| Server::of(site(name)));
    // Neither is there first: both may have to make the tables.
    let running = servers
        .each_ref()
        .map(|server| place.start_crawl(&server.url("/index.html"), &["--delay", "0"]));
    for one in running {
        let output = one.finish();
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    }
    assert_eq!(place.count("jobs WHERE state = 'completed'"), 2);
    assert_eq!(place.count("sources"), 17 + 12);
    let both = [(); 2].map(|()| place.command(&["extract"]).start());
    for one in both {
        let output = one.finish();
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    }
    assert_eq!(place.count("jobs WHERE state = 'completed'"), 4);
    assert_eq!(place.count("passes WHERE state = 'pending'"), 0);
    assert_eq!(place.count("passes"), 29);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    place.check();
    place.succeed(&["db", "verify"]);
}

/// Both find the same URLs: the source is stored once, and each job accounts for all of them.
#[rstest]
fn two_crawls_of_one_site_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    place.succeed(&["db", "migrate"]);
    let url = server.url("/index.html");
    let running = [(); 2].map(|()| place.start_crawl(&url, &["--delay", "0"]));
    for one in running {
        let output = one.finish();
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    }
    assert_eq!(place.count("sources"), 12);
    assert_eq!(place.count("frontier WHERE outcome = 'new'"), 12);
    assert_eq!(place.count("frontier WHERE outcome = 'unchanged'"), 12);
    place.check();
}
