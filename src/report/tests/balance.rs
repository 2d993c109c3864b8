//! Whether books close when they should, and only then.

use serde_json::json;

use super::shown;
use super::story::{Story, first_crawl, page};
use crate::cli::output::Format;
use crate::model::{Event, EventKind, JobId, JobKind, JobState};
use crate::report::{Report as _, balance};

#[test]
fn books_balance_against_the_events_also_after_deletion() {
    let mut story = Story::begin();
    let (crawl, _) = first_crawl(&mut story);
    let (extract, _) = story.extract("/b", "nothing");
    let report = balance(&mut story.store, None, true).unwrap();
    let lines: Vec<_> = report
        .rows
        .iter()
        .map(|row| {
            (
                row.job,
                row.outcome.as_str(),
                row.reason.as_deref().unwrap_or(""),
                row.count,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (1, "new", "", 2),
            (1, "alias", "redirect_alias", 1),
            (1, "skipped", "max_depth", 1),
            (1, "skipped", "out_of_scope", 1),
            (1, "failed", "http_not_found", 1),
            (1, "pending", "", 1),
            (2, "done", "", 1),
            (2, "failed", "extraction_panicked", 1),
        ]
    );
    assert!(
        report.closes() && report.differences.is_empty(),
        "{:?}",
        report.jobs
    );
    assert_eq!(
        (report.jobs[0].discovered, report.jobs[1].selected),
        (Some(7), Some(2))
    );
    assert_eq!(
        (report.jobs[0].events, report.jobs[0].other_scheme_links),
        (4, Some(4))
    );
    let columns = |by_group| {
        let report = balance(&mut story.store, None, by_group).unwrap();
        shown(&report, Format::Csv, true)
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    let mut columns = columns;
    assert_eq!(columns(false), "job,kind,outcome,reason,count");
    assert_eq!(columns(true), "job,kind,source_group,outcome,reason,count");

    story.delete(crawl, "tidying up");
    let after = balance(&mut story.store, Some(crawl), true).unwrap();
    assert_eq!(after.jobs[0].state, "deleted");
    assert!(after.closes(), "{:?}", after.jobs);
    assert_eq!(after.rows, report.rows[..6]);
    assert!(
        balance(&mut story.store, Some(extract), false)
            .unwrap()
            .closes()
    );
}

#[test]
fn an_event_too_many_opens_the_books() {
    let mut story = Story::begin();
    let (job, _) = first_crawl(&mut story);
    story.open_run(None, "toolkit upkeep");
    let (other, at) = (JobId::new(), story.tick());
    story.open_run(Some((other, JobKind::Crawl)), "toolkit crawl");
    let event = Event {
        kind: EventKind::UrlFailed,
        source_uri: Some("https://site.test/never".to_owned()),
        payload: json!({}),
        at,
    };
    story
        .store
        .transaction("store_pages", |store| store.record(&event))
        .unwrap();
    let report = balance(&mut story.store, None, false).unwrap();
    let open: Vec<_> = report.jobs.iter().filter(|one| !one.closes).collect();
    assert_eq!(open.len(), 1);
    assert_ne!(open[0].job_id, job);
    let different = &report.differences[0];
    assert_eq!(
        (
            different.outcome.as_str(),
            different.counted,
            different.events
        ),
        ("failed", 0, 1)
    );
    assert_eq!(report.notes()[0], "The books of job 2 do not close.");
}

#[test]
fn what_a_deleted_job_left_is_pending_in_its_books_and_selected_again() {
    let mut story = Story::begin();
    first_crawl(&mut story);
    let job = story.select();
    let changed = [("", page("<p>newer home", 0))];
    story.crawl(&[], &changed, JobState::Completed);
    let before = balance(&mut story.store, Some(job), true).unwrap();
    assert_eq!((before.count(job, "pending"), before.closes()), (2, true));
    story.delete(job, "not wanted");
    let after = balance(&mut story.store, Some(job), true).unwrap();
    assert_eq!(after.rows, before.rows);
    assert!(after.closes(), "{:?}", after.jobs);
    let (next, _) = story.extract("nothing", "nothing");
    let report = balance(&mut story.store, None, false).unwrap();
    assert!(
        report.closes() && report.count(next, "done") == 2,
        "{:?}",
        report.jobs
    );
}

#[test]
fn content_that_changes_after_extraction_leaves_the_earlier_books_closed() {
    let mut story = Story::begin();
    first_crawl(&mut story);
    let (extract, _) = story.extract("nothing", "nothing");
    let changed = [("", page("<p>newer home", 0))];
    story.crawl(&[], &changed, JobState::Completed);
    let report = balance(&mut story.store, Some(extract), false).unwrap();
    assert!(report.closes(), "{:?}", report.jobs);
    assert_eq!(report.count(extract, "pending"), 0);
    let (again, _) = story.extract("nothing", "nothing");
    let report = balance(&mut story.store, None, false).unwrap();
    assert!(
        report.closes() && report.count(again, "done") == 1,
        "{:?}",
        report.jobs
    );
}
