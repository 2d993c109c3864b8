//! Which job made a source: set when it is stored, refused when there is no such job, kept by later crawls,
//! gone with the job's deletion, and answerable all the same.

use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::copied_site;
use crate::support::database::Engine;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

#[rstest]
fn the_creator_is_set_and_read_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    let job = place.value("SELECT id FROM jobs WHERE kind = 'crawl'");
    assert_eq!(
        place.count(&format!("sources WHERE created_by_job_id = '{job}'")),
        7
    );
    let report = place.json(&["report", "provenance"]);
    let made_by = lines_where(&report, "sources", |line| {
        line["created_by_job_id"] == json!(job) && line["creator"] == "present"
    });
    assert_eq!(made_by.len(), 7);
    let source = place.json(&["sources", "show", "last"]);
    assert_eq!(source["state"]["created_by_job_id"], json!(job));
    assert_eq!(source["state"]["created_by_job"], 1);
}

#[rstest]
fn an_unknown_job_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    let insert = |key: &str, job: &str| {
        format!(
            "INSERT INTO sources (id, uri_key, uri, source_group, created_at, created_by_job_id) \
             VALUES ('01990000-0000-7000-8000-00000000000{key}', '{key}', 'https://old.example/{key}', \
             'old.example', '2026-01-02T03:04:05.000000Z', {job})"
        )
    };
    let unknown = insert("1", "'01990000-0000-7000-8000-0000000000ff'");
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        place.database.execute(&unknown);
    }));
    let why = refused.expect_err("the engine took a job that is not there");
    let why = why.downcast_ref::<String>().expect("a message");
    let constraint = match engine {
        Sqlite => "FOREIGN KEY constraint failed",
        Postgres => "fk_sources_created_by_job_id",
    };
    assert!(why.contains(constraint), "{why}");
    assert_eq!(place.count("sources"), 0);
    place.database.execute(&insert("2", "NULL"));
    let source = place.json(&["report", "provenance"]);
    assert_eq!(source["sources"][0]["creator"], "unknown, before tracking");
}

#[rstest]
fn a_deleted_job_is_still_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["crawl", text_of(site.path())]);
    let job = place.value("SELECT id FROM jobs");
    let deleted = place.succeed(&[
        "jobs",
        "delete",
        "last",
        "--yes",
        "--reason",
        "wrong season",
    ]);
    assert!(
        deleted.stderr.contains("7 sources stay"),
        "{}",
        deleted.stderr
    );

    assert_eq!(place.count("jobs"), 0);
    assert_eq!(place.count("frontier"), 0);
    assert_eq!(
        place.count("sources WHERE created_by_job_id IS NULL AND body_digest IS NOT NULL"),
        7
    );
    let report = place.json(&["report", "provenance"]);
    let line = lines_where(&report, "jobs", |line| line["job_id"] == json!(job))[0];
    assert_eq!(line["state"], "deleted");
    assert_eq!(line["new"], 7);
    assert_eq!(line["deleted_why"], "wrong season");
    assert!(line["deleted_at"].is_string());
    let by = line["deleted_by"].as_str().expect("the command");
    assert!(by.contains("jobs delete last --yes"), "{by}");
    let sources = lines_where(&report, "sources", |source| source["creator"] == "deleted");
    assert_eq!(
        fields(&sources, "created_by_job_id"),
        vec![job.clone(); 7],
        "the trail still names the creator"
    );
    // Asking for the deleted job by its id works as well, and the balance that went with it stays.
    let balance = place.json(&["report", "balance", "--job", &job]);
    assert_eq!(balance["jobs"][0]["discovered"], 7);
    assert_eq!(balance["jobs"][0]["closes"], true);
    place.check();
    place.succeed(&["db", "verify"]);

    // What the job stored is still there to be extracted, by another.
    place.succeed(&["extract"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS TRUE"),
        19
    );
    place.check();
}

/// Changes the crawled copy: one page edited, one removed, one added and linked.
fn edit(site: &Path) {
    let read = |name: &str| std::fs::read_to_string(site.join(name)).expect("a page");
    let write = |name: &str, text: String| {
        std::fs::write(site.join(name), text).expect("cannot write a page");
    };
    let tomato = read("tomato.html");
    let edited = tomato
        .replace("3.40", "3.95")
        .replace("</main>", "<p>Sown again on 5 May 2026.</p></main>");
    assert_ne!(edited, tomato);
    write("tomato.html", edited);
    std::fs::remove_file(site.join("squash.html")).expect("cannot remove a page");
    let page = "<!doctype html><title>Leek</title><main><h1>Leek</h1><p>A new page about \
                leeks, which stand the winter, with enough words to be content.</p></main>";
    write("leek.html", page.to_owned());
    let index = read("index.html");
    let linked = index.replacen("<a ", "<a href=\"leek.html\">Leek</a> <a ", 1);
    write("index.html", linked);
}

fn ending_in<'a>(report: &'a Value, list: &str, name: &str) -> &'a Value {
    let lines = lines_where(report, list, |line| {
        line["uri"].as_str().is_some_and(|uri| uri.ends_with(name))
    });
    assert_eq!(lines.len(), 1, "{name} in {report}");
    lines[0]
}

#[rstest]
fn a_second_crawl_tells_new_changed_and_unchanged_apart(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    let first = place.value("SELECT id FROM jobs WHERE kind = 'crawl'");
    let created = place.json(&["report", "provenance"]);
    edit(site.path());
    place.succeed(&["crawl", text_of(site.path())]);

    let balance = place.json(&["report", "balance", "--job", "last"]);
    let outcomes: Vec<(String, u64)> = balance["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let outcome = row["outcome"].as_str().expect("a word").to_owned();
            (outcome, row["count"].as_u64().expect("a number"))
        })
        .collect();
    let expected = [("new", 1), ("changed", 2), ("unchanged", 4), ("failed", 1)];
    assert_eq!(
        outcomes,
        expected.map(|(word, count)| (word.to_owned(), count))
    );

    let report = place.json(&["report", "provenance"]);
    // Job 1 crawled, job 2 extracted, job 3 crawled again.
    for (name, creator, refreshed) in [
        ("/tomato.html", 1, json!([3])),
        ("/index.html", 1, json!([3])),
        ("/kale.html", 1, json!([3])),
        ("/squash.html", 1, json!([])),
        ("/leek.html", 3, json!([])),
    ] {
        let line = ending_in(&report, "sources", name);
        assert_eq!(line["created_by_job"], creator, "{name}");
        assert_eq!(line["refreshed_by_jobs"], refreshed, "{name}");
    }
    assert_eq!(
        place.count(&format!("sources WHERE created_by_job_id = '{first}'")),
        7
    );
    let tomato = ending_in(&report, "sources", "/tomato.html");
    assert_ne!(
        tomato["body_digest"],
        ending_in(&created, "sources", "/tomato.html")["body_digest"]
    );
    let shown = place.json(&["sources", "show", tomato["uri"].as_str().expect("a URI")]);
    assert_eq!(shown["versions"].as_array().expect("versions").len(), 2);

    let incomplete = place.json(&["report", "incomplete"]);
    for (name, reason) in [
        ("/tomato.html", "content_changed"),
        ("/index.html", "content_changed"),
        ("/leek.html", "not_extracted"),
        ("/squash.html", "file_not_found"),
    ] {
        let line = ending_in(&incomplete, "rows", name);
        assert_eq!(line["reason"], reason, "{name}");
    }
    assert_eq!(incomplete["rows"].as_array().expect("rows").len(), 4);
    place.check();
}

#[rstest]
fn changed_content_is_extracted_again_in_place_of_the_old(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    place.succeed(&["run", text_of(site.path())]);
    let old_price = "entities WHERE value = '€3.40'";
    assert_eq!(place.count(old_price), 1);
    let untouched = "SELECT extractions.id FROM extractions JOIN sources \
                     ON sources.id = extractions.source_id WHERE sources.uri NOT LIKE '%tomato%' \
                     AND sources.uri NOT LIKE '%/index%' AND sources.uri NOT LIKE '%leek%' ORDER BY 1";
    let before = place.database.query_text(untouched);
    edit(site.path());
    place.succeed(&["crawl", text_of(site.path())]);
    // The old extractions stand until the new ones are there.
    assert_eq!(place.count(old_price), 1);
    place.succeed(&["extract"]);

    // Not one more than content and metadata of 8 sources, and 5 records.
    assert_eq!(place.count("extractions"), 21);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    assert_eq!(place.database.query_text(untouched), before);
    assert_eq!(place.count(old_price), 0, "nothing mentions it any more");
    assert_eq!(place.count("entities WHERE value = '€3.95'"), 1);
    assert_eq!(
        place.count(
            "entities WHERE NOT EXISTS (SELECT 1 FROM extraction_entities \
             WHERE extraction_entities.entity_id = entities.id)"
        ),
        0
    );
    let superseded = place.database.query_text(
        "SELECT payload FROM events WHERE kind = 'extraction_superseded' \
         AND source_uri LIKE '%/tomato.html'",
    );
    let old_values: Vec<Value> = superseded
        .iter()
        .map(|row| serde_json::from_str(row[0].as_deref().expect("a payload")).expect("JSON"))
        .collect();
    let content = old_values
        .iter()
        .find(|payload| payload["type"] == "content")
        .expect("the content was superseded");
    let text = lines_where(content, "fields", |field| field["field"] == "text")[0];
    let kept = text["value"].as_str().expect("text");
    assert!(kept.chars().count() <= 200 && !kept.is_empty(), "{kept}");
    assert_eq!(text["digest"].as_str().map(str::len), Some(64));
    assert!(
        old_values
            .iter()
            .any(|payload| payload.to_string().contains("3.40"))
    );

    let incomplete = place.json(&["report", "incomplete"]);
    let left = fields(&lines_where(&incomplete, "rows", |_| true), "reason");
    assert_eq!(left, ["file_not_found"]);
    let report = place.json(&["report", "provenance"]);
    let tomato = ending_in(&report, "sources", "/tomato.html");
    assert_eq!(tomato["extracted_by_jobs"], json!([2, 4]));
    place.check();
}

#[rstest]
fn the_same_again_is_unchanged_and_nothing_is_doubled(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("harbor"));
    let tables = [
        "sources",
        "bodies",
        "extractions",
        "entities",
        "extraction_entities",
    ];
    let counts = || tables.map(|table| place.count(table));
    place.succeed(&["run", text_of(site.path())]);
    let (before, gaps) = (counts(), place.count("gaps"));
    place.succeed(&["run", text_of(site.path())]);
    assert_eq!(counts(), before);
    assert_eq!(
        place.count("gaps"),
        gaps,
        "an open gap is seen again, not doubled"
    );
    let balance = place.json(&["report", "balance"]);
    let stored = lines_where(&balance, "rows", |row| {
        row["job"] == 3 && ["new", "changed"].contains(&row["outcome"].as_str().unwrap_or(""))
    });
    assert!(stored.is_empty(), "{stored:?}");
    let extracted = lines_where(&balance, "jobs", |row| row["job"] == 4);
    assert_eq!(extracted[0]["selected"], 0);
    place.check();
}

#[rstest]
fn what_was_stored_before_tracking_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["db", "migrate"]);
    place.database.execute(
        "INSERT INTO sources (id, uri_key, uri, source_group, created_at) \
         VALUES ('01990000-0000-7000-8000-000000000001', 'old', 'https://old.example/a', 'old.example', \
         '2026-01-02T03:04:05.000000Z')",
    );
    place.database.execute(
        "INSERT INTO extractions (id, source_id, profile, extraction_type, ordinal, data, content, created_at, \
         entities_extracted) VALUES ('01990000-0000-7000-8000-000000000002', \
         '01990000-0000-7000-8000-000000000001', 'default', 'content', 0, '{}', 'Words', \
         '2026-01-02T03:04:05.000000Z', NULL)",
    );
    let report = place.json(&["report", "provenance", "--source", "0001"]);
    let unknown = json!("unknown, before tracking");
    assert_eq!(report["subject"]["creator"], unknown);
    assert_eq!(report["touches"][0]["origin"], unknown);
    assert_eq!(report["path"][0]["how"], unknown);
    assert_eq!(report["fetches"][0]["robots"], unknown);
    assert_eq!(report["extractions"][0]["origin"], unknown);
    assert_eq!(report["extractions"][0]["entities_extracted"], unknown);
    let shown = place.succeed(&["report", "provenance", "--source", "0001"]);
    assert!(
        shown
            .stdout
            .contains("It was stored before jobs were tracked"),
        "{}",
        shown.stdout
    );
}
