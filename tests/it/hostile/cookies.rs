//! Pages that are shown to who comes back with a cookie, and sites that set cookies without end.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;

use super::met;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::wait_until;
use crate::support::workplace::{Workplace, lines_where};

use Engine::{Postgres, Sqlite};

/// What a browser follows: a page that is shown to who comes back with a cookie.
#[rstest]
fn ways_back_with_a_cookie(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = |name: &str| Answer::page(format!("<title>{name}</title>"));
    let sets = |to: &str, name: &str| {
        Answer::redirect(302, to).header("Set-Cookie", &format!("{name}=1; Path=/"))
    };
    let server = Server::builder()
        .answer("/self", sets("/self", "s").with_cookie("s=1", page("Self")))
        .answer(
            "/two",
            Answer::redirect(302, "/ask").with_cookie("t=1", page("Two")),
        )
        .answer("/ask", sets("/two", "t"))
        .answer(
            "/three",
            sets("/log-in", "u").with_cookie("u=1", page("Three")),
        )
        .answer("/log-in", Answer::redirect(303, "/back"))
        .answer("/back", Answer::redirect(307, "/three"))
        .answer("/never", sets("/never", "n"))
        .answer(
            "/named",
            Answer::page("<link rel=canonical href=/self><title>Self</title>"),
        )
        .start();
    let seeds = ["/self", "/two", "/three", "/never", "/named"].map(|path| server.url(path));
    let met = met(engine, &seeds, &["--concurrency", "1"]);
    for (path, asked, reasons) in [
        ("/self", 2, ""),
        ("/two", 2, "redirect_alias"),
        ("/ask", 1, "redirect_alias"),
        ("/three", 2, ""),
        ("/log-in", 1, "redirect_alias"),
        ("/back", 1, "redirect_alias"),
        ("/never", 2, "redirect_loop"),
        ("/named", 1, "canonical_conflict"),
    ] {
        let uri = server.url(path);
        assert_eq!(server.count(path), asked, "{path}");
        assert_eq!(met.reasons(&uri).join(" "), reasons, "{path}");
        let is_page = matches!(path, "/self" | "/two" | "/three" | "/named");
        assert_eq!(met.stored(&uri).is_some(), is_page, "{path}");
    }
    let balance = met.place.json(&["report", "balance"]);
    assert_eq!(balance["jobs"][0]["closes"], true, "{balance}");
    // A later crawl has no cookie either, and finds what it knows.
    let mut again = vec!["crawl", "--allow-private", "--delay", "0"];
    again.extend(seeds.iter().map(String::as_str));
    met.place.succeed(&again);
    let unchanged = "frontier WHERE outcome = 'unchanged'";
    assert_eq!(met.place.count(unchanged), 4);
    met.place.check();

    met.place.succeed(&[&again[..], &["--no-cookies"]].concat());
    assert_eq!(met.place.count("frontier WHERE outcome = 'unchanged'"), 5);
}

/// Cookies that are new each time end as any circle of redirects does, soon and counted once.
#[rstest]
fn ways_back_without_end(#[values(Sqlite, Postgres)] engine: Engine) {
    let number = AtomicUsize::new(0);
    let server = Server::builder()
        .generated(move |target| {
            let to = match target {
                "/self" => "/self",
                "/ping" => "/pong",
                "/pong" => "/ping",
                _ => return None,
            };
            let number = number.fetch_add(1, Ordering::Relaxed);
            let cookie = format!("turn={number}; Path=/");
            Some(Answer::redirect(302, to).header("Set-Cookie", &cookie))
        })
        .start();
    let met = met(
        engine,
        &["/self", "/ping"].map(|path| server.url(path)),
        &[],
    );
    assert_eq!(server.count("/self"), 3);
    assert!(server.count("/ping") + server.count("/pong") <= 10);
    let of = |path: &str| format!("frontier WHERE uri = '{}'", server.url(path));
    assert_eq!(met.place.count(&of("/self")), 1);
    let ended = met.place.count("frontier WHERE reason = 'redirect_loop'");
    assert_eq!(ended, 2);
}

/// A log-in that sends on to the page asked for last, with many in flight: each of them is led there, and one
/// alone from there to its content.
#[rstest]
fn many_pages_behind_one_log_in(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(false, true)] begins_session: bool,
) {
    const PAGES: usize = 24;
    let last = Mutex::new(String::from("/account/0"));
    let number = AtomicUsize::new(0);
    let server = Server::builder()
        .generated(move |target| {
            let mut last = last.lock().unwrap();
            if target == "/log-in" {
                let back = Answer::redirect(302, &last);
                return Some(back.header("Set-Cookie", "in=1; Path=/"));
            }
            let name = target.strip_prefix("/account/")?;
            target.clone_into(&mut last);
            let mut wall = Answer::redirect(302, "/log-in").delay(Duration::from_millis(50));
            if begins_session {
                let number = number.fetch_add(1, Ordering::Relaxed);
                wall = wall.header("Set-Cookie", &format!("session={number}; Path=/"));
            }
            let page = Answer::page(format!("<title>Account {name}</title>"));
            Some(wall.with_cookie("in=1", page))
        })
        .start();
    let paths: Vec<String> = (0..PAGES).map(|page| format!("/account/{page}")).collect();
    let seeds: Vec<String> = paths.iter().map(|path| server.url(path)).collect();
    let met = met(engine, &seeds, &["--concurrency", "16", "--per-host", "16"]);
    for (path, uri) in paths.iter().zip(&seeds) {
        assert!(met.stored(uri).is_some(), "{path}");
        // The first answer, that to a session of its own, and that behind the log-in.
        assert!(server.count(path) <= 4, "{path}: {}", server.count(path));
    }
    let lost = lines_where(&met.report, "rows", |line| line["class"] == "loss");
    assert_eq!(lost, Vec::<&Value>::new());
    let balance = met.place.json(&["report", "balance"]);
    assert_eq!(balance["jobs"][0]["closes"], true, "{balance}");
}

/// Targets and cookies that are new each time do not multiply.
#[rstest]
fn redirects_to_other_places_each_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let number = AtomicUsize::new(0);
    let server = Server::builder()
        .generated(move |target| {
            target.starts_with("/on").then(|| {
                let number = number.fetch_add(1, Ordering::Relaxed);
                let cookie = format!("turn={number}; Path=/");
                Answer::redirect(302, &format!("/on/{number}")).header("Set-Cookie", &cookie)
            })
        })
        .start();
    let met = met(engine, &[server.url("/on")], &[]);
    assert!(server.request_count() <= 200, "{}", server.request_count());
    assert!(
        met.place
            .count("frontier WHERE reason = 'too_many_redirects'")
            > 0
    );
}

/// Those that were led to a log-in by a process that is no more are led through it by the next.
#[rstest]
fn a_log_in_that_a_killed_process_has_not_seen(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = |name: &str| Answer::page(format!("<title>{name}</title>"));
    let paths = ["/a", "/b", "/c"];
    let back = Answer::redirect(302, "/a").header("Set-Cookie", "in=1; Path=/");
    let mut server = Server::builder()
        .answer("/log-in", back.clone())
        .fail_first("/log-in", 1, back.delay(Duration::from_hours(1)));
    for path in paths {
        let wall = Answer::redirect(302, "/log-in").with_cookie("in=1", page(path));
        server = server.answer(path, wall);
    }
    let server = server.start();
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let seeds = paths.map(|path| server.url(path));
    let further = ["--timeout", "1h", "--delay", "0", &seeds[1], &seeds[2]];
    let mut running = place.start_crawl(&seeds[0], &further);
    wait_until("all are other names of the log-in", || {
        place.count("frontier WHERE outcome = 'alias'") == paths.len()
            && server.count("/log-in") == 1
    });
    running.kill();
    running.finish();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), paths.len());
    place.check();
}

/// A process that resumes a crawl has no cookies, and gets them where the one before had got them.
#[rstest]
fn a_log_in_that_only_a_killed_process_has_seen(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = |name: &str| Answer::page(format!("<title>{name}</title>"));
    let links = "<a href=/first>1</a><a href=/second>2</a>";
    let wall = |html: &str| {
        Answer::redirect(302, "/log-in").with_cookie("in=1", Answer::page(html.as_bytes()))
    };
    let hour = Duration::from_hours(1);
    let server = Server::builder()
        .answer("/", wall(&format!("<title>Home</title>{links}")))
        .answer("/first", wall("<title>First</title>"))
        .fail_first("/first", 1, page("Late").delay(hour))
        .answer("/second", wall("<title>Second</title>"))
        .fail_first("/second", 1, page("Late").delay(hour))
        .answer(
            "/log-in",
            Answer::redirect(302, "/").header("Set-Cookie", "in=1; Path=/"),
        )
        .start();
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let further = ["--timeout", "1h", "--delay", "0"];
    let mut running = place.start_crawl(&server.url("/"), &further);
    wait_until("the pages behind the first are asked for", || {
        server.count("/first") == 1 && server.count("/second") == 1
    });
    running.kill();
    running.finish();
    place.succeed(&["crawl", "--resume", "last"]);
    assert_eq!(place.count("sources"), 3);
    place.check();
}

/// A site that sets a fresh cookie with each answer is not asked twice for each of its redirects.
#[rstest]
fn redirects_with_a_fresh_cookie_each(#[values(Sqlite, Postgres)] engine: Engine) {
    const PAGES: usize = 200;
    let number = AtomicUsize::new(0);
    let server = Server::builder()
        .generated(move |target| {
            let name = target.strip_prefix("/page/")?;
            let number = number.fetch_add(1, Ordering::Relaxed);
            let answer = match name.strip_suffix('/') {
                Some(name) => Answer::page(format!("<title>Page {name}</title>")),
                None => Answer::redirect(302, &format!("{target}/")),
            };
            Some(answer.header("Set-Cookie", &format!("turn={number}; Path=/")))
        })
        .start();
    let seeds: Vec<String> = (0..PAGES)
        .map(|page| server.url(&format!("/page/{page}")))
        .collect();
    let met = met(engine, &seeds, &["--concurrency", "1"]);
    let stored = format!("sources WHERE uri LIKE '{}%'", server.url("/page/"));
    assert_eq!(met.place.count(&stored), PAGES);
    // Two for each page, some of each kind that are asked again, and robots.txt with llms.txt.
    let requests = server.request_count();
    assert!(requests <= 2 * PAGES + 2 * 40, "{requests}");
}
