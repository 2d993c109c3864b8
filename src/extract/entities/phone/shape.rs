//! What is written like a telephone number: groups of digits with single marks between them.
//!
//! Owns where one begins and ends, and how it is written. Whether it is one is for the words around it and the plans to say.

use phonenumber::country;

/// How a number is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) start: usize,
    /// The end of the digits; an extension may follow.
    pub(super) digits_end: usize,
    pub(super) end: usize,
    pub(super) digits: usize,
    pub(super) groups: usize,
    /// Whether an area code stands in brackets.
    pub(super) has_area: bool,
    pub(super) begins_with_nought: bool,
    has_plus: bool,
    begins_with_two_noughts: bool,
    lengths: [u8; MOST_GROUPS],
    /// The mark that parts all of its groups, if it is one.
    mark: Option<char>,
    first: u32,
    last: u32,
}

/// E.164 allows fifteen digits, and two noughts may stand before them.
const MOST_DIGITS: usize = 17;
const LEAST_DIGITS: usize = 6;
const MOST_GROUPS: usize = 9;

impl Shape {
    pub(super) fn is_international(&self) -> bool {
        (self.has_plus && self.digits >= 7) || (self.begins_with_two_noughts && self.digits >= 10)
    }

    /// Three, three and four digits with hyphens or points between: North America's way, which nothing else is written in.
    pub(super) fn is_grouped_as_in(&self, region: country::Id) -> bool {
        let lengths = &self.lengths[..self.groups];
        let is_national = matches!(lengths, [3, 3, 4] | [1, 3, 3, 4]);
        region == country::US && is_national && matches!(self.mark, Some('-' | '.'))
    }

    /// A plus sign, or an area code in brackets, with enough digits.
    pub(super) fn is_unmistakable(&self) -> bool {
        let is_area =
            self.has_area && self.digits == 10 && self.lengths[..self.groups].ends_with(&[3, 3, 4]);
        is_area || (self.has_area && self.has_plus && self.digits >= 9)
    }

    /// Two groups of a year, or three of a date.
    pub(super) fn is_date(&self) -> bool {
        let is_year = |value: u32| (1500..2200).contains(&value);
        if self.has_plus || !matches!(self.mark, Some('-' | '/' | '.' | ' ' | '\u{2013}')) {
            return false;
        }
        match &self.lengths[..self.groups] {
            [4, 4] => is_year(self.first) && is_year(self.last),
            [1..=2, 1..=2, 4] => is_year(self.last),
            [4, 1..=2, 1..=2] => is_year(self.first),
            [2, 2, 2] => true,
            _ => false,
        }
    }

    /// Returns the extension's digits.
    pub(super) fn extension<'a>(&self, text: &'a str) -> Option<&'a str> {
        let tail = &text[self.digits_end..self.end];
        let at = tail.find(|c: char| c.is_ascii_digit())?;
        Some(&tail[at..])
    }
}

/// Finds everything in a text that is written like a number.
pub(super) fn shapes(text: &str) -> impl Iterator<Item = Shape> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let found = bytes[at..]
                .iter()
                .position(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'('))?;
            let start = at + found;
            if let Some(shape) = read(text, start) {
                at = shape.end;
                return Some(shape);
            }
            // A run of digits is no number from its middle on either.
            let digits = bytes[start..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            at = start + digits.max(1);
        }
        None
    })
}

fn read(text: &str, start: usize) -> Option<Shape> {
    let bytes = text.as_bytes();
    let mut shape = Shape {
        start,
        ..Shape::default()
    };
    let mut at = start;
    let mut open = false;
    let mut marks = Marks::default();
    if bytes[at] == b'(' {
        open = true;
        at += 1;
    }
    if bytes.get(at) == Some(&b'+') {
        shape.has_plus = true;
        at += 1;
    }
    loop {
        let digits = bytes[at..]
            .iter()
            .take(MOST_DIGITS + 1)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 || shape.digits + digits > MOST_DIGITS || shape.groups == MOST_GROUPS {
            break;
        }
        let group = &text[at..at + digits];
        if shape.groups == 0 {
            shape.begins_with_nought = group.starts_with('0');
            shape.begins_with_two_noughts = group.starts_with("00");
            shape.first = group.parse().unwrap_or(0);
        }
        shape.last = group.parse().unwrap_or(0);
        shape.lengths[shape.groups] = digits as u8;
        shape.groups += 1;
        shape.digits += digits;
        at += digits;
        let close = bytes.get(at) == Some(&b')');
        if close && (open || shape.groups == 1 && digits == 3) {
            shape.has_area = true;
            open = false;
            at += 1;
        } else if close && open {
            break;
        }
        if !open {
            shape.digits_end = at;
            marks.keep();
        }
        let Some((next, opens)) = separator(text, at, close, open, &mut marks) else {
            break;
        };
        open |= opens;
        at = next;
    }
    shape.mark = marks.kept;
    let (start, end) = (start, shape.digits_end);
    // A bracket that is never closed is not the number's.
    if end == 0 || !shape.is_complete(text) {
        return None;
    }
    shape.start = start;
    shape.end = extension_end(text, end);
    shape.stands_alone(text).then_some(shape)
}

/// The marks between groups, as far as the number is sure to reach.
#[derive(Default)]
struct Marks {
    seen: Option<char>,
    differ: bool,
    kept: Option<char>,
}

impl Marks {
    fn meet(&mut self, mark: char) {
        self.differ |= self.seen.is_some_and(|seen| seen != mark);
        self.seen = Some(mark);
    }

    fn keep(&mut self) {
        self.kept = self.seen.filter(|_| !self.differ);
    }
}

/// Reads what stands between two groups: one mark, a bracket, or a mark and a space beside it. Gives where the next
/// group begins, and whether in a bracket.
fn separator(
    text: &str,
    at: usize,
    closed: bool,
    is_open: bool,
    marks: &mut Marks,
) -> Option<(usize, bool)> {
    let mut next = at;
    let mut count = 0;
    for c in text[at..].chars().take(3) {
        match c {
            ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' | '\u{2010}' | '\u{2011}' | '\u{2012}'
            | '\u{2013}' | '/'
                if count < 2 =>
            {
                let is_space = matches!(c, ' ' | '\u{a0}' | '\u{202f}');
                marks.meet(if is_space { ' ' } else { c });
                // One mark, or one with a space on a side; never two spaces.
                if count == 1 && is_space && text[at..next].ends_with(' ') {
                    return None;
                }
                count += 1;
                next += c.len_utf8();
            }
            '(' if !is_open => return Some((next + 1, true)),
            c if c.is_ascii_digit() => return (count > 0 || closed).then_some((next, false)),
            _ => return None,
        }
    }
    None
}

/// " ext 123", "x123", " X 63888".
fn extension_end(text: &str, end: usize) -> usize {
    let tail = &text[end..];
    let bare = tail
        .strip_prefix(',')
        .unwrap_or(tail)
        .trim_start_matches(' ');
    if tail.len() - bare.len() > 2 {
        return end;
    }
    let word = ["extension", "ext.", "ext", "x"].iter().find(|word| {
        bare.as_bytes()
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    });
    let Some(word) = word else { return end };
    let rest = bare[word.len()..].trim_start_matches([' ', ':']);
    let digits = rest.bytes().take(8).take_while(u8::is_ascii_digit).count();
    let ends = !rest[digits..].starts_with(char::is_alphanumeric);
    if (1..8).contains(&digits) && ends && bare.len() - rest.len() - word.len() <= 2 {
        text.len() - rest.len() + digits
    } else {
        end
    }
}

impl Shape {
    fn is_complete(&self, text: &str) -> bool {
        let written = &text[self.start..self.digits_end];
        let balance = |open: char| written.matches(open).count();
        let is_balanced = balance('(') == balance(')') || (balance('(') == 0 && balance(')') == 1);
        self.digits >= LEAST_DIGITS && is_balanced
    }

    /// Says whether it is no part of a longer run, as in an ISBN, a card or a version.
    fn stands_alone(&self, text: &str) -> bool {
        let mut before = text[..self.start].chars().rev();
        let mut after = text[self.end..].chars();
        let is_bracketed = text[self.start..].starts_with('(') || self.has_area;
        let starts = match (before.next(), before.next()) {
            (Some(c), _) if c.is_alphanumeric() => {
                text[self.start..].starts_with('(') && c.is_alphabetic()
            }
            (Some('-'), Some(c)) => is_bracketed && c.is_alphabetic(),
            (Some('.' | ','), Some(c)) => !c.is_ascii_digit(),
            (Some(' '), Some(c)) if c.is_ascii_digit() => {
                text[self.start..].starts_with(['+', '('])
            }
            (Some('(' | '['), _) => !text[self.end..].starts_with('('),
            (Some('_' | '/' | '+' | '=' | '%' | '*' | '&' | '#' | '$' | '€' | '£' | '-'), _) => {
                false
            }
            _ => true,
        };
        let ends = match (after.next(), after.next()) {
            (Some(c), _) if c.is_alphanumeric() => false,
            (Some('-' | '\u{2013}' | ':' | '.' | ',' | '/' | '('), Some(c)) => !c.is_alphanumeric(),
            (Some(' '), Some(c)) => !c.is_ascii_digit(),
            (Some(')'), Some(')')) | (Some('_' | '%' | '=' | '+' | '*' | '@'), _) => false,
            _ => true,
        };
        starts && ends
    }
}
