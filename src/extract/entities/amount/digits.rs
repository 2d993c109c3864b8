//! Numbers in digits: separators, decimals, powers, fractions and the endings of ordinals.
//!
//! Owns where a number in digits ends and what it is worth. Looks no further than a few groups ahead, so that no
//! run of digits is read twice over.

use super::exact::Exact;

/// A number in digits, from where reading began to `end`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    pub(super) end: usize,
    /// `None` where it has more digits than are counted with.
    pub(super) value: Option<Exact>,
    pub(super) is_ordinal: bool,
    /// How the number is written, where that says what it may mean.
    pub(super) form: Form,
}

/// How a number in digits is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Integer,
    /// With a point or a comma before its decimals.
    Decimal,
    /// A point with three digits behind it: decimals in one country and thousands in another.
    PointThousands,
    Other,
}

/// More groups than any number with separators has that is counted with.
const MOST_GROUPS: usize = 13;

/// Groups of digits and the separator before each.
struct Groups {
    count: usize,
    spans: [(u8, usize, usize); MOST_GROUPS],
}

/// Reads the number that begins at `start`, where a digit stands, or a point before one.
///
/// `Err` gives the end of digits that are no number, such as a version's.
pub(super) fn read(text: &str, start: usize) -> Result<Digits, usize> {
    let bytes = text.as_bytes();
    let mut digits = if bytes[start] == b'.' {
        let end = run(bytes, start + 1);
        Digits {
            end,
            value: Exact::decimal("", &text[start + 1..end]),
            is_ordinal: false,
            form: Form::Decimal,
        }
    } else {
        grouped(text, start)?
    };
    spaced_groups(text, start, &mut digits);
    powers(text, &mut digits);
    fractions(text, start, &mut digits);
    ordinal_ending(text, &mut digits);
    Ok(digits)
}

/// Returns the end of the digits from `at` on.
pub(super) fn run(bytes: &[u8], at: usize) -> usize {
    let digits = bytes.get(at..).unwrap_or_default();
    at + digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

fn groups(text: &str, start: usize) -> Groups {
    let bytes = text.as_bytes();
    let mut spans = [(0, start, start); MOST_GROUPS];
    let (mut count, mut at, mut separator) = (0, start, 0);
    while count < MOST_GROUPS {
        let end = run(bytes, at);
        if end == at {
            break;
        }
        spans[count] = (separator, at, end);
        count += 1;
        separator = match bytes.get(end) {
            Some(b'.') => b'.',
            Some(b',') => b',',
            Some(b'\'') => b'\'',
            _ if text[end..].starts_with('’') => b'\'',
            _ => break,
        };
        at = end
            + if bytes[end] < 128 {
                1
            } else {
                '’'.len_utf8()
            };
    }
    Groups { count, spans }
}

fn grouped(text: &str, start: usize) -> Result<Digits, usize> {
    let groups = groups(text, start);
    let spans = &groups.spans[..groups.count];
    let separators = |from: usize| spans[from..].iter().map(|span| span.0);
    let has_only = |from: usize, to: usize, separator: u8| {
        spans[from..to].iter().all(|span| span.0 == separator)
    };
    let count = spans.len();
    let last = count - 1;
    if count == 1 {
        return Ok(number(text, spans, 1, 0, Form::Integer));
    }
    let first = spans[1].0;
    if has_only(1, count, first) {
        if are_thousands(spans) && (count > 2 || first == b',' || first == b'\'') {
            return Ok(number(text, spans, count, 0, Form::Other));
        }
        if count == 2 && first != b'\'' {
            let decimals = spans[1].2 - spans[1].1;
            if first == b'.' {
                let form = if decimals == 3 && are_thousands(spans) {
                    Form::PointThousands
                } else {
                    Form::Decimal
                };
                return Ok(number(text, spans, 1, 1, form));
            }
            // "22,24,26" is a list, whichever of them is read.
            let is_in_list = text[..start].ends_with(',')
                && text[..start - 1].ends_with(|c: char| c.is_ascii_digit());
            if decimals <= 2 && !is_in_list {
                return Ok(number(text, spans, 1, 1, Form::Decimal));
            }
        }
        if first == b'.' && count > 2 {
            return Err(spans[last].2);
        }
        return Ok(number(text, spans, 1, 0, Form::Integer));
    }
    let is_one_other = has_only(1, last, first) && spans[last].0 != b'\'';
    if is_one_other && are_thousands(&spans[..last]) {
        return Ok(number(text, spans, last, 1, Form::Decimal));
    }
    if first == b'.' && separators(1).filter(|one| *one == b'.').count() == 1 {
        return Ok(number(text, spans, 1, 1, Form::Decimal));
    }
    if first == b'.' {
        // A point more: "1.2,3.4" is two numbers, "1.2.3,4" is none.
        return if spans[2].0 == b'.' {
            Err(spans[last].2)
        } else {
            Ok(number(text, spans, 1, 1, Form::Decimal))
        };
    }
    Ok(number(text, spans, 1, 0, Form::Integer))
}

/// Says whether separators stand where they part thousands, or lakhs and crores.
fn are_thousands(spans: &[(u8, usize, usize)]) -> bool {
    let length = |span: &(u8, usize, usize)| span.2 - span.1;
    let Some((last, before)) = spans[1..].split_last() else {
        return false;
    };
    let head = length(&spans[0]);
    let by_three = head <= 3 && before.iter().all(|span| length(span) == 3);
    let by_two = head <= 2 && !before.is_empty() && before.iter().all(|span| length(span) == 2);
    length(last) == 3 && (by_three || by_two)
}

/// Makes a number of the first `whole` groups, and of one more as its decimals if `decimals` says so.
fn number(
    text: &str,
    spans: &[(u8, usize, usize)],
    whole: usize,
    decimals: usize,
    form: Form,
) -> Digits {
    let end = spans[whole + decimals - 1].2;
    let places = &spans[whole..whole + decimals];
    let decimal = places.first().map_or("", |span| &text[span.1..span.2]);
    Digits {
        end,
        value: Exact::decimal(&text[spans[0].1..spans[whole - 1].2], decimal),
        is_ordinal: false,
        form,
    }
}

/// More groups of three with spaces between are a row of numbers.
const MOST_SPACED: usize = 4;

/// Says whether up to three digits and one space stand before.
fn is_behind_group(text: &str, start: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(before) = start.checked_sub(1).filter(|at| bytes[*at] == b' ') else {
        return false;
    };
    let digits = bytes[..before].iter().rev().take(4);
    (1..4).contains(&digits.take_while(|byte| byte.is_ascii_digit()).count())
}

/// Spaces between groups of three.
fn spaced_groups(text: &str, start: usize, digits: &mut Digits) {
    let bytes = text.as_bytes();
    if digits.form != Form::Integer || digits.end - start > 3 || bytes[start] == b'0' {
        return;
    }
    let is_in_row = is_behind_group(text, start);
    let mut end = digits.end;
    for group in 0..=MOST_SPACED {
        let space = match text[end..].chars().next() {
            Some(space @ (' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')) => space.len_utf8(),
            _ => break,
        };
        let after = run(bytes, end + space);
        let is_joined = bytes
            .get(after)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'/' | b':'));
        if after != end + space + 3 || is_joined {
            break;
        }
        // A row of numbers of three digits each.
        if group == MOST_SPACED {
            return;
        }
        end = after;
    }
    if end == digits.end || is_in_row {
        return;
    }
    let whole = &text[start..end];
    let places = match bytes.get(end) {
        Some(b'.' | b',') => run(bytes, end + 1),
        _ => end,
    };
    let has_places = places > end + 1 && !matches!(bytes.get(places), Some(b'.' | b','));
    let decimals = if has_places {
        &text[end + 1..places]
    } else {
        ""
    };
    digits.value = Exact::decimal(whole, decimals);
    digits.end = if has_places { places } else { end };
    digits.form = if has_places {
        Form::Decimal
    } else {
        Form::Other
    };
}

/// `1.3e6`, `6.2x10^-4`, `1.1^23`.
fn powers(text: &str, digits: &mut Digits) {
    let rest = &text[digits.end..];
    let (base, tail) = if let Some(tail) = rest.strip_prefix(['e', 'E']) {
        (None, tail)
    } else if let Some(tail) = ["x10^", "×10^", "x 10^", " x 10^", " × 10^", "*10^"]
        .iter()
        .find_map(|head| rest.strip_prefix(head))
    {
        (None, tail)
    } else if let Some(tail) = rest.strip_prefix('^') {
        (Some(()), tail)
    } else {
        return;
    };
    let signs = tail.len() - tail.trim_start_matches(['+', '-']).len();
    let is_negative = tail[..signs.min(2)]
        .bytes()
        .filter(|byte| *byte == b'-')
        .count()
        == 1;
    let length = run(tail.as_bytes(), signs) - signs;
    let ends = !tail[signs + length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if signs > 2 || length == 0 || length > 3 || !ends {
        return;
    }
    let Ok(exponent) = tail[signs..signs + length].parse::<i32>() else {
        return;
    };
    let exponent = if is_negative { -exponent } else { exponent };
    let raised = |value: Exact| match base {
        Some(()) => value.power(exponent),
        None => value.shifted(exponent),
    };
    digits.value = digits.value.and_then(raised);
    digits.end = text.len() - tail.len() + signs + length;
    digits.form = Form::Other;
}

const VULGAR: &[(char, i128, i128)] = &[
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
];

/// Reads a fraction of one sign.
pub(super) fn vulgar(text: &str, at: usize) -> Option<(Exact, usize)> {
    let sign = text[at..].chars().next()?;
    let (_, above, below) = VULGAR.iter().find(|known| known.0 == sign)?;
    Some((Exact::fraction(*above, *below)?, at + sign.len_utf8()))
}

/// `1/4`, `2 1/4`, `2½`.
fn fractions(text: &str, start: usize, digits: &mut Digits) {
    if digits.form != Form::Integer {
        return;
    }
    let spaces = text[digits.end..]
        .bytes()
        .take(3)
        .take_while(|byte| *byte == b' ')
        .count();
    if spaces == 0
        && let Some((value, end)) = slashed(text, start)
    {
        *digits = Digits {
            end,
            value: Some(value),
            is_ordinal: false,
            form: Form::Other,
        };
        return;
    }
    let at = digits.end + spaces;
    let signed = vulgar(text, at).filter(|_| spaces < 2);
    let added = signed.or_else(|| slashed(text, at).filter(|_| (1..3).contains(&spaces)));
    let Some((part, end)) = added else { return };
    // "3 5/4" is two numbers.
    if part.is_less_than(1) {
        digits.value = digits.value.and_then(|value| value.plus(part));
        digits.end = end;
        digits.form = Form::Other;
    }
}

fn slashed(text: &str, start: usize) -> Option<(Exact, usize)> {
    let bytes = text.as_bytes();
    let above = run(bytes, start);
    if above == start || above - start > 3 || bytes.get(above) != Some(&b'/') {
        return None;
    }
    let end = run(bytes, above + 1);
    let length = end - above - 1;
    let goes_on = bytes
        .get(end)
        .is_some_and(|byte| matches!(byte, b'/' | b'_') || byte.is_ascii_alphabetic())
        || matches!(bytes.get(end), Some(b'.' | b',')) && run(bytes, end + 1) > end + 1;
    // What stands before "1/2/" or "2024/1/2" is a date or a path.
    let is_inner = start > 0 && matches!(bytes[start - 1], b'/' | b'.' | b'-');
    if length == 0 || length > 3 || goes_on || is_inner {
        return None;
    }
    let value = Exact::fraction(
        text[start..above].parse().ok()?,
        text[above + 1..end].parse().ok()?,
    )?;
    value.is_less_than(1).then_some((value, end))
}

fn ordinal_ending(text: &str, digits: &mut Digits) {
    let rest = &text.as_bytes()[digits.end..];
    let Some(value) = digits.value.and_then(Exact::as_whole) else {
        return;
    };
    let ending: &[u8] = match (value % 100, value % 10) {
        (11..=13, _) => b"th",
        (_, 1) => b"st",
        (_, 2) => b"nd",
        (_, 3) => b"rd",
        _ => b"th",
    };
    let is_written = rest.len() >= 2 && rest[..2].eq_ignore_ascii_case(ending);
    let ends = rest.get(2).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if is_written && ends && matches!(digits.form, Form::Integer | Form::Other) {
        digits.end += 2;
        digits.is_ordinal = true;
    }
}
