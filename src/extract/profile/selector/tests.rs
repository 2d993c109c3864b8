//! What selectors select, what is wrong with them, and what they cost.

use proptest::prelude::*;

use super::*;
use crate::extract::locator::Locators;
use crate::extract::tree::parse;

const PAGE: &str = "<body><h1 id=top class='big title'>t</h1><ul class=list><li>1<li class=on>2<b>x</b><li>3</ul>\
    <div lang=en-GB data-x='a b'><p>4<p class='on last'>5</div><p title='It&quot;s'>6</p><i></i><u>7</u>";

/// Returns the own text of each selected element.
fn selected(selector: &str) -> String {
    let tree = parse(PAGE);
    let found = Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error:?}"));
    let texts = found.select(&Elements::new(&tree)).into_iter().map(|node| {
        let text = tree.raw_text(node);
        text.chars().next().map_or("-".to_owned(), String::from)
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn each_form_selects_what_the_standard_says() {
    for (selector, found) in [
        ("h1", "t"),
        ("#top", "t"),
        ("h1.big.title", "t"),
        ("LI", "1 2 3"),
        (".on", "2 5"),
        ("li.on, p.on", "2 5"),
        ("ul li b", "x"),
        ("ul > b", ""),
        ("body > p", "6"),
        ("li + li", "2 3"),
        ("li ~ li", "2 3"),
        ("h1 ~ p", "6"),
        ("h1 + p", ""),
        ("[title]", "6"),
        ("[title='It\"s']", "6"),
        ("[class~=last]", "5"),
        ("[lang|=en]", "4"),
        ("[lang^=en]", "4"),
        ("[lang$=GB]", "4"),
        ("[lang*='n-g' i]", "4"),
        ("[lang*='n-g']", ""),
        ("[data-x='a b']", "4"),
        ("[title^='']", ""),
        ("li:first-child", "1"),
        ("li:last-child", "3"),
        ("li:nth-child(2n+1)", "1 3"),
        ("li:nth-child(odd)", "1 3"),
        ("li:nth-child( -n + 2 )", "1 2"),
        ("li:nth-last-child(1)", "3"),
        ("p:nth-of-type(2)", "5"),
        ("body > p:first-of-type", "6"),
        ("b:only-child", "x"),
        ("u:only-of-type", "7"),
        ("i:empty", "-"),
        (":root > body > h1", "t"),
        ("li:not(.on)", "1 3"),
        ("li:not(.on, :first-child)", "3"),
        (":is(h1, u)", "t 7"),
        ("li:has(b)", "2"),
        ("ul:has(> b)", ""),
        ("ul:has(> li.on)", "1"),
        ("li:has(+ li.on)", "1"),
        ("li:has(~ li.on)", "1"),
        ("p:has(~ u)", "6"),
        ("ul *", "1 2 x 3"),
        ("#t\\6f p", "t"),
    ] {
        assert_eq!(selected(selector), found, "{selector}");
    }
}

#[test]
fn what_a_locator_says_is_found() {
    let tree = parse(PAGE);
    let (locators, elements) = (Locators::new(&tree), Elements::new(&tree));
    for node in elements.all() {
        let css = locators.css(*node);
        let found = Selector::parse(&css).unwrap().select(&elements);
        assert_eq!(found, [*node], "{css}");
    }
}

#[test]
fn a_fault_has_its_place_and_its_mending() {
    for (selector, at, message, fix) in [
        ("", 0, "ends where", "write a name"),
        ("div >", 5, "ends where", "write a name"),
        ("div,", 4, "ends where", "write a name"),
        ("x-card", 0, "`x-card`", "class"),
        ("p:hover", 1, "no pseudo-class", "write"),
        ("p:frist-child", 1, "no pseudo-class", "write :first-child"),
        ("p::text", 1, "pseudo-elements", "attribute"),
        ("p[title", 1, "no end", "write [name]"),
        ("p[title='x]", 8, "no end", "close"),
        ("p:not(.a", 8, "closing bracket", "write"),
        ("p:nth-child(x)", 12, "no place", "2n+1"),
        ("p:has(.a .b)", 9, "only one", "alone"),
        ("p)", 1, "not expected", "take it away"),
        (".", 1, "name is missing", "write"),
    ] {
        let error = Selector::parse(selector).unwrap_err();
        assert_eq!(error.at, at, "{selector}: {error:?}");
        assert!(error.message.contains(message), "{selector}: {error:?}");
        assert!(error.fix.contains(fix), "{selector}: {error:?}");
    }
}

#[test]
fn a_selector_is_bounded() {
    for bomb in [
        "a".repeat(1 << 20),
        "a,".repeat(2_000),
        ":not(".repeat(500),
        "a > ".repeat(1_000),
    ] {
        Selector::parse(&bomb).unwrap_err();
    }
}

#[test]
fn hostile_pages_cost_their_size() {
    let deep = parse(&"<div class=a>".repeat(30_000));
    let wide = parse(&"<p class=a>".repeat(60_000));
    let selector = ".a ".repeat(100) + ", .a ~ .a + .a:has(~ .a) :not(.a .a .a):nth-of-type(3n)";
    let selector = Selector::parse(&selector).unwrap();
    for tree in [deep, wide] {
        // A walk from each element over its ancestors or siblings would not end.
        let start = std::time::Instant::now();
        selector.select(&Elements::new(&tree));
        assert!(start.elapsed().as_secs() < 20);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_selector_selects_elements_in_order_or_has_a_place(text in "[pli#.:\\[\\]()=*>+~, a'nt-]{0,24}|.{0,12}") {
        let tree = parse(PAGE);
        let elements = Elements::new(&tree);
        match Selector::parse(&text) {
            Ok(selector) => {
                let found = selector.select(&elements);
                prop_assert!(found.is_sorted());
                prop_assert!(found.iter().all(|node| elements.all().binary_search(node).is_ok()));
            }
            Err(error) => prop_assert!(error.at <= text.len() && !error.fix.is_empty()),
        }
    }
}
