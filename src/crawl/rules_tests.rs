//! What a robots.txt means, line by line.

use super::*;

fn allowed(text: &str, path: &str) -> bool {
    Robots::parse(text.as_bytes())
        .decide("FooBot/1.0", path)
        .allowed
}

#[test]
fn the_longest_match_wins_and_allow_wins_ties() {
    let everyone = "user-agent: *\n";
    for (rules, path, expected) in [
        ("disallow: /", "/x", false),
        ("disallow:", "/x", true),
        ("allow: /p\ndisallow: /", "/page", true),
        ("disallow: /folder\nallow: /folder", "/folder/page", true),
        ("allow: /page\ndisallow: /*.htm", "/page.htm", false),
        ("allow: /$\ndisallow: /", "/", true),
        ("allow: /$\ndisallow: /", "/page.htm", false),
        (
            "disallow: /example/page/\nallow: /example/",
            "/example/page/",
            false,
        ),
        (
            "disallow: /x/page.gif\nallow: /x/*.gif",
            "/x/page.gif",
            false,
        ),
        ("disallow: foo", "/foo", true),
        ("disallow: *foo", "/a/foo", false),
        ("disallow: /*.php$", "/a.php", false),
        ("disallow: /*.php$", "/a.php?x", true),
        ("disallow: /*.php$", "/a.php.php", false),
        ("disallow: /a$b", "/a$b", false),
        ("disallow: /a*b*c$", "/abcbc", false),
        ("disallow: /a**b", "/ab", false),
        ("disallow: /fish*.php", "/fishheads/catfish.php?x", false),
        ("disallow: /Fish", "/fish", true),
        ("disallow: /\nallow: /robots.txt2", "/robots.txt", true),
    ] {
        assert_eq!(
            allowed(&format!("{everyone}{rules}"), path),
            expected,
            "{rules} {path}"
        );
    }
}

#[test]
fn escapes_are_compared_in_one_form() {
    for (rule, path, matches) in [
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz", true),
        (
            "/foo/bar?baz=http://foo.bar",
            "/foo/bar?baz=http://foo.bar",
            true,
        ),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true),
        ("/foo/bar/%e3%83%84", "/foo/bar/ツ", true),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", true),
        ("/a-%2A.html", "/a-*.html", true),
        ("/a-%2A.html", "/a-b.html", false),
        ("/foo-%24", "/foo-$", true),
        ("/a%2fb", "/a/b", false),
        ("/a%2fb", "/a%2Fb", true),
    ] {
        let text = format!("user-agent: FOOBOT\ndisallow: {rule}");
        assert_eq!(!allowed(&text, path), matches, "{rule} {path}");
    }
}

#[test]
fn groups_are_chosen_and_merged_by_agent() {
    for (text, expected) in [
        (
            "user-agent: foobot\ndisallow: /a\nuser-agent: *\ndisallow: /b",
            [false, true],
        ),
        (
            "user-agent: *\ndisallow: /b\nuser-agent: other\ndisallow: /a",
            [true, false],
        ),
        (
            "user-agent: FooBot\ndisallow: /a\nuser-agent: x\ndisallow: /\nuser-agent: foobot\ndisallow: /b",
            [false, false],
        ),
        (
            "user-agent: x\nuser-agent: foobot\nsitemap: s\nuser-agent: y\ndisallow: /a",
            [false, true],
        ),
        (
            "user-agent: foobot\nuser-agent: *\ndisallow: /",
            [false, false],
        ),
        (
            "user-agent: foobot\n\n\nuser-agent: *\ndisallow: /",
            [false, false],
        ),
        (
            "user-agent: foobot\ndisallow:\nuser-agent: *\ndisallow: /",
            [true, true],
        ),
        ("user-agent: foobot bar\ndisallow: /a", [false, true]),
        ("user-agent: foobot/2.1\ndisallow: /a", [false, true]),
        ("user-agent: foobotnews\ndisallow: /a", [true, true]),
        ("user-agent: foo\ndisallow: /a", [true, true]),
        ("user-agent: * everyone\ndisallow: /a", [false, true]),
        ("user-agent: *bot\ndisallow: /a", [true, true]),
        ("disallow: /a\nuser-agent: *\ndisallow: /b", [true, false]),
        ("", [true, true]),
    ] {
        assert_eq!(
            [allowed(text, "/a"), allowed(text, "/b")],
            expected,
            "{text}"
        );
    }
}

#[test]
fn sloppy_files_are_read_as_meant() {
    for text in [
        "\u{feff}User-Agent: *\r\nDisallow: /a",
        "user-agent:*\rdisallow:/a # reason",
        "USER-AGENT *\nDISALLOW /a",
        "  useragent : * \n\t dissallow : /a ",
        "user agent: *\ndisalow: /a",
        "user-agent: *\nnonsense\n: :\ndisallow: /a\nallow /a b",
    ] {
        assert!(!allowed(text, "/a"), "{text:?}");
        assert!(allowed(text, "/b"), "{text:?}");
    }
    let html = "<!DOCTYPE html>\nuser-agent: *\ndisallow: /";
    assert!(allowed(html, "/a"));
    let raw = Robots::parse(b"user-agent: *\ndisallow: /\xff\ndisallow: /a");
    assert!(!raw.decide("x", "/a").allowed);
}

#[test]
fn an_allowed_index_page_allows_its_folder() {
    let text = "user-agent: *\nallow: /shop/index.html\ndisallow: /shop/";
    assert!(allowed(text, "/shop/"));
    assert!(allowed(text, "/shop/index.html"));
    assert!(!allowed(text, "/shop/other"));
}

#[test]
fn the_deciding_line_is_named() {
    let robots = Robots::parse(b"# hello\r\nUser-agent: *\r\n\r\nDisallow: /a # no\r\nAllow: /");
    let verdict = robots.decide("x", "/abc");
    assert_eq!(verdict.line, Some(4));
    assert_eq!(verdict.rule.as_deref(), Some("Disallow: /a # no"));
    assert_eq!(robots.decide("x", "*").line, None);
}

#[test]
fn limits_cut_lines_and_files() {
    let long = "a".repeat(LINE_LIMIT);
    let text = format!("user-agent: *\ndisallow: /{long}");
    let kept = LINE_LIMIT - "disallow: /".len();
    assert!(!allowed(&text, &format!("/{}", &long[..kept])));
    assert!(allowed(&text, &format!("/{}", &long[..kept - 1])));
    let filler = format!("#{}\n", "x".repeat(99)).repeat(SIZE_LIMIT / 101);
    let body = format!("user-agent: *\n{filler}");
    let body = format!(
        "{body}{}\ndisallow: /",
        "#".repeat(SIZE_LIMIT - body.len() - 13)
    );
    assert!(
        allowed(&format!("{body}private"), "/x"),
        "a cut rule counts"
    );
    assert!(!allowed(&body, "/x"), "{} bytes", body.len());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_parsed(
        text in "((user-agent|disallow|allow|crawl-delay):? ?|[*$/a#:%]|é|\n|\r|1e9){0,60}",
        path in "[/a*$%é]{0,20}",
    ) {
        let robots = Robots::parse(text.as_bytes());
        robots.decide("a", &path);
        robots.crawl_delay("a");
    }
}

#[test]
fn delays_are_read_for_the_agent() {
    let robots = Robots::parse(b"user-agent: a\ncrawl-delay: 2.5\nuser-agent: *\ncrawl-delay: -1");
    assert_eq!(robots.crawl_delay("a/1"), Some(2.5));
    let robots =
        Robots::parse(b"user-agent: *\ncrawl-delay: 7\ndisallow:\nuser-agent: b\ndisallow:");
    assert_eq!(robots.crawl_delay("c"), Some(7.0));
    assert_eq!(robots.crawl_delay("b"), None);
    for (value, seconds) in [
        ("0.1", Some(0.1)),
        ("0", Some(0.0)),
        ("86400", Some(300.0)),
        ("1e300", Some(300.0)),
        ("inf", Some(300.0)),
        ("nan", None),
        ("soon", None),
        ("", None),
    ] {
        let text = format!("user-agent: *\ncrawl-delay: {value}");
        let robots = Robots::parse(text.as_bytes());
        assert_eq!(robots.crawl_delay("c"), seconds, "{value}");
    }
}
