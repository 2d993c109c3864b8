//! The names that a page vouches for are mentions of its text, with what they are to it, and stay the same whenever the
//! text is read.

use std::fs;

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>The tide mill of Skerry Sound</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
 "headline": "The tide mill of Skerry Sound", "author": {"@type": "Person", "name": "Ida Brandt", "url": "https://notes.example/ida"},
 "publisher": {"@type": "Organization", "name": "Harbour Notes"}, "about": {"@type": "Place", "name": "Skerry Sound"}}
</script></head><body><article><h1>The tide mill of Skerry Sound</h1>
<p>By <a href="https://notes.example/ida">I. Brandt</a> for Harbour Notes. The mill of Skerry Sound has never stopped, says Ole Rask.</p>
<p itemscope itemtype="https://schema.org/Organization">The <span itemprop="name">Mill Trust</span> pays Ida Brandt nothing.</p>
</article></body></html>"#;

/// Returns each mention of the page's names: type, surface, normal form, role, evidence, start.
fn named(place: &Workplace) -> Vec<String> {
    let rows = place.database.query_text(
        "SELECT entity_type || ' ' || surface || '=' || normalized_value || ' ' || role || ' ' || recognizer || ' ' || \
         CAST(span_start AS TEXT) FROM extraction_entities JOIN entities ON entities.id = entity_id \
         WHERE recognizer LIKE 'page:%' ORDER BY span_start",
    );
    let rows = rows.into_iter().map(|row| row[0].clone().expect("a text"));
    rows.collect()
}

#[rstest]
fn names_of_the_page_are_linked_with_their_roles(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("error:0", "panic:0", "timeout:0")] fault: &str,
) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    fs::write(folder.path().join("mill.html"), PAGE).expect("a page");
    place.succeed(&["crawl", text_of(folder.path())]);
    place
        .command(&["extract"])
        .environment("TOOLKIT_FAULT_AT", fault)
        .run();
    assert_eq!(named(&place), Vec::<String>::new());
    assert_eq!(
        place.count("windows WHERE recognizer = 'page' AND state = 'failed'"),
        1
    );

    // The text alone is read again, and by what the same page said.
    place.succeed(&["retry"]);
    assert_eq!(
        place.count("extractions WHERE entities_extracted IS NOT TRUE"),
        0
    );
    let retried = named(&place);
    let told: Vec<&str> = retried
        .iter()
        .filter_map(|line| Some(line.rsplit_once(' ')?.0))
        .collect();
    assert_eq!(
        told,
        [
            "place Skerry Sound=Skerry Sound subject page:json-ld",
            "person I. Brandt=Ida Brandt author page:link",
            "organization Harbour Notes=Harbour Notes publisher page:json-ld",
            "place Skerry Sound=Skerry Sound subject page:json-ld",
            "organization Mill Trust=Mill Trust mention page:microdata",
            "person Ida Brandt=Ida Brandt author page:json-ld",
        ]
    );
    let entities = place.count("entities");
    place.succeed(&["extract", "--force"]);
    assert_eq!(named(&place), retried);
    assert_eq!(place.count("entities"), entities);
    place.check();
}
