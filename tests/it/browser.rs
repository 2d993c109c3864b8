//! Reports in a real browser: sorted and filtered by mouse and keyboard, at two widths, in the dark and on paper,
//! with no error and with no request that leaves the file.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::database::Engine;
use crate::support::workplace::Workplace;

/// The values that a column shows of the rows that are not filtered out.
fn column(browser: &mut Browser, number: usize) -> Vec<String> {
    let shown = browser.ask(&format!(
        "[...document.querySelectorAll('table.rows tbody tr')].filter((row) => row.checkVisibility())\
         .map((row) => row.cells[{number}].textContent)"
    ));
    let shown: Vec<String> = serde_json::from_value(shown).expect("texts");
    shown
}

fn assert_quiet(browser: &Browser, file: &str) {
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{file}");
    let requests = browser.requests();
    let outside: Vec<_> = requests
        .iter()
        .filter(|url| !url.starts_with("file://"))
        .collect();
    assert!(outside.is_empty(), "{file} asks for {outside:?}");
    assert_eq!(requests.len(), 1, "{file} asks for {requests:?}");
}

/// A site with ten pages of different lengths, one of which is markup all through.
fn site(place: &Workplace) {
    let folder = place.user.folder().join("site");
    fs::create_dir(&folder).expect("a folder");
    for page in 1..=10 {
        let mut html = format!(
            "<title>Page {page} &lt;img src=x onerror=alert(1)&gt;</title><article><h1>Berth {page}</h1>"
        );
        for line in 0..page * 3 {
            write!(
                html,
                "<p>On {} March 2024 the harbor paid ${},200 for berth {line}, says mail@example.org, &lt;script&gt;alert(2)&lt;/script&gt;.</p>",
                line % 28 + 1,
                page
            )
            .expect("a text");
        }
        html.push_str("<p><a href=lost.html>lost</a></p></article>");
        fs::write(folder.join(format!("page-{page}.html")), html).expect("a page");
    }
    place.succeed(&["run", "site"]);
}

#[test]
fn pages_work_by_mouse_and_by_keyboard_and_ask_for_nothing() {
    let place = Workplace::new(Engine::Sqlite);
    site(&place);
    for (name, arguments) in [
        ("provenance.html", &["report", "provenance"][..]),
        ("overview.html", &["report", "overview"]),
    ] {
        let written = [arguments, &["--format", "html", "-o", name]].concat();
        place.succeed(&written);
    }
    let page = place.succeed(&["page", "site/page-3.html", "--format", "html"]);
    fs::write(place.user.folder().join("page.html"), page.stdout).expect("a page");

    let mut browser = Browser::start();
    tables(&mut browser, &place);
    looks(&mut browser, &place);
    marks(&mut browser, &place);
}

fn tables(browser: &mut Browser, place: &Workplace) {
    let file = place.user.folder().join("provenance.html");
    browser.open(&file, 1280);
    browser.ask("document.querySelectorAll('section')[1].remove()");
    let as_written = column(browser, 0);
    assert_eq!(as_written.len(), 10);
    let head = browser.ask("[...document.querySelectorAll('th')].map((head) => head.textContent)");
    let heads: Vec<String> = serde_json::from_value(head).expect("texts");
    let size = heads
        .iter()
        .position(|head| head == "body size")
        .expect("a column");

    // By mouse: numbers as numbers, up, down, and as they were.
    let button = format!("th:nth-child({}) button", size + 1);
    let sorted = |browser: &mut Browser| -> Vec<u64> {
        let shown = column(browser, size);
        shown
            .iter()
            .map(|size| size.parse().expect("a number"))
            .collect()
    };
    browser.click(&button);
    let rising = sorted(browser);
    assert!(
        rising.is_sorted() && rising[0] < 1000 && rising[9] >= 1000,
        "{rising:?}"
    );
    browser.click(&button);
    let falling = sorted(browser);
    assert!(
        falling.is_sorted_by(|one, other| one >= other),
        "{falling:?}"
    );
    assert_eq!(
        browser.ask("document.querySelector('th[aria-sort]').textContent"),
        "body size"
    );
    browser.click(&button);
    assert_eq!(column(browser, 0), as_written);

    // By keyboard: to the filter, some letters, and out of it again.
    browser.press("/", "/");
    assert_eq!(browser.ask("document.activeElement.type"), "search");
    for letter in ["P", "A", "G", "E", "-", "1"] {
        browser.press(letter, letter);
    }
    assert_eq!(column(browser, 0).len(), 2, "page-1 and page-10");
    assert_eq!(
        browser.ask("document.querySelector('.tools output').textContent"),
        "2 of 10 rows"
    );
    browser.press("Escape", "");
    assert_eq!(column(browser, 0).len(), 10);
    // The first column's button comes after the filter and the table's own stop.
    for _ in 0..2 {
        browser.press("Tab", "");
    }
    assert_eq!(browser.ask("document.activeElement.tagName"), "BUTTON");
    browser.press("Enter", "\r");
    assert_eq!(
        browser.ask("document.querySelector('th').getAttribute('aria-sort')"),
        "ascending"
    );
    assert_eq!(
        column(browser, 0)[1],
        as_written[2],
        "page-2 stands before page-10"
    );
    assert_quiet(browser, "provenance.html");
}

fn looks(browser: &mut Browser, place: &Workplace) {
    for name in ["provenance.html", "overview.html", "page.html"] {
        let file = place.user.folder().join(name);
        for width in [1280, 400] {
            browser.open(&file, width);
            // Tables scroll in their own place; the page itself never scrolls sideways.
            let widths = browser.ask("[document.documentElement.scrollWidth, innerWidth]");
            assert!(
                widths[0].as_u64() <= widths[1].as_u64(),
                "{name} at {width}: {widths}"
            );
            assert_eq!(browser.ask("document.querySelectorAll('img').length"), 0);
            assert_quiet(browser, name);
        }
        let ground = "getComputedStyle(document.documentElement).backgroundColor";
        browser.media("screen", "light");
        let light = browser.ask(ground);
        browser.media("screen", "dark");
        assert_ne!(browser.ask(ground), light, "{name}");
        browser.media("print", "dark");
        assert_eq!(browser.ask(ground), "rgb(255, 255, 255)", "{name}");
        let tools = browser
            .ask("[...document.querySelectorAll('.tools')].some((one) => one.checkVisibility())");
        assert_eq!(tools, json!(false), "{name}");
        browser.media("", "light");
    }
}

fn marks(browser: &mut Browser, place: &Workplace) {
    let file = place.user.folder().join("page.html");
    browser.open(&file, 1280);
    let marks = browser.ask("document.querySelectorAll('.text .m').length");
    assert!(marks.as_u64() > Some(10), "{marks}");
    // What a mark stands for is shown to whoever comes to it by keyboard, and it leads to its evidence.
    let shown = browser.ask(
        "(() => { const mark = [...document.querySelectorAll('.text .m')].find((one) => one.textContent === '$3,200'); mark.focus(); \
         return getComputedStyle(mark, '::after').content; })()",
    );
    assert!(
        shown
            .as_str()
            .is_some_and(|shown| shown.contains("money: 3200 USD")),
        "{shown}"
    );
    browser.press("Enter", "\r");
    let row = browser.ask("document.querySelector('tr:target').textContent");
    assert!(
        row.as_str().is_some_and(|row| row.contains("$3,200")),
        "{row}"
    );
    let alone = browser.ask(
        "[...document.querySelectorAll('.m[href]')].every((mark) => document.getElementById(mark.hash.slice(1)))",
    );
    assert_eq!(alone, Value::Bool(true), "every mark has its evidence");
    assert_quiet(browser, "page.html");
}
