//! Text and start tags in the body (HTML, 13.2.6.4.7).

use super::head::is_of_head;
use super::{Builder, EndTag, Flow, Mode, NONE, RawText, Space, Span, StartTag, Tag};

impl Builder<'_> {
    pub(super) fn text_in_body(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        self.rebuild_formatting();
        if self.is_frameset_ok {
            let text = self.string(span);
            self.is_frameset_ok = text.bytes().all(|byte| byte.is_ascii_whitespace());
        }
        self.insert_text(span);
    }

    pub(super) fn start_in_body(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => {
                if let Some(root) = self.stack.get(0).filter(|_| !self.stack.has_template()) {
                    self.add_attributes(root.node, token.attributes);
                }
            }
            tag if is_of_head(tag) => return self.start_in_head(token),
            Tag::Body => {
                if let Some(body) = self.body()
                    && !self.stack.has_template()
                {
                    self.is_frameset_ok = false;
                    self.add_attributes(body, token.attributes);
                }
            }
            Tag::Frameset => {
                if let Some(body) = self.body()
                    && self.is_frameset_ok
                {
                    self.nodes.detach(body);
                    self.stack.truncate(1);
                    self.insert_element(token);
                    self.mode = Mode::InFrameset;
                }
            }
            Tag::Address
            | Tag::Article
            | Tag::Aside
            | Tag::Blockquote
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
            | Tag::Main
            | Tag::Menu
            | Tag::Nav
            | Tag::Ol
            | Tag::P
            | Tag::Search
            | Tag::Section
            | Tag::Summary
            | Tag::Ul => {
                self.close_p();
                self.insert_element(token);
            }
            tag if tag.is_heading() => {
                self.close_p();
                if self.stack.current_tag().is_heading() {
                    self.stack.pop();
                }
                self.insert_element(token);
            }
            Tag::Pre | Tag::Listing => {
                self.close_p();
                self.insert_element(token);
                self.skips_line_feed = true;
                self.is_frameset_ok = false;
            }
            Tag::Form => self.start_form(token),
            Tag::Li | Tag::Dd | Tag::Dt => {
                self.is_frameset_ok = false;
                self.close_item(token.tag);
                self.close_p();
                self.insert_element(token);
            }
            Tag::Plaintext => {
                self.close_p();
                self.insert_element(token);
                self.raw = Some(RawText::Endless);
            }
            Tag::Button => {
                if self.stack.has(Tag::Button) {
                    self.stack.pop_until(|tag| tag == Tag::Button);
                }
                self.rebuild_formatting();
                self.insert_element(token);
                self.is_frameset_ok = false;
            }
            Tag::A => {
                self.end_open_link();
                self.rebuild_formatting();
                self.insert_formatting(token);
            }
            Tag::B
            | Tag::Big
            | Tag::Code
            | Tag::Em
            | Tag::Font
            | Tag::I
            | Tag::S
            | Tag::Small
            | Tag::Strike
            | Tag::Strong
            | Tag::Tt
            | Tag::U => {
                self.rebuild_formatting();
                self.insert_formatting(token);
            }
            Tag::Nobr => {
                self.rebuild_formatting();
                if self.stack.has(Tag::Nobr) {
                    self.adopt(EndTag::of(Tag::Nobr));
                    self.rebuild_formatting();
                }
                self.insert_formatting(token);
            }
            Tag::Applet | Tag::Marquee | Tag::Object => {
                self.rebuild_formatting();
                self.insert_element(token);
                self.push_marker();
                self.is_frameset_ok = false;
            }
            Tag::Table => {
                if !self.has_quirks {
                    self.close_p();
                }
                self.insert_element(token);
                self.is_frameset_ok = false;
                self.mode = Mode::InTable;
            }
            Tag::Area | Tag::Br | Tag::Embed | Tag::Img | Tag::Keygen | Tag::Wbr => {
                self.rebuild_formatting();
                self.insert_empty(token);
                self.is_frameset_ok = false;
            }
            Tag::Input => {
                if self.stack.has(Tag::Select) {
                    self.stack.pop_until(|tag| tag == Tag::Select);
                }
                self.rebuild_formatting();
                self.insert_empty(token);
                self.is_frameset_ok &= self.is_hidden_input(token);
            }
            Tag::Param | Tag::Source | Tag::Track => {
                self.insert_empty(token);
            }
            Tag::Hr => {
                self.close_p();
                if self.stack.has(Tag::Select) {
                    self.imply_ends(Tag::Other);
                }
                self.insert_empty(token);
                self.is_frameset_ok = false;
            }
            Tag::Image => {
                return self.start_in_body(StartTag {
                    tag: Tag::Img,
                    ..token
                });
            }
            Tag::Textarea => {
                self.insert_raw(token, RawText::Escapable);
                self.skips_line_feed = true;
                self.is_frameset_ok = false;
            }
            Tag::Xmp => {
                self.close_p();
                self.rebuild_formatting();
                self.is_frameset_ok = false;
                self.insert_raw(token, RawText::Plain);
            }
            Tag::Iframe => {
                self.is_frameset_ok = false;
                self.insert_raw(token, RawText::Plain);
            }
            Tag::Noembed | Tag::Noscript => self.insert_raw(token, RawText::Plain),
            Tag::Select => {
                if self.stack.has(Tag::Select) {
                    self.stack.pop_until(|tag| tag == Tag::Select);
                } else {
                    self.rebuild_formatting();
                    self.insert_element(token);
                    self.is_frameset_ok = false;
                }
            }
            Tag::Option | Tag::Optgroup => {
                if self.stack.has(Tag::Select) {
                    let kept = match token.tag {
                        Tag::Option => Tag::Optgroup,
                        _ => Tag::Other,
                    };
                    self.imply_ends(kept);
                } else if self.stack.current_tag() == Tag::Option {
                    self.stack.pop();
                }
                self.rebuild_formatting();
                self.insert_element(token);
            }
            Tag::Rb | Tag::Rtc => {
                if self.stack.has(Tag::Ruby) {
                    self.imply_ends(Tag::Other);
                }
                self.insert_element(token);
            }
            Tag::Rp | Tag::Rt => {
                if self.stack.has(Tag::Ruby) {
                    self.imply_ends(Tag::Rtc);
                }
                self.insert_element(token);
            }
            Tag::Math | Tag::Svg => {
                self.rebuild_formatting();
                let space = match token.tag {
                    Tag::Math => Space::Math,
                    _ => Space::Svg,
                };
                self.insert_foreign(token, space);
            }
            Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Frame
            | Tag::Head
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => {}
            _ => {
                self.rebuild_formatting();
                self.insert_element(token);
            }
        }
        Flow::Done
    }

    /// Returns the body, if it is open where it should be.
    fn body(&self) -> Option<u32> {
        self.stack
            .get(1)
            .filter(|open| open.is(Tag::Body))
            .map(|open| open.node)
    }

    fn start_form(&mut self, token: StartTag) {
        let is_in_template = self.stack.has_template();
        if self.form != NONE && !is_in_template {
            return;
        }
        self.close_p();
        let form = self.insert_element(token);
        if !is_in_template {
            self.form = form;
        }
    }

    /// Ends the item that is open, as the next one begins.
    fn close_item(&mut self, next: Tag) {
        let ends = |tag| match next {
            Tag::Li => tag == Tag::Li,
            _ => matches!(tag, Tag::Dd | Tag::Dt),
        };
        let found = self.stack.outward().find_map(|(_, open)| {
            let tag = open.tag();
            let is_barrier = open.is_special() && !matches!(tag, Tag::Address | Tag::Div | Tag::P);
            (ends(tag) || is_barrier).then_some(tag)
        });
        if let Some(item) = found.filter(|tag| ends(*tag)) {
            self.stack.pop_until(|tag| tag == item);
        }
    }

    /// Ends a link that is open still, as a link holds none.
    fn end_open_link(&mut self) {
        if let Some(link) = self.active_link() {
            self.adopt(EndTag::of(Tag::A));
            self.forget_formatting(link);
        }
    }

    pub(super) fn is_hidden_input(&self, token: StartTag) -> bool {
        self.attribute(token, "type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
    }

    pub(super) fn close_p(&mut self) {
        if self.stack.has_p_in_button_scope() {
            self.stack.pop_until(|tag| tag == Tag::P);
        }
    }

    /// Closes what HTML lets a page leave open, but for `kept`.
    pub(super) fn imply_ends(&mut self, kept: Tag) {
        while self.stack.current().is_some_and(|open| {
            let tag = open.tag();
            tag != kept
                && matches!(
                    tag,
                    Tag::Dd
                        | Tag::Dt
                        | Tag::Li
                        | Tag::Option
                        | Tag::Optgroup
                        | Tag::P
                        | Tag::Rb
                        | Tag::Rp
                        | Tag::Rt
                        | Tag::Rtc
                )
        }) {
            self.stack.pop();
        }
    }
}
