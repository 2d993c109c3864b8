//! One page from bytes to items and gaps.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::locator::Locators;
use super::profile::{Markup, PageEvidence};
use super::{Profile, content, facts, formats, metadata, passages, records, tree};
use crate::model::{
    DecodedText, ExtractedItem, ExtractionType, Gap, Reason, clean_json, clean_text, decode_text,
};

/// Bumped whenever the same page may give another extraction.
pub(super) const VERSION: &str = "5";

/// A page as it was stored.
#[derive(Debug, Clone, Copy)]
pub struct PageInput<'a> {
    pub uri: &'a str,
    /// Without parameters.
    pub media_type: &'a str,
    pub charset: &'a str,
    pub body: &'a [u8],
}

/// What was read and what was not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageExtraction {
    pub items: Vec<ExtractedItem>,
    pub gaps: Vec<Gap>,
}

/// Extracts everything that the page's type allows, and the fields of `profile`; any input gives a result.
pub fn extract_page(input: &PageInput<'_>, profile: &Profile) -> PageExtraction {
    let mut extraction = read(input, profile);
    extraction.items.iter_mut().for_each(passages::add);
    extraction
}

fn read(input: &PageInput<'_>, profile: &Profile) -> PageExtraction {
    let essence = input.media_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let is_markup = matches!(essence.as_str(), "text/html" | "application/xhtml+xml");
    let is_markdown = matches!(essence.as_str(), "text/markdown" | "text/x-markdown");
    if !(is_markup || is_markdown || essence == "text/plain") {
        return match formats::read(input, &essence) {
            Some(extraction) => with_fields(extraction, input, profile),
            None => PageExtraction {
                items: Vec::new(),
                gaps: vec![Gap::whole(Reason::UnsupportedMediaType, input.media_type)],
            },
        };
    }
    let decoded = decode_text(input.body, input.charset);
    let gap = charset_gap(&decoded);
    let text = cleaned(decoded.text);
    let mut extraction = if is_markup {
        let is_xml = essence == "application/xhtml+xml" && text.contains("/>");
        let text = if is_xml {
            formats::without_empty_tags(&text)
        } else {
            text
        };
        read_html(input, text, profile)
    } else {
        with_fields(formats::read_text(&text, is_markdown), input, profile)
    };
    extraction.gaps.extend(gap);
    extraction
}

/// Adds the fields of a document that is no markup.
fn with_fields(
    mut extraction: PageExtraction,
    input: &PageInput<'_>,
    profile: &Profile,
) -> PageExtraction {
    let (fields, gaps) = profile.evaluate(&PageEvidence {
        uri: input.uri,
        kind: content::PageKind::default(),
        markup: None,
        items: &extraction.items,
    });
    extraction.items.extend(fields);
    extraction.gaps.extend(gaps);
    extraction
}

fn cleaned(text: String) -> String {
    let cleaned = match clean_text(&text) {
        Cow::Owned(cleaned) => Some(cleaned),
        Cow::Borrowed(_) => None,
    };
    cleaned.unwrap_or(text)
}

pub(super) fn charset_gap(decoded: &DecodedText) -> Option<Gap> {
    let position = decoded.first_error?.to_string();
    let detail = match decoded.errors {
        1 => "1 invalid sequence".to_owned(),
        several => format!("{several} invalid sequences"),
    };
    Some(Gap::at(Reason::CharsetErrors, position, detail))
}

/// Extracts markup that a document of another format holds, without a profile's fields.
pub(super) fn extract_html(input: &PageInput<'_>, html: String) -> PageExtraction {
    read_html(input, html, &Profile::default_profile())
}

fn read_html(input: &PageInput<'_>, html: String, profile: &Profile) -> PageExtraction {
    let tree = tree::parse_owned(html);
    let locators = Locators::new(&tree);
    let records = records::read(&tree, &locators, input.uri);
    let mut gaps = records.gaps;
    gaps.extend(excess_gap(tree.excess()));
    let found = metadata::read(&tree, &records.json_ld, input.uri);
    let kind = metadata::page_kind(&tree, &records.json_ld, input.uri);
    let mut items = Vec::new();
    let base = metadata::base(&tree, input.uri);
    let about = content::About {
        kind,
        title: found.title.as_deref(),
        base: base.as_ref(),
        locators: Some(&locators),
    };
    let content = content::find(&tree, about);
    gaps.extend(content::doubts(
        &tree,
        content.as_ref(),
        found.title.as_deref(),
    ));
    items.extend(content.as_ref().map(content_item));
    items.push(item(
        ExtractionType::Metadata,
        0,
        found.data(),
        "",
        found.confidence,
    ));
    for (ordinal, record) in records.records.iter().enumerate() {
        items.push(item(
            ExtractionType::Record,
            ordinal as i64,
            record.data(),
            "",
            None,
        ));
    }
    let (facts, left_out) = facts::find(&facts::Sources {
        tree: &tree,
        locators: &locators,
        content: content.as_ref(),
        records: &records.records,
        title: found.title.as_deref(),
    });
    gaps.extend(left_out);
    if !facts.is_empty() {
        let facts: Vec<Value> = facts.iter().map(facts::Fact::data).collect();
        let data = json!({"facts": facts});
        items.push(item(ExtractionType::Facts, 0, data, "", None));
    }
    let markup = Markup {
        tree: &tree,
        locators: &locators,
        places: content.as_ref().map(|content| &content.places),
    };
    let (fields, missing) = profile.evaluate(&PageEvidence {
        uri: input.uri,
        kind,
        markup: Some(markup),
        items: &items,
    });
    items.extend(fields);
    gaps.extend(missing);
    PageExtraction { items, gaps }
}

pub(super) fn content_item(content: &content::Content) -> ExtractedItem {
    let data = json!({
        "markdown": content.markdown,
        "blocks": blocks(&content.blocks),
        "words": words(&content.text),
        "headings": content.headings,
        "tables": content.tables,
        "code_blocks": content.code_blocks,
        "chosen_by": content.chosen_by,
        "reading": content.reading,
    });
    item(
        ExtractionType::Content,
        0,
        data,
        &content.text,
        content.agreement,
    )
}

fn blocks(blocks: &[content::Block]) -> Vec<Value> {
    let blocks = blocks.iter().map(|block| {
        let mut shown = json!({"locator": block.locator, "start": block.start, "end": block.end});
        if let Some(level) = block.heading {
            shown["heading"] = json!(level);
        }
        shown
    });
    blocks.collect()
}

pub(super) fn excess_gap(excess: tree::Excess) -> Option<Gap> {
    let detail = match (excess.too_deep, excess.ignored) {
        (0, 0) => return None,
        (deep, 0) => format!("{deep} elements beyond {} levels", tree::DEPTH_LIMIT),
        (0, ignored) => format!("{ignored} tags ignored: rebuilt elements outgrew the page"),
        (deep, ignored) => format!(
            "{deep} elements beyond {} levels, {ignored} tags ignored: rebuilt elements outgrew the page",
            tree::DEPTH_LIMIT
        ),
    };
    Some(Gap::whole(Reason::TreeTooDeep, detail))
}

pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

pub(super) fn item(
    extraction_type: ExtractionType,
    ordinal: i64,
    data: Value,
    text: &str,
    confidence: Option<f64>,
) -> ExtractedItem {
    ExtractedItem {
        extraction_type,
        ordinal,
        data: clean_json(data),
        text: clean_text(text).into_owned(),
        confidence,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::model::canonical_json;

    fn extract(media_type: &str, charset: &str, body: &[u8]) -> PageExtraction {
        let input = PageInput {
            uri: "https://example.com/page",
            media_type,
            charset,
            body,
        };
        extract_page(&input, &Profile::default_profile())
    }

    fn html(body: &str) -> PageExtraction {
        extract("text/html", "UTF-8", body.as_bytes())
    }

    fn reasons(extraction: &PageExtraction) -> Vec<Reason> {
        extraction.gaps.iter().map(|gap| gap.reason).collect()
    }

    fn content(extraction: &PageExtraction) -> Option<&str> {
        let item = extraction
            .items
            .iter()
            .find(|item| item.extraction_type == ExtractionType::Content);
        item.map(|item| item.text.as_str())
    }

    fn written(extraction: &PageExtraction) -> String {
        let mut text = String::new();
        for item in &extraction.items {
            let name = format!("{} {}", item.extraction_type, item.ordinal);
            writeln!(text, "== {name}\n{}", canonical_json(&item.data)).unwrap();
            if !item.text.is_empty() {
                writeln!(text, "--\n{}", item.text).unwrap();
            }
        }
        for gap in &extraction.gaps {
            writeln!(
                text,
                "== gap {} {} {}",
                gap.reason, gap.position, gap.detail
            )
            .unwrap();
        }
        text
    }

    #[test]
    fn fixture_pages_give_what_is_expected() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages");
        let mut seen = 0;
        for page in fs::read_dir(pages).unwrap() {
            let page = page.unwrap().path();
            let found = written(&html(&fs::read_to_string(page.join("input.html")).unwrap()));
            let expected = fs::read_to_string(page.join("expected.txt")).unwrap_or_default();
            assert_eq!(found, expected, "{}", page.display());
            seen += 1;
        }
        assert!(seen >= 3);
    }

    #[test]
    fn pages_without_text_are_a_gap_and_no_content() {
        let cases = [
            ("", Reason::NoContent),
            (
                "<html><body><img src=a.png alt=A><script>var text = 'much';</script></body></html>",
                Reason::ImageOnly,
            ),
            (
                "<noscript>You need JavaScript to run this app.</noscript><div id=root></div><script src=a.js></script>",
                Reason::ScriptShell,
            ),
        ];
        for (case, reason) in cases {
            let found = html(case);
            assert_eq!(reasons(&found), [reason], "{case}");
            assert_eq!(content(&found), None, "{case}");
        }
    }

    #[test]
    fn hostile_pages_give_a_result() {
        let deep = format!("{}<p>bottom", "<div>".repeat(100_000));
        let deep = html(&deep);
        assert_eq!(content(&deep), Some("bottom"));
        assert_eq!(reasons(&deep), [Reason::TreeTooDeep]);

        let angles = html(&"<".repeat(1_000_000));
        assert_eq!(content(&angles).unwrap().len(), 1_000_000);

        let nul = html("<p>a\0b</p><title>t\0</title><p title='\0'>c");
        assert!(nul.items.iter().all(|item| !item.text.contains('\0')));
        assert!(
            nul.items
                .iter()
                .all(|item| !item.data.to_string().contains("\\u0000"))
        );

        let binary: Vec<u8> = (0..200_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert!(reasons(&extract("text/html", "UTF-8", &binary)).contains(&Reason::CharsetErrors));

        let broken = html("<script type=application/ld+json>{\"@type\": </script><p>Text stays.");
        assert_eq!(reasons(&broken), [Reason::JsonLdInvalid]);
        assert_eq!(content(&broken), Some("Text stays."));
    }

    #[test]
    fn charsets_are_read_and_their_errors_told() {
        let wide: Vec<u8> = "<title>ü</title><p>Grüße aus Köln"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let found = extract("text/html", "UTF-16LE", &wide);
        assert_eq!(content(&found), Some("Grüße aus Köln"));
        assert_eq!(found.gaps, []);

        let found = extract("text/html", "UTF-8", b"<p>ab\xffcd\xfe</p>");
        let expected = Gap::at(Reason::CharsetErrors, "5", "2 invalid sequences");
        assert_eq!(found.gaps, [expected]);
    }

    #[test]
    fn an_empty_tag_of_xhtml_is_one() {
        let page = "<html><head><title/><script src='a.js'/></head><body><p>Seen<br/>too</p><div/></body></html>";
        let found = extract("application/xhtml+xml", "UTF-8", page.as_bytes());
        assert_eq!(content(&found), Some("Seen\ntoo"));
    }

    #[test]
    fn texts_are_their_own_content() {
        let plain = extract("text/plain; charset=utf-8", "UTF-8", b"\n One.\n\nTwo.\n");
        assert_eq!(content(&plain), Some("One.\n\nTwo."));
        let blocks = json!([
            {"locator": "line 1", "start": 0, "end": 4},
            {"locator": "line 3", "start": 6, "end": 10},
        ]);
        assert_eq!(plain.items[0].data["blocks"], blocks);

        let titles = [
            ("# The title #\ntext", "The title"),
            ("```\n# no title\n```\n## Second\n", "Second"),
            ("Underlined\n===\n", "Underlined"),
            ("just a line\n\nmore", "just a line"),
        ];
        for (markdown, title) in titles {
            let found = extract("text/markdown", "UTF-8", markdown.as_bytes());
            assert_eq!(found.items[1].data, json!({"title": title}), "{markdown}");
            assert_eq!(content(&found), Some(markdown.trim()));
        }
        let empty = extract("text/plain", "UTF-8", b" \n");
        assert_eq!(reasons(&empty), [Reason::NoContent]);
    }

    #[test]
    fn other_types_are_a_gap() {
        let found = extract("application/msword", "", b"\xd0\xcf\x11\xe0");
        let expected = Gap::whole(Reason::UnsupportedMediaType, "application/msword");
        assert_eq!((found.items.len(), found.gaps), (0, vec![expected]));
    }
}
