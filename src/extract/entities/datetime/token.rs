//! A text as tokens: numbers, known and unknown words, marks, each with its bytes.
//!
//! Only stretches around words and numbers that phrases of time hang on are given out; the rest of a text
//! costs one look per word. Nothing is decided here about what a stretch says.

use std::cell::Cell;

use super::clocks::Clocks;
use super::day::Read;
use super::lexicon::{LONGEST_WORD, Word, look_up};
use super::value::{Amount, Clock, Day, Edge};

/// How many tokens are kept before the first trigger of a stretch, and behind the last one.
const BEHIND: usize = 12;
const AHEAD: usize = 12;

/// How many words can stand before the one that a mention hangs on: `on or earlier than the end of March`.
const FARTHEST_TRIGGER: usize = 7;

/// White space of more bytes than this is a break.
const WIDEST_SPACE: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// It begins with a capital letter.
    pub is_capital: bool,
    /// A mention can hang on it.
    pub is_trigger: bool,
    /// A trigger stands so close behind it that it can begin the mention.
    pub is_near: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Number {
        value: u32,
        digits: u8,
    },
    Word(Word),
    /// A word that no phrase of time knows.
    Unknown,
    Mark(char),
    /// The end of a line, or of the text.
    Break,
}

/// Gives out the stretches of a text, one after another.
pub(super) struct Stretches<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    has_trigger: bool,
    since_trigger: usize,
    carried: usize,
    is_done: bool,
}

impl<'a> Stretches<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            tokens: Vec::with_capacity(128),
            has_trigger: false,
            since_trigger: 0,
            carried: 0,
            is_done: false,
        }
    }

    /// Returns the next stretch, and how many of its first tokens were the last ones of the stretch before: what ends
    /// among them was decided there, with more before it in sight.
    pub fn next(&mut self) -> Option<(usize, &[Token])> {
        if self.is_done {
            return None;
        }
        self.forget();
        self.carried = self.tokens.len();
        while let Some(token) = self.token() {
            self.tokens.push(token);
            if token.is_trigger {
                self.mark_before();
                self.has_trigger = true;
                self.since_trigger = 0;
                continue;
            }
            self.since_trigger += 1;
            let is_over = token.kind == Kind::Break || self.since_trigger >= AHEAD;
            if is_over && self.has_trigger {
                return Some((self.carried, &self.tokens));
            }
            if token.kind == Kind::Break {
                self.tokens.clear();
                self.carried = 0;
                self.tokens.push(token);
            } else if !self.has_trigger && self.tokens.len() > 8 * BEHIND {
                self.forget();
            }
        }
        self.is_done = true;
        let end = self.text.len();
        self.tokens.push(Token {
            start: end,
            end,
            kind: Kind::Break,
            is_capital: false,
            is_trigger: false,
            is_near: false,
        });
        self.has_trigger.then_some((self.carried, &self.tokens))
    }

    /// Marks the words that can begin a mention which hangs on the last one.
    fn mark_before(&mut self) {
        let line = self.tokens.iter_mut().rev().take(FARTHEST_TRIGGER + 1);
        for token in line.take_while(|token| token.kind != Kind::Break) {
            token.is_near = true;
        }
    }

    /// Keeps of what has been given out, or holds nothing, only what can belong to the next stretch.
    fn forget(&mut self) {
        let kept = self.tokens.len().saturating_sub(BEHIND);
        self.tokens.drain(..kept);
        self.carried = self.carried.saturating_sub(kept);
        self.has_trigger = false;
        self.since_trigger = 0;
    }

    pub fn token(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let space = self.at;
        let mut has_line_end = false;
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b'\r' => {
                    has_line_end = true;
                    self.at += 1;
                }
                0xC2 if bytes.get(self.at + 1) == Some(&0xA0) => self.at += 2,
                0xE2 if bytes.get(self.at + 1) == Some(&0x80)
                    && matches!(bytes.get(self.at + 2), Some(0x80..=0x8A | 0xAF)) =>
                {
                    self.at += 3;
                }
                _ => break,
            }
        }
        let start = self.at;
        let first = *bytes.get(start)?;
        if has_line_end || start - space > WIDEST_SPACE {
            return Some(Token {
                start: space,
                end: start,
                kind: Kind::Break,
                is_capital: false,
                is_trigger: false,
                is_near: false,
            });
        }
        let kind = if first.is_ascii_digit() {
            self.number()
        } else if first.is_ascii_alphabetic() || first >= 0x80 {
            self.word()
        } else {
            self.at += 1;
            Kind::Mark(char::from(first))
        };
        Some(Token {
            start,
            end: self.at,
            kind,
            is_capital: first.is_ascii_uppercase(),
            is_trigger: match kind {
                Kind::Number { .. } => true,
                Kind::Word(word) => is_trigger(word),
                Kind::Unknown | Kind::Mark(_) | Kind::Break => false,
            },
            is_near: false,
        })
    }

    pub fn number(&mut self) -> Kind {
        let mut value = 0_u32;
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            value = value
                .saturating_mul(10)
                .saturating_add(u32::from(digit - b'0'));
            self.at += 1;
        }
        Kind::Number {
            value,
            digits: u8::try_from(self.at - start).unwrap_or(u8::MAX),
        }
    }

    pub fn word(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut is_ascii = true;
        while let Some(&byte) = bytes.get(self.at) {
            if byte.is_ascii_alphabetic() {
                self.at += 1;
            } else if byte < 0x80 {
                break;
            } else {
                let Some(c) = self.text[self.at..].chars().next() else {
                    break;
                };
                let stands_alone = is_ideograph(c);
                if stands_alone || !c.is_alphabetic() {
                    if self.at > start {
                        break;
                    }
                    self.at += c.len_utf8();
                    let sign = &bytes[start..self.at];
                    let known = stands_alone.then(|| look_up(sign)).flatten();
                    return match known {
                        Some(word) => Kind::Word(word),
                        None if c.is_alphanumeric() => Kind::Unknown,
                        None => Kind::Mark(c),
                    };
                }
                is_ascii = false;
                self.at += c.len_utf8();
            }
        }
        let word = &self.text[start..self.at];
        let known = if word.len() > LONGEST_WORD {
            None
        } else if is_ascii {
            look_up(word.as_bytes())
        } else {
            look_up(word.to_lowercase().as_bytes())
        };
        known.map_or(Kind::Unknown, Kind::Word)
    }
}

/// Signs that stand for a whole word each.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

/// Says whether a word makes a stretch worth reading; the others only matter beside one of these.
fn is_trigger(word: Word) -> bool {
    use Word as W;
    !matches!(
        word,
        W::A | W::The
            | W::My
            | W::On
            | W::At
            | W::In
            | W::Of
            | W::For
            | W::From
            | W::To
            | W::Through
            | W::And
            | W::Or
            | W::By
            | W::Than
            | W::More
            | W::Less
            | W::No
            | W::Not
            | W::That
            | W::As
            | W::O
            | W::P
            | W::Clock
            | W::Old
            | W::Per
            | W::Other
            | W::Direction(_)
            | W::Same
            | W::Right
            | W::All
            | W::Full
            | W::Around
            | W::Between
            | W::Before
            | W::After
            | W::Since
            | W::Until
            | W::Within
            | W::Past
            | W::Early
            | W::Earlier
            | W::Late
            | W::Later
            | W::Ago
            | W::School
            | W::Least
            | W::Sign(_)
            | W::Am
            | W::Pm
            | W::Few
            | W::Another
            | W::Each
            | W::Every
            | W::End
            | W::Rest
            | W::Beginning
            | W::Starting
            | W::Date
            | W::Times
            | W::Ad
            | W::Present
            | W::Zone(_)
            | W::OrdinalEnd
    )
}

/// The last place that was read, and what stood there.
pub(super) struct Memory<T>(Cell<Option<(usize, Read<T>)>>);

impl<T: Copy> Memory<T> {
    fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Returns what is remembered of a place; reads it where another was read last.
    pub fn or_read(&self, at: usize, read: impl FnOnce() -> Read<T>) -> Read<T> {
        if let Some((_, read)) = self.0.get().filter(|(last, _)| *last == at) {
            return read;
        }
        let read = read();
        self.0.set(Some((at, read)));
        read
    }
}

/// A stretch with its text, and what the grammar asks of it.
pub(super) struct Phrase<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    /// Of two numbers that could be day and month, the day comes first.
    pub day_first: bool,
    /// How many tokens were asked for: what reading costs, whatever the machine.
    pub asked: Cell<u64>,
    /// What was read last, by what it was read as: several rules ask for the same.
    pub last_edge: Memory<Edge>,
    pub last_day: Memory<Day>,
    pub last_clock: Memory<Clock>,
    pub last_clocks: Memory<Clocks>,
    pub last_amount: Memory<Amount>,
    /// The place behind the last time of day that was found.
    pub last_time: Cell<Option<usize>>,
}

impl<'a> Phrase<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], day_first: bool) -> Self {
        Self {
            text,
            tokens,
            day_first,
            asked: Cell::new(0),
            last_edge: Memory::new(),
            last_day: Memory::new(),
            last_clock: Memory::new(),
            last_clocks: Memory::new(),
            last_amount: Memory::new(),
            last_time: Cell::new(None),
        }
    }

    pub fn kind(&self, at: usize) -> Kind {
        self.asked.set(self.asked.get() + 1);
        self.tokens.get(at).map_or(Kind::Break, |token| token.kind)
    }

    pub fn word(&self, at: usize) -> Option<Word> {
        match self.kind(at) {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn is(&self, at: usize, word: Word) -> bool {
        self.kind(at) == Kind::Word(word)
    }

    pub fn is_mark(&self, at: usize, mark: char) -> bool {
        self.kind(at) == Kind::Mark(mark)
    }

    /// Says whether a hyphen or a dash stands there.
    pub fn is_dash(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            Kind::Mark('-' | '–' | '—' | '~' | '‐' | '‑' | '−')
        )
    }

    /// Returns a number that is written in digits, and how many.
    pub fn digits(&self, at: usize) -> Option<(u32, u8)> {
        match self.kind(at) {
            Kind::Number { value, digits } => Some((value, digits)),
            _ => None,
        }
    }

    /// Says whether nothing stands between a token and the one before it.
    pub fn is_glued(&self, at: usize) -> bool {
        let Some([before, token]) = at.checked_sub(1).and_then(|at| self.tokens.get(at..at + 2))
        else {
            return false;
        };
        before.end == token.start && before.kind != Kind::Break && token.kind != Kind::Break
    }

    pub fn is_capital(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_capital)
    }

    /// Returns the letters of a token as they stand.
    pub fn letters(&self, at: usize) -> &str {
        self.tokens
            .get(at)
            .map_or("", |token| &self.text[token.start..token.end])
    }

    pub fn letters_are(&self, at: usize, word: &str) -> bool {
        self.letters(at).eq_ignore_ascii_case(word)
    }

    /// Steps over a word where it stands.
    pub fn skip(&self, at: usize, word: Word) -> usize {
        at + usize::from(self.is(at, word))
    }

    pub fn skip_mark(&self, at: usize, mark: char) -> usize {
        at + usize::from(self.is_mark(at, mark))
    }

    /// Steps over `'s` after a word.
    pub fn skip_possessive(&self, at: usize) -> usize {
        let has_mark = matches!(self.kind(at), Kind::Mark('\'' | '’')) && self.is_glued(at);
        if has_mark && self.letters_are(at + 1, "s") && self.is_glued(at + 1) {
            at + 2
        } else if has_mark && self.letters(at.wrapping_sub(1)).ends_with('s') {
            at + 1
        } else {
            at
        }
    }

    /// Says whether a clause ends before a token: a mark that closes, or the end of the line.
    pub fn ends_clause(&self, at: usize) -> bool {
        match self.kind(at) {
            Kind::Break => true,
            Kind::Mark(mark) => {
                matches!(
                    mark,
                    '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '"' | '”' | '|' | '。' | '，'
                ) && (mark != '.' && mark != ',' && mark != ':'
                    || self.digits(at + 1).is_none_or(|_| !self.is_glued(at + 1)))
                    || (!self.is_glued(at) && matches!(mark, '-' | '–' | '—'))
            }
            _ => false,
        }
    }
}
