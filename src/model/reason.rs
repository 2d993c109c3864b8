//! The registry of reasons: why something that was discovered is not, or not wholly, stored.
//!
//! Every skipped, failed, cut or unfinished thing carries exactly one of these. Its stage, its class and
//! whether a retry can help are fixed here and nowhere else.

use super::job::words;

words! {
    /// The step at which something stayed incomplete.
    Stage {
        /// From a link to a stored body.
        Crawl = "crawl",
        /// From a stored body to extractions.
        Extract = "extract",
        /// From an extraction's text to its mentions.
        Entities = "entities",
    }
}

words! {
    /// How a reason is to be judged.
    Class {
        /// Left out on purpose, by a rule.
        Decision = "decision",
        /// Left out because of a cap that the user set.
        Limit = "limit",
        /// Not reached yet; going on will reach it.
        Pending = "pending",
        /// Should be there and is not.
        Loss = "loss",
    }
}

macro_rules! reasons {
    ($($variant:ident = $code:literal, $stage:ident, $class:ident, retry $retry:literal,
       $meaning:literal, $remedy:literal;)+) => {
        words! {
            /// Why something is not, or not wholly, stored.
            Reason { $(#[doc = $meaning] $variant = $code),+ }
        }

        impl Reason {
            /// Returns the step this reason belongs to.
            pub fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage),+ }
            }

            /// Returns how this reason is to be judged.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class),+ }
            }

            /// Says whether trying again, with nothing else changed, can help.
            pub fn retry_can_help(self) -> bool {
                match self { $(Self::$variant => $retry),+ }
            }

            /// Returns what the reason means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }

            /// Returns what a user can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),+ }
            }
        }
    };
}

reasons! {
    // Decisions of a crawl.
    OutOfScope = "out_of_scope", Crawl, Decision, retry false,
        "The link leaves the seed's site or folder.", "crawl that site as a seed of its own";
    Excluded = "excluded", Crawl, Decision, retry false,
        "The URL matches --exclude, or does not match --include.", "change --include or --exclude";
    RobotsDisallowed = "robots_disallowed", Crawl, Decision, retry false,
        "The site's robots.txt disallows the URL for this user agent.",
        "ask the site's owner, or crawl with --ignore-robots where you may";
    Nofollow = "nofollow", Crawl, Decision, retry false,
        "Every link to the URL asks that it is not followed (rel, meta robots or X-Robots-Tag).",
        "crawl with --ignore-nofollow where you may";
    Noindex = "noindex", Crawl, Decision, retry false,
        "The page asks not to be indexed (meta robots or X-Robots-Tag): it is stored and not extracted.",
        "crawl with --ignore-noindex where you may";
    Language = "language", Crawl, Decision, retry false,
        "The page is in a language that --language does not name.", "change --language";
    Trap = "trap", Crawl, Decision, retry false,
        "The URL is one of those that a server makes up without end.",
        "crawl with --no-trap-guard where it is meant";
    CanonicalAlias = "canonical_alias", Crawl, Decision, retry false,
        "The page names another URL as its canonical one, and that page's content agrees: it is not \
         extracted twice.", "nothing to do";
    CanonicalConflict = "canonical_conflict", Crawl, Decision, retry false,
        "The page names another URL as its canonical one, and that page's content differs: both are kept.",
        "look at both pages";
    MediaType = "media_type", Crawl, Decision, retry false,
        "The content is of a type that holds no text to extract.", "nothing to do";
    Directory = "directory", Crawl, Decision, retry false,
        "The link names a folder that has no index page; its files are crawled one by one.",
        "nothing to do";
    RedirectAlias = "redirect_alias", Crawl, Decision, retry false,
        "The URL redirects to another one, which has its own outcome.", "nothing to do";
    SymbolicLink = "symbolic_link", Crawl, Decision, retry false,
        "The file is a symbolic link that leaves the seed's folder.",
        "crawl the folder it points to as a seed of its own";
    NotRegularFile = "not_regular_file", Crawl, Decision, retry false,
        "The path is a device, a pipe or a socket.", "nothing to do";
    HiddenFile = "hidden_file", Crawl, Decision, retry false,
        "The file's name, or a folder's on the way to it, begins with a dot.",
        "crawl it as a seed of its own";
    Archive = "archive", Crawl, Decision, retry false,
        "The seed is a web archive; each of its records has an outcome of its own.", "nothing to do";
    ArchiveRecord = "archive_record", Crawl, Decision, retry false,
        "The archive's record holds no capture of a page.", "nothing to do";
    ArchivedRobots = "archived_robots", Crawl, Decision, retry false,
        "The archive's record holds a robots.txt, which is no page; nothing is fetched that its rules could be \
         asked about.", "nothing to do";
    NotArchived = "not_archived", Crawl, Decision, retry false,
        "An archived page links to it and the archives do not hold it; nothing is fetched for an archive.",
        "crawl its site as a seed of its own";

    LlmsTxtAbsent = "llms_txt_absent", Crawl, Decision, retry false,
        "The site has no llms.txt, or did not give it.", "nothing to do";
    OlderVersion = "older_version", Crawl, Decision, retry false,
        "A later version of the page is stored already; this one's body is kept beside it.",
        "nothing to do";
    Erased = "erased", Crawl, Decision, retry false,
        "The source's content was taken away on request (toolkit erase).",
        "crawl it again where you may have it again";

    // Limits of a crawl.
    MaxDepth = "max_depth", Crawl, Limit, retry false,
        "The link is deeper than --max-depth.", "crawl again with a larger --max-depth";
    MaxPages = "max_pages", Crawl, Limit, retry false,
        "--max-pages was reached before this URL's turn.", "crawl again with a larger --max-pages";
    MaxBytes = "max_bytes", Crawl, Limit, retry false,
        "--max-bytes was reached before this URL's turn.", "crawl again with a larger --max-bytes";
    MaxDuration = "max_duration", Crawl, Limit, retry false,
        "--max-duration was over before this URL's turn.", "crawl again with a longer --max-duration";
    MaxPagesPerHost = "max_pages_per_host", Crawl, Limit, retry false,
        "--max-pages-per-host was reached before this URL's turn.",
        "crawl again with a larger --max-pages-per-host";
    DailyQuota = "daily_quota", Crawl, Limit, retry true,
        "The host had seen as many fetches as --daily-quota allows on that day.",
        "crawl again tomorrow, or with a larger --daily-quota";
    BodyTruncated = "body_truncated", Crawl, Limit, retry false,
        "The body is larger than --max-body; what came before the cut is stored.",
        "crawl again with a larger --max-body";

    SitemapTruncated = "sitemap_truncated", Crawl, Limit, retry false,
        "The sitemap is larger than the protocol allows; what stands before the cut is taken.",
        "divide the sitemap: 50,000 addresses and 50 MB each";

    // Pending in a crawl.
    NotFetched = "not_fetched", Crawl, Pending, retry true,
        "The URL is known and was not fetched before the job stopped.",
        "toolkit crawl --resume JOB";
    CrawlInterrupted = "crawl_interrupted", Crawl, Pending, retry true,
        "The job died at its very end: every URL has its outcome, and what a job does when it is done was not done.",
        "toolkit crawl --resume JOB";

    // Losses of a crawl.
    CrawlFailed = "crawl_failed", Crawl, Loss, retry true,
        "The job failed although every URL has its outcome: what a job does when it is done was not done.",
        "see the detail, then toolkit crawl --resume JOB";
    NothingStored = "nothing_stored", Crawl, Loss, retry false,
        "Rules alone have left out everything of the seed's site or folder: nothing failed, and nothing is stored.",
        "see which rules with toolkit report incomplete --all";
    HttpNotFound = "http_not_found", Crawl, Loss, retry false,
        "The server answered 404 or 410: the link is dead.", "mend the link, or exclude it";
    HttpClientError = "http_client_error", Crawl, Loss, retry false,
        "The server answered another status from 400 to 499.", "see the status";
    HttpDenied = "http_denied", Crawl, Loss, retry false,
        "The server answered 401 or 403: it does not show the page to everybody.",
        "crawl with --auth or --header where you may";
    HttpServerError = "http_server_error", Crawl, Loss, retry true,
        "The server answered a status of 500 or more.", "crawl again later";
    HttpUnexpectedStatus = "http_unexpected_status", Crawl, Loss, retry false,
        "The server answered a status that is neither content nor an error.", "see the status";
    Timeout = "timeout", Crawl, Loss, retry true,
        "The server did not answer within --timeout, or not wholly within --total-timeout.",
        "crawl again later, or with a longer --timeout";
    BodyIncomplete = "body_incomplete", Crawl, Loss, retry true,
        "The connection ended before the whole body had come; what came is stored.",
        "crawl again later";
    ConnectionFailed = "connection_failed", Crawl, Loss, retry true,
        "No connection to the server, or it broke before an answer.", "crawl again later";
    DnsFailed = "dns_failed", Crawl, Loss, retry true,
        "The host's name does not resolve.", "check the name and this machine's network";
    TlsFailed = "tls_failed", Crawl, Loss, retry true,
        "The server's certificate or TLS set-up was not accepted.", "check the site's certificate";
    HeadersTooLarge = "headers_too_large", Crawl, Loss, retry false,
        "The answer's headers are more than any honest server sends.", "nothing to do from this side";
    AddressRefused = "address_refused", Crawl, Loss, retry false,
        "The host is at a private or otherwise not public address.",
        "crawl with --allow-host HOST, or --allow-private, where that is meant";
    RobotsUnreachable = "robots_unreachable", Crawl, Loss, retry true,
        "robots.txt could not be fetched, so the site counts as disallowed (RFC 9309, 2.3.1.4).",
        "crawl again later";
    RateLimited = "rate_limited", Crawl, Loss, retry true,
        "The server asked to be left alone for longer than --max-wait.",
        "crawl again later, or with a longer --max-wait";
    TooManyRedirects = "too_many_redirects", Crawl, Loss, retry false,
        "More than ten redirects in a row.", "nothing to do from this side";
    RedirectLoop = "redirect_loop", Crawl, Loss, retry false,
        "The URL redirects to itself, directly or through others.", "a cookie or login may be needed";
    MalformedRedirect = "malformed_redirect", Crawl, Loss, retry false,
        "The server redirects and names no usable target.", "nothing to do from this side";
    MalformedUrl = "malformed_url", Crawl, Loss, retry false,
        "The link is no URL that can be fetched.", "mend the link";
    ContentEncoding = "content_encoding", Crawl, Loss, retry false,
        "The body's content encoding is unknown or broken.", "crawl again later";
    DecompressionRatio = "decompression_ratio", Crawl, Loss, retry false,
        "The body grew more than a thousandfold when its content encoding was undone, or the archive a \
         hundredfold when it was unpacked; what came before the cut is stored.",
        "look at the page, it may be a trap; of an archive a larger --max-body unpacks more";
    SitemapInvalid = "sitemap_invalid", Crawl, Loss, retry false,
        "The sitemap, or what follows in it, cannot be read; the addresses before that are taken.",
        "mend the sitemap, or crawl with --no-sitemap";
    SitemapNesting = "sitemap_nesting", Crawl, Loss, retry false,
        "The sitemap stands behind more than five others, so it is not read.",
        "crawl it as a seed of its own, with --sitemap";
    FileNotFound = "file_not_found", Crawl, Loss, retry false,
        "The link names a file that does not exist.", "mend the link";
    FileUnreadable = "file_unreadable", Crawl, Loss, retry true,
        "The file could not be read.", "check its permissions";
    ArchiveDamaged = "archive_damaged", Crawl, Loss, retry false,
        "A part of the archive is no sound record; the rest is read.",
        "look for another copy of the archive";
    DigestMismatch = "digest_mismatch", Crawl, Loss, retry false,
        "The archived bytes have another digest than their record declares; they are stored as they are.",
        "look for another copy of the archive";
    ArchiveInFolder = "archive_in_folder", Crawl, Loss, retry false,
        "The file is a web archive that lies in a seed's folder: what it holds is not read.",
        "crawl it as a seed of its own, or leave it out with --exclude";
    RevisitUnresolved = "revisit_unresolved", Crawl, Loss, retry false,
        "The record repeats the content of one that the archives of the job do not hold.",
        "crawl the archive together with the one that holds the first capture";
    CrawlStoreRejected = "store_rejected", Crawl, Loss, retry true,
        "The database refused this page's row.", "see the detail; report it as a fault of this program";
    CrawlPanicked = "crawl_panicked", Crawl, Loss, retry false,
        "This program failed on the page.", "report it as a fault of this program";

    // Extraction.
    NotExtracted = "not_extracted", Extract, Pending, retry true,
        "No profile has passed the source.", "toolkit extract";
    ContentChanged = "content_changed", Extract, Pending, retry true,
        "The source's content changed after it was extracted.", "toolkit extract";
    PassPending = "pass_pending", Extract, Pending, retry true,
        "The source is extracted, and a profile that was to read it, for the first time or again, has not yet; the \
         position is the profile.", "toolkit extract";
    ExtractionInterrupted = "extraction_interrupted", Extract, Pending, retry true,
        "The job died at its very end: every source is read, and what a job does when it is done was not done.",
        "toolkit extract";
    ExtractionFailed = "extraction_failed", Extract, Loss, retry true,
        "The job failed although every source that it took is read: texts may wait for their entities.",
        "see the detail, then toolkit extract --resume JOB";
    NoBody = "no_body", Extract, Pending, retry true,
        "The source was stored before bodies were kept.", "crawl its URL again";
    BodyUnreadable = "body_unreadable", Extract, Loss, retry false,
        "The stored body could not be decompressed.", "toolkit db check, then crawl its URL again";
    NoContent = "no_content", Extract, Loss, retry false,
        "The page was read and no main text was found.", "look at the page; it may need a script to run";
    ContentUncertain = "content_uncertain", Extract, Loss, retry false,
        "The evidence of what is the main text agrees on little; what is stored may be a part, or too much.",
        "compare the text with the page";
    ImageOnly = "image_only", Extract, Loss, retry false,
        "The page shows images and next to no text.", "look at the page; no text is read from images";
    ScriptShell = "script_shell", Extract, Loss, retry false,
        "The page is a shell that scripts fill, and none are run.",
        "look for another address of the content: a feed, a sitemap, an interface of the site";
    CookieWall = "cookie_wall", Extract, Loss, retry false,
        "Only a question about cookies was read.", "look at the page; crawl it with a cookie that answers";
    LoginWall = "login_wall", Extract, Loss, retry false,
        "Only a form to log in was read.", "crawl again with --auth or --header";
    CaptchaWall = "captcha_wall", Extract, Loss, retry false,
        "Only a check for robots was read.", "crawl more slowly, or ask the site for access";
    SoftNotFound = "soft_not_found", Extract, Loss, retry false,
        "The page says that it does not exist, with a status that says it does.", "mend the link";
    CharsetErrors = "charset_errors", Extract, Loss, retry false,
        "Bytes that are invalid in the page's charset were replaced; the position is the first one's.",
        "mend the page or the charset it declares";
    JsonLdInvalid = "json_ld_invalid", Extract, Loss, retry false,
        "A JSON-LD block could not be parsed.", "mend the block on the page";
    RecordsCut = "records_cut", Extract, Loss, retry false,
        "The page holds more structured data, or deeper, than is kept of one page; the position is where that \
         began.", "divide the page or document, or look at it: it may be a trap";
    RecordCycle = "record_cycle", Extract, Loss, retry false,
        "A structured record holds itself through a reference; the inner one is left out.",
        "mend the reference on the page";
    FactsCut = "facts_cut", Extract, Loss, retry false,
        "The page holds more facts, or larger tables, than are kept of one page; the content has the rest.",
        "divide the page or document, or look at it: it may be a trap";
    DocumentInvalid = "document_invalid", Extract, Loss, retry false,
        "The document is not sound from the position on; what stands before that is read.",
        "mend the document";
    DocumentCut = "document_cut", Extract, Loss, retry false,
        "The document holds more, or deeper, than is read of one; the position is where that began.",
        "divide the document; it may be a trap";
    DocumentEncrypted = "document_encrypted", Extract, Loss, retry false,
        "The document, or the part of it at the position, is encrypted.", "store a copy without a password";
    GlyphsUnknown = "glyphs_unknown", Extract, Loss, retry false,
        "A font of the document does not say which characters its glyphs are: they are left out of the text; the \
         position is the first one's.", "look at the page; another copy of the document may have its text";
    EntityReference = "entity_reference", Extract, Loss, retry false,
        "References to entities that XML itself does not have stand in the text as they are written; the \
         position is the first one's.", "write the characters themselves in the document";
    ProfileNotApplied = "profile_not_applied", Extract, Decision, retry false,
        "The profile is not for this page: its URL, type or language is none of those that it names.",
        "change [applies] in the profile";
    FieldMissing = "field_missing", Extract, Loss, retry false,
        "A field that the profile requires was not found; the position is the group, the field and the instance.",
        "toolkit profile test shows what was looked for";
    FieldUnparsable = "field_unparsable", Extract, Loss, retry false,
        "What was found for a field is not of its type.", "narrow it by a selector or a pattern, or change the type";
    FieldInvalid = "field_invalid", Extract, Loss, retry false,
        "What was found for a field is excluded by its rules.",
        "change min, max, allowed, lookup or pattern in the profile, or look at the page";
    FieldConflict = "field_conflict", Extract, Loss, retry false,
        "Two pieces of evidence on the page say different things of a field; the better one is kept.",
        "look at the page; take the evidence away that does not mean the field";
    FieldsCut = "fields_cut", Extract, Loss, retry false,
        "The page holds more for the profile than is kept of one page.", "change limit in the profile, or divide it";
    NoModel = "no_model", Extract, Loss, retry false,
        "The field asks a model, there is none, and nothing else has found it.",
        "write a selector, json_ld, labels or a pattern for it in the profile";
    UnsupportedMediaType = "unsupported_media_type", Extract, Loss, retry false,
        "No extractor reads this type of content yet.", "nothing to do with this version";
    TreeTooDeep = "tree_too_deep", Extract, Loss, retry false,
        "Elements are nested deeper than the parser keeps; deeper ones are read as siblings.",
        "look at the page";
    ExtractionPanicked = "extraction_panicked", Extract, Loss, retry false,
        "An extractor failed on the page.", "report it as a fault of this program";
    ExtractStoreRejected = "extraction_rejected", Extract, Loss, retry true,
        "The database refused the extraction's rows.",
        "see the detail; report it as a fault of this program";

    // Entities.
    WindowFailed = "window_failed", Entities, Loss, retry true,
        "A recognizer failed on a part of the text; the position is that part.", "toolkit extract";
    MentionsRejected = "mentions_rejected", Entities, Loss, retry true,
        "The database refused the mentions of the extraction.",
        "see the detail; report it as a fault of this program";
    EntitiesIncomplete = "entities_incomplete", Entities, Pending, retry true,
        "The extraction's entities are not all stored (its flag is FALSE).", "toolkit extract";
    EntitiesUnknown = "entities_unknown", Entities, Pending, retry true,
        "The extraction is from before entities were tracked (its flag is NULL).", "toolkit extract";
    EntitiesStale = "entities_stale", Entities, Pending, retry true,
        "The extraction's entities were found by older recognizers.", "toolkit extract";
}

impl Reason {
    /// Says whether it is about the fields that a profile asks for.
    pub fn is_of_profile(self) -> bool {
        matches!(
            self,
            Self::ProfileNotApplied
                | Self::FieldMissing
                | Self::FieldUnparsable
                | Self::FieldInvalid
                | Self::FieldConflict
                | Self::FieldsCut
                | Self::NoModel
        )
    }

    /// Says whether another link to the same URL may lead further: a URL left out for this reason is
    /// taken up by a link that may be followed.
    pub fn hangs_on_referrer(self) -> bool {
        matches!(self, Self::Nofollow | Self::Trap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_lower_case_and_explained() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert!(
            codes
                .iter()
                .all(|code| code.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
        );
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        for reason in Reason::ALL {
            assert!(reason.meaning().ends_with('.'), "{reason}");
            assert!(!reason.remedy().is_empty(), "{reason}");
        }
    }

    #[test]
    fn words_read_back() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse::<Reason>().unwrap(), *reason);
        }
        assert!(
            "nonsense"
                .parse::<Stage>()
                .unwrap_err()
                .contains("crawl, extract, entities")
        );
    }
}
