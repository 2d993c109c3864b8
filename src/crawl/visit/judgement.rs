//! What an answer's head says of a page, before its body is read.

use crate::crawl::fetch::Head;
use crate::crawl::media::Media;
use crate::model::{FrontierEntry, Reason, UrlKind};
use url::Url;

/// What an answer's head says without its body.
pub(super) enum Judgement {
    Redirect,
    Unmodified,
    Failed(Reason),
    Skipped(Media),
}

/// Judges an answer by its head; `None` when the body is wanted.
pub(super) fn judge_head(head: &Head, url: &Url, entry: &FrontierEntry) -> Option<Judgement> {
    match head.status {
        // The content tells whether it is one, in whatever it is packed.
        200 | 201 | 203 if entry.kind == UrlKind::Sitemap => None,
        200 | 201 | 203 => {
            let declared = Media::of_header(head.header("content-type").unwrap_or_default()).0;
            let media = declared.or_else(|| Media::of_extension(url.path().as_ref()))?;
            (!media.is_stored()).then_some(Judgement::Skipped(media))
        }
        status if is_redirect(status) => Some(Judgement::Redirect),
        304 if entry.stored.is_some() => Some(Judgement::Unmodified),
        404 | 410 => Some(Judgement::Failed(Reason::HttpNotFound)),
        401 | 403 => Some(Judgement::Failed(Reason::HttpDenied)),
        400..=499 => Some(Judgement::Failed(Reason::HttpClientError)),
        500..=599 => Some(Judgement::Failed(Reason::HttpServerError)),
        _ => Some(Judgement::Failed(Reason::HttpUnexpectedStatus)),
    }
}

/// Says whether a status sends on to another URL.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}
