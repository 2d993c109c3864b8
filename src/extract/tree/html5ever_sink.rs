//! Fills the arena from html5ever; the only file that names it.
//!
//! The parser is run with a gate in front of its tree builder. Its scope checks walk the stack of open
//! elements at every tag and its formatting elements are rebuilt in every block, so without a bound on
//! depth and size a page of a megabyte can cost minutes or gigabytes.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag as TagToken, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{
    Attribute as ParsedAttribute, LocalName, Namespace, QualName, TokenizerResult, ns,
};

use super::linked::{DOCUMENT, Linked, NONE};
use super::{Attribute, DEPTH_LIMIT, Excess, NodeKind, Tag, Tree};

/// Bytes handed to the tokenizer at once, so that a tag's cost stays local.
const CHUNK_BYTES: usize = 16 * 1024;

/// Bytes without a token after which the tokenizer must be inside one tag (or comment): it compares each
/// attribute's name with all before it, so the names from there on are run together. Values that long are
/// data for scripts.
const SILENT_BYTES: usize = 2 * CHUNK_BYTES;

/// Nodes that any page may have, however short it is.
const SPARE_NODES: usize = 10_000;

pub(super) fn parse(html: &str) -> Tree {
    let sink = ArenaSink::new(html.len());
    let gate = Gate {
        builder: TreeBuilder::new(sink, TreeBuilderOpts::default()),
        excess: Cell::default(),
        tokens: Cell::new(0),
        node_limit: html.len() + SPARE_NODES,
    };
    let tokenizer = Tokenizer::new(gate, TokenizerOpts::default());
    let mut silent_bytes = 0;
    for chunk in chunks(html) {
        // A tag ends with the first of these that the tokenizer takes for its end, so nothing behind it
        // is in the same piece.
        let in_long_tag = silent_bytes >= SILENT_BYTES;
        let pieces = chunk.split_inclusive(move |c| in_long_tag && c == '>');
        for piece in pieces {
            let tokens = tokenizer.sink.tokens.get();
            if silent_bytes < SILENT_BYTES {
                feed(&tokenizer, piece);
            } else {
                feed(&tokenizer, &run_together(piece));
            }
            let is_silent = tokens == tokenizer.sink.tokens.get();
            silent_bytes = if is_silent {
                silent_bytes + piece.len()
            } else {
                0
            };
        }
    }
    tokenizer.end();
    let excess = tokenizer.sink.excess.get();
    tokenizer.sink.builder.sink.into_tree(excess)
}

/// Cuts at character borders near every [`CHUNK_BYTES`].
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK_BYTES));
        rest = after;
        Some(chunk)
    })
}

fn feed(tokenizer: &Tokenizer<Gate>, piece: &str) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(piece));
    while let TokenizerResult::Script(_) | TokenizerResult::EncodingIndicator(_) =
        tokenizer.feed(&input)
    {}
}

fn run_together(chunk: &str) -> String {
    chunk.replace(|c: char| c.is_ascii_whitespace(), "_")
}

/// Stands between tokenizer and tree builder and holds the bounds.
struct Gate {
    builder: TreeBuilder<u32, ArenaSink>,
    excess: Cell<Excess>,
    /// How many tokens have come so far.
    tokens: Cell<u64>,
    node_limit: usize,
}

impl Gate {
    fn sink(&self) -> &ArenaSink {
        &self.builder.sink
    }

    /// Returns the depth of the element that is open innermost.
    fn current_depth(&self) -> u32 {
        // The builder keeps its stack to itself, but answering this question it asks the sink for the
        // name of exactly that element.
        let _ = self
            .builder
            .adjusted_current_node_present_but_not_in_html_namespace();
        self.sink().depth(self.sink().asked.get())
    }

    fn is_full(&self) -> bool {
        self.sink().nodes.borrow().len() > self.node_limit
            || self.sink().strings.borrow().len() > (u32::MAX / 2) as usize
    }

    /// Closes the innermost element when a start tag would nest too deep; says whether there is room then.
    fn make_room(&self, line: u64) -> bool {
        if self.sink().last_depth.get() < DEPTH_LIMIT || self.current_depth() < DEPTH_LIMIT {
            return true;
        }
        let mut excess = self.excess.get();
        excess.too_deep += 1;
        self.excess.set(excess);
        let name = self.sink().local_name(self.sink().asked.get());
        let closing = TagToken {
            kind: TagKind::EndTag,
            name,
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        let _ = self.builder.process_token(Token::TagToken(closing), line);
        self.current_depth() < DEPTH_LIMIT
    }
}

impl TokenSink for Gate {
    type Handle = u32;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<u32> {
        self.tokens.set(self.tokens.get() + 1);
        if let Token::TagToken(tag) = &token {
            if self.is_full() {
                let mut excess = self.excess.get();
                excess.ignored += 1;
                self.excess.set(excess);
                return TokenSinkResult::Continue;
            }
            if tag.kind == TagKind::StartTag && !self.make_room(line) {
                return TokenSinkResult::Continue;
            }
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

struct ArenaSink {
    nodes: RefCell<Linked>,
    /// Names of elements by node; the parser asks for them at every step.
    names: RefCell<Vec<QualName>>,
    attributes: RefCell<Vec<Attribute>>,
    strings: RefCell<String>,
    asked: Cell<u32>,
    last_depth: Cell<u32>,
}

impl ArenaSink {
    fn new(length: usize) -> Self {
        let sink = Self {
            nodes: RefCell::new(Linked::with_capacity(length / 24 + 16)),
            names: RefCell::new(Vec::with_capacity(length / 24 + 16)),
            attributes: RefCell::new(Vec::with_capacity(length / 48 + 16)),
            strings: RefCell::new(String::with_capacity(length)),
            asked: Cell::new(DOCUMENT),
            last_depth: Cell::new(0),
        };
        sink.add(
            NodeKind::Document,
            Tag::Other,
            QualName::new(None, ns!(), LocalName::default()),
        );
        sink
    }

    fn add(&self, kind: NodeKind, tag: Tag, name: QualName) -> u32 {
        self.names.borrow_mut().push(name);
        self.nodes.borrow_mut().add(kind, tag)
    }

    fn depth(&self, node: u32) -> u32 {
        self.nodes.borrow()[node].depth
    }

    fn local_name(&self, node: u32) -> LocalName {
        self.names.borrow()[node as usize].local.clone()
    }

    fn keep_string(&self, text: &str) -> (u32, u32) {
        let mut strings = self.strings.borrow_mut();
        let start = strings.len() as u32;
        strings.push_str(text);
        (start, strings.len() as u32)
    }

    fn keep_attributes(&self, parsed: &[ParsedAttribute]) -> (u32, u32) {
        let start = self.attributes.borrow().len() as u32;
        for attribute in parsed {
            let name = self.keep_string(&attribute.name.local);
            let value = self.keep_string(&attribute.value);
            self.attributes.borrow_mut().push(Attribute {
                name: name.0..name.1,
                value: value.0..value.1,
            });
        }
        (start, self.attributes.borrow().len() as u32)
    }

    /// Appends to the text node `node` if its text is the last string kept; growing any other would copy it.
    fn extend_text(&self, node: u32, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        let open = &mut nodes[node];
        if open.kind != NodeKind::Text || open.end as usize != self.strings.borrow().len() {
            return false;
        }
        open.end = self.keep_string(text).1;
        true
    }

    fn new_text(&self, text: &str) -> u32 {
        let node = self.add(
            NodeKind::Text,
            Tag::Other,
            QualName::new(None, ns!(), LocalName::default()),
        );
        let (start, end) = self.keep_string(text);
        let mut nodes = self.nodes.borrow_mut();
        nodes[node].start = start;
        nodes[node].end = end;
        node
    }

    fn place(&self, parent: u32, next: u32, child: NodeOrText<u32>) {
        let node = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                node
            }
            NodeOrText::AppendText(text) => {
                let previous = match next {
                    NONE => self.nodes.borrow()[parent].last_child,
                    _ => self.nodes.borrow()[next].previous,
                };
                if previous != NONE && self.extend_text(previous, &text) {
                    return;
                }
                self.new_text(&text)
            }
        };
        self.insert(parent, next, node);
    }

    fn detach(&self, node: u32) {
        self.nodes.borrow_mut().detach(node);
    }

    fn insert(&self, parent: u32, next: u32, node: u32) {
        let depth = self.nodes.borrow_mut().insert(parent, next, node);
        if self.nodes.borrow()[node].kind == NodeKind::Element {
            self.last_depth.set(depth);
        }
    }

    fn into_tree(self, excess: Excess) -> Tree {
        Tree {
            nodes: self.nodes.into_inner().lay_out(),
            attributes: self.attributes.into_inner(),
            strings: self.strings.into_inner(),
            excess,
        }
    }
}

/// The name of an element, borrowed from the arena.
#[derive(Debug)]
struct BorrowedName<'a>(Ref<'a, QualName>);

impl ElemName for BorrowedName<'_> {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for ArenaSink {
    type Handle = u32;
    type Output = Self;
    type ElemName<'a> = BorrowedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> u32 {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a u32) -> BorrowedName<'a> {
        self.asked.set(*target);
        BorrowedName(Ref::map(self.names.borrow(), |names| {
            &names[*target as usize]
        }))
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<ParsedAttribute>,
        _flags: ElementFlags,
    ) -> u32 {
        let tag = match &name.ns {
            space if *space == ns!(html) => Tag::of(&name.local),
            space if *space == ns!(svg) && &*name.local == "svg" => Tag::Svg,
            space if *space == ns!(mathml) && &*name.local == "math" => Tag::Math,
            _ => Tag::Other,
        };
        let (start, end) = self.keep_attributes(&attributes);
        let node = self.add(NodeKind::Element, tag, name);
        let mut nodes = self.nodes.borrow_mut();
        (nodes[node].start, nodes[node].end) = (start, end);
        node
    }

    fn create_comment(&self, _text: StrTendril) -> u32 {
        self.new_text("")
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> u32 {
        self.new_text("")
    }

    fn append(&self, parent: &u32, child: NodeOrText<u32>) {
        self.place(*parent, NONE, child);
    }

    fn append_based_on_parent_node(&self, element: &u32, previous: &u32, child: NodeOrText<u32>) {
        if self.nodes.borrow()[*element].parent == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(
        &self,
        _name: StrTendril,
        _public: StrTendril,
        _system: StrTendril,
    ) {
    }

    fn get_template_contents(&self, target: &u32) -> u32 {
        // A template's contents are kept as its children: whoever reads the tree skips templates by tag.
        *target
    }

    fn same_node(&self, one: &u32, other: &u32) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &u32, child: NodeOrText<u32>) {
        let parent = self.nodes.borrow()[*sibling].parent;
        if parent != NONE {
            self.place(parent, *sibling, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &u32, attributes: Vec<ParsedAttribute>) {
        let (start, end) = {
            let nodes = self.nodes.borrow();
            (nodes[*target].start, nodes[*target].end)
        };
        let missing: Vec<_> = {
            let kept = self.attributes.borrow();
            let strings = self.strings.borrow();
            let has = |name: &str| {
                kept[start as usize..end as usize].iter().any(|attribute| {
                    &strings[attribute.name.start as usize..attribute.name.end as usize] == name
                })
            };
            attributes
                .into_iter()
                .filter(|new| !has(&new.name.local))
                .collect()
        };
        if missing.is_empty() {
            return;
        }
        let copies = self.attributes.borrow()[start as usize..end as usize].to_vec();
        let start = self.attributes.borrow().len() as u32;
        self.attributes.borrow_mut().extend(copies);
        let (_, end) = self.keep_attributes(&missing);
        let mut nodes = self.nodes.borrow_mut();
        (nodes[*target].start, nodes[*target].end) = (start, end);
    }

    fn remove_from_parent(&self, target: &u32) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &u32, new_parent: &u32) {
        loop {
            let child = self.nodes.borrow()[*node].first_child;
            if child == NONE {
                return;
            }
            self.detach(child);
            self.insert(*new_parent, NONE, child);
        }
    }
}
