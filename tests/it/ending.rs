//! The end of a job: what is given up without a visit, who may end it, and that it hears a stop as well.

use std::fmt::Write as _;

use rstest::rstest;
use serde_json::json;
use toolkit::model::{
    DiscoveredLink, JobId, JobKind, JobState, LinkDecision, Reason, Timestamp, WorkerId,
};
use toolkit::store::{
    Access, Claims, Closing, Credentials, DatabaseAddress, Error, Invocation, NewJob, Store,
    WorkEnd, WorkerIdentity,
};

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, text_of};
use crate::support::{SOON, temporary_folder, wait_until};

use Engine::{Postgres, Sqlite};

fn open(address: &str) -> Store {
    let address = DatabaseAddress::parse(address).expect("an address");
    Store::open(&address, &Credentials::default(), Access::Write).expect("it opens")
}

fn invocation() -> Invocation {
    Invocation {
        worker: WorkerIdentity {
            id: WorkerId::new(),
            host: "elsewhere".to_owned(),
            process: 1,
            version: "0".to_owned(),
        },
        command_line: "toolkit crawl".to_owned(),
    }
}

fn links(host: &str, count: usize) -> Vec<DiscoveredLink> {
    let link = |number: usize| {
        let uri = format!("http://{host}/{number}");
        DiscoveredLink {
            host: host.into(),
            source_group: host.into(),
            ..DiscoveredLink::to(uri)
        }
    };
    (0..count).map(link).collect()
}

/// Makes a job that knows `links`.
fn begin(store: &mut Store, invocation: &Invocation, links: &[DiscoveredLink]) -> Claims {
    let new = NewJob {
        id: JobId::new(),
        kind: JobKind::Crawl,
        params: json!({"seeds": ["http://one.test/0"]}),
        at: Timestamp::now(),
    };
    let made = store.transaction("create_job", |store| {
        store.begin_job(invocation, &new)?;
        let mut claims = store.take_frontier(new.id, invocation.worker.id)?;
        store.add_urls(&mut claims, None, links, new.at)?;
        Ok(claims)
    });
    made.expect("a job")
}

fn closing(host: Option<&str>, reason: Reason, detail: &str) -> Closing {
    Closing {
        host: host.map(str::to_owned),
        reason,
        detail: detail.to_owned(),
    }
}

/// Hosts that end for reasons of their own, more URLs than one transaction takes, and a host that is left.
#[rstest]
fn a_large_frontier_is_closed_in_parts(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let mut store = open(&place.database.address());
    let hosts = [("one.test", 1500), ("two.test", 900), ("three.test", 7)];
    let all: Vec<DiscoveredLink> = hosts
        .iter()
        .flat_map(|(host, count)| links(host, *count))
        .collect();
    let invocation = invocation();
    let claims = begin(&mut store, &invocation, &all);
    let closings = [
        closing(Some("one.test"), Reason::RateLimited, "for 9 s more"),
        closing(Some("two.test"), Reason::DailyQuota, "--daily-quota 3"),
        closing(Some("none.test"), Reason::RateLimited, "for 8 s more"),
    ];
    let (mut left, mut parts) = (&closings[..], 0);
    while !left.is_empty() {
        let closed = store.close_urls(&claims, left, Timestamp::now());
        left = &left[closed.expect("they are closed")..];
        parts += 1;
        let pending = place.count("frontier WHERE outcome IS NULL");
        assert!(pending + parts * 1000 >= 2407, "{parts} parts, {pending}");
    }
    assert!(parts >= 3);
    for (condition, expected) in [
        (
            "frontier WHERE host = 'one.test' AND outcome = 'failed' AND reason = 'rate_limited' \
             AND detail = 'for 9 s more' AND attempt = 1",
            1500,
        ),
        (
            "frontier WHERE host = 'two.test' AND outcome = 'skipped' AND reason = 'daily_quota' \
             AND detail = '--daily-quota 3' AND attempt = 0",
            900,
        ),
        ("frontier WHERE host = 'three.test' AND outcome IS NULL", 7),
        (
            "gaps WHERE reason = 'rate_limited' AND class = 'loss'",
            1500,
        ),
        ("gaps WHERE reason = 'daily_quota' AND class = 'limit'", 900),
        ("events WHERE kind = 'url_failed'", 1500),
    ] {
        assert_eq!(place.count(condition), expected, "{condition}");
    }
    place.check();
    let rest = [closing(None, Reason::MaxPages, "--max-pages 0")];
    let closed = store.close_urls(&claims, &rest, Timestamp::now());
    assert_eq!(closed.expect("they are closed"), 1);
    assert_eq!(place.count("frontier WHERE reason = 'max_pages'"), 7);
    place.check();
}

/// What waits, and the job itself, are ended by whoever is on it and by nobody else.
#[rstest]
fn a_dismissed_worker_ends_nothing_of_its_successor(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let address = place.database.address();
    let (mut store, first) = (open(&address), invocation());
    let claims = begin(&mut store, &first, &links("one.test", 3));
    let (mut others, second) = (open(&address), invocation());
    let job = others.job(claims.job).expect("the job");
    let taken = others.transaction("resume_job", |store| {
        store.take_job_on(&second, &job, Timestamp::now())?;
        store.take_frontier(job.id, second.worker.id)
    });
    taken.expect("it is taken over");

    let at = Timestamp::now();
    let all = [closing(None, Reason::MaxDuration, "--max-duration 1 s")];
    let closed = store.close_urls(&claims, &all, at);
    assert!(matches!(closed, Err(Error::ClaimLost)), "{closed:?}");
    assert_eq!(place.count("frontier WHERE outcome IS NULL"), 3);
    let (state, _) = store
        .conclude_job(
            job.id,
            first.worker.id,
            &json!({}),
            WorkEnd::Failed("gone"),
            at,
        )
        .expect("its run is closed");
    assert_eq!(state, JobState::Running);
    assert_eq!(place.value("SELECT state FROM jobs"), "running");
    assert_eq!(place.count("workers"), 1);
}

/// The old worker looks whether it is still on the job while another is about to take it over. Postgres
/// alone: a file has one writer at a time.
#[test]
fn a_job_that_is_being_taken_over_is_not_ended() {
    let place = Workplace::new(Postgres);
    place.succeed(&["db", "migrate"]);
    let name = place.database.schema();
    let (mut store, first) = (open(&place.database.named_address(name)), invocation());
    let job = begin(&mut store, &first, &links("one.test", 1)).job;
    let mut other = postgres::Client::connect(&place.database.address(), postgres::NoTls)
        .expect("a connection");
    let mut taking = other.transaction().expect("a transaction");
    taking
        .batch_execute("DELETE FROM workers")
        .expect("the worker is dismissed");
    let state = std::thread::scope(|scope| {
        let ending = scope.spawn(move || {
            let (worker, at) = (first.worker.id, Timestamp::now());
            store.conclude_job(job, worker, &json!({}), WorkEnd::Failed("gone"), at)
        });
        wait_until("it waits for the other", || {
            place.count(&format!(
                "pg_stat_activity WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
            )) == 1
        });
        taking.commit().expect("it commits");
        ending
            .join()
            .expect("it ends")
            .expect("its run is closed")
            .0
    });
    assert_eq!(state, JobState::Running);
    assert_eq!(place.value("SELECT state FROM jobs"), "running");
}

/// A stop that finds nothing left to fetch leaves a job that can be resumed all the same.
#[rstest]
fn a_job_that_was_stopped_is_not_completed(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let (mut store, one) = (open(&place.database.address()), invocation());
    let job = begin(&mut store, &one, &[]).job;
    let (worker, at) = (one.worker.id, Timestamp::now());
    let ended = store.conclude_job(job, worker, &json!({}), WorkEnd::Stopped, at);
    assert_eq!(ended.expect("it ends").0, JobState::Cancelled);
    let resumed = place.run(&["crawl", "--resume", "last"]);
    assert_eq!(
        place.value("SELECT state FROM jobs"),
        "completed",
        "{}",
        resumed.snapshot()
    );
}

#[rstest]
fn a_stop_is_heard_while_a_limit_closes_the_frontier(#[values(Sqlite, Postgres)] engine: Engine) {
    const MANY: usize = 40_000;
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let server = Server::builder()
        .answer("/0", Answer::page("<title>One</title>"))
        .start();
    let list = (0..MANY).fold(String::new(), |mut list, number| {
        let _ = writeln!(list, "{}", server.url(&format!("/{number}")));
        list
    });
    let crawl = [
        "crawl",
        "--from",
        "-",
        "--allow-private",
        "--max-pages",
        "1",
    ];
    let mut running = place.command(&crawl).input(list).start();
    let closed = "frontier WHERE reason = 'max_pages'";
    wait_until("the limit is reached", || place.count(closed) > 0);
    running.signal("INT");
    assert!(running.wait_for(SOON));
    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    let pending = place.count("frontier WHERE outcome IS NULL");
    assert!(pending > 0 && pending < MANY, "{pending}");
    let resumed = place.run(&["crawl", "--resume", "last"]);
    assert_eq!(resumed.code(), Some(0), "{}", resumed.snapshot());
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(place.count(closed), MANY - 1);
}

#[rstest]
fn an_archive_that_is_being_read_hears_of_a_cancel(#[values(Sqlite, Postgres)] engine: Engine) {
    const MANY: usize = 40_000;
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let folder = temporary_folder();
    let path = folder.path().join("many.warc");
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>One</title>";
    let records = (0..MANY).fold(String::new(), |mut records, number| {
        let _ = write!(
            records,
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://one.test/{number}\r\n\
             WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http; msgtype=response\r\n\
             Content-Length: {}\r\n\r\n{answer}\r\n\r\n",
            answer.len()
        );
        records
    });
    std::fs::write(&path, records).expect("an archive");
    let mut running = place.command(&["crawl", text_of(&path)]).start();
    wait_until("it is read", || place.count("frontier") > 1);
    place.succeed(&["jobs", "cancel", "last"]);
    assert!(running.wait_for(SOON));
    assert_eq!(place.value("SELECT state FROM jobs"), "cancelled");
    assert!(place.count("frontier") < MANY, "the rest is not read");
    assert_eq!(place.count("sources"), 0);
    assert_eq!(place.count("frontier WHERE worker_id IS NOT NULL"), 0);
    place.check();
}

/// A list of many hosts is begun and given up at a cost that grows with it, and not with its square.
#[rstest]
fn many_hosts_are_no_more_work_than_many_pages(#[values(Sqlite, Postgres)] engine: Engine) {
    const MANY: usize = 15_000;
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let list = (0..MANY).fold(String::new(), |mut list, number| {
        let (high, low) = (number / 250, number % 250);
        let _ = writeln!(list, "http://127.1.{high}.{low}:1/");
        list
    });
    let crawl = ["crawl", "--from", "-", "--allow-private"];
    let further = ["--max-duration", "1ms", "--retries", "0"];
    let command = place.command(&[&crawl[..], &further].concat());
    let mut running = command.input(list).start();
    assert!(running.wait_for(SOON), "{}", running.stderr_so_far());
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(place.count("frontier WHERE reason = 'max_duration'"), MANY);
}

/// What was too deep where it was found first, and was found nearer, is left out once and for one reason.
#[rstest]
fn a_url_is_left_out_for_its_last_reason(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let (mut store, one) = (open(&place.database.address()), invocation());
    let near = links("one.test", 1);
    let deep: Vec<DiscoveredLink> = near
        .iter()
        .map(|link| DiscoveredLink {
            depth: 4,
            decision: LinkDecision::Skip(Reason::MaxDepth),
            ..link.clone()
        })
        .collect();
    let mut claims = begin(&mut store, &one, &deep);
    let open_gaps = |reason| format!("gaps WHERE resolved_at IS NULL AND reason = '{reason}'");
    assert_eq!(place.count(&open_gaps("max_depth")), 1);
    let found = store.transaction("store_pages", |store| {
        store.add_urls(&mut claims, None, &near, Timestamp::now())
    });
    found.expect("it is found");
    let all = [closing(None, Reason::MaxPages, "--max-pages 1")];
    let closed = store.close_urls(&claims, &all, Timestamp::now());
    assert_eq!(closed.expect("it is closed"), 1);
    assert_eq!(place.count("frontier WHERE reason = 'max_pages'"), 1);
    assert_eq!(place.count(&open_gaps("max_pages")), 1);
    assert_eq!(place.count(&open_gaps("max_depth")), 0);
    place.check();
}
