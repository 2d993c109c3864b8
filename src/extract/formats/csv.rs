//! CSV: a line of text for each row, and facts where the first row names the columns.

use ::csv::ReaderBuilder;
use serde_json::{Value, json};

use super::table::{Cell, Row, TableFacts, Unread};
use super::{finished, invalid, metadata};
use crate::extract::facts::Fact;
use crate::extract::page::{item, words};
use crate::extract::{PageExtraction, PageInput};
use crate::model::{ExtractionType, Gap, Reason};

/// What stands between two cells, by how common it is.
const DELIMITERS: &[u8] = b",;\t|";

/// Reads a document; line n of its content is row n.
pub(super) fn extract(_input: &PageInput<'_>, text: &str) -> PageExtraction {
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let (mut facts, mut unread) = (TableFacts::default(), Unread::default());
    let (mut gaps, mut rows) = (Vec::new(), Vec::<Row>::new());
    let (mut content, mut count, mut columns, mut kept) = (String::new(), 0, 0, 0);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let at = error
                    .position()
                    .map_or(0, |position| position.byte() as usize);
                gaps.push(invalid(at, text.len(), &error.to_string()));
                break;
            }
        };
        count += 1;
        columns = columns.max(record.len());
        if count > 1 {
            content.push('\n');
        }
        let mut row = Row::new();
        for (column, cell) in record.iter().enumerate() {
            if column > 0 {
                content.push('\t');
            }
            let start = content.len();
            for (number, word) in cell.split_whitespace().enumerate() {
                if number > 0 {
                    content.push(' ');
                }
                content.push_str(word);
            }
            if content.len() > start {
                row.push(Cell {
                    column,
                    text: content[start..].to_owned(),
                    span: Some(start..content.len()),
                    locator: format!("row {count} column {}", column + 1),
                });
            }
        }
        // A row of n cells is n facts, or one less where its first cell is its name.
        if kept < facts.room() {
            kept += if count > 1 {
                row.len().saturating_sub(1)
            } else {
                0
            };
            rows.push(row);
        } else {
            unread.add(&row);
        }
    }
    if let Some(at) = unclosed_quote(text, delimiter) {
        let fault = "a quote is not closed: all that follows it is one cell";
        gaps.push(Gap::at(Reason::DocumentInvalid, at.to_string(), fault));
    }
    facts.add(&rows, unread, None);
    if content.trim().is_empty() {
        return finished(vec![metadata(&[])], gaps);
    }
    let data = json!({
        "blocks": [{"locator": format!("rows 1 to {count}"), "start": 0, "end": content.len()}],
        "words": words(&content),
        "chosen_by": "whole",
        "rows": count,
        "columns": columns,
        "delimiter": char::from(delimiter).to_string(),
    });
    let mut items = vec![
        item(ExtractionType::Content, 0, data, &content, None),
        metadata(&[]),
    ];
    if !facts.facts.is_empty() {
        gaps.extend(facts.gap());
        let all: Vec<Value> = facts.facts.iter().map(Fact::data).collect();
        items.push(item(
            ExtractionType::Facts,
            0,
            json!({"facts": all}),
            "",
            None,
        ));
    }
    finished(items, gaps)
}

/// Returns where a quote begins that the document ends in.
fn unclosed_quote(text: &str, delimiter: u8) -> Option<usize> {
    let (mut open, mut begins_cell) = (None, true);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, open) {
            // Two of them are one that stands in the cell.
            (b'"', Some(_)) if bytes.next_if(|(_, next)| *next == b'"').is_some() => {}
            (b'"', Some(_)) => open = None,
            (b'"', None) if begins_cell => open = Some(at),
            _ => {}
        }
        begins_cell = open.is_none() && (byte == delimiter || matches!(byte, b'\n' | b'\r'));
    }
    open
}

/// Returns what divides the first row most often, outside quotes.
fn delimiter(text: &str) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(which) = DELIMITERS.iter().position(|one| *one == byte) {
                    counts[which] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let which = counts.iter().position(|count| *count == most);
    DELIMITERS[which.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use crate::extract::{PageExtraction, PageInput, Profile, extract_page};
    use crate::model::{ExtractionType, Reason};

    fn extract(body: &str) -> PageExtraction {
        extract_page(
            &PageInput {
                uri: "https://example.com/data.csv",
                media_type: "text/csv",
                charset: "UTF-8",
                body: body.as_bytes(),
            },
            &Profile::default_profile(),
        )
    }

    #[test]
    fn rows_are_lines_and_cells_under_names_are_facts() {
        let found =
            extract("\u{feff}Mill;Height;Owner\n\"Tide; old\";12,5 m;\"Jo\nDoe\"\nWind;9 m;\n");
        let content = &found.items[0];
        assert_eq!(
            content.text,
            "Mill\tHeight\tOwner\nTide; old\t12,5 m\tJo Doe\nWind\t9 m\t"
        );
        assert_eq!(content.data["rows"], 3);
        let facts = found.items[2].data["facts"].as_array().unwrap();
        let shown: Vec<_> = facts
            .iter()
            .map(|fact| {
                let at = |end: usize| fact["span"][end].as_u64().unwrap() as usize;
                assert_eq!(content.text[at(0)..at(1)], *fact["text"].as_str().unwrap());
                let of = |name: &str| fact[name].as_str().unwrap_or_default().to_owned();
                [
                    of("subject"),
                    of("attribute"),
                    of("value"),
                    of("unit"),
                    of("locator"),
                ]
                .join(" / ")
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Tide; old / Height / 12,5 / m / row 2 column 2",
                "Tide; old / Owner / Jo Doe /  / row 2 column 3",
                "Wind / Height / 9 / m / row 3 column 2",
            ]
        );
        assert_eq!(found.gaps, []);
    }

    #[test]
    fn rows_without_names_are_text_alone() {
        for body in ["1,2\n3,4\n", "a,a\nb,c\n", "one\ntwo\n", "a,b\n"] {
            let found = extract(body);
            let types: Vec<_> = found
                .items
                .iter()
                .map(|item| item.extraction_type)
                .collect();
            assert_eq!(
                types,
                [ExtractionType::Content, ExtractionType::Metadata],
                "{body}"
            );
        }
        assert_eq!(extract(" \n").gaps[0].reason, Reason::NoContent);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told() {
        let found = extract("a,b\n1,\"two\n3,4\n");
        let reasons: Vec<_> = found
            .gaps
            .iter()
            .map(|gap| (gap.reason, gap.position.as_str()))
            .collect();
        assert_eq!(reasons, [(Reason::DocumentInvalid, "6")]);
        assert!(found.items[0].text.ends_with("two 3,4"));
        for sound in [
            "a,b\n1,\"t\"\"wo\"\n",
            "a,b\n1,5\" pipe\n",
            "\"a\",\"b\"\n\"\",\"\"\n",
        ] {
            assert_eq!(extract(sound).gaps, [], "{sound}");
        }
    }

    #[test]
    fn facts_have_a_limit_and_the_text_has_none() {
        let rows: Vec<_> = (0..3_000).map(|n| format!("r{n},{n}\n")).collect();
        let rows = rows.concat();
        let found = extract(&format!("name,value\n{rows}"));
        assert!(found.items[0].text.ends_with("r2999\t2999"));
        assert_eq!(
            found.items[2].data["facts"].as_array().unwrap().len(),
            2_000
        );
        assert_eq!(found.gaps.len(), 1);
        assert_eq!(found.gaps[0].reason, Reason::FactsCut);
        assert_eq!(
            found.gaps[0].detail,
            "1000 beyond 2000 facts of the document"
        );
    }
}
