//! Archives that a crawl writes: WARC 1.1 with a CDXJ index beside it.
//!
//! Owns what of a crawl goes into an archive and in which form. The records of a page wait here, ready,
//! until the job loop appends them with the page's commit; the writer owns the files. Reading archives is
//! next door.
//!
//! For each HTTP exchange, tries that failed and robots.txt included: a `response` (or a `revisit`, where
//! its payload is committed already or the server said that nothing changed), a `request` and a `metadata`;
//! for each file a `resource` and a `metadata`. Bodies stand as transferred, without chunks and with their
//! content encoding; those of errors and redirects are read for the archive alone, and those of types that
//! the crawl does not store are not read, which `WARC-Truncated: unspecified` says. Digests are SHA-256,
//! because a payload that is taken for another one by SHA-1 would be lost. `Set-Cookie`, `Cookie`,
//! credentials and every header that the user adds are left out, and so are users and passwords in the URLs of
//! a response's head, which a site may have from the request; the metadata names these headers. A body is
//! evidence: it is written byte for byte, whatever stands in it.

mod copies;
mod exchange;
mod index;
mod record;
mod redact;
mod surt;
#[cfg(test)]
mod tests;
mod trail;
mod writer;
mod written;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exchange::LeftOut;
use index::Capture;
use record::{Draft, Kind, Packing, RecordId, push_field};
use url::Url;
use written::Written;

use super::CrawlSettings;
use super::media::Media;
use crate::model::{Digest, FrontierEntry, JobId, RobotsDecision, Timestamp, UriKey};

pub use copies::{CopyWriter, StoredCopy};
pub(super) use exchange::{Captured, Wire};
pub use index::sort as sort_index;
pub(super) use trail::Trail;
pub use writer::{ArchiveWriter, Lengths, index_path};

/// Why an archive cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A new archive would take the place of something.
    #[error("{} holds something already", .0.display())]
    Exists(PathBuf),
    /// The path names a folder, a device or a pipe, or has no name that is text.
    #[error("{} is no regular file", .0.display())]
    NotAFile(PathBuf),
    /// Another process has the archive open.
    #[error("{} is being written by another process", .0.display())]
    InUse(PathBuf),
    /// The file of a job that is resumed has lost some of what was written.
    #[error("{} has {length} bytes, and {committed} of the job were written", .path.display())]
    Short {
        path: PathBuf,
        length: u64,
        committed: u64,
    },
    /// The device is full, or the file cannot be written for another reason.
    #[error("cannot write {}", .path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl ArchiveError {
    pub(super) fn of(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// The file that the error speaks of.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Exists(path)
            | Self::NotAFile(path)
            | Self::InUse(path)
            | Self::Short { path, .. }
            | Self::File { path, .. } => path,
        }
    }
}

/// A record, ready to be appended.
#[derive(Debug)]
pub struct Record {
    bytes: Vec<u8>,
    /// The line of the index, for records that have one.
    capture: Option<Capture>,
    /// The payload that later records may refer to.
    payload: Option<Digest>,
}

impl Record {
    fn bare(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            capture: None,
            payload: None,
        }
    }
}

/// Makes records, on any thread, and holds them until they are appended.
#[derive(Debug)]
pub struct Recorder {
    packing: Packing,
    warcinfo: RecordId,
    job: JobId,
    written: Arc<Written>,
    ready: Mutex<Ready>,
}

#[derive(Debug, Default)]
struct Ready {
    pages: HashMap<UriKey, Vec<Record>>,
    others: Vec<Record>,
    /// What kept a record from being made: an archive must not miss one unsaid.
    failure: Option<io::Error>,
}

/// What is known of a page besides what went over the wire.
#[derive(Debug)]
pub(super) struct PageNotes<'a> {
    pub(super) entry: &'a FrontierEntry,
    pub(super) robots: Option<&'a RobotsDecision>,
    pub(super) charset: Option<&'a str>,
}

impl Recorder {
    /// Makes a recorder for the archive that `writer` holds, with the record that says who writes it and
    /// how. Every run of a job has one of its own.
    pub fn new(settings: &CrawlSettings, job: JobId, writer: &ArchiveWriter) -> io::Result<Self> {
        let name = writer.name();
        let recorder = Self {
            packing: Packing::of_name(name),
            warcinfo: RecordId::new(),
            job,
            written: writer.written(),
            ready: Mutex::default(),
        };
        let record = recorder.warcinfo(settings, name)?;
        recorder.ready().others.push(record);
        Ok(recorder)
    }

    /// Takes the records of a visited URL.
    pub fn take_page(&self, key: UriKey) -> Vec<Record> {
        self.ready().pages.remove(&key).unwrap_or_default()
    }

    /// Takes the records that belong to no URL of the frontier.
    pub fn take_others(&self) -> io::Result<Vec<Record>> {
        let mut ready = self.ready();
        match ready.failure.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut ready.others)),
        }
    }

    /// Returns what was made; a failure ends the job at its next commit.
    fn or_fail<T>(&self, made: io::Result<T>) -> Option<T> {
        made.map_err(|error| self.ready().failure = Some(error))
            .ok()
    }

    /// Holds the records of a visit until the page is committed.
    pub(super) fn hold_page(
        &self,
        captured: Vec<Captured>,
        notes: &PageNotes<'_>,
    ) -> io::Result<()> {
        let count = captured.len();
        let mut records = Vec::with_capacity(count * 3);
        for (number, mut one) in captured.into_iter().enumerate() {
            let is_last = number + 1 == count;
            let metadata = self.metadata(&one, Some(notes), is_last)?;
            records.append(&mut one.records);
            records.push(metadata);
        }
        self.ready().pages.insert(notes.entry.key, records);
        Ok(())
    }

    /// Holds the records of an exchange that is no page's: a robots.txt, or a visit that was given up.
    pub(super) fn hold_others(&self, captured: Vec<Captured>) -> io::Result<()> {
        for mut one in captured {
            let metadata = self.metadata(&one, None, false)?;
            let mut ready = self.ready();
            ready.others.append(&mut one.records);
            ready.others.push(metadata);
        }
        Ok(())
    }

    /// Makes the record of a file that was read.
    pub(super) fn file(
        &self,
        url: &Url,
        at: Timestamp,
        bytes: &[u8],
        is_cut: bool,
    ) -> Option<Captured> {
        self.or_fail(self.resource(url, at, bytes, is_cut))
    }

    fn resource(
        &self,
        url: &Url,
        at: Timestamp,
        bytes: &[u8],
        is_cut: bool,
    ) -> io::Result<Captured> {
        let uri = url.as_str();
        let media_type = Media::of_extension(Path::new(url.path()))
            .unwrap_or_else(|| Media::of_content(bytes))
            .essence;
        let digest = Digest::of(bytes);
        let truncated = is_cut.then_some("length");
        let mut fields = vec![
            ("WARC-Target-URI", uri.to_owned()),
            ("WARC-Warcinfo-ID", self.warcinfo.to_string()),
            ("WARC-Payload-Digest", record::labelled(&digest)),
        ];
        fields.extend(truncated.map(|why| ("WARC-Truncated", why.to_owned())));
        let draft = Draft {
            id: RecordId::new(),
            kind: Kind::Resource,
            at,
            content_type: Some(&media_type),
            fields,
            block: [bytes, &[]],
        };
        let capture = Capture {
            uri: uri.to_owned(),
            at,
            mime: media_type.clone(),
            status: None,
            digest,
            truncated,
        };
        Ok(Captured {
            records: vec![Record {
                bytes: draft.write(self.packing)?,
                capture: Some(capture),
                payload: None,
            }],
            response: draft.id,
            uri: uri.to_owned(),
            at,
            took: std::time::Duration::ZERO,
            left_out: LeftOut::default(),
        })
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Software, format, robots policy and job; nothing of who runs it, and on which machine.
    fn warcinfo(&self, settings: &CrawlSettings, name: &str) -> io::Result<Record> {
        let robots = if settings.ignore_robots {
            "ignore"
        } else {
            "obey"
        };
        let mut block = String::new();
        for (name, value) in [
            ("software", concat!("toolkit/", env!("CARGO_PKG_VERSION"))),
            ("format", "WARC File Format 1.1"),
            (
                "conformsTo",
                "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            ),
            ("robots", robots),
            ("http-header-user-agent", &settings.user_agent),
            ("isPartOf", &format!("job {}", self.job)),
        ] {
            push_field(&mut block, name, value);
        }
        let draft = Draft {
            id: self.warcinfo,
            kind: Kind::Warcinfo,
            at: Timestamp::now(),
            content_type: Some("application/warc-fields"),
            fields: vec![("WARC-Filename", name.to_owned())],
            block: [block.as_bytes(), &[]],
        };
        Ok(Record::bare(draft.write(self.packing)?))
    }

    fn metadata(
        &self,
        of: &Captured,
        notes: Option<&PageNotes<'_>>,
        is_last: bool,
    ) -> io::Result<Record> {
        let mut block = String::new();
        if let Some(notes) = notes {
            let entry = notes.entry;
            if let Some(referrer) = &entry.referrer {
                push_field(&mut block, "via", referrer);
            }
            // One L for each link that was followed and one R for each redirect behind the last of them;
            // redirects further up are not known here.
            let links = "L".repeat(usize::try_from(entry.depth).unwrap_or(0).min(1000));
            let redirects = "R".repeat(usize::try_from(entry.redirects).unwrap_or(0).min(1000));
            push_field(&mut block, "hopsFromSeed", &(links + &redirects));
            push_field(&mut block, "depth", &entry.depth.to_string());
            if let Some(robots) = notes.robots {
                push_field(&mut block, "robots", &decision(robots));
            }
            if let Some(charset) = notes.charset.filter(|_| is_last) {
                push_field(&mut block, "charset", charset);
            }
        }
        push_field(&mut block, "fetchTimeMs", &of.took.as_millis().to_string());
        for (name, headers) in [
            ("withheldHeaders", &of.left_out.withheld),
            ("redactedHeaders", &of.left_out.redacted),
        ] {
            if !headers.is_empty() {
                push_field(&mut block, name, &headers.join(", "));
            }
        }
        push_field(&mut block, "jobId", &self.job.to_string());
        let draft = Draft {
            id: RecordId::new(),
            kind: Kind::Metadata,
            at: of.at,
            content_type: Some("application/warc-fields"),
            fields: vec![
                ("WARC-Target-URI", of.uri.clone()),
                ("WARC-Warcinfo-ID", self.warcinfo.to_string()),
                ("WARC-Concurrent-To", of.response.to_string()),
            ],
            block: [block.as_bytes(), &[]],
        };
        Ok(Record::bare(draft.write(self.packing)?))
    }
}

/// What robots.txt said, in a line.
fn decision(robots: &RobotsDecision) -> String {
    let verdict = if robots.allowed {
        "allowed"
    } else {
        "disallowed"
    };
    let rule = match (robots.line, robots.rule.as_deref()) {
        (Some(line), Some(rule)) => format!(", line {line}: {rule}"),
        _ => String::new(),
    };
    format!("{verdict} ({}){rule}", robots.fetch_status)
}
