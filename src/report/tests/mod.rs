//! What each report says of one story.

mod balance;
mod story;

use serde_json::Value as Json;

use super::*;
use crate::cli::output::{Format, OutputOptions, render};
use crate::model::{Class, Digest, JobId, JobKind, JobState, LinkDecision};
use crate::store::IncompleteFilter;

use story::{Story, first_crawl, link, page, recognizers};

fn shown(report: &impl Report, format: Format, stable: bool) -> String {
    let options = OutputOptions {
        format,
        stable,
        ..OutputOptions::default()
    };
    let mut out = Vec::new();
    render(report, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn what_is_incomplete_is_listed_once_and_says_what_to_type() {
    let mut story = Story::begin();
    let nothing = story.incomplete(&IncompleteFilter::default());
    assert!(!nothing.has_any_job && nothing.verdict(true));
    let (job, _) = first_crawl(&mut story);
    let ending = &job.to_string()[28..];

    let report = story.incomplete(&IncompleteFilter::default());
    let lines: Vec<_> = report
        .rows
        .iter()
        .map(|row| (row.reason.as_str(), row.uri.rsplit('/').next().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("http_not_found", "dead"),
            ("max_depth", "deep"),
            ("not_fetched", "late"),
            ("not_extracted", ""),
            ("not_extracted", "b"),
        ]
    );
    assert!(report.has_any_job);
    assert_eq!(
        (report.losses(), report.pending(), report.limits()),
        (1, 3, 1)
    );
    assert!(!report.verdict(false));
    assert_eq!(
        report.one_line(),
        format!(
            "incomplete: 1 loss, 3 pending, 1 limit; \
             next: toolkit crawl --resume {ending} && toolkit extract"
        )
    );
    let notes = report.notes();
    assert!(
        notes.contains(&format!("not_fetched (1): toolkit crawl --resume {ending}")),
        "{notes:?}"
    );

    let decided = story.incomplete(&IncompleteFilter {
        decisions: true,
        class: Some(Class::Decision.to_string()),
        ..IncompleteFilter::default()
    });
    let reasons: Vec<_> = decided
        .totals
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    assert_eq!(reasons, ["out_of_scope", "redirect_alias"]);
    assert!(decided.verdict(true) && decided.decisions() == 2);

    let json: Json = serde_json::from_str(&shown(&report, Format::Json, true)).unwrap();
    let keys: Vec<_> = json["rows"][0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "attempts", "class", "detail", "position", "reason", "stage", "uri"
        ]
    );
}

#[test]
fn limits_count_only_when_strict() {
    let limit = || ClassCounts {
        limit: 1,
        ..ClassCounts::default()
    };
    let report = IncompleteReport {
        classes: limit(),
        judged: limit(),
        has_any_job: true,
        ..IncompleteReport::default()
    };
    assert!(report.verdict(false) && !report.verdict(true));
    assert_eq!(
        report.one_line(),
        "incomplete: 0 loss, 0 pending, 1 limit; no command repairs that, see the remedies in the report"
    );
}

#[test]
fn a_repaired_limit_is_no_decision() {
    let mut story = Story::begin();
    first_crawl(&mut story);
    let links = [link("deep", LinkDecision::Fetch)];
    let outcomes = [("", page("<p>home", 0)), ("deep", page("<p>deep", 0))];
    story.crawl(&links, &outcomes, JobState::Completed);
    let report = story.incomplete(&IncompleteFilter {
        decisions: true,
        ..IncompleteFilter::default()
    });
    assert!(report.totals.iter().all(|one| one.reason != "max_depth"));
}

#[test]
fn provenance_outlives_the_job() {
    let mut story = Story::begin();
    let (crawl, _) = first_crawl(&mut story);
    story.extract("nothing", "/b");
    let outcomes = [("", page("<p>home", 0))];
    story.crawl(&[], &outcomes, JobState::Completed);

    let before = provenance(&mut story.store, None).unwrap();
    let home = &before.sources[0];
    assert_eq!(home.uri, "https://site.test/");
    assert_eq!(
        (
            home.created_by_job,
            home.creator,
            &home.refreshed_by_jobs,
            &home.extracted_by_jobs
        ),
        (Some(1), "present", &vec![3], &vec![2])
    );
    assert_eq!((home.extractions, home.complete_extractions), (1, 1));
    let second = &before.sources[1];
    assert_eq!(second.referrer.as_deref(), Some("https://site.test/"));
    assert_eq!((second.extractions, second.complete_extractions), (1, 0));
    let counts: Vec<_> = before
        .jobs
        .iter()
        .map(|job| (job.new, job.alias, job.failed, job.unchanged, job.extracted))
        .collect();
    assert_eq!(counts, [(2, 1, 1, 0, 0), (0, 0, 0, 0, 2), (0, 0, 0, 1, 0)]);

    story.delete(crawl, "tidying up");
    let after = provenance(&mut story.store, Some(crawl)).unwrap();
    let job = &after.jobs[0];
    assert_eq!((job.state.as_str(), job.job, job.new), ("deleted", 1, 2));
    assert_eq!(job.deleted_why.as_deref(), Some("tidying up"));
    assert_eq!(
        job.deleted_by.as_deref(),
        Some(format!("toolkit jobs delete {crawl}").as_str())
    );
    assert_eq!(
        job.command_line.as_deref(),
        Some("toolkit crawl https://site.test/")
    );
    assert!(job.finished_at.is_some());
    assert_eq!(after.sources.len(), 2);
    for source in &after.sources {
        assert_eq!(
            (source.created_by_job_id, source.creator),
            (Some(crawl), "deleted")
        );
    }
    for format in [Format::Csv, Format::Json, Format::Markdown] {
        let text = shown(&after, format, true);
        assert!(!text.contains(&crawl.to_string()), "{text}");
    }
}

#[test]
fn a_stable_report_is_the_same_for_the_same_story() {
    let tell = || {
        let mut story = Story::begin();
        let (crawl, one) = first_crawl(&mut story);
        let (extract, two) = story.extract("/b", "nothing");
        let heads = [(crawl, one), (extract, two)];
        let recognizers = recognizers();
        let store = &mut story.store;
        let all = IncompleteFilter {
            decisions: true,
            ..IncompleteFilter::default()
        };
        let source = store.find_source("https://site.test/").unwrap();
        [
            shown(
                &incomplete(store, &all, recognizers).unwrap(),
                Format::Json,
                true,
            ),
            shown(&balance(store, None, true).unwrap(), Format::Json, true),
            shown(&provenance(store, None).unwrap(), Format::Json, true),
            shown(&jobs(store).unwrap(), Format::Json, true),
            shown(&job(store, crawl).unwrap(), Format::Json, true),
            shown(&sources(store, None, None).unwrap(), Format::Json, true),
            shown(&super::source(store, source).unwrap(), Format::Json, true),
            shown(&entities(store, None, None).unwrap(), Format::Json, true),
            shown(&status(store).unwrap(), Format::Json, true),
            shown(
                &check(store, true, &mut |_, _| Ok(Vec::new()), &mut |_| ()).unwrap(),
                Format::Json,
                true,
            ),
            shown(
                &verify(store, None, &mut |_| ()).unwrap(),
                Format::Json,
                true,
            ),
            shown(
                &summary(store, &[crawl, extract], &heads, recognizers).unwrap(),
                Format::Json,
                true,
            ),
        ]
    };
    for (first, second) in tell().iter().zip(&tell()) {
        assert_eq!(first, second);
    }
}

#[test]
fn a_source_shows_its_trail_its_versions_and_what_is_missing() {
    let mut story = Story::begin();
    first_crawl(&mut story);
    story.extract("nothing", "/");
    let changed = [("", page("<p>newer home", 0))];
    story.crawl(&[], &changed, JobState::Completed);
    let id = story.store.find_source("https://site.test/").unwrap();
    let report = source(&mut story.store, id).unwrap();
    assert_eq!(report.source.pending.as_deref(), Some("content_changed"));
    let trail: Vec<_> = report
        .trail
        .iter()
        .map(|step| (step.job, step.event.as_str()))
        .collect();
    assert_eq!(
        trail,
        [
            (Some(1), "source_created"),
            (Some(2), "source_extracted"),
            (Some(3), "source_changed"),
        ]
    );
    let versions: Vec<_> = report
        .versions
        .iter()
        .map(|one| {
            (
                one.body_digest.as_str(),
                one.brought_by_job,
                one.current,
                one.kept,
            )
        })
        .collect();
    let (first, second) = (
        Digest::of("<p>home").to_string(),
        Digest::of("<p>newer home").to_string(),
    );
    assert_eq!(
        versions,
        [
            (first.as_str(), Some(1), false, true),
            (second.as_str(), Some(3), true, true)
        ]
    );
    assert_eq!(report.extractions[0].entities_extracted, Some(false));
    assert_eq!(report.gaps[0].reason, "window_failed");
    assert!(report.gaps[0].open);
    let listed = sources(&mut story.store, None, Some("site.test")).unwrap();
    assert_eq!(listed.rows.len(), 2);
    assert!(
        sources(&mut story.store, None, Some("elsewhere"))
            .unwrap()
            .rows
            .is_empty()
    );
}

#[test]
fn jobs_are_listed_with_their_counts_and_shown_whole() {
    let mut story = Story::begin();
    let (crawl, _) = first_crawl(&mut story);
    let left = JobId::new();
    story.open_run(Some((left, JobKind::Crawl)), "toolkit crawl");
    let list = jobs(&mut story.store).unwrap();
    assert_eq!(list.rows.len(), 2);
    assert!(!list.rows[1].interrupted, "its worker is alive");
    let worker = story.worker;
    story
        .store
        .transaction("end_job", |store| store.dismiss_worker(worker))
        .unwrap();
    let list = jobs(&mut story.store).unwrap();
    assert!(list.rows[1].interrupted && !list.rows[0].interrupted);
    assert_eq!(list.notes().len(), 2);
    assert_eq!(Cell::from(list.rows[0].counts.clone()), Cell::from("new 2"));
    let shown = job(&mut story.store, crawl).unwrap();
    assert_eq!((shown.runs.len(), shown.balance.rows.len()), (1, 6));
    assert!(job(&mut story.store, JobId::new()).is_err());
}

#[test]
fn a_sound_database_is_clean_and_its_work_is_named() {
    let mut story = Story::begin();
    let (job, _) = first_crawl(&mut story);
    let mut seen = 0;
    let report = check(
        &mut story.store,
        false,
        &mut |page, body| {
            seen += 1;
            assert_eq!(page.body_digest, Digest::of(body));
            let link = link("late", LinkDecision::Fetch);
            Ok(vec![(link.key, link.uri)])
        },
        &mut |_| (),
    )
    .unwrap();
    assert!(report.is_clean(), "{:?}", report.violations);
    assert_eq!(seen, 2);
    let checked = |rule: &str| {
        report
            .rules
            .iter()
            .find(|one| one.rule == rule)
            .unwrap()
            .checked
    };
    assert_eq!(
        (checked("link_frontier"), checked("balance")),
        (Some(2), Some(1))
    );
    let work: Vec<_> = report
        .work
        .iter()
        .map(|one| (one.waiting, one.state.as_str(), one.count))
        .collect();
    assert_eq!(
        work,
        [("urls", "cancelled", 1), ("sources", "not_extracted", 2)]
    );
    let ending = &job.to_string()[28..];
    assert_eq!(
        report.work[0].next,
        Some(format!("toolkit crawl --resume {ending}"))
    );
}

#[test]
fn a_link_that_the_frontier_lacks_is_a_violation() {
    let mut story = Story::begin();
    first_crawl(&mut story);
    let report = check(
        &mut story.store,
        true,
        &mut |page, _| {
            if page.uri.ends_with("/b") {
                return Err("no such charset".to_owned());
            }
            let lost = link("lost", LinkDecision::Fetch);
            Ok(vec![(lost.key, lost.uri)])
        },
        &mut |_| (),
    )
    .unwrap();
    let broken: Vec<_> = report.violations.iter().map(|one| one.rule).collect();
    assert_eq!(broken, ["link_frontier", "link_frontier"]);
    assert!(
        report.violations[0]
            .what
            .contains("https://site.test/lost, which job 1"),
        "{:?}",
        report.violations
    );
    assert!(!report.is_clean());
}

#[test]
fn chains_hold_and_a_noted_head_is_found() {
    let mut story = Story::begin();
    let (_, head) = first_crawl(&mut story);
    let found = verify(&mut story.store, Some(head), &mut |_| ()).unwrap();
    assert!(found.holds());
    assert_eq!((found.summary.runs, found.summary.events), (1, 6));
    let missing = verify(&mut story.store, Some(Digest::of("another")), &mut |_| ()).unwrap();
    assert!(!missing.holds() && missing.faults.is_empty());
    assert_eq!(missing.notes().len(), 1);
}

#[test]
fn the_summary_counts_what_the_story_did_and_what_is_left() {
    let mut story = Story::begin();
    let (crawl, one) = first_crawl(&mut story);
    let (extract, two) = story.extract("/b", "nothing");
    let heads = [(crawl, one), (extract, two)];
    let report = summary(&mut story.store, &[crawl, extract], &heads, recognizers()).unwrap();
    let counts = report.crawl.clone().unwrap();
    assert_eq!((counts.discovered, counts.new, counts.pending), (7, 2, 1));
    let counts = report.extract.clone().unwrap();
    assert_eq!(
        (counts.selected, counts.extracted, counts.failed),
        (2, 1, 1)
    );
    assert_eq!(
        (
            report.stored.sources,
            report.stored.entities,
            report.stored.mentions
        ),
        (2, 1, 1)
    );
    assert!(report.jobs.iter().all(|job| job.balances));
    // The crawl was cancelled.
    assert_eq!(report.next, resume_command(crawl));
    let later = summary(&mut story.store, &[extract], &heads, recognizers()).unwrap();
    assert_eq!(later.next, "toolkit report incomplete");
    let text = shown(&report, Format::Table, false);
    assert!(text.contains(&two.to_string()), "{text}");
    assert!(text.contains("http_not_found"), "{text}");
    let listed = entities(&mut story.store, None, Some("email")).unwrap();
    assert_eq!(
        (
            listed.rows[0].normalized_value.as_str(),
            listed.rows[0].mentions
        ),
        ("a@site.de", 1)
    );
}
