//! Quotes with their origin: what is quoted, where a browser finds it, and how it is known.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, lines_where, text_of};

use Engine::{Postgres, Sqlite};

/// Both engines show the same.
macro_rules! assert_shown {
    ($shown:expr, @$expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($shown, @$expected) }
    };
}

const PAGE: &str = "<!doctype html><html lang=en><title>Tides & <b>people</b> {of} 2026</title>\
    <meta name=author content='Ann } Lee'><meta property=article:published_time content='2026-03-05'>\
    <main><h1>Tides</h1><p>Letters are answered at keeper@example.org within a week, says the keeper.</p>\
    <p>In the year of the flood the wall was built by people who had seen the water come over the fields, \
    and who did not want to see it come again as long as they lived at the harbor.</p>\
    <p>Whoever writes to keeper@example.org twice is answered twice.</p>\
    <table><tr><th>Ticket<th>Price<tr><td>Adult<td>&pound;8.50<tr><td>Child<td>&pound;4.00</table></main></html>";

/// A page of a site, crawled and extracted.
fn read(engine: Engine) -> Workplace {
    let (place, folder) = (Workplace::new(engine), temporary_folder());
    std::fs::write(folder.path().join("tides.html"), PAGE).expect("cannot write a page");
    let crawl = [
        "crawl",
        text_of(folder.path()),
        "--base-url",
        "https://example.org/",
    ];
    place.succeed(&crawl);
    place.succeed(&["extract"]);
    place
}

fn citations(place: &Workplace, arguments: &[&str]) -> Vec<Value> {
    let report = place.json(&[&["cite"], arguments].concat());
    report["citations"].as_array().expect("citations").clone()
}

#[rstest]
fn each_kind_is_quoted_with_its_origin(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = read(engine);
    let uri = "https://example.org/tides.html";
    let job = place.value("SELECT CAST(id AS TEXT) FROM jobs WHERE kind = 'crawl'");

    let source = &citations(&place, &[uri])[0];
    assert_eq!(
        source["quote"],
        "Letters are answered at keeper@example.org within a week, says the keeper."
    );
    let link = format!(
        "{uri}#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper."
    );
    assert_eq!(source["link"], json!(link));
    assert_eq!(source["fetched_by_job_id"], json!(job));
    assert_eq!(
        (&source["fetched_by_job"], &source["extracted_by_job"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(source["author"], "Ann } Lee");
    let shown = place.json(&["sources", "show", uri]);
    assert_eq!(source["body_digest"], shown["source"]["body_digest"]);
    assert_eq!(source["fetched_at"], shown["state"]["fetched_at"]);

    // By its normal form; one citation for the source, its first mention.
    let entity = citations(&place, &["keeper@example.org"]);
    assert_eq!(entity.len(), 1);
    assert_eq!(entity[0]["quote"], source["quote"]);

    // Facts lead to the cell that holds the value, and quote its row.
    let facts = lines_where(&shown, "extractions", |line| {
        line["extraction_type"] == "facts"
    })[0];
    let facts = citations(&place, &[facts["extraction_id"].as_str().expect("an id")]);
    assert_eq!(facts[0]["quote"], "Adult £8.50");
    assert_eq!(facts[0]["link"], json!(format!("{uri}#:~:text=%C2%A38.50")));

    // What is quoted is found where it is said to be.
    let text = place.value("SELECT content FROM extractions WHERE extraction_type = 'content'");
    let end = |one: &Value, name: &str| one[name].as_u64().expect("a place") as usize;
    let quoted = &text[end(source, "start")..end(source, "end")];
    assert_eq!(source["quote"], quoted);

    // The job is told of when it is gone.
    place.succeed(&["jobs", "delete", &job, "--yes"]);
    let after = &citations(&place, &[uri])[0];
    assert_eq!(after["fetched_by_job_id"], json!(job));
    assert_eq!(after["fetched_by_job"], 1);
}

#[rstest]
fn a_citation_is_spelled_in_each_style(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = read(engine);
    let cite = |style: &str| {
        let cited = place.succeed(&["cite", "keeper@example.org", "--stable", "--style", style]);
        cited.snapshot().without_digests().to_string()
    };
    assert_shown!(cite("text"), @r"
    -- stdout
    “Letters are answered at keeper@example.org within a week, says the keeper.”
    Ann } Lee, Tides, 2026-03-05
    https://example.org/tides.html#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper.
    SHA-256 [DIGEST]
    -- exit 0
    ");
    assert_shown!(cite("markdown"), @r"
    -- stdout
    > Letters are answered at keeper@example.org within a week, says the keeper.
    >
    > — Ann } Lee, Tides, 2026-03-05, <https://example.org/tides.html#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper.>, SHA-256 [DIGEST]
    -- exit 0
    ");
    assert_shown!(cite("bibtex"), @r"
    -- stdout
    @online{example-org-e0a65c5e-7,
      title = {Tides},
      author = {{Ann \textbraceright  Lee}},
      date = {2026-03-05},
      url = {https://example.org/tides.html#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper.},
      abstract = {Letters are answered at keeper@example.org within a week, says the keeper.},
      note = {SHA-256 [DIGEST]},
    }
    -- exit 0
    ");
    assert_shown!(cite("csl-json"), @r#"
    -- stdout
    [
      {
        "URL": "https://example.org/tides.html#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper.",
        "abstract": "Letters are answered at keeper@example.org within a week, says the keeper.",
        "author": [
          {
            "literal": "Ann } Lee"
          }
        ],
        "id": "example-org-e0a65c5e-7",
        "issued": {
          "date-parts": [
            [
              2026,
              3,
              5
            ]
          ]
        },
        "note": "SHA-256 [DIGEST]",
        "title": "Tides",
        "type": "webpage"
      }
    ]
    -- exit 0
    "#);
    let unstable = place.succeed(&["cite", "keeper@example.org"]);
    assert_shown!(unstable.snapshot().without_digests(), @r"
    -- stdout
    “Letters are answered at keeper@example.org within a week, says the keeper.”
    Ann } Lee, Tides, 2026-03-05
    https://example.org/tides.html#:~:text=Letters%20are%20answered%20at%20keeper%40example.org%20within%20a%20week%2C%20says%20the%20keeper.
    fetched [TIME], by job 1 ([UUID]), SHA-256 [DIGEST]
    -- exit 0
    ");
}

#[rstest]
fn what_is_cited_must_be_one_thing(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = read(engine);
    let unknown = place.run(&["cite", "nobody@example.org"]);
    assert_shown!(unknown.snapshot(), @r#"
    -- stderr
    error: no source, extraction or entity has an id that ends in "nobody@example.org"
    hint: `toolkit sources list` and `toolkit entities list` show the ids, `toolkit sources show` those of its extractions
    -- exit 1
    "#);
    let both = place.run(&["cite", "last", "--style", "text", "--format", "json"]);
    assert_shown!(both.snapshot(), @r"
    -- stderr
    error: --style and --format both say how it is written
    hint: --style for a citation, --format for its data
    -- exit 2
    ");
    // Ids of two kinds may end alike.
    let source = place.value("SELECT CAST(id AS TEXT) FROM sources");
    let ending = &source[24..];
    place.database.execute(&format!(
        "INSERT INTO entities (id, source_group, entity_type, normalized_key, value, normalized_value, \
         attributes, created_at) VALUES ('01990000-0000-7000-8000-{ending}', 'example.org', 'email', 'key', \
         'x', 'x', '{{}}', '2026-01-02T03:04:05.000000Z')"
    ));
    let both = place.run(&["cite", ending]);
    assert!(
        both.stderr.contains("hint: --kind source"),
        "{}",
        both.stderr
    );
    assert_eq!(citations(&place, &[ending, "--kind", "source"]).len(), 1);
    let last = citations(&place, &["last", "--kind", "extraction"]);
    assert!(last.iter().all(|one| one["extraction_id"].is_string()));
}
