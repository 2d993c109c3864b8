//! What a page asks of those who index it: nofollow, noindex, and which URL is its canonical one.
//!
//! Owns the syntax of robots directives, in markup and in headers, and of the Link header. What is obeyed
//! is decided by the settings, where a page is read.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::rules::product_token;
use crate::model::Timestamp;

/// What applies to a whole page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Directives {
    /// Its links are not to be followed.
    pub(super) nofollow: bool,
    /// Its content is not to be indexed, which here is not to be extracted.
    pub(super) noindex: bool,
}

impl Directives {
    /// Takes in a `meta` of this name and content, if it is for `agent`.
    pub(super) fn read_meta(&mut self, name: &str, content: &str, agent: &str, now: Timestamp) {
        let name = name.trim();
        if name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(product_token(agent)) {
            self.read(content, None, now);
        }
    }

    /// Takes in one `X-Robots-Tag`: directives for all, or for the agents that stand before them
    /// (`googlebot: nofollow, otherbot: noindex`).
    pub(super) fn read_header(&mut self, value: &str, agent: &str, now: Timestamp) {
        self.read(value, Some(product_token(agent)), now);
    }

    fn read(&mut self, value: &str, agent: Option<&str>, now: Timestamp) {
        let mut is_meant = true;
        let mut parts = value.split(',').map(str::trim).peekable();
        while let Some(part) = parts.next() {
            let mut directive = part;
            if let (Some(agent), Some((name, rest))) = (agent, part.split_once(':'))
                && !takes_value(name)
            {
                is_meant = name.trim() == "*" || name.trim().eq_ignore_ascii_case(agent);
                directive = rest.trim();
            }
            if let Some((name, date)) = directive.split_once(':') {
                if name.trim().eq_ignore_ascii_case("unavailable_after") {
                    let mut date = date.trim().to_owned();
                    // The comma behind a weekday is the date's.
                    if date.bytes().all(|byte| byte.is_ascii_alphabetic())
                        && let Some(rest) = parts.next()
                    {
                        date = format!("{date}, {rest}");
                    }
                    self.noindex |= is_meant && is_past(&date, now);
                }
                continue;
            }
            if !is_meant {
                continue;
            }
            match directive.to_ascii_lowercase().as_str() {
                "nofollow" => self.nofollow = true,
                "noindex" => self.noindex = true,
                "none" => (self.nofollow, self.noindex) = (true, true),
                _ => {}
            }
        }
    }
}

/// Says whether a name before a colon is a directive's and no agent's.
fn takes_value(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name == "unavailable_after" || name.starts_with("max-")
}

/// Reads a date in the forms that are in use (RFC 822, RFC 850, ISO 8601); what is none of them is not past.
fn is_past(date: &str, now: Timestamp) -> bool {
    let utc = |date: DateTime| TimeZone::UTC.to_timestamp(date).ok();
    let then = jiff::fmt::rfc2822::parse(date)
        .map(|zoned| zoned.timestamp())
        .or_else(|_| date.parse::<jiff::Timestamp>())
        .ok()
        .or_else(|| {
            let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%d-%b-%Y %H:%M:%S GMT"];
            let found = forms
                .iter()
                .find_map(|form| DateTime::strptime(form, date).ok());
            found.and_then(utc)
        })
        .or_else(|| date.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| date.parse::<Date>().ok().and_then(|date| utc(date.into())));
    then.is_some_and(|then| then.as_microsecond() < now.microseconds())
}

/// Returns the target of the first link of relation `canonical` in a `Link` header (RFC 8288, 3).
pub(super) fn canonical_of_header(value: &str) -> Option<&str> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let end = end_of_parameters(after);
        let is_canonical = after[..end].split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|relation| relation.eq_ignore_ascii_case("canonical"))
        });
        if is_canonical {
            return Some(target.trim());
        }
        rest = &after[end..];
    }
    None
}

/// Returns where the comma stands behind which the next link begins; one in quotes ends nothing.
fn end_of_parameters(text: &str) -> usize {
    let mut quoted = false;
    text.find(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .unwrap_or(text.len())
}

/// Says whether a link's relations ask that it is not followed. `ugc` and `sponsored` say who wrote or paid
/// for a link and not that it leads nowhere.
pub(super) fn is_nofollow(relation: &str) -> bool {
    relation
        .split_ascii_whitespace()
        .any(|name| name.eq_ignore_ascii_case("nofollow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = "toolkit/1.0 (+https://example.com)";

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn header(values: &[&str]) -> (bool, bool) {
        let mut directives = Directives::default();
        for value in values {
            directives.read_header(value, AGENT, now());
        }
        (directives.nofollow, directives.noindex)
    }

    #[test]
    fn headers_are_for_all_or_for_the_agents_they_name() {
        for (values, expected) in [
            (vec!["nofollow"], (true, false)),
            (vec!["NoIndex, NoFollow"], (true, true)),
            (vec!["none"], (true, true)),
            (vec!["all, noarchive"], (false, false)),
            (vec!["toolkit: nofollow"], (true, false)),
            (vec!["Toolkit: noindex, nofollow"], (true, true)),
            (vec!["otherbot: noindex, nofollow"], (false, false)),
            (vec!["otherbot: none", "noindex"], (false, true)),
            (vec!["otherbot: none, toolkit: nofollow"], (true, false)),
            (vec!["*: noindex"], (false, true)),
            (vec!["max-snippet: 5, noindex"], (false, true)),
            (
                vec!["unavailable_after: 25 Jun 2010 15:00:00 PST"],
                (false, true),
            ),
            (
                vec!["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"],
                (true, true),
            ),
            (
                vec!["unavailable_after: Friday, 25-Jun-10 15:00:00 GMT"],
                (false, true),
            ),
            (
                vec!["toolkit: unavailable_after: 2010-06-25"],
                (false, true),
            ),
            (
                vec!["otherbot: unavailable_after: 2010-06-25"],
                (false, false),
            ),
            (
                vec!["unavailable_after: 2010-06-25T15:00:00Z"],
                (false, true),
            ),
            (vec!["unavailable_after: 2030-06-25"], (false, false)),
            (vec!["unavailable_after: some day"], (false, false)),
        ] {
            assert_eq!(header(&values), expected, "{values:?}");
        }
    }

    #[test]
    fn metas_are_read_by_their_name() {
        for (name, content, expected) in [
            ("robots", "noindex,nofollow", (true, true)),
            ("ROBOTS", " None ", (true, true)),
            ("toolkit", "noindex", (false, true)),
            ("otherbot", "noindex", (false, false)),
            ("robots", "index, follow", (false, false)),
            ("robots", "unavailable_after: 2010-06-25", (false, true)),
        ] {
            let mut directives = Directives::default();
            directives.read_meta(name, content, AGENT, now());
            let seen = (directives.nofollow, directives.noindex);
            assert_eq!(seen, expected, "{name} {content}");
        }
    }

    #[test]
    fn a_link_header_names_the_canonical_url() {
        for (value, expected) in [
            (
                "<https://e.com/a>; rel=\"canonical\"",
                Some("https://e.com/a"),
            ),
            ("</a>;rel=canonical", Some("/a")),
            (
                "</style.css>; rel=preload, </a>; rel=\"x canonical\"",
                Some("/a"),
            ),
            (
                "</b>; title=\"a, rel=canonical\"; rel=next, </a>; rel=canonical",
                Some("/a"),
            ),
            ("</a>; rel=alternate", None),
            ("</a; rel=canonical", None),
            ("", None),
        ] {
            assert_eq!(canonical_of_header(value), expected, "{value}");
        }
    }

    #[test]
    fn only_nofollow_is_nofollow() {
        assert!(is_nofollow("noopener NoFollow"));
        assert!(!is_nofollow("ugc sponsored noopener"));
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read(value in "(<|>|;|,|\"|=|rel|canonical|:|unavailable_after|none|toolkit| |é|1){0,30}") {
            canonical_of_header(&value);
            Directives::default().read_header(&value, AGENT, now());
        }
    }
}
