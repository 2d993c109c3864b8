//! Several hosts in one crawl: each gets its turn, whatever another one does.

use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::wait_until;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

/// A site of `count` pages that answer after `page`, under an index that answers after `index`.
fn star(count: usize, index: Duration, page: Duration) -> Server {
    let links: Vec<String> = (0..count)
        .map(|number| format!("<a href=/{number}>{number}</a> "))
        .collect();
    let answer =
        |text: &str, delay| Answer::page(format!("<title>{text}</title>{text}")).delay(delay);
    let builder = Server::builder().answer("/", answer(&links.concat(), index));
    let builder = (0..count).fold(builder, |builder, number| {
        let path = format!("/{number}");
        builder.answer(&path, answer(&path, page))
    });
    builder.start()
}

#[rstest]
fn a_slow_host_does_not_fill_the_claims(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let slow = star(60, Duration::ZERO, Duration::from_millis(200));
    // Its links come when every claim could long be the slow one's.
    let quick = star(40, Duration::from_millis(600), Duration::ZERO);
    let seeds = [slow.url("/"), quick.url("/")];
    let limits = ["--concurrency", "4", "--per-host", "2", "--delay", "0"];
    let crawl = ["crawl", &seeds[0], &seeds[1], "--allow-private"];
    place.succeed(&[&crawl[..], &limits].concat());
    assert_eq!(place.count("sources"), 102);
    let behind = "(SELECT MAX(fetched_at) FROM sources WHERE uri LIKE ";
    let (slow_uri, quick_uri) = (slow.url("/%"), quick.url("/%"));
    let left = place.count(&format!(
        "sources WHERE uri LIKE '{slow_uri}' AND fetched_at > {behind}'{quick_uri}')"
    ));
    assert!(
        left > 20,
        "{left} of the slow host's came after the last of the quick one's"
    );
    place.check();
}

/// A page that is found behind another waits for no URL that hangs, not even to be written together with it.
#[rstest]
fn a_row_of_pages_is_not_held_up_by_one_that_hangs(#[values(Sqlite, Postgres)] engine: Engine) {
    const PAGES: u32 = 200;
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/hang", Answer::status(200).delay(Duration::from_hours(1)))
        .generated(|target| {
            let number: u32 = target.strip_prefix("/row/")?.parse().ok()?;
            let next = format!("<title>{number}</title><a href=/row/{}>on</a>", number + 1);
            (number <= PAGES).then(|| Answer::page(next))
        })
        .start();
    let seeds = [server.url("/hang"), server.url("/row/0")];
    let limits = ["--delay", "0", "--timeout", "1h"];
    let running = place.start_crawl(&seeds[0], &[&[seeds[1].as_str()], &limits[..]].concat());
    wait_until("the row has begun", || server.count("/row/1") == 1);
    let begun = Instant::now();
    wait_until("its end is asked for", || {
        server.count(&format!("/row/{PAGES}")) == 1
    });
    let took = begun.elapsed();
    drop(running);
    // What each of them waited for company.
    assert!(took < Duration::from_millis(50) * (PAGES - 1), "{took:?}");
}
