//! What text on a page depends on: where and how large it is set, and the stretches that are to be read as another.

use std::rc::Rc;

use super::font::Font;

/// States that are kept to go back to.
pub(super) const STATE_LIMIT: usize = 256;

/// `[a b c d e f]`: where a point of one system of coordinates is in another.
pub(super) type Matrix = [f64; 6];

pub(super) const SAME: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

pub(super) fn times(one: Matrix, two: Matrix) -> Matrix {
    [
        one[0] * two[0] + one[1] * two[2],
        one[0] * two[1] + one[1] * two[3],
        one[2] * two[0] + one[3] * two[2],
        one[2] * two[1] + one[3] * two[3],
        one[4] * two[0] + one[5] * two[2] + two[4],
        one[4] * two[1] + one[5] * two[3] + two[5],
    ]
}

/// What text depends on and a page may go back to.
#[derive(Clone)]
pub(super) struct State {
    pub(super) page: Matrix,
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f64,
    pub(super) between_glyphs: f64,
    pub(super) between_words: f64,
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
}

impl State {
    pub(super) fn new(page: Matrix) -> Self {
        Self {
            page,
            font: None,
            size: 0.0,
            between_glyphs: 0.0,
            between_words: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Goes on along the line by what the font's units come to.
pub(super) fn go_on(at: &mut Matrix, state: &State, by: f64) {
    *at = times([1.0, 0.0, 0.0, 1.0, by * state.stretch, 0.0], *at);
}

/// Returns where the next glyph stands on the page.
pub(super) fn place(at: &Matrix, state: &State) -> (f64, f64) {
    let at = times([1.0, 0.0, 0.0, 1.0, 0.0, state.rise], *at);
    let at = times(at, state.page);
    (at[4], at[5])
}

/// Returns how large it is there.
pub(super) fn size(at: &Matrix, state: &State) -> f64 {
    let at = times(*at, state.page);
    (at[2].hypot(at[3]) * state.size).abs()
}

/// Marked stretches that are open, and the text to be read instead of their glyphs.
#[derive(Debug, Default)]
pub(super) struct Marks {
    open: Vec<bool>,
    /// The text, until its first glyph is shown.
    text: Option<String>,
    instead: usize,
}

impl Marks {
    pub(super) fn begin(&mut self, text: Option<String>) {
        let has_text = text.is_some() && self.instead == 0;
        if self.open.len() < STATE_LIMIT {
            self.open.push(has_text);
        }
        if has_text {
            self.instead += 1;
            self.text = text;
        }
    }

    pub(super) fn end(&mut self) {
        if self.open.pop() == Some(true) {
            self.instead -= 1;
            self.text = None;
        }
    }

    /// Returns what is read in place of the next glyph: all at the first, nothing at the others.
    pub(super) fn instead(&mut self) -> Option<String> {
        (self.instead > 0).then(|| self.text.take().unwrap_or_default())
    }
}
