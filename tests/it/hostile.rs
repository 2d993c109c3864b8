//! A hostile server, one case each: what it does ends in a recorded reason of its own, the program's
//! memory stays flat, and a well-behaved host in the same job is crawled as if it were alone.
//!
//! Each file below has one kind of hostility. Cases of one kind share a job where they can, because a job
//! must bear them at once as well.

mod bodies;
mod cookies;
mod folders;
mod heads;
mod links;
mod markup;
mod redirects;
mod robots;
mod times;
mod traps;

use serde_json::Value;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::site;
use crate::support::workplace::{Workplace, lines_where};

/// The most memory that the program may take, in bytes: what the issue of the crawler allows it at 20,000
/// pages, and room for a debug build.
const MOST_MEMORY: u64 = 200_000_000;
/// The pages of the well-behaved host.
const GOOD_PAGES: usize = 12;

/// A job that has met hostile hosts and a well-behaved one.
struct Met {
    place: Workplace,
    report: Value,
}

/// Crawls the seeds and a well-behaved host beside them, and stops the test unless the job ended, all of
/// that host is stored, the rows keep their rules and the memory stayed flat.
fn met(engine: Engine, seeds: &[String], further: &[&str]) -> Met {
    let (place, good) = (Workplace::new(engine), Server::of(site("club")));
    let mut arguments = vec!["crawl", "--allow-private", "--delay", "0"];
    arguments.extend(seeds.iter().map(String::as_str));
    let seed = good.url("/index.html");
    arguments.push(&seed);
    arguments.extend(further);
    let output = place.succeed(&arguments);
    let peak = output.peak_memory.expect("the system tells the peak");
    assert!(peak < MOST_MEMORY, "{peak} bytes were resident");
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    let stored = format!("sources WHERE uri LIKE '{}%'", good.url(""));
    assert_eq!(place.count(&stored), GOOD_PAGES, "of the good host");
    place.check();
    let report = place.json(&["report", "incomplete", "--all"]);
    Met { place, report }
}

impl Met {
    /// Returns the reasons that the report has for a URL, in order: of the crawl alone.
    fn reasons(&self, uri: &str) -> Vec<String> {
        let lines = lines_where(&self.report, "rows", |line| {
            line["uri"] == uri && line["stage"] == "crawl"
        });
        let mut reasons: Vec<_> = lines
            .iter()
            .map(|line| line["reason"].as_str().unwrap_or_default().to_owned())
            .collect();
        reasons.sort();
        reasons
    }

    /// Returns how a URL of the frontier ended: the outcome, and the reason if it has one.
    fn outcome(&self, uri: &str) -> String {
        let sql = format!("SELECT outcome, reason FROM frontier WHERE uri = '{uri}'");
        let rows = self.place.database.query_text(&sql);
        let [row] = rows.as_slice() else {
            panic!("{uri} is there {} times", rows.len());
        };
        let words = row.iter().flatten().map(String::as_str);
        words.collect::<Vec<_>>().join(" ")
    }

    /// Returns what is stored of a URL: so many bytes, or none.
    fn stored(&self, uri: &str) -> Option<u64> {
        let sql = format!("SELECT body_size FROM sources WHERE uri = '{uri}'");
        let rows = self.place.database.query_text(&sql);
        let size = rows.into_iter().next()?.remove(0);
        size.and_then(|text| text.parse().ok())
    }
}
