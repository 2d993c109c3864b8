//! The ten questions that `report provenance` answers of one job, source, extraction or entity, also once the
//! job and the source are gone.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::{Workplace, fields, lines_where};

use Engine::{Postgres, Sqlite};

/// A served site that was crawled and extracted twice: jobs 1 and 2, and after a change 3 and 4.
struct Story {
    place: Workplace,
    server: Server,
}

fn shop(price: &str) -> Answer {
    Answer::page(format!(
        "<!doctype html><meta charset=utf-8><title>Lamp</title><main><h1>Lamp</h1><p>The lamp for the \
         quay costs {price} and stands the salt of many winters, as everybody who bought one says.</p></main>"
    ))
    .header("ETag", &format!("\"{price}\""))
}

impl Story {
    fn of(engine: Engine) -> Self {
        let place = Workplace::new(engine);
        let server = Server::builder()
            .answer(
                "/robots.txt",
                Answer::status(200)
                    .body("text/plain", "User-agent: *\nDisallow: /secret\nAllow: /\n"),
            )
            .answer(
                "/",
                Answer::page(
                    "<title>Shop</title><a href='/old#top'>Lamp</a> <a href=/secret>s</a> \
                     <a href=/gone>g</a> <a href=https://elsewhere.example/>e</a>",
                ),
            )
            .answer("/old", Answer::redirect(301, "/lamp"))
            .answer("/lamp", shop("£3.40"))
            .start();
        let story = Self { place, server };
        story.crawl();
        story.place.succeed(&["extract"]);
        story.server.set("/lamp", shop("£3.95"));
        story.crawl();
        story.place.succeed(&["extract"]);
        story
    }

    fn crawl(&self) {
        self.place.succeed(&[
            "crawl",
            &self.server.url("/"),
            "--allow-private",
            "--no-llms-txt",
            "--concurrency=1",
            "--user-agent=keeper/2",
        ]);
    }

    fn job(&self, number: i64) -> String {
        let report = self.place.json(&["report", "provenance"]);
        let line = lines_where(&report, "jobs", |line| line["job"] == number);
        fields(&line, "job_id").remove(0)
    }

    fn ask(&self, flag: &str, value: &str) -> Value {
        self.place.json(&["report", "provenance", flag, value])
    }

    fn lamp(&self) -> Value {
        self.ask("--source", &self.server.url("/lamp"))
    }
}

fn texts(report: &Value, list: &str, field: &str) -> Vec<String> {
    fields(&lines_where(report, list, |_| true), field)
}

#[rstest]
fn which_jobs_made_it_and_when(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let report = story.lamp();
    assert_eq!(report["subject"]["created_by_job"], 1);
    assert_eq!(report["subject"]["creator"], "present");
    assert_eq!(texts(&report, "touches", "job"), ["1", "2", "3", "4", "4"]);
    let did = texts(&report, "touches", "did");
    assert_eq!(did[..3], ["created", "extracted", "changed"]);
    assert_eq!(did[3..], ["extraction superseded", "extracted again"]);
    assert!(
        texts(&report, "touches", "origin")
            .iter()
            .all(|origin| origin == "recorded")
    );

    // Made by the crawl that found it, the one that brought what it holds, and the last extraction.
    assert_eq!(texts(&report, "attempts", "job"), ["1", "3", "4"]);
    for line in lines_where(&report, "attempts", |_| true) {
        let (started, closed) = (line["started_at"].as_str(), line["closed_at"].as_str());
        assert!(started.is_some() && started < closed, "{line}");
        assert_eq!(line["attempt"], 1);
        assert_eq!(line["program_version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(line["configuration_holds"], true);
        assert!(line.get("host").is_none(), "{line}");
    }
    let verbose = story
        .place
        .json(&["report", "provenance", "--job", "last", "--verbose"]);
    for key in ["host", "process", "worker_id"] {
        assert!(!verbose["attempts"][0][key].is_null(), "{key} in {verbose}");
    }
}

#[rstest]
fn how_it_was_made_and_from_where(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let report = story.lamp();
    let attempt = &report["attempts"][0];
    let command = attempt["command_line"].as_str().expect("a command");
    assert!(command.ends_with("--user-agent=keeper/2"), "{command}");
    let agent = lines_where(&report, "settings", |line| {
        line["job"] == 1 && line["setting"] == "user_agent"
    });
    assert_eq!(agent[0]["value"], "keeper/2");

    let fetch = &report["fetches"][0];
    for (key, expected) in [
        ("job", json!(1)),
        ("status", json!(200)),
        ("user_agent", json!("keeper/2")),
        ("robots", json!("allowed")),
        ("robots_line", json!(3)),
        ("robots_rule", json!("Allow: /")),
        ("robots_status", json!("200 OK")),
        ("media_type", json!("text/html")),
        ("charset", json!("UTF-8")),
        ("charset_source", json!("meta")),
    ] {
        assert_eq!(fetch[key], expected, "{key} in {fetch}");
    }
    let address = fetch["remote_address"].as_str().expect("an address");
    assert!(address.starts_with("127.0.0.1"), "{address}");
    assert!(fetch["headers"].to_string().contains("£3.40"), "{fetch}");

    // The way from the seed: a link, as it was written, to a redirect.
    let url = |path: &str| story.server.url(path);
    assert_eq!(
        texts(&report, "path", "uri"),
        [url("/"), url("/old"), url("/lamp")]
    );
    assert_eq!(texts(&report, "path", "how"), ["seed", "link", "redirect"]);
    assert_eq!(report["path"][1]["found_uri"], url("/old#top"));
    assert_eq!(report["path"][1]["status"], 301);

    let made = lines_where(&report, "extractions", |line| {
        line["extraction_type"] == "content"
    });
    for key in [
        "profile_digest",
        "recognizer_digest",
        "body_digest",
        "text_digest",
    ] {
        assert_eq!(made[0][key].as_str().map(str::len), Some(64), "{key}");
    }
    assert_eq!(made[0]["profile"], "default");
    assert_eq!(made[0]["job"], 4);
}

#[rstest]
fn what_exactly_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let report = story.lamp();
    assert_eq!(texts(&report, "contents", "job"), ["1", "3"]);
    assert_eq!(texts(&report, "contents", "current"), ["false", "true"]);
    assert_eq!(texts(&report, "contents", "kept"), ["true", "true"]);
    let size: usize = texts(&report, "contents", "body_size")[1]
        .parse()
        .expect("a size");
    let digest = texts(&report, "contents", "body_digest").remove(1);
    let raw = story
        .place
        .succeed(&["sources", "show", &story.server.url("/lamp"), "--raw"]);
    assert_eq!(raw.stdout.len(), size);
    assert_eq!(report["fetches"][1]["body_digest"], digest);

    // The price, by its entity and by the extraction that it stands in.
    let entity = story
        .place
        .value("SELECT id FROM entities WHERE value = '£3.95'");
    let of_entity = story.ask("--entity", &entity);
    assert_eq!(of_entity["subject"]["created_by_job"], 1);
    let evidence = &of_entity["evidence"][0];
    assert_eq!(evidence["uri"], story.server.url("/lamp"));
    let extraction = evidence["extraction_id"].as_str().expect("an id");
    let text = story.place.value(&format!(
        "SELECT content FROM extractions WHERE id = '{extraction}'"
    ));
    let at = |key: &str| {
        evidence[key]
            .as_u64()
            .and_then(|at| usize::try_from(at).ok())
    };
    let span = at("start").expect("a start")..at("end").expect("an end");
    assert_eq!(&text[span], "£3.95");
    assert_eq!(evidence["surface"], "£3.95");
    let of_extraction = story.ask("--extraction", extraction);
    let ending = story.ask("--extraction", &extraction[extraction.len() - 12..]);
    assert_eq!(of_extraction["subject"], ending["subject"]);
    assert_eq!(
        texts(&of_extraction, "extractions", "extraction_id"),
        [extraction]
    );
    let price = lines_where(&of_extraction, "evidence", |line| {
        line["surface"] == "£3.95"
    });
    assert_eq!(price[0]["start"], evidence["start"]);
}

#[rstest]
fn what_the_job_did_not_do(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    for report in [story.ask("--job", &story.job(1)), story.lamp()] {
        let left = lines_where(&report, "not_done", |line| line["job"] == 1);
        let left: Vec<(String, String, i64)> = left
            .into_iter()
            .map(|line| {
                let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
                (
                    word("outcome"),
                    word("reason"),
                    line["count"].as_i64().unwrap_or(0),
                )
            })
            .collect();
        let expected = [
            ("alias", "redirect_alias", 1),
            ("skipped", "out_of_scope", 1),
            ("skipped", "robots_disallowed", 1),
            ("failed", "http_not_found", 1),
        ];
        let expected =
            expected.map(|(outcome, reason, count)| (outcome.to_owned(), reason.to_owned(), count));
        assert_eq!(left, expected);
        let sum = &report["sums"][0];
        assert_eq!(
            (&sum["discovered"], &sum["sum"], &sum["closes"]),
            (&json!(6), &json!(6), &json!(true))
        );
    }
}

#[rstest]
fn what_changed(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let report = story.lamp();
    let content = lines_where(&report, "changes", |line| line["what"] == "content");
    assert_eq!(content.len(), 1);
    assert_eq!(content[0]["job"], 3);
    let digests = texts(&report, "contents", "body_digest");
    assert_eq!(content[0]["before_digest"], digests[0]);
    assert_eq!(content[0]["after_digest"], digests[1]);
    let text = lines_where(&report, "changes", |line| {
        line["what"] == "value" && line["extraction_type"] == "content" && line["field"] == "text"
    });
    assert_eq!(text.len(), 1, "{report}");
    assert_eq!(text[0]["job"], 4);
    let shown = |key: &str| text[0][key].as_str().unwrap_or_default().to_owned();
    assert!(
        shown("before").contains("£3.40") && shown("after").contains("£3.95"),
        "{}",
        text[0]
    );
    let made = lines_where(&report, "extractions", |line| {
        line["extraction_type"] == "content"
    });
    assert_eq!(text[0]["after_digest"], made[0]["text_digest"]);
}

#[rstest]
fn a_deleted_job_is_still_answered_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let (before, first) = (story.lamp(), story.job(1));
    for job in [first.as_str(), &story.job(2), &story.job(3), &story.job(4)] {
        story.place.succeed(&[
            "jobs",
            "delete",
            job,
            "--yes",
            "--reason",
            "spring cleaning",
        ]);
    }
    let after = story.lamp();
    for list in [
        "touches",
        "path",
        "fetches",
        "contents",
        "extractions",
        "changes",
        "settings",
        "again",
    ] {
        assert_eq!(after[list], before[list], "{list}");
    }
    assert_eq!(after["subject"]["creator"], "deleted");
    assert_eq!(after["subject"]["created_by_job_id"], json!(first));
    assert_eq!(texts(&after, "attempts", "state"), ["deleted"; 3]);
    assert_eq!(after["not_done"], before["not_done"]);
    let gone = &after["deletions"][0];
    assert_eq!(
        (&gone["what"], &gone["why"]),
        (&json!("job 1"), &json!("spring cleaning"))
    );
    assert_eq!(gone["sources_kept"], 2);
    let by = gone["by"].as_str().expect("a command");
    assert!(
        by.contains("jobs delete") && gone["at"].is_string(),
        "{gone}"
    );
    let of_job = story.ask("--job", &first);
    assert_eq!(of_job["deletions"][0]["what"], "job 1");
    assert_eq!(of_job["sums"][0]["discovered"], 6);
    assert_eq!(texts(&of_job, "sources", "uri").len(), 2);
    story.place.succeed(&["db", "verify"]);
}

#[rstest]
fn a_source_that_is_gone_is_still_answered_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let before = story.lamp();
    let source = before["subject"]["source_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let made = lines_where(&before, "extractions", |line| {
        line["extraction_type"] == "content"
    });
    let extraction = fields(&made, "extraction_id").remove(0);
    story.place.database.execute(&format!(
        "UPDATE frontier SET source_id = NULL WHERE source_id = '{source}'"
    ));
    story
        .place
        .database
        .execute(&format!("DELETE FROM sources WHERE id = '{source}'"));
    for after in [
        story.lamp(),
        story.ask("--source", &source[source.len() - 12..]),
    ] {
        assert_eq!(after["subject"]["is_stored"], false);
        assert_eq!(after["subject"]["created_by_job"], 1);
        for list in ["touches", "path", "fetches"] {
            assert_eq!(after[list], before[list], "{list}");
        }
        assert_eq!(texts(&after, "contents", "current"), ["false", "false"]);
    }
    let after = story.ask("--extraction", &extraction);
    assert_eq!(after["subject"]["is_stored"], false);
    assert_eq!(after["subject"]["name"], "default/content/0");
    assert_eq!(after["path"], before["path"]);
    let nothing = story
        .place
        .run(&["report", "provenance", "--source", "https://e.example/"]);
    assert_eq!(nothing.code(), Some(1));
    assert!(nothing.stderr.contains("hint:"), "{}", nothing.stderr);
}

#[rstest]
fn whether_the_record_holds(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let report = story.lamp();
    assert_eq!(texts(&report, "chains", "holds"), ["true"; 3]);
    story.place.succeed(&[
        "db",
        "verify",
        "--head",
        &texts(&report, "chains", "head")[0],
    ]);
    story.place.database.execute(
        "UPDATE events SET payload = replace(payload, '\"status\":200', '\"status\":201') \
         WHERE kind = 'source_changed'",
    );
    let report = story.lamp();
    assert_eq!(texts(&report, "chains", "holds"), ["true", "false", "true"]);
    let fault = report["chains"][1]["fault"].as_str().expect("a fault");
    assert!(fault.ends_with("its payload was edited"), "{fault}");
    // The row of a run says again what its first event says.
    story.place.database.execute(
        "UPDATE runs SET command_line = 'toolkit crawl something-else' WHERE job_kind = 'crawl'",
    );
    let report = story.lamp();
    assert_eq!(
        report["chains"][0]["fault"],
        "event 1: its row is not what its first event says"
    );
    assert_eq!(story.place.run(&["db", "verify"]).code(), Some(3));
}

#[rstest]
fn what_was_erased_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let story = Story::of(engine);
    let before = story.lamp();
    let lamp = story.server.url("/lamp");
    story
        .place
        .succeed(&["erase", &lamp, "--yes", "--reason", "asked by letter"]);
    let after = story.lamp();
    let gone = lines_where(&after, "deletions", |line| line["what"] == "its content");
    assert_eq!(gone[0]["why"], "asked by letter");
    let by = gone[0]["by"].as_str().expect("a command");
    assert!(by.contains("toolkit erase"), "{by}");
    assert_eq!(after["fetches"][0]["robots"], "erased on request");
    assert_eq!(after["touches"][0]["origin"], "erased on request");
    assert_eq!(
        texts(&after, "contents", "body_digest"),
        texts(&before, "contents", "body_digest")
    );
    assert_eq!(texts(&after, "contents", "kept"), ["false", "false"]);
    assert_eq!(after["extractions"], json!([]));
    assert!(!after.to_string().contains("3.40"), "{after}");
    let why = story.place.json(&["report", "why", &lamp]);
    assert_eq!(why["verdict"]["verdict"], "without content");
    assert_eq!(why["verdict"]["reason"], "erased");
}
