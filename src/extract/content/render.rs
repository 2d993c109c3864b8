//! One walk over the chosen element that writes its plain text, its Markdown and where its blocks stand.

use super::About;
use super::features::Page;
use super::markdown::Markdown;
use super::places::Places;
use super::plain::{Plain, Separator};
use super::selection::Selection;
use crate::extract::locator::Locators;
use crate::extract::tree::{NodeIndex, NodeKind, Tag};

/// A stretch of the text that is set apart, and where it stands on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// A CSS selector of the element whose text begins it.
    pub locator: String,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// From 1, when it is a heading.
    pub heading: Option<u8>,
}

/// The text and what it was made of.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub text: String,
    pub markdown: String,
    pub blocks: Vec<Block>,
    pub headings: usize,
    pub tables: usize,
    pub code_blocks: usize,
    pub places: Places,
}

/// Renders what is taken of the page.
pub(super) fn render(page: &Page<'_>, taken: &Selection, about: About<'_>) -> Rendered {
    let tree = page.tree;
    let root = page.body;
    let mut rendered = Rendered::default();
    let mut plain = Plain::default();
    let mut markdown = Markdown::new(tree, about.base);
    let mut open: Vec<NodeIndex> = Vec::new();
    let mut preformatted_end = 0;
    let mut node = root;
    while node < tree.end(root) {
        while open.last().is_some_and(|last| tree.end(*last) <= node) {
            if let Some(closed) = open.pop() {
                plain.part(Separator::of(tree.tag(closed)));
                markdown.close(closed);
            }
        }
        if !taken.holds(node) {
            if tree.kind(node) == NodeKind::Element {
                plain.part(Separator::of(tree.tag(node)));
                markdown.pass(node);
            }
            node = tree.end(node);
            continue;
        }
        match tree.kind(node) {
            NodeKind::Document => {}
            NodeKind::Text => {
                let text = tree.text(node);
                let block = page.features[node].block as usize;
                if node < preformatted_end {
                    plain.lines(text, block);
                } else {
                    plain.folded(text, block);
                }
                markdown.text(text);
            }
            NodeKind::Element => {
                let tag = tree.tag(node);
                match tag {
                    Tag::Table => rendered.tables += 1,
                    Tag::Pre => {
                        rendered.code_blocks += 1;
                        preformatted_end = preformatted_end.max(tree.end(node));
                    }
                    _ if tag.is_heading() => rendered.headings += 1,
                    _ => {}
                }
                plain.part(Separator::of(tag));
                markdown.open(node);
                open.push(node);
            }
        }
        plain.end_node(node);
        node += 1;
    }
    while let Some(closed) = open.pop() {
        markdown.close(closed);
    }
    let (text, spans, places) = plain.finish();
    let own;
    let locators = if let Some(locators) = about.locators {
        locators
    } else {
        own = Locators::new(tree);
        &own
    };
    rendered.blocks = spans
        .into_iter()
        .map(|span| Block {
            locator: locators.css(span.node),
            start: span.start,
            end: span.end,
            heading: tree.tag(span.node).heading_level(),
        })
        .collect();
    rendered.places = places;
    rendered.text = text;
    rendered.markdown = markdown.finish();
    rendered
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag as Mark, TagEnd};

    use url::Url;

    use super::*;
    use crate::extract::content::PageKind;
    use crate::extract::content::features::Reading;
    use crate::extract::tree;

    fn rendered(html: &str) -> Rendered {
        let tree = tree::parse(html);
        let page = Page::of(&tree, PageKind::default(), Reading::Visible);
        let taken = Selection::of(&page, page.body, |_| false);
        let base = Url::parse("https://example.com/a/b").ok();
        let about = About {
            base: base.as_ref(),
            ..About::default()
        };
        render(&page, &taken, about)
    }

    fn markdown(html: &str) -> String {
        rendered(html).markdown
    }

    /// Returns every character that a reader of the Markdown sees, without white space.
    fn read_back(markdown: &str) -> String {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let (mut text, mut images) = (String::new(), 0);
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(Mark::Image { .. }) => images += 1,
                Event::End(TagEnd::Image) => images -= 1,
                Event::Text(found) | Event::Code(found) if images == 0 => text.push_str(&found),
                Event::Html(found) | Event::InlineHtml(found) => {
                    text.push_str("HTML:");
                    text.push_str(&found);
                }
                _ => {}
            }
        }
        seen(&text)
    }

    fn seen(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    #[test]
    fn markdown_has_the_marks_of_the_page() {
        for (html, expected) in [
            (
                "<h2>A <i>title</i> #</h2><p>One<br>two",
                "## A *title* \\#\n\nOne\\\ntwo",
            ),
            (
                "<ul><li>a<ol start=3><li>b<li>c</ol><li><p>d</p><p>e</ul>f",
                "- a\n\n  3. b\n  4. c\n- d\n\n  e\n\nf",
            ),
            (
                "<blockquote><p>a<ul><li>b</ul></blockquote>c",
                "> a\n>\n> - b\n\nc",
            ),
            (
                "<pre><code class='language-rust'>fn a() {\n    b();\n}\n</code></pre>",
                "```rust\nfn a() {\n    b();\n}\n```",
            ),
            (
                "<p>use <code>a`b</code>, <b>not</b><b> this</b>",
                "use ``a`b``, **not** **this**",
            ),
            (
                "<table><caption>C</caption><tr><th>a<th>b|c<tr><td colspan=2>d<tr><td>e<td>f</table>",
                "C\n\n| a | b\\|c |\n|---|---|\n| d | |\n| e | f |",
            ),
            (
                "<table><tr><td rowspan=2>a<td>b<tr><td>c</table>",
                "| | |\n|---|---|\n| a | b |\n| | c |",
            ),
            (
                "<p>See <a href='../c (1)'>this</a>! <a href=javascript:x()>that</a> <img src=i.png alt='a [b]'>",
                "See [this](https://example.com/c%20%281%29)! that ![a \\[b\\]](https://example.com/a/i.png)",
            ),
            (
                "<a href=x><h3>T</h3><p>p</p></a>",
                "### [T](https://example.com/a/x)\n\n[p](https://example.com/a/x)",
            ),
            (
                "<p>1. no list, <b>*</b> a_b _c_ &lt;b> &amp;amp; # x",
                "1\\. no list, **\\*** a_b \\_c\\_ \\<b> \\&amp; # x",
            ),
            ("<dl><dt>Term<dd>What it is</dl>", "**Term**\n\nWhat it is"),
        ] {
            assert_eq!(markdown(html), expected, "{html}");
            assert_eq!(read_back(expected), seen(&rendered(html).text), "{html}");
        }
    }

    #[test]
    fn blocks_cover_the_text_and_name_their_elements() {
        let found = rendered("<div><p>One.</p><ul><li>a<li>b</ul></div>Two");
        let blocks: Vec<_> = found
            .blocks
            .iter()
            .map(|block| (block.locator.as_str(), &found.text[block.start..block.end]))
            .collect();
        assert_eq!(
            blocks,
            [
                ("html > body > div:nth-child(1) > p:nth-child(1)", "One."),
                (
                    "html > body > div:nth-child(1) > ul:nth-child(2) > li:nth-child(1)",
                    "a\nb"
                ),
                ("html > body", "Two"),
            ]
        );
    }

    #[test]
    fn nesting_without_end_costs_no_square() {
        for tag in ["ul><li", "blockquote", "b><i", "a href=/x><b"] {
            let html = format!("{}{}", format!("<{tag}>").repeat(500), "<p>x".repeat(5_000));
            let found = rendered(&html);
            assert!(
                found.markdown.len() < 20 * html.len(),
                "{tag}: {}",
                found.markdown.len()
            );
            assert!(
                found.blocks.iter().all(|block| block.locator.len() < 1200),
                "{tag}"
            );
        }
    }

    fn html() -> impl Strategy<Value = String> {
        let text = prop_oneof![
            4 => "[a-c ]{1,6}",
            3 => r"[-+*_#>=`~|!\[\]()<&;.:1 a\\]{1,6}",
            1 => "(&amp;|&lt;|&copy;|&#42;|1\\.|- |# |> |\\*\\*|~~|---|\u{a0}| b |é、。)",
        ];
        let leaf = text.prop_map(|text: String| text.replace('<', "&lt;"));
        leaf.prop_recursive(5, 40, 5, |inner| {
            let tags = prop::sample::select(vec![
                "p",
                "div",
                "b",
                "i",
                "em",
                "strong",
                "code",
                "a href=x",
                "a href='y z)'",
                "ul",
                "ol",
                "ol start=7",
                "li",
                "blockquote",
                "pre",
                "h1",
                "h3",
                "table",
                "tr",
                "td",
                "th",
                "dl",
                "dt",
                "dd",
                "s",
                "span",
                "br",
                "img src=x alt=y",
                "section",
                "td colspan=2",
                "td rowspan=2",
                "caption",
            ]);
            (tags, prop::collection::vec(inner, 0..5)).prop_map(|(tag, parts)| {
                let name = tag.split(' ').next().unwrap_or_default();
                format!("<{tag}>{}</{name}>", parts.concat())
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn markdown_reads_back_as_the_plain_text(parts in prop::collection::vec(html(), 1..6)) {
            let html = parts.concat();
            let found = rendered(&html);
            prop_assert_eq!(read_back(&found.markdown), seen(&found.text), "{}\n--\n{}", html, found.markdown);
        }
    }
}
