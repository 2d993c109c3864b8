//! Two times of one day: `4 to 5 pm`, `between 10:10 and 12:50`, `8-9am`.

use super::clock::in_part_of_day;
use super::day::Read;
use super::lexicon::Word;
use super::number::LIKELY_YEARS;
use super::token::{Kind, Phrase};
use super::value::Clock;

/// Two times of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clocks {
    from: Clock,
    to: Clock,
    /// Nothing but their place says that they are times.
    is_bare: bool,
}

impl Phrase<'_> {
    /// Reads two times of a day: `4 to 5 pm`, `between 10:10 and 12:50`, `8-9am`. On a day that is known,
    /// two numbers are enough.
    pub fn clocks(&self, at: usize, on_day: bool) -> Read<(Clock, Clock)> {
        let (pair, end) = self.last_clocks.or_read(at, || self.any_clocks(at))?;
        (on_day || !pair.is_bare).then_some(((pair.from, pair.to), end))
    }

    fn any_clocks(&self, at: usize) -> Read<Clocks> {
        let is_between = self.is(at, Word::Between);
        let is_led = is_between || self.is(at, Word::From);
        let start = at + usize::from(is_led);
        let (mut from, end, is_bare) = self.clock_of_pair(start, is_led)?;
        let joint = self.joint(end, is_between)?;
        let (mut to, mut behind, is_bare_too) = self.clock_of_pair(joint, is_led)?;
        let is_joined = is_led || self.is_dash(joint - 1) || self.is(joint - 1, Word::To);
        if is_bare && is_bare_too && !is_joined {
            return None;
        }
        if is_bare_too && !is_bare {
            let is_number = !(self.ends_clause(behind) || self.word(behind).is_some())
                || self.is_part_of_number(behind);
            if is_number {
                return None;
            }
        }
        if let Some((part, end)) = self.in_part(behind) {
            (from, to) = (
                in_part_of_day(from, part.part),
                in_part_of_day(to, part.part),
            );
            behind = end;
        }
        (from, to) = in_halves(from, to);
        let is_bare = is_bare && is_bare_too;
        Some((Clocks { from, to, is_bare }, behind))
    }

    fn clock_of_pair(&self, at: usize, is_led: bool) -> Option<(Clock, usize, bool)> {
        if let Some((clock, end)) = self.clock(at) {
            return Some((clock, end, false));
        }
        if is_led
            && let Some((clock, end)) = self.compact_clock(at)
            && self
                .digits(at)
                .is_some_and(|(value, _)| !LIKELY_YEARS.contains(&value))
        {
            return Some((clock, end, false));
        }
        let (hour, end) = match self.digits(at) {
            Some((hour @ 0..=24, 1..=2)) => (hour, at + 1),
            Some(_) => return None,
            None => self.cardinal(at).filter(|(hour, _)| *hour <= 12)?,
        };
        let clock = Clock {
            hour: hour as u8,
            is_open: hour <= 12,
            ..Clock::default()
        };
        let is_other = matches!(self.kind(end), Kind::Mark('/' | ':' | '.' | '%'))
            && self.is_glued(end + 1)
            && self.digits(end + 1).is_some()
            || self.is_glued(end) && self.word(end).is_some();
        (!is_other).then_some((clock, end, true))
    }

    /// Steps over what joins the ends of a range.
    pub fn joint(&self, at: usize, is_between: bool) -> Option<usize> {
        if self.is_dash(at) {
            return Some(at + 1);
        }
        match self.word(at)? {
            Word::To | Word::Until | Word::Through => Some(at + 1),
            Word::And if is_between => Some(at + 1),
            _ => None,
        }
    }
}

/// Decides which half of the day each of two times is in, by the other: `10:30 to 3 pm`, `1 pm to 4`, `9-5`.
fn in_halves(from: Clock, to: Clock) -> (Clock, Clock) {
    let early = |clock: Clock| Clock {
        hour: clock.hour % 12,
        is_open: false,
        ..clock
    };
    let late = |clock: Clock| Clock {
        hour: clock.hour % 12 + 12,
        is_open: false,
        ..clock
    };
    let is_before = |one: Clock, other: Clock| (one.hour, one.minute) < (other.hour, other.minute);
    match (from.is_open, to.is_open) {
        (true, false) if is_before(late(from), to) => (late(from), to),
        (true, false) => (early(from), to),
        // Past midnight where neither is later: `between 9:30 pm and 4`.
        (false, true) if is_before(from, early(to)) || !is_before(from, late(to)) => {
            (from, early(to))
        }
        (false, true) => (from, late(to)),
        (true, true) if is_before(to, from) => (
            Clock {
                is_open: false,
                ..from
            },
            late(to),
        ),
        _ => (from, to),
    }
}
