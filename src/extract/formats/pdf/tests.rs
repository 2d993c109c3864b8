//! Whole documents: sound, damaged and hostile.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::json;

use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
use crate::model::{ExtractionType, Gap, Reason};

fn extract(body: &[u8]) -> PageExtraction {
    extract_page(
        &PageInput {
            uri: "https://example.com/mills.pdf",
            media_type: "application/pdf",
            charset: "",
            body,
        },
        &Profile::default_profile(),
    )
}

/// Puts objects into a file, numbered from 1; the first is the catalogue.
fn file(objects: &[String]) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", text.len()).unwrap();
        writeln!(text, "{} 0 obj\n{object}\nendobj", at + 1).unwrap();
    }
    let (start, size) = (text.len(), objects.len() + 1);
    write!(
        text,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R/Info<</Title(The mill)\
         /Author(Jo Doe)/CreationDate(D:20240312080000Z)>>>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    text.into_bytes()
}

fn stream(content: &str) -> String {
    format!(
        "<</Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// A document with a page for each of these contents, in a font that every reader has.
fn document(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<_> = (0..pages.len())
        .map(|at| format!("{} 0 R", 4 + 2 * at))
        .collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/Lang(en)>>".to_owned(),
        format!(
            "<</Type/Pages/Count {}/Kids[{}]/Resources<</Font<</F 3 0 R>>>>>>",
            pages.len(),
            kids.join(" ")
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for (at, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Contents {} 0 R>>",
            5 + 2 * at
        ));
        objects.push(stream(content));
    }
    file(&objects)
}

fn texts(found: &PageExtraction) -> Vec<(&str, &str)> {
    let contents = found
        .items
        .iter()
        .filter(|item| item.extraction_type == ExtractionType::Content);
    contents
        .map(|item| (item.data["locator"].as_str().unwrap(), item.text.as_str()))
        .collect()
}

fn reasons(found: &PageExtraction) -> Vec<Reason> {
    found.gaps.iter().map(|gap| gap.reason).collect()
}

const TEXT: &str = "BT /F 24 Tf 50 700 Td (Tide mills) Tj /F 10 Tf 0 -40 Td (They turn with) Tj 0 -12 Td \
                    (the moon.) Tj ET";

#[test]
fn each_page_is_a_content_with_its_number() {
    let found = extract(&document(&[
        TEXT,
        "BT /F 10 Tf 1 0 0 1 50 700 Tm [(W)80(ind) -300 (mills)] TJ ET",
    ]));
    assert_eq!(
        texts(&found),
        [
            ("page 1", "Tide mills\n\nThey turn with the moon."),
            ("page 2", "Wind mills")
        ]
    );
    assert_eq!(
        found.items[0].data["markdown"],
        "# Tide mills\n\nThey turn with the moon."
    );
    assert_eq!(
        found.items[2].data,
        json!({"title": "The mill", "author": "Jo Doe", "published": "2024-03-12T08:00:00Z", "language": "en"})
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn forms_fields_and_texts_instead_are_read() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 800]>>",
        "<</Type/Page/Parent 2 0 R/Contents[4 0 R 5 0 R]/Annots[8 0 R 9 0 R]/Resources<</Font<</F 6 0 R>>/XObject<</X 7 0 R>>>>>>",
        &stream("BT /F 10 Tf 0 700 Td (A) Tj"),
        &stream("0 -20 Td /Span<</ActualText<FEFF00C4>>>BDC (A\\250) Tj EMC ET /X Do"),
        "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>",
        "<</Type/XObject/Subtype/Form/Resources<</Font<</G 6 0 R>>>>/Length 48>>\nstream\nBT /G 10 Tf 0 600 Td (Form) Tj ET              \nendstream",
        "<</Subtype/Widget/Rect[0 500 90 520]/AP<</N 10 0 R>>>>",
        "<</Subtype/Widget/F 2/Rect[0 400 90 420]/AP<</N 10 0 R>>>>",
        "<</Subtype/Form/Resources<</Font<</F 6 0 R>>>>/Length 30>>\nstream\nBT /F 10 Tf 2 2 Td (Filled) Tj\nendstream",
    ];
    let found = extract(&file(&objects.map(str::to_owned)));
    assert_eq!(texts(&found), [("page 1", "A\n\nÄ\n\nForm\n\nFilled")]);
    assert_eq!(found.gaps, []);
}

#[test]
fn fonts_tell_their_characters() {
    let map = "1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <0416> <0002> <D83DDE00> endbfchar";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</A 5 0 R/B 6 0 R/C 7 0 R>>>>>>",
        &stream(
            "BT /A 10 Tf 0 700 Td (\\001\\002\\003) Tj 0 -40 Td /B 10 Tf <000100020003> Tj 0 -40 Td /C 10 Tf <82a082a2> Tj ET",
        ),
        "<</Subtype/Type1/BaseFont/X/Encoding<</Differences[1/fi/adieresis/g7]>>/FirstChar 1/Widths[500 500 500]>>",
        "<</Subtype/Type0/Encoding/Identity-H/ToUnicode 8 0 R/DescendantFonts[<</W[1[500 500 500]]>>]>>",
        "<</Subtype/Type0/Encoding/90ms-RKSJ-H/DescendantFonts[<<>>]>>",
        &stream(map),
    ];
    let found = extract(&file(&objects.map(str::to_owned)));
    assert_eq!(texts(&found), [("page 1", "fiä\n\nЖ😀\n\nあい")]);
    assert_eq!(
        found.gaps,
        [Gap::at(
            Reason::GlyphsUnknown,
            "page 1",
            "2 glyphs on 1 page"
        )]
    );
}

#[test]
fn pages_that_show_pictures_alone_are_gaps() {
    let picture = "BI /W 1 /H 1 /BPC 8 /CS /G ID x\nEI";
    let found = extract(&document(&[TEXT, picture, picture, "", TEXT]));
    assert_eq!(
        found.gaps,
        [Gap::at(Reason::ImageOnly, "page 2", "2 pages without text")]
    );
    assert_eq!(texts(&found).last().unwrap().0, "page 5");
    assert_eq!(reasons(&extract(&document(&[""]))), [Reason::NoContent]);
}

#[test]
fn a_file_that_is_cut_keeps_the_pages_that_are_whole() {
    let whole = document(&[TEXT, TEXT]);
    let end = memchr::memmem::rfind(&whole, b"xref\n0").unwrap();
    let found = extract(&whole[..end]);
    assert_eq!(texts(&found).len(), 2);
    assert_eq!(reasons(&found), [Reason::DocumentInvalid]);
    let second = memchr::memmem::find(&whole, b"6 0 obj").unwrap();
    let found = extract(&whole[..second]);
    assert_eq!(
        texts(&found),
        [("page 1", "Tide mills\n\nThey turn with the moon.")]
    );
    assert_eq!(
        reasons(&found),
        [Reason::DocumentInvalid, Reason::DocumentInvalid]
    );
    assert_eq!(
        found.gaps[1].detail,
        "1 pages not read: they are not in the file"
    );
}

#[test]
fn damage_anywhere_gives_a_result() {
    let whole = document(&[TEXT, TEXT]);
    for length in 0..whole.len() {
        let found = extract(&whole[..length]);
        // The last line says nothing that the file could not do without.
        assert!(
            !found.gaps.is_empty() || length > whole.len() - 10,
            "{length}"
        );
    }
    for at in 0..whole.len() {
        for change in [0x01, 0x10, 0x55, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] ^= change;
            let found = extract(&damaged);
            assert!(!found.items.is_empty() || !found.gaps.is_empty(), "{at}");
        }
    }
}

#[test]
fn what_leads_back_into_itself_has_an_end() {
    for objects in [
        // Trees of pages, references, lengths and forms.
        vec![
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Kids[2 0 R 2 0 R 1 0 R]>>",
        ],
        vec!["<</Type/Catalog/Pages 2 0 R>>", "3 0 R", "2 0 R"],
        vec![
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Kids[<</Contents 3 0 R>>]>>",
            "<</Length 3 0 R/Filter 3 0 R/DecodeParms 3 0 R>>\nstream\nx\nendstream",
        ],
        vec![
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Kids[<</Contents 3 0 R/Resources 4 0 R>>]>>",
            "<<>>\nstream\n/X Do /X Do /X Do\nendstream",
            "<</XObject<</X 3 0 R>>>>",
        ],
    ] {
        let objects: Vec<String> = objects.into_iter().map(str::to_owned).collect();
        assert!(!extract(&file(&objects)).gaps.is_empty(), "{objects:?}");
    }
    // An object stream whose length stands in itself.
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Kids[]>>",
        "<</Type/ObjStm/N 1/First 4/Length 9 0 R>>\nstream\n9 0 5\nendstream",
    ];
    let mut cut = file(&objects.map(str::to_owned));
    cut.truncate(memchr::memmem::rfind(&cut, b"xref\n0").unwrap());
    assert!(!extract(&cut).gaps.is_empty());
}

#[test]
fn bombs_are_cut() {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(TEXT.as_bytes()).unwrap();
    for _ in 0..40 {
        packer.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    let mut body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Kids[3 0 R]>>endobj\n\
        3 0 obj<</Contents 4 0 R/Resources<</Font<</F<</BaseFont/Courier>>>>>>>>endobj\n4 0 obj<</Filter/FlateDecode>>stream\n"
        .to_vec();
    body.extend(&bomb);
    body.extend(b"\nendstream endobj trailer<</Root 1 0 R>>");
    let found = extract(&body);
    assert!(
        texts(&found)[0].1.starts_with("Tide mills"),
        "{:?}",
        texts(&found)
    );
    assert_eq!(
        reasons(&found),
        [Reason::DocumentInvalid, Reason::DocumentCut]
    );
    assert_eq!(found.gaps[1].position, "page 1");
    // A tree of more pages than anybody reads, in a few bytes each.
    let kids = "<<>>".repeat(120_000);
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Kids[{kids}]>>"),
    ];
    let found = extract(&file(&objects));
    assert_eq!(reasons(&found), [Reason::DocumentCut]);
    assert!(
        found.gaps[0].detail.starts_with("110000 pages not read"),
        "{:?}",
        found.gaps
    );
}
