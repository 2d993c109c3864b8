//! Workers that share a database: entities, URLs and jobs, none of them lost to the other.

use rstest::rstest;
use serde_json::json;
use toolkit::model::{
    Digest, EntityType, JobId, Mention, Role, Timestamp, WindowResult, WindowState, WorkerId,
};
use toolkit::store::{
    Access, Credentials, DatabaseAddress, Error, Invocation, Selection, Store, WorkerIdentity,
};

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::workplace::Workplace;
use crate::support::{SOON, site, wait_until};

use Engine::{Postgres, Sqlite};

const SOURCES: [&str; 2] = [
    "01990000-0000-7000-8000-00000000000a",
    "01990000-0000-7000-8000-00000000000b",
];
const TEXT: &str = "write to one@example.org or to two@example.org";

fn plant(place: &Workplace) {
    place.succeed(&["db", "migrate"]);
    for (number, id) in SOURCES.iter().enumerate() {
        place.database.execute(&format!(
            "INSERT INTO sources (id, uri_key, uri, source_group, created_at) VALUES \
             ('{id}', 'key{number}', 'https://example.org/{number}', 'example.org', \
             '2026-01-02T03:04:05.000000Z'); \
             INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, \
             created_at) VALUES ('{id}', '{id}', 'default', 'content', 0, '{{}}', '{TEXT}', \
             '2026-01-02T03:04:05.000000Z')"
        ));
    }
}

fn mention(surface: &str) -> Mention {
    let start = TEXT.find(surface).expect("it is in the text");
    Mention {
        entity_type: EntityType::Email,
        role: Role::Mention,
        start,
        end: start + surface.len(),
        surface: surface.to_owned(),
        normalized: surface.to_owned(),
        attributes: json!({}),
        score: 1.0,
        recognizer: "email",
    }
}

fn windows(mentions: Vec<Mention>) -> Vec<WindowResult> {
    vec![WindowResult {
        recognizer: "email",
        ordinal: 0,
        start: 0,
        end: TEXT.len(),
        state: WindowState::Done,
        error: None,
        mentions,
    }]
}

fn open(place: &Workplace) -> Store {
    let address = DatabaseAddress::parse(&place.database.address()).expect("an address");
    let mut store =
        Store::open(&address, &Credentials::default(), Access::Write).expect("it opens");
    let worker = WorkerIdentity {
        id: WorkerId::new(),
        host: "test".to_owned(),
        process: 1,
        version: "0".to_owned(),
    };
    let invocation = Invocation {
        worker,
        command_line: String::new(),
    };
    store
        .open_run(&invocation.run(None, &json!({}), Timestamp::now()))
        .expect("a run");
    store
}

/// Stores what recognizers called `digest` found in one of the planted texts.
fn store_mentions(store: &mut Store, own: &str, digest: &str, found: &[Mention]) {
    let (job, digest) = (JobId::new(), Digest::of(digest));
    let text = store
        .incomplete_texts(
            job,
            "default",
            &Selection::default(),
            digest,
            (false, None),
            10,
        )
        .expect("the texts")
        .into_iter()
        .find(|text| text.extraction.to_string() == own)
        .expect("its own is stale");
    let stored = store.transaction("store_mentions", |store| {
        let at = Timestamp::now();
        store.store_text_entities(&text, windows(found.to_vec()), None, digest, job, at)
    });
    assert!(stored.expect("it is stored"));
}

/// One worker takes the last mention of an entity away while another, not yet committed, mentions it anew:
/// the entity must stay. Postgres alone: a file has one writer at a time.
#[test]
fn no_worker_takes_anothers_mentions_away() {
    let place = Workplace::new(Postgres);
    plant(&place);
    store_mentions(
        &mut open(&place),
        SOURCES[0],
        "first",
        &[mention("one@example.org")],
    );
    let mut other = postgres::Client::connect(&place.database.address(), postgres::NoTls)
        .expect("a connection");
    let mut uncommitted = other.transaction().expect("a transaction");
    uncommitted
        .batch_execute(&format!(
            "INSERT INTO extraction_entities (extraction_id, entity_id, role, span_start, span_end, \
             surface, score, recognizer) SELECT '{}', id, 'mention', 9, 24, 'one@example.org', 1, 'email' \
             FROM entities",
            SOURCES[1]
        ))
        .expect("a mention");
    std::thread::scope(|scope| {
        let taking = scope.spawn(|| store_mentions(&mut open(&place), SOURCES[0], "second", &[]));
        let waiting =
            "pg_stat_activity WHERE application_name = 'toolkit' AND wait_event_type = 'Lock'";
        wait_until("it waits for the other", || place.count(waiting) > 0);
        uncommitted.commit().expect("it commits");
        taking.join().expect("the other worker goes on");
    });
    assert_eq!(place.count("entities"), 1);
    assert_eq!(place.count("extraction_entities"), 1);
}

/// A text that another worker has completed meanwhile is not written again with old spans.
#[rstest]
fn a_text_that_was_replaced_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    plant(&place);
    let address = DatabaseAddress::parse(&place.database.address()).expect("an address");
    let mut store =
        Store::open(&address, &Credentials::default(), Access::Write).expect("it opens");
    let digest = Digest::of("recognizers");
    let texts = store
        .incomplete_texts(
            JobId::new(),
            "default",
            &Selection::default(),
            digest,
            (false, None),
            10,
        )
        .expect("the texts");
    place.database.execute(
        "UPDATE extractions SET content = 'something else', created_at = '2026-02-03T04:05:06.000000Z'",
    );
    let stored = store.transaction("store_mentions", |store| {
        let found = windows(vec![mention("one@example.org")]);
        store.store_text_entities(
            &texts[0],
            found,
            None,
            digest,
            JobId::new(),
            Timestamp::now(),
        )
    });
    assert!(matches!(stored, Err(Error::ClaimLost)), "{stored:?}");
    assert_eq!(place.count("extraction_entities"), 0);
}

/// A row of a type that this program does not make is text like any other.
#[rstest]
fn texts_of_unknown_types_are_completed(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    plant(&place);
    place
        .database
        .execute("UPDATE extractions SET extraction_type = 'article', entities_extracted = NULL");
    place.succeed(&["extract"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS TRUE"),
        2
    );
    assert_eq!(place.count("extraction_entities"), 4);
    place.check();
}

/// The worker whose job was taken over stops, leaves the job's state alone and loses no URL.
#[rstest]
fn a_job_that_is_taken_over_is_the_takers(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let url = server.url("/index.html");
    let mut first = place
        .command(&[
            "crawl",
            &url,
            "--allow-private",
            "--delay",
            "300ms",
            "--max-pages",
            "9",
        ])
        .start();
    wait_until("it works", || server.requests().len() >= 3);
    place.succeed(&["crawl", "--resume", "last"]);
    assert!(first.wait_for(SOON));
    let told = first.finish();
    assert_eq!(told.code(), Some(1), "{}", told.snapshot());
    assert!(
        told.stderr
            .contains("another worker has taken this work over"),
        "{}",
        told.stderr
    );
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(
        place.count("sources"),
        9,
        "the limit is the job's, not each worker's"
    );
    assert_eq!(place.count("frontier WHERE outcome IS NULL"), 0);
    place.check();
}

/// URLs that a worker holds who is no more are freed by whoever else is on the job.
#[rstest]
fn what_a_gone_worker_holds_is_not_waited_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    let url = server.url("/index.html");
    let running = place
        .command(&["crawl", &url, "--allow-private", "--delay", "100ms"])
        .start();
    wait_until("it works", || server.requests().len() >= 4);
    // A URL that is known and held by nobody who is at work.
    place.database.execute(
        "INSERT INTO frontier (job_id, uri_key, uri, host, source_group, depth, redirects, ordinal, worker_id, \
         attempt) SELECT id, '00000000000000000000000000000000', 'http://127.0.0.1:1/held', '127.0.0.1:1', 'held', \
         9, 0, 999999, '01990000-0000-7000-8000-0000000000ff', 1 FROM jobs",
    );
    let output = running.finish();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(place.count("frontier WHERE outcome IS NULL"), 0);
    assert_eq!(
        place.count("frontier WHERE source_group = 'held' AND outcome = 'failed'"),
        1
    );
}
