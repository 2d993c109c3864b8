//! The commit of a crawl's page: its body and source, its outcome, the URLs it leads to, its gaps and its
//! event, all or nothing.

use serde_json::{Value as Json, json};

use super::Store;
use super::error::Result;
use super::frontier::Claims;
use super::gaps::GapOwner;
use super::sources::Fetched;
use super::value::values;
use crate::model::{
    Class, Event, EventKind, Gap, Outcome, PageOutcome, PageResult, Reason, SourceChange, SourceId,
    Stage, UriKey,
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
    /// Writes one page's result; called inside a transaction.
    pub fn store_page(&mut self, claims: &mut Claims, page: &PageResult) -> Result<Outcome> {
        let kept = self.instead_of_fragment(page)?;
        let page = kept.as_ref().unwrap_or(page);
        let entry = &page.entry;
        let mut gaps = page.gaps.clone();
        let end = match &page.outcome {
            PageOutcome::Stored { .. } => self.store_content(page)?,
            PageOutcome::Alias { target, target_uri } => {
                if self.alias_leads_to(entry.claim.job, *target, entry.key)? {
                    let detail = format!("redirects to {target_uri}, which leads back here");
                    refused(Outcome::Failed, Reason::RedirectLoop, detail)
                } else {
                    End {
                        outcome: Outcome::Alias,
                        reason: Some(Reason::RedirectAlias),
                        detail: None,
                        alias_of: Some(*target),
                        source: None,
                        event: EventKind::UrlAliased,
                        payload: json!({"target": target_uri}),
                    }
                }
            }
            PageOutcome::Skipped { reason, detail } => {
                refused(Outcome::Skipped, *reason, detail.clone())
            }
            PageOutcome::Failed { reason, detail } => {
                refused(Outcome::Failed, *reason, detail.clone())
            }
        };
        if let Some(reason) = end.reason
            && reason.class() != Class::Decision
        {
            gaps.push(Gap::whole(reason, end.detail.clone().unwrap_or_default()));
        }
        self.finish_url(
            entry,
            end.outcome,
            end.reason,
            end.detail.as_deref(),
            end.alias_of,
            end.source,
        )?;
        let source = match end.source {
            Some(stored) => Some(stored),
            // What an earlier crawl stored here has a loss now.
            None => self.source_by_uri(&entry.uri)?,
        };
        let owner = GapOwner {
            what: entry.key,
            uri: &entry.uri,
            source_group: &page.source_group,
            source,
            extraction: None,
        };
        let (job, at) = (entry.claim.job, page.fetched_at);
        if end.source.is_some() {
            self.settle_gaps(Stage::Crawl, &owner, &gaps, job, at)?;
        } else {
            self.settle_fetch_gaps(&owner, &gaps, job, at)?;
        }
        self.add_urls(claims, Some(&entry.uri), &page.discovered, page.fetched_at)?;
        self.record(&Event {
            kind: end.event,
            source_uri: Some(entry.uri.clone()),
            payload: with_facts(end.payload, page),
            at: page.fetched_at,
        })?;
        Ok(end.outcome)
    }

    /// A fragment does not take the place of a whole body that is stored: the fetch has failed.
    fn instead_of_fragment(&mut self, page: &PageResult) -> Result<Option<PageResult>> {
        let broken = page
            .gaps
            .iter()
            .find(|gap| gap.reason == Reason::BodyIncomplete);
        let Some(gap) = broken else { return Ok(None) };
        let whole = self.count(
            "SELECT COUNT(*) FROM sources WHERE uri_key = $1 AND body_digest IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM gaps WHERE gaps.what = $1 AND gaps.resolved_at IS NULL \
             AND gaps.reason IN ('body_incomplete', 'body_truncated', 'content_encoding', \
             'decompression_ratio') \
             AND gaps.position <> '')",
            &values![page.entry.key],
        )?;
        let outcome = PageOutcome::Failed {
            reason: Reason::BodyIncomplete,
            detail: gap.detail.clone(),
        };
        Ok((whole > 0).then(|| PageResult {
            outcome,
            gaps: Vec::new(),
            ..page.clone()
        }))
    }

    fn store_content(&mut self, page: &PageResult) -> Result<End> {
        let PageOutcome::Stored {
            body,
            title,
            media_type,
            charset,
            charset_source,
            extractable,
            links,
            other_links,
        } = &page.outcome
        else {
            return Ok(refused(
                Outcome::Failed,
                Reason::CrawlPanicked,
                String::new(),
            ));
        };
        self.keep_body(body, links, *other_links, page.fetched_at)?;
        let (source, change, before) = self.put_source(&Fetched {
            entry: &page.entry,
            body,
            source_group: &page.source_group,
            title: title.as_deref(),
            media_type,
            charset: charset.as_deref(),
            charset_source: charset_source.as_deref(),
            status: page.facts.status,
            extractable: *extractable,
            at: page.fetched_at,
        })?;
        let (outcome, event) = match change {
            SourceChange::New => (Outcome::New, EventKind::SourceCreated),
            SourceChange::Changed => (Outcome::Changed, EventKind::SourceChanged),
            SourceChange::Unchanged => (Outcome::Unchanged, EventKind::SourceUnchanged),
        };
        let payload = json!({
            "body_digest": body.digest,
            "body_size": body.size,
            "previous_body_digest": before.filter(|_| change == SourceChange::Changed),
            "media_type": media_type,
            "charset": charset,
            "charset_source": charset_source,
            "link_count": links.len(),
        });
        Ok(End {
            outcome,
            reason: None,
            detail: None,
            alias_of: None,
            source: Some(source),
            event,
            payload,
        })
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
        self.transaction("store_pages", |store| store.store_page(claims, &refused))?;
        Ok(())
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
