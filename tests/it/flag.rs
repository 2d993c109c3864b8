//! `entities_extracted` tells a finished extraction from an unfinished one: FALSE until every window is done
//! and every mention stored, TRUE from then on, NULL only on rows from before it was kept.

use rstest::rstest;
use serde_json::json;
use toolkit::extract::Profile;
use toolkit::extract::job::current_recognizer_digest;
use toolkit::model::{
    EntityType, Event, EventKind, ExtractedItem, ExtractionType, JobId, JobKind, Mention, Role,
    Timestamp, WindowResult, WindowState, WorkerId,
};
use toolkit::store::{
    Access, Committed, Credentials, DatabaseAddress, ExtractedSource, ExtractedText, Invocation,
    NewJob, PassState, Selection, Store, WorkEnd, WorkerIdentity, commit_batch_halving,
};

use crate::support::database::Engine;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

const TEXT: &str = "Write to desk@skerrysound.example about boats.";

/// A source and an extraction of it, written by hand.
const RAW_ROWS: &str = "
INSERT INTO sources (id, uri_key, uri, source_group, created_at) VALUES
    ('01990000-0000-7000-8000-000000000002', 'k2', 'https://old.example/', 'old.example',
     '2026-01-02T03:04:05.000000Z');
INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, created_at) VALUES
    ('01990000-0000-7000-8000-000000000004', '01990000-0000-7000-8000-000000000002', 'default', 'content',
     0, '{}', 'mail me@old.example', '2026-01-02T03:04:05.000000Z');
";

#[rstest]
fn the_flag_is_false_until_somebody_says_otherwise(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    place.database.execute(RAW_ROWS);
    assert_eq!(place.count("extractions"), 1);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS FALSE"),
        1
    );
    assert_eq!(reasons(&place), ["entities_incomplete"]);
}

#[rstest]
fn every_extraction_of_a_sound_site_ends_true(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["run", text_of(&site("seeds"))]);
    // Content and metadata of 7 pages, and 5 records.
    assert_eq!(place.count("extractions"), 19);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    assert!(place.count("extraction_entities") >= 5);
    assert_eq!(place.count("windows"), 0);
    place.succeed(&["report", "incomplete", "--check", "--strict"]);
    place.check();
}

#[rstest]
fn a_failed_window_keeps_it_false_until_it_is_done(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_pages(engine, &["<p>anything</p>"]);
    let mut by_hand = ByHand::begin(&place);
    by_hand.store(vec![
        done("email", vec![mention_of("desk@skerrysound.example")]),
        failed("phone", "out of patience"),
    ]);
    by_hand.end();

    assert_eq!(
        place.count("extractions WHERE entities_extracted IS FALSE"),
        1
    );
    assert_eq!(
        place
            .database
            .query_text("SELECT recognizer, state, error FROM windows ORDER BY recognizer"),
        [
            [Some("email".to_owned()), Some("done".to_owned()), None],
            [
                Some("phone".to_owned()),
                Some("failed".to_owned()),
                Some("out of patience".to_owned())
            ],
        ]
    );
    // What is sure is kept: the e-mail address is stored and linked.
    assert_eq!(place.count("extraction_entities"), 1);
    // One loss is one line: the gap explains the flag.
    let report = place.json(&["report", "incomplete"]);
    let lines = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&lines, "reason"), ["window_failed"]);
    assert_eq!(
        fields(&lines, "position"),
        [format!("phone:0..{}", TEXT.len())]
    );
    assert_eq!(fields(&lines, "detail"), ["out of patience"]);
    place.check();

    place.succeed(&["extract"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS TRUE"),
        1
    );
    assert_eq!(place.count("windows"), 0);
    assert_eq!(place.count("extraction_entities"), 1);
    let repairer = place.value("SELECT id FROM jobs ORDER BY created_at DESC, id DESC LIMIT 1");
    let resolved = "SELECT resolved_by_job_id FROM gaps WHERE resolved_at IS NOT NULL";
    assert_eq!(place.value(resolved), repairer);
    assert!(reasons(&place).is_empty());
    let source = place.json(&["sources", "show", "last"]);
    assert_eq!(source["gaps"][0]["open"], false);
    assert_eq!(source["gaps"][0]["resolved_by_job_id"], json!(repairer));
    place.check();
}

#[rstest]
fn nothing_there_and_nothing_read_are_told_apart(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = with_pages(engine, &["<p>one</p>", "<p>two</p>"]);
    let mut by_hand = ByHand::begin(&place);
    by_hand.store(vec![done("email", vec![])]);
    by_hand.store(vec![failed("email", "out of patience")]);
    by_hand.end();

    assert_eq!(place.count("extraction_entities"), 0);
    let flags = place.database.query_text(
        "SELECT sources.uri FROM extractions JOIN sources ON sources.id = extractions.source_id \
         WHERE entities_extracted IS TRUE",
    );
    assert_eq!(flags.len(), 1);
    let report = place.json(&["report", "incomplete"]);
    let named = fields(&lines_where(&report, "rows", |_| true), "uri");
    assert_eq!(named.len(), 1);
    assert_ne!(Some(&named[0]), flags[0][0].as_ref());
    assert_eq!(
        place.run(&["report", "incomplete", "--check"]).code(),
        Some(3)
    );
}

#[rstest]
fn a_span_that_does_not_give_its_surface_is_refused_alone(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = with_pages(engine, &["<p>one</p>", "<p>two</p>"]);
    let mut by_hand = ByHand::begin(&place);
    let sound = by_hand.claimed(vec![done(
        "email",
        vec![mention_of("desk@skerrysound.example")],
    )]);
    let mut lie = mention_of("desk@skerrysound.example");
    lie.start += 1;
    let poisoned = by_hand.claimed(vec![done("email", vec![lie])]);
    let batch = [sound, poisoned];
    let committed = commit_batch_halving(
        &mut by_hand.store,
        "store_extractions",
        &batch,
        Store::store_passes,
    )
    .expect("a poison mention does not stop the job");
    assert!(matches!(
        committed[..],
        [Committed::Stored(()), Committed::Rejected(_)]
    ));
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS TRUE"),
        1
    );

    // As the job does then: the extraction without its mentions, and a gap that says why.
    let [_, mut poisoned] = batch;
    poisoned.texts[0].refused = Some("the span does not give its surface".to_owned());
    by_hand.write(&poisoned);
    by_hand.end();
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS FALSE"),
        1
    );
    assert_eq!(place.count("extraction_entities"), 1);
    assert_eq!(reasons(&place), ["mentions_rejected"]);
    place.check();
}

#[rstest]
fn a_mention_that_the_database_refuses_costs_its_page_alone(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let place = with_pages(
        engine,
        &[
            "<p>Ask poison@skerrysound.example about the lamp, or call +44 20 7946 0018.</p>",
            "<p>Ask desk@skerrysound.example about the anchor.</p>",
        ],
    );
    place.database.execute(match engine {
        Sqlite => {
            "CREATE TRIGGER poison BEFORE INSERT ON extraction_entities \
             WHEN NEW.surface = 'poison@skerrysound.example' \
             BEGIN SELECT RAISE(ABORT, 'poisoned mention'); END"
        }
        Postgres => {
            "ALTER TABLE extraction_entities ADD CONSTRAINT poison \
             CHECK (surface <> 'poison@skerrysound.example')"
        }
    });
    place.succeed(&["extract"]);
    let content = "extractions WHERE extraction_type = 'content' AND entities_extracted IS";
    assert_eq!(place.count(&format!("{content} FALSE")), 1);
    assert_eq!(place.count(&format!("{content} TRUE")), 1);
    assert_eq!(
        place.count("extraction_entities WHERE surface = 'desk@skerrysound.example'"),
        1
    );
    assert_eq!(place.count("entities WHERE value LIKE 'poison%'"), 0);
    assert_eq!(reasons(&place), ["mentions_rejected"]);
    assert!(
        place
            .value("SELECT detail FROM gaps")
            .contains("the database refused")
    );
    place.check();

    place.database.execute(match engine {
        Sqlite => "DROP TRIGGER poison",
        Postgres => "ALTER TABLE extraction_entities DROP CONSTRAINT poison",
    });
    place.succeed(&["extract"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    assert_eq!(place.count("extraction_entities"), 3);
    place.succeed(&["report", "incomplete", "--check"]);
    place.check();
}

#[rstest]
fn rows_from_before_are_unknown_until_they_are_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate", "--to", "1"]);
    place.database.execute(RAW_ROWS);
    place.succeed(&["db", "migrate"]);
    assert_eq!(reasons(&place), ["entities_unknown"]);
    let source = place.json(&["sources", "show", "last"]);
    assert!(source["extractions"][0]["entities_extracted"].is_null());

    place.succeed(&["extract"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS TRUE"),
        1
    );
    assert_eq!(place.value("SELECT value FROM entities"), "me@old.example");
    assert!(reasons(&place).is_empty());
}

/// The reasons of all that is incomplete and no decision.
fn reasons(place: &Workplace) -> Vec<String> {
    let report = place.json(&["report", "incomplete"]);
    fields(&lines_where(&report, "rows", |_| true), "reason")
}

/// A workplace with pages that were crawled and not extracted.
fn with_pages(engine: Engine, pages: &[&str]) -> Workplace {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    for (number, page) in pages.iter().enumerate() {
        let page = format!("<!doctype html><title>Page {number}</title><main>{page}</main>");
        let path = folder.path().join(format!("page-{number}.html"));
        std::fs::write(path, page).expect("cannot write a page");
    }
    place.succeed(&["crawl", text_of(folder.path())]);
    place
}

fn done(recognizer: &'static str, mentions: Vec<Mention>) -> WindowResult {
    WindowResult {
        recognizer,
        ordinal: 0,
        start: 0,
        end: TEXT.len(),
        state: WindowState::Done,
        error: None,
        mentions,
    }
}

fn failed(recognizer: &'static str, error: &str) -> WindowResult {
    WindowResult {
        state: WindowState::Failed,
        error: Some(error.to_owned()),
        ..done(recognizer, vec![])
    }
}

fn mention_of(surface: &str) -> Mention {
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

/// An extraction written through the library: no recognizer of the program can be made to fail from
/// outside, so the results are handed to the store as a failing one's would be.
struct ByHand {
    store: Store,
    job: JobId,
    worker: WorkerId,
}

impl ByHand {
    fn begin(place: &Workplace) -> Self {
        let address = DatabaseAddress::parse(&place.database.address()).expect("an address");
        let mut store = Store::open(&address, &Credentials::default(), Access::Write)
            .expect("the database is there");
        let (job, worker, at) = (JobId::new(), WorkerId::new(), Timestamp::now());
        let invocation = Invocation {
            worker: WorkerIdentity {
                id: worker,
                host: "here".to_owned(),
                process: 1,
                version: "0".to_owned(),
            },
            command_line: "toolkit extract".to_owned(),
        };
        let profile = Profile::default_profile();
        store
            .transaction("create_job", |store| {
                store.register_worker(&invocation.worker)?;
                store.insert_job(&NewJob {
                    id: job,
                    kind: JobKind::Extract,
                    params: json!({}),
                    at,
                })?;
                let run = invocation.run(Some((job, JobKind::Extract)), &json!({}), at);
                store.open_run(&run)?;
                let count = store.select_passes(
                    job,
                    &profile.name,
                    profile.digest,
                    &Selection::default(),
                )?;
                store.record(&Event {
                    kind: EventKind::SourcesSelected,
                    source_uri: None,
                    payload: json!({"job_id": job, "count": count, "resumed": false}),
                    at,
                })
            })
            .expect("a job");
        Self { store, job, worker }
    }

    /// Claims the next source and returns a result for it with these windows.
    fn claimed(&mut self, windows: Vec<WindowResult>) -> ExtractedSource {
        let profile = Profile::default_profile();
        let mut passes = self
            .store
            .claim_passes(self.job, self.worker, &profile.name, 1)
            .expect("a claim");
        let pass = passes.pop().expect("a source is left");
        let item = ExtractedItem {
            extraction_type: ExtractionType::Content,
            ordinal: 0,
            data: json!({}),
            text: TEXT.to_owned(),
            confidence: None,
        };
        ExtractedSource {
            claim: pass.claim,
            source: pass.source,
            uri: pass.uri,
            source_group: pass.source_group,
            body_digest: pass.body_digest,
            profile: profile.name,
            profile_digest: profile.digest,
            recognizer_digest: current_recognizer_digest(),
            state: PassState::Done,
            texts: vec![ExtractedText {
                item,
                windows,
                refused: None,
            }],
            gaps: vec![],
            at: Timestamp::now(),
        }
    }

    fn write(&mut self, extracted: &ExtractedSource) {
        self.store
            .transaction("store_extractions", |store| {
                store.store_passes(std::slice::from_ref(extracted))
            })
            .expect("the pass is stored");
    }

    fn store(&mut self, windows: Vec<WindowResult>) {
        let extracted = self.claimed(windows);
        self.write(&extracted);
    }

    fn end(mut self) {
        self.store
            .conclude_job(
                self.job,
                self.worker,
                &json!({}),
                WorkEnd::Done,
                Timestamp::now(),
            )
            .expect("the job ends");
    }
}
