//! What can stand at either end of a range: a day with its time, a part of a day, a period, now.

use super::clock::in_part_of_day;
use super::day::{Read, longer};
use super::lexicon::{Direction, Word};
use super::token::{Kind, Phrase};
use super::value::{Clock, Day, DayPart, Edge, Month, PartOfDay, Period, Unit, Year};

impl Phrase<'_> {
    /// Reads what can stand at an end of a range; the reading that goes furthest.
    pub fn edge(&self, at: usize) -> Read<Edge> {
        self.last_edge.or_read(at, || self.any_edge(at))
    }

    fn any_edge(&self, at: usize) -> Read<Edge> {
        let read = longer(self.day_edge(at), self.clock_edge(at));
        let read = longer(read, self.part_edge(at));
        let read = longer(read, self.shifted(at));
        let read = longer(
            read,
            self.period(at)
                .map(|(period, end)| (Edge::Period(period), end)),
        );
        longer(read, self.now(at))
    }

    /// Reads `now`, `right now`, `at the moment`, `as soon as possible`.
    fn now(&self, at: usize) -> Read<Edge> {
        let end = match self.word(at)? {
            Word::Right if self.is(at + 1, Word::Now) => at + 2,
            Word::Now if self.is_now(at) => at + 1,
            Word::At => match (self.word(at + 1)?, self.word(at + 2)?) {
                (Word::The | Word::Direction(Direction::This), Word::Moment)
                    if !self.is(at + 3, Word::Of) =>
                {
                    at + 3
                }
                (Word::Direction(Direction::This), Word::Time) => at + 3,
                (Word::The, Word::Unit(Unit::Minute, false)) if self.ends_clause(at + 3) => at + 3,
                _ => return None,
            },
            Word::As
                if self.is(at + 1, Word::Soon)
                    && self.is(at + 2, Word::As)
                    && self.letters_are(at + 3, "possible") =>
            {
                at + 4
            }
            Word::Asap => at + 1,
            Word::Present if self.is_present(at) => at + 1,
            Word::The if self.is(at + 1, Word::Present) && self.is_present(at) => at + 2,
            _ => return None,
        };
        Some((Edge::Now, end))
    }

    /// Says whether `now` is a time: `Now let us see`, `Now, then` and `now that` say nothing of time.
    fn is_now(&self, at: usize) -> bool {
        let end = at + 1;
        let opens_sentence = self.is_capital(at)
            && (self.is_mark(end, ',') || !self.is_capital(end) && !self.ends_clause(end));
        !opens_sentence && !self.is(end, Word::That) && !self.is_glued_before(at)
    }

    /// `2019 - present`: elsewhere it is a gift, or an adjective.
    fn is_present(&self, at: usize) -> bool {
        let before = at.wrapping_sub(1);
        self.is_dash(before) || matches!(self.word(before), Some(Word::To | Word::Until))
    }

    fn is_glued_before(&self, at: usize) -> bool {
        self.is_glued(at)
            && matches!(
                self.kind(at - 1),
                Kind::Mark('-' | '.' | '/' | '_' | '\'' | '’')
                    | Kind::Word(_)
                    | Kind::Unknown
                    | Kind::Number { .. }
            )
    }

    /// Reads a day with its time or the part of it that is meant.
    fn day_edge(&self, at: usize) -> Read<Edge> {
        let (day, end) = self.day(at)?;
        let plain = (Edge::Day(day), end);
        let (edge, end) = self.time_behind(day, end).unwrap_or(plain);
        Some(self.year_behind_time(edge, end))
    }

    /// Reads the year that old logs write last: `Wed Oct 26 15:50:06 2016`.
    fn year_behind_time(&self, edge: Edge, end: usize) -> (Edge, usize) {
        if let Edge::Moment(
            Day::Calendar {
                year: Year::Unsaid,
                month,
                day,
                swaps,
                weekday: Some(weekday),
            },
            clock,
        ) = edge
            && clock.second.is_some()
            && let Some((year, behind)) = self.year(end)
        {
            let day = Day::Calendar {
                year: Year::Known(year),
                month,
                day,
                swaps,
                weekday: Some(weekday),
            };
            return (Edge::Moment(day, clock), behind);
        }
        (edge, end)
    }

    /// Reads the time of day behind a day.
    fn time_behind(&self, day: Day, end: usize) -> Read<Edge> {
        let comma = self.skip_mark(end, ',');
        // The `T` of ISO 8601.
        if self.letters(end) == "T" && self.is_glued(end) && self.is_glued(end + 1) {
            let (clock, behind) = self.clock(end + 1)?;
            return Some((
                Edge::Moment(
                    day,
                    Clock {
                        is_open: false,
                        ..clock
                    },
                ),
                behind,
            ));
        }
        let part = self.in_part(comma).or_else(|| self.part_of_day(comma));
        let part = part.or_else(|| {
            let part = match self.word(end)? {
                Word::Am => PartOfDay::FirstHalf,
                Word::Pm => PartOfDay::SecondHalf,
                _ => return None,
            };
            Some((
                DayPart {
                    part,
                    portion: None,
                },
                end + 1,
            ))
        });
        let joint = match self.kind(comma) {
            Kind::Word(Word::For | Word::By | Word::Around) if comma == end => comma + 1,
            Kind::Word(Word::At) | Kind::Mark('-' | '–' | '@' | '|' | '·' | '•') => comma + 1,
            _ => comma,
        };
        let clock = self.clock(joint).or_else(|| self.clock(comma)).or_else(|| {
            let is_at = joint > comma && self.is(comma, Word::At);
            self.bare_clock(joint).filter(|(_, behind)| {
                is_at
                    && self
                        .digits(joint)
                        .is_none_or(|_| !self.is_part_of_number(*behind))
            })
        });
        let moment = clock.map(|(clock, behind)| (Edge::Moment(day, clock), behind));
        let part = part.map(|(part, behind)| {
            let at = self.skip(behind, Word::At);
            let clock = self
                .clock(at)
                .or_else(|| (at > behind).then(|| self.bare_clock(at))?);
            match clock {
                Some((clock, behind)) => {
                    (Edge::Moment(day, in_part_of_day(clock, part.part)), behind)
                }
                None => (Edge::DayPartOf(day, part), behind),
            }
        });
        let clocks = self
            .clocks(end, true)
            .filter(|(_, behind)| self.is_time_over(*behind))
            .map(|((from, to), behind)| (Edge::ClocksOf(day, from, to), behind));
        longer(longer(part, moment), clocks)
    }

    /// Says whether what looks like hours behind a day is not the beginning of something else.
    fn is_time_over(&self, end: usize) -> bool {
        self.ends_clause(end)
            || !matches!(self.kind(end), Kind::Unknown | Kind::Number { .. })
            || matches!(self.letters(end), "PT" | "ET" | "CT" | "works" | "in")
            || matches!(self.word(end.wrapping_sub(1)), Some(Word::Am | Word::Pm))
    }

    /// Reads `this morning`, `last night`, `tonight`, `in the late evening on Tuesday`.
    fn part_edge(&self, at: usize) -> Read<Edge> {
        if self.is(at, Word::Tonight) {
            let part = DayPart {
                part: PartOfDay::Night,
                portion: None,
            };
            return Some(self.timed_part(Day::Step(0), part, at + 1));
        }
        if let Some((step, end)) = self.direction(at)
            && let Some((part, end)) = self.part_of_day(end)
            && !matches!(self.word(at), Some(Word::Same | Word::That))
            && part.part != PartOfDay::Dinner
        {
            let is_part =
                step != 0 || !matches!(part.part, PartOfDay::Lunch | PartOfDay::Breakfast);
            return is_part.then(|| self.timed_part(Day::Step(step), part, end));
        }
        // `the morning of June 5`
        let named = self.skip(at, Word::The);
        if let Some((part, end)) = self.part_of_day(named)
            && self.is(end, Word::Of)
            && let Some((day, behind)) = self.day(end + 1)
        {
            return Some((Edge::DayPartOf(day, part), behind));
        }
        let bare = self.in_part(at).or_else(|| {
            let read = self.part_of_day(at)?;
            let is_named = matches!(read.0.part, PartOfDay::Midmorning | PartOfDay::Midafternoon)
                || self.letters_are(at, "lunchtime")
                || read.0.portion.is_some();
            Some(read).filter(|_| is_named)
        });
        let (part, end) = bare?;
        let is_plural = matches!(self.word(end - 1), Some(Word::PartOfDay(_, true)));
        let next = match self.kind(end) {
            Kind::Word(Word::On | Word::Of) | Kind::Mark(',') => end + 1,
            _ => end,
        };
        if !is_plural
            && let Some((day, behind)) = self.day(next)
            && !self.is_mark(end, ',')
            && self.word(at) != Some(Word::At)
        {
            return Some((Edge::DayPartOf(day, part), behind));
        }
        // `midmorning` and `midafternoon` are points of a day as people say them.
        if matches!(part.part, PartOfDay::Midmorning | PartOfDay::Midafternoon) && end == at + 1 {
            let hour = if part.part == PartOfDay::Midmorning {
                10
            } else {
                15
            };
            return Some((
                Edge::Clock(Clock {
                    hour,
                    ..Clock::default()
                }),
                end,
            ));
        }
        Some((Edge::DayPart(part), end))
    }

    fn timed_part(&self, day: Day, part: DayPart, end: usize) -> (Edge, usize) {
        let at = match self.kind(end) {
            Kind::Word(Word::At | Word::By | Word::Around) => end + 1,
            _ => end,
        };
        let clock = self
            .clock(at)
            .or_else(|| (at > end).then(|| self.bare_clock(at))?);
        if let Some((clock, behind)) = clock {
            return (Edge::Moment(day, in_part_of_day(clock, part.part)), behind);
        }
        if let Some(((from, to), behind)) = self.clocks(end, true) {
            let (from, to) = (
                in_part_of_day(from, part.part),
                in_part_of_day(to, part.part),
            );
            return (Edge::ClocksOf(day, from, to), behind);
        }
        (Edge::DayPartOf(day, part), end)
    }

    /// Reads a time of day with its day behind it, or two.
    fn clock_edge(&self, at: usize) -> Read<Edge> {
        let clocks = self
            .clocks(at, false)
            .map(|((from, to), end)| match self.day_behind(end) {
                Some((day, behind)) => (Edge::ClocksOf(day, from, to), behind),
                None => (Edge::Clocks(from, to), end),
            });
        let loose = || {
            let ((from, to), end) = self.clocks(at, true)?;
            let (day, end) = self.day_behind(end)?;
            let is_led = matches!(self.word(at), Some(Word::From | Word::Between))
                || matches!(day, Day::Step(_) | Day::Weekday { .. });
            is_led.then_some((Edge::ClocksOf(day, from, to), end))
        };
        let clocks = clocks.or_else(loose);
        let single = self
            .clock(at)
            .or_else(|| self.led_clock(at))
            .map(|(clock, end)| {
                let Some((day, behind)) = self.day_behind(end) else {
                    return (Edge::Clock(clock), end);
                };
                // `8pm this evening`, `five past two tomorrow morning`
                if let Some((part, last)) = self.part_of_day(behind) {
                    return (Edge::Moment(day, in_part_of_day(clock, part.part)), last);
                }
                (Edge::Moment(day, clock), behind)
            });
        // `8:30 this morning`, `eight tonight`, `7 tomorrow morning`
        let hour = self.clock(at).or_else(|| {
            self.bare_clock(at)
                .filter(|(clock, end)| (1..=12).contains(&clock.hour) && !self.is_glued(*end))
        });
        let in_part = hour.and_then(|(clock, end)| {
            let ((day, part), end) = self.part_behind(end)?;
            Some((Edge::Moment(day, in_part_of_day(clock, part)), end))
        });
        let both_in_part = self.clocks(at, true).and_then(|((from, to), end)| {
            let ((day, part), end) = self.part_behind(end)?;
            let (from, to) = (in_part_of_day(from, part), in_part_of_day(to, part));
            Some((Edge::ClocksOf(day, from, to), end))
        });
        longer(longer(clocks, single), longer(in_part, both_in_part))
    }

    /// Reads the part of a day behind a time: `this afternoon`, `tomorrow morning`, `tonight`.
    fn part_behind(&self, at: usize) -> Read<(Day, PartOfDay)> {
        if self.is(at, Word::Tonight) {
            return Some(((Day::Step(0), PartOfDay::Evening), at + 1));
        }
        let (day, end) = match self.word(at)? {
            Word::Tomorrow => (Day::Step(1), at + 1),
            Word::Yesterday => (Day::Step(-1), at + 1),
            _ => {
                let (step, end) = self.direction(at)?;
                (Day::Step(step), end)
            }
        };
        let (part, end) = self.part_of_day(end)?;
        let is_part = !matches!(
            part.part,
            PartOfDay::Lunch | PartOfDay::Breakfast | PartOfDay::Dinner
        );
        is_part.then_some(((day, part.part), end))
    }

    /// Reads the day behind a time, with what joins them.
    fn day_behind(&self, end: usize) -> Read<Day> {
        let joint = match self.kind(end) {
            Kind::Word(Word::On | Word::Of | Word::For) | Kind::Mark(',') => end + 1,
            _ => end,
        };
        let read = self.day(self.skip(joint, Word::On)).or_else(|| {
            // `8pm on 15`
            let (day, behind) = self.is(end, Word::On).then(|| self.day_number(joint))??;
            let (year, month) = (Year::Unsaid, Month::Unsaid);
            let day = Day::calendar(year, month, day);
            self.ends_clause(behind).then_some((day, behind))
        })?;
        let is_loose =
            self.is_mark(end, ',') && matches!(read.0, Day::Weekday { .. } | Day::Step(_));
        (!is_loose).then_some(read)
    }

    /// Reads a time of which what stands before it says that it is one: `at seven`, `at 6.`, and
    /// the 4 of `move the 3 pm call to 4`.
    pub fn led_clock(&self, at: usize) -> Read<Clock> {
        let before = at.checked_sub(1)?;
        if self.is(before, Word::To) {
            let is_moved = self
                .last_time
                .get()
                .is_some_and(|end| (1..4).contains(&before.wrapping_sub(end)));
            let (clock, end) = is_moved.then(|| self.bare_clock(at))??;
            return self.ends_clause(end).then_some((clock, end));
        }
        if !self.is(before, Word::At) {
            return None;
        }
        let (clock, end) = self.bare_clock(at)?;
        let stands = self.ends_clause(end)
            || matches!(
                self.word(end),
                Some(Word::On | Word::Tonight | Word::And | Word::Or | Word::Every | Word::Each)
            )
            || self.day(end).is_some();
        (stands && (1..=12).contains(&clock.hour)).then_some((clock, end))
    }
}

/// Says whether an edge is a whole day or a longer stretch of the calendar.
pub(super) fn is_of_calendar(edge: Edge) -> bool {
    match edge {
        Edge::Day(_) => true,
        Edge::Period(period) => {
            !matches!(period, Period::Step(unit, _) | Period::Run { unit, .. } if unit.is_of_clock())
        }
        _ => false,
    }
}
