//! Whole mentions in a stretch: at each place the reading that goes furthest, and whether it stands there.

use super::day::{Read, longer};
use super::lexicon::Word;
use super::token::{Kind, Phrase};
use super::value::{Amount, Clock, Count, Day, DayPart, Edge, Period, Portion, Unit, Value};

impl Phrase<'_> {
    /// Returns the mention that begins at a token.
    pub fn mention(&self, at: usize) -> Read<Value> {
        let may_be_full = matches!(self.digits(at), Some((_, 4 | 8)));
        if !self.may_begin(at) || !self.starts(at, may_be_full) {
            return None;
        }
        let edge = self.edge(at).map(|(edge, end)| (Value::Edge(edge), end));
        let read = longer(edge, self.range(at));
        let read = longer(read, self.open(at));
        let read = longer(read, self.set(at).map(|(set, end)| (Value::Set(set), end)));
        let read = longer(read, self.duration(at));
        let read = longer(read, self.run(at));
        let read = longer(read, self.beyond(at));
        let read = longer(read, self.part(at));
        let read = longer(read, self.timed_amount(at));
        read.filter(|(_, end)| self.stands(at, *end))
    }

    /// Says at one look whether a token can begin a mention at all.
    fn may_begin(&self, at: usize) -> bool {
        match self.kind(at) {
            Kind::Number { digits, .. } => {
                matches!(digits, 4 | 8)
                    || matches!(
                        self.kind(at + 1),
                        Kind::Word(_) | Kind::Number { digits: 1, .. }
                    )
                    || self.is_glued(at + 1)
                    || self.is_dash(at + 1)
                    || self.is_mark(at + 1, '/')
                    || at
                        .checked_sub(1)
                        .is_some_and(|before| self.word(before).is_some())
            }
            Kind::Word(word) => {
                self.tokens[at].is_near
                    && !matches!(
                        word,
                        Word::Of
                            | Word::And
                            | Word::Or
                            | Word::To
                            | Word::Am
                            | Word::Pm
                            | Word::P
                            | Word::O
                            | Word::Clock
                            | Word::Old
                            | Word::Ago
                            | Word::OrdinalEnd
                            | Word::Times
                            | Word::Time
                            | Word::Per
                            | Word::Than
                            | Word::Zone(_)
                            | Word::Sign(_)
                            | Word::Through
                            | Word::Ish
                            | Word::Oclock
                    )
            }
            Kind::Mark(mark) => matches!(mark, '\'' | '’'),
            Kind::Unknown => self.letters_are(at, "w"),
            Kind::Break => false,
        }
    }

    /// Says whether the bytes around a mention leave it whole.
    fn stands(&self, at: usize, end: usize) -> bool {
        let is_full_date = self.is_full_date(at, end);
        self.starts(at, is_full_date) && self.ends(end, is_full_date)
    }

    /// Says whether nothing before a token makes it the rest of something else.
    fn starts(&self, at: usize, is_full_date: bool) -> bool {
        if !self.is_glued(at) {
            return true;
        }
        let before = at - 1;
        let is_number = self.digits(at).is_some();
        match self.kind(before) {
            Kind::Mark(mark) => match mark {
                '-' | '/' if !is_number => !self.is_in_address(before),
                '-' | '/' | '.' | '_' => is_full_date,
                '+' | '#' | '$' | '€' | '£' | '¥' | '@' | '=' | '&' | '%' | '*' | '×' | '\\' => {
                    false
                }
                ':' => !self.is_glued(before) || self.digits(before.wrapping_sub(1)).is_none(),
                ',' => !is_number || self.digits(before.wrapping_sub(1)).is_none(),
                '\'' | '’' => !is_number && !self.is_glued(before),
                _ => true,
            },
            Kind::Unknown => self.is_ideograph(before) && is_number,
            Kind::Break => true,
            Kind::Number { .. } | Kind::Word(_) => false,
        }
    }

    /// Says whether nothing behind a mention makes it the beginning of something else.
    fn ends(&self, end: usize, is_full_date: bool) -> bool {
        if !self.is_glued(end) {
            return true;
        }
        match self.kind(end) {
            Kind::Mark(mark @ ('-' | '/' | '_' | '.' | ',' | ':')) => {
                let goes_on =
                    self.is_glued(end + 1) && matches!(self.kind(end + 1), Kind::Number { .. });
                let is_joined = match mark {
                    '_' => self.is_glued(end + 1),
                    '/' => self.is_in_address(end),
                    '-' => self.is_joined_word(end),
                    _ => false,
                };
                is_full_date && mark != ',' && mark != ':' || !(goes_on || is_joined)
            }
            Kind::Mark(mark) => !matches!(
                mark,
                '%' | '$' | '€' | '£' | '°' | '@' | '=' | '+' | '²' | '×'
            ),
            Kind::Break => true,
            _ => matches!(self.kind(end - 1), Kind::Word(Word::Sign(_))),
        }
    }

    /// Words that a hyphen joins to a number belong to another thing, `2024-based`; to a word, not.
    fn is_joined_word(&self, end: usize) -> bool {
        self.is_glued(end + 1)
            && matches!(self.kind(end + 1), Kind::Unknown)
            && matches!(self.kind(end - 1), Kind::Number { .. })
    }

    fn is_in_address(&self, mark: usize) -> bool {
        self.is_mark(mark, '/')
            && mark > 0
            && self.is_glued(mark)
            && self.is_glued(mark + 1)
            && self.kind(mark - 1) == Kind::Unknown
    }

    fn is_ideograph(&self, at: usize) -> bool {
        self.letters(at)
            .chars()
            .next()
            .is_some_and(|c| ('\u{3040}'..'\u{FB00}').contains(&c))
    }

    /// Says whether a mention is a date whose digits leave no doubt, whatever it is joined to.
    fn is_full_date(&self, at: usize, end: usize) -> bool {
        let is_joined = end == at + 5
            && matches!(self.digits(at), Some((1900..=2099, 4)))
            && matches!(self.digits(at + 2), Some((_, 2)))
            && matches!(self.digits(at + 4), Some((_, 2)));
        let is_compact = end == at + 1 && matches!(self.digits(at), Some((_, 8)));
        let follows_number =
            at > 1 && self.is_glued(at) && self.digits(at - 2).is_some() && self.is_glued(at - 1);
        let number_follows =
            self.is_glued(end) && self.is_glued(end + 1) && self.digits(end + 1).is_some();
        (is_joined || is_compact) && !follows_number && !number_follows
    }

    /// Reads a part of a period or day: `early next week`, `the end of March`, `later today`, `year to date`.
    fn part(&self, at: usize) -> Read<Value> {
        let sign = self.skip(at, Word::The);
        let end_of = match self.word(sign) {
            Some(Word::Eod) => Some((Portion::End, Edge::Day(Day::Step(0)))),
            Some(Word::Eom) => Some((Portion::Late, Edge::Period(Period::Step(Unit::Month, 0)))),
            Some(Word::Eoy) => Some((Portion::Late, Edge::Period(Period::Step(Unit::Year, 0)))),
            _ => None,
        };
        if let Some((portion, edge)) = end_of {
            return Some((Value::Portion(portion, edge), sign + 1));
        }
        if let Some(((unit, false), end)) = self.unit(at)
            && self.is(end, Word::To)
            && self.is(end + 1, Word::Date)
        {
            let is_period = matches!(unit, Unit::Week | Unit::Month | Unit::Year | Unit::Quarter);
            let period = Period::Step(unit, 0);
            return is_period.then_some((
                Value::Portion(Portion::ToDate, Edge::Period(period)),
                end + 2,
            ));
        }
        let around = self.is(at, Word::Around);
        if around && let Some((edge, end)) = self.edge(self.skip(at + 1, Word::The)) {
            let is_known = matches!(
                edge,
                Edge::Day(Day::Calendar { .. } | Day::Holiday(..) | Day::Weekday { .. })
                    | Edge::Clock(_)
                    | Edge::Moment(..)
                    | Edge::Period(Period::Year(_) | Period::Month(..))
            );
            return is_known.then_some((Value::Portion(Portion::Around, edge), end));
        }
        let article = self.skip(at, Word::The);
        let (portion, start) = self.portion(article)?;
        let day = self.day(start).or_else(|| {
            let (word, the) = (
                self.word(self.skip(start, Word::The))?,
                self.skip(start, Word::The),
            );
            (word == Word::Day && self.is(start - 1, Word::Of) && self.ends_clause(the + 1))
                .then_some((Day::Step(0), the + 1))
        });
        let day = day.filter(|(day, _)| {
            matches!(
                day,
                Day::Step(_) | Day::Weekday { .. } | Day::Calendar { .. }
            )
        });
        let is_end = self.is(start - 1, Word::Of);
        let rest = || {
            let unit = match self.word(start)? {
                Word::The | Word::My | Word::Direction(_) => start + 1,
                _ => start,
            };
            let is_rest = portion == Portion::Rest && self.is(unit, Word::Day);
            is_rest.then_some((Value::Portion(portion, Edge::Day(Day::Step(0))), unit + 1))
        };
        let portion_of_day = if is_end && portion == Portion::Late {
            Portion::End
        } else {
            portion
        };
        let day = day
            .filter(|_| portion != Portion::Rest)
            .map(|(day, end)| (Value::Portion(portion_of_day, Edge::Day(day)), end));
        if article > at {
            return day.filter(|_| is_end);
        }
        let day = day.or_else(rest);
        // `late Friday night`, `early this morning`
        let part_of_day = match self.edge(start) {
            Some((edge @ Edge::DayPartOf(..), end)) if portion != Portion::Rest => {
                Some((Value::Portion(portion, edge), end))
            }
            _ => None,
        };
        let day = longer(day, part_of_day);
        // `later in the afternoon`, `early in the morning`
        let is_led = matches!(self.word(at), Some(Word::Later | Word::Early | Word::Late));
        let in_part = is_led.then(|| self.in_part(at + 1)).flatten();
        let in_part = in_part.map(|(part, end)| {
            let portion = Some(portion);
            (Value::Edge(Edge::DayPart(DayPart { portion, ..part })), end)
        });
        let period = self
            .portioned(start, portion)
            .map(|(period, end)| (Value::Portion(portion, Edge::Period(period)), end));
        longer(longer(period, day), in_part)
    }

    /// Reads an amount of time at a day and hour: `14 February for 7 hours from 9:30`.
    fn timed_amount(&self, at: usize) -> Read<Value> {
        let (day, end) = self.day(at)?;
        let (clock, amount, end) = match self.word(end)? {
            Word::For => {
                let (amount, end) = self.amount(end + 1)?;
                let (clock, end) = self.is(end, Word::From).then(|| self.clock(end + 1))??;
                (clock, amount, end)
            }
            Word::From => {
                let (clock, end) = self.clock(end + 1)?;
                let (amount, end) = self.is(end, Word::For).then(|| self.amount(end + 1))??;
                (clock, amount, end)
            }
            // `today before 4pm`, `next Wednesday later than 10 in the morning`
            Word::Before
            | Word::After
            | Word::Until
            | Word::Since
            | Word::Later
            | Word::Earlier => {
                let (value, behind) = self.open(end)?;
                let Value::Open(bound, Edge::Clock(clock)) = value else {
                    return None;
                };
                return Some((Value::Open(bound, Edge::Moment(day, clock)), behind));
            }
            _ => return None,
        };
        let to = clock_behind(clock, amount)?;
        Some((Value::Edge(Edge::ClocksOf(day, clock, to)), end))
    }
}

/// Returns the time of day that is an amount of hours and minutes on.
fn clock_behind(clock: Clock, amount: Amount) -> Option<Clock> {
    let minutes = amount.parts().try_fold(0_u64, |sum, (count, unit)| {
        let Count::Thousandths(count) = count else {
            return None;
        };
        let minutes = match unit {
            Unit::Hour => count * 60 / 1000,
            Unit::Minute => count / 1000,
            _ => return None,
        };
        sum.checked_add(minutes)
    })?;
    let start = u64::from(clock.hour) * 60 + u64::from(clock.minute.unwrap_or(0));
    let end = start.checked_add(minutes)? % (24 * 60);
    Some(Clock {
        hour: (end / 60) as u8,
        minute: Some((end % 60) as u8),
        ..clock
    })
}
