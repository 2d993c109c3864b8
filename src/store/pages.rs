//! The commit of a crawl's pages: their bodies and sources, their outcomes, the URLs that they lead to, their
//! gaps and their events, all or nothing.
//!
//! Each kind of row is written for the whole batch at once: a statement costs more than the rows in it.

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::Store;
use super::error::Result;
use super::found::FoundOn;
use super::frontier::Claims;
use super::gaps::{GapOwner, Settlement};
use super::outcomes::Ending;
use super::sources::{Fetched, PutSource};
use super::value::values;
use crate::model::{
    Class, Event, EventKind, Gap, JobId, Outcome, PageOutcome, PageResult, Reason, SourceChange,
    SourceId, Stage, UriKey,
};

/// What is written of a page's end besides its source.
struct End {
    outcome: Outcome,
    reason: Option<Reason>,
    detail: Option<String>,
    alias_of: Option<UriKey>,
    source: Option<SourceId>,
    event: EventKind,
    payload: Json,
}

impl Store {
    /// Writes the results of pages of one job, in order of their keys and each of another URL; called
    /// inside a transaction. Returns an outcome for each.
    pub fn store_pages(
        &mut self,
        claims: &mut Claims,
        pages: &[PageResult],
    ) -> Result<Vec<Outcome>> {
        let pages: Vec<Cow<'_, PageResult>> = pages
            .iter()
            .map(|page| self.instead_of_fragment(page))
            .collect::<Result<_>>()?;
        let ends = self.store_contents(claims, &pages)?;
        self.finish_pages(&pages, &ends)?;
        self.settle_page_gaps(claims, &pages, &ends)?;
        let found: Vec<FoundOn<'_>> = pages.iter().map(|page| found_on(page)).collect();
        self.add_found(claims, &found)?;
        let outcomes = ends.iter().map(|end| end.outcome).collect();
        let events: Vec<Event> = pages
            .iter()
            .zip(ends)
            .map(|(page, end)| event_of(page, end))
            .collect();
        self.record_all(&events)?;
        Ok(outcomes)
    }

    /// Keeps what the pages brought, and says how each of them ends.
    fn store_contents(
        &mut self,
        claims: &Claims,
        pages: &[Cow<'_, PageResult>],
    ) -> Result<Vec<End>> {
        let fetched: Vec<Fetched<'_>> = pages.iter().filter_map(|page| fetched(page)).collect();
        self.keep_bodies(&fetched)?;
        let stored = self.put_sources(&fetched)?;
        self.put_link_rows(claims.keep_link_rows, &fetched, &stored)?;
        let mut redirects = Vec::new();
        for page in pages {
            redirects.extend(self.redirect(claims.job, page)?);
        }
        let lead_back = self.lead_back(claims.job, &redirects)?;
        let targets = redirects.iter().map(|(_, target)| *target);
        let mut stored = fetched.iter().zip(stored);
        let mut lead_back = targets.zip(lead_back);
        let ends = pages.iter().map(|page| match &page.outcome {
            PageOutcome::Stored { .. } => stored.next().map_or_else(
                || refused(Outcome::Failed, Reason::CrawlPanicked, String::new()),
                |(fetched, put)| content_end(fetched, put),
            ),
            PageOutcome::Alias { target, target_uri } => match lead_back.next() {
                Some((_, true)) => {
                    let detail = format!("redirects to {target_uri}, which leads back here");
                    refused(Outcome::Failed, Reason::RedirectLoop, detail)
                }
                end => alias_end(end.map_or(*target, |(target, _)| target), target_uri),
            },
            PageOutcome::Unmodified => refused(
                Outcome::Failed,
                Reason::HttpUnexpectedStatus,
                "not modified".to_owned(),
            ),
            PageOutcome::Skipped { reason, detail } => {
                refused(Outcome::Skipped, *reason, detail.clone())
            }
            PageOutcome::Failed { reason, detail } => {
                refused(Outcome::Failed, *reason, detail.clone())
            }
        });
        Ok(ends.collect())
    }

    /// Returns the keys that a page which is another name of one leads from and to.
    fn redirect(&mut self, job: JobId, page: &PageResult) -> Result<Option<(UriKey, UriKey)>> {
        let PageOutcome::Alias { target, .. } = page.outcome else {
            return Ok(None);
        };
        // What an archive holds of a page that was led back to, with a cookie, was captured last.
        let target = match page.entry.locator {
            Some(_) => self.last_capture(job, target)?.unwrap_or(target),
            None => target,
        };
        Ok(Some((page.entry.key, target)))
    }

    fn finish_pages(&mut self, pages: &[Cow<'_, PageResult>], ends: &[End]) -> Result<()> {
        let endings: Vec<(UriKey, Ending<'_>)> = pages
            .iter()
            .zip(ends)
            .map(|(page, end)| {
                let ending = Ending {
                    claim: page.entry.claim,
                    outcome: end.outcome,
                    reason: end.reason,
                    detail: end.detail.as_deref(),
                    alias_of: end.alias_of,
                    has_source: end.source.is_some(),
                    source: end
                        .source
                        .filter(|_| page.entry.own_key() != page.entry.key),
                };
                (page.entry.key, ending)
            })
            .collect();
        self.finish_urls(&endings)
    }

    fn settle_page_gaps(
        &mut self,
        claims: &Claims,
        pages: &[Cow<'_, PageResult>],
        ends: &[End],
    ) -> Result<()> {
        let mut settlements: Vec<Settlement<'_>> = Vec::with_capacity(pages.len());
        for (page, end) in pages.iter().zip(ends) {
            // What is missing from an older version is not missing from the one that is stored.
            let mut gaps = match end.reason {
                Some(Reason::OlderVersion) => Vec::new(),
                _ => page.gaps.clone(),
            };
            if let Some(reason) = end.reason
                && reason.class() != Class::Decision
            {
                gaps.push(Gap::whole(reason, end.detail.clone().unwrap_or_default()));
            }
            settlements.push(Settlement {
                owner: GapOwner {
                    what: page.entry.own_key(),
                    uri: &page.entry.uri,
                    source_group: &page.source_group,
                    source: end.source,
                    extraction: None,
                    profile: None,
                },
                gaps,
                read: end.source.is_some(),
                at: page.fetched_at,
            });
        }
        // What an earlier crawl stored here has a loss now.
        let lost = |one: &&mut Settlement<'_>| !one.read && !one.gaps.is_empty();
        let keys: Vec<UriKey> = settlements
            .iter_mut()
            .filter(lost)
            .map(|one| one.owner.what)
            .collect();
        let stored_before = self.sources_by_key(&keys)?;
        for one in settlements.iter_mut().filter(lost) {
            one.owner.source = stored_before.get(&one.owner.what).copied();
        }
        self.settle(Stage::Crawl, &settlements, claims.job)
    }

    /// A fragment does not take the place of a whole body that is stored: the fetch has failed.
    fn instead_of_fragment<'a>(&mut self, page: &'a PageResult) -> Result<Cow<'a, PageResult>> {
        let broken = page
            .gaps
            .iter()
            .find(|gap| gap.reason == Reason::BodyIncomplete);
        let Some(gap) = broken else {
            return Ok(Cow::Borrowed(page));
        };
        let whole = self.count(
            "SELECT COUNT(*) FROM sources WHERE uri_key = $1 AND body_digest IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM gaps WHERE gaps.what = $1 AND gaps.resolved_at IS NULL \
             AND gaps.reason IN ('body_incomplete', 'body_truncated', 'content_encoding', \
             'decompression_ratio') \
             AND gaps.position <> '')",
            &values![page.entry.own_key()],
        )?;
        if whole == 0 {
            return Ok(Cow::Borrowed(page));
        }
        let outcome = PageOutcome::Failed {
            reason: Reason::BodyIncomplete,
            detail: gap.detail.clone(),
        };
        Ok(Cow::Owned(PageResult {
            outcome,
            gaps: Vec::new(),
            ..page.clone()
        }))
    }

    /// Ends a claimed URL whose page the database refused.
    pub fn refuse_page(&mut self, claims: &mut Claims, page: &PageResult, why: &str) -> Result<()> {
        let refused = PageResult {
            outcome: PageOutcome::Failed {
                reason: Reason::CrawlStoreRejected,
                detail: why.to_owned(),
            },
            discovered: Vec::new(),
            gaps: Vec::new(),
            ..page.clone()
        };
        self.transaction("store_pages", |store| {
            store.store_pages(claims, std::slice::from_ref(&refused))
        })?;
        Ok(())
    }
}

/// What a page brought, when it brought something.
fn fetched(page: &PageResult) -> Option<Fetched<'_>> {
    let PageOutcome::Stored {
        body,
        title,
        media_type,
        charset,
        charset_source,
        extractable,
        declared,
        links,
        other_links,
    } = &page.outcome
    else {
        return None;
    };
    Some(Fetched {
        entry: &page.entry,
        body,
        links,
        other_links: *other_links,
        source_group: &page.source_group,
        title: title.as_deref(),
        media_type,
        charset: charset.as_deref(),
        charset_source: charset_source.as_deref(),
        status: page.facts.status,
        etag: validator(page, "etag"),
        last_modified: validator(page, "last-modified"),
        extractable: *extractable,
        declared,
        at: page.fetched_at,
    })
}

/// Returns a header by which its server can be asked about a page; one that is out of all proportion is left.
fn validator<'a>(page: &'a PageResult, name: &str) -> Option<&'a str> {
    const LONGEST: usize = 1024;
    let headers = &page.facts.headers;
    let value = headers.iter().find(|(known, _)| known == name)?;
    (value.1.len() <= LONGEST).then_some(value.1.as_str())
}

/// A page that redirects, and where to.
fn found_on(page: &PageResult) -> FoundOn<'_> {
    FoundOn {
        referrer: Some(&page.entry.uri),
        links: &page.discovered,
        at: page.fetched_at,
    }
}

fn event_of(page: &PageResult, end: End) -> Event {
    Event {
        kind: end.event,
        source_uri: Some(page.entry.uri.clone()),
        payload: with_facts(end.payload, page),
        at: page.fetched_at,
    }
}

fn content_end(fetched: &Fetched<'_>, put: PutSource) -> End {
    let (outcome, event) = match put.change {
        SourceChange::New => (Outcome::New, EventKind::SourceCreated),
        SourceChange::Changed => (Outcome::Changed, EventKind::SourceChanged),
        SourceChange::Unchanged => (Outcome::Unchanged, EventKind::SourceUnchanged),
        SourceChange::Older => return older_end(fetched),
    };
    End {
        outcome,
        // Stored all the same; the reason says why it is not extracted.
        reason: fetched.declared.noindex.then_some(Reason::Noindex),
        detail: None,
        alias_of: None,
        source: Some(put.id),
        event,
        payload: json!({
            "source_id": put.id,
            "body_digest": fetched.body.digest,
            "body_size": fetched.body.size,
            "previous_body_digest": put.before,
            "media_type": fetched.media_type,
            "charset": fetched.charset,
            "charset_source": fetched.charset_source,
            "link_count": fetched.links.count,
            "canonical_uri": fetched.declared.canonical_uri,
            "language": fetched.declared.language,
            "noindex": fetched.declared.noindex,
        }),
    }
}

/// A version that came after a later one; its digest stands in the event, and its body is kept.
fn older_end(fetched: &Fetched<'_>) -> End {
    let mut end = refused(Outcome::Skipped, Reason::OlderVersion, String::new());
    if let Some(members) = end.payload.as_object_mut() {
        members.insert("body_digest".to_owned(), json!(fetched.body.digest));
        members.insert("body_size".to_owned(), json!(fetched.body.size));
        members.insert("media_type".to_owned(), json!(fetched.media_type));
        members.insert("charset".to_owned(), json!(fetched.charset));
    }
    end
}

fn alias_end(target: UriKey, target_uri: &str) -> End {
    End {
        outcome: Outcome::Alias,
        reason: Some(Reason::RedirectAlias),
        detail: None,
        alias_of: Some(target),
        source: None,
        event: EventKind::UrlAliased,
        payload: json!({"target": target_uri}),
    }
}

fn refused(outcome: Outcome, reason: Reason, detail: String) -> End {
    let event = if outcome == Outcome::Failed {
        EventKind::UrlFailed
    } else {
        EventKind::UrlSkipped
    };
    let payload = json!({"reason": reason, "detail": detail});
    let detail = Some(detail).filter(|text| !text.is_empty());
    End {
        outcome,
        reason: Some(reason),
        detail,
        alias_of: None,
        source: None,
        event,
        payload,
    }
}

fn with_facts(mut payload: Json, page: &PageResult) -> Json {
    if let Some(members) = payload.as_object_mut() {
        members.insert("job_id".to_owned(), json!(page.entry.claim.job));
        members.insert("attempt".to_owned(), json!(page.entry.claim.attempt));
        members.insert("depth".to_owned(), json!(page.entry.depth));
        // How it was found goes with the frontier when the job is deleted; here it stays.
        members.insert("url_kind".to_owned(), json!(page.entry.kind.as_str()));
        members.insert("referrer".to_owned(), json!(page.entry.referrer));
        members.insert("found_uri".to_owned(), json!(page.entry.found));
        members.insert("redirects".to_owned(), json!(page.entry.redirects));
        members.insert("fetch".to_owned(), page.facts.to_json());
        let gaps: Vec<Json> = page
            .gaps
            .iter()
            .map(|gap| json!({"reason": gap.reason, "position": gap.position}))
            .collect();
        members.insert("gaps".to_owned(), json!(gaps));
    }
    payload
}
