//! A story told through the store's own functions: two pages, an alias, a dead link, and what is made of them.

use serde_json::{Value as Json, json};

use crate::model::{
    Body, Digest, DiscoveredLink, EntityType, Event, EventKind, ExtractedItem, ExtractionType,
    FetchFacts, Gap, JobId, JobKind, JobState, LinkDecision, Mention, PackedLinks, PageOutcome,
    PageResult, Reason, Role, Timestamp, WindowResult, WindowState, WorkerId,
};
use crate::report::{IncompleteReport, incomplete};
use crate::store::{
    Access, Credentials, DatabaseAddress, ExtractedSource, ExtractedText, HostShare,
    IncompleteFilter, NewJob, NewRun, PassState, Selection, Store, WorkEnd, WorkerIdentity,
};

const PROFILE: &str = "default";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_microseconds(1_780_000_000_000_000 + second * 1_000_000)
}

pub(super) fn recognizers() -> Digest {
    Digest::of("recognizers")
}

pub(super) fn link(path: &str, decision: LinkDecision) -> DiscoveredLink {
    let uri = format!("https://site.test/{path}");
    DiscoveredLink {
        host: "site.test".into(),
        source_group: "site.test".into(),
        depth: i64::from(!path.is_empty()),
        decision,
        ..DiscoveredLink::to(uri)
    }
}

pub(super) fn page(text: &str, other_links: u64) -> PageOutcome {
    PageOutcome::Stored {
        body: Body {
            digest: Digest::of(text),
            size: text.len() as u64,
            compressed: zstd::bulk::compress(text.as_bytes(), 1).unwrap(),
            simhash: None,
        },
        title: Some("A page".to_owned()),
        media_type: "text/html".to_owned(),
        charset: Some("UTF-8".to_owned()),
        charset_source: Some("header".to_owned()),
        extractable: true,
        declared: Box::default(),
        links: PackedLinks::of(std::iter::empty()).unwrap(),
        other_links,
    }
}

/// A database in a folder of its own, with the clock of the story.
pub(super) struct Story {
    pub(super) store: Store,
    pub(super) worker: WorkerId,
    pub(super) second: i64,
    _folder: tempfile::TempDir,
}

impl Story {
    pub(super) fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::File(folder.path().join("story.db"));
        let mut store = Store::open(&address, &Credentials::default(), Access::Create).unwrap();
        let worker = WorkerId::new();
        let identity = WorkerIdentity {
            id: worker,
            host: "here".to_owned(),
            process: 1,
            version: "0".to_owned(),
        };
        store
            .transaction("create_job", |store| store.register_worker(&identity))
            .unwrap();
        Self {
            store,
            worker,
            second: 0,
            _folder: folder,
        }
    }

    pub(super) fn tick(&mut self) -> Timestamp {
        self.second += 1;
        at(self.second)
    }

    pub(super) fn open_run(&mut self, job: Option<(JobId, JobKind)>, command_line: &str) {
        let run = NewRun {
            job,
            worker: self.worker,
            host: "here".to_owned(),
            process: 1,
            program_version: "0.1.0".to_owned(),
            command_line: command_line.to_owned(),
            configuration_digest: Digest::of("configuration"),
            at: self.tick(),
        };
        self.store
            .transaction("create_job", |store| {
                if let Some((id, kind)) = run.job {
                    store.insert_job(&NewJob {
                        id,
                        kind,
                        params: json!({"max_depth": null}),
                        at: run.at,
                    })?;
                }
                store.open_run(&run)
            })
            .unwrap();
    }

    pub(super) fn close(&mut self, job: JobId, state: JobState, result: &Json) -> Digest {
        let at = self.tick();
        self.store
            .transaction("end_job", |store| {
                assert_eq!(store.end_job(job, result, WorkEnd::Done, at)?, state);
                store.close_run(at)
            })
            .unwrap()
            .unwrap()
    }

    /// Crawls the pages given by their paths; a path without an outcome is left claimed by nobody.
    pub(super) fn crawl(
        &mut self,
        links: &[DiscoveredLink],
        outcomes: &[(&str, PageOutcome)],
        state: JobState,
    ) -> (JobId, Digest) {
        let job = JobId::new();
        let worker = self.worker;
        self.open_run(
            Some((job, JobKind::Crawl)),
            "toolkit crawl https://site.test/",
        );
        let now = self.tick();
        let mut claims = self
            .store
            .transaction("create_job", |store| {
                let mut claims = store.take_frontier(job, worker)?;
                let seed = [link("", LinkDecision::Fetch)];
                store.add_urls(&mut claims, None, &seed, now)?;
                Ok(claims)
            })
            .unwrap();
        loop {
            let share = HostShare {
                host: "site.test",
                most: 1,
            };
            let claimed = self.store.claim_urls(&claims, &[share], false, now);
            let Some(entry) = claimed.unwrap().entries.into_iter().next() else {
                break;
            };
            let wanted = entry.uri.rsplit('/').next().unwrap().to_owned();
            let Some((_, outcome)) = outcomes.iter().find(|(path, _)| *path == wanted) else {
                self.store.release_urls(&[entry]).unwrap();
                break;
            };
            let result = PageResult {
                source_group: "site.test".into(),
                outcome: outcome.clone(),
                facts: FetchFacts {
                    status: Some(200),
                    ..FetchFacts::default()
                },
                fetched_at: self.tick(),
                discovered: if wanted.is_empty() {
                    links.to_vec()
                } else {
                    Vec::new()
                },
                gaps: Vec::new(),
                entry,
            };
            self.store
                .transaction("store_pages", |store| {
                    store.store_pages(&mut claims, std::slice::from_ref(&result))
                })
                .unwrap();
        }
        let head = self.close(job, state, &json!({"new": 2, "seconds": 1.5}));
        (job, head)
    }

    /// Begins an extract job, which selects what is pending.
    pub(super) fn select(&mut self) -> JobId {
        let job = JobId::new();
        self.open_run(Some((job, JobKind::Extract)), "toolkit extract");
        let now = self.tick();
        self.store
            .transaction("create_job", |store| {
                let count = store.select_passes(
                    job,
                    PROFILE,
                    Digest::of(PROFILE),
                    &Selection::default(),
                )?;
                store.record(&Event {
                    kind: EventKind::SourcesSelected,
                    source_uri: None,
                    payload: json!({"count": count}),
                    at: now,
                })
            })
            .unwrap();
        job
    }

    /// Extracts every pending source; those whose URI ends in `fails` fail, those in `flags` lack entities.
    pub(super) fn extract(&mut self, fails: &str, flags: &str) -> (JobId, Digest) {
        let job = self.select();
        let worker = self.worker;
        for claimed in self.store.claim_passes(job, worker, PROFILE, 10).unwrap() {
            let failed = claimed.uri.ends_with(fails);
            let extracted = ExtractedSource {
                claim: claimed.claim,
                source: claimed.source,
                body_digest: claimed.body_digest,
                profile: PROFILE.into(),
                profile_digest: Digest::of(PROFILE),
                recognizer_digest: recognizers(),
                state: if failed {
                    PassState::Failed
                } else {
                    PassState::Done
                },
                texts: if failed {
                    Vec::new()
                } else {
                    vec![text(!claimed.uri.ends_with(flags))]
                },
                gaps: if failed {
                    vec![Gap::whole(Reason::ExtractionPanicked, "it fell over")]
                } else {
                    Vec::new()
                },
                at: self.tick(),
                uri: claimed.uri,
                source_group: claimed.source_group,
            };
            self.store
                .transaction("store_extractions", |store| {
                    store.store_passes(std::slice::from_ref(&extracted))
                })
                .unwrap();
        }
        let head = self.close(job, JobState::Completed, &json!({"done": 1}));
        (job, head)
    }

    pub(super) fn delete(&mut self, job: JobId, why: &str) {
        self.open_run(None, &format!("toolkit jobs delete {job}"));
        let at = self.tick();
        self.store
            .transaction("delete_job", |store| {
                store.delete_job(job, Some(why), at)?;
                store.close_run(at)
            })
            .unwrap();
    }

    pub(super) fn incomplete(&mut self, filter: &IncompleteFilter) -> IncompleteReport {
        incomplete(&mut self.store, filter, recognizers()).unwrap()
    }
}

pub(super) fn text(complete: bool) -> ExtractedText {
    let mention = Mention {
        entity_type: EntityType::Email,
        role: Role::Mention,
        start: 6,
        end: 15,
        surface: "A@site.de".to_owned(),
        normalized: "a@site.de".to_owned(),
        attributes: json!({}),
        score: 1.0,
        recognizer: "email",
    };
    ExtractedText {
        item: ExtractedItem {
            extraction_type: ExtractionType::Content,
            ordinal: 0,
            data: json!({}),
            text: "write A@site.de".to_owned(),
            confidence: None,
        },
        windows: vec![WindowResult {
            recognizer: "email",
            ordinal: 0,
            start: 0,
            end: 15,
            state: if complete {
                WindowState::Done
            } else {
                WindowState::Failed
            },
            error: (!complete).then(|| "out of breath".to_owned()),
            mentions: if complete { vec![mention] } else { Vec::new() },
        }],
        refused: None,
    }
}

/// The first crawl of the story: two pages, an alias, a dead link, one refused, one left for later.
pub(super) fn first_crawl(story: &mut Story) -> (JobId, Digest) {
    let links = [
        link("b", LinkDecision::Fetch),
        link("old", LinkDecision::Fetch),
        link("dead", LinkDecision::Fetch),
        link("away", LinkDecision::Skip(Reason::OutOfScope)),
        link("deep", LinkDecision::Skip(Reason::MaxDepth)),
        link("late", LinkDecision::Fetch),
    ];
    let target = link("b", LinkDecision::Fetch);
    let outcomes = [
        ("", page("<p>home", 3)),
        ("b", page("<p>b", 1)),
        (
            "old",
            PageOutcome::Alias {
                target: target.key,
                target_uri: target.uri,
            },
        ),
        (
            "dead",
            PageOutcome::Failed {
                reason: Reason::HttpNotFound,
                detail: "404".to_owned(),
            },
        ),
    ];
    story.crawl(&links, &outcomes, JobState::Cancelled)
}
