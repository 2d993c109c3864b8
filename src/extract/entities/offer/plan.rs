//! The names that plans have, and where one stands.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use serde_json::json;

use super::{Found, bare};
use crate::model::EntityType;

/// Words that plans are called by, in the order of their bytes.
const NAMES: &[&str] = &[
    "Advanced",
    "Agency",
    "Basic",
    "Bronze",
    "Business",
    "Community",
    "Core",
    "Creator",
    "Developer",
    "Elite",
    "Enterprise",
    "Essential",
    "Essentials",
    "Family",
    "Free",
    "Gold",
    "Growth",
    "Hobby",
    "Individual",
    "Launch",
    "Lite",
    "Max",
    "Personal",
    "Platinum",
    "Plus",
    "Premium",
    "Pro",
    "Professional",
    "Scale",
    "Silver",
    "Solo",
    "Standard",
    "Starter",
    "Startup",
    "Student",
    "Team",
    "Teams",
    "Ultimate",
    "Ultra",
    "Unlimited",
];

/// With `plan` behind them these are plain words.
const PLAIN_BEFORE_PLAN: &[&str] = &["Business", "Community", "Core", "Growth", "Launch", "Scale"];

/// Words that price lists and tables have for other things as well: one alone is no plan there.
const PLAIN_IN_LISTS: &[&str] = &[
    "Advanced",
    "Agency",
    "Bronze",
    "Community",
    "Core",
    "Creator",
    "Elite",
    "Family",
    "Gold",
    "Growth",
    "Individual",
    "Launch",
    "Max",
    "Personal",
    "Platinum",
    "Scale",
    "Silver",
    "Solo",
    "Standard",
    "Student",
    "Team",
    "Teams",
];

/// What stands behind the price of something that is paid for again and again.
const RATES: &[&str] = &[
    "/mo", "/ mo", "/user", "/ user", "/seat", "/ seat", "/y", "/ y", "per ", "a month", "a year",
    "monthly", "annually",
];

/// What a name is of, in small letters.
const NOUNS: &[&str] = &[" plan", " tier", " edition", " subscription", " package"];

/// Finds the names that stand before what they are names of.
pub(super) fn named(text: &str, all: &mut Vec<Found>) {
    static SEARCH: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let search = SEARCH.get_or_init(|| {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).build(NOUNS).ok()
    });
    for noun in search.iter().flat_map(|search| search.find_iter(text)) {
        let rest = text[noun.end()..].strip_prefix('s');
        let end = noun.end() + usize::from(rest.is_some());
        if text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-') {
            continue;
        }
        let Some(start) = names_before(text, noun.start()) else {
            continue;
        };
        let name = &text[start..noun.start()];
        let is_plan = noun.pattern().as_usize() == 0;
        if is_plan && PLAIN_BEFORE_PLAN.contains(&name) {
            continue;
        }
        all.push(found((start, end), name, 0.95));
    }
}

/// Finds the name that a line begins with, where a price follows.
pub(super) fn priced(text: &str, line: (usize, usize), all: &mut Vec<Found>) {
    let (start, end) = bare(text, line);
    let Some(length) = names_length(&text[start..end]) else {
        return;
    };
    let name = &text[start..start + length];
    let rest =
        text[start + length..end].trim_start_matches([' ', '\t', ':', '|', '(', '-', '–', '—']);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let begins_with_digit = rest.starts_with(|c: char| c.is_ascii_digit());
    let is_sign = |text: &str| text.starts_with(['$', '€', '£', '¥', '₹']);
    let after_sign = rest
        .chars()
        .next()
        .map_or("", |sign| &rest[sign.len_utf8()..]);
    let is_price = is_sign(rest)
        && after_sign
            .trim_start_matches(' ')
            .starts_with(|c: char| c.is_ascii_digit())
        || begins_with_digit && is_sign(digits.trim_start_matches([' ', '\u{a0}']));
    // A rate stands within 40 bytes of the name's end, or it is another's.
    let near = &rest[..rest.floor_char_boundary(40)];
    if is_price && (is_sure(name) || RATES.iter().any(|rate| near.contains(rate))) {
        all.push(found((start, start + length), name, 0.8));
    }
}

/// Says whether a name is a plan's wherever it stands in a list.
pub(super) fn is_sure(name: &str) -> bool {
    !PLAIN_IN_LISTS.contains(&name)
}

/// Returns the plan that a cell is the name of and nothing else.
pub(super) fn cell(text: &str, cell: (usize, usize)) -> Option<Found> {
    let (start, end) = bare(text, cell);
    let name = &text[start..end];
    (names_length(name)? == name.len()).then(|| found((start, end), name, 0.8))
}

fn found(span: (usize, usize), name: &str, score: f64) -> Found {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    Found {
        entity_type: EntityType::Plan,
        span,
        attributes: json!({"name": name}),
        normalized: name,
        score,
    }
}

/// Returns where the one or two names begin that end at `end`.
fn names_before(text: &str, end: usize) -> Option<usize> {
    let word = |end: usize| {
        let letters = text.as_bytes()[..end].iter().rev();
        let start = end
            - letters
                .take_while(|byte| byte.is_ascii_alphabetic())
                .take(20)
                .count();
        let before = text[..start].chars().next_back();
        let is_whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
        (is_whole && is_name(&text[start..end])).then_some(start)
    };
    let start = word(end)?;
    let before = text[..start].strip_suffix(' ').map(str::len);
    Some(before.and_then(word).unwrap_or(start))
}

/// Returns the length of the one or two names that a text begins with.
fn names_length(text: &str) -> Option<usize> {
    let word = |from: usize| {
        let rest = &text[from..];
        let letters = rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .take(20)
            .count();
        let is_whole = !rest[letters..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        (is_whole && is_name(&rest[..letters])).then_some(from + letters)
    };
    let first = word(0)?;
    let second = text[first..].starts_with(' ').then(|| word(first + 1));
    Some(second.flatten().unwrap_or(first))
}

fn is_name(word: &str) -> bool {
    NAMES.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_in_order() {
        assert!(super::NAMES.is_sorted());
    }
}
