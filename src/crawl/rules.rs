//! The rules of a robots.txt: parsing and matching after RFC 9309.
//!
//! Owns the file's meaning alone; how it is fetched, kept and answered for is next door in `robots`.
//! Where the RFC leaves room, Google's published parser is followed, as site owners test against it.

use std::cmp::Reverse;
use std::fmt::Write as _;

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
const SITEMAP: &[&str] = &["sitemap", "site-map"];

/// The longest Crawl-delay that is kept to, in seconds; a longer one counts as this. The directive is in no
/// standard, and at five minutes a page a site is as good as closed.
const LONGEST_DELAY: f64 = 300.0;

/// What a file begins with that an editor marked as UTF-8. The reference skips the mark when its end is
/// missing, too.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A parsed robots.txt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<String>,
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
    Sitemap(&'a str),
    Other,
}

impl Robots {
    /// Parses a robots.txt. Whatever it is, this succeeds: what is no rule is passed over, and a page of
    /// HTML in its place holds none.
    pub fn parse(body: &[u8]) -> Self {
        let whole = body.len() <= SIZE_LIMIT;
        let mut body = &body[..body.len().min(SIZE_LIMIT)];
        let mark = body.iter().zip(BYTE_ORDER_MARK);
        body = &body[mark.take_while(|(byte, mark)| byte == mark).count()..];
        if !whole {
            // A rule that was cut in the middle would disallow more than its author meant.
            let end = body.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
            body = &body[..end.unwrap_or(0)];
        }
        if body.trim_ascii_start().starts_with(b"<") {
            return Self::default();
        }
        let mut builder = Builder::default();
        for (line, number) in lines(body).zip(1..) {
            builder.read(&text_of_line(line), number);
        }
        builder.finish()
    }

    /// Returns what the file names as sitemaps, as written: they belong to no group.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
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
        // A name that begins with no letter is no product token, and no group can be its own.
        let own = !token.is_empty() && self.groups.iter().any(|group| named(group, &token));
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
    sitemaps: Vec<String>,
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
                let usable = seconds.filter(|seconds| *seconds >= 0.0);
                let kept = usable.map(|seconds| seconds.min(LONGEST_DELAY));
                self.current.crawl_delay = kept.or(self.current.crawl_delay);
            }
            // Other records, as this one, do not end a group (RFC 9309, 2.2.4).
            Line::Sitemap("") | Line::Other => {}
            Line::Sitemap(value) => self.sitemaps.push(value.to_owned()),
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
                text: text.trim_ascii().to_owned(),
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
            sitemaps: self.sitemaps,
        }
    }
}

/// Splits at CR, LF and CRLF alike, so that line numbers are those of an editor.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            rest = None;
            return Some(text);
        };
        let length = if text[end..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        rest = Some(&text[end + length..]);
        Some(&text[..end])
    })
}

/// Returns what counts of a line: as far as the limit and up to a NUL, at which the reference ends. Octets
/// that are no UTF-8 are escaped, as a URL that means them has them.
fn text_of_line(line: &[u8]) -> String {
    let line = &line[..line.len().min(LINE_LIMIT)];
    let end = line.iter().position(|&byte| byte == 0);
    let line = &line[..end.unwrap_or(line.len())];
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        for octet in chunk.invalid() {
            let _ = write!(text, "%{octet:02X}");
        }
    }
    text
}

fn parse_line(line: &str) -> Line<'_> {
    let line = line.split('#').next().unwrap_or_default().trim_ascii();
    let Some((key, value)) = line.split_once(':').or_else(|| two_words(line)) else {
        return Line::Other;
    };
    let (key, value) = (key.trim_ascii(), value.trim_ascii());
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
    } else if is(SITEMAP) {
        Line::Sitemap(value)
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
pub(super) fn product_token(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &agent[..end.unwrap_or(agent.len())]
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "reference_tests.rs"]
mod reference_tests;
