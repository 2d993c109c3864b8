//! The modes before, around and after the body, framesets, and templates (HTML, 13.2.6.4.2 to 13.2.6.4.6,
//! 13.2.6.4.16 and 13.2.6.4.18 to 13.2.6.4.23).

use super::{Builder, EndTag, Flow, Mode, NONE, RawText, Span, StartTag, Tag};

impl Builder<'_> {
    pub(super) fn start_before_html(&mut self, token: StartTag) -> Flow {
        if token.tag == Tag::Html {
            self.open_root(token.attributes);
            return Flow::Done;
        }
        self.begin_again()
    }

    pub(super) fn end_before_html(&mut self, token: EndTag) -> Flow {
        self.end_before_head(token)
    }

    pub(super) fn start_before_head(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => return self.start_in_body(token),
            Tag::Head => self.open_head(token),
            _ => return self.begin_again(),
        }
        Flow::Done
    }

    pub(super) fn end_before_head(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Head | Tag::Body | Tag::Html | Tag::Br => self.begin_again(),
            _ => Flow::Done,
        }
    }

    pub(super) fn start_in_head(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => return self.start_in_body(token),
            Tag::Base | Tag::Basefont | Tag::Bgsound | Tag::Link | Tag::Meta => {
                self.insert_empty(token);
            }
            Tag::Title => self.insert_raw(token, RawText::Escapable),
            Tag::Noframes | Tag::Style | Tag::Noscript => self.insert_raw(token, RawText::Plain),
            Tag::Script => self.insert_raw(token, RawText::Script),
            Tag::Template => {
                self.push_marker();
                self.is_frameset_ok = false;
                self.mode = Mode::InTemplate;
                self.template_modes.push(Mode::InTemplate);
                self.insert_element(token);
            }
            Tag::Head => {}
            _ => return self.leave_head(),
        }
        Flow::Done
    }

    pub(super) fn end_in_head(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Head => {
                self.leave_head();
            }
            Tag::Body | Tag::Html | Tag::Br => return self.leave_head(),
            Tag::Template => self.end_template(),
            _ => {}
        }
        Flow::Done
    }

    fn leave_head(&mut self) -> Flow {
        self.stack.pop();
        self.mode = Mode::AfterHead;
        Flow::Again
    }

    /// Inserts an element whose content is no markup.
    pub(super) fn insert_raw(&mut self, token: StartTag, kind: RawText) {
        self.insert_element(token);
        self.raw = Some(kind);
    }

    fn end_template(&mut self) {
        if self.stack.has_template() {
            self.leave_template();
        }
    }

    /// Closes the innermost template.
    pub(super) fn leave_template(&mut self) {
        self.stack.pop_until(|tag| tag == Tag::Template);
        self.clear_to_marker();
        self.template_modes.pop();
        self.reset_mode();
    }

    pub(super) fn start_after_head(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => return self.start_in_body(token),
            Tag::Body => {
                self.insert_element(token);
                self.is_frameset_ok = false;
                self.mode = Mode::InBody;
            }
            Tag::Frameset => {
                self.insert_element(token);
                self.mode = Mode::InFrameset;
            }
            tag if is_of_head(tag) => {
                let head = self.head;
                let open = super::Open::new(head, Tag::Head, super::Space::Html, Span::default());
                self.stack.push(open);
                self.start_in_head(token);
                if let Some(index) = self.stack.position(head) {
                    self.stack.remove(index);
                }
            }
            Tag::Head => {}
            _ => return self.begin_body(),
        }
        Flow::Done
    }

    pub(super) fn end_after_head(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Body | Tag::Html | Tag::Br => return self.begin_body(),
            Tag::Template => self.end_template(),
            _ => {}
        }
        Flow::Done
    }

    fn begin_body(&mut self) -> Flow {
        self.insert_element(StartTag::implied(Tag::Body));
        self.mode = Mode::InBody;
        Flow::Again
    }

    pub(super) fn start_in_template(&mut self, token: StartTag) -> Flow {
        let mode = match token.tag {
            tag if is_of_head(tag) => return self.start_in_head(token),
            Tag::Caption | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => Mode::InTable,
            Tag::Col => Mode::InColumnGroup,
            Tag::Tr => Mode::InTableBody,
            Tag::Td | Tag::Th => Mode::InRow,
            _ => Mode::InBody,
        };
        self.template_modes.pop();
        self.template_modes.push(mode);
        self.mode = mode;
        Flow::Again
    }

    pub(super) fn end_in_template(&mut self, token: EndTag) -> Flow {
        if token.tag == Tag::Template {
            self.end_template();
        }
        Flow::Done
    }

    pub(super) fn start_after_body(&mut self, token: StartTag) -> Flow {
        if token.tag == Tag::Html {
            return self.start_in_body(token);
        }
        self.mode = Mode::InBody;
        Flow::Again
    }

    pub(super) fn end_after_body(&mut self, token: EndTag) -> Flow {
        if self.mode == Mode::AfterBody && token.tag == Tag::Html {
            self.mode = Mode::AfterAfterBody;
            return Flow::Done;
        }
        self.mode = Mode::InBody;
        Flow::Again
    }

    pub(super) fn start_in_frameset(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => return self.start_in_body(token),
            Tag::Frameset => {
                self.insert_element(token);
            }
            Tag::Frame => {
                self.insert_empty(token);
            }
            Tag::Noframes => return self.start_in_head(token),
            _ => {}
        }
        Flow::Done
    }

    pub(super) fn end_in_frameset(&mut self, token: EndTag) -> Flow {
        if token.tag == Tag::Frameset && self.stack.len() > 1 {
            self.stack.pop();
            if self.stack.current_tag() != Tag::Frameset {
                self.mode = Mode::AfterFrameset;
            }
        }
        Flow::Done
    }

    pub(super) fn start_after_frameset(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => self.start_in_body(token),
            Tag::Noframes => self.start_in_head(token),
            _ => Flow::Done,
        }
    }

    pub(super) fn end_after_frameset(&mut self, token: EndTag) -> Flow {
        if token.tag == Tag::Html {
            self.mode = Mode::AfterAfterFrameset;
        }
        Flow::Done
    }

    /// Finds the mode that the open elements ask for (HTML, 13.2.4.1).
    pub(super) fn reset_mode(&mut self) {
        let found = self.stack.outward().find_map(|(_, open)| {
            Some(match open.tag() {
                Tag::Td | Tag::Th => Mode::InCell,
                Tag::Tr => Mode::InRow,
                Tag::Tbody | Tag::Thead | Tag::Tfoot => Mode::InTableBody,
                Tag::Caption => Mode::InCaption,
                Tag::Colgroup => Mode::InColumnGroup,
                Tag::Table => Mode::InTable,
                Tag::Template => *self.template_modes.last()?,
                Tag::Head => Mode::InHead,
                Tag::Body => Mode::InBody,
                Tag::Frameset => Mode::InFrameset,
                Tag::Html if self.head == NONE => Mode::BeforeHead,
                Tag::Html => Mode::AfterHead,
                _ => return None,
            })
        });
        self.mode = found.unwrap_or(Mode::InBody);
    }
}

/// Says whether an element is read by the rules for a head wherever it begins: the same ten behind the head, in the
/// body and in a template (HTML, 13.2.6.4.6, 13.2.6.4.7 and 13.2.6.4.18).
pub(super) const fn is_of_head(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Base
            | Tag::Basefont
            | Tag::Bgsound
            | Tag::Link
            | Tag::Meta
            | Tag::Noframes
            | Tag::Script
            | Tag::Style
            | Tag::Template
            | Tag::Title
    )
}
