//! Lines and paragraphs of a page, put together from where its glyphs stand.
//!
//! Knows no PDF: glyphs come in the order in which they are painted, which is that of reading in nearly every file,
//! and it is kept.

/// Spaces between words are at least this wide, in sizes of the font.
const WORD_GAP: f64 = 0.1;

/// What is further away stands in another column or cell.
const COLUMN_GAP: f64 = 2.5;

/// How far a line may be off its height: what is raised or lowered belongs to it.
const RAISED: f64 = 0.5;

/// Lines of one paragraph are no further apart than this.
const LINE_GAP: f64 = 1.75;

/// Glyphs along one baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    start: (f64, f64),
    end: (f64, f64),
    direction: (f64, f64),
    /// Of its largest glyph.
    pub(super) size: f64,
}

/// A stretch of text that is set as one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paragraph {
    pub(super) text: String,
    pub(super) size: f64,
    pub(super) is_list_item: bool,
}

/// Lines so far.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    is_ended: bool,
}

fn along(vector: (f64, f64), direction: (f64, f64)) -> f64 {
    vector.0 * direction.0 + vector.1 * direction.1
}

/// How far to the left of the direction, which is up.
fn across(vector: (f64, f64), direction: (f64, f64)) -> f64 {
    vector.1 * direction.0 - vector.0 * direction.1
}

fn between(from: (f64, f64), to: (f64, f64)) -> (f64, f64) {
    (to.0 - from.0, to.1 - from.1)
}

impl Lines {
    /// Begins a new line, wherever the next glyph stands.
    pub(super) fn end_line(&mut self) {
        self.is_ended = true;
    }

    /// Adds a glyph that shows `text` from one point of the page to another.
    pub(super) fn add(&mut self, text: &str, start: (f64, f64), end: (f64, f64), size: f64) {
        if ![start.0, start.1, end.0, end.1, size]
            .iter()
            .all(|value| value.is_finite())
        {
            return;
        }
        let step = between(start, end);
        let length = step.0.hypot(step.1);
        let direction = if length > 1e-6 {
            (step.0 / length, step.1 / length)
        } else {
            self.lines.last().map_or((1.0, 0.0), |line| line.direction)
        };
        if !self.is_ended
            && let Some(line) = self.lines.last_mut()
            && let Some(gap) = line.gap(start, direction, size)
        {
            let ends_in_space = line.text.ends_with(char::is_whitespace);
            if gap > COLUMN_GAP {
                line.text.push('\t');
            } else if gap > WORD_GAP && !ends_in_space && !text.starts_with(char::is_whitespace) {
                line.text.push(' ');
            }
            push(&mut line.text, text);
            line.end = end;
            line.size = line.size.max(size);
            return;
        }
        // A space that begins a line is left over from the one before.
        if text.trim().is_empty() {
            return;
        }
        self.drop_repeated();
        self.is_ended = false;
        let mut line = Line {
            text: String::new(),
            start,
            end,
            direction,
            size,
        };
        push(&mut line.text, text);
        self.lines.push(line);
    }

    /// Takes the last line away when it is the one before again: what is painted twice, a little aside, is bold.
    fn drop_repeated(&mut self) {
        if let [.., before, last] = self.lines.as_slice() {
            let apart = between(before.start, last.start);
            let is_near = apart.0.hypot(apart.1) < 0.2 * last.size;
            if is_near && before.text == last.text {
                self.lines.pop();
            }
        }
    }

    /// Returns the paragraphs that the lines make.
    pub(super) fn paragraphs(mut self) -> Vec<Paragraph> {
        self.drop_repeated();
        self.lines.retain(|line| !line.text.trim().is_empty());
        let right = right_edges(&self.lines);
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let goes_on = at > 0 && follows(&self.lines[at - 1], line, right[at - 1]);
            if let Some(paragraph) = paragraphs.last_mut().filter(|_| goes_on) {
                join(&mut paragraph.text, line.text.trim());
                continue;
            }
            let text = line.text.trim();
            let item = without_mark(text);
            paragraphs.push(Paragraph {
                text: item.unwrap_or(text).to_owned(),
                size: line.size,
                is_list_item: item.is_some(),
            });
        }
        paragraphs
    }
}

impl Line {
    /// Returns how far behind the line's end `start` is, in sizes; `None` when it begins another line.
    fn gap(&self, start: (f64, f64), direction: (f64, f64), size: f64) -> Option<f64> {
        let same_way = along(self.direction, direction) > 0.9;
        let scale = self.size.max(size).max(1e-6);
        let step = between(self.end, start);
        let ahead = along(step, self.direction) / scale;
        let off = across(step, self.direction) / scale;
        // A glyph may begin a little before the last one ends, and no further.
        (same_way && off.abs() < RAISED && (-1.0..40.0).contains(&ahead)).then_some(ahead)
    }

    /// Says whether it is a row: of cells, or of a title, dots and a page.
    fn is_of_table(&self) -> bool {
        self.text.contains('\t') || self.text.contains(". . .") || self.text.contains(".....")
    }

    fn length(&self) -> f64 {
        along(between(self.start, self.end), self.direction)
    }

    /// Returns how wide its first word is, about.
    fn first_word(&self) -> f64 {
        let text = self.text.trim_start();
        let first = text.split_whitespace().next().unwrap_or_default();
        let of_all = text.chars().count().max(1) as f64;
        // Scripts without spaces break after any character.
        let first = if first.chars().any(is_unspaced) {
            1
        } else {
            first.chars().count()
        };
        self.length() * first as f64 / of_all
    }

    /// Returns how far down `other` is from here, in sizes.
    fn down_to(&self, other: &Line) -> f64 {
        -across(between(self.start, other.start), self.direction)
            / self.size.max(other.size).max(1e-6)
    }

    fn is_like(&self, other: &Line) -> bool {
        let ratio = self.size / other.size.max(1e-6);
        (0.87..1.15).contains(&ratio) && along(self.direction, other.direction) > 0.99
    }

    /// Returns where it starts and ends along the direction.
    fn reach(&self) -> (f64, f64) {
        let start = along(self.start, self.direction);
        (start, start + self.length())
    }
}

/// Returns for each line how far the lines reach that are set together with it.
fn right_edges(lines: &[Line]) -> Vec<f64> {
    let mut edges = Vec::with_capacity(lines.len());
    let mut first = 0;
    for at in 0..lines.len() {
        let is_last = lines.get(at + 1).is_none_or(|next| {
            let down = lines[at].down_to(next);
            let overlaps =
                next.reach().0 < lines[at].reach().1 && lines[at].reach().0 < next.reach().1;
            !(lines[at].is_like(next) && (0.3..2.6).contains(&down) && overlaps)
        });
        if is_last {
            let edge = lines[first..=at]
                .iter()
                .map(|line| line.reach().1)
                .fold(f64::MIN, f64::max);
            edges.resize(at + 1, edge);
            first = at + 1;
        }
    }
    edges
}

/// Says whether a line goes on with the sentence of the one before it.
fn follows(before: &Line, line: &Line, right: f64) -> bool {
    let down = before.down_to(line);
    if !before.is_like(line)
        || !(0.3..LINE_GAP).contains(&down)
        || has_mark(&line.text)
        || before.is_of_table()
    {
        return false;
    }
    let (start, end) = before.reach();
    let next = line.reach().0;
    // The line was broken where the next word had no room.
    let is_full = end + line.first_word() + 0.2 * line.size > right;
    let is_indented = next > start + 0.8 * line.size && !has_mark(&before.text);
    is_full && !is_indented
}

/// Marks that begin nothing but an item of a list.
const MARKS: &[char] = &['•', '◦', '▪', '‣', '·', '●', '■', '□', '✓', '➢'];

/// Marks that may also stand within a sentence.
const DASHES: &[char] = &['-', '*'];

fn has_mark(text: &str) -> bool {
    behind(text.trim_start(), MARKS).is_some()
}

/// Returns what stands behind the mark of a list.
fn without_mark(text: &str) -> Option<&str> {
    behind(text, MARKS).or_else(|| behind(text, DASHES))
}

fn behind<'t>(text: &'t str, marks: &[char]) -> Option<&'t str> {
    let rest = text.strip_prefix(marks)?;
    rest.starts_with([' ', '\t', '\u{a0}'])
        .then(|| rest.trim_start())
}

/// Puts a line behind the one that it goes on with.
fn join(text: &mut String, line: &str) {
    let last = text.chars().next_back();
    let first = line.chars().next();
    let before = text.chars().rev().nth(1);
    match last {
        Some('\u{ad}') => {
            text.pop();
        }
        // A word that is divided goes on in lower case.
        Some('-' | '\u{2010}')
            if before.is_some_and(char::is_alphabetic) && first.is_some_and(char::is_lowercase) =>
        {
            text.pop();
        }
        Some(last) if is_unspaced(last) && first.is_some_and(is_unspaced) => {}
        Some(last) if last.is_whitespace() => {}
        _ => text.push(' '),
    }
    text.push_str(line);
}

/// Says whether a script puts no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// Adds what a glyph shows: a ligature as its letters, and nothing that is no character.
fn push(text: &mut String, glyph: &str) {
    for c in glyph.chars() {
        match c {
            'ﬀ' => text.push_str("ff"),
            'ﬁ' => text.push_str("fi"),
            'ﬂ' => text.push_str("fl"),
            'ﬃ' => text.push_str("ffi"),
            'ﬄ' => text.push_str("ffl"),
            'ﬅ' | 'ﬆ' => text.push_str("st"),
            '\u{a0}' | '\t' | '\r' | '\n' => text.push(' '),
            c if c.is_control() || c == '\u{200b}' => {}
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets words of letters half as wide as they are high.
    fn set(lines: &mut Lines, text: &str, at: (f64, f64), size: f64) {
        let mut x = at.0;
        for word in text.split(' ') {
            for c in word.chars() {
                lines.add(&c.to_string(), (x, at.1), (x + size / 2.0, at.1), size);
                x += size / 2.0;
            }
            x += size / 3.0;
        }
    }

    fn texts(lines: Lines) -> Vec<String> {
        lines.paragraphs().into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn lines_that_were_broken_for_room_are_one_paragraph() {
        let mut lines = Lines::default();
        set(&mut lines, "Tide mills turn with the", (0.0, 100.0), 10.0);
        set(&mut lines, "moon, and wind mills sel-", (0.0, 88.0), 10.0);
        set(&mut lines, "dom do.", (0.0, 76.0), 10.0);
        set(&mut lines, "A new paragraph begins", (15.0, 64.0), 10.0);
        set(&mut lines, "• a mark and a line, long", (0.0, 52.0), 10.0);
        set(&mut lines, "- that goes on", (8.0, 40.0), 10.0);
        assert_eq!(
            texts(lines),
            [
                "Tide mills turn with the moon, and wind mills seldom do.",
                "A new paragraph begins",
                "a mark and a line, long - that goes on",
            ]
        );
    }

    #[test]
    fn short_lines_stand_alone() {
        let mut lines = Lines::default();
        set(&mut lines, "Mill Street 4", (0.0, 100.0), 10.0);
        set(&mut lines, "12345 Harbour", (0.0, 88.0), 10.0);
        set(
            &mut lines,
            "A line that reaches much further to the right",
            (0.0, 76.0),
            10.0,
        );
        assert_eq!(texts(lines).len(), 3);
    }

    #[test]
    fn raised_marks_columns_and_turned_text_are_kept_apart_or_together() {
        let mut lines = Lines::default();
        set(&mut lines, "mill", (0.0, 100.0), 10.0);
        set(&mut lines, "2", (20.0, 104.0), 6.0);
        set(&mut lines, "far", (80.0, 100.0), 10.0);
        assert_eq!(texts(lines), ["mill2\tfar"]);
        let mut lines = Lines::default();
        lines.add("u", (0.0, 0.0), (0.0, 5.0), 10.0);
        lines.add("p", (0.0, 5.0), (0.0, 10.0), 10.0);
        lines.add("ﬁ", (50.0, 5.0), (55.0, 5.0), 10.0);
        assert_eq!(texts(lines), ["up", "fi"]);
    }

    #[test]
    fn what_is_painted_twice_is_read_once() {
        let mut lines = Lines::default();
        set(&mut lines, "bold", (0.0, 100.0), 10.0);
        set(&mut lines, "bold", (0.3, 100.0), 10.0);
        set(&mut lines, "next", (0.0, 80.0), 10.0);
        assert_eq!(texts(lines), ["bold", "next"]);
    }
}
