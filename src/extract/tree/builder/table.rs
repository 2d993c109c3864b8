//! The modes in and around tables (HTML, 13.2.6.4.9 to 13.2.6.4.15).

use super::{Builder, EndTag, Flow, Mode, Span, StartTag, Tag};

fn is_section(tag: Tag) -> bool {
    matches!(tag, Tag::Tbody | Tag::Tfoot | Tag::Thead)
}

impl Builder<'_> {
    pub(super) fn text_in_table(&mut self, span: Span) {
        if self.is_in_table_structure() {
            self.table_text.push(span);
        } else {
            self.foster_text(span);
        }
    }

    fn foster_text(&mut self, span: Span) {
        self.is_fostering = true;
        self.text_in_body(span);
        self.is_fostering = false;
    }

    /// Puts text into the table if it is white space, and before it otherwise.
    pub(super) fn flush_table_text(&mut self) {
        let text = std::mem::take(&mut self.table_text);
        let is_space = |span: &Span| self.string(*span).bytes().all(|b| b.is_ascii_whitespace());
        let is_all_space = text.iter().all(is_space);
        for span in text {
            if is_all_space {
                self.insert_text(span);
            } else {
                self.foster_text(span);
            }
        }
    }

    fn foster_start(&mut self, token: StartTag) -> Flow {
        self.is_fostering = true;
        let flow = self.start_in_body(token);
        self.is_fostering = false;
        flow
    }

    pub(super) fn start_in_table(&mut self, token: StartTag) -> Flow {
        let to_table = |tag| matches!(tag, Tag::Table | Tag::Template | Tag::Html);
        match token.tag {
            Tag::Caption => {
                self.stack.pop_to(to_table);
                self.push_marker();
                self.insert_element(token);
                self.mode = Mode::InCaption;
            }
            Tag::Colgroup => {
                self.stack.pop_to(to_table);
                self.insert_element(token);
                self.mode = Mode::InColumnGroup;
            }
            Tag::Col => {
                self.stack.pop_to(to_table);
                self.insert_element(StartTag::implied(Tag::Colgroup));
                self.mode = Mode::InColumnGroup;
                return Flow::Again;
            }
            Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                self.stack.pop_to(to_table);
                self.insert_element(token);
                self.mode = Mode::InTableBody;
            }
            Tag::Td | Tag::Th | Tag::Tr => {
                self.stack.pop_to(to_table);
                self.insert_element(StartTag::implied(Tag::Tbody));
                self.mode = Mode::InTableBody;
                return Flow::Again;
            }
            Tag::Table => {
                if self.stack.has_in_table_scope(Tag::Table) {
                    self.stack.pop_until(|tag| tag == Tag::Table);
                    self.reset_mode();
                    return Flow::Again;
                }
            }
            Tag::Style | Tag::Script | Tag::Template => return self.start_in_head(token),
            Tag::Input if self.is_hidden_input(token) => {
                self.insert_empty(token);
            }
            Tag::Form => {
                if !self.stack.has_template() && self.form == super::NONE {
                    self.form = self.insert_empty(token);
                }
            }
            _ => return self.foster_start(token),
        }
        Flow::Done
    }

    pub(super) fn end_in_table(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Table => {
                if self.stack.has_in_table_scope(Tag::Table) {
                    self.stack.pop_until(|tag| tag == Tag::Table);
                    self.reset_mode();
                }
                Flow::Done
            }
            Tag::Body
            | Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Html
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => Flow::Done,
            Tag::Template => self.end_in_head(token),
            _ => {
                self.is_fostering = true;
                let flow = self.end_in_body(token);
                self.is_fostering = false;
                flow
            }
        }
    }

    /// Closes the caption, if there is one; says whether there was.
    fn close_caption(&mut self) -> bool {
        if !self.stack.has_in_table_scope(Tag::Caption) {
            return false;
        }
        self.stack.pop_until(|tag| tag == Tag::Caption);
        self.clear_to_marker();
        self.mode = Mode::InTable;
        true
    }

    pub(super) fn start_in_caption(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => again_if(self.close_caption()),
            _ => self.start_in_body(token),
        }
    }

    pub(super) fn end_in_caption(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Caption => {
                self.close_caption();
                Flow::Done
            }
            Tag::Table => again_if(self.close_caption()),
            Tag::Body
            | Tag::Col
            | Tag::Colgroup
            | Tag::Html
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => Flow::Done,
            _ => self.end_in_body(token),
        }
    }

    /// Closes the group of columns, if it is innermost; says whether it was.
    fn close_column_group(&mut self) -> bool {
        if self.stack.current_tag() != Tag::Colgroup {
            return false;
        }
        self.stack.pop();
        self.mode = Mode::InTable;
        true
    }

    pub(super) fn start_in_column_group(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Html => self.start_in_body(token),
            Tag::Col => {
                self.insert_empty(token);
                Flow::Done
            }
            Tag::Template => self.start_in_head(token),
            _ => again_if(self.close_column_group()),
        }
    }

    pub(super) fn end_in_column_group(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Colgroup => {
                self.close_column_group();
                Flow::Done
            }
            Tag::Col => Flow::Done,
            Tag::Template => self.end_in_head(token),
            _ => again_if(self.close_column_group()),
        }
    }

    pub(super) fn start_in_table_body(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Tr => {
                self.pop_to_section();
                self.insert_element(token);
                self.mode = Mode::InRow;
                Flow::Done
            }
            Tag::Th | Tag::Td => {
                self.pop_to_section();
                self.insert_element(StartTag::implied(Tag::Tr));
                self.mode = Mode::InRow;
                Flow::Again
            }
            Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                self.close_section()
            }
            _ => self.start_in_table(token),
        }
    }

    pub(super) fn end_in_table_body(&mut self, token: EndTag) -> Flow {
        match token.tag {
            tag if is_section(tag) => {
                if self.stack.has_in_table_scope(tag) {
                    self.close_section();
                }
                Flow::Done
            }
            Tag::Table => self.close_section(),
            Tag::Body
            | Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Html
            | Tag::Td
            | Tag::Th
            | Tag::Tr => Flow::Done,
            _ => self.end_in_table(token),
        }
    }

    fn pop_to_section(&mut self) {
        self.stack
            .pop_to(|tag| is_section(tag) || matches!(tag, Tag::Template | Tag::Html));
    }

    fn close_section(&mut self) -> Flow {
        let is_open = [Tag::Tbody, Tag::Thead, Tag::Tfoot]
            .iter()
            .any(|tag| self.stack.has_in_table_scope(*tag));
        if is_open {
            self.pop_to_section();
            self.stack.pop();
            self.mode = Mode::InTable;
        }
        again_if(is_open)
    }

    pub(super) fn start_in_row(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Th | Tag::Td => {
                self.pop_to_row();
                self.insert_element(token);
                self.mode = Mode::InCell;
                self.push_marker();
                Flow::Done
            }
            Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Tbody
            | Tag::Tfoot
            | Tag::Thead
            | Tag::Tr => again_if(self.close_row()),
            _ => self.start_in_table(token),
        }
    }

    pub(super) fn end_in_row(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Tr => {
                self.close_row();
                Flow::Done
            }
            Tag::Table => again_if(self.close_row()),
            tag if is_section(tag) => {
                again_if(self.stack.has_in_table_scope(tag) && self.close_row())
            }
            Tag::Body | Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Html | Tag::Td | Tag::Th => {
                Flow::Done
            }
            _ => self.end_in_table(token),
        }
    }

    fn pop_to_row(&mut self) {
        self.stack
            .pop_to(|tag| matches!(tag, Tag::Tr | Tag::Template | Tag::Html));
    }

    /// Closes the row, if there is one; says whether there was.
    fn close_row(&mut self) -> bool {
        if !self.stack.has_in_table_scope(Tag::Tr) {
            return false;
        }
        self.pop_to_row();
        self.stack.pop();
        self.mode = Mode::InTableBody;
        true
    }

    pub(super) fn start_in_cell(&mut self, token: StartTag) -> Flow {
        match token.tag {
            Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => {
                let is_open = [Tag::Td, Tag::Th]
                    .iter()
                    .any(|tag| self.stack.has_in_table_scope(*tag));
                if is_open {
                    self.close_cell(|tag| matches!(tag, Tag::Td | Tag::Th));
                }
                again_if(is_open)
            }
            _ => self.start_in_body(token),
        }
    }

    pub(super) fn end_in_cell(&mut self, token: EndTag) -> Flow {
        match token.tag {
            Tag::Td | Tag::Th => {
                if self.stack.has_in_table_scope(token.tag) {
                    self.close_cell(|tag| tag == token.tag);
                }
                Flow::Done
            }
            Tag::Body | Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Html => Flow::Done,
            Tag::Table | Tag::Tbody | Tag::Tfoot | Tag::Thead | Tag::Tr => {
                let is_open = self.stack.has_in_table_scope(token.tag);
                if is_open {
                    self.close_cell(|tag| matches!(tag, Tag::Td | Tag::Th));
                }
                again_if(is_open)
            }
            _ => self.end_in_body(token),
        }
    }

    fn close_cell(&mut self, is_cell: impl Fn(Tag) -> bool) {
        self.stack.pop_until(is_cell);
        self.clear_to_marker();
        self.mode = Mode::InRow;
    }
}

fn again_if(is_closed: bool) -> Flow {
    if is_closed { Flow::Again } else { Flow::Done }
}
