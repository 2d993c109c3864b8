//! What the words in an element's class, id and role say about its purpose.
//!
//! Names are split into words at punctuation and at changes of case, so `siteFooter` and `site-footer`
//! say the same and `shareholder` does not say `share`.

use super::words::{self, Word};
use crate::extract::tree::{NodeIndex, Tag, Tree};

/// What an element's names claim that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Hints {
    /// The main text itself.
    pub body: bool,
    /// Something that is around the main text on most sites.
    pub boilerplate: bool,
    /// The same, but only where the main text is an article: page builders call the text itself so.
    pub article_boilerplate: bool,
    /// Remarks by readers: noise below an article, the content of a forum.
    pub remarks: bool,
    /// Not shown, or shown only on demand.
    pub hidden: bool,
}

/// Reads the hints off one element.
pub(super) fn of(tree: &Tree, node: NodeIndex) -> Hints {
    let mut hints = Hints {
        hidden: is_hidden(tree, node),
        ..Hints::default()
    };
    for (name, value) in tree.attributes(node) {
        match name {
            "class" | "id" => {
                let mut previous = Word::default();
                // A name with brackets is a style rule ("pt-[--banner-height]"), no purpose.
                for name in value
                    .split_whitespace()
                    .filter(|name| !name.contains(['[', '(']))
                {
                    for word in Words::of(name) {
                        hints.read(previous, word);
                        previous = word;
                    }
                }
            }
            "role" => match value {
                "main" => hints.body = true,
                "navigation" | "banner" | "contentinfo" | "search" | "complementary" | "menu"
                | "menubar" | "toolbar" | "dialog" | "alertdialog" | "alert" | "tablist" => {
                    hints.boilerplate = true;
                }
                _ => {}
            },
            "itemprop"
                if value
                    .split_whitespace()
                    .any(|word| matches!(word, "articleBody" | "reviewBody" | "description")) =>
            {
                hints.body = true;
            }
            _ => {}
        }
    }
    hints
}

impl Hints {
    fn read(&mut self, previous: Word<'_>, word: Word<'_>) {
        let meaning = words::meaning(previous, word);
        self.boilerplate |= meaning.boilerplate;
        self.article_boilerplate |=
            meaning.article_boilerplate && !(previous.is("elementor") || previous.is("wp"));
        self.remarks |= meaning.remarks;
        self.body |= meaning.body;
    }
}

fn is_hidden(tree: &Tree, node: NodeIndex) -> bool {
    tree.attributes(node).any(|(name, value)| match name {
        "hidden" => value != "until-found",
        "aria-hidden" => value == "true",
        "style" => hides(value),
        _ => false,
    }) || (tree.tag(node) == Tag::Dialog && tree.attribute(node, "open").is_none())
}

/// Says whether a style takes the element from view.
fn hides(style: &str) -> bool {
    style.split(';').any(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else {
            return false;
        };
        let value = value.trim_start();
        let begins = |word: &str| {
            value
                .get(..word.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(word))
        };
        match property.trim() {
            "display" => begins("none"),
            "visibility" => begins("hidden"),
            _ => false,
        }
    })
}

/// Words of a class or id.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn of(names: &'a str) -> Self {
        Self { rest: names }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        self.rest = self
            .rest
            .trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let bytes = self.rest.as_bytes();
        let mut hash = words::START;
        let mut end = 0;
        while end < bytes.len() && bytes[end].is_ascii_alphabetic() {
            let begins_word = end > 0
                && bytes[end].is_ascii_uppercase()
                && (bytes[end - 1].is_ascii_lowercase()
                    || bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase));
            if begins_word {
                break;
            }
            hash = words::hashed(hash, bytes[end]);
            end += 1;
        }
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!text.is_empty()).then_some(Word { text, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree;

    fn hints_of(attributes: &str) -> Hints {
        let page = tree::parse(&format!("<div {attributes}>x</div>"));
        of(&page, page.elements(0, Tag::Div).next().unwrap())
    }

    #[test]
    fn names_are_split_into_words() {
        let words = Words::of("siteFooter HTMLBody post__nav-2 a");
        let texts: Vec<_> = words.map(|word| word.text).collect();
        assert_eq!(
            texts,
            ["site", "Footer", "HTML", "Body", "post", "nav", "a"]
        );
    }

    #[test]
    fn style_rules_are_no_names() {
        assert!(
            !hints_of("class='pt-[calc(var(--banner))] has-[>[data-slot=banner]]'").boilerplate
        );
    }

    #[test]
    fn words_tell_the_purpose() {
        assert!(hints_of("class='siteFooter'").boilerplate);
        assert!(hints_of("id=sr-only").boilerplate);
        assert!(hints_of("role=navigation").boilerplate);
        assert!(!hints_of("class=shareholder").boilerplate);
        assert!(hints_of("class='entry-content wide'").body);
        assert!(hints_of("class='post comments'").remarks);
        assert!(hints_of("style='color:red; DISPLAY: x; display : none'").hidden);
        assert!(hints_of("aria-hidden=true").hidden);
        assert!(!hints_of("style='display:block' hidden=until-found").hidden);
    }
}
