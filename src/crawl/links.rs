//! Links and the title of an HTML page, found in one pass over its bytes without a tree.
//!
//! Owns how what the pass in `scan` finds becomes absolute URLs. It normalizes nothing and decides nothing
//! about scope; text and structure are the extract room's.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::scan::{Scan, Written};
use super::uri::without_secrets;
use crate::markup::Syntax;
use crate::model::{Gap, Reason, Simhash, clean_text, decode_text};

/// How much of a malformed link its gap shows.
const DETAIL_CHARACTERS: usize = 200;

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLink {
    /// Without user name and password, otherwise not normalized.
    pub url: Url,
    /// Each place that links there asks not to follow it.
    pub nofollow: bool,
}

/// What a page links to, and what it says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FoundLinks {
    /// The first title, its white space collapsed.
    pub title: Option<String>,
    /// The simhash of the text; none of a short one.
    pub simhash: Option<Simhash>,
    /// Distinct absolute http, https and file links in the order of the page.
    pub links: Vec<FoundLink>,
    /// The URL that the page's head calls its canonical one, without user name and password.
    pub canonical: Option<Url>,
    /// The language tag of the page's `html` element, as written.
    pub language: Option<String>,
    /// Names and contents of the `meta` elements that may be for robots.
    pub robots: Vec<(String, String)>,
    /// How many distinct links there are of each other scheme.
    pub other_schemes: BTreeMap<String, u64>,
    /// Links that are no URL.
    pub gaps: Vec<Gap>,
}

/// Finds the links of the HTML page `body`, fetched from `url` and written in the charset named `charset`.
///
/// Links are those of `a`, `area`, `iframe`, `frame`, `link` (next, prev, alternate) and a refresh by
/// `meta`. What stands in a `template`, a script or a comment is inert and is left out; `noscript` is
/// read, since nothing here runs scripts.
pub fn find_links(body: &[u8], charset: &str, url: &Url, syntax: Syntax) -> FoundLinks {
    let encoding = Encoding::for_label(charset.as_bytes()).unwrap_or(UTF_8);
    let scan = if encoding.is_ascii_compatible() {
        Scan::of(body, encoding, syntax)
    } else {
        Scan::of(decode_text(body, charset).text.as_bytes(), UTF_8, syntax)
    };
    resolve(scan, url, encoding)
}

/// Makes the links that the pass found absolute.
fn resolve(scan: Scan, url: &Url, encoding: &'static Encoding) -> FoundLinks {
    let base = scan.base.and_then(|href| {
        let base = url.join(&href).ok()?;
        // HTML, 4.2.3: a base of these schemes counts for nothing.
        (!matches!(base.scheme(), "data" | "javascript")).then_some(base)
    });
    let base = base.as_ref().unwrap_or(url);
    let encode: &dyn Fn(&str) -> Cow<'_, [u8]> =
        &|query| Cow::Owned(encoding.output_encoding().encode(query).0.into_owned());
    let options = Url::options().base_url(Some(base));
    let options = if encoding.output_encoding() == UTF_8 {
        options
    } else {
        // The URL Standard has a query in the page's own charset.
        options.encoding_override(Some(encode))
    };
    let about = scan.about;
    let canonical = about.canonical.and_then(|href| options.parse(&href).ok());
    let mut found = FoundLinks {
        title: about.title.filter(|title| !title.is_empty()),
        simhash: scan.shingles.finish(),
        canonical: canonical.map(bare),
        language: about.language,
        robots: about.robots,
        ..FoundLinks::default()
    };
    let written = distinct(scan.links, |link| &link.text, |link| link.nofollow);
    for (Written { at, text, .. }, nofollow) in written {
        match options.parse(&text) {
            Ok(link) => found.add(link, nofollow),
            Err(error) => found.gaps.push(malformed(at, &text, &error.to_string())),
        }
    }
    let links = distinct(found.links, |link| link.url.as_str(), |link| link.nofollow);
    found.links = links
        .into_iter()
        .map(|(link, nofollow)| FoundLink { nofollow, ..link })
        .collect();
    found
}

/// Leaves out what has come before by its key; one place that may be followed is enough. Returns each
/// with whether all of its places ask not to be followed.
fn distinct<T>(
    links: Vec<T>,
    key: impl Fn(&T) -> &str,
    nofollow: impl Fn(&T) -> bool,
) -> Vec<(T, bool)> {
    let mut firsts: HashMap<&str, usize> = HashMap::with_capacity(links.len());
    let mut marks: Vec<Option<bool>> = Vec::with_capacity(links.len());
    for (place, link) in links.iter().enumerate() {
        let first = *firsts.entry(key(link)).or_insert(place);
        if first == place {
            marks.push(Some(nofollow(link)));
        } else {
            marks[first] = marks[first].map(|mark| mark && nofollow(link));
            marks.push(None);
        }
    }
    let marked = links.into_iter().zip(marks);
    marked
        .filter_map(|(link, mark)| Some((link, mark?)))
        .collect()
}

/// Returns a URL without user name and password.
fn bare(link: Url) -> Url {
    let has_secrets = !link.username().is_empty() || link.password().is_some();
    let without = has_secrets.then(|| Url::parse(&without_secrets(&link)).ok());
    without.flatten().unwrap_or(link)
}

impl FoundLinks {
    fn add(&mut self, link: Url, nofollow: bool) {
        match link.scheme() {
            "http" | "https" | "file" => self.links.push(FoundLink {
                url: bare(link),
                nofollow,
            }),
            scheme => *self.other_schemes.entry(scheme.to_owned()).or_default() += 1,
        }
    }
}

/// Makes the gap for a link at byte `at` that is no URL, because of `error`.
pub(super) fn malformed(at: usize, raw: &str, error: &str) -> Gap {
    let shown: String = clean_text(raw.trim())
        .chars()
        .take(DETAIL_CHARACTERS)
        .collect();
    // A malformed link can still hold a password: what stands before an @ is left out.
    let shown = match (shown.find("//"), shown.rfind('@')) {
        (Some(slashes), Some(at)) if slashes < at => {
            format!("{}…{}", &shown[..slashes + 2], &shown[at..])
        }
        _ => shown,
    };
    Gap::at(
        Reason::MalformedUrl,
        at.to_string(),
        format!("{shown}: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> FoundLinks {
        let url = Url::parse("https://example.com/a/b.html?q#f").unwrap();
        find_links(html.as_bytes(), "UTF-8", &url, Syntax::Html)
    }

    fn links(html: &str) -> Vec<String> {
        let links = page(html).links.into_iter();
        links.map(|link| String::from(link.url)).collect()
    }

    #[test]
    fn a_link_is_read_however_it_is_written() {
        for (html, link) in [
            (
                "<a href='?a=1&amp;b=2'>",
                "https://example.com/a/b.html?a=1&b=2",
            ),
            (
                "<a href='?a=1&#38;b=2'>",
                "https://example.com/a/b.html?a=1&b=2",
            ),
            ("<A HREF=x.html>", "https://example.com/a/x.html"),
            ("<a href=x.html#part>", "https://example.com/a/x.html#part"),
            (
                "<a\nclass=x\nhref = \" \t\n x.html \n \">",
                "https://example.com/a/x.html",
            ),
            ("<a href='x\n.html'>", "https://example.com/a/x.html"),
            ("<a href=//other.test/x>", "https://other.test/x"),
            ("<a href=../../../c/./d>", "https://example.com/c/d"),
            ("<a href=/é?ü>", "https://example.com/%C3%A9?%C3%BC"),
            ("<a href=%e2%82%ac>", "https://example.com/a/%e2%82%ac"),
            ("<a href=''>", "https://example.com/a/b.html?q"),
            ("<a href=https:x.html>", "https://example.com/a/x.html"),
            ("<a href=\\x>", "https://example.com/x"),
            ("<a href=x href=y>", "https://example.com/a/x"),
            (
                "<a href=https://name:secret@example.com/>",
                "https://example.com/",
            ),
            ("<map><area href=x></map>", "https://example.com/a/x"),
            ("<iframe src=x></iframe>", "https://example.com/a/x"),
            (
                "<frameset><frame src=x></frameset>",
                "https://example.com/a/x",
            ),
            ("<link rel='PREV up' href=x>", "https://example.com/a/x"),
            (
                "<link rel=alternate type=application/atom+xml href=x>",
                "https://example.com/a/x",
            ),
            (
                "<meta http-equiv=Refresh content='0; URL=x'>",
                "https://example.com/a/x",
            ),
            (
                "<meta http-equiv=refresh content=\"3,url = 'x' y\">",
                "https://example.com/a/x",
            ),
            (
                "<meta http-equiv=refresh content='0;x?a&amp;b'>",
                "https://example.com/a/x?a&b",
            ),
            (
                "<noscript><p><a href=x></noscript>",
                "https://example.com/a/x",
            ),
            ("<svg><a xlink:href=x></a></svg>", "https://example.com/a/x"),
            (
                "<svg><template><a href=x></a></template></svg>",
                "https://example.com/a/x",
            ),
            ("<a href=x", ""),
        ] {
            let expected: Vec<_> = Some(link)
                .filter(|link| !link.is_empty())
                .into_iter()
                .collect();
            assert_eq!(links(html), expected, "{html}");
        }
    }

    #[test]
    fn what_is_inert_is_no_link() {
        for html in [
            "<template><a href=x></a></template>",
            "<template><div></template></div><template><a href=x>",
            "<script>document.write('<a href=x>')</script>",
            "<style><a href=x></style>",
            "<textarea><a href=x></textarea>",
            "<!-- <a href=x> -->",
            "<title><a href=x></title>",
            "<link rel=stylesheet href=x>",
            "<link rel='alternate stylesheet' href=x>",
            "<link rel=canonical href=x>",
            "<meta http-equiv=refresh content=30>",
            "<meta http-equiv=refresh content='x'>",
            "<a name=x>",
            "<img src=x>",
        ] {
            assert_eq!(links(html), Vec::<String>::new(), "{html}");
        }
        let after = "<template><template></template><a href=x></template><a href=y>";
        assert_eq!(links(after), ["https://example.com/a/y"]);
    }

    #[test]
    fn the_first_base_counts_for_every_link() {
        let html =
            "<a href=x></a><base target=_top><base href=/new/?q><base href=/late/><a href=?r>";
        assert_eq!(
            links(html),
            ["https://example.com/new/x", "https://example.com/new/?r"]
        );
        assert_eq!(
            links("<base href=data:,x><a href=y>"),
            ["https://example.com/a/y"]
        );
    }

    #[test]
    fn nested_noscripts_are_read_without_depth() {
        let html = format!("{}<a href=x>", "<NoScript>".repeat(200_000));
        assert_eq!(links(&html), ["https://example.com/a/x"]);
    }

    #[test]
    fn a_malformed_link_has_its_place() {
        let html = "<p><a href='http://'>x</a><noscript>é<a href='https://:1'></noscript>";
        let places: Vec<_> = page(html)
            .gaps
            .into_iter()
            .map(|gap| gap.position)
            .collect();
        assert_eq!(places, ["3", "38"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(html in "(<|>|a|/|!--|template|noscript|title|svg|href=|&#|x|;|'|\"| |é|\0){0,60}") {
            let url = Url::parse("http://e.com/").unwrap();
            for charset in ["UTF-8", "UTF-16BE", "ISO-2022-JP", "gb18030"] {
                find_links(html.as_bytes(), charset, &url, Syntax::Html);
            }
        }
    }

    #[test]
    fn nofollow_counts_when_no_other_link_leads_there() {
        let html = "<a rel='noopener NOFOLLOW' href=x><area rel=nofollow href=y><a href=./y>\
                    <a rel=nofollow href=z><a href=z><a rel=ugc href=u><link rel='next nofollow' href=n>\
                    <noscript><a rel=nofollow href=s></noscript>";
        let expected = [
            ("x", true),
            ("y", false),
            ("z", false),
            ("u", false),
            ("n", true),
            ("s", true),
        ];
        let found = page(html);
        let seen = found
            .links
            .iter()
            .map(|link| (link.url.path(), link.nofollow));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            expected
                .map(|(path, nofollow)| { (format!("/a/{path}"), nofollow) })
                .iter()
                .map(|(path, nofollow)| (path.as_str(), *nofollow))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_page_says_what_it_is() {
        let found = page(
            "<html lang=de-AT><base href=/b/><meta name=Robots content='NoIndex'>\
             <meta name=description content='all'><link rel=canonical href='c?a&amp;b'>\
             <link rel=canonical href=second>",
        );
        assert_eq!(
            found.canonical.unwrap().as_str(),
            "https://example.com/b/c?a&b"
        );
        assert_eq!(found.language.as_deref(), Some("de-AT"));
        assert_eq!(found.robots, [("Robots".to_owned(), "NoIndex".to_owned())]);
        for html in [
            "<body><link rel=canonical href=x>",
            "<template><link rel=canonical href=x></template>",
            "<link rel=canonical href='http://'>",
        ] {
            assert_eq!(page(html).canonical, None, "{html}");
        }
    }

    #[test]
    fn links_are_distinct_and_in_order() {
        assert_eq!(
            links("<a href=y><a href=x><a href=./y><a href=y><a href=/a/y>"),
            ["https://example.com/a/y", "https://example.com/a/x"]
        );
    }

    #[test]
    fn other_schemes_are_counted_and_malformed_links_are_gaps() {
        let html = "<a href=mailto:a@example.com><a href='javascript:void(0)'><a href='JavaScript:x()'>\
                    <a href=tel:1><a href='http://'><a href='http://a b/'><a href='https://n:secret@:1/'>";
        let found = page(html);
        let counts: Vec<_> = found
            .other_schemes
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        assert_eq!(counts, [("javascript", 2), ("mailto", 1), ("tel", 1)]);
        assert_eq!(found.gaps.len(), 3);
        assert!(
            found
                .gaps
                .iter()
                .all(|gap| gap.reason == Reason::MalformedUrl)
        );
        assert!(found.gaps[0].detail.starts_with("http://:"));
        assert!(!found.gaps[2].detail.contains("secret"));
        let long = format!("<a href='http://a b/{}'>", "é".repeat(300));
        assert!(page(&long).gaps[0].detail.chars().count() < 240);
    }

    #[test]
    fn the_title_is_the_first_one_of_the_page_itself() {
        for (html, title) in [
            (
                "<title>\n A &amp; B\t&lt;c&gt; <b> </title><title>no</title>",
                Some("A & B <c> <b>"),
            ),
            (
                "<svg><title>icon</title></svg><title>Page</title>",
                Some("Page"),
            ),
            (
                "<template><title>no</title></template><title>Page</title>",
                Some("Page"),
            ),
            ("<title>a\0b&#0;</title>", Some("a\u{fffd}b\u{fffd}")),
            ("<title> </title>", None),
            ("<p>", None),
        ] {
            assert_eq!(page(html).title.as_deref(), title, "{html}");
        }
    }

    #[test]
    fn text_is_read_in_the_charset_of_the_page() {
        let url = Url::parse("http://e.com/").unwrap();
        let html = b"<title>caf\xe9</title><a href='/\xe9?\xe9'>";
        let found = find_links(html, "windows-1252", &url, Syntax::Html);
        assert_eq!(found.title.as_deref(), Some("café"));
        assert_eq!(found.links[0].url.as_str(), "http://e.com/%C3%A9?%E9");
        let utf_16: Vec<u8> = "<title>é</title><a href=/é>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let found = find_links(&utf_16, "UTF-16LE", &url, Syntax::Html);
        assert_eq!(found.title.as_deref(), Some("é"));
        assert_eq!(found.links[0].url.as_str(), "http://e.com/%C3%A9");
    }
}
