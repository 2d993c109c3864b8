//! End tags in the body (HTML, 13.2.6.4.7).

use super::{Builder, EndTag, Flow, Mode, NONE, StartTag, Tag};

impl EndTag {
    /// An end tag that the page left out.
    pub(super) fn of(tag: Tag) -> Self {
        Self {
            tag,
            written: super::Span::default(),
        }
    }
}

impl Builder<'_> {
    pub(super) fn end_in_body(&mut self, token: EndTag) -> Flow {
        let tag = token.tag;
        match tag {
            Tag::Template => return self.end_in_head(token),
            Tag::Body => {
                if self.stack.has(Tag::Body) {
                    self.mode = Mode::AfterBody;
                }
            }
            Tag::Html => {
                if self.stack.has(Tag::Body) {
                    self.mode = Mode::AfterBody;
                    return Flow::Again;
                }
            }
            Tag::Address
            | Tag::Article
            | Tag::Aside
            | Tag::Blockquote
            | Tag::Button
            | Tag::Center
            | Tag::Details
            | Tag::Dialog
            | Tag::Dir
            | Tag::Div
            | Tag::Dl
            | Tag::Fieldset
            | Tag::Figcaption
            | Tag::Figure
            | Tag::Footer
            | Tag::Header
            | Tag::Hgroup
            | Tag::Listing
            | Tag::Main
            | Tag::Menu
            | Tag::Nav
            | Tag::Ol
            | Tag::Pre
            | Tag::Search
            | Tag::Section
            | Tag::Select
            | Tag::Summary
            | Tag::Ul
            | Tag::Dd
            | Tag::Dt => {
                if self.stack.has(tag) {
                    self.stack.pop_until(|open| open == tag);
                }
            }
            Tag::Form => self.end_form(),
            Tag::P => {
                if !self.stack.has_p_in_button_scope() {
                    self.insert_element(StartTag::implied(Tag::P));
                }
                self.close_p();
            }
            Tag::Li => {
                if self.stack.has_li_in_list_scope() {
                    self.stack.pop_until(|open| open == Tag::Li);
                }
            }
            _ if tag.is_heading() => {
                if self.stack.has(tag) {
                    self.stack.pop_until(Tag::is_heading);
                }
            }
            Tag::A
            | Tag::B
            | Tag::Big
            | Tag::Code
            | Tag::Em
            | Tag::Font
            | Tag::I
            | Tag::Nobr
            | Tag::S
            | Tag::Small
            | Tag::Strike
            | Tag::Strong
            | Tag::Tt
            | Tag::U => self.adopt(token),
            Tag::Applet | Tag::Marquee | Tag::Object => {
                if self.stack.has(tag) {
                    self.stack.pop_until(|open| open == tag);
                    self.clear_to_marker();
                }
            }
            Tag::Br => return self.start_in_body(StartTag::implied(Tag::Br)),
            _ => self.end_any_other(token),
        }
        Flow::Done
    }

    fn end_form(&mut self) {
        if self.stack.has_template() {
            if self.stack.has(Tag::Form) {
                self.stack.pop_until(|tag| tag == Tag::Form);
            }
            return;
        }
        let form = std::mem::replace(&mut self.form, NONE);
        if form == NONE {
            return;
        }
        if let Some(place) = self.stack.position(form)
            && self.stack.is_in_scope(place)
        {
            self.imply_ends(Tag::Other);
            if let Some(place) = self.stack.position(form) {
                self.stack.remove(place);
            }
        }
    }

    /// Ends the innermost element of that name, unless a special one is open in it.
    pub(super) fn end_any_other(&mut self, token: EndTag) {
        let found = self.stack.outward().find_map(|(place, open)| {
            let is_named = self.is_named(open, token);
            (is_named || open.is_special()).then_some(is_named.then_some(place))
        });
        if let Some(place) = found.flatten() {
            self.stack.truncate(place);
        }
    }
}
