//! A batch of pages is written by few statements, and leaves behind what page after page would have.

use rstest::rstest;
use serde_json::json;
use toolkit::model::{
    Body, Digest, DiscoveredLink, FetchFacts, FrontierEntry, Gap, JobId, JobKind, LinkDecision,
    PackedLinks, PageOutcome, PageResult, Reason, Timestamp, UriKey, WorkerId, compressed,
};
use toolkit::store::{
    Access, Committed, Credentials, DatabaseAddress, HostShare, Invocation, NewJob, Store, WorkEnd,
    WorkerIdentity, commit_batch_halving,
};

use crate::support::database::Engine;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

const HOST: &str = "site.example";
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[rstest]
fn a_batch_is_worth_its_pages(#[values(Sqlite, Postgres)] engine: Engine) {
    let [whole, single] = [NAMES.len(), 1].map(|batch| {
        let place = Workplace::new(engine);
        place.succeed(&["db", "migrate"]);
        let rounds = [first_round as fn(&str) -> Fetch, second_round];
        for round in rounds {
            crawl(&place, batch, round);
        }
        place.check();
        place.succeed(&["db", "verify"]);
        rows(&place)
    });
    assert_eq!(whole, single);
    // Both could be wrong alike.
    let found = |row: &[&str]| {
        let row: Vec<Option<String>> = row.iter().map(|cell| Some((*cell).to_owned())).collect();
        assert!(whole.iter().flatten().any(|there| *there == row), "{row:?}");
    };
    found(&["x", "2", "a", "-", "-"]);
    found(&["deep", "4", "a", "-", "-"]);
    found(&["c", "0", "-", "alias", "redirect_alias"]);
    found(&["d", "0", "-", "failed", "redirect_loop"]);
}

/// What a page brought: its outcome, its links and its gaps.
type Fetch = (PageOutcome, Vec<DiscoveredLink>, Vec<Gap>);

fn first_round(name: &str) -> Fetch {
    let away = LinkDecision::Skip(Reason::OutOfScope);
    let too_deep = LinkDecision::Skip(Reason::MaxDepth);
    let fetch = LinkDecision::Fetch;
    match name {
        "a" => {
            let links = [("x", 2, fetch), ("deep", 5, too_deep), ("away", 1, away)];
            (stored("twin"), links.map(link).into(), vec![])
        }
        "b" => {
            let links = [("x", 3, fetch), ("deep", 4, fetch), ("b", 1, fetch)];
            (stored("twin"), links.map(link).into(), vec![])
        }
        "c" => (alias("d"), vec![link(("d", 0, fetch))], vec![]),
        "d" => (alias("c"), vec![link(("c", 0, fetch))], vec![]),
        "e" => (failed("404"), vec![link(("deeper", 9, too_deep))], vec![]),
        "f" => {
            let (reason, detail) = (Reason::RobotsDisallowed, "line 1".to_owned());
            (PageOutcome::Skipped { reason, detail }, vec![], vec![])
        }
        "g" => {
            let cut = Gap::at(Reason::BodyTruncated, "10", "cut");
            let once_more = Gap::at(Reason::BodyTruncated, "10", "cut again");
            (stored("g"), vec![], vec![cut, once_more])
        }
        _ => (stored("h"), vec![], vec![]),
    }
}

fn second_round(name: &str) -> Fetch {
    let now = match name {
        "a" => stored("changed"),
        "e" => stored("e"),
        "g" => stored("g, whole"),
        "h" => failed("gone"),
        _ => return first_round(name),
    };
    (now, vec![], vec![])
}

fn stored(text: &str) -> PageOutcome {
    PageOutcome::Stored {
        body: Body {
            digest: Digest::of(text),
            size: text.len() as u64,
            compressed: compressed(text.as_bytes()).expect("little to compress"),
            simhash: None,
        },
        title: None,
        media_type: "text/plain".to_owned(),
        charset: Some("UTF-8".to_owned()),
        charset_source: None,
        extractable: true,
        declared: Box::default(),
        links: PackedLinks::of(std::iter::empty()).expect("nothing to pack"),
        other_links: 0,
    }
}

fn alias(target: &str) -> PageOutcome {
    let target_uri = uri(target);
    PageOutcome::Alias {
        target: UriKey::of(&target_uri),
        target_uri,
    }
}

fn failed(detail: &str) -> PageOutcome {
    PageOutcome::Failed {
        reason: Reason::HttpNotFound,
        detail: detail.to_owned(),
    }
}

fn uri(name: &str) -> String {
    format!("https://{HOST}/{name}")
}

fn link((name, depth, decision): (&str, i64, LinkDecision)) -> DiscoveredLink {
    let uri = uri(name);
    DiscoveredLink {
        host: HOST.into(),
        source_group: HOST.into(),
        depth,
        decision,
        ..DiscoveredLink::to(uri)
    }
}

/// Crawls the eight pages as one job, so many in a transaction.
fn crawl(place: &Workplace, batch: usize, fetch: fn(&str) -> Fetch) {
    let address = DatabaseAddress::parse(&place.database.address()).expect("an address");
    let mut store =
        Store::open(&address, &Credentials::default(), Access::Write).expect("a database");
    let (job, worker, at) = (JobId::new(), WorkerId::new(), Timestamp::now());
    let invocation = Invocation {
        worker: WorkerIdentity {
            id: worker,
            host: "here".to_owned(),
            process: 1,
            version: "0".to_owned(),
        },
        command_line: "toolkit crawl".to_owned(),
    };
    let seeds: Vec<DiscoveredLink> = NAMES
        .iter()
        .map(|name| link((name, 0, LinkDecision::Fetch)))
        .collect();
    let new = NewJob {
        id: job,
        kind: JobKind::Crawl,
        params: json!({"seeds": [uri("a")]}),
        at,
    };
    let mut claims = store
        .transaction("create_job", |store| {
            store.begin_job(&invocation, &new)?;
            let mut claims = store.take_frontier(job, worker)?;
            store.add_urls(&mut claims, None, &seeds, at)?;
            Ok(claims)
        })
        .expect("a job");
    claims.remember(&seeds);
    let share = HostShare {
        host: HOST,
        most: NAMES.len(),
    };
    let claimed = store.claim_urls(&claims, &[share], false, at);
    let mut entries = claimed.expect("claims").entries;
    assert_eq!(entries.len(), NAMES.len());
    // The order of the names and not of the keys: a redirect that loops is the later one's.
    entries.sort_by(|one, other| one.uri.cmp(&other.uri));
    let pages: Vec<PageResult> = entries
        .into_iter()
        .map(|entry| page(entry, fetch))
        .collect();
    for pages in pages.chunks(batch) {
        let committed = commit_batch_halving(&mut store, "store_pages", pages, |store, pages| {
            store.store_pages(&mut claims, pages)
        })
        .expect("a sound database");
        for (page, committed) in pages.iter().zip(committed) {
            assert!(matches!(committed, Committed::Stored(_)), "{committed:?}");
            claims.remember(&page.discovered);
        }
    }
    store
        .conclude_job(job, worker, &json!({}), WorkEnd::Done, Timestamp::now())
        .expect("an end");
}

fn page(entry: FrontierEntry, fetch: fn(&str) -> Fetch) -> PageResult {
    let (outcome, discovered, gaps) = fetch(entry.uri.rsplit('/').next().unwrap_or_default());
    PageResult {
        entry,
        source_group: HOST.into(),
        outcome,
        facts: FetchFacts::default(),
        fetched_at: Timestamp::now(),
        discovered,
        gaps,
    }
}

/// What is in the database, without ids and times; and without the gap of a URL that is too deep on one page
/// and near enough on the next, which in one batch never opens.
fn rows(place: &Workplace) -> Vec<Vec<Vec<Option<String>>>> {
    let path = |column: &str| format!("REPLACE(COALESCE({column}, '-'), '{}', '')", uri(""));
    let (own, referrer, event) = (path("frontier.uri"), path("referrer"), path("source_uri"));
    [
        format!(
            "SELECT {own}, CAST(depth AS TEXT), {referrer}, COALESCE(outcome, '-'), \
             COALESCE(reason, '-') FROM frontier JOIN jobs ON jobs.id = frontier.job_id \
             ORDER BY jobs.created_at, frontier.uri"
        ),
        "SELECT frontier.uri, sources.uri, frontier.alias_of, frontier.detail FROM frontier \
         JOIN jobs ON jobs.id = frontier.job_id LEFT JOIN sources ON sources.id = frontier.source_id \
         ORDER BY jobs.created_at, frontier.uri"
            .to_owned(),
        "SELECT uri, body_digest, unpassed_reason FROM sources ORDER BY uri".to_owned(),
        "SELECT digest, CAST(size AS TEXT) FROM bodies ORDER BY digest".to_owned(),
        "SELECT gaps.uri, reason, position, detail, CAST(attempts AS TEXT), sources.uri, \
         CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END FROM gaps \
         LEFT JOIN sources ON sources.id = gaps.source_id WHERE gaps.uri NOT LIKE '%/deep' \
         ORDER BY gaps.uri, reason, position, detail, attempts"
            .to_owned(),
        format!(
            "SELECT {event}, events.kind FROM events JOIN runs ON runs.id = events.run_id \
             ORDER BY runs.started_at, events.sequence"
        ),
    ]
    .iter()
    .map(|sql| place.database.query_text(sql))
    .collect()
}
