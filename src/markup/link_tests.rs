//! The links of the tokens, compared with those of html5ever's tree.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::BTreeSet;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, parse_document};
use proptest::prelude::*;

use super::{Syntax, Token, Tokens};

const DOCUMENT: usize = 0;

/// A node of html5ever's tree, as far as it says which links are part of the page.
#[derive(Debug, Default)]
struct Node {
    name: Option<QualName>,
    link: Option<String>,
    parent: Option<usize>,
    /// The contents of a template.
    is_inert: bool,
    is_integration_point: bool,
}

#[derive(Debug, Default)]
struct Links(RefCell<Vec<Node>>);

impl Links {
    fn add(&self, node: Node) -> usize {
        let mut nodes = self.0.borrow_mut();
        nodes.push(node);
        nodes.len() - 1
    }

    fn place(&self, parent: Option<usize>, child: &NodeOrText<usize>) {
        if let NodeOrText::AppendNode(child) = child {
            self.0.borrow_mut()[*child].parent = parent;
        }
    }

    fn parent(&self, node: usize) -> Option<usize> {
        self.0.borrow()[node].parent
    }
}

impl TreeSink for Links {
    type Handle = usize;
    type Output = BTreeSet<String>;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> BTreeSet<String> {
        let nodes = self.0.into_inner();
        let is_shown = |node: usize| {
            let mut above = std::iter::successors(Some(node), |node| nodes[*node].parent);
            above.all(|node| !nodes[node].is_inert)
        };
        let all = nodes.iter().enumerate();
        all.filter(|(node, _)| is_shown(*node))
            .filter_map(|(_, node)| node.link.clone())
            .collect()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        Ref::map(self.0.borrow(), |nodes| {
            nodes[*target].name.as_ref().unwrap()
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> usize {
        let is_link = &*name.local == "a";
        let href = attributes.iter().find(|one| &*one.name.local == "href");
        self.add(Node {
            name: Some(name),
            link: href.filter(|_| is_link).map(|href| href.value.to_string()),
            is_integration_point: flags.mathml_annotation_xml_integration_point,
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
        self.place(Some(*parent), &child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        self.place(self.parent(*element).or(Some(*previous)), &child);
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        self.add(Node {
            parent: Some(*target),
            is_inert: true,
            ..Node::default()
        })
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        self.place(self.parent(*sibling), &child);
    }

    fn add_attrs_if_missing(&self, _target: &usize, _attributes: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &usize) {
        self.0.borrow_mut()[*target].parent = None;
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        for child in self.0.borrow_mut().iter_mut() {
            if child.parent == Some(*node) {
                child.parent = Some(*new_parent);
            }
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, node: &usize) -> bool {
        self.0.borrow()[*node].is_integration_point
    }
}

fn of_html5ever(markup: &str) -> BTreeSet<String> {
    let links = Links::default();
    links.add(Node::default());
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    parse_document(links, options).one(markup)
}

fn of_tokens(markup: &str) -> BTreeSet<String> {
    let tokens = Tokens::of(markup.as_bytes(), Syntax::Html);
    let links = tokens.filter_map(|token| match token {
        Token::Start(tag) if tag.is("a") => tag.attribute("href"),
        _ => None,
    });
    links
        .map(|link| String::from_utf8_lossy(link).into_owned())
        .collect()
}

/// Numbers the links, so that each is told from the others.
fn numbered(pieces: &[&str]) -> String {
    let numbered = pieces
        .iter()
        .enumerate()
        .map(|(number, piece)| match *piece {
            "<a>" => format!("<a href={number}>"),
            piece => piece.to_owned(),
        });
    numbered.collect()
}

/// Markup in which every element that is opened is closed where it should be. (An element of HTML does not end
/// with its start tag, so none is written like that.)
fn nested() -> impl Strategy<Value = Vec<&'static str>> {
    const ELEMENTS: [(&str, &str); 35] = [
        ("<svg>", "</svg>"),
        ("<svg width=1/>", "</svg>"),
        ("<math>", "</math>"),
        ("<g>", "</g>"),
        ("<desc>", "</desc>"),
        ("<title>", "</title>"),
        ("<foreignObject>", "</foreignObject>"),
        ("<mi>", "</mi>"),
        ("<mo>", "</mo>"),
        ("<mtext>", "</mtext>"),
        ("<mglyph>", "</mglyph>"),
        ("<annotation-xml>", "</annotation-xml>"),
        ("<annotation-xml encoding=TEXT/html>", "</annotation-xml>"),
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("<xmp>", "</xmp>"),
        ("<textarea>", "</textarea>"),
        ("<noscript>", "</noscript>"),
        ("<template>", "</template>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<table><caption>", "</caption></table>"),
        ("<select>", "</select>"),
        ("<option>", "</option>"),
        ("<div>", "</div>"),
        ("<p>", "</p>"),
        ("<span>", "</span>"),
        ("<font>", "</font>"),
        ("<font size=1>", "</font>"),
        ("<ul><li>", "</li></ul>"),
        ("<h1>", "</h1>"),
        ("<button>", "</button>"),
        ("<b>", "</b>"),
        ("<x>", "</x>"),
        ("<![CDATA[", "]]>"),
        ("<!--", "-->"),
    ];
    let leaf = prop_oneof![
        3 => Just(vec!["<a>", "</a>"]),
        1 => Just(vec!["text > "]),
        1 => Just(vec!["<br>"]),
        1 => Just(vec!["<svg/>"]),
        1 => Just(vec!["<img>"]),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let element = proptest::sample::select(ELEMENTS.as_slice());
        (element, proptest::collection::vec(inner, 0..4)).prop_map(|((start, end), inside)| {
            let inside = inside.into_iter().flatten();
            std::iter::once(start).chain(inside).chain([end]).collect()
        })
    })
}

/// Tags in any order, but for those that a pass without a tree takes as most pages mean them: end tags that may
/// be of an element around a picture, and CDATA.
fn soup() -> impl Strategy<Value = Vec<&'static str>> {
    const PIECES: [&str; 40] = [
        "<svg>",
        "<svg width=1/>",
        "<svg/>",
        "</svg>",
        "<math>",
        "</math>",
        "<g>",
        "</g>",
        "<desc>",
        "</desc>",
        "<title>",
        "<title/>",
        "</title>",
        "<foreignObject>",
        "</foreignObject>",
        "<mi>",
        "</mi>",
        "<mglyph>",
        "<annotation-xml>",
        "</annotation-xml>",
        "<style>",
        "<style/>",
        "</style>",
        "<script>",
        "<script/>",
        "</script>",
        "<template>",
        "</template>",
        "<table>",
        "<tr>",
        "<select>",
        "<option>",
        "</select>",
        "<div>",
        "<p>",
        "</p>",
        "<b>",
        "<font size=1>",
        "<a>",
        "<a>",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn links_of_nested_markup_are_those_of_a_tree(pieces in nested()) {
        let markup = numbered(&pieces);
        prop_assert_eq!(of_tokens(&markup), of_html5ever(&markup));
    }

    #[test]
    fn links_of_a_tree_are_found_in_any_markup(pieces in soup()) {
        let markup = numbered(&pieces);
        let found = of_tokens(&markup);
        let lost: Vec<_> = of_html5ever(&markup).difference(&found).cloned().collect();
        prop_assert!(lost.is_empty(), "lost {lost:?} of {markup}");
    }
}
