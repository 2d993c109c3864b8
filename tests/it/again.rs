//! What a job did can be done again: the command that `report provenance` prints, on a fresh database.

use rstest::rstest;

use crate::support::copied_site;
use crate::support::database::Engine;
use crate::support::document::words;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

#[rstest]
fn the_printed_commands_give_the_same_digests(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, site) = (Workplace::new(engine), copied_site("seeds"));
    let seed = text_of(site.path());
    // What is typed is not all that it goes by: the command names the folder as a URL.
    place.succeed(&[
        "crawl",
        seed,
        "--exclude=squash",
        "--max-depth",
        "3",
        "--concurrency=1",
    ]);
    place.succeed(&[
        "extract",
        "--group",
        &place.value("SELECT source_group FROM sources LIMIT 1"),
    ]);
    let digests = |place: &Workplace| {
        let mut all = place
            .database
            .query_text("SELECT uri, body_digest FROM sources ORDER BY uri COLLATE \"C\"");
        all.extend(place.database.query_text(
            "SELECT sources.uri, extractions.extraction_type, extractions.content FROM extractions \
             JOIN sources ON sources.id = extractions.source_id \
             ORDER BY sources.uri COLLATE \"C\", extractions.extraction_type COLLATE \"C\", ordinal",
        ));
        all
    };
    let expected = digests(&place);
    assert!(expected.len() > 15, "{expected:?}");
    let again = Workplace::new(engine);
    for job in [1, 2] {
        let report = place.json(&["report", "provenance"]);
        let job = fields(
            &lines_where(&report, "jobs", |line| line["job"] == job),
            "job_id",
        )
        .remove(0);
        let report = place.json(&["report", "provenance", "--job", &job]);
        let command = report["again"][0]["command"]
            .as_str()
            .expect("a command")
            .to_owned();
        let typed = words(&command);
        let typed: Vec<&str> = typed[1..].iter().map(String::as_str).collect();
        again.succeed(&typed);
    }
    assert_eq!(digests(&again), expected);
    let params = |place: &Workplace| {
        place.value("SELECT configuration_digest FROM runs WHERE job_kind = 'crawl'")
    };
    assert_eq!(
        params(&again),
        params(&place),
        "the settings are the same to the last one"
    );
}
