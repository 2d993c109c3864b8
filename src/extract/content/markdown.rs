//! The chosen text as Markdown (CommonMark with the tables of GitHub): headings, lists, quotes, code, tables.
//!
//! Follows the walk that writes the plain text and holds the same words, so that what differs between the two
//! is marks alone. Addresses are absolute where the page's own is known.

mod element;
mod escape;
mod inline;
mod table;

use url::Url;

use crate::extract::tree::{NodeIndex, Tag, Tree};
use element::{address, format_of, language};
use inline::{Format, Inline, Place, longest_run};
use table::Table;

/// Lists and quotes nested deeper than this are written as if they were not: each line has the marks of all.
const MOST_NESTED: usize = 16;

/// Paragraphs that one link is written in; one that was never closed would go on to the page's end.
const MOST_REOPENED: usize = 8;

/// What a block stands in, whose marks begin each of its lines.
#[derive(Debug)]
struct Container {
    /// Before its first line.
    first: String,
    /// Before every other.
    rest: &'static str,
    is_item: bool,
    /// Whether its first line is written.
    is_begun: bool,
    /// Whether its item may follow text without a line between.
    may_interrupt: bool,
}

impl Container {
    fn indent(&self) -> &str {
        // As wide as its mark, so that what follows stands below its text.
        if self.is_item {
            &"            "[..self.first.len().min(12)]
        } else {
            self.rest
        }
    }
}

/// A list that is open.
#[derive(Debug)]
struct List {
    /// The number of its next item; `None` where items have none.
    number: Option<u32>,
    /// Whether an item of it is written.
    is_begun: bool,
}

/// A mark that is open.
#[derive(Debug)]
struct Open {
    format: Format,
    /// The target where it is a link.
    address: String,
    /// In how many further paragraphs it is to be written; none where the same is open around it.
    left: usize,
}

/// The kind of block that text goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Paragraph,
    Heading(usize),
}

/// Writes Markdown as the walk goes on.
pub(super) struct Markdown<'a> {
    tree: &'a Tree,
    base: Option<&'a Url>,
    written: String,
    containers: Vec<Container>,
    lists: Vec<List>,
    leaf: Leaf,
    inline: Inline,
    formats: Vec<Open>,
    /// The text of a block of code, and its language.
    code: Option<(String, String)>,
    table: Option<Table>,
}

impl<'a> Markdown<'a> {
    pub fn new(tree: &'a Tree, base: Option<&'a Url>) -> Self {
        Self {
            tree,
            base,
            written: String::new(),
            containers: Vec::new(),
            lists: Vec::new(),
            leaf: Leaf::Paragraph,
            inline: Inline::default(),
            formats: Vec::new(),
            code: None,
            table: None,
        }
    }

    /// Enters an element.
    pub fn open(&mut self, node: NodeIndex) {
        let tag = self.tree.tag(node);
        if let Some((code, _)) = &mut self.code {
            if (tag == Tag::Br || tag.is_block()) && !code.is_empty() && !code.ends_with('\n') {
                code.push('\n');
            }
            return;
        }
        if self.table.is_some() {
            if table::is_part(self.tree, node) {
                self.end_cell();
                if let Some(table) = &mut self.table {
                    table.open(self.tree, node);
                }
                return;
            }
            if tag == Tag::Br || tag.is_block() {
                self.inline.space();
                return;
            }
        }
        match tag {
            Tag::Br => self.inline.line_break(),
            Tag::Img => self.image(node),
            Tag::Pre => {
                self.end_leaf();
                self.code = Some((String::new(), language(self.tree, node)));
            }
            Tag::Table if table::holds_data(self.tree, node) => {
                self.end_leaf();
                self.table = Some(Table::new(node));
            }
            Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir => {
                self.end_leaf();
                let start = self.tree.attribute(node, "start");
                let start = start.and_then(|text| text.trim().parse::<u32>().ok());
                // CommonMark reads nine digits.
                let start = start.unwrap_or(1).min(99_999_999);
                self.lists.push(List {
                    number: (tag == Tag::Ol).then_some(start),
                    is_begun: false,
                });
            }
            Tag::Li => {
                self.end_leaf();
                self.begin_item();
            }
            Tag::Blockquote => {
                self.end_leaf();
                self.enter(Container {
                    first: "> ".to_owned(),
                    rest: "> ",
                    is_item: false,
                    is_begun: false,
                    may_interrupt: false,
                });
            }
            _ if tag.is_heading() => {
                self.end_leaf();
                self.leaf = Leaf::Heading(tag as usize - Tag::H1 as usize + 1);
            }
            Tag::Dt => {
                self.end_leaf();
                self.push_format(Format::Strong, String::new());
            }
            _ if tag.is_block() => self.end_leaf(),
            Tag::Svg | Tag::Button | Tag::Iframe | Tag::Input => self.inline.space(),
            _ => {
                if let Some(format) = format_of(tag) {
                    let address = match format {
                        Format::Link => {
                            address(self.tree, self.base, node, "href").unwrap_or_default()
                        }
                        _ => String::new(),
                    };
                    if format != Format::Link || !address.is_empty() {
                        self.push_format(format, address);
                    }
                }
            }
        }
    }

    /// Leaves an element that was entered.
    pub fn close(&mut self, node: NodeIndex) {
        let tag = self.tree.tag(node);
        if self.code.is_some() {
            if tag == Tag::Pre {
                self.end_code();
            } else if tag.is_block() {
                self.open(node);
            }
            return;
        }
        if let Some(table) = &self.table {
            if table.node() == node {
                self.end_cell();
                self.end_table();
                return;
            }
            if table::is_part(self.tree, node) {
                self.end_cell();
                return;
            }
            if tag.is_block() {
                self.inline.space();
                return;
            }
        }
        match tag {
            Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir => {
                self.end_leaf();
                self.lists.pop();
            }
            Tag::Li | Tag::Blockquote => {
                self.end_leaf();
                let left = self.containers.pop();
                if tag == Tag::Li
                    && left.is_some_and(|left| left.is_begun)
                    && let Some(list) = self.lists.last_mut()
                {
                    list.is_begun = true;
                }
            }
            Tag::Dt => {
                self.pop_format(Format::Strong);
                self.end_leaf();
            }
            _ if tag.is_block() => self.end_leaf(),
            Tag::Img | Tag::Svg | Tag::Button | Tag::Iframe | Tag::Input => self.inline.space(),
            Tag::A => {
                if address(self.tree, self.base, node, "href")
                    .is_some_and(|address| !address.is_empty())
                {
                    self.pop_format(Format::Link);
                }
            }
            _ => {
                if let Some(format) = format_of(tag) {
                    self.pop_format(format);
                }
            }
        }
    }

    /// Passes an element that is left out.
    pub fn pass(&mut self, node: NodeIndex) {
        let tag = self.tree.tag(node);
        if tag.is_block() && self.code.is_none() && self.table.is_none() {
            self.end_leaf();
        } else {
            self.inline.space();
        }
    }

    /// Adds a text of the page.
    pub fn text(&mut self, text: &str) {
        if let Some((code, _)) = &mut self.code {
            code.push_str(&text.replace("\r\n", "\n"));
        } else if !self.inline.is_empty() || !text.trim().is_empty() {
            self.inline.text(text);
        }
    }

    /// Returns what was written.
    pub fn finish(mut self) -> String {
        if self.code.is_some() {
            self.end_code();
        }
        if self.table.is_some() {
            self.end_cell();
            self.end_table();
        }
        self.end_leaf();
        self.written
    }

    fn push_format(&mut self, format: Format, address: String) {
        let is_open = self.formats.iter().any(|open| open.format == format);
        let left = if is_open {
            0
        } else {
            self.inline.open(format);
            match format {
                Format::Link => MOST_REOPENED,
                _ => usize::MAX,
            }
        };
        self.formats.push(Open {
            format,
            address,
            left,
        });
    }

    fn pop_format(&mut self, format: Format) {
        if self
            .formats
            .last()
            .is_some_and(|open| open.format == format)
            && let Some(open) = self.formats.pop()
            && open.left > 0
        {
            self.inline.close(format, &open.address);
        }
    }

    /// Takes what was read of a leaf; marks that are still open go on in the next.
    fn take(&mut self, place: Place) -> String {
        let open = self.formats.iter().rev().filter(|open| open.left > 0);
        for open in open {
            self.inline.close(open.format, &open.address);
        }
        let is_written = !self.inline.is_empty();
        let written = self.inline.take(place);
        for open in self.formats.iter_mut().filter(|open| open.left > 0) {
            open.left -= usize::from(is_written);
            if open.left > 0 {
                self.inline.open(open.format);
            }
        }
        written
    }

    fn end_leaf(&mut self) {
        let leaf = std::mem::replace(&mut self.leaf, Leaf::Paragraph);
        if self.inline.is_empty() {
            self.take(Place::Line);
            // A heading whose text stands in a block of its own.
            self.leaf = leaf;
            return;
        }
        match leaf {
            Leaf::Paragraph => {
                let text = self.take(Place::Paragraph);
                self.write(&text);
            }
            Leaf::Heading(level) => {
                let text = self.take(Place::Line);
                let text = heading(&text);
                self.write(&format!("{} {text}", "#".repeat(level)));
            }
        }
    }

    fn end_code(&mut self) {
        let Some((code, language)) = self.code.take() else {
            return;
        };
        let code = code.trim_end();
        let code = code.strip_prefix('\n').unwrap_or(code);
        if code.trim().is_empty() {
            return;
        }
        let fence = "`".repeat((longest_run(code, '`') + 1).max(3));
        self.write(&format!("{fence}{language}\n{code}\n{fence}"));
    }

    fn end_cell(&mut self) {
        let cell = self.take(Place::Cell);
        if let Some(table) = &mut self.table {
            table.end_cell(cell);
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            let (caption, rows) = table.finish();
            for block in [caption, rows] {
                if !block.is_empty() {
                    self.write(&block);
                }
            }
        }
    }

    fn enter(&mut self, container: Container) {
        let is_shown = self.containers.len() < MOST_NESTED;
        self.containers.push(if is_shown {
            container
        } else {
            Container {
                first: String::new(),
                rest: "",
                is_item: false,
                is_begun: true,
                may_interrupt: false,
            }
        });
    }

    fn begin_item(&mut self) {
        let list = self.lists.last_mut();
        let is_begun = list.as_ref().is_some_and(|list| list.is_begun);
        let (first, may_interrupt) = match list.and_then(|list| list.number.as_mut()) {
            Some(number) => {
                let first = format!("{number}. ");
                // Only a list that begins with one may follow a line of text (CommonMark, 5.2).
                let may_interrupt = *number == 1 || is_begun;
                *number += 1;
                (first, may_interrupt)
            }
            None => ("- ".to_owned(), true),
        };
        self.enter(Container {
            first,
            rest: "",
            is_item: true,
            is_begun: false,
            may_interrupt,
        });
    }

    /// Writes a block behind the marks of what it stands in.
    fn write(&mut self, block: &str) {
        if !self.written.is_empty() {
            let begun = self.containers.iter().filter(|one| one.is_begun);
            let is_in_list = begun.clone().any(|one| one.is_item) || self.ended_in_list();
            let begins_item = self.containers.iter().find(|one| !one.is_begun);
            let is_tight = is_in_list
                && begins_item
                    .is_some_and(|one| one.is_item && (one.may_interrupt || !self.is_nested(one)));
            self.written.push('\n');
            if !is_tight {
                let marks: String = begun.map(Container::indent).collect();
                self.written.push_str(marks.trim_end());
                self.written.push('\n');
            }
        }
        for (number, line) in block.split('\n').enumerate() {
            if number > 0 {
                self.written.push('\n');
            }
            let start = self.written.len();
            for container in &mut self.containers {
                if container.is_begun {
                    self.written.push_str(container.indent());
                } else {
                    self.written.push_str(&container.first);
                    container.is_begun = true;
                }
            }
            self.written.push_str(line);
            if line.is_empty() {
                let length = self.written[start..].trim_end().len();
                self.written.truncate(start + length);
            }
        }
    }

    /// Says whether the last block that was written is an item's.
    fn ended_in_list(&self) -> bool {
        let line = self.written.rsplit('\n').next().unwrap_or_default();
        let line = line.trim_start_matches(['>', ' ']);
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        line.starts_with("- ") || (digits > 0 && line[digits..].starts_with(". "))
    }

    fn is_nested(&self, container: &Container) -> bool {
        let items = self
            .containers
            .iter()
            .take_while(|one| !std::ptr::eq(*one, container));
        items.filter(|one| one.is_item).count() > 0
    }

    fn image(&mut self, node: NodeIndex) {
        let sources = ["src", "data-src", "data-lazy-src", "data-original"];
        let address = sources
            .into_iter()
            .filter_map(|name| address(self.tree, self.base, node, name))
            .find(|address| !address.is_empty());
        let size = |name| self.tree.attribute(node, name).map(str::trim);
        let is_pixel =
            matches!(size("width"), Some("0" | "1")) || matches!(size("height"), Some("0" | "1"));
        self.inline.space();
        if let Some(address) = address
            && !is_pixel
        {
            let alternative = self.tree.attribute(node, "alt").unwrap_or_default();
            self.inline.image(alternative, address);
            self.inline.space();
        }
    }
}

/// Keeps hashes at the end of a heading, which would be taken for its mark.
fn heading(text: &str) -> String {
    let end = text.trim_end_matches('#');
    if end.len() < text.len() && (end.is_empty() || end.ends_with(' ')) {
        return format!("{end}\\{}", &text[end.len()..]);
    }
    text.to_owned()
}
