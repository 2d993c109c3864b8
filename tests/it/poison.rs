//! One row that the database refuses costs itself alone: its neighbours are stored, it is accounted for, and
//! it is stored when the database would take it.

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Makes the database refuse rows of `table` in which `column` matches `pattern`.
fn poison(place: &Workplace, table: &str, column: &str, pattern: &str) {
    place.database.execute(&match place.database.engine() {
        Sqlite => format!(
            "CREATE TRIGGER poison BEFORE INSERT ON {table} WHEN NEW.{column} LIKE '{pattern}' \
             BEGIN SELECT RAISE(ABORT, 'a poisoned row'); END"
        ),
        Postgres => format!(
            "ALTER TABLE {table} ADD CONSTRAINT poison CHECK ({column} NOT LIKE '{pattern}')"
        ),
    });
}

fn cure(place: &Workplace, table: &str) {
    place.database.execute(&match place.database.engine() {
        Sqlite => "DROP TRIGGER poison".to_owned(),
        Postgres => format!("ALTER TABLE {table} DROP CONSTRAINT poison"),
    });
}

#[rstest]
fn a_page_that_the_database_refuses(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("1", "16")] concurrency: &str,
) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    poison(&place, "sources", "uri", "%/stage-3.html");
    let seed = site("club");
    let crawl = ["crawl", text_of(&seed), "--concurrency", concurrency];
    place.succeed(&crawl);

    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    assert_eq!(place.count("sources"), 8);
    assert_eq!(
        place
            .database
            .query_text("SELECT uri, reason FROM frontier WHERE outcome = 'failed'"),
        [[
            Some(format!("file://{}/stage-3.html", seed.display())),
            Some("store_rejected".to_owned())
        ]]
    );
    let report = place.json(&["report", "incomplete", "--stage", "crawl"]);
    let lost = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&lost, "reason"), ["store_rejected"]);
    assert_eq!(fields(&lost, "class"), ["loss"]);
    let detail = &fields(&lost, "detail")[0];
    assert!(detail.contains("poison"), "{detail}");
    // Nothing of the refused transaction is left: its body had no other page.
    assert_eq!(place.count("bodies"), 7);
    assert_eq!(place.count("events WHERE kind = 'source_created'"), 8);
    place.check();
    place.succeed(&["db", "verify"]);

    cure(&place, "sources");
    place.succeed(&crawl);
    assert_eq!(place.count("sources"), 9);
    assert_eq!(place.count("gaps WHERE resolved_at IS NULL"), 0);
    place.check();
}

/// Over HTTP a page is known by its links, so what only the refused page leads to is not known either: the
/// one loss is told, and the next crawl finds the rest.
#[rstest]
fn what_only_a_refused_page_leads_to(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, server) = (Workplace::new(engine), Server::of(site("club")));
    place.succeed(&["db", "migrate"]);
    poison(&place, "sources", "uri", "%/stage-3.html");
    let seed = server.url("/index.html");
    let crawl = ["crawl", &seed, "--allow-private", "--delay", "0"];
    place.succeed(&crawl);
    assert_eq!(place.count("sources"), 9);
    assert_eq!(place.count("frontier"), 10);
    place.check();
    cure(&place, "sources");
    place.succeed(&crawl);
    assert_eq!(place.count("sources"), 12);
    place.check();
}

#[rstest]
fn an_extraction_that_the_database_refuses(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    poison(&place, "extractions", "content", "%Lantern Red%");
    place.succeed(&["extract"]);
    assert_eq!(place.count("passes WHERE state = 'done'"), 6);
    assert_eq!(place.count("passes WHERE state = 'failed'"), 1);
    // The index names the tomato, too, but not by its whole name.
    assert_eq!(place.count("extractions"), 16);
    let report = place.json(&["report", "incomplete"]);
    let lost = lines_where(&report, "rows", |_| true);
    assert_eq!(fields(&lost, "reason"), ["extraction_rejected"]);
    assert!(fields(&lost, "uri")[0].ends_with("/tomato.html"));
    let balance = place.json(&["report", "balance", "--job", "last"]);
    assert_eq!(balance["jobs"][0]["closes"], true);
    place.check();

    cure(&place, "extractions");
    place.succeed(&["extract"]);
    assert_eq!(place.count("extractions"), 19);
    place.succeed(&["report", "incomplete", "--check", "--strict"]);
    place.check();
}

/// NUL and halves of surrogate pairs are text to SQLite and errors to Postgres: they are replaced before
/// anything is counted, so both store the same.
#[test]
fn characters_that_one_engine_refuses() {
    let folder = temporary_folder();
    let page = "<!doctype html><title>N\u{0}L and &#0; and &#xD800;</title>\
                <script type=\"application/ld+json\">{\"@type\": \"Product\", \"name\": \"a\\u0000b \\ud800 c\"}</script>\
                <main><h1>Odd\u{0} letters</h1><p>Write to desk@skerrysound.example \u{0} or \u{fffe}, &#0; \
                and \u{10ffff}, on 5 May 2026, with words enough to be a text.</p></main>";
    std::fs::write(folder.path().join("odd.html"), page).expect("a page");
    std::fs::write(
        folder.path().join("plain.txt"),
        "a\u{0}b desk@skerrysound.example\n",
    )
    .expect("a text");
    let odd = format!("file://{}/odd.html", folder.path().display());
    let [sqlite, postgres] = [Sqlite, Postgres].map(|engine| {
        let place = Workplace::new(engine);
        place.succeed(&["run", text_of(folder.path())]);
        place.check();
        assert_eq!(place.count("sources"), 2);
        assert_eq!(place.count("extractions WHERE content LIKE '%desk@%'"), 2);
        let list = |arguments: &[&str]| {
            let stable = ["--stable", "--format", "json"];
            place.succeed(&[arguments, &stable].concat()).stdout
        };
        [
            list(&["sources", "list"]),
            list(&["entities", "list"]),
            list(&["report", "incomplete", "--all"]),
            list(&["sources", "show", &odd]),
        ]
    });
    assert_eq!(sqlite, postgres);
}
