use super::*;
use jiff::civil::date;

/// A Wednesday, at three in the afternoon.
pub(super) fn context() -> Context {
    Context {
        reference: Some(date(2024, 3, 13).at(15, 0, 0, 0)),
        ..Context::default()
    }
}

pub(super) fn found_in(text: &str, context: &Context) -> Vec<Mention> {
    DateTimes.find(text, context).unwrap()
}

/// What is found in a text: type, surface and normal form.
pub(super) fn found(text: &str) -> Vec<String> {
    found_in(text, &context())
        .into_iter()
        .map(|mention| {
            format!(
                "{} [{}] {}",
                mention.entity_type, mention.surface, mention.normalized
            )
        })
        .collect()
}

/// Checks that each text holds one mention: of a type, with a surface and a normal form.
pub(super) fn assert_each(entity_type: &EntityType, cases: &[(&str, &str, &str)]) {
    for (text, surface, normalized) in cases {
        assert_eq!(
            found(text),
            [format!("{entity_type} [{surface}] {normalized}")],
            "{text}"
        );
    }
}

#[test]
fn days_are_read_however_they_are_written() {
    assert_each(
        &EntityType::Date,
        &[
            ("on 2024-03-12, at", "2024-03-12", "2024-03-12"),
            ("12 March 2024.", "12 March 2024", "2024-03-12"),
            ("12th of March, 2024", "12th of March, 2024", "2024-03-12"),
            ("March 12, 2024", "March 12, 2024", "2024-03-12"),
            ("Sept. 3rd, 2019", "Sept. 3rd, 2019", "2019-09-03"),
            ("12. März 2024", "12. März 2024", "2024-03-12"),
            ("le 12 mars 2024", "12 mars 2024", "2024-03-12"),
            ("12 de marzo de 2024", "12 de marzo de 2024", "2024-03-12"),
            ("12 марта 2024 г.", "12 марта 2024", "2024-03-12"),
            ("発表は2024年3月12日に", "2024年3月12日", "2024-03-12"),
            ("12.03.2024", "12.03.2024", "2024-03-12"),
            ("2024/03/12", "2024/03/12", "2024-03-12"),
            ("25/12/2023", "25/12/2023", "2023-12-25"),
            ("12/25/2023", "12/25/2023", "2023-12-25"),
            ("29 February 2024", "29 February 2024", "2024-02-29"),
            ("03-Dec-1999", "03-Dec-1999", "1999-12-03"),
            ("notes_2024-03-12.txt", "2024-03-12", "2024-03-12"),
            ("paid the sixth of may", "the sixth of may", "XXXX-05-06"),
            ("Friday, 15 March", "Friday, 15 March", "XXXX-03-15"),
            ("we close on the 24th.", "the 24th", "XXXX-XX-24"),
            ("due on 4/25", "4/25", "XXXX-04-25"),
        ],
    );
}

#[test]
fn relative_days_are_counted_from_the_reference() {
    assert_each(
        &EntityType::Date,
        &[
            ("see you tomorrow", "tomorrow", "2024-03-14"),
            (
                "the day before yesterday",
                "the day before yesterday",
                "2024-03-11",
            ),
            ("three weeks ago", "three weeks ago", "2024-02-21"),
            ("in two days", "in two days", "2024-03-15"),
            (
                "4 days after tomorrow",
                "4 days after tomorrow",
                "2024-03-18",
            ),
            ("next Friday", "next Friday", "2024-03-22"),
            ("this coming Friday", "this coming Friday", "2024-03-15"),
            ("last Monday", "last Monday", "2024-03-04"),
            ("Sunday of next week", "Sunday of next week", "2024-03-24"),
            ("20th of next month", "20th of next month", "2024-04-20"),
            (
                "the first Monday of next month",
                "the first Monday of next month",
                "2024-04-01",
            ),
            (
                "the last day of February 2024",
                "last day of February 2024",
                "2024-02-29",
            ),
            ("two Sundays ago", "two Sundays ago", "2024-03-03"),
            ("in 3 business days", "in 3 business days", "2024-03-18"),
            ("Easter 2024", "Easter 2024", "2024-03-31"),
            ("Thanksgiving 2023", "Thanksgiving 2023", "2023-11-23"),
        ],
    );
}

#[test]
fn without_a_reference_relative_times_stay_symbolic() {
    let cases = [
        ("tomorrow", "REF+1D"),
        ("today", "REF"),
        ("three weeks ago", "REF-P3W"),
        ("next Friday", "REF+1W-5"),
        ("this coming Friday", "REF>5"),
        ("20th of next month", "REF+1M-20"),
        ("last week", "REF-1W"),
        ("the next three months", "REF/P3M"),
        ("last year", "REF-1Y"),
        ("in ten minutes", "REF+PT10M"),
        ("tomorrow at 5 pm", "REF+1DT17"),
        ("early next week", "early(REF+1W)"),
        ("Friday", "XXXX-WXX-5"),
        ("Thanksgiving", "XXXX-thanksgiving"),
    ];
    for (text, normalized) in cases {
        let found = found_in(text, &Context::default());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].normalized, normalized, "{text}");
    }
    let paged = Context {
        page_date: Some(date(2024, 2, 28)),
        ..Context::default()
    };
    assert_eq!(found_in("tomorrow", &paged)[0].normalized, "2024-02-29");
}

#[test]
fn the_region_says_which_number_is_the_day() {
    let read = |region: Option<&str>| {
        let context = Context {
            region: region.map(str::to_owned),
            ..Context::default()
        };
        let mention = found_in("on 03/04/2024", &context).remove(0);
        (
            mention.normalized,
            mention.attributes["alternative"].clone(),
        )
    };
    let month_first = ("2024-03-04".to_owned(), "2024-04-03".into());
    assert_eq!(read(None), month_first);
    assert_eq!(read(Some("US")), month_first);
    assert_eq!(
        read(Some("GB")),
        ("2024-04-03".to_owned(), "2024-03-04".into())
    );
    let sure = found_in("on 04/04/2024", &Context::default()).remove(0);
    assert_eq!(sure.attributes["alternative"], serde_json::Value::Null);
}

#[test]
fn days_without_a_year_tell_the_nearest_ones() {
    let mention = found_in("on Friday, on 1 March", &context());
    assert_eq!(mention[0].attributes["past"], "2024-03-08");
    assert_eq!(mention[0].attributes["future"], "2024-03-15");
    assert_eq!(mention[1].attributes["past"], "2024-03-01");
    assert_eq!(mention[1].attributes["future"], "2025-03-01");
    let leap = found_in("on 29 February", &context()).remove(0);
    assert_eq!(leap.attributes["past"], "2024-02-29");
    assert_eq!(leap.attributes["future"], "2028-02-29");
}

#[test]
fn times_of_day_are_read() {
    assert_each(
        &EntityType::Time,
        &[
            ("opens 7pm", "7pm", "T19"),
            ("at 7:45 p.m. sharp", "7:45 p.m.", "T19:45"),
            ("at 19:00", "19:00", "T19:00"),
            (
                "half past seven in the evening",
                "half past seven in the evening",
                "T19:30",
            ),
            ("a quarter to 5 pm", "a quarter to 5 pm", "T16:45"),
            ("4 o'clock", "4 o'clock", "T04"),
            ("at noon", "noon", "T12"),
            ("midnight", "midnight", "T00"),
            ("in the afternoon at 7", "in the afternoon at 7", "T19"),
            ("we meet at seven.", "seven", "T07"),
            ("10:15 CET", "10:15", "T10:15+01:00"),
            ("12 am", "12 am", "T00"),
            ("12 pm", "12 pm", "T12"),
        ],
    );
    let open = found_in("at 4 o'clock", &context()).remove(0);
    assert_eq!(open.attributes["alternative"], "T16");
}

#[test]
fn moments_are_a_day_and_a_time() {
    assert_each(
        &EntityType::Datetime,
        &[
            (
                "2024-03-12T10:00:00Z",
                "2024-03-12T10:00:00Z",
                "2024-03-12T10:00:00Z",
            ),
            (
                "2024-03-12 10:00:30+05:30",
                "2024-03-12 10:00:30+05:30",
                "2024-03-12T10:00:30+05:30",
            ),
            (
                "March 12, 2024 at 8:15 am",
                "March 12, 2024 at 8:15 am",
                "2024-03-12T08:15",
            ),
            ("15:30 on 12 March", "15:30 on 12 March", "XXXX-03-12T15:30"),
            (
                "tomorrow morning at 9",
                "tomorrow morning at 9",
                "2024-03-14T09",
            ),
            ("8pm this evening", "8pm this evening", "2024-03-13T20"),
            ("tonight at 8", "tonight at 8", "2024-03-13T20"),
            ("in 90 minutes", "in 90 minutes", "2024-03-13T16:30"),
            ("two hours ago", "two hours ago", "2024-03-13T13:00"),
            ("right now", "right now", "2024-03-13T15:00"),
            (
                "Wed Mar 13 15:50:06 2024",
                "Wed Mar 13 15:50:06 2024",
                "2024-03-13T15:50:06",
            ),
            (
                "by the end of tomorrow",
                "the end of tomorrow",
                "2024-03-14T24:00",
            ),
        ],
    );
}

#[test]
fn stretches_of_the_calendar_are_read() {
    assert_each(
        &EntityType::DateRange,
        &[
            ("in March 2024", "March 2024", "2024-03"),
            ("in May", "May", "XXXX-05"),
            ("in 1998,", "1998", "1998"),
            ("11/2016", "11/2016", "2016-11"),
            ("Q3 2019", "Q3 2019", "2019-Q3"),
            ("second half of 2020", "second half of 2020", "2020-H2"),
            ("the 1990s", "the 1990s", "199X"),
            ("the 1800s", "the 1800s", "18XX"),
            ("in the 21st century", "the 21st century", "20XX"),
            ("summer 2016", "summer 2016", "2016-SU"),
            ("week 31 of 2024", "week 31 of 2024", "2024-W31"),
            ("2024-W12", "2024-W12", "2024-W12"),
            ("next week", "next week", "2024-W12"),
            ("this month", "this month", "2024-03"),
            ("last year", "last year", "2023"),
            ("the next 3 months", "next 3 months", "2024-03-13/P3M"),
            ("early 2021", "early 2021", "2021-01-01/2021-04-30"),
            (
                "the rest of the week",
                "rest of the week",
                "2024-03-13/2024-03-17",
            ),
            ("since 2019", "since 2019", "2019/.."),
            ("until next Tuesday", "until next Tuesday", "../2024-03-19"),
            (
                "from May to July 2022",
                "from May to July 2022",
                "2022-05/2022-07",
            ),
            (
                "4-22 January, 2017",
                "4-22 January, 2017",
                "2017-01-04/2017-01-22",
            ),
            ("2014–2018", "2014–2018", "2014/2018"),
            ("1939–45", "1939–45", "1939/1945"),
            ("Mon-Fri", "Mon-Fri", "XXXX-WXX-1/XXXX-WXX-5"),
            ("within 2 weeks", "within 2 weeks", "2024-03-13/2024-03-27"),
            (
                "the week of March 20",
                "the week of March 20",
                "week(XXXX-03-20)",
            ),
            ("FY2021", "FY2021", "FY2021"),
            ("in 44 BC", "44 BC", "-0043"),
        ],
    );
}

#[test]
fn ranges_of_times_are_read() {
    assert_each(
        &EntityType::TimeRange,
        &[
            ("from 9am to 5:30pm", "from 9am to 5:30pm", "T09/T17:30"),
            ("open 9-11 am", "9-11 am", "T09/T11"),
            ("11-2 pm", "11-2 pm", "T11/T14"),
            (
                "between 10:10 and 12:50",
                "between 10:10 and 12:50",
                "T10:10/T12:50",
            ),
            ("rain in the evening", "in the evening", "T18/T22"),
            ("not before 5pm", "before 5pm", "../T17"),
        ],
    );
    assert_each(
        &EntityType::DatetimeRange,
        &[
            (
                "this morning",
                "this morning",
                "2024-03-13T06/2024-03-13T12",
            ),
            ("last night", "last night", "2024-03-12T20/2024-03-12T24"),
            (
                "Tuesday in the late afternoon",
                "Tuesday in the late afternoon",
                "XXXX-WXX-2T15/XXXX-WXX-2T18",
            ),
            (
                "tomorrow from 3 to 5pm",
                "tomorrow from 3 to 5pm",
                "2024-03-14T15/2024-03-14T17",
            ),
            (
                "11pm-1am on 12 March 2024",
                "11pm-1am on 12 March 2024",
                "2024-03-12T23/2024-03-13T01",
            ),
            (
                "the next two hours",
                "next two hours",
                "2024-03-13T15:00/PT2H",
            ),
        ],
    );
}

#[test]
fn amounts_of_time_are_read() {
    assert_each(
        &EntityType::Duration,
        &[
            ("for 2 hours", "2 hours", "PT2H"),
            (
                "takes two and a half years",
                "two and a half years",
                "P2.5Y",
            ),
            ("a year and six months", "a year and six months", "P1Y6M"),
            ("five-and-a-half years", "five-and-a-half years", "P5.5Y"),
            ("1h30m", "1h30m", "PT1H30M"),
            ("2 1/2 hours", "2 1/2 hours", "PT2.5H"),
            ("a 90-day trial", "90-day", "P90D"),
            ("for a few days", "a few days", "PXD"),
            ("for a fortnight", "a fortnight", "P2W"),
            (
                "more than three decades",
                "more than three decades",
                ">P30Y",
            ),
            ("2-3 weeks", "2-3 weeks", "P2W..P3W"),
            ("all day", "all day", "P1D"),
            ("3 business days", "3 business days", "P3BD"),
        ],
    );
}

#[test]
fn what_comes_again_is_a_set() {
    assert_each(
        &EntityType::Set,
        &[
            ("every Monday", "every Monday", "XXXX-WXX-1"),
            (
                "every other Friday",
                "every other Friday",
                "R/XXXX-WXX-5/P2W",
            ),
            ("each day at 7:30", "each day at 7:30", "R/T07:30/P1D"),
            ("paid quarterly", "quarterly", "R/P3M"),
            ("every 2 weeks", "every 2 weeks", "R/P2W"),
            ("Tuesdays at 7", "Tuesdays at 7", "XXXX-WXX-2T07"),
            ("twice a week", "twice a week", "R/P1W*2"),
            (
                "every third Friday of the month",
                "every third Friday of the month",
                "XXXX-XX#3-5",
            ),
            ("every Christmas", "every Christmas", "XXXX-12-25"),
        ],
    );
}

#[test]
fn what_is_no_time_is_left() {
    for text in [
        "31 February 2024",
        "29.02.2023",
        "1.2.3.2024",
        "version 2024-13-01",
        "2024-03/12",
        "you may 2024 times",
        "978-3-16-148410-0",
        "12024-03-12",
        "2024-03-123",
        "31/31/2024",
        "10.12.2024.5",
        "you may go, and they march on",
        "a second chance",
        "the second one",
        "1 in 5 people",
        "call 212-555-0142",
        "a ratio of 4:3",
        "as John 3:16 says",
        "open 24/7",
        "version 1.2.3",
        "$2020 and 1920×1080",
        "a 5-year-old, 7 years old",
        "the sun sat on the wall",
        "she is in the 27th row",
        "0:41",
        "call me at any time",
        "3 of 12 cups",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn the_first_date_is_one_with_its_year() {
    let cases = [
        ("By Ann, 12 March 2024, 5 min", Some("2024-03-12")),
        ("Posted 12.03.2024 14:00", Some("2024-03-12")),
        ("2024-03-12T10:00:00+01:00", Some("2024-03-12")),
        ("Friday, then March 2024", Some("2024-03")),
        ("3 days ago", None),
        ("03/04/2024", None),
        ("31 February 2024", None),
        ("1024-03-12", None),
    ];
    for (text, date) in cases {
        let found = first_date(text).map(|date| date.to_string());
        assert_eq!(found.as_deref(), date, "{text}");
    }
}
