//! Zipped documents: sound, broken, encrypted and hostile.

use std::io::{Cursor, Write as _};

use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
use crate::model::{ExtractedItem, ExtractionType, Gap, Reason};

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const EPUB: &str = "application/epub+zip";

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn extract(media_type: &str, body: &[u8]) -> PageExtraction {
    extract_page(
        &PageInput {
            uri: "https://example.com/document",
            media_type,
            charset: "",
            body,
        },
        &Profile::default_profile(),
    )
}

fn contents(found: &PageExtraction) -> Vec<&ExtractedItem> {
    let items = found.items.iter();
    items
        .filter(|item| item.extraction_type == ExtractionType::Content)
        .collect()
}

fn of_type(found: &PageExtraction, wanted: ExtractionType) -> &ExtractedItem {
    found
        .items
        .iter()
        .find(|item| item.extraction_type == wanted)
        .unwrap()
}

/// A document with this body, whose program speaks another language.
fn docx(body: &str) -> Vec<u8> {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    zipped(&[
        (
            "_rels/.rels",
            "<Relationships><Relationship Type='http://x/officeDocument' Target='/word/document2.xml'/></Relationships>",
        ),
        ("word/document2.xml", &document),
        (
            "word/styles.xml",
            "<w:styles><w:style w:styleId='berschrift2'><w:name w:val='heading 2'/></w:style></w:styles>",
        ),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        (
            "docProps/core.xml",
            "<cp:coreProperties><dc:title>The mill</dc:title><dc:creator>Jo Doe</dc:creator>\
             <dcterms:created>2024-03-12T08:00:00Z</dcterms:created></cp:coreProperties>",
        ),
    ])
}

#[test]
fn docx_is_read() {
    let found = extract(
        DOCX,
        &docx(
            "<w:p><w:pPr><w:pStyle w:val='berschrift2'/></w:pPr><w:r><w:t>Tide &amp; mill</w:t></w:r></w:p>\
             <w:p><w:r><w:t xml:space='preserve'>It </w:t></w:r><w:r><w:t>turns.</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>\
             <w:p><w:pPr><w:numPr><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>one</w:t></w:r></w:p>\
             <w:p><w:pPr><w:numPr><w:numId w:val='3'/></w:numPr></w:pPr><w:r><w:t>two</w:t></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Height</w:t></w:r></w:p></w:tc></w:tr>\
             <w:tr><w:tc><w:p><w:r><w:t>Tide mill</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>12.5 m</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        ),
    );
    let content = contents(&found)[0];
    let markdown = content.data["markdown"].as_str().unwrap();
    assert!(
        markdown.starts_with("## Tide & mill\n\nIt turns.\n\n- one\n- two\n\n"),
        "{markdown}"
    );
    assert!(
        content.text.contains("Tide mill\t12.5 m"),
        "{}",
        content.text
    );
    assert!(content.text.ends_with("A note."), "{}", content.text);
    assert!(!content.text.contains("gone"));
    assert_eq!(
        of_type(&found, ExtractionType::Metadata).data,
        json!({"title": "The mill", "author": "Jo Doe", "published": "2024-03-12T08:00:00Z"})
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn odt_is_read() {
    let content = "<office:document-content><office:body><office:text>\
        <text:h text:outline-level='1'>The mill</text:h><text:p>It<text:s text:c='2'/>turns<text:span>.</text:span></text:p>\
        <text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>\
        <office:annotation><text:p>a comment</text:p></office:annotation>\
        <table:table><table:table-row><table:table-cell><text:p>Height</text:p></table:table-cell>\
        <table:table-cell><text:p>12.5 m</text:p></table:table-cell></table:table-row></table:table>\
        </office:text></office:body></office:document-content>";
    let found = extract(ODT, &zipped(&[("mimetype", ODT), ("content.xml", content)]));
    let all = contents(&found)[0];
    let markdown = all.data["markdown"].as_str().unwrap();
    assert!(
        markdown.starts_with("# The mill\n\nIt turns.\n\n- one\n\n"),
        "{markdown}"
    );
    assert!(all.text.contains("Height\t12.5 m"), "{}", all.text);
    assert!(!all.text.contains("comment"));
    assert_eq!(
        of_type(&found, ExtractionType::Metadata).data["title"],
        "The mill"
    );
    assert_eq!(found.gaps, []);

    let manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
    let found = extract(
        ODT,
        &zipped(&[
            ("META-INF/manifest.xml", manifest),
            ("content.xml", "\u{1}"),
        ]),
    );
    assert_eq!(found.gaps[0].reason, Reason::DocumentEncrypted);
}

#[test]
fn each_chapter_of_an_epub_is_a_content_in_the_order_of_the_spine() {
    let chapter = |text: &str| {
        format!("<html><head><title/></head><body><a id='x'/><p>{text}</p></body></html>")
    };
    let (one, two) = (chapter("First."), chapter("Second."));
    let members = [
        (
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>",
        ),
        (
            "OEBPS/book.opf",
            "<package><metadata><dc:title>Mills</dc:title><dc:creator>Jo</dc:creator><dc:creator>Al</dc:creator></metadata>\
             <manifest><item id='b' href='text/two%20b.xhtml'/><item id='a' href='text/one.xhtml'/><item id='c' href='no.xhtml'/></manifest>\
             <spine><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/></spine></package>",
        ),
        ("OEBPS/text/two b.xhtml", &two),
        ("OEBPS/text/one.xhtml", &one),
    ];
    let found = extract(EPUB, &zipped(&members));
    let shown: Vec<_> = contents(&found)
        .iter()
        .map(|item| (item.data["locator"].as_str().unwrap(), item.text.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("chapter 1 OEBPS/text/one.xhtml", "First."),
            ("chapter 2 OEBPS/text/two b.xhtml", "Second.")
        ]
    );
    let detail = "the document has no such part";
    assert_eq!(
        found.gaps,
        [Gap::at(Reason::DocumentInvalid, "OEBPS/no.xhtml", detail)]
    );
    let about = &of_type(&found, ExtractionType::Metadata).data;
    assert_eq!(*about, json!({"title": "Mills", "author": "Jo; Al"}));
}

#[test]
fn what_unpacks_to_too_much_is_cut() {
    let bomb = format!(
        "<w:p><w:r><w:t>before</w:t></w:r></w:p>{}",
        " ".repeat(3 << 20)
    );
    let found = extract(DOCX, &docx(&bomb));
    assert!(contents(&found)[0].text.starts_with("before"));
    let reasons: Vec<_> = found.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [Reason::DocumentCut, Reason::DocumentInvalid]);
    assert_eq!(found.gaps[0].position, "word/document2.xml");
    assert!(
        found.gaps[0]
            .detail
            .ends_with("it is packed to less than 1 in 200"),
        "{:?}",
        found.gaps
    );
}

#[test]
fn broken_and_encrypted_files_are_gaps() {
    let whole = docx("<w:p><w:r><w:t>Text that is long enough.</w:t></w:r></w:p>");
    for length in 0..whole.len() {
        for media_type in [DOCX, ODT, EPUB] {
            let found = extract(media_type, &whole[..length]);
            assert!(!found.gaps.is_empty(), "{media_type} {length}");
        }
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        extract(DOCX, &damaged);
    }
    let mut compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    compound.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        extract(DOCX, &compound).gaps[0].reason,
        Reason::DocumentEncrypted
    );
    let empty = extract(DOCX, &docx("<w:p/>"));
    assert_eq!(empty.items[0].text, "A note.");
    let deep = "<w:tbl><w:tr><w:tc>".repeat(20_000);
    assert!(!extract(DOCX, &docx(&deep)).gaps.is_empty());
}
