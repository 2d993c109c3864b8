//! Sites that make up a URL for each that is fetched: calendars, session ids, paths and queries that grow.

use std::sync::atomic::{AtomicU64, Ordering};

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

/// More than an honest reader of these sites would need, and far less than they have.
const MOST_REQUESTS: usize = 120;

fn page(links: &[String]) -> Answer {
    let links: Vec<_> = links
        .iter()
        .map(|to| format!("<a href='{to}'>{to}</a> "))
        .collect();
    Answer::page(format!(
        "<!doctype html><title>Page</title><p>{}",
        links.concat()
    ))
}

/// What is made up for a target; `made` is another number each time.
fn endless(target: &str, made: u64) -> Option<Answer> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let value = |name: &str| {
        let parameter = query.split('&').find_map(|one| one.strip_prefix(name));
        parameter.and_then(|text| text.parse::<u32>().ok())
    };
    if path == "/calendar" {
        let (year, month) = (value("year=")?, value("month=")?);
        let (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        return Some(page(&[format!("/calendar?year={year}&month={month:02}")]));
    }
    if path.starts_with("/shop") {
        let session = format!("{made:032x}");
        let items = (1..=5).map(|item| format!("/shop/{item}?PHPSESSID={session}"));
        return Some(page(&items.collect::<Vec<_>>()));
    }
    if path.starts_with("/deep") {
        return Some(page(&[format!("{path}/deep")]));
    }
    if path.starts_with("/round") {
        return Some(page(&["a", "b"].map(|to| format!("{path}/{to}"))));
    }
    if path == "/filter" {
        return Some(page(&[
            format!("{target}&tag={made}"),
            format!("{target}&tag=same"),
        ]));
    }
    if path == "/login" {
        let back: String = target
            .replace('%', "%25")
            .replace('?', "%3F")
            .replace('=', "%3D");
        return Some(page(&[format!("/login?back={back}")]));
    }
    None
}

#[rstest]
fn what_never_ends_is_left_at_its_edge(#[values(Sqlite, Postgres)] engine: Engine) {
    let made = AtomicU64::new(0);
    let server = Server::builder()
        .generated(move |target| endless(target, made.fetch_add(1, Ordering::SeqCst)))
        .start();
    let seeds = [
        "/calendar?year=2026&month=06",
        "/shop",
        "/deep",
        "/round",
        "/filter?tag=1",
        "/login?back=x",
    ];
    let met = met(engine, &seeds.map(|path| server.url(path)), &[]);
    let requests = server.requests();
    assert!(
        requests.len() < MOST_REQUESTS,
        "{} requests",
        requests.len()
    );
    for path in ["/calendar", "/deep", "/round", "/filter", "/login"] {
        let edge = format!("frontier WHERE uri LIKE '%{path}%' AND reason = 'trap'");
        assert!(met.place.count(&edge) > 0, "{path}");
    }
    // A session id is no part of what a page is: each item is one page, whatever it is called.
    let shop = requests.iter().filter(|target| target.starts_with("/shop"));
    assert_eq!(shop.count(), 6, "{requests:?}");
}
