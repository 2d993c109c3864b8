//! What documents list, in every dialect and with every fault that servers have.

use super::*;

fn listing(text: &str) -> Listing {
    let url = Url::parse("https://e.com/maps/sitemap.xml").unwrap();
    read_listing(text, &url)
}

/// The addresses listed, those of further sitemaps with a `>` before them.
fn listed(text: &str) -> Vec<String> {
    let links = listing(text).links;
    let shown = links.iter().map(|(link, kind)| match kind {
        UrlKind::Sitemap => format!(">{link}"),
        _ => link.to_string(),
    });
    shown.collect()
}

#[test]
fn every_dialect_is_read() {
    for (text, expected) in [
        (
            "\u{feff}<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
             <url><loc> https://e.com/a </loc><lastmod>2026-01-01</lastmod><priority>1</priority></url>\
             <url><loc><![CDATA[https://e.com/b?x=1&y=2]]></loc></url></urlset>",
            &["https://e.com/a", "https://e.com/b?x=1&y=2"][..],
        ),
        (
            "<ns0:urlset><ns0:url><ns0:loc>https://e.com/?a=1&amp;b=&#50;</ns0:loc></ns0:url></ns0:urlset>",
            &["https://e.com/?a=1&b=2"],
        ),
        (
            "<sitemapindex><sitemap><loc>/s1.xml.gz</loc></sitemap><sitemap><loc>s2.xml</loc></sitemap>\
             </sitemapindex>",
            &[">https://e.com/s1.xml.gz", ">https://e.com/maps/s2.xml"],
        ),
        (
            "<urlset><url><loc>https://e.com/en</loc>\
             <xhtml:link rel='alternate' hreflang='de' href='https://e.com/de?a&amp;b'/>\
             <image:image><image:loc>https://e.com/p.png</image:loc></image:image>\
             <video:video><video:player_loc>https://e.com/v</video:player_loc></video:video>\
             <news:news><news:title>T</news:title></news:news></url></urlset>",
            &["https://e.com/en", "https://e.com/de?a&b"],
        ),
        (
            "<rss version='2.0'><channel><link>https://e.com/</link>\
             <atom:link rel='self' href='https://e.com/feed'/>\
             <item><title>A</title><link>https://e.com/1</link><guid>7</guid></item>\
             <item><link>\n https://e.com/2\n</link></item></channel></rss>",
            &["https://e.com/", "https://e.com/1", "https://e.com/2"],
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='/atom'/><link href='/'/>\
             <entry><link rel='alternate' type='text/html' href='/1'></link>\
             <link rel='enclosure' href='/1.mp3'/></entry></feed>",
            &["https://e.com/", "https://e.com/1"],
        ),
        (
            "<rdf:RDF><channel><link>https://e.com/</link></channel>\
             <item rdf:about='x'><link>https://e.com/1</link></item></rdf:RDF>",
            &["https://e.com/", "https://e.com/1"],
        ),
        (
            "\n# all of them\r\nhttps://e.com/a\r\n\r\n  https://e.com/b#c  \nhttps://e.com/a",
            &["https://e.com/a", "https://e.com/b#c"],
        ),
        ("<urlset/>", &[]),
        (
            "<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://e.com/rss.dtd'><rss><channel>\
             <link>https://e.com/</link></channel></rss>",
            &["https://e.com/"],
        ),
    ] {
        let found = listing(text);
        assert_eq!((found.fault, found.gaps), (None, vec![]), "{text}");
        assert_eq!(listed(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_sitemap_is_told() {
    for (text, fault) in [
        (
            "<!doctype html><html><body>404",
            "its root element is <html>",
        ),
        ("<svg/>", "its root element is <svg>"),
        ("<?xml version='1.0'?>", "it has no root element"),
        ("", "it is neither XML nor a list"),
        ("{\"urls\": []}", "it is neither XML nor a list"),
        ("/relative\nhttps://e.com/", "it is neither XML nor a list"),
        (
            "<!DOCTYPE urlset [<!ENTITY a 'https://e.com/'><!ENTITY b '&a;&a;&a;&a;'>]>\
             <urlset><url><loc>&b;</loc></url></urlset>",
            "it declares entities of its own",
        ),
        ("<!DOCTYPE urlset [<!ENTITY", "at byte"),
    ] {
        let found = listing(text);
        let told = found.fault.unwrap_or_default();
        assert!(told.starts_with(fault), "{text}: {told}");
        assert_eq!((found.recognized, found.links.len()), (false, 0), "{text}");
    }
}

#[test]
fn a_fault_costs_no_more_than_it_must() {
    let entry = "<url><loc>https://e.com/a</loc></url>";
    for (text, fault, gaps) in [
        (
            format!("<urlset>{entry}<url><loc>https://e"),
            Some("it ends within"),
            0,
        ),
        (format!("<urlset>{entry}<!-- "), Some("at byte"), 0),
        (format!("<urlset>{entry}</wrong>"), None, 0),
        (format!("<urlset>{entry}</urlset></urlset>"), None, 0),
        (
            format!("<urlset><url><loc>http://[</loc></url>{entry}</urlset>"),
            None,
            1,
        ),
        (
            format!("<urlset><url><loc>mailto:a@e.com</loc></url>{entry}</urlset>"),
            None,
            1,
        ),
        (
            format!("<urlset><url><loc> </loc></url>{entry}</urlset>"),
            None,
            0,
        ),
    ] {
        let found = listing(&text);
        let told = found.fault.as_deref();
        assert_eq!(told.is_some(), fault.is_some(), "{text}: {told:?}");
        assert!(
            told.unwrap_or_default()
                .starts_with(fault.unwrap_or_default()),
            "{told:?}"
        );
        assert_eq!(found.gaps.len(), gaps, "{text}");
        assert_eq!(listed(&text), ["https://e.com/a"], "{text}");
    }
    let raw = "<urlset><url><loc>https://e.com/?a=1&b=2&copy;</loc></url></urlset>";
    assert_eq!(listed(raw), ["https://e.com/?a=1&b=2&copy;"]);
    let secret = "<urlset><url><loc>https://u:secret@e.com/</loc></url></urlset>";
    assert_eq!(listed(secret), ["https://e.com/"]);
}

#[test]
fn the_protocols_limits_are_kept_and_told() {
    let entries = |count: usize| {
        let entry = |number| format!("<url><loc>/{number}</loc></url>");
        format!(
            "<urlset>{}</urlset>",
            (0..count).map(entry).collect::<String>()
        )
    };
    assert_eq!(listing(&entries(MOST_ENTRIES)).gaps, []);
    let found = listing(&entries(MOST_ENTRIES + 1));
    assert_eq!(found.links.len(), MOST_ENTRIES);
    let reasons: Vec<_> = found.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [Reason::SitemapTruncated]);

    let alternate = |number| format!("<link href='/{number}'/>");
    let alternates: String = (0..=MOST_LINKS).map(alternate).collect();
    let found = listing(&format!("<urlset><url>{alternates}</url></urlset>"));
    assert_eq!((found.links.len(), found.gaps.len()), (MOST_LINKS, 1));

    let broken = "<url><loc>http://[</loc></url>".repeat(MOST_GAPS + 5);
    let found = listing(&format!("<urlset>{broken}</urlset>"));
    assert_eq!(found.gaps.len(), MOST_GAPS + 1);
    assert!(found.gaps[MOST_GAPS].detail.starts_with("and 5 further"));

    let deep = "<a>".repeat(200_000);
    assert!(listing(&format!("<urlset>{deep}")).fault.is_some());
}

#[test]
fn a_sitemap_is_known_by_its_root() {
    for (body, expected) in [
        (
            &b"\xef\xbb\xbf<?xml version='1.0'?><!-- c --><x:urlset>"[..],
            true,
        ),
        (b"<sitemapindex/>", true),
        (b"<rss><channel>", false),
        (b"<html><urlset>", false),
        (b"urlset", false),
        (b"", false),
    ] {
        assert_eq!(is_sitemap(body), expected, "{}", body.escape_ascii());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "(<(/?(urlset|url|loc|rss|link|item)|!DOCTYPE|!\\[CDATA\\[|\\?)[ >/\\]]{0,3}|&(amp|#0|x);?|[a\"'h\n]|http://e/){0,40}") {
        listing(&text);
        is_sitemap(text.as_bytes());
    }
}
