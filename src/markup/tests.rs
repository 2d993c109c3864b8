//! Tests of the tokens, and their comparison with html5ever's tokenizer.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use encoding_rs::UTF_8;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token as Html5Token, TokenSink, TokenSinkResult, Tokenizer,
};

use super::*;
use crate::markup::references::{Place, decode};
use crate::markup::visible;

/// A start tag as both tokenizers tell it.
type Element = (String, Vec<(String, String)>);

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn shown(markup: &str) -> String {
    let tokens = Tokens::of(markup.as_bytes(), Syntax::Html).map(|token| match token {
        Token::Text(bytes) => text(bytes).into_owned(),
        Token::Title(bytes) => format!("[{}]", text(bytes)),
        Token::Start(tag) => {
            let attributes = tag
                .attributes()
                .map(|(name, value)| format!(" {}={}", text(name), text(value)));
            format!("<{}{}>", text(tag.name), attributes.collect::<String>())
        }
    });
    tokens.collect::<Vec<_>>().join("|")
}

#[test]
fn tags_end_where_they_do_in_a_browser() {
    for (markup, tokens) in [
        ("a<b>c</b>d", "a|<b>|c|d"),
        ("<p title='a > b' x = 1 y>x</p>", "<p title=a > b x=1 y=>|x"),
        ("<a href=x/>y", "<a href=x/>|y"),
        ("<a =b/c=\"d\"e=f>", "<a =b= c=d e=f>"),
        ("<br/><BR\n/>", "<br>|<BR>"),
        ("1 < 2 <3", "1 | 2 |3"),
        ("a</>b</ c>d<?e>f<!g>h", "a|b|d|f|h"),
        ("a<!-- <p> -- > -->b<!-->c<!--->d<!-- --!>e", "a|b|c|d|e"),
        ("a<!-- open <p>", "a"),
        ("a<p open", "a"),
        ("a<p x='open>b</p>", "a"),
        ("<p a=1 A=2>", "<p a=1 A=2>"),
    ] {
        assert_eq!(shown(markup), tokens, "{markup}");
    }
}

#[test]
fn raw_text_ends_with_its_own_end_tag() {
    for (markup, tokens) in [
        ("<title>a <b> &amp;</title >c", "<title>|[a <b> &amp;]|c"),
        ("<TEXTAREA><p></textarea>x", "<TEXTAREA>|<p>|x"),
        ("<style></p></STYLE>x", "<style>|x"),
        ("<script>if (a < b) '</p>'</script>x", "<script>|x"),
        ("<script/>x</script>y", "<script>|y"),
        ("<scripts>x", "<scripts>|x"),
        (
            "<script><!-- <script> </script> --></script>x",
            "<script>|x",
        ),
        ("<script><!-- </script>x", "<script>|x"),
        ("<script><!--><script></script>x", "<script>|x"),
        (
            "<iframe><a></iframe>x<noframes>y</noframes>",
            "<iframe>|x|<noframes>",
        ),
        ("<xmp><a></xmp>x", "<xmp>|<a>|x"),
        ("<noscript><a></noscript>x", "<noscript>|<a>|x"),
        ("<plaintext><a></plaintext>", "<plaintext>|<a></plaintext>"),
        ("<script>open", "<script>"),
    ] {
        assert_eq!(shown(markup), tokens, "{markup}");
    }
}

#[test]
fn templates_are_no_part_of_a_page_and_pictures_have_no_raw_text() {
    for (markup, tokens) in [
        ("<template>a<template><p></template>b</template>c", "c"),
        (
            "<svg><title>a<b></title><style><x></style></svg><title>t</title>",
            "<svg>|<title>|a|<b>|<style>|<x>|<title>|[t]",
        ),
        (
            "<svg><title>a</title><style><x></style></svg><title>t</title>",
            "<svg>|<title>|a|<style>|<x>|<title>|[t]",
        ),
        (
            "<svg><foreignObject><style><x></style></foreignObject><style><x></svg>",
            "<svg>|<foreignObject>|<style>|<style>|<x>",
        ),
        ("<svg/><style><x></style>", "<svg>|<style>"),
        ("<svg><p><style><x></style>", "<svg>|<p>|<style>"),
        ("<template><svg><path></template><a>", "<a>"),
        ("<template><template><math></template></template><a>", "<a>"),
        ("<div><svg></div><style><a></style>", "<div>|<svg>|<style>"),
        ("<svg></p><style><a></style>", "<svg>|<style>"),
        ("<svg><template>x</svg>y", "<svg>|<template>|x|y"),
        (
            "<svg><![CDATA[ <p> ]]>x</svg><![CDATA[ <p> ]]>",
            "<svg>|x| ]]>",
        ),
        (
            "<math><mtext><style><x></style></math>",
            "<math>|<mtext>|<style>",
        ),
        // What holds HTML in a formula does not in a picture, and the other way round.
        (
            "<svg><mi><style><a></style></mi></svg><math><desc><style><b>",
            "<svg>|<mi>|<style>|<a>|<math>|<desc>|<style>|<b>",
        ),
        (
            "<math><annotation-xml><style><a></annotation-xml><style><b>",
            "<math>|<annotation-xml>|<style>|<a>|<style>|<b>",
        ),
        (
            "<math><annotation-xml encoding='TEXT/html'><style><a></style>",
            "<math>|<annotation-xml encoding=TEXT/html>|<style>",
        ),
        (
            "<math><annotation-xml><svg><desc><style><a></style>",
            "<math>|<annotation-xml>|<svg>|<desc>|<style>",
        ),
        (
            "<math><mi><mglyph><style><a></math><style><a>",
            "<math>|<mi>|<mglyph>|<style>|<a>|<style>",
        ),
        // A slash may be the last byte of a value.
        (
            "<svg width=1/><style><a></style></svg><svg width=1 /><style><a>",
            "<svg width=1/>|<style>|<a>|<svg width=1>|<style>",
        ),
        (
            "<svg><desc><![CDATA[ > <p> ]]></desc></svg>x",
            "<svg>|<desc>|x",
        ),
        (
            "<svg><g><desc></g><style><a></style></svg><style><a>",
            "<svg>|<g>|<desc>|<style>|<a>|<style>",
        ),
    ] {
        assert_eq!(shown(markup), tokens, "{markup}");
    }
}

#[test]
fn an_element_of_xhtml_may_end_with_its_start_tag() {
    let markup = b"<script src='x'/><title/><template/><a><style>x</style>y";
    let starts = Tokens::of(markup, Syntax::Xml)
        .filter(|token| matches!(token, Token::Start(_)))
        .count();
    assert_eq!(starts, 5);
    assert_eq!(Tokens::of(markup, Syntax::Html).count(), 1);
}

#[test]
fn depth_costs_nothing() {
    let markup = "<svg><desc><template></template></b>".repeat(100_000);
    assert_eq!(Tokens::of(markup.as_bytes(), Syntax::Html).count(), 200_000);
}

/// What html5ever's tokenizer tells, in the states that its tree builder would put it in.
#[derive(Default)]
struct Reference {
    elements: RefCell<Vec<Element>>,
    text: RefCell<String>,
    is_unseen: Cell<bool>,
}

impl TokenSink for Reference {
    type Handle = ();

    fn process_token(&self, token: Html5Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Html5Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let attributes = tag.attrs.iter().map(|attribute| {
                    (
                        attribute.name.local.to_string(),
                        attribute.value.to_string(),
                    )
                });
                let name = tag.name.to_string();
                self.elements
                    .borrow_mut()
                    .push((name.clone(), attributes.collect()));
                let content = content_of(name.as_bytes());
                self.is_unseen
                    .set(matches!(content, Content::Unseen | Content::Script));
                return match (content, name.as_str()) {
                    (Content::Markup, _) => TokenSinkResult::Continue,
                    (Content::Plain, _) => TokenSinkResult::Plaintext,
                    (Content::Script, _) => TokenSinkResult::RawData(ScriptData),
                    (_, "title" | "textarea") => TokenSinkResult::RawData(Rcdata),
                    _ => TokenSinkResult::RawData(Rawtext),
                };
            }
            Html5Token::TagToken(_) => self.is_unseen.set(false),
            Html5Token::CharacterTokens(text) if !self.is_unseen.get() => {
                self.text.borrow_mut().push_str(&text);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn of_html5ever(markup: &str) -> (Vec<Element>, String) {
    let tokenizer = Tokenizer::new(
        Reference::default(),
        html5ever::tokenizer::TokenizerOpts::default(),
    );
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(markup));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    (tokenizer.sink.elements.take(), tokenizer.sink.text.take())
}

fn of_tokens(markup: &str) -> (Vec<Element>, String) {
    let (mut elements, mut all) = (Vec::new(), String::new());
    let mut is_raw = false;
    for token in Tokens::of(markup.as_bytes(), Syntax::Html) {
        match token {
            Token::Start(tag) => {
                let mut attributes: Vec<(String, String)> = Vec::new();
                for (name, value) in tag.attributes() {
                    let name = text(name).to_ascii_lowercase();
                    if attributes.iter().all(|(known, _)| *known != name) {
                        let value = decode(&text(value), Place::Attribute).into_owned();
                        attributes.push((name, value));
                    }
                }
                is_raw = tag.is("xmp") || tag.is("plaintext");
                elements.push((text(tag.name).to_ascii_lowercase(), attributes));
            }
            Token::Text(bytes) if is_raw => {
                all.push_str(&text(bytes));
                is_raw = false;
            }
            Token::Text(bytes) | Token::Title(bytes) => {
                is_raw = false;
                visible::decoded(bytes, UTF_8, &mut |text| {
                    all.push_str(std::str::from_utf8(text).unwrap());
                    true
                });
            }
        }
    }
    (elements, all)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(1_000))]

    #[test]
    fn tokens_are_those_of_html5ever(
        markup in "(<|>|/|</|<!--|--!?>|-|!|<a |<b|title|script|<script>|</script>|style|textarea|xmp|noframes| href=|x|é|&amp;|&#x41;|=|'|\"| |\n){0,40}",
    ) {
        let (elements, text) = of_tokens(&markup);
        let (expected, expected_text) = of_html5ever(&markup);
        assert_eq!(elements, expected);
        // What is left of a tag that the end of the page cuts off is text to one of them.
        let bare = |text: &str| text.replace(['<', '/'], "");
        assert_eq!(bare(&text), bare(&expected_text));
    }
}
