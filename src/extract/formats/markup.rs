//! A document's paragraphs, headings, lists and tables written as markup, which the code for pages reads.
//!
//! Knows no format: a reader says what begins and ends.

use super::marked::escaped;

/// What a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    ListItem,
    /// From 1.
    Heading(u8),
}

#[derive(Debug)]
struct Paragraph {
    role: Role,
    html: String,
}

/// Markup so far.
#[derive(Debug, Default)]
pub(super) struct Markup {
    html: String,
    /// The paragraphs that are open: one may stand in another, as in a text box.
    open: Vec<Paragraph>,
    is_in_list: bool,
    /// Cells that are open.
    cells: usize,
    /// The first heading, as text.
    pub(super) heading: Option<String>,
}

impl Markup {
    pub(super) fn begin(&mut self, role: Role) {
        let html = String::new();
        self.open.push(Paragraph { role, html });
    }

    /// Says what the innermost paragraph is.
    pub(super) fn set_role(&mut self, role: Role) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.role = role;
        }
    }

    /// Makes the innermost paragraph a part of a list, unless it is a heading.
    pub(super) fn set_list_item(&mut self) {
        if let Some(paragraph) = self.open.last_mut()
            && paragraph.role == Role::Text
        {
            paragraph.role = Role::ListItem;
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.html.push_str(&escaped(text));
        }
    }

    pub(super) fn line_break(&mut self) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.html.push_str("<br>");
        }
    }

    pub(super) fn end(&mut self) {
        let Some(Paragraph { role, html }) = self.open.pop() else {
            return;
        };
        if html.trim().is_empty() {
            return;
        }
        // A paragraph of its own would break the row that its cell is in.
        if self.cells > 0 {
            self.html.push_str(&html);
            self.html.push(' ');
            return;
        }
        self.set_list(role == Role::ListItem);
        match role {
            Role::Heading(level) => {
                self.heading
                    .get_or_insert_with(|| super::feed::text_of(&html));
                let level = level.clamp(1, 6);
                self.tagged(&format!("h{level}"), &html);
            }
            Role::ListItem => self.tagged("li", &html),
            Role::Text => self.tagged("p", &html),
        }
    }

    /// Begins or ends a table, a row or a cell.
    pub(super) fn tag(&mut self, tag: &str) {
        self.set_list(false);
        match tag {
            "<td>" => self.cells += 1,
            "</td>" => self.cells = self.cells.saturating_sub(1),
            _ => {}
        }
        self.html.push_str(tag);
    }

    fn tagged(&mut self, name: &str, html: &str) {
        for part in ["<", name, ">", html, "</", name, ">"] {
            self.html.push_str(part);
        }
    }

    fn set_list(&mut self, is_in_list: bool) {
        if self.is_in_list != is_in_list {
            self.html
                .push_str(if is_in_list { "<ul>" } else { "</ul>" });
        }
        self.is_in_list = is_in_list;
    }

    /// Returns all of it as the content of a page; what is still open is ended.
    pub(super) fn finish(&mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.set_list(false);
        format!("<main>{}</main>", std::mem::take(&mut self.html))
    }
}
