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
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const ODP: &str = "application/vnd.oasis.opendocument.presentation";

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

/// Each charset of the web's list is read in every format that is text.
#[test]
fn texts_of_all_formats_are_decoded() {
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<u8>>()
    };
    for (name, word) in [
        ("Shift_JIS", "水車と風車"),
        ("ISO-2022-JP", "水車と風車"),
        ("GB18030", "水车和风车"),
        ("EUC-KR", "물레방아"),
        ("windows-1251", "мельница"),
        ("UTF-16BE", "мельница"),
    ] {
        for (media_type, text) in [
            ("text/plain", word.to_owned()),
            ("text/csv", format!("a,b\n1,{word}\n")),
            ("application/json", format!("[\"{word}\"]")),
            (
                "application/xml",
                format!("<?xml version='1.0' encoding='{name}'?><a>{word}</a>"),
            ),
            (
                "application/xhtml+xml",
                format!("<html><body><p>{word}</p></body></html>"),
            ),
        ] {
            let bodies = match encoding_rs::Encoding::for_label(name.as_bytes()).unwrap() {
                one if one == encoding_rs::UTF_16BE => {
                    vec![wide(&text), [&b"\xfe\xff"[..], &wide(&text)].concat()]
                }
                one => vec![one.encode(&text).0.into_owned()],
            };
            for body in bodies {
                let charset = crate::model::charset_of(&body, Some(name)).name;
                let page = PageInput {
                    uri: "https://example.com/x",
                    media_type,
                    charset,
                    body: &body,
                };
                let found = extract_page(&page, &Profile::default_profile());
                let all = contents(&found);
                assert!(all[0].text.contains(word), "{name} {media_type} {found:?}");
                let errors = found
                    .gaps
                    .iter()
                    .filter(|gap| gap.reason == Reason::CharsetErrors);
                assert_eq!(errors.count(), 0, "{name} {media_type}");
            }
        }
    }
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
        for media_type in [DOCX, ODT, EPUB, XLSX, PPTX, ODS, ODP] {
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

#[test]
fn a_workbook_is_a_content_for_each_sheet_and_facts() {
    let found = extract(
        XLSX,
        include_bytes!("../../../fixtures/documents/mills.xlsx"),
    );
    let all = contents(&found);
    assert_eq!(
        all[0].text,
        "Mill\tHeight\tBuilt\tShare\tOpen\tTwice\nTide mill\t12.5\t1789-07-14\t5.5%\tTRUE\t25\n\
         Wind | mill\t9\t2024-03-12\t100%\tFALSE\t18"
    );
    assert_eq!(all[1].text, "\tClosed in winter");
    assert_eq!(all[1].data["hidden"], true);
    assert_eq!(
        all[1].data["blocks"][0]["locator"],
        "'The year''s notes'!3:3"
    );
    let facts = &of_type(&found, ExtractionType::Facts).data["facts"];
    assert_eq!(facts.as_array().unwrap().len(), 10);
    assert_eq!(
        (&facts[6]["subject"], &facts[6]["locator"]),
        (&json!("Wind | mill"), &json!("Mills!C3"))
    );
    let about = &of_type(&found, ExtractionType::Metadata).data;
    assert_eq!(
        (&about["title"], &about["author"]),
        (&json!("Mills of the sound"), &json!("Jo Doe"))
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn slides_are_contents_with_their_notes() {
    let found = extract(
        PPTX,
        include_bytes!("../../../fixtures/documents/mills.pptx"),
    );
    let shown: Vec<_> = contents(&found)
        .iter()
        .map(|item| (item.data["locator"].as_str().unwrap(), item.text.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "slide 1",
                "Tide mills\n\nDriven by the sea\n\nBuilt in 1789\n\nShow the wheel."
            ),
            ("slide 2", "Figures\n\nMill\tHeight\nTide mill\t12.5 m")
        ]
    );
    assert_eq!(found.gaps, []);
}

/// A workbook of one sheet with these rows.
fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let strings = format!("<sst>{strings}</sst>");
    zipped(&[
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='S' r:id='a'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='a' Type='x/worksheet' Target='s.xml'/>\
             <Relationship Id='b' Type='x/sharedStrings' Target='t.xml'/></Relationships>",
        ),
        ("xl/s.xml", &sheet),
        ("xl/t.xml", &strings),
    ])
}

#[test]
fn cells_without_a_result_and_more_text_than_is_kept_are_gaps() {
    let found = extract(
        XLSX,
        &workbook(
            "<row r='4'><c r='B4'><f>1+1</f></c><c r='C4'><v>1</v></c></row>",
            "",
        ),
    );
    let detail = "1 formulas of the sheet have no stored result";
    assert_eq!(
        found.gaps,
        [Gap::at(Reason::DocumentInvalid, "S!B4", detail)]
    );
    let long = format!("<si><t>{}</t></si>", "ab ".repeat(300_000));
    let rows = "<row><c t='s'><v>0</v></c></row>".repeat(60);
    let found = extract(XLSX, &workbook(&rows, &long));
    assert!(contents(&found)[0].text.len() < 34 << 20);
    let cut = found
        .gaps
        .iter()
        .find(|gap| gap.reason == Reason::DocumentCut)
        .unwrap();
    assert!(cut.detail.contains(" rows not read: "), "{cut:?}");
    // A cell far away costs no line of tabs, and one that does not exist nothing.
    let found = extract(
        XLSX,
        &workbook(
            "<row><c r='XFD1'><v>1</v></c><c r='ZZZZZ1'><v>2</v></c></row>",
            "",
        ),
    );
    assert!(contents(&found)[0].text.len() < 100);
}

#[test]
fn rows_of_a_spreadsheet_are_repeated_as_it_says() {
    let row = |attributes: &str, text: &str| {
        format!(
            "<table:table-row {attributes}><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
        )
    };
    let table = [
        row("", "one"),
        row("table:number-rows-repeated='2'", "two"),
        row("table:number-rows-repeated='9000000'", ""),
        row("table:number-rows-repeated='10003'", "far"),
    ];
    let content = format!(
        "<office:spreadsheet><table:table table:name='T'>{}</table:table></office:spreadsheet>",
        table.concat()
    );
    let found = extract(ODS, &zipped(&[("content.xml", &content)]));
    let all = contents(&found)[0];
    assert!(
        all.text.starts_with("one\ntwo\ntwo\nfar\n"),
        "{}",
        &all.text[..40]
    );
    assert_eq!(all.data["blocks"][3]["locator"], "T!9000004:9000004");
    assert_eq!(found.gaps[0].reason, Reason::DocumentCut);
    assert!(found.gaps[0].detail.starts_with("3 rows not read"));
}

#[test]
fn damaged_workbooks_and_presentations_give_a_result() {
    for (media_type, whole) in [
        (
            XLSX,
            &include_bytes!("../../../fixtures/documents/mills.xlsx")[..],
        ),
        (ODS, include_bytes!("../../../fixtures/documents/mills.ods")),
        (ODP, include_bytes!("../../../fixtures/documents/mills.odp")),
    ] {
        for length in (0..whole.len()).step_by(7) {
            let found = extract(media_type, &whole[..length]);
            assert!(!found.gaps.is_empty(), "{media_type} {length}");
        }
        for at in (0..whole.len()).step_by(5) {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 0x55;
            extract(media_type, &damaged);
        }
    }
}
