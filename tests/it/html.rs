//! Reports as HTML and in files: what is written where, and what a hostile page cannot put into a report.

use std::fs;

use rstest::rstest;
use toolkit::extract::tree::{Tag, Tree, parse};

use crate::support::database::Engine;
use crate::support::workplace::Workplace;

use Engine::{Postgres, Sqlite};

/// A page whose title, text, records and names are markup.
const HOSTILE: &str = r#"<!doctype html><title>&lt;script&gt;alert(1)&lt;/script&gt;</title>
<meta name=author content="&quot;&gt;&lt;img src=x onerror=alert(2)&gt;">
<article><h1>&lt;/h1&gt;&lt;script&gt;alert(3)&lt;/script&gt;</h1>
<p>On 12 March 2024 the &lt;b&gt;harbor&lt;/b&gt; paid $1,200 to mail@example.org for a &lt;/mark&gt; of 12.5 m.</p>
<p>Whoever wants to see it must be there in time, with boots, and with patience, and call.</p></article>"#;

fn hostile(place: &Workplace) {
    let folder = place.user.folder().join("site");
    fs::create_dir(&folder).expect("a folder");
    let name = "'onmouseover='alert(4)' <svg onload=alert(5)>.html";
    fs::write(folder.join(name), HOSTILE).expect("a page");
    place.succeed(&["run", "site"]);
}

fn count(tree: &Tree, tag: Tag) -> usize {
    (0..tree.len())
        .filter(|node| tree.tag(*node) == tag)
        .count()
}

/// Asserts that nothing in a page runs, fetches or leads elsewhere but what the program wrote.
fn assert_inert(html: &str) {
    let tree = parse(html);
    assert_eq!(count(&tree, Tag::Script), 1);
    assert_eq!(count(&tree, Tag::Style), 1);
    for tag in [
        Tag::Img,
        Tag::Iframe,
        Tag::Object,
        Tag::Link,
        Tag::Base,
        Tag::B,
    ] {
        assert_eq!(count(&tree, tag), 0, "{tag:?}");
    }
    for node in 0..tree.len() {
        for (name, value) in tree.attributes(node) {
            let is_inert = !name.starts_with("on") && !matches!(name, "style" | "src" | "action");
            assert!(is_inert, "{name}={value}");
            let is_link = name == "href" || name == "xlink:href";
            let leads = ["javascript:", "data:", "vbscript:"];
            assert!(
                !is_link || !leads.iter().any(|one| value.starts_with(one)),
                "{value}"
            );
        }
    }
}

#[rstest]
fn a_hostile_page_is_only_told_of(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    hostile(&place);
    for report in [
        &["report", "provenance"][..],
        &["report", "incomplete", "--all"],
        &["sources", "list"],
        &["sources", "show", "last"],
        &["report", "overview"],
        &["entities", "list"],
    ] {
        let shown = place.succeed(&[report, &["--format", "html"]].concat());
        assert_inert(&shown.stdout);
        let told = shown.stdout.contains("svg")
            || report.contains(&"incomplete")
            || report.contains(&"entities");
        assert!(told, "{report:?}");
    }
}

#[test]
fn a_report_goes_to_a_file_and_replaces_none_unasked() {
    let place = Workplace::new(Sqlite);
    hostile(&place);
    let file = place.user.folder().join("report.html");
    let typed = [
        "report",
        "provenance",
        "--format",
        "html",
        "-o",
        "report.html",
    ];
    let written = place.succeed(&typed);
    assert!(written.stdout.is_empty(), "{}", written.snapshot());
    let html = fs::read_to_string(&file).expect("the report");
    assert!(
        html.starts_with("<!doctype html>") && html.ends_with("</html>\n"),
        "{html}"
    );

    let refused = place.run(&typed);
    assert_eq!(refused.code(), Some(1));
    insta::assert_snapshot!(refused.stderr, @r"
    error: report.html is there already
    hint: --force replaces it, -o names another file
    ");
    let other = [
        "report",
        "balance",
        "--format",
        "csv",
        "-o",
        "report.html",
        "--force",
    ];
    place.succeed(&other);
    let csv = fs::read_to_string(&file).expect("the report");
    assert!(csv.starts_with("job,job_id,"), "{csv}");

    let nowhere = place.run(&["report", "balance", "-o", "none/report.csv"]);
    assert_eq!(nowhere.code(), Some(1));
    assert!(
        nowhere.stderr.contains("none/report.csv: "),
        "{}",
        nowhere.stderr
    );
    let unforced = place.run(&["report", "balance", "--force"]);
    assert_eq!(unforced.code(), Some(2));
}
