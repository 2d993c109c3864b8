//! Blocks that most pages of a group repeat are counted and marked, and the pages keep them.

use std::fs;

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

const NOTICE: &str =
    "All tide tables are given without warranty; ask the harbour office before you sail.";
const RARE: &str = "The northern passage is closed to boats of more than two metres draught.";

/// Says how many pages hold the notice and the rarer line, as `report boilerplate` tells it.
fn counts(place: &Workplace) -> Vec<(String, i64, i64)> {
    let report = place.json(&["report", "boilerplate"]);
    let rows = report["rows"].as_array().expect("rows").iter();
    rows.map(|row| {
        let text = row["text"].as_str().expect("a text").to_owned();
        let number = |name: &str| row[name].as_i64().expect("a number");
        (text, number("pages"), number("group_pages"))
    })
    .collect()
}

#[rstest]
fn what_most_pages_repeat_is_marked_and_kept(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let page = |number: usize, further: &str| {
        let text = format!(
            "<title>Tide {number}</title><article><h1>Tides of day {number}</h1><p>On day {number} the water is \
             highest at {number} minutes past noon, as the gauge at the pier has it, and lowest in the evening.</p>\
             <p>{further}</p><p>{NOTICE}</p></article>"
        );
        fs::write(folder.path().join(format!("{number}.html")), text).expect("a page");
    };
    for number in 0..5 {
        page(
            number,
            if number < 2 {
                RARE
            } else {
                "Nothing else is known of it."
            },
        );
    }
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(
        counts(&place),
        [
            (NOTICE.to_owned(), 5, 5),
            ("Nothing else is known of it.".to_owned(), 3, 5),
        ]
    );

    let shown = place.json(&[
        "sources",
        "show",
        &format!("file://{}/0.html", folder.path().display()),
    ]);
    let marked = lines_where(&shown, "boilerplate", |_| true);
    assert_eq!(fields(&marked, "text"), [NOTICE]);
    let text = place.value("SELECT content FROM extractions WHERE extraction_type = 'content' AND content LIKE '%day 0 %'");
    let place_of =
        |name: &str| usize::try_from(marked[0][name].as_u64().expect("a byte")).expect("it fits");
    assert_eq!(&text[place_of("start")..place_of("end")], NOTICE);

    // It follows what is extracted since, and what is deleted.
    page(3, RARE);
    page(4, RARE);
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(
        counts(&place),
        [(NOTICE.to_owned(), 5, 5), (RARE.to_owned(), 4, 5)]
    );
    assert_eq!(place.count("blocks"), 5);
    place
        .database
        .execute("DELETE FROM sources WHERE uri LIKE '%/4.html'");
    assert_eq!(place.count("blocks"), 4);
    assert_eq!(counts(&place)[0].1, 4);
}

#[rstest]
fn two_pages_are_too_few_to_tell(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    for number in 0..2 {
        let text = format!(
            "<title>{number}</title><p>Page {number} has words of its own.</p><p>{NOTICE}</p>"
        );
        fs::write(folder.path().join(format!("{number}.html")), text).expect("a page");
    }
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(counts(&place), []);
    let output = place.succeed(&["report", "boilerplate"]);
    assert!(
        output
            .stdout
            .contains("No block is repeated by most pages of its group."),
        "{output:?}"
    );
}
