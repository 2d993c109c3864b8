//! Parts of a day as phrases name them: `morning`, `in the late evening`, `at night`.

use super::day::Read;
use super::lexicon::Word;
use super::token::Phrase;
use super::value::{DayPart, PartOfDay, Portion};

impl Phrase<'_> {
    /// Reads `morning`, `late-afternoon`, `early in the evening`.
    pub fn part_of_day(&self, at: usize) -> Read<DayPart> {
        let portion = match self.word(at)? {
            Word::Early => Some(Portion::Early),
            Word::Late => Some(Portion::Late),
            Word::Mid => Some(Portion::Mid),
            _ => None,
        };
        let start = at + usize::from(portion.is_some());
        let start = start + usize::from(portion.is_some() && self.is_mark(start, '-'));
        match self.word(start)? {
            Word::PartOfDay(part, false) => Some((DayPart { part, portion }, start + 1)),
            _ => None,
        }
    }

    /// Reads `in the morning`, `at night`, `in the early-evening`.
    pub fn in_part(&self, at: usize) -> Read<DayPart> {
        match self.word(at)? {
            Word::In if self.is(at + 1, Word::The) => match self.word(at + 2)? {
                Word::PartOfDay(part, true) => Some((
                    DayPart {
                        part,
                        portion: None,
                    },
                    at + 3,
                )),
                _ => self.part_of_day(at + 2),
            },
            Word::At => match self.word(at + 1)? {
                Word::PartOfDay(part @ (PartOfDay::Night | PartOfDay::Lunch), false) => Some((
                    DayPart {
                        part,
                        portion: None,
                    },
                    at + 2,
                )),
                _ => None,
            },
            _ => None,
        }
    }
}
