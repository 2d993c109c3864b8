//! Stores pages by the store's own batches, beside one page a commit and beside each engine's bulk load of
//! the very rows that the store has written.
//!
//! Compressing is not measured: a crawl does it on other threads. The CPU time is this thread's alone,
//! which on SQLite is all there is; a Postgres server's own is not in it.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and ends where it cannot go on"
)]

#[path = "support/clock.rs"]
mod clock;
mod support;

use std::io::{Read as _, Write as _};
use std::time::Instant;

use clock::thread_cpu_seconds;
use postgres::{Client, NoTls};
use rusqlite::Connection;
use rusqlite::types::Value;
use support::place::{Engine, Place, engines};
use support::rounds::{Taken, Variant, run, show};
use support::site::Site;
use toolkit::model::{
    Body, Digest, DiscoveredLink, FetchFacts, FrontierEntry, JobId, JobKind, PackedLinks,
    PageOutcome, PageResult, Timestamp, WorkerId,
};
use toolkit::store::{
    Access, Claims, Committed, Credentials, DatabaseAddress, HostShare, Invocation, NewJob, Store,
    WorkerIdentity, commit_batch_halving,
};

const PAGES: usize = 1_000;
/// As the crawl's own batches are at most.
const BATCH: usize = 256;
/// The tables that pages are stored in, parents first, and those that must be there before them.
const TABLES: [&str; 4] = ["bodies", "sources", "frontier", "events"];
const PARENTS: [&str; 2] = ["jobs", "runs"];

fn main() {
    let site = Site::new(PAGES);
    let pages: Vec<Page> = (0..site.len())
        .map(|number| Page::new(&site, number))
        .collect();
    for engine in engines() {
        let written = Place::new(engine);
        let (mut store, mut claims, results) = prepared(&written, &pages);
        commit(&mut store, &mut claims, &results, BATCH);
        drop(store);
        let rows = Rows::of(engine, &written);
        let mut variants = vec![
            Variant::new("one page a commit", || store_pages(engine, &pages, 1)),
            Variant::new("batches of 16", || store_pages(engine, &pages, 16)),
            Variant::new("batches of 256", || store_pages(engine, &pages, BATCH)),
            Variant::new(rows.name(), || rows.load(engine)),
        ];
        run(&mut variants);
        show(
            &format!("{PAGES} pages into {engine:?}"),
            PAGES,
            3,
            &variants,
        );
    }
}

/// A page as it comes from the network, but for the claim.
struct Page {
    link: DiscoveredLink,
    links: Vec<DiscoveredLink>,
    body: Body,
}

impl Page {
    fn new(site: &Site, number: usize) -> Self {
        let bytes = site.page(number);
        Self {
            link: link(number),
            links: site.links(number).into_iter().map(link).collect(),
            body: Body {
                digest: Digest::of(&bytes),
                size: bytes.len() as u64,
                compressed: zstd::bulk::compress(&bytes, 1).expect("cannot compress"),
                simhash: None,
            },
        }
    }

    fn result(&self, entry: FrontierEntry) -> PageResult {
        PageResult {
            entry,
            source_group: "bench.example".into(),
            outcome: PageOutcome::Stored {
                body: self.body.clone(),
                title: Some("A page".to_owned()),
                media_type: "text/html".to_owned(),
                charset: Some("UTF-8".to_owned()),
                charset_source: Some("meta".to_owned()),
                extractable: true,
                declared: Box::default(),
                links: PackedLinks::of(self.links.iter().map(|link| link.uri.as_str()))
                    .expect("little to pack"),
                other_links: 0,
            },
            facts: FetchFacts {
                status: Some(200),
                fetches: 1,
                ..FetchFacts::default()
            },
            fetched_at: Timestamp::now(),
            discovered: self.links.clone(),
            gaps: Vec::new(),
        }
    }
}

fn link(number: usize) -> DiscoveredLink {
    let uri = format!("https://bench.example{}", Site::path(number));
    DiscoveredLink {
        host: "bench.example".into(),
        source_group: "bench.example".into(),
        ..DiscoveredLink::to(uri)
    }
}

/// Makes a database with one crawl job that has claimed every page.
fn prepared(place: &Place, pages: &[Page]) -> (Store, Claims, Vec<PageResult>) {
    let mut store = open(place);
    let worker = WorkerIdentity {
        id: WorkerId::new(),
        host: "bench".to_owned(),
        process: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let invocation = Invocation {
        worker,
        command_line: "bench".to_owned(),
    };
    let (job, at, params) = (JobId::new(), Timestamp::now(), serde_json::json!({}));
    let seeds: Vec<DiscoveredLink> = pages.iter().map(|page| page.link.clone()).collect();
    let claims = store
        .transaction("create_job", |store| {
            store.register_worker(&invocation.worker)?;
            store.insert_job(&NewJob {
                id: job,
                kind: JobKind::Crawl,
                params: params.clone(),
                at,
            })?;
            store.open_run(&invocation.run(Some((job, JobKind::Crawl)), &params, at))?;
            let mut claims = store.take_frontier(job, invocation.worker.id)?;
            store.add_urls(&mut claims, None, &seeds, at)?;
            Ok(claims)
        })
        .expect("cannot make a job");
    let share = HostShare {
        host: &pages[0].link.host,
        most: pages.len(),
    };
    let claimed = store
        .claim_urls(&claims, &[share], false, at)
        .expect("cannot claim");
    let entries = claimed.entries;
    let results: Vec<PageResult> = entries
        .into_iter()
        .map(|entry| {
            let page = pages.iter().find(|page| page.link.key == entry.key);
            page.expect("a page of that address").result(entry)
        })
        .collect();
    assert_eq!(results.len(), pages.len());
    (store, claims, results)
}

fn open(place: &Place) -> Store {
    let address = DatabaseAddress::parse(&place.address()).expect("an address");
    let credentials = Credentials {
        password: None,
        password_file: None,
    };
    Store::open(&address, &credentials, Access::Create).expect("cannot open the database")
}

/// Writes the pages as a crawl does, so many in one transaction.
fn commit(store: &mut Store, claims: &mut Claims, results: &[PageResult], batch: usize) {
    for pages in results.chunks(batch) {
        let committed = commit_batch_halving(store, "store_pages", pages, |store, pages| {
            store.store_pages(claims, pages)
        })
        .expect("cannot store");
        for (page, committed) in pages.iter().zip(committed) {
            assert!(matches!(committed, Committed::Stored(_)), "{committed:?}");
            claims.remember(&page.discovered);
        }
    }
}

fn store_pages(engine: Engine, pages: &[Page], batch: usize) -> Taken {
    let place = Place::new(engine);
    let (mut store, mut claims, results) = prepared(&place, pages);
    timed(|| commit(&mut store, &mut claims, &results, batch))
}

fn timed(work: impl FnOnce()) -> Taken {
    let (cpu, begun) = (thread_cpu_seconds(), Instant::now());
    work();
    Taken {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: thread_cpu_seconds()
            .zip(cpu)
            .map(|(end, begin)| end - begin),
    }
}

/// The rows that the store has written, in the form that the engine's bulk load takes.
enum Rows {
    Sqlite(Vec<(&'static str, Vec<Vec<Value>>)>),
    Postgres(Vec<(&'static str, Vec<u8>)>),
}

impl Rows {
    fn of(engine: Engine, place: &Place) -> Self {
        let tables = PARENTS.into_iter().chain(TABLES);
        match engine {
            Engine::Sqlite => {
                let connection = Connection::open(place.file()).expect("cannot open");
                Self::Sqlite(
                    tables
                        .map(|table| (table, rows(&connection, table)))
                        .collect(),
                )
            }
            Engine::Postgres => {
                let mut client = Client::connect(&place.address(), NoTls).expect("cannot connect");
                let copied = tables.map(|table| (table, copy_out(&mut client, table)));
                Self::Postgres(copied.collect())
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "prepared INSERT of the same rows, one commit",
            Self::Postgres(_) => "COPY of the same rows, one commit",
        }
    }

    fn load(&self, engine: Engine) -> Taken {
        let place = Place::new(engine);
        drop(open(&place));
        match self {
            Self::Sqlite(tables) => {
                let connection = Connection::open(place.file()).expect("cannot open");
                connection
                    .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")
                    .expect("the pragmas");
                let (parents, children) = tables.split_at(PARENTS.len());
                insert(&connection, parents);
                timed(|| insert(&connection, children))
            }
            Self::Postgres(tables) => {
                let mut client = Client::connect(&place.address(), NoTls).expect("cannot connect");
                let (parents, children) = tables.split_at(PARENTS.len());
                copy_in(&mut client, parents);
                timed(|| copy_in(&mut client, children))
            }
        }
    }
}

fn rows(connection: &Connection, table: &str) -> Vec<Vec<Value>> {
    let sql = format!("SELECT * FROM {table}");
    let mut statement = connection.prepare(&sql).expect("the table");
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())
        .expect("its rows");
    rows.collect::<Result<_, _>>().expect("every row")
}

fn insert(connection: &Connection, tables: &[(&str, Vec<Vec<Value>>)]) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begin");
    for (table, rows) in tables {
        let places = vec!["?"; rows[0].len()].join(", ");
        let sql = format!("INSERT INTO {table} VALUES ({places})");
        let mut statement = connection.prepare(&sql).expect("the statement");
        for row in rows {
            statement
                .execute(rusqlite::params_from_iter(row))
                .expect("a row");
        }
    }
    connection.execute_batch("COMMIT").expect("commit");
}

fn copy_out(client: &mut Client, table: &str) -> Vec<u8> {
    let sql = format!("COPY {table} TO STDOUT (FORMAT binary)");
    let mut reader = client.copy_out(&sql).expect("the table");
    let mut copied = Vec::new();
    reader.read_to_end(&mut copied).expect("the rows");
    copied
}

fn copy_in(client: &mut Client, tables: &[(&str, Vec<u8>)]) {
    let mut transaction = client.transaction().expect("begin");
    for (table, rows) in tables {
        let sql = format!("COPY {table} FROM STDIN (FORMAT binary)");
        let mut writer = transaction.copy_in(&sql).expect("the table");
        writer.write_all(rows).expect("the rows");
        writer.finish().expect("every row");
    }
    transaction.commit().expect("commit");
}
