//! How the ends of a range, a day and its hours, and parts of a period lend each other what only one says.

use super::tests::{assert_each, found};
use crate::model::EntityType;

#[test]
fn ends_of_a_range_lend_each_other_month_and_year() {
    assert_each(
        &EntityType::DateRange,
        &[
            (
                "March 5 through 7",
                "March 5 through 7",
                "XXXX-03-05/XXXX-03-07",
            ),
            (
                "28 Dec - 3 Jan 2021",
                "28 Dec - 3 Jan 2021",
                "2020-12-28/2021-01-03",
            ),
            (
                "from the 27th to the 3rd of January 2021",
                "from the 27th to the 3rd of January 2021",
                "2020-12-27/2021-01-03",
            ),
            (
                "Nov 18, 2014-Dec 19",
                "Nov 18, 2014-Dec 19",
                "2014-11-18/2014-12-19",
            ),
            (
                "12/06/21–14/06/21",
                "12/06/21–14/06/21",
                "2021-06-12/2021-06-14",
            ),
            (
                "12.–14. Juni 2021",
                "12.–14. Juni 2021",
                "2021-06-12/2021-06-14",
            ),
            (
                "from Q1 to Q3 2019",
                "from Q1 to Q3 2019",
                "2019-Q1/2019-Q3",
            ),
            ("Sept-Oct 2020", "Sept-Oct 2020", "2020-09/2020-10"),
            (
                "between 2015 and May 5th, 2017",
                "between 2015 and May 5th, 2017",
                "2015/2017-05-05",
            ),
            ("2019 – present", "2019 – present", "2019/2024-03-13"),
            (
                "from March to date",
                "from March to date",
                "XXXX-03/2024-03-13",
            ),
            (
                "next week from Monday to Friday",
                "next week from Monday to Friday",
                "2024-03-18/2024-03-22",
            ),
            ("Mon. - Thurs.", "Mon. - Thurs", "XXXX-WXX-1/XXXX-WXX-4"),
        ],
    );
}

#[test]
fn two_times_lend_each_other_the_half_of_the_day() {
    assert_each(
        &EntityType::TimeRange,
        &[
            ("5-6pm", "5-6pm", "T17/T18"),
            ("11 to 12:30pm", "11 to 12:30pm", "T11/T12:30"),
            ("1pm to 4.", "1pm to 4", "T13/T16"),
            (
                "between 9:30 pm and 4",
                "between 9:30 pm and 4",
                "T21:30/T04",
            ),
            (
                "from 3 to 5 in the afternoon",
                "from 3 to 5 in the afternoon",
                "T15/T17",
            ),
            ("noon to 2pm", "noon to 2pm", "T12/T14"),
        ],
    );
    assert_each(
        &EntityType::DatetimeRange,
        &[
            ("Fri. 10-8", "Fri. 10-8", "XXXX-WXX-5T10/XXXX-WXX-5T20"),
            (
                "between 7 and 9:30 last night",
                "between 7 and 9:30 last night",
                "2024-03-12T19/2024-03-12T21:30",
            ),
            (
                "14 May from 9:30 am for 7 hours",
                "14 May from 9:30 am for 7 hours",
                "XXXX-05-14T09:30/XXXX-05-14T16:30",
            ),
            ("today before 4pm", "today before 4pm", "../2024-03-13T16"),
            (
                "late Friday night",
                "late Friday night",
                "late(XXXX-WXX-5T20/XXXX-WXX-5T24)",
            ),
        ],
    );
}

#[test]
fn a_time_and_its_day_stand_in_either_order() {
    assert_each(
        &EntityType::Datetime,
        &[
            ("8 this morning", "8 this morning", "2024-03-13T08"),
            ("at eight tonight", "eight tonight", "2024-03-13T20"),
            ("7 tomorrow morning", "7 tomorrow morning", "2024-03-14T07"),
            (
                "9am, 5 November 2019",
                "9am, 5 November 2019",
                "2019-11-05T09",
            ),
            (
                "12 Jun 2021 (Sat) 19:00",
                "12 Jun 2021 (Sat) 19:00",
                "2021-06-12T19:00",
            ),
            (
                "3 March 2021 at 10.15 GMT",
                "3 March 2021 at 10.15",
                "2021-03-03T10:15Z",
            ),
            ("midnight on Friday", "midnight on Friday", "XXXX-WXX-5T00"),
        ],
    );
}

#[test]
fn a_time_that_is_moved_is_one_where_it_is_moved_to() {
    assert_eq!(
        found("move the 3 pm call to 4."),
        ["time [3 pm] T15", "time [4] T04"]
    );
    assert_eq!(found("move the table to 4."), [""; 0]);
}

#[test]
fn what_is_counted_from_something_else_names_it() {
    assert_each(
        &EntityType::Date,
        &[
            (
                "the day after Christmas 2023",
                "the day after Christmas 2023",
                "2023-12-26",
            ),
            (
                "3 weeks before May 5, 2020",
                "3 weeks before May 5, 2020",
                "2020-04-14",
            ),
            (
                "two days after Easter",
                "two days after Easter",
                "XXXX-easter+P2D",
            ),
            (
                "the second Sunday of the month",
                "the second Sunday of the month",
                "2024-03-10",
            ),
            (
                "the 20th of the month",
                "the 20th of the month",
                "2024-03-20",
            ),
        ],
    );
    assert_each(
        &EntityType::DateRange,
        &[
            (
                "last two weeks of December 2020",
                "last two weeks of December 2020",
                "2020-12-18/2020-12-31",
            ),
            ("the month before last", "the month before last", "2024-01"),
            (
                "more than 2 weeks before today",
                "more than 2 weeks before today",
                "../2024-02-28",
            ),
            (
                "2 weeks starting May 20th, 2019",
                "2 weeks starting May 20th, 2019",
                "2019-05-20/2019-06-03",
            ),
            ("end of year", "end of year", "2024-09-01/2024-12-31"),
        ],
    );
}

#[test]
fn what_is_no_more_than_an_amount_is_less() {
    assert_each(
        &EntityType::Duration,
        &[
            ("more than 5 minutes", "more than 5 minutes", ">PT5M"),
            ("no more than 5 minutes", "more than 5 minutes", "<PT5M"),
            ("not less than an hour", "less than an hour", ">PT1H"),
        ],
    );
}
