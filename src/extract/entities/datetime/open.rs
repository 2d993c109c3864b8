//! What is open at one end, or as long as an amount: `since last week`, `no later than May`, `within 2 days`.

use super::day::{Read, anchor, longer};
use super::lexicon::Word;
use super::token::Phrase;
use super::value::{
    Amount, Anchor, Bound, Count, Day, Edge, Month, PartOfDay, Period, Portion, Unit, Value, Year,
};

impl Phrase<'_> {
    /// Reads what is open at one end.
    pub fn open(&self, at: usize) -> Read<Value> {
        if let Some((bound, start)) = self.bound(at) {
            let start_of_clause = self.skip(start, Word::On);
            let read = self.open_edge(start_of_clause, bound);
            if let Some((edge, end)) = read {
                return Some((Value::Open(bound, edge), end));
            }
        }
        // `1/1/2016 and after`, `2020 or later`
        let (edge, end) = self
            .edge(at)
            .or_else(|| self.slashed_day(at).map(|(day, end)| (Edge::Day(day), end)))?;
        let joint = match self.word(end)? {
            Word::And | Word::Or => end + 1,
            _ => return None,
        };
        let bound = match self.word(joint)? {
            Word::After | Word::Later => Bound::Since,
            Word::Before | Word::Earlier => Bound::Until,
            _ => return None,
        };
        let is_over = self.ends_clause(joint + 1);
        (is_over
            && matches!(
                edge,
                Edge::Day(_) | Edge::Period(_) | Edge::Moment(..) | Edge::Clock(_)
            ))
        .then_some((Value::Open(bound, edge), joint + 1))
    }

    /// Reads what bounds time on one side: `before`, `no later than`, `since`, `starting`.
    fn bound(&self, at: usize) -> Read<Bound> {
        match self.word(at)? {
            Word::Before => Some((Bound::Before, at + 1)),
            Word::Until | Word::By | Word::Ending => Some((Bound::Until, at + 1)),
            Word::After => Some((Bound::After, at + 1)),
            Word::Since => Some((Bound::Since, at + 1)),
            Word::Starting | Word::Commencing => {
                Some((Bound::Since, self.skip(at + 1, Word::From)))
            }
            Word::Earlier if self.is(at + 1, Word::To) && self.letters_are(at, "prior") => {
                Some((Bound::Before, at + 2))
            }
            Word::Earlier if self.is(at + 1, Word::Than) => {
                let or = self.is(at + 2, Word::Or);
                Some((
                    Bound::Before,
                    if or {
                        self.skip(at + 3, Word::In)
                    } else {
                        at + 2
                    },
                ))
            }
            Word::Later if self.is(at + 1, Word::Than) => Some((Bound::After, at + 2)),
            Word::More if self.letters_are(at, "greater") && self.is(at + 1, Word::Than) => {
                Some((Bound::After, at + 2))
            }
            Word::No | Word::Not if self.is(at + 2, Word::Than) => match self.word(at + 1)? {
                Word::Later => Some((Bound::Until, at + 3)),
                Word::Earlier => Some((Bound::Since, at + 3)),
                _ => None,
            },
            Word::On if self.is(at + 1, Word::Or) => {
                match (self.word(at + 2)?, self.word(at + 3)) {
                    (Word::Before, _) => Some((Bound::Until, at + 3)),
                    (Word::After, _) => Some((Bound::Since, at + 3)),
                    (Word::Earlier, Some(Word::Than)) => Some((Bound::Until, at + 4)),
                    (Word::Later, Some(Word::Than)) => Some((Bound::Since, at + 4)),
                    _ => None,
                }
            }
            Word::As if self.is(at + 2, Word::As) => match self.word(at + 1)? {
                Word::Early => Some((Bound::Since, at + 3)),
                Word::Late => Some((Bound::Until, at + 3)),
                _ => None,
            },
            _ => None,
        }
    }

    fn open_edge(&self, at: usize, bound: Bound) -> Read<Edge> {
        if let Some((portion, start)) = self.portion(self.skip(at, Word::The))
            && matches!(portion, Portion::Early | Portion::Mid | Portion::Late)
            && let Some((period, end)) = self.portioned(start, portion)
        {
            return Some((Edge::Period(period), end));
        }
        let year = || {
            let (year, end) =
                self.year(self.skip(self.skip(at, Word::The), Word::Unit(Unit::Year, false)))?;
            (!self.is_part_of_number(end) && self.unit(end).is_none())
                .then_some((Edge::Period(Period::Year(Year::Known(year))), end))
        };
        let meal = || {
            let (part, end) = self.part_of_day(at)?;
            matches!(
                part.part,
                PartOfDay::Lunch | PartOfDay::Breakfast | PartOfDay::Dinner
            )
            .then_some((Edge::DayPart(part), end))
        };
        let slashed = || self.slashed_day(at).map(|(day, end)| (Edge::Day(day), end));
        let bare = || {
            // `before 10`, `later than 10 in the morning`
            let (clock, end) = self.clock(at)?;
            Some((Edge::Clock(clock), end))
        };
        let (edge, end) = longer(self.edge(at), slashed())
            .or_else(year)
            .or_else(bare)
            .or_else(meal)?;
        // `by April Jones`, `by night`, `by 2pm`
        if self.is(at.wrapping_sub(1), Word::By) {
            let is_name = matches!(
                edge,
                Edge::Period(Period::Month(Year::Unsaid, _) | Period::Season(..))
            ) && !self.ends_clause(end);
            if is_name || matches!(edge, Edge::DayPart(_) | Edge::Now) {
                return None;
            }
        }
        let is_edge = match edge {
            Edge::Day(
                Day::Shift(_)
                | Day::Spoken
                | Day::NthWeekday {
                    month: Month::Unsaid,
                    ..
                },
            )
            | Edge::Shift(_) => bound == Bound::Since && !self.is(at, Word::A),
            Edge::Period(Period::Spoken(_) | Period::Run { .. }) | Edge::Clocks(..) => false,
            _ => true,
        };
        is_edge.then_some((edge, end))
    }

    /// Reads an amount of time from something on: `2 weeks starting May 20th`, `for 1 week, from Monday`.
    pub fn run(&self, at: usize) -> Read<Value> {
        if self.is(at, Word::Within) {
            return self.within(at);
        }
        let is_for = self.is(at, Word::For);
        let (amount, end) = self.amount(at + usize::from(is_for))?;
        let comma = self.skip_mark(end, ',');
        let start = match self.word(comma)? {
            Word::Starting | Word::Commencing if !is_for => comma + 1,
            Word::From if is_for => comma + 1,
            _ => return None,
        };
        let (day, end) = self.day(self.skip(self.skip(start, Word::From), Word::On))?;
        let from = anchor(day)?;
        Some((run(amount, from), end))
    }

    /// Reads `within 2 weeks from today`, `within the next day and 5 hours`.
    fn within(&self, at: usize) -> Read<Value> {
        let next = self.skip(at + 1, Word::The);
        let start = match self.direction(next) {
            Some((1, end)) => end,
            Some(_) => return None,
            None => at + 1,
        };
        let single = || {
            let ((unit, false), end) = self.unit(start)? else {
                return None;
            };
            (start > at + 1).then_some((Amount::one(Count::whole(1), unit), end))
        };
        let (mut amount, mut end) = self.amount(start).or_else(single)?;
        if self.is(end, Word::And)
            && let Some((more, behind)) = self.amount(end + 1)
        {
            let added = more.parts().all(|(count, unit)| amount.push(count, unit));
            end = if added { behind } else { end };
        }
        let from = matches!(self.word(end), Some(Word::From | Word::Of))
            .then(|| self.day(end + 1))
            .flatten();
        let from = from.and_then(|(day, behind)| Some((anchor(day)?, behind)));
        let (from, end) = from.unwrap_or((Anchor::Reference, end));
        Some((run(amount, from), end))
    }

    /// Reads `more than 2 weeks before today`, `over a year ago`.
    pub fn beyond(&self, at: usize) -> Read<Value> {
        let (Word::More | Word::Less) = self.word(at)? else {
            return None;
        };
        let start = self.skip(at + 1, Word::Than);
        if start == at + 1 && !self.letters_are(at, "over") && !self.letters_are(at, "under") {
            return None;
        }
        let (edge, end) = self.shifted(start)?;
        let is_more = self.is(at, Word::More);
        let forward = match edge {
            Edge::Day(Day::Shift(shift)) | Edge::Shift(shift) => shift.forward,
            _ => return None,
        };
        let bound = if is_more == forward {
            Bound::After
        } else {
            Bound::Before
        };
        Some((Value::Open(bound, edge), end))
    }
}

fn run(amount: Amount, from: Anchor) -> Value {
    Value::Run {
        amount,
        forward: true,
        from,
    }
}
