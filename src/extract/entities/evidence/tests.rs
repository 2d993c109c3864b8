use std::sync::Arc;

use super::*;
use crate::extract::{PageInput, Profile, extract_page};

/// Returns type, surface, normal form, role and evidence of each mention in a page's content.
fn found(html: &str) -> Vec<String> {
    let input = PageInput {
        uri: "https://example.com/page",
        media_type: "text/html",
        charset: "UTF-8",
        body: html.as_bytes(),
    };
    let items = extract_page(&input, &Profile::default_profile()).items;
    let context = Context {
        names: PageNames::of(&items).map(Arc::new),
        ..Context::default()
    };
    let contents = items
        .iter()
        .filter(|item| item.extraction_type == ExtractionType::Content);
    let mentions = contents.flat_map(|item| Evidence.find(&item.text, &context).unwrap());
    mentions
        .map(|one| {
            let (kind, role) = (one.entity_type, one.role);
            let evidence = one.recognizer.trim_start_matches("page:");
            if one.surface == one.normalized {
                format!("{kind} {} {role} {evidence}", one.surface)
            } else {
                format!(
                    "{kind} {}={} {role} {evidence}",
                    one.surface, one.normalized
                )
            }
        })
        .collect()
}

fn json_ld(record: &str, body: &str) -> String {
    format!(
        "<title>A page</title><script type=application/ld+json>{record}</script><main>{body}</main>"
    )
}

#[test]
fn what_a_record_types_is_found_with_its_role() {
    let page = json_ld(
        r##"{"@context": "https://schema.org", "@graph": [
            {"@type": "NewsArticle", "headline": "The tide mill", "author": [{"@id": "#ida"}, {"@type": "Person", "name": "Ole Rask"}],
             "publisher": {"@type": "NewsMediaOrganization", "name": "Harbour Notes"}, "about": {"@type": "City", "name": "Skerry Sound"},
             "mentions": {"@type": "Organization", "name": "Mill Trust", "alternateName": "MT Trust"}},
            {"@type": "Person", "@id": "#ida", "name": "Ida  Brandt"}]}"##,
        "<p>By Ida Brandt and Ole Rask for Harbour Notes. The Mill Trust of Skerry Sound, or MT Trust, asks IDA BRANDT. Skerry Sounds.</p>",
    );
    assert_eq!(
        found(&page),
        [
            "person Ida Brandt author json-ld",
            "person Ole Rask author json-ld",
            "organization Harbour Notes publisher json-ld",
            "organization Mill Trust mention json-ld",
            "place Skerry Sound subject json-ld",
            "organization MT Trust=Mill Trust mention json-ld",
        ]
    );
}

#[test]
fn headings_and_links_give_forms_of_typed_names_alone() {
    let page = "<title>Otter Lamp 3000 - Skerry Shop</title><main><div itemscope itemtype='https://schema.org/Product'>\
        <h1 itemprop=name>Otter Lamp 3000 brass</h1></div><h2>Otter Lamp 3000</h2><h2>Mill Days</h2>\
        <script type=application/ld+json>{\"@context\": \"https://schema.org\", \"@type\": \"Person\", \"name\": \"Ida Brandt\", \
        \"url\": \"https://example.com/ida\"}</script>\
        <p>The Otter Lamp 3000 is from Mill Days. Ask <a href=/ida>Dr. Brandt</a> or <a href=/ole>Ole Rask</a>, \
        or read <a href=/ida>more</a> of her, the Dr. Brandt of lamps.</p></main>";
    assert_eq!(
        found(page),
        [
            "product Otter Lamp 3000 brass mention microdata",
            "product Otter Lamp 3000=Otter Lamp 3000 brass mention heading",
            "product Otter Lamp 3000=Otter Lamp 3000 brass mention heading",
            "person Dr. Brandt=Ida Brandt mention link",
            "person Dr. Brandt=Ida Brandt mention link",
        ]
    );
}

#[test]
fn an_author_without_a_type_is_a_person_only_if_called_so() {
    let page = |author: &str| {
        format!(
            "<title>A page</title><meta name=author content='{author}'><meta property=og:site_name content='Harbour Notes'>\
             <main><p>Written by {author} in the evening of a long day, after the boats had come in.</p></main>"
        )
    };
    for (author, is_person) in [
        ("Ida Brandt", true),
        ("Jan van der Berg", true),
        ("J. R. Ó Briain", true),
        ("Harbour Notes", false),
        ("News Desk", false),
        ("kneader", false),
        ("Ida", false),
        ("Brandt GmbH", false),
    ] {
        let expected = format!("person {author} author metadata");
        let expected = Vec::from_iter(is_person.then_some(expected));
        assert_eq!(found(&page(author)), expected, "{author}");
    }
}

#[test]
fn of_a_list_of_works_none_makes_the_page() {
    let page = json_ld(
        r#"[{"@context": "https://schema.org", "@type": "BlogPosting", "headline": "One", "author": {"@type": "Person", "name": "Ida Brandt"}},
            {"@context": "https://schema.org", "@type": "BlogPosting", "headline": "Two", "author": {"@type": "Person", "name": "Ole Rask"}},
            {"@context": "https://schema.org", "@type": ["Restaurant", "Person"], "name": "Both Ways"},
            {"@context": "https://schema.org", "@type": "Product", "name": "lamp"}]"#,
        "<p>One is by Ida Brandt and two by Ole Rask, who eat at Both Ways under a lamp.</p>",
    );
    assert_eq!(
        found(&page),
        [
            "person Ida Brandt mention json-ld",
            "person Ole Rask mention json-ld"
        ]
    );
}
