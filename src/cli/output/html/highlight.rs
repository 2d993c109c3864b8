//! A text with the places marked that name an entity or hold a value.
//!
//! Places may overlap in any way: the text is cut at every place's ends, each piece is marked once, and says all
//! that it stands for. A mark leads to its row in the table of evidence; nothing of the text is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::text::{attribute, text};
use crate::report::SpanLine;

/// A piece under more places than this says how many more there are.
const SAID: usize = 6;

/// Writes `whole` with its places marked, each leading to `#{evidence}-{row}`.
pub(super) fn write(
    whole: &str,
    spans: &[SpanLine],
    evidence: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"<div class=\"text\">")?;
    for piece in pieces(whole, spans) {
        let shown = text(&whole[piece.start..piece.end]);
        let Some(innermost) = innermost(&piece, spans) else {
            write_parts(&shown, out)?;
            continue;
        };
        let family = family(&spans[innermost].kind);
        write!(
            out,
            "<a class=\"m {family}\" href=\"#{evidence}-{}\" aria-description=\"",
            innermost + 1
        )?;
        write_parts(&attribute(&said(&piece, spans)), out)?;
        out.write_all(b"\">")?;
        write_parts(&shown, out)?;
        out.write_all(b"</a>")?;
    }
    out.write_all(b"</div>\n")
}

/// Writes what the marks of a text mean, each type with its count.
pub(super) fn write_legend(spans: &[SpanLine], out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for span in spans {
        *counts.entry(&span.kind).or_default() += 1;
    }
    if counts.is_empty() {
        return Ok(());
    }
    out.write_all(b"<ul class=\"legend\" aria-label=\"What is marked\">")?;
    for (kind, count) in counts {
        write!(
            out,
            "<li><span class=\"m {}\">{}</span><span class=\"count\">{count}</span></li>",
            family(kind),
            text(kind)
        )?;
    }
    out.write_all(b"</ul>\n")
}

/// A part of a text that the same places cover all of.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    /// Indices of the places.
    under: Vec<usize>,
}

/// Cuts a text at the ends of all places; what is no place in it is passed over.
fn pieces(whole: &str, spans: &[SpanLine]) -> Vec<Piece> {
    let mut begins: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut ends: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut cuts: BTreeSet<usize> = BTreeSet::from([0, whole.len()]);
    for (index, span) in spans.iter().enumerate() {
        let place = (usize::try_from(span.start), usize::try_from(span.end));
        let (Ok(start), Ok(end)) = place else {
            continue;
        };
        if start < end && whole.get(start..end).is_some() {
            cuts.extend([start, end]);
            begins.entry(start).or_default().push(index);
            ends.entry(end).or_default().push(index);
        }
    }
    let mut under: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        for ended in ends.get(start).into_iter().flatten() {
            under.remove(ended);
        }
        under.extend(begins.get(start).into_iter().flatten());
        found.push(Piece {
            start: *start,
            end: *end,
            // More are not said, and a text under thousands of places is not to cost their square.
            under: under.iter().rev().take(SAID + 1).copied().collect(),
        });
    }
    found
}

/// The shortest of the places over a piece, which says most exactly what it is; of equal ones a known type.
fn innermost(piece: &Piece, spans: &[SpanLine]) -> Option<usize> {
    let rank = |index: &&usize| {
        let span = &spans[**index];
        (span.end - span.start, family(&span.kind) == "other")
    };
    piece.under.iter().min_by_key(rank).copied()
}

/// Says what a piece stands for: `money: 1200 USD; offer.price: 1200`.
fn said(piece: &Piece, spans: &[SpanLine]) -> String {
    let mut parts: Vec<String> = piece
        .under
        .iter()
        .take(SAID)
        .map(|index| {
            let SpanLine { kind, value, .. } = &spans[*index];
            // What a long value is stands in the text itself, and whole in the table.
            match value.char_indices().nth(80) {
                Some((cut, _)) => format!("{kind}: {}…", &value[..cut]),
                None => format!("{kind}: {value}"),
            }
        })
        .collect();
    parts.reverse();
    if piece.under.len() > SAID {
        parts.push("and more".to_owned());
    }
    parts.join("; ")
}

/// The colour of a type; types of a profile, whose words are its own, share one.
fn family(kind: &str) -> &'static str {
    match kind {
        "date" | "time" | "datetime" | "date_range" | "time_range" | "datetime_range"
        | "duration" | "set" => "time",
        "age" | "limit" | "money" | "number" | "ordinal" | "percentage" | "pricing"
        | "quantity" | "temperature" => "amount",
        "email" | "handle" | "hashtag" | "ip" | "phone" | "url" => "contact",
        "card" | "cve" | "digest" | "doi" | "guid" | "iban" | "isbn" | "issn" | "orcid"
        | "version" => "code",
        "feature" | "organization" | "person" | "place" | "plan" | "product" => "name",
        _ => "other",
    }
}

/// Writes a long text in parts, as the other formats write rows.
fn write_parts(text: &str, out: &mut dyn Write) -> io::Result<()> {
    text.as_bytes()
        .chunks(8 << 10)
        .try_for_each(|part| out.write_all(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64, kind: &str, value: &str) -> SpanLine {
        SpanLine {
            start,
            end,
            kind: kind.to_owned(),
            surface: String::new(),
            value: value.to_owned(),
            score: None,
            found_by: String::new(),
            locator: None,
        }
    }

    fn highlighted(whole: &str, spans: &[SpanLine]) -> String {
        let mut out = Vec::new();
        write(whole, spans, "e1", &mut out).unwrap();
        String::from_utf8(out)
            .unwrap()
            .replace("<div class=\"text\">", "")
            .replace("</div>\n", "")
    }

    #[test]
    fn places_that_overlap_are_marked_piece_by_piece() {
        // "ab" and "bc" cross, "b" lies in both; a place outside the text and one inside a character are none.
        let spans = [
            span(0, 2, "money", "1"),
            span(1, 3, "date", "2"),
            span(1, 2, "x", "\"3\""),
            span(2, 99, "url", "4"),
            span(4, 5, "url", "5"),
            span(-1, 1, "url", "6"),
            span(2, 2, "url", "7"),
        ];
        assert_eq!(
            highlighted("abc<é", &spans),
            "<a class=\"m amount\" href=\"#e1-1\" aria-description=\"money: 1\">a</a>\
             <a class=\"m other\" href=\"#e1-3\" aria-description=\"money: 1; date: 2; x: &quot;3&quot;\">b</a>\
             <a class=\"m time\" href=\"#e1-2\" aria-description=\"date: 2\">c</a>&lt;é"
        );
    }

    #[test]
    fn a_text_under_very_many_places_stays_linear() {
        let count = 20_000;
        let whole = "x".repeat(2 * count);
        let spans: Vec<_> = (0..count)
            .map(|at| span(at as i64, (2 * count - at) as i64, "date", "1"))
            .collect();
        let shown = highlighted(&whole, &spans);
        assert!(shown.len() < 300 * 2 * count, "{}", shown.len());
        assert!(shown.contains("and more"));
    }

    #[test]
    fn the_text_is_whole_without_any_place() {
        assert_eq!(highlighted("a\n\n<b>", &[]), "a\n\n&lt;b&gt;");
        assert_eq!(highlighted("", &[]), "");
    }
}
