//! Planted losses: each way of losing something, planted through real parts, is named by `report incomplete` once,
//! with its reason and its place, and nothing else is. What is whole is told as nothing.
//!
//! The tables are to be read: what is lost, how that is planted, and the line that must come of it. `Bn` names the
//! failure of another system that the loss is like.

mod answers;
mod crawls;
mod jobs;
mod pages;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use rstest::rstest;
use serde_json::Value;
use toolkit::model::{Class, Reason};

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

/// A line that must be told: the reason, how the URI ends, and the position; `…` at its end stands for more.
type Told = (&'static str, &'static str, &'static str);

/// Losses of which a test of the whole program can plant none, and why.
const NOT_PLANTED: &[(&str, &str)] = &[
    (
        "content_uncertain",
        "which page it is hangs on what was learned",
    ),
    (
        "crawl_panicked",
        "no page is known that makes the program panic",
    ),
    (
        "dns_failed",
        "a name that does not resolve asks the network",
    ),
    (
        "extraction_panicked",
        "no page is known that makes an extractor panic",
    ),
    ("sitemap_truncated", "it takes 50,000 addresses"),
];

/// Says what is wrong unless the report has exactly these lines, each with its reason's stage and class.
fn fault(place: &Workplace, expected: &[Told]) -> Option<String> {
    let report = place.json(&["report", "incomplete"]);
    let mut rows: Vec<&Value> = report["rows"].as_array().expect("rows").iter().collect();
    let mut missing = Vec::new();
    for told in expected {
        match rows.iter().position(|row| is_it(row, told)) {
            Some(place) => drop(rows.remove(place)),
            None => missing.push(told),
        }
    }
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            ["reason", "uri", "position", "detail"]
                .map(|key| row[key].to_string())
                .join(" ")
        })
        .collect();
    if !missing.is_empty() || !shown.is_empty() {
        return Some(format!(
            "missing: {missing:?}\nmore than planted: {shown:#?}"
        ));
    }
    let is_limit = |told: &Told| told.0.parse().map(Reason::class) == Ok(Class::Limit);
    let code = if expected.iter().all(is_limit) { 0 } else { 3 };
    let checked = place.run(&["report", "incomplete", "--check"]).code();
    (checked != Some(code)).then(|| format!("--check ends with {checked:?}"))
}

/// Tries again where the registry says that this can help, and says what is left then.
fn repair_fault(place: &Workplace, told: &[Told]) -> Option<String> {
    let is_gone_by_itself = |told: &Told| {
        let reason: Reason = told.0.parse().expect("a reason of the registry");
        reason.retry_can_help() && !HANG_ON_OTHERS.contains(&reason)
    };
    if !told.iter().all(is_gone_by_itself) {
        return None;
    }
    place.succeed(&["retry"]);
    place.succeed(&["extract"]);
    fault(place, &[]).map(|fault| format!("after a retry: {fault}"))
}

/// Says whether a line of the report is the one that is expected, also in its reason's stage and class.
fn is_it(row: &Value, (reason, uri, position): &Told) -> bool {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let known: Reason = reason.parse().expect("a reason of the registry");
    text("reason") == *reason
        && text("class") == known.class().as_str()
        && text("stage") == known.stage().as_str()
        && text("uri").ends_with(uri)
        && match position.strip_suffix('…') {
            Some(start) => text("position").starts_with(start),
            None => text("position") == *position,
        }
}

fn assert_told(place: &Workplace, expected: &[Told]) {
    if let Some(fault) = fault(place, expected) {
        panic!("{fault}");
    }
}

/// Plants each loss in a database of its own and stops the test unless each is told as it should be.
fn assert_each_is_told(engine: Engine, table: &[Planted]) {
    let mut faults = Vec::new();
    for planted in table {
        let place = Workplace::new(engine);
        (planted.plant)(&place);
        let fault = fault(&place, planted.told).or_else(|| repair_fault(&place, planted.told));
        faults.extend(fault.map(|fault| format!("{}: {fault}", planted.lost)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What trying again helps only once somebody else has mended something.
const HANG_ON_OTHERS: [Reason; 4] = [
    Reason::NoBody,
    Reason::DailyQuota,
    Reason::TlsFailed,
    Reason::FileUnreadable,
];

/// Something that is lost, how it is planted, and what must be told.
struct Planted {
    lost: &'static str,
    plant: fn(&Workplace),
    told: &'static [Told],
}

const fn planted(lost: &'static str, plant: fn(&Workplace), told: &'static [Told]) -> Planted {
    Planted { lost, plant, told }
}

/// Every reason of every table.
fn planted_reasons() -> BTreeSet<&'static str> {
    let mut told: Vec<&Told> = Vec::new();
    told.extend(pages::PAGES.iter().flat_map(|one| one.told));
    told.extend(pages::FIELDS.iter());
    told.extend(answers::ANSWERS.iter().map(|one| &one.told));
    told.extend(crawls::CRAWLS.iter().flat_map(|one| one.told));
    told.extend(jobs::JOBS.iter().flat_map(|one| one.told));
    told.into_iter().map(|told| told.0).collect()
}

#[test]
fn every_reason_that_is_no_decision_is_planted() {
    let planted = planted_reasons();
    let excused: BTreeSet<&str> = NOT_PLANTED.iter().map(|one| one.0).collect();
    let wanted = Reason::ALL
        .iter()
        .filter(|reason| reason.class() != Class::Decision)
        .map(|reason| reason.as_str());
    let missing: Vec<&str> = wanted
        .filter(|reason| !planted.contains(reason) && !excused.contains(reason))
        .collect();
    assert!(missing.is_empty(), "plant them: {missing:?}");
    let both: Vec<_> = planted.intersection(&excused).collect();
    assert!(both.is_empty(), "planted and excused: {both:?}");
    assert!(planted.len() >= 30);
}

/// What other systems lose of a sound site is whole here, and nothing is told: a list of more than twenty things (B4),
/// results on several pages (B5), a text longer than any window (B3, B11), a table with a list in it (B17).
#[rstest]
fn a_sound_site_is_told_as_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let page = |body: &str| {
        Answer::page(format!(
            "<!doctype html><title>Mills</title><article><h1>Mills</h1>{body}</article>"
        ))
    };
    let items: String = (0..100).fold(String::new(), |mut all, number| {
        let _ = write!(
            all,
            "<li>Mill {number} of the river, built in {}</li>",
            1700 + number
        );
        all
    });
    let long: String = (0..600).fold(String::new(), |mut all, number| {
        let _ = write!(
            all,
            "<p>Mill {number} answers at keeper{number}@mills.example and stands where the river bends.</p>"
        );
        all
    });
    let server = Server::builder()
        .answer("/", page("<p>Lists.</p><a href=/list>list</a> <a href=/results?page=1>results</a> <a href=/long>long</a>"))
        .answer("/list", page(&format!("<ul>{items}</ul>")))
        .answer("/results?page=1", page("<p>First results.</p><a rel=next href='/results?page=2'>next</a>"))
        .answer("/results?page=2", page("<p>Second results.</p><a rel=next href='/results?page=3'>next</a>"))
        .answer("/results?page=3", page("<p>Last results.</p>"))
        .answer("/long", page(&long))
        .start();
    let place = Workplace::new(engine);
    place.succeed(&["run", &server.url("/"), "--allow-private", "--delay", "0"]);
    assert_told(&place, &[]);
    assert_eq!(place.count("sources"), 6);
    assert_eq!(place.count("entities WHERE value LIKE 'keeper%'"), 600);
    let text = place
        .succeed(&["sources", "show", &server.url("/list"), "--text"])
        .stdout;
    assert!(text.contains("Mill 99 of the river"), "{text}");
    place.succeed(&["report", "incomplete", "--check", "--strict"]);
}

/// One folder with a page for each loss that a page can have: each page's own line, and no line for the sound one.
#[rstest]
fn pages_that_cannot_be_read_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    for page in pages::PAGES {
        fs::write(folder.path().join(page.name), (page.content)()).expect("a page");
    }
    place.succeed(&["run", text_of(folder.path()), "--max-body", "200KB"]);
    let expected: Vec<Told> = pages::PAGES
        .iter()
        .flat_map(|page| page.told)
        .copied()
        .collect();
    assert_told(&place, &expected);
    place.check();
}

/// A profile whose every field is lost in its own way (B15: a list that never has anything).
#[rstest]
fn fields_that_a_profile_misses(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    fs::write(folder.path().join("mills.html"), pages::MILLS).expect("a page");
    let profile = place.user.folder().join("mills.toml");
    fs::write(&profile, pages::PROFILE).expect("a profile");
    place.succeed(&[
        "run",
        text_of(folder.path()),
        "--profile",
        text_of(&profile),
    ]);
    assert_told(&place, pages::FIELDS);
    let report = place.json(&["report", "incomplete", "--by", "profile"]);
    assert_eq!(report["divisions"][0]["what"], "mills");
    place.check();
}

/// Servers that answer wrongly, each in its own way; what is told is of the crawl.
#[rstest]
fn servers_that_answer_wrongly(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let started = answers::start();
    let mut crawl = vec!["run"];
    crawl.extend(started.seeds.iter().map(String::as_str));
    crawl.extend(answers::FLAGS);
    place.succeed(&crawl);
    let expected: Vec<Told> = answers::ANSWERS.iter().map(|answer| answer.told).collect();
    assert_told(&place, &expected);
    place.check();
}

#[rstest]
fn crawls_that_leave_something_out(#[values(Sqlite, Postgres)] engine: Engine) {
    assert_each_is_told(engine, crawls::CRAWLS);
}

#[rstest]
fn jobs_that_die_or_are_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    assert_each_is_told(engine, jobs::JOBS);
}
