//! English number words, and how one follows another.
//!
//! Owns the words. What they are worth together is for their sum and their fractions to say.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What a word is in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Small(i128),
    Tens(i128),
    Hundred,
    /// A power of ten: thousand, million, lakh.
    Scale(u32),
    Dozen,
    And,
    Article,
    Point,
    Minus,
    /// A half or a quarter, by what it is one over.
    Part(i128),
    /// The ordinal of a number, and whether it is in the plural.
    Ordinal(i128, bool),
}

/// Every word that stands for itself.
const WORDS: &[(Word, &str)] = &[
    (Word::Small(0), "zero nought naught"),
    (Word::Small(1), "one"),
    (Word::Small(2), "two"),
    (Word::Small(3), "three"),
    (Word::Small(4), "four"),
    (Word::Small(5), "five"),
    (Word::Small(6), "six"),
    (Word::Small(7), "seven"),
    (Word::Small(8), "eight"),
    (Word::Small(9), "nine"),
    (Word::Small(10), "ten"),
    (Word::Small(11), "eleven"),
    (Word::Small(12), "twelve"),
    (Word::Small(13), "thirteen"),
    (Word::Small(14), "fourteen"),
    (Word::Small(15), "fifteen"),
    (Word::Small(16), "sixteen"),
    (Word::Small(17), "seventeen"),
    (Word::Small(18), "eighteen"),
    (Word::Small(19), "nineteen"),
    (Word::Tens(20), "twenty"),
    (Word::Tens(30), "thirty"),
    (Word::Tens(40), "forty fourty"),
    (Word::Tens(50), "fifty"),
    (Word::Tens(60), "sixty"),
    (Word::Tens(70), "seventy"),
    (Word::Tens(80), "eighty"),
    (Word::Tens(90), "ninety"),
    (Word::Hundred, "hundred hundreds"),
    (Word::Scale(3), "thousand thousands"),
    (Word::Scale(5), "lakh lakhs lac"),
    (Word::Scale(6), "million millions mln"),
    (Word::Scale(7), "crore crores"),
    (Word::Scale(9), "billion billions bln bn"),
    (Word::Scale(12), "trillion trillions tln trn"),
    (Word::Dozen, "dozen dozens doz dozs"),
    (Word::And, "and"),
    (Word::Article, "a an"),
    (Word::Point, "point"),
    (Word::Minus, "minus negative"),
    (Word::Part(2), "half halves"),
    (Word::Part(4), "quarter quarters"),
];

/// Ordinals, each with a plural but the second, which is a time.
const ORDINALS: &[(i128, &str)] = &[
    (1, "first"),
    (2, "second"),
    (3, "third"),
    (4, "fourth"),
    (5, "fifth"),
    (6, "sixth"),
    (7, "seventh"),
    (8, "eighth"),
    (9, "ninth nineth"),
    (10, "tenth"),
    (11, "eleventh"),
    (12, "twelfth"),
    (13, "thirteenth"),
    (14, "fourteenth"),
    (15, "fifteenth"),
    (16, "sixteenth"),
    (17, "seventeenth"),
    (18, "eighteenth"),
    (19, "nineteenth"),
    (20, "twentieth"),
    (30, "thirtieth"),
    (40, "fortieth"),
    (50, "fiftieth"),
    (60, "sixtieth"),
    (70, "seventieth"),
    (80, "eightieth"),
    (90, "ninetieth"),
    (100, "hundredth"),
    (1_000, "thousandth"),
    (1_000_000, "millionth"),
    (1_000_000_000, "billionth"),
    (1_000_000_000_000, "trillionth"),
];

/// Longest word of the table.
const LONGEST: usize = 13;

/// The words, and which lengths those have that begin with two letters: most words of a text are none of them, and that
/// is all that is looked at of these.
struct Table {
    words: HashMap<Vec<u8>, Word>,
    lengths: [[u16; 26]; 26],
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            words: HashMap::new(),
            lengths: [[0; 26]; 26],
        };
        for (word, names) in WORDS {
            names.split(' ').for_each(|name| table.add(name, *word));
        }
        for (value, names) in ORDINALS {
            for name in names.split(' ') {
                table.add(name, Word::Ordinal(*value, false));
                if *value != 2 {
                    table.add(&format!("{name}s"), Word::Ordinal(*value, true));
                }
            }
        }
        table
    })
}

impl Table {
    fn add(&mut self, name: &str, word: Word) {
        self.words.insert(name.as_bytes().to_vec(), word);
        if let Some((first, second)) = first_letters(name.as_bytes()) {
            self.lengths[first][second] |= 1 << name.len();
        }
    }

    fn get(&self, word: &[u8]) -> Option<Word> {
        let (first, second) = match word {
            [b'a' | b'A'] => return Some(Word::Article),
            _ => first_letters(word)?,
        };
        if self.lengths[first][second] & (1 << word.len()) == 0 {
            return None;
        }
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.words.get(&*lower).copied()
    }
}

fn first_letters(word: &[u8]) -> Option<(usize, usize)> {
    let letter =
        |byte: &u8| Some(usize::from((byte | 0x20).checked_sub(b'a')?)).filter(|at| *at < 26);
    Some((letter(word.first()?)?, letter(word.get(1)?)?))
}

/// Returns the word at `at` and its end. Letters that belong to a longer run with digits or beyond ASCII are none.
pub(super) fn word_at(text: &str, at: usize) -> Option<(Word, usize)> {
    let rest = text.as_bytes().get(at..)?;
    let length = rest
        .iter()
        .take(LONGEST + 1)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if length == 0
        || length > LONGEST
        || rest
            .get(length)
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_' || *byte >= 0x80)
    {
        return None;
    }
    Some((table().get(&rest[..length])?, at + length))
}

/// Returns where the next word of the same number may begin: behind a space or two, or a hyphen.
pub(super) fn next_word(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let spaces = |from: usize| {
        bytes[from..]
            .iter()
            .take(2)
            .take_while(|byte| **byte == b' ')
            .count()
    };
    let mut at = end + spaces(end);
    if bytes.get(at) == Some(&b'-') {
        at += 1;
        at += spaces(at);
    } else if text[end..].starts_with('\u{a0}') {
        at = end + '\u{a0}'.len_utf8();
    }
    at
}

pub(super) fn following(text: &str, end: usize) -> Option<(Word, usize)> {
    let at = next_word(text, end);
    word_at(text, at).filter(|_| at > end)
}
