//! Bars and graphs as inline SVG, drawn with attributes alone so that the policy holds.
//!
//! Colour never stands alone: each part of a bar is named with its count below it, and a graph is told in words
//! for whoever does not see it.

use std::io::{self, Write};

use super::heading;
use super::text::{attribute, text};
use crate::report::{Bar, Bars, Figure, Graph, Node};

/// Units across a bar.
const BAR: i64 = 1000;
/// The least of a part that is not nothing.
const LEAST: i64 = 5;
/// Of a graph: the width of a box, the space between columns, the height of a box and of a row.
const BOX: usize = 212;
const BETWEEN: usize = 78;
const HEIGHT: usize = 46;
const ROW: usize = 62;
/// Characters that a box has room for in its two lines.
const NAME_ROOM: usize = 28;
const DETAIL_ROOM: usize = 33;

/// Writes figures one after the other; `prefix` keeps their ids apart from others of the page.
pub(super) fn write_all(figures: &[Figure], prefix: &str, out: &mut dyn Write) -> io::Result<()> {
    for (number, figure) in (1..).zip(figures) {
        let (title, question) = match figure {
            Figure::Bars(bars) => (bars.title, bars.question),
            Figure::Graph(graph) => (graph.title, graph.question),
        };
        let label = format!("{prefix}f{number}");
        writeln!(
            out,
            "<section aria-labelledby=\"{label}\"><h2 id=\"{label}\">{}</h2>\n<p class=\"muted\">{}</p>",
            text(&heading(title)),
            text(question)
        )?;
        match figure {
            Figure::Bars(bars) => write_bars(bars, out)?,
            Figure::Graph(graph) => write_graph(graph, &label, out)?,
        }
        out.write_all(b"</section>\n")?;
    }
    Ok(())
}

fn write_bars(bars: &Bars, out: &mut dyn Write) -> io::Result<()> {
    if bars.bars.is_empty() {
        return writeln!(out, "<p class=\"muted\">{}</p>", text(bars.empty));
    }
    let longest = bars.bars.iter().map(total).max().unwrap_or(0);
    out.write_all(b"<ul class=\"bars\">\n")?;
    for bar in &bars.bars {
        let whole = if bars.compares { longest } else { total(bar) };
        write!(
            out,
            "<li><h3>{}<span class=\"count\">{}</span></h3>",
            text(&bar.label),
            total(bar)
        )?;
        write_bar(bar, whole, out)?;
        out.write_all(b"<p class=\"parts\">")?;
        let parts = bar.parts.iter().filter(|part| part.count > 0);
        for part in parts {
            let (name, class) = (text(&part.name), class(&part.name));
            write!(
                out,
                "<span><i class=\"{class}\"></i>{name} <strong>{}</strong></span>",
                part.count
            )?;
        }
        if total(bar) == 0 {
            out.write_all(b"nothing")?;
        }
        out.write_all(b"</p></li>\n")?;
    }
    out.write_all(b"</ul>\n")
}

fn total(bar: &Bar) -> i64 {
    bar.parts.iter().map(|part| part.count.max(0)).sum()
}

fn write_bar(bar: &Bar, whole: i64, out: &mut dyn Write) -> io::Result<()> {
    let said: Vec<String> = bar
        .parts
        .iter()
        .filter(|part| part.count > 0)
        .map(|part| format!("{} {}", part.count, part.name))
        .collect();
    let said = format!(
        "{}: {}",
        bar.label,
        if said.is_empty() {
            "nothing".to_owned()
        } else {
            said.join(", ")
        }
    );
    write!(
        out,
        "<svg class=\"bar\" viewBox=\"0 0 {BAR} 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"ground\" width=\"{BAR}\" height=\"10\"/>",
        attribute(&said)
    )?;
    let mut at = 0;
    for (part, width) in bar.parts.iter().zip(widths(bar, whole)) {
        if width > 0 {
            // A unit apart, so that neighbours are told from each other without their colours.
            let drawn = (width - 2).max(2);
            let class = class(&part.name);
            write!(
                out,
                "<rect class=\"{class}\" x=\"{at}\" width=\"{drawn}\" height=\"10\"/>"
            )?;
            at += width;
        }
    }
    out.write_all(b"</svg>")
}

/// Divides a bar; a small part is seen, at the cost of the largest.
fn widths(bar: &Bar, whole: i64) -> Vec<i64> {
    let share = |count: i64| {
        let exact = i128::from(count) * i128::from(BAR) / i128::from(whole.max(1));
        exact as i64
    };
    let mut widths: Vec<i64> = bar
        .parts
        .iter()
        .map(|part| {
            if part.count > 0 {
                share(part.count).max(LEAST)
            } else {
                0
            }
        })
        .collect();
    let room = share(total(bar)).max(LEAST);
    let excess = widths.iter().sum::<i64>() - room;
    if excess > 0
        && let Some(widest) = widths.iter_mut().max()
    {
        *widest = (*widest - excess).max(LEAST);
    }
    widths
}

/// The class of a part's colour; words that have none of their own share one.
fn class(name: &str) -> &str {
    const KNOWN: [&str; 13] = [
        "new",
        "changed",
        "unchanged",
        "alias",
        "skipped",
        "failed",
        "pending",
        "done",
        "empty",
        "loss",
        "limit",
        "decision",
        "resolved",
    ];
    if KNOWN.contains(&name) {
        name
    } else {
        "decision"
    }
}

fn write_graph(graph: &Graph, label: &str, out: &mut dyn Write) -> io::Result<()> {
    let places = places(&graph.nodes);
    let columns = graph
        .nodes
        .iter()
        .map(|node| node.column + 1)
        .max()
        .unwrap_or(1);
    let rows = places.iter().map(|(_, y)| y / ROW + 1).max().unwrap_or(1);
    let width = columns * (BOX + BETWEEN) - BETWEEN + 2;
    let height = rows * ROW;
    write!(
        out,
        "<div class=\"scroll graph\" role=\"region\" aria-labelledby=\"{label}\" tabindex=\"0\">\
         <svg width=\"{width}\" height=\"{height}\" viewBox=\"-1 -1 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{label} {label}-d\"><desc id=\"{label}-d\">"
    )?;
    for (from, to, what) in &graph.edges {
        if let (Some(from), Some(to)) = (graph.nodes.get(*from), graph.nodes.get(*to)) {
            write!(
                out,
                "{} {} {}. ",
                text(&from.name),
                text(what),
                text(&to.name)
            )?;
        }
    }
    out.write_all(b"</desc>\n")?;
    for (from, to, what) in &graph.edges {
        if let (Some(from), Some(to)) = (places.get(*from), places.get(*to)) {
            write_edge(*from, *to, what, out)?;
        }
    }
    for (node, (x, y)) in graph.nodes.iter().zip(&places) {
        writeln!(
            out,
            "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{HEIGHT}\" rx=\"4\"/>\
             <text x=\"{}\" y=\"{}\">{}</text><text class=\"detail\" x=\"{}\" y=\"{}\">{}</text></g>",
            text(&format!("{} {}", node.name, node.detail)),
            x + 10,
            y + 19,
            text(&short(&node.name, NAME_ROOM)),
            x + 10,
            y + 36,
            text(&short(&node.detail, DETAIL_ROOM))
        )?;
    }
    out.write_all(b"</svg></div>\n")
}

/// Stands the nodes of each column below each other.
fn places(nodes: &[Node]) -> Vec<(usize, usize)> {
    let mut filled: Vec<usize> = Vec::new();
    nodes
        .iter()
        .map(|node| {
            if filled.len() <= node.column {
                filled.resize(node.column + 1, 0);
            }
            let row = filled[node.column];
            filled[node.column] += 1;
            (node.column * (BOX + BETWEEN), row * ROW)
        })
        .collect()
}

fn write_edge(
    (from_x, from_y): (usize, usize),
    (to_x, to_y): (usize, usize),
    what: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (start, end) = (from_x + BOX, to_x);
    let (above, below) = (from_y + HEIGHT / 2, to_y + HEIGHT / 2);
    let middle = usize::midpoint(start, end);
    writeln!(
        out,
        "<path d=\"M{start} {above}C{middle} {above} {middle} {below} {end} {below}\"/>\
         <path class=\"tip\" d=\"M{end} {below}l-7 -4v8z\"/>\
         <text class=\"edge\" x=\"{}\" y=\"{}\">{}</text>",
        end.saturating_sub(10),
        below.saturating_sub(6),
        text(what)
    )
}

/// Shortens what a box has no room for, in the middle: both ends of an address tell it from others.
fn short(whole: &str, room: usize) -> String {
    let count = whole.chars().count();
    if count <= room {
        return whole.to_owned();
    }
    let head: String = whole.chars().take(room / 3).collect();
    let tail: String = whole.chars().skip(count - (room - room / 3 - 1)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Part;

    fn bar(counts: &[(&str, i64)]) -> Bar {
        let part = |(name, count): &(&str, i64)| Part {
            name: (*name).to_owned(),
            count: *count,
        };
        Bar {
            label: "job 1".to_owned(),
            parts: counts.iter().map(part).collect(),
        }
    }

    #[test]
    fn every_part_is_seen_and_the_bar_is_as_long_as_it_counts() {
        for (counts, whole, expected) in [
            (&[("new", 1), ("failed", 1)][..], 2, vec![500, 500]),
            (&[("new", 999_999), ("failed", 1)], 1_000_000, vec![995, 5]),
            (
                &[("new", 5), ("alias", 0), ("failed", 5)],
                20,
                vec![250, 0, 250],
            ),
            (&[("new", 0)], 0, vec![0]),
            (
                &[("new", i64::MAX / 4), ("failed", i64::MAX / 4)],
                i64::MAX / 4 * 2,
                vec![500, 500],
            ),
        ] {
            assert_eq!(widths(&bar(counts), whole), expected, "{counts:?}");
        }
    }

    #[test]
    fn what_is_seen_is_told_in_words() {
        let bars = Bars {
            title: "jobs",
            question: "How far?",
            empty: "No job.",
            compares: false,
            bars: vec![bar(&[("new", 18), ("<b>", 3), ("alias", 0)])],
        };
        let mut out = Vec::new();
        write_all(&[Figure::Bars(bars)], "", &mut out).unwrap();
        let html = String::from_utf8(out).unwrap();
        assert!(
            html.contains("aria-label=\"job 1: 18 new, 3 &lt;b&gt;\""),
            "{html}"
        );
        assert!(
            html.contains("<i class=\"decision\"></i>&lt;b&gt; <strong>3</strong>"),
            "{html}"
        );
        assert!(!html.contains("alias"), "{html}");
    }

    #[test]
    fn long_names_keep_both_ends() {
        let long = format!("https://example.org/{}/end.html", "x".repeat(100));
        let shown = short(&long, NAME_ROOM);
        assert_eq!(shown.chars().count(), NAME_ROOM);
        assert!(
            shown.starts_with("https://") && shown.ends_with("/end.html"),
            "{shown}"
        );
    }
}
