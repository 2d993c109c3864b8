//! Content streams: what a page shows, in the order in which it is painted (ISO 32000-2, 8 and 9).
//!
//! Follows the state that text depends on and leaves out all that is drawn. A form is read where it is painted, so
//! that a few bytes may ask for more than any reader can do: the budget of steps is one for the whole file.

use std::collections::HashMap;
use std::rc::Rc;

use super::file::{File, Stream};
use super::font::Font;
use super::glyphs::GlyphNames;
use super::lines::Lines;
use super::object::{Dictionary, Lexer, Object};
use super::state::{Marks, Matrix, SAME, STATE_LIMIT, State, go_on, place, size, times};

/// Operators and codes that are read of one file.
const STEP_LIMIT: usize = 20_000_000;

/// Bytes of text of one file.
const TEXT_LIMIT: usize = 48 << 20;

/// Forms that are painted within forms.
const FORM_DEPTH: usize = 12;

/// Operands of one operator.
const OPERAND_LIMIT: usize = 4096;

/// Entries of the fonts that are kept.
const FONT_ENTRIES: usize = 1_000_000;

/// Bytes of content that cost a step to have, whatever they hold.
const BYTES_OF_STEP: usize = 16;

/// What of a page is no text.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) pictures: usize,
    /// Glyphs that nothing tells the text of.
    pub(super) unknown: usize,
    pub(super) known: usize,
    /// Why the page was not read to its end.
    pub(super) fault: Option<&'static str>,
    pub(super) is_cut: bool,
}

/// Reads the pages of one file.
pub(super) struct Painter<'f, 'b> {
    file: &'f File<'b>,
    names: GlyphNames,
    /// By the number of their object.
    fonts: HashMap<u32, Rc<Font>>,
    /// What they hold together.
    font_entries: usize,
    left: usize,
    room: usize,
}

/// One page while it is read.
struct Page<'p> {
    lines: &'p mut Lines,
    seen: &'p mut Seen,
}

impl<'f, 'b> Painter<'f, 'b> {
    pub(super) fn new(file: &'f File<'b>) -> Self {
        Self {
            file,
            names: GlyphNames::default(),
            fonts: HashMap::new(),
            font_entries: 0,
            left: STEP_LIMIT,
            room: TEXT_LIMIT,
        }
    }

    /// Reads what a page shows: its content, then what is filled in on it.
    pub(super) fn page(&mut self, page: &Dictionary, resources: &Dictionary) -> (Lines, Seen) {
        let (mut lines, mut seen) = (Lines::default(), Seen::default());
        let mut content = Vec::new();
        let mut to = Page {
            lines: &mut lines,
            seen: &mut seen,
        };
        let parts = match page.get("Contents") {
            Some(one @ Object::Reference(_)) => match self.file.resolved(one) {
                Object::Array(parts) => parts,
                _ => vec![one.clone()],
            },
            Some(Object::Array(parts)) => parts.clone(),
            _ => Vec::new(),
        };
        for part in &parts {
            match self.file.stream(part) {
                Some(stream) => {
                    content.extend(self.bytes(&stream, &mut to));
                    content.push(b'\n');
                }
                None => to.fault("a part of the page is missing", false),
            }
        }
        self.run(&content, resources, SAME, 0, &mut to);
        self.annotations(page, &mut to);
        (lines, seen)
    }

    fn bytes(&mut self, stream: &Stream<'_>, to: &mut Page<'_>) -> Vec<u8> {
        let content = self.file.content(stream);
        self.left = self
            .left
            .saturating_sub(content.bytes.len() / BYTES_OF_STEP);
        if let Some(fault) = content.fault {
            to.fault(fault, content.is_cut);
        }
        content.bytes
    }

    /// Reads fields that are filled in, and text that was written onto the page.
    fn annotations(&mut self, page: &Dictionary, to: &mut Page<'_>) {
        /// Bits 2 and 6 of the flags: hidden, and not to be seen.
        const HIDDEN: u32 = 0b10_0010;
        let all = self.file.get(page, "Annots");
        for one in all.array().unwrap_or_default().iter().take(OPERAND_LIMIT) {
            let one = self.file.resolved(one);
            let Some(one) = one.dictionary() else {
                continue;
            };
            let kind = self.file.get(one, "Subtype");
            let flags = self.file.number(one, "F").unwrap_or(0.0) as u32;
            if !matches!(kind.name(), Some("Widget" | "FreeText")) || flags & HIDDEN != 0 {
                continue;
            }
            let shown = self.file.dictionary(one, "AP");
            let Some(normal) = shown.as_ref().and_then(|shown| shown.get("N")) else {
                continue;
            };
            // A button has an appearance for each of its states.
            let state = self.file.get(one, "AS");
            let of_state = match self.file.resolved(normal) {
                Object::Dictionary(states)
                    if self
                        .file
                        .stream(normal)
                        .is_none_or(|_| state.name().is_some()) =>
                {
                    state.name().and_then(|name| states.get(name).cloned())
                }
                _ => None,
            };
            to.lines.end_line();
            let place = self.file.numbers(one, "Rect");
            let at = [
                1.0,
                0.0,
                0.0,
                1.0,
                place.first().copied().unwrap_or(0.0),
                place.get(1).copied().unwrap_or(0.0),
            ];
            self.form(
                of_state.as_ref().unwrap_or(normal),
                &Dictionary::new(),
                at,
                0,
                to,
            );
        }
    }

    fn form(
        &mut self,
        value: &Object,
        resources: &Dictionary,
        page: Matrix,
        depth: usize,
        to: &mut Page<'_>,
    ) {
        let Some(stream) = self.file.stream(value) else {
            return;
        };
        if self.file.get(&stream.dictionary, "Subtype").name() == Some("Image") {
            to.seen.pictures += 1;
            return;
        }
        if depth >= FORM_DEPTH {
            to.fault("forms are painted within forms without end", true);
            return;
        }
        let matrix = self.file.numbers(&stream.dictionary, "Matrix");
        let matrix = Matrix::try_from(matrix).unwrap_or(SAME);
        let own = self.file.dictionary(&stream.dictionary, "Resources");
        let bytes = self.bytes(&stream, to);
        self.run(
            &bytes,
            own.as_deref().unwrap_or(resources),
            times(matrix, page),
            depth + 1,
            to,
        );
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        page: Matrix,
        depth: usize,
        to: &mut Page<'_>,
    ) {
        let mut lexer = Lexer::of_content(content, 0);
        let mut state = State::new(page);
        let (mut kept, mut marks) = (Vec::new(), Marks::default());
        let mut operands: Vec<Object> = Vec::new();
        // Where the next glyph goes, and where the line began.
        let (mut at, mut line) = (SAME, SAME);
        while let Some(object) = lexer.next() {
            let Object::Word(operator) = object else {
                if operands.len() < OPERAND_LIMIT {
                    operands.push(object);
                }
                continue;
            };
            if self.left == 0 {
                to.fault("the file asks for more than is done for one", true);
                return;
            }
            self.left -= 1;
            let number = |ordinal: usize| {
                operands
                    .get(ordinal)
                    .and_then(Object::number)
                    .unwrap_or(0.0)
            };
            let matrix = || {
                [
                    number(0),
                    number(1),
                    number(2),
                    number(3),
                    number(4),
                    number(5),
                ]
            };
            match operator.as_str() {
                "q" if kept.len() < STATE_LIMIT => kept.push(state.clone()),
                "Q" => state = kept.pop().unwrap_or(state),
                "cm" => state.page = times(matrix(), state.page),
                "BT" => (at, line) = (SAME, SAME),
                "Tc" => state.between_glyphs = number(0),
                "Tw" => state.between_words = number(0),
                "Tz" => state.stretch = number(0) / 100.0,
                "TL" => state.leading = number(0),
                "Ts" => state.rise = number(0),
                "Tf" => {
                    let name = operands.first().and_then(Object::name);
                    state.font = name.and_then(|name| self.font(resources, name));
                    state.size = number(1);
                }
                "Td" | "TD" => {
                    if operator == "TD" {
                        state.leading = -number(1);
                    }
                    line = times([1.0, 0.0, 0.0, 1.0, number(0), number(1)], line);
                    at = line;
                }
                "Tm" => {
                    line = matrix();
                    at = line;
                }
                "T*" | "'" | "\"" => {
                    if operator == "\"" {
                        (state.between_words, state.between_glyphs) = (number(0), number(1));
                    }
                    line = times([1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], line);
                    at = line;
                    if let Some(Object::Text(text)) = operands.last() {
                        self.show(text, &state, &mut at, &mut marks, to);
                    }
                }
                "Tj" => {
                    if let Some(Object::Text(text)) = operands.first() {
                        self.show(text, &state, &mut at, &mut marks, to);
                    }
                }
                "TJ" => {
                    for item in operands.first().and_then(Object::array).unwrap_or_default() {
                        match item {
                            Object::Text(text) => self.show(text, &state, &mut at, &mut marks, to),
                            Object::Number(back) => {
                                go_on(&mut at, &state, -back / 1000.0 * state.size);
                            }
                            _ => {}
                        }
                    }
                }
                "Do" => {
                    let name = operands.first().and_then(Object::name);
                    let all = self.file.dictionary(resources, "XObject");
                    let value = all.zip(name).and_then(|(all, name)| all.get(name).cloned());
                    if let Some(value) = value {
                        self.form(&value, resources, state.page, depth, to);
                    }
                }
                "BI" => {
                    to.seen.pictures += 1;
                    skip_picture(content, &mut lexer);
                }
                "BDC" => marks.begin(self.actual_text(&operands, resources)),
                "BMC" => marks.begin(None),
                "EMC" => marks.end(),
                _ => {}
            }
            operands.clear();
        }
    }

    fn font(&mut self, resources: &Dictionary, name: &str) -> Option<Rc<Font>> {
        let fonts = self.file.dictionary(resources, "Font")?;
        let value = fonts.get(name)?;
        if let Object::Reference(number) = value
            && let Some(found) = self.fonts.get(number)
        {
            return Some(Rc::clone(found));
        }
        let described = self.file.resolved(value);
        let font = Rc::new(Font::read(self.file, described.dictionary()?, &self.names));
        if let Object::Reference(number) = value {
            self.font_entries += font.entries();
            if self.font_entries > FONT_ENTRIES {
                self.fonts.clear();
                self.font_entries = font.entries();
            }
            self.fonts.insert(*number, Rc::clone(&font));
        }
        Some(font)
    }

    /// Returns the text that a marked stretch is to be read as, whatever its glyphs are (14.9.4).
    fn actual_text(&self, operands: &[Object], resources: &Dictionary) -> Option<String> {
        let described = match operands.get(1)? {
            Object::Dictionary(described) => described.clone(),
            Object::Name(name) => {
                let all = self.file.dictionary(resources, "Properties")?;
                self.file.dictionary(&all, name)?.into_owned()
            }
            _ => return None,
        };
        let text = self.file.get(&described, "ActualText");
        Some(super::encoding::text_string(text.text()?))
    }

    fn show(
        &mut self,
        codes: &[u8],
        state: &State,
        at: &mut Matrix,
        marks: &mut Marks,
        to: &mut Page<'_>,
    ) {
        let Some(font) = &state.font else { return };
        let mut rest = codes;
        let is_pair = codes.len() == 2;
        while !rest.is_empty() && self.left > 0 {
            self.left -= 1;
            let glyph = font.first(rest);
            rest = &rest[glyph.length..];
            let mut advance = glyph.width * state.size + state.between_glyphs;
            if glyph.is_space {
                advance += state.between_words;
            }
            let start = place(at, state);
            let size = size(at, state);
            if font.is_vertical {
                let down = -(state.size + state.between_glyphs);
                *at = times([1.0, 0.0, 0.0, 1.0, 0.0, down], *at);
            } else {
                go_on(at, state, advance);
            }
            let mut end = place(at, state);
            // Some programs write the space between two words so; three glyphs and more are set wide.
            if is_pair && !font.is_vertical {
                let mut bare = *at;
                go_on(&mut bare, state, -state.between_glyphs);
                end = place(&bare, state);
            }
            let text = match marks.instead() {
                Some(text) => Some(text),
                None => glyph.text,
            };
            match text {
                Some(text) if text.len() > self.room => {
                    self.left = 0;
                    to.fault("its text is longer than is kept of one file", true);
                }
                Some(text) => {
                    self.room -= text.len();
                    to.seen.known += 1;
                    to.lines.add(&text, start, end, size);
                }
                None => to.seen.unknown += 1,
            }
        }
    }
}

impl Page<'_> {
    fn fault(&mut self, fault: &'static str, is_cut: bool) {
        self.seen.is_cut |= is_cut;
        self.seen.fault.get_or_insert(fault);
    }
}

/// Goes behind a picture that stands in the content: its bytes are no operators.
fn skip_picture(content: &[u8], lexer: &mut Lexer<'_>) {
    while let Some(object) = lexer.next() {
        if matches!(&object, Object::Word(word) if word == "ID") {
            break;
        }
    }
    let mut from = lexer.at.min(content.len());
    while let Some(found) = memchr::memmem::find(&content[from..], b"EI") {
        let end = from + found;
        let is_space = |at: usize| content.get(at).is_none_or(u8::is_ascii_whitespace);
        // The two letters may be bytes of the picture: what follows an operator is text.
        let after = &content[end + 2..content.len().min(end + 12)];
        let is_text = after
            .iter()
            .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
        if end > 0 && is_space(end - 1) && is_space(end + 2) && is_text {
            lexer.at = end + 2;
            return;
        }
        from = end + 2;
    }
    lexer.at = content.len();
}
