use proptest::prelude::*;

use super::tests::{context, found_in};
use super::*;
use jiff::civil::date;

#[test]
fn work_grows_with_the_text_and_nothing_else() {
    let units = [
        "from ",
        "between 1 and ",
        "1 ",
        "1-",
        "1/",
        "1:",
        "12.",
        "May ",
        "may-",
        "the ",
        "every ",
        "last ",
        "next two ",
        "in the ",
        "half past ",
        "twenty ",
        "a year and ",
        "Monday, ",
        "(jan-1",
        "early the end of ",
        "2024-",
        "2024 to ",
        "more than ",
        "before ",
        "at 7 ",
        "new year's ",
        "年月日",
        "5 to ",
        "no later than ",
        "3h",
        "hundred thousand ",
        "1,000,",
        "Q1",
        "''90s",
    ];
    for unit in units {
        let asked = |bytes: usize| read(&unit.repeat(bytes / unit.len()), &context()).1 as f64;
        let (some, more) = (asked(2_000), asked(8_000));
        assert!(more <= 5.0 * some + 1000.0, "{unit:?}: {some} and {more}");
        assert!(more / 8_000.0 < 120.0, "{unit:?}: {more}");
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "in",
        "the",
        "from",
        "to",
        "next",
        "last",
        "May",
        "march",
        "Friday",
        "Mon",
        "12",
        "3",
        "2024",
        "99999999999",
        "29",
        "Feb",
        "pm",
        "a.m.",
        "o'clock",
        "half",
        "past",
        "weeks",
        "ago",
        "every",
        "other",
        "and",
        "-",
        "/",
        ":",
        ",",
        ".",
        "(",
        ")",
        "'",
        "90s",
        "century",
        "year",
        "9999",
        "0",
        "hundred",
        "thousand",
        "years",
        "Q4",
        "Easter",
        "before",
        "later",
        "than",
        "morning",
        "of",
        "W53",
        "T10",
        "\n",
        "年",
        "月",
        "é",
        "\u{a0}",
        "🕐",
    ];
    prop_oneof![
        8 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn spans_hold_what_is_said_and_do_not_overlap(
        words in prop::collection::vec((word(), prop::bool::weighted(0.8)), 0..60),
        is_known in any::<bool>(),
    ) {
        let text: String = words.iter().flat_map(|(word, is_spaced)| [word.as_str(), if *is_spaced { " " } else { "" }]).collect();
        let context = if is_known { context() } else { Context::default() };
        let mut end = 0;
        for mention in found_in(&text, &context) {
            prop_assert_eq!(&text[mention.start..mention.end], mention.surface.as_str());
            prop_assert!(mention.start >= end && !mention.surface.contains('\n'));
            prop_assert!(mention.end - mention.start <= LONGEST_MENTION && !mention.normalized.is_empty());
            end = mention.end;
        }
    }

    #[test]
    fn amounts_from_now_agree_with_the_calendar(count in 1_i64..4000, unit in 0_usize..6, is_past in any::<bool>()) {
        use jiff::ToSpan;
        let (name, span) = [
            ("days", count.days()), ("weeks", count.weeks()), ("months", count.months()),
            ("years", count.years()), ("hours", count.hours()), ("minutes", count.minutes()),
        ][unit];
        let reference = date(2024, 3, 13).at(15, 0, 0, 0);
        let (text, expected) = if is_past {
            (format!("{count} {name} ago"), reference.checked_sub(span))
        } else {
            (format!("in {count} {name}"), reference.checked_add(span))
        };
        let mention = found_in(&text, &context()).remove(0);
        let expected = expected.ok().map(|moment| {
            if unit < 4 { moment.date().to_string() } else { moment.strftime("%Y-%m-%dT%H:%M").to_string() }
        });
        match expected.filter(|day| !day.starts_with('-')) {
            Some(expected) => prop_assert_eq!(mention.normalized, expected),
            None => prop_assert!(mention.normalized.contains("REF") || mention.normalized.starts_with('-') || mention.normalized.contains("2024-03-13")),
        }
    }
}
