//! What type of content a body is, and which types are stored.
//!
//! Owns the order of evidence: what the server declares, then the name's extension, then the first
//! bytes. It reads no content beyond those, and does not say how a type is extracted.

use std::path::Path;

use crate::markup::Syntax;

/// How much of a body is looked at for its type (MIME Sniffing, 4.1).
const SNIFFED_BYTES: usize = 1445;

/// A type of content, `text/html`, in lower case and without parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub essence: String,
}

/// Types by extension: those that are stored, and common ones that are not, so that a folder's pictures
/// are left out unread.
const EXTENSIONS: &[(&str, &[&str])] = &[
    ("text/html", &["html", "htm", "shtml"]),
    ("application/xhtml+xml", &["xhtml", "xht"]),
    ("application/xml", &["xml", "xsd"]),
    ("application/rss+xml", &["rss"]),
    ("application/atom+xml", &["atom"]),
    ("text/plain", &["txt", "text", "log"]),
    ("text/markdown", &["md", "markdown", "mdown"]),
    ("text/csv", &["csv"]),
    ("application/json", &["json", "jsonld", "geojson"]),
    ("application/x-ndjson", &["jsonl", "ndjson"]),
    ("application/pdf", &["pdf"]),
    ("application/epub+zip", &["epub"]),
    ("application/rtf", &["rtf"]),
    ("application/msword", &["doc"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
    ),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.presentation", &["odp"]),
    ("text/css", &["css"]),
    ("text/javascript", &["js", "mjs"]),
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("image/avif", &["avif"]),
    ("image/svg+xml", &["svg", "svgz"]),
    ("image/x-icon", &["ico"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/bmp", &["bmp"]),
    ("font/woff", &["woff"]),
    ("font/woff2", &["woff2"]),
    ("font/ttf", &["ttf"]),
    ("font/otf", &["otf"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["ogg", "oga"]),
    ("audio/flac", &["flac"]),
    ("audio/wav", &["wav"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov"]),
    ("video/x-msvideo", &["avi"]),
    ("video/x-matroska", &["mkv"]),
    ("application/zip", &["zip"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/x-tar", &["tar"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-xz", &["xz"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/vnd.sqlite3", &["sqlite", "sqlite3", "db"]),
    (
        "application/octet-stream",
        &["exe", "dll", "so", "bin", "iso", "dmg"],
    ),
];

/// Stored types besides those of XML and JSON, which are known by their suffix.
const STORED: &[&str] = &[
    "text/html",
    "text/plain",
    "text/markdown",
    "text/x-markdown",
    "text/csv",
    "text/rtf",
    "application/rtf",
    "application/csv",
    "application/pdf",
    "application/x-pdf",
    "application/epub+zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/x-ndjson",
    "application/jsonl",
];

/// Families of office documents, by how their types begin.
const STORED_FAMILIES: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
];

/// Types that servers send when they do not know: the content tells.
const UNKNOWN: &[&str] = &[
    "application/octet-stream",
    "application/unknown",
    "application/x-unknown",
    "binary/octet-stream",
    "unknown/unknown",
    "*/*",
];

/// Elements that HTML begins with (MIME Sniffing, 7.1).
const HTML_BEGINNINGS: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<meta",
    "<main",
    "<article",
];

impl Media {
    fn new(essence: impl Into<String>) -> Self {
        Self {
            essence: essence.into(),
        }
    }

    /// Reads a `Content-Type` header: the type, unless the server says nothing useful, and the charset.
    pub fn of_header(header: &str) -> (Option<Self>, Option<String>) {
        let mut parts = header.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches(['"', '\'']).trim();
            let is_charset = name.trim().eq_ignore_ascii_case("charset") && !value.is_empty();
            is_charset.then(|| value.to_owned())
        });
        let is_type = essence.split_once('/').is_some_and(|(kind, rest)| {
            !kind.is_empty() && !rest.is_empty() && !essence.contains(char::is_whitespace)
        });
        let known = is_type && !UNKNOWN.contains(&essence.as_str());
        (known.then(|| Self::new(essence)), charset)
    }

    /// Returns the type that the extension of `path` stands for.
    pub fn of_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        EXTENSIONS
            .iter()
            .find(|(_, extensions)| extensions.contains(&extension.as_str()))
            .map(|(essence, _)| Self::new(*essence))
    }

    /// Judges by the first bytes of `body`: markup, known formats, binary, and otherwise plain text.
    pub fn of_content(body: &[u8]) -> Self {
        let head = &body[..body.len().min(SNIFFED_BYTES)];
        if head.starts_with(b"%PDF-") {
            return Self::new("application/pdf");
        }
        // The first entry of an EPUB is stored plain and names its type (OCF 3.3, 4.3).
        if head.starts_with(b"PK\x03\x04")
            && head.get(30..58) == Some(b"mimetypeapplication/epub+zip")
        {
            return Self::new("application/epub+zip");
        }
        let is_utf_16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
        if head.contains(&0) && !is_utf_16 {
            return Self::new("application/octet-stream");
        }
        Self::new(markup_type(head).unwrap_or("text/plain"))
    }

    /// Says whether bodies of this type are stored.
    pub fn is_stored(&self) -> bool {
        let essence = self.essence.as_str();
        STORED.contains(&essence)
            || STORED_FAMILIES
                .iter()
                .any(|family| essence.starts_with(family))
            || self.is_xml()
            || self.is_json()
    }

    /// Says whether links are looked for.
    pub fn is_html(&self) -> bool {
        matches!(self.essence.as_str(), "text/html" | "application/xhtml+xml")
    }

    /// Says whether a body of this type is text, and so has a charset.
    pub fn is_text(&self) -> bool {
        (self.essence.starts_with("text/") && self.essence != "text/rtf")
            || self.is_xml()
            || self.is_json()
            || matches!(self.essence.as_str(), "application/csv")
    }

    /// Returns the rules that markup of this type is written by.
    pub(super) fn syntax(&self) -> Syntax {
        if self.is_xml() {
            Syntax::Xml
        } else {
            Syntax::Html
        }
    }

    /// Says whether a body of this type is XML and no picture.
    pub(super) fn is_xml(&self) -> bool {
        let picture = self.essence.starts_with("image/");
        matches!(self.essence.as_str(), "application/xml" | "text/xml")
            || (self.essence.ends_with("+xml") && !picture)
    }

    fn is_json(&self) -> bool {
        matches!(
            self.essence.as_str(),
            "application/json" | "text/json" | "application/x-ndjson" | "application/jsonl"
        ) || self.essence.ends_with("+json")
    }
}

fn markup_type(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = head.trim_ascii_start();
    let begins = |text: &str| {
        start
            .get(..text.len())
            .is_some_and(|bytes| bytes.eq_ignore_ascii_case(text.as_bytes()))
    };
    if begins("<?xml") {
        let text = String::from_utf8_lossy(start).to_ascii_lowercase();
        let is_xhtml = text.contains("<html") || text.contains("<!doctype html");
        return Some(if is_xhtml {
            "application/xhtml+xml"
        } else {
            "application/xml"
        });
    }
    let is_html = begins("<!--")
        || HTML_BEGINNINGS.iter().any(|tag| {
            let after = start.get(tag.len());
            begins(tag) && after.is_some_and(|&byte| byte == b'>' || byte.is_ascii_whitespace())
        });
    is_html.then_some("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_type_and_charset() {
        for (header, essence, charset) in [
            ("text/html", Some("text/html"), None),
            (
                " Text/HTML ; Charset=\"UTF-8\" ",
                Some("text/html"),
                Some("UTF-8"),
            ),
            (
                "text/plain; boundary=x; charset=koi8-r",
                Some("text/plain"),
                Some("koi8-r"),
            ),
            (
                "application/octet-stream; charset=latin1",
                None,
                Some("latin1"),
            ),
            ("html", None, None),
            ("", None, None),
            ("text/html; charset=", Some("text/html"), None),
        ] {
            let (media, label) = Media::of_header(header);
            let media = media.map(|media| media.essence);
            assert_eq!(
                (media.as_deref(), label.as_deref()),
                (essence, charset),
                "{header}"
            );
        }
    }

    #[test]
    fn text_and_documents_are_stored_and_other_types_are_not() {
        for (essence, stored) in [
            ("text/html", true),
            ("application/xhtml+xml", true),
            ("application/ld+json", true),
            ("application/rss+xml", true),
            ("application/pdf", true),
            ("application/vnd.oasis.opendocument.text", true),
            ("text/css", false),
            ("image/svg+xml", false),
            ("image/png", false),
            ("application/zip", false),
            ("application/octet-stream", false),
        ] {
            assert_eq!(Media::new(essence).is_stored(), stored, "{essence}");
        }
    }

    #[test]
    fn extensions_stand_for_types() {
        let of = |name: &str| Media::of_extension(Path::new(name)).map(|media| media.essence);
        assert_eq!(of("/a/B.HTML").as_deref(), Some("text/html"));
        assert_eq!(of("a.tar.gz").as_deref(), Some("application/gzip"));
        assert_eq!(of("README"), None);
        assert_eq!(of("a.rs"), None);
    }

    #[test]
    fn content_tells_its_type() {
        for (body, essence) in [
            (&b"\xef\xbb\xbf \n<!DocType HTML>"[..], "text/html"),
            (b"<p class=x>", "text/html"),
            (b"<!-- c --><x>", "text/html"),
            (b"<pre>", "text/plain"),
            (b"<?xml version='1.0'?><rss>", "application/xml"),
            (
                b"<?xml version='1.0'?>\n<!DOCTYPE html ...",
                "application/xhtml+xml",
            ),
            (b"%PDF-1.7\n\0", "application/pdf"),
            (
                b"PK\x03\x04..........................mimetypeapplication/epub+zip",
                "application/epub+zip",
            ),
            (b"PK\x03\x04\0\0", "application/octet-stream"),
            (b"\xff\xfea\0b\0", "text/plain"),
            (b"", "text/plain"),
        ] {
            assert_eq!(Media::of_content(body).essence, essence, "{body:?}");
        }
    }
}
