//! Amounts of time: `two and a half hours`, `1 year 2 months`, `a fortnight`, `all day`; and what is so far
//! from something: `three weeks ago`, `2 days before yesterday`.

use super::day::{Read, anchor};
use super::lexicon::Word;
use super::token::{Kind, Phrase};
use super::value::{Amount, Anchor, Comparison, Count, Day, Edge, PartOfDay, Shift, Unit, Value};

impl Phrase<'_> {
    /// Reads a unit of time, and whether it is in the plural.
    pub fn unit(&self, at: usize) -> Read<(Unit, bool)> {
        let unit = match self.word(at)? {
            Word::Unit(Unit::BusinessDay, _) => {
                return match self.word(at + 1)? {
                    Word::Day => Some(((Unit::BusinessDay, false), at + 2)),
                    Word::Unit(Unit::Day, true) => Some(((Unit::BusinessDay, true), at + 2)),
                    Word::Unit(Unit::Week, plural) => Some(((Unit::WorkWeek, plural), at + 2)),
                    _ => None,
                };
            }
            // One letter is a unit only behind its number.
            Word::Unit(Unit::Hour, _) if self.letters(at).len() == 1 && !self.is_glued(at) => {
                return None;
            }
            Word::Unit(unit, plural) => (unit, plural),
            Word::Day => (Unit::Day, false),
            Word::Second => (Unit::Second, false),
            Word::Quarter => (Unit::Quarter, false),
            Word::Century => (Unit::Century, false),
            Word::PartOfDay(PartOfDay::Night, false) => (Unit::Night, false),
            _ => return None,
        };
        Some((unit, at + 1))
    }

    /// Reads an amount of time in all its parts.
    pub fn amount(&self, at: usize) -> Read<Amount> {
        self.last_amount.or_read(at, || self.any_amount(at))
    }

    fn any_amount(&self, at: usize) -> Read<Amount> {
        let (count, unit, mut end) = self.amount_part(at)?;
        let mut amount = Amount::one(count, unit);
        let mut last = unit;
        for _ in 0..3 {
            let and = self.skip(end, Word::And);
            // `an hour and a half`, `one year and a quarter`
            let half = self.skip(and, Word::A);
            let share = match self.word(half) {
                Some(Word::Half) => Some(500),
                Some(Word::Quarter) if half > and => Some(250),
                _ => None,
            };
            if let Some(share) = share
                && and > end
                && self.unit(half + 1).is_none()
                && let Count::Thousandths(whole) = count
                && last == unit
            {
                return Some((
                    Amount::one(Count::Thousandths(whole + share), unit),
                    half + 1,
                ));
            }
            let next = if and == end {
                self.skip_mark(end, ',')
            } else {
                and
            };
            let Some((count, unit, behind)) = self
                .amount_part(next)
                .or_else(|| self.short_minutes(end, last))
            else {
                break;
            };
            // `two centuries, several weeks` are two things.
            let is_listed = self.is_mark(end, ',') && count == Count::Some;
            if unit >= last || is_listed || !amount.push(count, unit) {
                break;
            }
            (last, end) = (unit, behind);
        }
        Some((amount, end))
    }

    /// Reads the minutes of `1h30m`, which one letter means only here.
    fn short_minutes(&self, at: usize, last: Unit) -> Option<(Count, Unit, usize)> {
        let (minutes @ 0..60, 1..=2) = self.digits(at)? else {
            return None;
        };
        let is_minutes =
            last == Unit::Hour && self.letters_are(at + 1, "m") && self.is_glued(at + 1);
        is_minutes.then_some((Count::whole(minutes), Unit::Minute, at + 2))
    }

    fn amount_part(&self, at: usize) -> Option<(Count, Unit, usize)> {
        let is_article = self.is(at, Word::A);
        let (count, end) = self.count(at)?;
        let end = match self.kind(end) {
            Kind::Mark('-') if self.is_glued(end) && self.is_glued(end + 1) => end + 1,
            Kind::Word(Word::More | Word::Other | Word::Full) if self.unit(end + 1).is_some() => {
                end + 1
            }
            _ => end,
        };
        let ((unit, is_plural), behind) = self.unit(end)?;
        let is_single = is_article && end == at + 1;
        // `a second chance`, `a quarter`, `one night stand` say nothing of how long.
        let is_amount = match unit {
            Unit::Second if self.is(end, Word::Second) => self.digits(at).is_some(),
            // `three quarters of the people`
            Unit::Quarter => is_plural && !self.is(behind, Word::Of),
            Unit::Weekday => is_plural,
            Unit::Night if !is_plural => false,
            Unit::Weekend if is_single => false,
            _ => true,
        };
        let is_age = self.is_age(behind);
        (is_amount && !is_age && !self.is_glued_letter(end, behind))
            .then_some((count, unit, behind))
    }

    /// `3h` is an amount, `3h2` is not.
    fn is_glued_letter(&self, unit: usize, end: usize) -> bool {
        self.letters(unit).len() == 1
            && self.is_glued(end)
            && self.short_minutes(end, Unit::Hour).is_none()
            && !self.ends_clause(end)
    }

    /// Says whether an amount is an age: `3 years old`, `5-year-old`.
    fn is_age(&self, end: usize) -> bool {
        let end = end + usize::from(self.is_mark(end, '-'));
        self.is(end, Word::Old)
            || self.letters_are(end, "olds")
            || self.is(end, Word::Of) && self.letters_are(end + 1, "age")
    }

    /// Reads an amount without a number: `all day`, `full-week`, `another week`.
    fn whole_unit(&self, at: usize) -> Read<Amount> {
        let is_another = match self.word(at)? {
            Word::All | Word::Full => false,
            Word::Another => true,
            _ => return None,
        };
        let next = at + 1;
        let next = next
            + usize::from(
                self.is_mark(next, '-') || self.is(next, Word::Full) && self.is(at, Word::All),
            );
        let ((unit, is_plural), end) = self.unit(next)?;
        if self.is(next, Word::Second)
            || self.is(next, Word::Quarter)
            || is_plural
            || self.is(next, Word::Century)
            || self.is_age(end)
        {
            return None;
        }
        (is_another || !unit.is_of_clock()).then(|| (Amount::one(Count::whole(1), unit), end))
    }

    /// Reads an amount by itself, with what bounds it.
    pub fn duration(&self, at: usize) -> Read<Value> {
        if let Some((comparison, start)) = self.comparison(at)
            && let Some((amount, end)) = self.amount(start)
        {
            return Some((Value::Duration(amount, Some(comparison)), end));
        }
        if let Some((amount, end)) = self.whole_unit(at) {
            return Some((Value::Duration(amount, None), end));
        }
        if let Some(read) = self.amounts(at) {
            return Some(read);
        }
        let (amount, end) = self.amount(at)?;
        if self.is(at, Word::A) && self.is_rate(at) {
            return None;
        }
        Some((Value::Duration(amount, None), end))
    }

    /// Reads `2-3 weeks`, `ten to fifteen minutes`.
    fn amounts(&self, at: usize) -> Read<Value> {
        let (least, end) = self.count(at).filter(|_| !self.is(at, Word::A))?;
        let joint = match self.kind(end) {
            Kind::Word(Word::To | Word::Or) => end + 1,
            _ if self.is_dash(end) => end + 1,
            _ => return None,
        };
        let (most, unit, end) = self.amount_part(joint)?;
        let is_range = matches!((least, most), (Count::Thousandths(least), Count::Thousandths(most)) if least < most);
        let is_long = self.digits(joint).is_some_and(|(_, digits)| digits == 4);
        (is_range && !is_long).then_some((
            Value::Durations(Amount::one(least, unit), Amount::one(most, unit)),
            end,
        ))
    }

    /// `$5 a month`, `two cups a day`: how much of something else in each, no time that passes.
    fn is_rate(&self, at: usize) -> bool {
        let before = at.wrapping_sub(1);
        let follows_preposition = matches!(
            self.word(before),
            Some(
                Word::For
                    | Word::In
                    | Word::Of
                    | Word::After
                    | Word::Within
                    | Word::Than
                    | Word::Half
            )
        );
        let is_first = at == 0
            || self.ends_clause(before) && !self.is_mark(before, '"')
            || self.kind(before) == Kind::Break;
        !(follows_preposition || is_first)
    }

    /// Reads `more than`, `at least`, `less than`, `under`; `no more than` is the other way round.
    fn comparison(&self, at: usize) -> Read<Comparison> {
        let (comparison, end) = self.plain_comparison(at)?;
        let before = at.checked_sub(1).and_then(|before| self.word(before));
        Some(match (before, comparison) {
            (Some(Word::No | Word::Not), Comparison::More) => (Comparison::Less, end),
            (Some(Word::No | Word::Not), Comparison::Less) => (Comparison::More, end),
            _ => (comparison, end),
        })
    }

    fn plain_comparison(&self, at: usize) -> Read<Comparison> {
        match (self.word(at)?, self.word(at + 1)) {
            (Word::Less, Some(Word::Than)) => Some((Comparison::Less, at + 2)),
            (Word::More, _) if self.letters_are(at, "over") => Some((Comparison::More, at + 1)),
            (Word::Less, _) if self.letters_are(at, "under") => Some((Comparison::Less, at + 1)),
            (Word::More, Some(Word::Than)) | (Word::At, Some(Word::Least)) => {
                Some((Comparison::More, at + 2))
            }
            _ => None,
        }
    }

    /// Reads a day or moment that is an amount away: `three weeks ago`, `in 2 hours`, `4 days from Monday`.
    pub fn shifted(&self, at: usize) -> Read<Edge> {
        let edge = |amount: Amount, forward, from| {
            let shift = Shift {
                amount,
                forward,
                from,
            };
            if amount.finest().is_of_clock() {
                Edge::Shift(shift)
            } else {
                Edge::Day(Day::Shift(shift))
            }
        };
        if self.is(at, Word::In) {
            let (amount, end) = self.amount(at + 1)?;
            let is_count = amount.parts().all(|(_, unit)| unit != Unit::Night);
            let behind = self.skip_possessive(end);
            let is_time = behind > end && self.is(behind, Word::Time);
            // `in two days' time`; `in 3 days of work` is no day.
            let end = if is_time { behind + 1 } else { end };
            let is_span = !is_time && self.is(end, Word::Of);
            let end = match self.weekday(end + 1) {
                Some((_, behind)) if self.is(end, Word::On) => behind,
                _ => end,
            };
            return (is_count && !is_span).then_some((edge(amount, true, Anchor::Reference), end));
        }
        let (amount, end) = self.amount(at)?;
        let reference = Anchor::Reference;
        let with_weekday = |end: usize| match self.weekday(self.skip(end, Word::On)) {
            Some((_, behind)) if self.is(end, Word::On) => behind,
            _ => end,
        };
        match self.word(end)? {
            Word::Later => Some((edge(amount, true, reference), end + 1)),
            Word::Ago | Word::Earlier => Some((edge(amount, false, reference), end + 1)),
            direction @ (Word::Before | Word::After | Word::From) => {
                let forward = direction != Word::Before;
                if self.is(end + 1, Word::Now) && direction == Word::From {
                    return Some((edge(amount, true, reference), end + 2));
                }
                let (day, behind) = self.day(end + 1)?;
                let from = anchor(day)?;
                Some((edge(amount, forward, from), with_weekday(behind)))
            }
            _ => None,
        }
    }
}
