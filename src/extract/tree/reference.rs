//! The tree that html5ever builds of the same page, to hold this one's against; for tests alone.
//!
//! Comments are left out, texts that touch are one, and elements of pictures and formulas are told without
//! their attributes, whose names html5ever changes.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::fmt::Write as _;

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, ns, parse_document};

use super::{NodeKind, Tag, Tree};

/// Returns a line for each node of a tree.
pub(super) fn lines(tree: &Tree) -> Vec<String> {
    let mut lines = Lines::default();
    for node in 1..tree.len() {
        if tree.kind(node) == NodeKind::Text {
            lines.text(tree.depth(node), tree.parent(node), tree.text(node));
        } else {
            let attributes = tree.attributes(node);
            lines.element(tree.depth(node), tree.tag(node), attributes);
        }
    }
    lines.finish()
}

/// Returns the same of the tree that html5ever builds.
pub(super) fn expected(html: &str) -> Vec<String> {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts::default(),
        ..ParseOpts::default()
    };
    let nodes = parse_document(Nodes::default(), options)
        .one(html)
        .0
        .into_inner();
    let mut lines = Lines::default();
    let mut open: Vec<(usize, usize)> = nodes[0].children.iter().rev().map(|at| (*at, 1)).collect();
    while let Some((at, depth)) = open.pop() {
        let node = &nodes[at];
        match (&node.name, &node.text) {
            (Some(name), _) => {
                let attributes = node.attributes.iter();
                let attributes = attributes.map(|one| (&*one.name.local, &*one.value));
                lines.element(depth, tag_of(name), attributes);
            }
            (None, Some(text)) => lines.text(depth, node.parent.unwrap_or(0), text),
            (None, None) => {}
        }
        open.extend(node.children.iter().rev().map(|at| (*at, depth + 1)));
    }
    lines.finish()
}

fn tag_of(name: &QualName) -> Tag {
    match &name.ns {
        space if *space == ns!(html) => Tag::of(&name.local),
        space if *space == ns!(svg) && &*name.local == "svg" => Tag::Svg,
        space if *space == ns!(mathml) && &*name.local == "math" => Tag::Math,
        _ => Tag::Other,
    }
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    text: Option<(usize, usize, String)>,
}

impl Lines {
    fn text(&mut self, depth: usize, parent: usize, text: &str) {
        match &mut self.text {
            Some((_, known, whole)) if *known == parent => whole.push_str(text),
            _ => {
                self.end_text();
                self.text = Some((depth, parent, text.to_owned()));
            }
        }
    }

    fn end_text(&mut self) {
        if let Some((depth, _, text)) = self.text.take()
            && !text.is_empty()
        {
            self.lines.push(format!("{depth} {text:?}"));
        }
    }

    fn element<'a>(
        &mut self,
        depth: usize,
        tag: Tag,
        attributes: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        self.end_text();
        let mut line = format!("{depth} {tag:?}");
        if !matches!(tag, Tag::Other | Tag::Svg | Tag::Math) {
            for (name, value) in attributes {
                let _ = write!(line, " {name}={value:?}");
            }
        }
        self.lines.push(line);
    }

    fn finish(mut self) -> Vec<String> {
        self.end_text();
        self.lines
    }
}

#[derive(Debug, Default)]
struct Node {
    name: Option<QualName>,
    attributes: Vec<Attribute>,
    text: Option<String>,
    parent: Option<usize>,
    children: Vec<usize>,
    holds_html: bool,
}

#[derive(Debug)]
struct Nodes(RefCell<Vec<Node>>);

impl Default for Nodes {
    fn default() -> Self {
        Self(RefCell::new(vec![Node::default()]))
    }
}

impl Nodes {
    fn add(&self, node: Node) -> usize {
        self.0.borrow_mut().push(node);
        self.0.borrow().len() - 1
    }

    fn insert(&self, parent: usize, before: Option<usize>, child: NodeOrText<usize>) {
        let child = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => self.add(Node {
                text: Some(text.to_string()),
                ..Node::default()
            }),
        };
        self.remove_from_parent(&child);
        let mut nodes = self.0.borrow_mut();
        nodes[child].parent = Some(parent);
        let children = &mut nodes[parent].children;
        let at = before.and_then(|next| children.iter().position(|one| *one == next));
        children.insert(at.unwrap_or(children.len()), child);
    }
}

#[derive(Debug)]
struct Name<'a>(Ref<'a, QualName>);

impl ElemName for Name<'_> {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Nodes {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Name<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name<'a> {
        Name(Ref::map(self.0.borrow(), |nodes| {
            nodes[*target].name.as_ref().unwrap()
        }))
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> usize {
        self.add(Node {
            name: Some(name),
            attributes,
            holds_html: flags.mathml_annotation_xml_integration_point,
            ..Node::default()
        })
    }

    fn create_comment(&self, _text: StrTendril) -> usize {
        self.add(Node::default())
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> usize {
        self.add(Node::default())
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.insert(*parent, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        let parent = self.0.borrow()[*element].parent;
        match parent {
            Some(parent) => self.insert(parent, Some(*element), child),
            None => self.insert(*previous, None, child),
        }
    }

    fn append_doctype_to_document(
        &self,
        _name: StrTendril,
        _public: StrTendril,
        _system: StrTendril,
    ) {
    }

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let parent = self.0.borrow()[*sibling].parent;
        if let Some(parent) = parent {
            self.insert(parent, Some(*sibling), child);
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, attributes: Vec<Attribute>) {
        let known = &mut self.0.borrow_mut()[*target].attributes;
        for attribute in attributes {
            if known.iter().all(|one| one.name != attribute.name) {
                known.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        let mut nodes = self.0.borrow_mut();
        if let Some(parent) = nodes[*target].parent.take() {
            nodes[parent].children.retain(|child| child != target);
        }
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let children = std::mem::take(&mut self.0.borrow_mut()[*node].children);
        for child in children {
            self.0.borrow_mut()[child].parent = None;
            self.insert(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &usize) -> bool {
        self.0.borrow()[*target].holds_html
    }
}
