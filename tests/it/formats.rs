//! A folder with a file of each format that is read, from the crawl to the rows, and through `page`.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use rstest::rstest;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::database::Engine;
use crate::support::toolkit::Toolkit;
use crate::support::workplace::{Workplace, lines_where, text_of};

use Engine::{Postgres, Sqlite};

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        let options = SimpleFileOptions::default();
        writer.start_file(*name, options).expect("a member");
        writer.write_all(text.as_bytes()).expect("its text");
    }
    writer.finish().expect("a zip").into_inner()
}

/// Each file, its bytes, and what of it must come out: a text and where it stands.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "mills.xml",
            text("<mills><mill><name>Tide mill in XML</name></mill></mills>"),
            "Tide mill in XML",
            "/mills/mill[1]/name[1]",
        ),
        (
            "mills.json",
            text(r#"{"mills": [{"name": "Tide mill in JSON"}]}"#),
            "Tide mill in JSON",
            "$.mills[0].name",
        ),
        (
            "mills.jsonl",
            text("{\"name\": \"Wind mill\"}\n{\"name\": \"Tide mill in lines\"}\n"),
            "Tide mill in lines",
            "line 2: $.name",
        ),
        (
            "mills.csv",
            text("name,height\nTide mill in CSV,12.5 m\n"),
            "Tide mill in CSV",
            "row 2 column 2",
        ),
        (
            "news.rss",
            text(
                "<rss><channel><title>News</title><item><title>First</title></item>\
                 <item><description>&lt;p&gt;Tide mill in RSS&lt;/p&gt;</description></item></channel></rss>",
            ),
            "Tide mill in RSS",
            "entry 2",
        ),
        (
            "news.atom",
            text(
                "<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title>\
                 <entry><title>Tide mill in Atom</title></entry></feed>",
            ),
            "Tide mill in Atom",
            "entry 1",
        ),
        (
            "feed.json",
            text(
                r#"{"version": "https://jsonfeed.org/version/1.1", "title": "News",
                    "items": [{"id": "1", "content_text": "Tide mill in JSON Feed"}]}"#,
            ),
            "Tide mill in JSON Feed",
            "entry 1",
        ),
        (
            "mills.pdf",
            include_bytes!("../../fixtures/documents/mills.pdf").to_vec(),
            "half for children; “free” on Mondays – ask at the desk.",
            "page 2",
        ),
        (
            "mills.xlsx",
            include_bytes!("../../fixtures/documents/mills.xlsx").to_vec(),
            "Tide mill\t12.5\t1789-07-14\t5.5%\tTRUE\t25",
            "Mills!B2",
        ),
        (
            "mills.pptx",
            include_bytes!("../../fixtures/documents/mills.pptx").to_vec(),
            "Show the wheel.",
            "slide 2",
        ),
        (
            "mills.ods",
            include_bytes!("../../fixtures/documents/mills.ods").to_vec(),
            "Tide mill\t12.5 m\t1789-07-14",
            "Mills!C2",
        ),
        (
            "mills.odp",
            include_bytes!("../../fixtures/documents/mills.odp").to_vec(),
            "Wind mills",
            "slide 2",
        ),
        (
            "mill.docx",
            zipped(&[(
                "word/document.xml",
                "<w:document><w:body><w:p><w:r><w:t>Tide mill in DOCX</w:t></w:r></w:p></w:body></w:document>",
            )]),
            "Tide mill in DOCX",
            "word/document.xml",
        ),
        (
            "mill.odt",
            zipped(&[(
                "content.xml",
                "<office:body><office:text><text:p>Tide mill in ODT</text:p></office:text></office:body>",
            )]),
            "Tide mill in ODT",
            "content.xml",
        ),
        (
            "mill.epub",
            zipped(&[
                (
                    "META-INF/container.xml",
                    "<container><rootfile full-path='book.opf'/></container>",
                ),
                (
                    "book.opf",
                    "<package><manifest><item id='a' href='a.xhtml'/></manifest>\
                     <spine><itemref idref='a'/></spine></package>",
                ),
                (
                    "a.xhtml",
                    "<html><head><title/></head><body><p>Tide mill in EPUB</p></body></html>",
                ),
            ]),
            "Tide mill in EPUB",
            "chapter 1 a.xhtml",
        ),
    ]
}

fn write_all(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    for (name, bytes, _, _) in files() {
        fs::write(folder.join(name), bytes).expect("a file");
    }
}

#[rstest]
fn every_format_of_a_folder_is_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = place.user.folder().join("documents");
    write_all(&folder);
    place.succeed(&["crawl", text_of(&folder)]);
    place.succeed(&["extract"]);
    let report = place.json(&["report", "incomplete"]);
    let losses = lines_where(&report, "rows", |_| true);
    assert!(losses.is_empty(), "{losses:?}");
    for (name, _, text, locator) in files() {
        let rows = place.database.query_text(&format!(
            "SELECT extractions.content, CAST(extractions.data AS TEXT) FROM extractions \
             JOIN sources ON sources.id = extractions.source_id WHERE sources.uri LIKE '%/{name}'"
        ));
        let is_stored =
            |row: &Vec<Option<String>>| row[0].as_ref().is_some_and(|one| one.contains(text));
        assert!(rows.iter().any(is_stored), "{name}: {rows:?}");
        let data: Vec<&str> = rows.iter().filter_map(|row| row[1].as_deref()).collect();
        assert!(
            data.iter().any(|data| data.contains(locator)),
            "{name}: {data:?}"
        );
        assert!(
            data.iter().any(|data| data.contains("\"passages\"")),
            "{name}: {data:?}"
        );
    }
    place.check();
}

#[test]
fn page_shows_every_format() {
    let user = Toolkit::new();
    write_all(&user.folder());
    for (name, _, text, _) in files() {
        let lines = user.succeed(["page", name]).json_lines();
        let page = &lines[0];
        assert_eq!(page["gaps"], Value::Array(Vec::new()), "{name}");
        assert!(
            page["text"].as_str().expect("a text").contains(text),
            "{name}: {page}"
        );
    }
}

/// What is broken is told, and costs nothing that stands before it.
#[rstest]
fn a_broken_document_is_a_gap(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = place.user.folder().join("documents");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("cut.json"), "[\"before\", \"aft").expect("a file");
    place.succeed(&["run", text_of(&folder)]);
    let report = place.json(&["report", "incomplete"]);
    let rows = lines_where(&report, "rows", |row| row["reason"] == "document_invalid");
    assert_eq!(rows.len(), 1, "{report}");
    assert_eq!(
        (&rows[0]["position"], &rows[0]["detail"]),
        (
            &"11".into(),
            &"4 bytes not read: it ends within a string".into()
        )
    );
    let text = place.value("SELECT content FROM extractions WHERE extraction_type = 'content'");
    assert_eq!(text, "before");
}
