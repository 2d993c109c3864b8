//! The title of a page, put together from the parts in which a stream brings it.
//!
//! Owns that only the first title counts, its bound and its cleaning. Which elements are titles is decided
//! where the page is read.

use super::references::{Place, decode};
use crate::model::clean_text;

/// How much of a title is kept: an unclosed `<title>` takes the whole page in.
const KEPT_BYTES: usize = 4096;

/// The first title of a page, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Title {
    raw: String,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Awaited,
    Open,
    Done,
}

impl Title {
    /// Begins a title, unless there was one.
    pub(super) fn open(&mut self) {
        if self.state == State::Awaited {
            self.state = State::Open;
        }
    }

    /// Adds a part of the open title's text, as written.
    pub(super) fn read(&mut self, part: &str, is_last: bool) {
        if self.state != State::Open {
            return;
        }
        self.raw.push_str(part);
        self.raw.truncate(self.raw.floor_char_boundary(KEPT_BYTES));
        if is_last {
            self.state = State::Done;
        }
    }

    /// Returns the title with its references decoded and its white space collapsed, unless it is empty.
    pub(super) fn cleaned(&self) -> Option<String> {
        let text = decode(&self.raw, Place::Text);
        let words: Vec<_> = text.split_whitespace().collect();
        let title = words.join(" ");
        (!title.is_empty()).then(|| clean_text(&title).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_first_title_are_joined_and_cleaned() {
        let mut title = Title::default();
        title.read("before", true);
        title.open();
        title.read("\n A &am", false);
        title.read("p; B\t\0", true);
        title.open();
        title.read("second", true);
        assert_eq!(title.cleaned().as_deref(), Some("A & B \u{fffd}"));
        assert_eq!(Title::default().cleaned(), None);
    }

    #[test]
    fn an_endless_title_is_bounded() {
        let mut title = Title::default();
        title.open();
        for _ in 0..10_000 {
            title.read("wörd ", false);
        }
        assert!(title.cleaned().unwrap().len() <= KEPT_BYTES);
    }
}
