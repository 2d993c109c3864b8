//! URLs that a server makes up without end, told by the URL and by the page that links to it alone.
//!
//! Every rule is a pure function: none counts what was seen before, so a decision hangs neither on the order
//! of arrival nor on which process makes it. Numbered pages (`page-123.html`, `?page=123`) are no trap.

use url::{Position, Url};

/// Longest URL that is asked for: what every server should take (RFC 9110, 4.1).
const LONGEST_URL: usize = 8_000;
/// Most segments in a path.
const MOST_SEGMENTS: usize = 32;
/// Times in a row that a segment or a row of segments may stand, Heritrix's limit for such paths.
const MOST_REPEATS: usize = 2;
/// Longest row of segments that is looked for.
const LONGEST_CYCLE: usize = 6;
/// Segments in a row that may not be made of a few others alone: what two or three relative links on every
/// page make up in any order, which need not be a cycle.
const FEW_OF: usize = 7;
/// That few.
const FEW: usize = 3;
/// Times that the same parameter may stand with the same value.
const MOST_EQUAL_PARAMETERS: usize = 2;
/// Values of one parameter beyond which a link may not add another to the query of its own page.
const MOST_VALUES: usize = 5;
/// Times that a parameter may hold itself, escaped, in its own value: `?back=/a?back=/a?back=/`.
const MOST_NESTED: usize = 1;
/// Years beyond this one to which a calendar is followed.
const YEARS_AHEAD: i32 = 2;
/// The first year to which a calendar is followed back; software counts time from there.
const FIRST_YEAR: i32 = 1970;

/// Says why `url` leads into a trap, when it does; `referrer` is the page that links to it, `year` is now.
pub(super) fn trap(url: &Url, referrer: Option<&Url>, year: i32) -> Option<String> {
    let length = url.as_str().len();
    if length > LONGEST_URL {
        return Some(format!("{length} characters, limit {LONGEST_URL}"));
    }
    let segments: Vec<&str> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments.len() > MOST_SEGMENTS {
        let count = segments.len();
        return Some(format!("{count} path segments, limit {MOST_SEGMENTS}"));
    }
    if let Some(cycle) = repeated(&segments) {
        return Some(format!("the path repeats {}", cycle.join("/")));
    }
    if let Some(row) = of_few(&segments) {
        return Some(format!("the path goes round in {}", row.join("/")));
    }
    let query = url.query().unwrap_or_default();
    if let Some(detail) = growing_query(url, query, referrer) {
        return Some(detail);
    }
    beyond_calendar(url, referrer?, year)
}

/// Returns a row of segments that follows on itself too often. One of numbers alone may be a date or a
/// tile of a map.
fn repeated<'a, 'b>(segments: &'b [&'a str]) -> Option<&'b [&'a str]> {
    let runs = MOST_REPEATS + 1;
    (1..=LONGEST_CYCLE).find_map(|length| {
        segments.windows(length * runs).find_map(|window| {
            let cycle = &window[..length];
            let repeats = window.chunks(length).all(|chunk| chunk == cycle);
            let is_told = cycle.iter().any(|segment| !is_number(segment));
            (repeats && is_told).then_some(cycle)
        })
    })
}

/// Returns a row of segments in which a few come again and again. Numbers do not count: files are laid in
/// folders by the digits of a number.
fn of_few<'a>(segments: &[&'a str]) -> Option<Vec<&'a str>> {
    if segments.len() < FEW_OF {
        return None;
    }
    let words = segments.iter().filter(|segment| !is_number(segment));
    let words: Vec<&str> = words.copied().collect();
    let of_few = |row: &&[&str]| {
        let firsts = (0..row.len()).filter(|&at| !row[..at].contains(&row[at]));
        firsts.count() <= FEW
    };
    words.windows(FEW_OF).find(of_few).map(<[&str]>::to_vec)
}

fn is_number(segment: &str) -> bool {
    segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|parameter| !parameter.is_empty())
}

fn name_of(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

fn times(query: &str, name: &str) -> usize {
    parameters(query)
        .filter(|parameter| name_of(parameter) == name)
        .count()
}

fn growing_query(url: &Url, query: &str, referrer: Option<&Url>) -> Option<String> {
    let before = referrer
        .filter(|referrer| referrer.path() == url.path())
        .and_then(Url::query);
    // Each parameter is compared with all: a query has few, and a long one is cut off by its growth.
    for parameter in parameters(query) {
        let name = name_of(parameter);
        let equal = parameters(query).filter(|one| *one == parameter).count();
        if equal > MOST_EQUAL_PARAMETERS && parameter.len() > name.len() {
            return Some(format!("the query repeats {name} {equal} times"));
        }
        if let Some(before) = before {
            let values = times(query, name);
            if values > MOST_VALUES && values > times(before, name) {
                return Some(format!("the query grows: {values} times {name}"));
            }
        }
        if is_nested(name, &parameter[name.len()..]) {
            return Some(format!("{name} holds itself"));
        }
    }
    None
}

/// Says whether a parameter's value holds the parameter itself, escaped however often, again and again.
fn is_nested(name: &str, value: &str) -> bool {
    // A name of one letter and an escaped sign occur in other words.
    if name.len() < 2 {
        return false;
    }
    let nested = value.match_indices(name).filter(|(at, _)| {
        let before = &value[..*at];
        // `?` and `&` before it, plain or escaped.
        let begins = ["?", "&", "3F", "3f", "26"]
            .iter()
            .any(|sign| before.ends_with(sign));
        let rest = &value[at + name.len()..];
        begins && (rest.starts_with('=') || is_escaped_sign(rest))
    });
    nested.count() > MOST_NESTED
}

/// Says whether a text begins with an equals sign that is escaped once or more (`%3D`, `%253D`).
fn is_escaped_sign(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix('%') else {
        return false;
    };
    while let Some(inner) = rest.strip_prefix("25") {
        rest = inner;
    }
    rest.starts_with("3D") || rest.starts_with("3d")
}

/// A month that a URL names, and the rest of the URL.
struct Dated {
    year: i32,
    /// Whether it can be nothing else: `/thread/2031/10` may be a number and a page.
    is_certain: bool,
    /// Path and query with the date taken out.
    base: String,
}

/// Judges a step of a calendar: a link from one month to a month of another year at the same place. Years
/// without a month are not counted, since they are few and a page about each may be meant.
fn beyond_calendar(url: &Url, referrer: &Url, year: i32) -> Option<String> {
    if url.host() != referrer.host() || !may_name_year(url) {
        return None;
    }
    let to = dated(url)?;
    if (FIRST_YEAR..=year + YEARS_AHEAD).contains(&to.year) {
        return None;
    }
    let from = dated(referrer)?;
    let is_date = from.is_certain || to.is_certain;
    (is_date && from.base == to.base && from.year != to.year)
        .then(|| format!("a calendar, in {}", to.year))
}

/// Says whether a URL has four digits in a row: most links have not, and to look costs less than to take one
/// apart.
fn may_name_year(url: &Url) -> bool {
    let rest = url[Position::BeforePath..].as_bytes();
    rest.windows(4)
        .any(|four| four.iter().all(u8::is_ascii_digit))
}

fn dated(url: &Url) -> Option<Dated> {
    let mut year = None;
    let mut has_month = false;
    let mut is_certain = true;
    let mut base = String::new();
    let mut segments = url.path_segments()?.peekable();
    while let Some(segment) = segments.next() {
        if year.is_none()
            && let Some(found) = year_of(segment)
            && let Some(month) = segments.next_if(|next| is_two_digits(next, 12))
        {
            // A month below ten is written with its zero, and the number of a page is not.
            is_certain = month.starts_with('0') || names_calendar(url.path());
            (year, has_month) = (Some(found), true);
            segments.next_if(|next| is_two_digits(next, 31));
            base.push_str("/#");
        } else if year.is_none()
            && let Some(found) = year_of_date(segment)
        {
            (year, has_month) = (Some(found), true);
            base.push_str("/#");
        } else {
            base.push('/');
            base.push_str(segment);
        }
    }
    base.push('?');
    let mut year_parameter = None;
    let mut month_parameter = false;
    for parameter in parameters(url.query().unwrap_or_default()) {
        let name = name_of(parameter);
        let value = parameter[name.len()..].trim_start_matches('=');
        let lower = name.to_ascii_lowercase();
        if year.is_none()
            && let Some(found) = year_of_date(value)
        {
            (year, has_month) = (Some(found), true);
        } else if matches!(lower.as_str(), "year" | "y" | "yr" | "cal_y" | "jahr")
            && let Some(found) = year_of(value)
        {
            year_parameter = Some(found);
        } else if matches!(
            lower.as_str(),
            "month" | "m" | "mon" | "mo" | "cal_m" | "monat"
        ) {
            month_parameter = true;
        } else if !matches!(lower.as_str(), "day" | "d" | "tag" | "cal_d") {
            base.push_str(parameter);
            base.push('&');
        }
    }
    if year.is_none() && year_parameter.is_some() {
        (year, has_month) = (year_parameter, month_parameter);
    }
    let year = year.filter(|_| has_month)?;
    Some(Dated {
        year,
        is_certain,
        base,
    })
}

fn names_calendar(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["cal", "event", "agenda", "termin", "schedule", "month"]
        .iter()
        .any(|word| path.contains(word))
}

fn year_of(text: &str) -> Option<i32> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_year.then(|| text.parse().ok()).flatten()
}

fn is_two_digits(text: &str, most: u8) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text
            .parse()
            .is_ok_and(|number: u8| (1..=most).contains(&number))
}

/// Returns the year of `2031-05` and `2031-05-12`.
fn year_of_date(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-');
    let year = year_of(parts.next()?)?;
    let month = parts.next().is_some_and(|month| is_two_digits(month, 12));
    let day = parts.next().is_none_or(|day| is_two_digits(day, 31));
    (month && day).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse("https://example.com/")
            .unwrap()
            .join(text)
            .unwrap()
    }

    fn is_trap(from: &str, to: &str) -> bool {
        trap(&url(to), Some(&url(from)), 2026).is_some()
    }

    #[test]
    fn what_a_server_makes_up_is_a_trap() {
        let segments: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        let deep = format!("/{}", segments.join("/"));
        let long = format!("/?q={}", "x".repeat(10_000));
        for (from, to) in [
            ("/", deep.as_str()),
            ("/", &long),
            ("/", "/a/a/a/"),
            ("/", "/x/a/a/a/y.html"),
            ("/", "/a/b/a/b/a/b/c"),
            ("/", "/a/b/c/a/b/c/a/b/c"),
            ("/", "/x/y/z/w/x/y/z/w/x/y/z/w/"),
            // No cycle, and made of two or three.
            ("/", "/a/b/b/a/b/a/a"),
            ("/", "/site/a/b/a/a/b/b/a/page.html"),
            ("/", "/a/b/1/c/a/2/c/b/a/c"),
            ("/", "/?a=1&a=1&a=1"),
            ("/f?t=1&t=2&t=3&t=4&t=5", "/f?t=1&t=2&t=3&t=4&t=5&t=6"),
            (
                "/",
                "/login?next=%2Flogin%3Fnext%3D%252Flogin%253Fnext%253D%25252F",
            ),
            ("/cal/2028/12/", "/cal/2029/01/"),
            ("/cal/2028/11/", "/cal/2029/11/"),
            ("/blog/2028/12/31", "/blog/2029/01"),
            ("/e?month=2028-12", "/e?month=2029-01"),
            ("/e?year=2028&month=12", "/e?year=2029&month=1"),
            ("/e?view=day&date=1970-01-01", "/e?view=day&date=1969-12-31"),
        ] {
            assert!(is_trap(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn a_real_site_loses_nothing() {
        for (from, to) in [
            ("/", "/page-20000.html"),
            ("/?page=19999", "/?page=20000"),
            ("/", "/?id=7&id=8"),
            ("/", "/tiles/1/1/1.png"),
            ("/", "/2026/1/1/1"),
            ("/", "/a/a/"),
            ("/", "/docs/a/b/a/b/"),
            ("/", "/en/docs/en/guide/en/"),
            ("/", "/en/us/en/us/shop/en"),
            ("/", "/2024/01/01/a/a/"),
            ("/", "/files/0/0/1/0/0/1/0/0/img.png"),
            ("/", "/tiles/12/1/1/2/1/2/1/1/2.png"),
            ("/", "/objects/a/b/7/c/a/d/b/a/c"),
            (
                "/",
                "/tree/main/core/src/main/java/org/core/main/core/Main.java",
            ),
            ("/", "/api/org/e/core/org/e/core/class-use/org/e/core.html"),
            ("/", "/wiki/a/b/c/wiki/a/b/c/"),
            ("/", "/?t=1&t=2&t=3&t=4&t=5&t=6&t=7"),
            ("/", "/login?next=%2Flogin%3Fnext%3D%252F"),
            ("/2026/11/", "/2026/12/"),
            ("/2026/12/", "/2027/01/"),
            ("/1999/12/", "/2000/01/"),
            ("/about", "/outlook/2050/01/"),
            ("/outlook/2050/01/", "/outlook/2050/02/"),
            ("/wiki/2049", "/wiki/2050"),
            ("/wiki/1850", "/wiki/1849"),
            ("/thread/2999/10", "/thread/3000/10"),
            ("/thread/2999/2", "/thread/3000/2"),
            ("/order/2050-1234", "/order/2051-1234"),
            ("/a?m=1&y=2", "/a?m=1&y=3"),
        ] {
            let why = trap(&url(to), Some(&url(from)), 2026);
            assert_eq!(why, None, "{from} -> {to}");
        }
    }

    #[test]
    fn a_calendar_ends_wherever_it_begins() {
        // Every link of a month's page: the months beside it, the years, its days.
        let mut known = vec!["/calendar/2026/11".to_owned()];
        let mut at = 0;
        while let Some(page) = known.get(at).cloned() {
            at += 1;
            let parts: Vec<i32> = page
                .split('/')
                .skip(2)
                .map(|part| part.parse().unwrap())
                .collect();
            let months = parts[0] * 12 + parts[1] - 1;
            for next in [months - 1, months + 1, months + 12] {
                let next = format!("/calendar/{:04}/{:02}", next / 12, next % 12 + 1);
                if !is_trap(&page, &next) && !known.contains(&next) {
                    known.push(next);
                }
            }
            assert!(known.len() < 1_000);
        }
        assert!(known.contains(&"/calendar/2028/12".to_owned()));
        assert!(known.contains(&"/calendar/1970/01".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn any_url_is_judged(path in "(/|a|2031|05|-|\\?|=|&|%25|%3D|y|é){0,40}") {
            if let Ok(url) = Url::parse(&format!("https://e.com/{path}")) {
                trap(&url, Some(&url), 2026);
            }
        }
    }
}
