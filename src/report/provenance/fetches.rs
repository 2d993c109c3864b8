//! How a source came here: the way from the seed, each fetch, each content that it had.

use serde_json::Value as Json;

use super::origin::{ContentLine, FetchLine, StepLine};
use super::trace::Trace;
use super::{ERASED, UNKNOWN};
use crate::model::JobId;
use crate::store::{EventRow, Result, SourceFacts, Store};

/// Steps of a way that are followed back: no crawl is deeper, unless it was led in circles.
const MOST_STEPS: usize = 1000;

impl Trace<'_> {
    /// Follows the way back to the seed, in the job that created it.
    pub(super) fn path(&mut self, uri: &str, job: Option<JobId>) -> Result<()> {
        let mut steps: Vec<StepLine> = Vec::new();
        let mut next = Some(uri.to_owned());
        let mut led_by: Option<String> = None;
        while let Some(uri) = next.take() {
            if steps.len() == MOST_STEPS || steps.iter().any(|step| step.uri == uri) {
                break;
            }
            let found = found_by(self.store, &uri, job)?;
            if let Some(step) = steps.last_mut()
                && let Some(how) = led_by.take().or_else(|| found.kind.clone())
            {
                // How a page leads on is known by what became of the page.
                step.how = match how.as_str() {
                    "url_aliased" => "redirect",
                    "sitemap" => "sitemap",
                    _ => "link",
                };
            }
            steps.push(StepLine {
                uri,
                how: if found.is_known {
                    "seed"
                } else {
                    found.unknown
                },
                found_uri: found.written,
                depth: found.depth,
                status: found.status,
                job: job.and_then(|job| self.ledger.number(job)),
                origin: if found.is_known {
                    "recorded"
                } else {
                    found.unknown
                },
            });
            next = found.referrer;
        }
        steps.reverse();
        self.answer.path.extend(steps);
        Ok(())
    }

    pub(super) fn fetches(&mut self, uri: &str, facts: Option<&SourceFacts>, events: &[EventRow]) {
        let is_fetch =
            |event: &&EventRow| brings_content(&event.kind) || event.kind.starts_with("url_");
        let mut lines: Vec<FetchLine> = Vec::new();
        for event in events.iter().filter(is_fetch) {
            let empty = Json::Null;
            let payload = event.payload.as_ref().unwrap_or(&empty);
            let entry = event.job.and_then(|job| self.ledger.entry(job));
            let params = entry.and_then(|entry| entry.params());
            let said = |key: &str| payload[key].as_str().map(str::to_owned);
            let (fetch, robots) = (&payload["fetch"], &payload["fetch"]["robots"]);
            let headers = &fetch["headers"];
            lines.push(FetchLine {
                uri: uri.to_owned(),
                at: event.at,
                job: entry.map(|entry| entry.number),
                job_id: event.job,
                event: event.kind.clone(),
                attempt: number(event, "attempt"),
                status: fetch["status"].as_i64(),
                locator: fetch["locator"].as_str().map(str::to_owned),
                remote_address: fetch["remote_address"].as_str().map(str::to_owned),
                headers: (!headers.is_null()).then(|| headers.clone()),
                media_type: said("media_type"),
                charset: said("charset"),
                charset_source: said("charset_source"),
                transferred_size: fetch["transferred_size"].as_i64(),
                body_size: payload["body_size"].as_i64(),
                body_digest: said("body_digest"),
                user_agent: params
                    .and_then(|params| params["user_agent"].as_str())
                    .map(str::to_owned),
                robots: match robots["allowed"].as_bool() {
                    Some(true) => "allowed",
                    Some(false) => "disallowed",
                    None if event.payload.is_none() => ERASED,
                    None => "not asked",
                },
                robots_status: robots["fetch_status"].as_str().map(str::to_owned),
                robots_line: robots["line"].as_i64(),
                robots_rule: robots["rule"].as_str().map(str::to_owned),
                referrer: said("referrer"),
                reason: said("reason"),
                detail: said("detail"),
                origin: origin_of(event),
            });
        }
        if lines.is_empty()
            && let Some(facts) = facts
        {
            lines.push(FetchLine {
                uri: uri.to_owned(),
                at: facts.fetched_at.unwrap_or(facts.created_at),
                job: None,
                job_id: facts.content_job,
                event: UNKNOWN.to_owned(),
                attempt: None,
                status: facts.status,
                locator: None,
                remote_address: None,
                headers: None,
                media_type: facts.media_type.clone(),
                charset: facts.charset.clone(),
                charset_source: facts.charset_source.clone(),
                transferred_size: None,
                body_size: facts.body_size,
                body_digest: facts.body_digest.map(|digest| digest.to_string()),
                user_agent: None,
                robots: UNKNOWN,
                robots_status: None,
                robots_line: None,
                robots_rule: None,
                referrer: None,
                reason: None,
                detail: None,
                origin: UNKNOWN,
            });
        }
        self.answer.fetches.extend(lines);
    }

    /// Every content that the events name, and the current one, by when it was first seen.
    pub(super) fn contents(
        &mut self,
        uri: &str,
        facts: Option<&SourceFacts>,
        events: &[EventRow],
    ) -> Result<()> {
        let current = facts.and_then(|facts| facts.body_digest);
        let current = current.map(|digest| digest.to_string());
        let mut lines: Vec<ContentLine> = Vec::new();
        for event in events {
            let payload = event.payload.as_ref();
            let Some(digest) = payload.and_then(|payload| payload["body_digest"].as_str()) else {
                continue;
            };
            let is_known = lines.iter().any(|line| line.body_digest == digest);
            if is_known || !brings_content(&event.kind) && event.kind != "url_skipped" {
                continue;
            }
            lines.push(ContentLine {
                uri: uri.to_owned(),
                body_digest: digest.to_owned(),
                body_size: number(event, "body_size"),
                first_seen: event.at,
                job: event.job.and_then(|job| self.ledger.number(job)),
                job_id: event.job,
                current: current.as_deref() == Some(digest),
                kept: false,
            });
        }
        // What an erasure took away it names by digest and size.
        for event in events.iter().filter(|event| event.kind == "source_erased") {
            let versions = event.payload.as_ref().map(|payload| &payload["versions"]);
            for version in versions.and_then(Json::as_array).into_iter().flatten() {
                let digest = version["body_digest"].as_str().unwrap_or_default();
                if lines.iter().any(|line| line.body_digest == digest) {
                    continue;
                }
                let job = version["job_id"].as_str().and_then(|id| id.parse().ok());
                let first_seen = version["first_seen"].as_str();
                lines.push(ContentLine {
                    uri: uri.to_owned(),
                    body_digest: digest.to_owned(),
                    body_size: version["body_size"].as_i64(),
                    first_seen: first_seen
                        .and_then(|time| time.parse().ok())
                        .unwrap_or(event.at),
                    job: job.and_then(|job| self.ledger.number(job)),
                    job_id: job,
                    current: false,
                    kept: false,
                });
            }
        }
        if let Some((digest, facts)) = current.zip(facts)
            && lines.iter().all(|line| line.body_digest != digest)
        {
            lines.push(ContentLine {
                uri: uri.to_owned(),
                body_digest: digest,
                body_size: facts.body_size,
                first_seen: facts.fetched_at.unwrap_or(facts.created_at),
                job: facts.content_job.and_then(|job| self.ledger.number(job)),
                job_id: facts.content_job,
                current: true,
                kept: false,
            });
        }
        for line in &mut lines {
            if let Ok(digest) = line.body_digest.parse() {
                line.kept = self.store.keeps_body(digest)?;
            }
        }
        self.answer.contents.extend(lines);
        Ok(())
    }
}

/// How a URL was found.
#[derive(Default)]
struct Found {
    is_known: bool,
    /// What to say where it is not known.
    unknown: &'static str,
    referrer: Option<String>,
    written: Option<String>,
    depth: Option<i64>,
    status: Option<i64>,
    /// What became of it, as far as that says how it leads on.
    kind: Option<String>,
}

/// Looks up how a job found a URL: in its event, which outlives the job, else in its frontier.
fn found_by(store: &mut Store, uri: &str, job: Option<JobId>) -> Result<Found> {
    let events = store.events_of_uri(uri)?;
    let mut found = Found {
        unknown: UNKNOWN,
        ..Found::default()
    };
    let of_job = |event: &&EventRow| job.is_none() || event.job == job;
    for event in events.iter().filter(of_job) {
        let Some(payload) = &event.payload else {
            found.unknown = ERASED;
            continue;
        };
        if !brings_content(&event.kind) && !event.kind.starts_with("url_") {
            continue;
        }
        found.status = payload["fetch"]["status"].as_i64();
        found.depth = payload["depth"].as_i64();
        found.kind = Some(match payload["url_kind"].as_str() {
            Some("sitemap") => "sitemap".to_owned(),
            _ => event.kind.clone(),
        });
        if let Some(referrer) = payload.get("referrer") {
            found.is_known = true;
            found.referrer = referrer.as_str().map(str::to_owned);
            found.written = payload["found_uri"].as_str().map(str::to_owned);
        }
        break;
    }
    if !found.is_known {
        let rows = store.frontier_rows_of(uri)?;
        let row = rows.into_iter().find(|row| Some(row.job) == job);
        if let Some(row) = row {
            found.is_known = true;
            found.referrer = row.referrer;
            found.written = row.found_uri;
            found.depth = Some(row.depth);
        }
    }
    Ok(found)
}

pub(super) fn brings_content(kind: &str) -> bool {
    matches!(
        kind,
        "source_created" | "source_changed" | "source_unchanged"
    )
}

pub(super) fn number(event: &EventRow, key: &str) -> Option<i64> {
    event.payload.as_ref()?[key].as_i64()
}

pub(super) fn origin_of(event: &EventRow) -> &'static str {
    if event.payload.is_some() {
        "recorded"
    } else {
        ERASED
    }
}
