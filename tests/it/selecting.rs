//! Which sources an extraction takes up: those that were asked for, and of them what is not up to date.

use std::fs;

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::workplace::{Workplace, text_of};
use crate::support::{site, temporary_folder};

use Engine::{Postgres, Sqlite};

/// Returns how many sources `toolkit extract` with these arguments has selected.
fn selected(place: &Workplace, arguments: &[&str]) -> i64 {
    let mut line = vec!["extract", "--format", "json"];
    line.extend(arguments);
    let summary = place.succeed(&line).json();
    summary["extract"]["selected"].as_i64().expect("a count")
}

#[rstest]
fn only_what_is_asked_for_is_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let page = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("<title>{name}</title><p>{text}")).expect("a page");
    };
    page("one.html", "The ferry leaves at noon.");
    page("two.html", "The harbour is closed in winter.");
    place.succeed(&["crawl", text_of(folder.path())]);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let groups = place.value("SELECT COUNT(DISTINCT source_group) FROM sources");
    assert_eq!(groups, "2");

    let one = format!("file://{}", folder.path().join("one.html").display());
    assert_eq!(selected(&place, &["--source", &one]), 1);
    assert_eq!(place.count("passes"), 1);
    assert_eq!(selected(&place, &["--source", &one]), 0);
    assert_eq!(selected(&place, &["--source", &one, "--force"]), 1);
    let job = place.value(
        "SELECT CAST(id AS TEXT) FROM jobs WHERE kind = 'crawl' ORDER BY created_at LIMIT 1",
    );
    assert_eq!(selected(&place, &["--job", &job]), 1);
    assert_eq!(selected(&place, &["--group", "seeds"]), 7);
    assert_eq!(selected(&place, &[]), 0);
    assert_eq!(selected(&place, &["--stale"]), 0);

    page("two.html", "The harbour is open in summer.");
    page("three.html", "A new page.");
    place.succeed(&["crawl", text_of(folder.path())]);
    // What was never extracted has not become stale.
    assert_eq!(selected(&place, &["--stale"]), 1);
    assert_eq!(selected(&place, &["--force", "--group", "seeds"]), 7);
    assert_eq!(selected(&place, &[]), 1);
    place.check();
}

#[rstest]
fn a_changed_profile_makes_its_sources_pending(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let profile = place.user.folder().join("mine.toml");
    let path = text_of(&profile).to_owned();
    fs::write(&profile, "# the first\n").expect("a profile");
    assert_eq!(selected(&place, &["--profile", &path]), 7);
    assert_eq!(selected(&place, &["--profile", &path]), 0);
    // Another profile has not passed them.
    assert_eq!(selected(&place, &[]), 7);

    fs::write(&profile, "# the second\n").expect("a profile");
    assert_eq!(selected(&place, &["--profile", &path, "--stale"]), 7);
    assert_eq!(selected(&place, &["--profile", &path]), 0);
    for profile in ["default", "mine"] {
        let digests = place.value(&format!(
            "SELECT COUNT(DISTINCT profile_digest) FROM extractions WHERE profile = '{profile}'"
        ));
        assert_eq!(digests, "1", "{profile}");
    }
    place.check();
}

/// A resume reads by the profile that the job began with, whatever became of its file.
#[rstest]
fn a_resume_keeps_the_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let profile = place.user.folder().join("mine.toml");
    fs::write(&profile, "# as it was\n").expect("a profile");
    let crashed = place
        .command(&["extract", "--profile", text_of(&profile)])
        .environment("TOOLKIT_CRASH_AT", "store_extractions.before_commit:1")
        .run();
    assert_eq!(crashed.code(), None, "{crashed:?}");
    fs::remove_file(&profile).expect("it was there");
    place.succeed(&["extract", "--resume", "last"]);
    assert_eq!(
        place.count("passes WHERE profile = 'mine' AND state = 'done'"),
        7
    );
    place.check();
}

#[test]
fn what_cannot_be_selected_is_told() {
    let place = Workplace::new(Sqlite);
    place.succeed(&["crawl", text_of(&site("seeds"))]);
    let output = place.run(&["extract", "--group", "nowhere.example"]);
    insta::assert_snapshot!(output.snapshot(), @r#"
    -- stderr
    error: there is no source of the group nowhere.example
    hint: toolkit sources list
    -- exit 1
    "#);
    let output = place.run(&["extract", "--profile", "prodct"]);
    insta::assert_snapshot!(output.snapshot(), @r#"
    -- stderr
    error: there is no profile "prodct"
    hint: toolkit profile list, or the path of a file: ./NAME.toml
    -- exit 2
    "#);
    let profile = place.user.folder().join("broken.toml");
    fs::write(&profile, "a = 1\nb = [1,,]\n").expect("a profile");
    let output = place.run(&["extract", "--profile", text_of(&profile)]);
    insta::assert_snapshot!(output.snapshot(), @r#"
    -- stderr
    error: profile [FOLDER]/broken.toml has faults
      cause: [FOLDER]/broken.toml:2:8: extra comma in array, expected value (write TOML: https://toml.io)
    hint: toolkit profile check [FOLDER]/broken.toml
    -- exit 2
    "#);
    assert_eq!(place.count("jobs WHERE kind = 'extract'"), 0);
}
