//! The cases that the best-known public parser is tested with (google/robotstxt), as facts: the same files
//! and paths have the same answers here, but for what the RFC says otherwise.

use super::{LINE_LIMIT, Robots};

/// Says of each path whether `agent` may fetch it.
fn check(text: &str, agent: &str, expected: &[(&str, bool)]) {
    let robots = Robots::parse(text.as_bytes());
    for (path, allowed) in expected {
        let verdict = robots.decide(agent, path);
        assert_eq!(verdict.allowed, *allowed, "{agent} {path}\n{text}");
    }
}

#[test]
fn lines_are_read_as_the_reference_reads_them() {
    let whole = "user-agent: FooBot\ndisallow: /\n";
    for (text, agent, allowed) in [
        ("", "FooBot", true),
        (whole, "", true),
        ("", "", true),
        (whole, "FooBot", false),
        ("foo: FooBot\nbar: /\n", "FooBot", true),
        ("user-agent FooBot\ndisallow /\n", "FooBot", false),
        ("USER-AGENT: FooBot\nDISALLOW: /\n", "FooBot", false),
        ("uSeR-aGeNt: FooBot\ndIsAlLoW: /\n", "FooBot", false),
        ("user-agent:\u{c}FooBot\u{c}\ndisallow:\t/", "FooBot", false),
        // A NUL ends a line.
        ("user-agent: FooBot\ndisallow: /x/y\0/z\n", "FooBot", false),
    ] {
        check(text, agent, &[("/x/y", allowed)]);
    }
}

#[test]
fn groups_end_where_the_reference_ends_them() {
    let text = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\n\
                disallow: /\nallow: /y/\n\n\nallow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\n\
                allow: /z/\ndisallow: /\n";
    let own = |w, x, y, z| {
        [
            ("/w/a", w),
            ("/x/b", x),
            ("/y/c", y),
            ("/z/d", z),
            ("/foo/bar/", false),
        ]
    };
    check(text, "FooBot", &own(false, true, false, true));
    check(text, "BarBot", &own(true, false, true, false));
    check(text, "BazBot", &own(false, false, false, true));
}

#[test]
fn agents_are_matched_as_by_the_reference() {
    for name in ["FOO BAR", "foo bar", "FoO bAr"] {
        let text = format!("User-Agent: {name}\nAllow: /x/\nDisallow: /\n");
        for agent in ["Foo", "foo"] {
            check(&text, agent, &[("/x/y", true), ("/a/b", false)]);
        }
    }
    let text = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n";
    check(text, "Foo", &[("/x/y", true)]);
    check(text, "Other", &[("/x/y", false)]);
    let global = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n";
    check(global, "FooBot", &[("/x/y", false)]);
    check(global, "BarBot", &[("/x/y", true)]);
    let others = "user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\n";
    check(others, "QuxBot", &[("/x/y", true)]);
    // Neither name is a product token, so neither is the other's.
    let digits = "user-agent: 2bot\ndisallow: /\nuser-agent: *\nallow: /\n";
    check(digits, "1bot/1.0", &[("/x/y", true)]);
    check(digits, "", &[("/x/y", true)]);
}

#[test]
fn the_longest_match_is_the_references() {
    for (rules, expected) in [
        ("disallow: /x/", &[("/x/y", false)][..]),
        ("disallow: /X/", &[("/x/y", true)]),
        (
            "disallow: /x/page.html\nallow: /x/",
            &[("/x/page.html", false)],
        ),
        (
            "allow: /x/page.html\ndisallow: /x/",
            &[("/x/page.html", true), ("/x/", false)],
        ),
        ("disallow: \nallow: ", &[("/x/page.html", true)]),
        ("disallow: /\nallow: /", &[("/x/page.html", true)]),
        ("disallow: /x\nallow: /x/", &[("/x", false), ("/x/", true)]),
        (
            "disallow: /x/page.html\nallow: /x/page.html",
            &[("/x/page.html", true)],
        ),
        (
            "allow: /page\ndisallow: /*.html",
            &[("/page.html", false), ("/page", true)],
        ),
        (
            "allow: /x/page.\ndisallow: /*.html",
            &[("/x/page.html", true), ("/x/y.html", false)],
        ),
        ("allow: /p\ndisallow: /", &[("/page", true)]),
        (
            "allow: /folder\ndisallow: /folder",
            &[("/folder/page", true)],
        ),
        ("allow: /page\ndisallow: /*.htm", &[("/page.htm", false)]),
        (
            "allow: /$\ndisallow: /",
            &[("/", true), ("/page.html", false)],
        ),
    ] {
        check(
            &format!("user-agent: FooBot\n{rules}\n"),
            "FooBot",
            expected,
        );
    }
}

#[test]
fn special_characters_mean_what_they_mean_to_the_reference() {
    for (rules, expected) in [
        (
            "Disallow: /foo/bar/quz\nAllow: /foo/*/qux",
            &[
                ("/foo/bar/quz", false),
                ("/foo/quz", true),
                ("/foo//quz", true),
                ("/foo/bax/quz", true),
            ][..],
        ),
        (
            "Disallow: /foo/bar$\nAllow: /foo/bar/qux",
            &[
                ("/foo/bar", false),
                ("/foo/bar/qux", true),
                ("/foo/bar/", true),
                ("/foo/bar/baz", true),
            ],
        ),
        (
            "# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /",
            &[("/foo/bar", true), ("/foo/quz", false)],
        ),
        (
            "Disallow: /\nAllow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            &[("/foo/bar?qux=taz&baz=http://foo.bar?tar&par", true)],
        ),
        (
            "Disallow: /\nAllow: /foo/bar/ツ",
            &[("/foo/bar/%E3%83%84", true)],
        ),
        (
            "Disallow: /\nAllow: /foo/bar/%E3%83%84",
            &[("/foo/bar/%E3%83%84", true)],
        ),
        // The reference keeps these apart; RFC 9309, 2.2.2, has them match.
        (
            "Disallow: /\nAllow: /foo/bar/%62%61%7A",
            &[("/foo/bar/baz", true), ("/foo/bar/%62%61%7A", true)],
        ),
    ] {
        check(
            &format!("User-agent: FooBot\n{rules}\n"),
            "FooBot",
            expected,
        );
    }
    let latin = Robots::parse(b"user-agent: *\ndisallow: /caf\xe9");
    assert!(!latin.decide("x", "/caf%E9").allowed);
    assert!(latin.decide("x", "/caf%C3%A9").allowed);
}

#[test]
fn paths_are_matched_as_site_owners_are_told() {
    let none = [("/bar", false), ("/Fish.asp", false), ("/catfish", false)];
    let fish = [
        ("/fish", true),
        ("/fish.html", true),
        ("/fish/salmon.html", true),
        ("/fishheads", true),
        ("/fishheads/yummy.html", true),
        ("/fish.html?id=anything", true),
        ("/?id=fish", false),
    ];
    let folder = [
        ("/fish/", true),
        ("/fish/salmon", true),
        ("/fish/?salmon", true),
        ("/fish/salmon.html", true),
        ("/fish/?id=anything", true),
        ("/fish", false),
        ("/fish.html", false),
        ("/Fish/Salmon.html", false),
    ];
    let php = [
        ("/filename.php", true),
        ("/folder/filename.php", true),
        ("/folder/filename.php?parameters", true),
        ("//folder/any.php.file.html", true),
        ("/filename.php/", true),
        ("/index?f=filename.php/", true),
        ("/php/", false),
        ("/index?php", false),
        ("/windows.PHP", false),
    ];
    let php_end = [
        ("/filename.php", true),
        ("/folder/filename.php", true),
        ("/filename.php?parameters", false),
        ("/filename.php/", false),
        ("/filename.php5", false),
        ("/php/", false),
        ("/filename?php", false),
        ("/aaaphpaaa", false),
        ("//windows.PHP", false),
    ];
    let fish_php = [
        ("/fish.php", true),
        ("/fishheads/catfish.php?parameters", true),
        ("/Fish.PHP", false),
    ];
    for (rule, expected) in [
        ("/fish", &fish[..]),
        ("/fish*", &fish),
        ("/fish/", &folder),
        ("/*.php", &php),
        ("/*.php$", &php_end),
        ("/fish*.php", &fish_php),
    ] {
        let text = format!("user-agent: FooBot\ndisallow: /\nallow: {rule}\n");
        check(&text, "FooBot", &none);
        check(&text, "FooBot", expected);
    }
}

#[test]
fn an_index_page_stands_for_its_folder() {
    let text = "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n";
    let expected = [
        ("/allowed-slash/", true),
        ("/allowed-slash/index.htm", false),
        ("/allowed-slash/index.html", true),
        ("/anyother-url", false),
    ];
    check(text, "foobot", &expected);
}

#[test]
fn a_line_counts_as_far_as_by_the_reference() {
    let path = |letter: &str, directive: &str| {
        let room = LINE_LIMIT + 1 - "/x/".len() - directive.len() + 1;
        format!("/x/{}", letter.repeat(room))
    };
    let long = path("a", "disallow: ");
    let text = format!("user-agent: FooBot\ndisallow: {long}/qux\n");
    let further = format!("{long}/fux");
    check(&text, "FooBot", &[("/fux", true), (&further, false)]);

    let (one, other) = (path("a", "allow: "), path("b", "allow: "));
    let rules = format!("disallow: /\nallow: {one}/qux\nallow: {other}/qux\n");
    let text = format!("user-agent: FooBot\n{rules}");
    let (one, other) = (format!("{one}/qux"), format!("{other}/fux"));
    check(
        &text,
        "FooBot",
        &[("/", false), (&one, true), (&other, true)],
    );
}

#[test]
fn lines_are_counted_at_every_kind_of_end() {
    let lines = [
        "User-Agent: foo",
        "Allow: /some/path",
        "User-Agent: bar",
        "",
        "",
        "Disallow: /",
    ];
    let mixed = "User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\nDisallow: /";
    for text in [
        lines.join("\n"),
        lines.join("\n") + "\n",
        lines.join("\r\n") + "\r\n",
        lines.join("\r") + "\r",
        mixed.to_owned(),
    ] {
        let robots = Robots::parse(text.as_bytes());
        assert_eq!(robots.decide("foo", "/some/path").line, Some(2), "{text:?}");
        assert_eq!(robots.decide("bar", "/").line, Some(6), "{text:?}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_beginning_alone() {
    let rest = b"User-Agent: foo\nDisallow: /AnyValue\n";
    let with = |mark: &[u8]| [mark, rest].concat();
    let middle = b"User-Agent: foo\n\xef\xbb\xbfDisallow: /AnyValue\n".to_vec();
    for (body, allowed) in [
        (with(b"\xef\xbb\xbf"), false),
        (with(b"\xef\xbb"), false),
        (with(b"\xef"), false),
        (with(b"\xef\x11\xbf"), true),
        (middle, true),
    ] {
        let verdict = Robots::parse(&body).decide("foo", "/AnyValue");
        assert_eq!(verdict.allowed, allowed, "{}", body.escape_ascii());
    }
}

#[test]
fn sitemaps_stand_anywhere_and_end_no_group() {
    let rules = "User-Agent: foo\nDisallow: /some/path\nUser-Agent: bar\n\n\n";
    let sitemap = "Sitemap: http://foo.bar/sitemap.xml\n";
    for text in [format!("{rules}{sitemap}"), format!("{sitemap}{rules}")] {
        let robots = Robots::parse(text.as_bytes());
        assert_eq!(robots.sitemaps(), ["http://foo.bar/sitemap.xml"]);
    }
    for (line, expected) in [
        ("SITEMAP:/a.xml", &["/a.xml"][..]),
        ("Site-Map: /a.xml # old", &["/a.xml"]),
        // Without its colon the line's first one is the address's own.
        ("sitemap http://foo.bar/a.xml", &["//foo.bar/a.xml"]),
        ("sitemap /a.xml", &["/a.xml"]),
        ("sitemap:", &[]),
    ] {
        let robots = Robots::parse(line.as_bytes());
        assert_eq!(robots.sitemaps(), expected, "{line}");
    }
    // RFC 9309, 2.2.4: other records end no group; the reference lets them.
    let between = "user-agent: foo\nsitemap: /a\nuser-agent: bar\ndisallow: /\n";
    check(between, "foo", &[("/x", false)]);
}
