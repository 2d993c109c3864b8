//! The rules of a robots.txt: parsing and matching after RFC 9309.
//!
//! Owns the file's meaning alone; how it is fetched, kept and answered for is next door in `robots`.
//! Where the RFC leaves room, Google's published parser is followed, as site owners test against it.

use std::cmp::Reverse;

use super::pattern::{Pattern, normalize_path};

/// RFC 9309, 2.5: at least 500 KiB are to be read.
const SIZE_LIMIT: usize = 500 * 1024;

/// Google's limit for a line: eight times the longest URL that browsers took; the last byte of it is the
/// end mark.
const LINE_LIMIT: usize = 16_664 - 1;

/// Spellings of `disallow` that site owners use.
const DISALLOW: &[&str] = &[
    "disallow",
    "dissallow",
    "dissalow",
    "disalow",
    "diasllow",
    "disallaw",
];
const USER_AGENT: &[&str] = &["user-agent", "useragent", "user agent"];
const CRAWL_DELAY: &[&str] = &["crawl-delay", "crawldelay"];

/// A parsed robots.txt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    groups: Vec<Group>,
}

/// What a robots.txt says about one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    /// The number of the deciding line, from 1; `None` when no rule matches.
    pub line: Option<u32>,
    /// That line, as written.
    pub rule: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    /// Product tokens in lower case; `*` stands for every agent without a group of its own.
    agents: Vec<String>,
    rules: Vec<Rule>,
    crawl_delay: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: Pattern,
    line: u32,
    text: String,
}

enum Line<'a> {
    Agent(&'a str),
    Rule { allow: bool, value: &'a str },
    Delay(&'a str),
    Other,
}

impl Robots {
    /// Parses a robots.txt. Whatever it is, this succeeds: what is no rule is passed over, and a page of
    /// HTML in its place holds none.
    pub fn parse(body: &[u8]) -> Self {
        let whole = body.len() <= SIZE_LIMIT;
        let body = &body[..body.len().min(SIZE_LIMIT)];
        let text = String::from_utf8_lossy(body);
        let mut text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if !whole {
            // A rule that was cut in the middle would disallow more than its author meant.
            text = text.rfind(['\n', '\r']).map_or("", |end| &text[..end]);
        }
        if text.trim_start().starts_with('<') {
            return Self::default();
        }
        let mut builder = Builder::default();
        for (line, number) in lines(text).zip(1..) {
            builder.read(line, number);
        }
        builder.finish()
    }

    /// Decides whether `agent` may fetch `path_and_query`.
    pub fn decide(&self, agent: &str, path_and_query: &str) -> Verdict {
        let free = Verdict {
            allowed: true,
            line: None,
            rule: None,
        };
        let path = normalize_path(path_and_query);
        // RFC 9309, 2.2.2: the file itself is always allowed.
        if path == "/robots.txt" {
            return free;
        }
        let deciding = self
            .groups_for(agent)
            .flat_map(|group| &group.rules)
            .filter(|rule| rule.pattern.matches(&path))
            .max_by_key(|rule| (rule.pattern.length(), rule.allow, Reverse(rule.line)));
        deciding.map_or(free, |rule| Verdict {
            allowed: rule.allow,
            line: Some(rule.line),
            rule: Some(rule.text.clone()),
        })
    }

    /// Returns the seconds that `agent` is asked to leave between two fetches, the longest if asked twice.
    pub fn crawl_delay(&self, agent: &str) -> Option<f64> {
        self.groups_for(agent)
            .filter_map(|group| group.crawl_delay)
            .max_by(f64::total_cmp)
    }

    /// Returns every group that names the agent, merged by reading them in turn; those of `*` only when
    /// there is none (RFC 9309, 2.2.1).
    fn groups_for(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let token = product_token(agent).to_ascii_lowercase();
        let named = |group: &Group, name: &str| group.agents.iter().any(|agent| agent == name);
        let own = self.groups.iter().any(|group| named(group, &token));
        let wanted = if own { token } else { "*".to_owned() };
        self.groups
            .iter()
            .filter(move |group| named(group, &wanted))
    }
}

/// Collects lines into groups.
#[derive(Default)]
struct Builder {
    groups: Vec<Group>,
    current: Group,
    /// Whether the current group has rules, so that the next agent begins another.
    ruled: bool,
}

impl Builder {
    fn read(&mut self, line: &str, number: u32) {
        match parse_line(line) {
            Line::Agent(value) => {
                if self.ruled {
                    self.groups.push(std::mem::take(&mut self.current));
                    self.ruled = false;
                }
                self.current.agents.push(group_agent(value));
            }
            Line::Rule { allow, value } => {
                self.ruled = true;
                self.add_rule(allow, value, number, line);
            }
            Line::Delay(value) => {
                let seconds = value.parse::<f64>().ok();
                let usable = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
                self.current.crawl_delay = usable.or(self.current.crawl_delay);
            }
            // Other records do not end a group (RFC 9309, 2.2.4).
            Line::Other => {}
        }
    }

    fn add_rule(&mut self, allow: bool, value: &str, line: u32, text: &str) {
        // An empty value matches nothing: `Disallow:` allows everything.
        if value.is_empty() {
            return;
        }
        let mut add = |value: &str| {
            self.current.rules.push(Rule {
                allow,
                pattern: Pattern::new(value),
                line,
                text: text.trim().to_owned(),
            });
        };
        add(value);
        // Allowing a folder's index page allows the folder's own URL, under which it is served.
        if allow
            && let Some(slash) = value.rfind('/')
            && value[slash..].starts_with("/index.htm")
        {
            add(&format!("{}$", &value[..=slash]));
        }
    }

    fn finish(mut self) -> Robots {
        self.groups.push(self.current);
        // Rules before the first agent belong to nobody.
        self.groups.retain(|group| !group.agents.is_empty());
        Robots {
            groups: self.groups,
        }
    }
}

/// Splits at CR, LF and CRLF alike, so that line numbers are those of an editor.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(cut_line(text));
        };
        let length = if text[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = Some(&text[end + length..]);
        Some(cut_line(&text[..end]))
    })
}

fn cut_line(line: &str) -> &str {
    &line[..line.floor_char_boundary(LINE_LIMIT)]
}

fn parse_line(line: &str) -> Line<'_> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let Some((key, value)) = line.split_once(':').or_else(|| two_words(line)) else {
        return Line::Other;
    };
    let (key, value) = (key.trim(), value.trim());
    let is = |names: &[&str]| {
        names.iter().any(|name| {
            key.get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
        })
    };
    if is(USER_AGENT) {
        Line::Agent(value)
    } else if is(&["allow"]) {
        Line::Rule { allow: true, value }
    } else if is(DISALLOW) {
        Line::Rule {
            allow: false,
            value,
        }
    } else if is(CRAWL_DELAY) {
        Line::Delay(value)
    } else {
        Line::Other
    }
}

/// Reads a line whose colon was forgotten; only exactly two words can mean one.
fn two_words(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once([' ', '\t'])?;
    let value = value.trim_start();
    (!value.contains([' ', '\t'])).then_some((key, value))
}

/// Returns the name a group is for: `*` alone or before white space, otherwise the product token.
fn group_agent(value: &str) -> String {
    let is_everyone = value
        .strip_prefix('*')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
    if is_everyone {
        "*".to_owned()
    } else {
        product_token(value).to_ascii_lowercase()
    }
}

/// Returns the leading product token: letters, hyphens and underscores (RFC 9309, 2.2.1).
fn product_token(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &agent[..end.unwrap_or(agent.len())]
}

#[cfg(test)]
mod tests {
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
        let robots =
            Robots::parse(b"# hello\r\nUser-agent: *\r\n\r\nDisallow: /a # no\r\nAllow: /");
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
        let robots =
            Robots::parse(b"user-agent: a\ncrawl-delay: 2.5\nuser-agent: *\ncrawl-delay: -1");
        assert_eq!(robots.crawl_delay("a/1"), Some(2.5));
        let robots =
            Robots::parse(b"user-agent: *\ncrawl-delay: 7\ndisallow:\nuser-agent: b\ndisallow:");
        assert_eq!(robots.crawl_delay("c"), Some(7.0));
        assert_eq!(robots.crawl_delay("b"), None);
    }
}
