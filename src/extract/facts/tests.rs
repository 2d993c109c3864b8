//! Each kind of fact by a small page of its own, what is none, and what no page may do.

use proptest::prelude::*;

use super::*;
use crate::extract::content;
use crate::extract::records;
use crate::extract::tree::parse;

/// Facts as `subject | attribute | value | unit`, after the spans have been looked at.
fn found(html: &str) -> Vec<String> {
    let facts = read_page(html);
    facts
        .iter()
        .map(|fact| {
            let or_none = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
            let (subject, unit) = (or_none(&fact.subject), or_none(&fact.unit));
            format!("{subject} | {} | {} | {unit}", fact.attribute, fact.value)
        })
        .collect()
}

fn read_page(html: &str) -> Vec<Fact> {
    let tree = parse(html);
    let locators = Locators::new(&tree);
    let content = content::find(&tree, content::About::default());
    let records = records::read(&tree, &locators, "https://example.com/");
    let (facts, _) = find(&Sources {
        tree: &tree,
        locators: &locators,
        content: content.as_ref(),
        records: &records.records,
        title: Some("Page"),
    });
    for fact in &facts {
        assert!(fact.span.is_some() != fact.locator.is_some(), "{fact:?}");
        if let (Some(span), Some(content)) = (&fact.span, &content) {
            assert_eq!(content.text.get(span.clone()), Some(fact.text.as_str()));
        }
    }
    facts
}

#[test]
fn a_table_of_names_and_values_is_said_of_what_it_stands_under() {
    let rows = "<tr><th>Weight<td>12.5 kg<tr><th scope=row>Price:<td>1,299.00 EUR";
    let facts = ["Mill | Weight | 12.5 | kg", "Mill | Price | 1,299.00 | EUR"];
    for html in [
        format!("<h2>Mill</h2><table>{rows}</table>"),
        format!("<table><caption>Mill</caption>{rows}</table>"),
        format!("<table><tr><th colspan=2>Mill{rows}</table>"),
        "<h2>Mill</h2><table><tr><td><b>Weight</b><td>12.5 kg<tr><td><b>Price</b><td>1,299.00 EUR</table>".to_owned(),
        "<h2>Mill</h2><table><tr><td>Weight<td>12.5 kg<tr><td>Price<td>1,299.00 EUR</table>".to_owned(),
        "<h2>Mill</h2><table><tr><th>Weight<td>12.5 kg<th>Price<td>1,299.00 EUR</table>".to_owned(),
    ] {
        assert_eq!(found(&html), facts, "{html}");
    }
}

#[test]
fn a_table_under_headers_says_of_each_row() {
    let facts = [
        "Oak | Height | 30 | m",
        "Oak | Age | 500 | years",
        "Fir | Height | 50 | m",
        "Fir | Age | 200 | years",
    ];
    let rows = "<tr><td>Oak<td>30 m<td>500 years<tr><td>Fir<td>50 m<td>200 years";
    for head in [
        "<tr><th>Tree<th>Height<th>Age",
        "<thead><tr><td>Tree<td>Height<td>Age</thead>",
        "<tr><td><b>Tree</b><td><b>Height</b><td><b>Age</b>",
        "<tr><td>Tree<td>Height<td>Age",
    ] {
        assert_eq!(
            found(&format!("<table>{head}{rows}</table>")),
            facts,
            "{head}"
        );
    }
}

#[test]
fn cells_that_span_count_for_each_row_and_column() {
    assert_eq!(
        found(
            "<table><tr><th rowspan=2>Tree<th colspan=2>Size<tr><th>Height<th>Girth\
             <tr><td>Oak<td rowspan=2>30 m<td>4 m<tr><td>Fir<td>2 m</table>"
        ),
        [
            "Oak | Size / Height | 30 | m",
            "Fir | Size / Height | 30 | m",
            "Oak | Size / Girth | 4 | m",
            "Fir | Size / Girth | 2 | m",
        ]
    );
}

#[test]
fn tables_that_lay_a_page_out_or_name_nothing_are_none() {
    for html in [
        "<table><tr><td>One text<td>Another text<tr><td>More<td>Much</table>",
        "<table role=presentation><tr><th>A<td>1<tr><th>B<td>2</table>",
        "<table><tr><td><table><tr><td>x<td>y</table><td>z</table>",
        "<table><tr><td>1<td>2<tr><td>3<td>4</table>",
        "<table><tr><th><a href=/a>A</a><td><a href=/b>B</a><tr><th><a href=/c>C</a><td><a href=/d>D</a></table>",
        "<table><tr><th>Alone</table>",
    ] {
        assert_eq!(found(html), Vec::<String>::new(), "{html}");
    }
    let inner = "<table><tr><td><h1>Shop</h1><table><tr><th>Weight<td>1 kg<tr><th>Size<td>2 m</table></table>";
    assert_eq!(
        found(inner),
        ["Shop | Weight | 1 | kg", "Shop | Size | 2 | m"]
    );
}

#[test]
fn definition_lists_pair_names_with_values() {
    assert_eq!(
        found(
            "<h1>Mill</h1><dl><dt>Height:<dd>12 m<dt>Owner<dt>Miller<dd>Jo Doe<dd>Ida Brandt\
             <div><dt>Built</dt><dd>1224</dd></div><dt>List<dd><ul><li>a</ul></dl>"
        ),
        [
            "Mill | Height | 12 | m",
            "Mill | Owner | Jo Doe | -",
            "Mill | Miller | Jo Doe | -",
            "Mill | Owner | Ida Brandt | -",
            "Mill | Miller | Ida Brandt | -",
            "Mill | Built | 1224 | -",
        ]
    );
}

#[test]
fn labelled_lines_are_facts_and_prose_is_not() {
    let facts = ["Page | Weight | 12.5 | kg", "Page | Colour | red | -"];
    for html in [
        "<p>Weight: 12.5 kg<br>Colour: red</p>",
        "<p>Weight: 12.5 kg</p><p>Colour: red</p>",
        "<p><b>Weight:</b> 12.5 kg</p>Text between.<p><strong>Colour</strong>: red</p>",
        "<div><b>Weight</b> 12.5 kg<br><b>Colour</b> red</div>",
        "<ul><li>Weight: 12.5 kg<li>Colour: red</ul>",
    ] {
        assert_eq!(found(html), facts, "{html}");
    }
    for html in [
        "<p>She said: come in.</p>",
        "<p>It begins at 12:30 and ends.</p>",
        "<p>One thing is sure: nothing lasts.</p><p>Another text.</p>",
        "<p><b>Bold</b> words begin this text.</p>",
        "<nav>Weight: 12.5 kg<br>Colour: red</nav>",
        "<p>See: <a href=/x>https://example.com</a></p>",
        "<p><b>Note:</b> this is a sentence that goes on for longer than any value would, and then it ends.</p>",
    ] {
        assert_eq!(found(html), Vec::<String>::new(), "{html}");
    }
}

#[test]
fn items_of_two_parts_are_facts_and_menus_are_not() {
    let facts = ["Page | Weight | 12.5 | kg", "Page | Colour | red | -"];
    for html in [
        "<ul><li><span>Weight</span><span>12.5 kg</span><li><span>Colour</span><span>red</span></ul>",
        "<ul><li><div><p>Weight</p><p>12.5 kg</p></div><li><div><p>Colour</p><p>red</p></div></ul>",
        "<ul><li><b>Weight</b> 12.5 kg<li><b>Colour</b> red</ul>",
    ] {
        assert_eq!(found(html), facts, "{html}");
    }
    for menu in [
        "<ul><li><a href=/a>Apples</a><span>3</span><li><a href=/b>Pears</a><span>4</span></ul>",
        "<ul><li><span>Apples</span><span>(3)</span><li><span>Pears</span><span>(4)</span></ul>",
        "<ul><li><a href=/a><b>1</b> First text</a><li><a href=/b><b>2</b> Second text</a></ul>",
    ] {
        assert_eq!(found(menu), Vec::<String>::new(), "{menu}");
    }
    let text = "A text that is what the page is about, long enough that nobody would take anything else for it. ";
    let teasers =
        "<ul><li><span>Apples</span><span>red</span><li><span>Pears</span><span>green</span></ul>";
    let html = format!(
        "<article><p>{}</p></article><aside>{teasers}</aside>",
        text.repeat(5)
    );
    assert_eq!(found(&html), Vec::<String>::new());
}

#[test]
fn properties_that_records_declare_are_facts_with_their_place() {
    let facts = read_page(
        "<script type=application/ld+json>{\"@type\": \"Product\", \"name\": \"Mill\", \"additionalProperty\": [\
         {\"@type\": \"PropertyValue\", \"name\": \"Weight\", \"value\": 12.5, \"unitText\": \"kg\"},\
         {\"@type\": \"PropertyValue\", \"name\": \"Range\", \"minValue\": 1, \"maxValue\": 2}]}</script>",
    );
    let short: Vec<_> = facts
        .iter()
        .map(|fact| {
            (
                fact.attribute.as_str(),
                fact.value.as_str(),
                fact.unit.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        short,
        [("Weight", "12.5", Some("kg")), ("Range", "1–2", None)]
    );
    assert_eq!(facts[0].subject.as_deref(), Some("Mill"));
    assert!(
        facts[0]
            .locator
            .as_deref()
            .is_some_and(|at| at.starts_with("script["))
    );
}

#[test]
fn what_is_not_in_the_content_is_found_by_its_element() {
    let facts = read_page(
        "<body><p>Some text of the page that goes on for a while, so that it is enough to be one, and then goes on \
         for a while more until there is no doubt at all that this and nothing else is what the page is about, as \
         any reader would say who has read as far as this.</p>\
         <div hidden><table id=t><tr><th>Weight<td>12.5 kg<tr><th>Size<td>2 m</table></div>",
    );
    let places: Vec<_> = facts.iter().map(|fact| fact.locator.as_deref()).collect();
    let row = |n| format!("#t > tbody:nth-child(1) > tr:nth-child({n}) > td:nth-child(2)");
    assert_eq!(places, [Some(row(1).as_str()), Some(row(2).as_str())]);
}

#[test]
fn limits_are_gaps() {
    let rows: String = (0..2_100).fold(String::new(), |all, n| {
        all + &format!("<tr><th>n{n}<td>{n} kg")
    });
    let tree = parse(&format!("<table>{rows}</table>"));
    let locators = Locators::new(&tree);
    let (facts, gaps) = find(&Sources {
        tree: &tree,
        locators: &locators,
        content: None,
        records: &[],
        title: None,
    });
    assert_eq!(facts.len(), FACT_LIMIT);
    let expected = Gap::at(
        Reason::FactsCut,
        "facts",
        "100 beyond 2000 facts, or beyond the names of one value",
    );
    assert_eq!(gaps, [expected]);

    let wide = format!(
        "<table>{}</table>",
        "<tr><th colspan=1000>a<td>1 kg".repeat(30)
    );
    let tree = parse(&wide);
    let locators = Locators::new(&tree);
    let (_, gaps) = find(&Sources {
        tree: &tree,
        locators: &locators,
        content: None,
        records: &[],
        title: None,
    });
    assert_eq!(gaps[0].position, "table 1");
}

/// Each would take a product of its parts if nothing bounded it: hours, not milliseconds.
#[test]
fn hostile_structures_end() {
    let cells = "<td rowspan=0 colspan=1000>x".repeat(20);
    for html in [
        format!("<table><tr>{cells}{}</table>", "<tr>".repeat(100_000)),
        format!(
            "<dl>{}{}</dl>",
            "<dt>a".repeat(100_000),
            "<dd>v".repeat(100_000)
        ),
        "<ul><li><b>a</b> v".repeat(20_000),
        "<table><tr><td>".repeat(20_000),
        "<h2>x</h2><dl><dt>a<dd>b</dl>".repeat(20_000),
    ] {
        assert!(read_page(&html).len() <= FACT_LIMIT);
    }
}

/// Pieces of which pages with facts are made, and of which broken ones are.
const PIECES: &[&str] = &[
    "<table>",
    "<tr>",
    "<th colspan=3 rowspan=0>",
    "<td rowspan=2>",
    "<td colspan=0>",
    "<caption>",
    "<thead>",
    "</table>",
    "<dl><dt>",
    "<dd>",
    "</dl>",
    "<ul><li>",
    "<li><span>",
    "</ul>",
    "<b>Label:</b> ",
    "Weight: ",
    "12.5\u{a0}kg ",
    "é：ü",
    "<br>",
    "<p>",
    "<pre>a: b\n\nc: d </pre>",
    "<h2>Heading</h2>",
    "word ",
    "</b></span>",
    "<a href=/x>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_tag_soup_gives_facts_whose_spans_hold(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..80)) {
        // The spans are looked at where the page is read.
        for fact in read_page(&pieces.concat()) {
            prop_assert!(!fact.attribute.is_empty() && !fact.text.is_empty());
        }
    }
}
