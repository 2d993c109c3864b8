//! Normal forms: what a mention says as ISO 8601, and its parts as attributes.
//!
//! - What nothing says is `X`: `XXXX-03-12`, `XXXX-WXX-5` (some Friday), `XXXX-11#3-1` (third Monday of a November), `XXXX-11#-1` (its last day).
//! - Relative times are counted from the reference time. Without one they say `REF`: `REF+1D` tomorrow, `REF-1W` last
//!   week, `REF+1W-5` Friday of next week, `REF>5` the coming Friday, `REF+1M-20`, `REF-P3W` three weeks ago, `REF/P3M` the next three months.
//! - A stretch of the calendar that has a form of its own keeps it: `2024-03`, `2024-W12`, `199X`, `20XX`; those that
//!   ISO 8601 lacks go as in TIMEX3: `2024-Q1`, `2024-H2`, `2024-SU` (SP, SU, FA, WI), `2024-W12-WE`, `FY2024`.
//! - Other ranges are `start/end`. Days at either end are within; times of day at the end are not. `..` is an open end.
//! - Parts are `early(X)`, `mid(X)`, `late(X)`, `rest(X)`, `end(X)`, as long as the days of X are unknown.
//! - Sets: `R/P2W` every two weeks, `XXXX-WXX-1T16` Mondays at four, `R/P1W*3` three times a week.
//! - `BD` and `WE` in durations are work days and weekends; `>` and `<` before one are more and less than it.
//!
//! Attributes: `start` and `end` where the calendar has them, `past` and `future` for the nearest days that a day
//! without year can be, `alternative` for the other reading of day and month or of an hour, `modifier` for what the
//! form itself does not say, `weekday`, `times`.

use jiff::ToSpan;
use jiff::civil::DateTime;
use serde_json::{Map, Value as Json, json};

use super::iso::{clock_text, duration, set_text};
use super::resolve::{Days, Resolver};
use super::value::{
    Bound, Clock, Comparison, Day, Edge, Month, Period, Portion, Shift, Value, Year,
};
use crate::model::EntityType;

/// What a mention comes to.
pub(super) struct Normal {
    pub entity_type: EntityType,
    pub text: String,
    pub attributes: Json,
    pub score: f64,
}

impl Resolver {
    /// Returns the normal form of what a mention says.
    pub fn normal(self, value: &Value) -> Normal {
        let mut parts = Map::new();
        let (entity_type, text) = match *value {
            Value::Edge(edge) => {
                self.describe(edge, &mut parts);
                (type_of(edge), self.edge(edge))
            }
            Value::Portion(portion, edge) => self.portion(portion, edge, &mut parts),
            Value::Between(from, to) => self.between(from, to, &mut parts),
            Value::Open(bound, edge) => {
                let text = self.edge(edge);
                parts.insert("modifier".into(), json!(modifier(bound)));
                let text = match bound {
                    Bound::Before => format!("../{}", first_of(&text)),
                    Bound::Until => format!("../{}", last_of(&text)),
                    Bound::After => format!("{}/..", last_of(&text)),
                    Bound::Since => format!("{}/..", first_of(&text)),
                };
                (range_of(&type_of(edge)), text)
            }
            Value::Run {
                amount,
                forward,
                from,
            } => {
                let shift = Shift {
                    amount,
                    forward,
                    from,
                };
                let is_timed = amount.finest().is_of_clock();
                let end = self.edge(if is_timed {
                    Edge::Shift(shift)
                } else {
                    Edge::Day(Day::Shift(shift))
                });
                let start = if is_timed {
                    self.reference_text()
                } else {
                    self.anchor_text(from)
                };
                let text = if end.contains("+P") || end.contains("-P") {
                    format!("{start}/{}", duration(amount))
                } else {
                    format!("{start}/{end}")
                };
                (
                    if is_timed {
                        EntityType::DatetimeRange
                    } else {
                        EntityType::DateRange
                    },
                    text,
                )
            }
            Value::Duration(amount, comparison) => {
                let sign = match comparison {
                    Some(Comparison::More) => ">",
                    Some(Comparison::Less) => "<",
                    None => "",
                };
                (EntityType::Duration, format!("{sign}{}", duration(amount)))
            }
            Value::Durations(least, most) => (
                EntityType::Duration,
                format!("{}..{}", duration(least), duration(most)),
            ),
            Value::Set(set) => {
                if let Some(times) = set.times {
                    parts.insert("times".into(), json!(times));
                }
                (EntityType::Set, set_text(set))
            }
        };
        Normal {
            entity_type,
            text,
            attributes: Json::Object(parts),
            score: score(value),
        }
    }

    fn between(self, from: Edge, to: Edge, parts: &mut Map<String, Json>) -> (EntityType, String) {
        let start = self.edge(from);
        let mut end = self.edge(to);
        let mut entity_type = match (type_of(from), type_of(to)) {
            (
                EntityType::Date | EntityType::DateRange,
                EntityType::Date | EntityType::DateRange,
            ) => EntityType::DateRange,
            (
                EntityType::Time | EntityType::TimeRange,
                EntityType::Time | EntityType::TimeRange,
            ) => EntityType::TimeRange,
            _ => EntityType::DatetimeRange,
        };
        // `2016-03 to date`
        if to == Edge::Now && type_of(from) == EntityType::DateRange {
            entity_type = EntityType::DateRange;
            end = self.edge(Edge::Day(Day::Step(0)));
        }
        if let (Edge::Moment(day, _), Edge::Clock(_)) = (from, to) {
            end = format!("{}{end}", self.day_text(day));
        }
        if let (Some((start, _)), Some((_, end))) = (self.days_of(from), self.days_of(to))
            && start <= end
        {
            parts.insert("start".into(), json!(start.to_string()));
            parts.insert("end".into(), json!(end.to_string()));
        }
        (
            entity_type,
            format!("{}/{}", first_of(&start), last_of(&end)),
        )
    }

    pub fn portion(
        self,
        portion: Portion,
        edge: Edge,
        parts: &mut Map<String, Json>,
    ) -> (EntityType, String) {
        let name = match portion {
            Portion::Early => "early",
            Portion::Mid => "mid",
            Portion::Late => "late",
            Portion::Rest => "rest",
            Portion::ToDate => "to-date",
            Portion::End => "end",
            Portion::Around => "around",
        };
        parts.insert("modifier".into(), json!(name));
        let text = self.edge(edge);
        if portion == Portion::Around {
            return (type_of(edge), text);
        }
        if matches!(edge, Edge::Day(_) | Edge::DayPartOf(..)) {
            let entity_type = match portion {
                Portion::End => EntityType::Datetime,
                _ => EntityType::DatetimeRange,
            };
            let text = match portion {
                Portion::End => format!("{text}T24:00"),
                _ => format!("{name}({text})"),
            };
            return (entity_type, text);
        }
        let days = self
            .days_of(edge)
            .and_then(|days| part_of(days, portion, self.reference));
        match days {
            Some((start, end)) => {
                parts.insert("start".into(), json!(start.to_string()));
                parts.insert("end".into(), json!(end.to_string()));
                (EntityType::DateRange, format!("{start}/{end}"))
            }
            None => (EntityType::DateRange, format!("{name}({text})")),
        }
    }

    /// Adds what can be said of an edge beside its form.
    fn describe(self, edge: Edge, parts: &mut Map<String, Json>) {
        let (day, clock) = match edge {
            Edge::Day(day) | Edge::DayPartOf(day, _) | Edge::ClocksOf(day, ..) => (Some(day), None),
            Edge::Moment(day, clock) => (Some(day), Some(clock)),
            Edge::Clock(clock) => (None, Some(clock)),
            _ => (None, None),
        };
        if let Some(day) = day {
            if let Some((past, future)) = self.candidates(day) {
                parts.insert("past".into(), json!(past.to_string()));
                parts.insert("future".into(), json!(future.to_string()));
            }
            if let Day::Calendar {
                year,
                month: Month::Known(month),
                day,
                swaps,
                weekday,
            } = day
            {
                if swaps {
                    let other = Day::Calendar {
                        year,
                        month: Month::Known(day),
                        day: month,
                        swaps: false,
                        weekday,
                    };
                    parts.insert("alternative".into(), json!(self.day_text(other)));
                }
                if let Some(weekday) = weekday {
                    parts.insert("weekday".into(), json!(weekday));
                }
            }
        }
        if let Some(clock) = clock.filter(|clock| clock.is_open) {
            let hour = (clock.hour + 12) % 24;
            parts.insert(
                "alternative".into(),
                json!(clock_text(Clock { hour, ..clock })),
            );
        }
        if let Edge::Period(period) = edge
            && let Some((start, end)) = self.period(period)
        {
            parts.insert("start".into(), json!(start.to_string()));
            parts.insert("end".into(), json!(end.to_string()));
        }
    }

    fn days_of(self, edge: Edge) -> Option<Days> {
        match edge {
            Edge::Day(day) => self.day(day).map(|day| (day, day)),
            Edge::Period(period) => self.period(period),
            _ => None,
        }
    }
}

fn modifier(bound: Bound) -> &'static str {
    match bound {
        Bound::Before => "before",
        Bound::Until => "until",
        Bound::After => "after",
        Bound::Since => "since",
    }
}

/// Returns the third of some days that is early, in the middle or late, or what is left or gone of them.
fn part_of((start, end): Days, portion: Portion, reference: Option<DateTime>) -> Option<Days> {
    let days = end.since(start).ok()?.get_days() + 1;
    // Of whole months the parts are whole months, too: early in a year is until the end of April.
    let months = (i32::from(end.year()) - i32::from(start.year())) * 12 + i32::from(end.month())
        - i32::from(start.month())
        + 1;
    let is_of_months = months >= 3 && start.day() == 1 && end == end.last_of_month();
    let on = |share: i32| {
        if is_of_months {
            start.checked_add((months * share / 3).months()).ok()
        } else {
            start.checked_add((days * share / 3).days()).ok()
        }
    };
    let today = reference.map(DateTime::date);
    match portion {
        Portion::Early => Some((start, on(1)?.yesterday().ok()?.max(start))),
        Portion::Mid => Some((on(1)?, on(2)?.yesterday().ok()?)),
        Portion::Late | Portion::End => Some((on(2)?, end)),
        Portion::Rest => Some((today?.max(start), end)).filter(|(from, to)| from <= to),
        Portion::ToDate => Some((start, today?.min(end))).filter(|(from, to)| from <= to),
        Portion::Around => Some((start, end)),
    }
}

/// Of two ends joined by a slash, the first.
fn first_of(text: &str) -> &str {
    text.split('/')
        .find(|part| !part.starts_with('P'))
        .unwrap_or(text)
}

fn last_of(text: &str) -> &str {
    text.rsplit('/')
        .find(|part| !part.starts_with('P'))
        .unwrap_or(text)
}

fn type_of(edge: Edge) -> EntityType {
    match edge {
        Edge::Day(_) => EntityType::Date,
        Edge::Clock(_) => EntityType::Time,
        Edge::DayPart(_) | Edge::Clocks(..) => EntityType::TimeRange,
        Edge::Moment(..) | Edge::Shift(_) | Edge::Now => EntityType::Datetime,
        Edge::DayPartOf(..) | Edge::ClocksOf(..) => EntityType::DatetimeRange,
        Edge::Period(Period::Step(unit, _) | Period::Run { unit, .. }) if unit.is_of_clock() => {
            EntityType::DatetimeRange
        }
        Edge::Period(_) => EntityType::DateRange,
    }
}

fn range_of(entity_type: &EntityType) -> EntityType {
    match entity_type {
        EntityType::Time | EntityType::TimeRange => EntityType::TimeRange,
        EntityType::Datetime | EntityType::DatetimeRange => EntityType::DatetimeRange,
        _ => EntityType::DateRange,
    }
}

/// Says how sure a reading is: full dates more than what convention decides, and that more than a guess.
fn score(value: &Value) -> f64 {
    match *value {
        Value::Edge(
            Edge::Day(Day::Calendar { swaps: true, .. }) | Edge::Period(Period::Year(_)),
        ) => 0.8,
        Value::Edge(
            Edge::Day(Day::Calendar {
                year: Year::Known(_),
                ..
            })
            | Edge::Moment(
                Day::Calendar {
                    year: Year::Known(_),
                    ..
                },
                _,
            ),
        ) => 0.95,
        Value::Edge(
            Edge::Day(Day::Spoken)
            | Edge::Period(Period::Spoken(_))
            | Edge::Now
            | Edge::Clock(Clock {
                is_open: true,
                minute: None,
                ..
            }),
        ) => 0.5,
        _ => 0.85,
    }
}
