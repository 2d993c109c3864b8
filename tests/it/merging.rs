//! Entities that a user says to be one stay one, whatever is extracted again.

use std::fs;

use rstest::rstest;
use serde_json::json;

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, fields, lines_where, text_of};

use Engine::{Postgres, Sqlite};

#[rstest]
fn merged_entities_stay_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let page = |name: &str, address: &str| {
        let text = format!(
            "<title>{name}</title><p>Write to {address} before noon, or come to the harbour.</p>"
        );
        fs::write(folder.path().join(format!("{name}.html")), text).expect("a page");
    };
    page("a", "desk@skerry.example");
    page("b", "office@skerry.example");
    page("c", "post@skerry.example");
    place.succeed(&["run", text_of(folder.path())]);
    let names = || {
        let list = place.json(&["entities", "list", "--type", "email"]);
        fields(&lines_where(&list, "rows", |_| true), "normalized_value")
    };
    assert_eq!(names().len(), 3);

    place.succeed(&[
        "entities",
        "merge",
        "desk@skerry.example",
        "office@skerry.example",
    ]);
    assert_eq!(names(), ["desk@skerry.example", "post@skerry.example"]);
    let shown = place.json(&["entities", "show", "desk@skerry.example"]);
    assert_eq!(shown["entity"]["mentions"], json!(2));
    let mentions = lines_where(&shown, "mentions", |_| true);
    assert_eq!(
        fields(&mentions, "surface"),
        ["desk@skerry.example", "office@skerry.example"]
    );
    assert_eq!(
        shown["merged"][0]["normalized_value"],
        json!("office@skerry.example")
    );

    // It survives a new extraction, and the name's coming back after it was gone.
    place.succeed(&["extract", "--force"]);
    assert_eq!(names(), ["desk@skerry.example", "post@skerry.example"]);
    page("a", "nobody");
    page("b", "nobody");
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(names(), ["post@skerry.example"]);
    page("b", "office@skerry.example");
    place.succeed(&["run", text_of(folder.path())]);
    assert_eq!(names(), ["desk@skerry.example", "post@skerry.example"]);

    // What is merged into another brings along what was merged into it.
    place.succeed(&[
        "entities",
        "merge",
        "post@skerry.example",
        "desk@skerry.example",
    ]);
    page("a", "desk@skerry.example");
    place.succeed(&["run", text_of(folder.path())]);
    place.succeed(&["extract", "--force"]);
    assert_eq!(names(), ["post@skerry.example"]);
    assert_eq!(
        place.json(&["entities", "show", "last"])["entity"]["mentions"],
        json!(3)
    );
    assert_eq!(place.count("events WHERE kind = 'entity_merged'"), 2);
    place.check();
    place.succeed(&["db", "verify"]);
}

#[rstest]
fn what_cannot_be_merged_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    for name in ["north", "south"] {
        let folder = temporary_folder();
        let folder = folder.path().join(name);
        fs::create_dir(&folder).expect("a folder");
        let text = format!(
            "<title>{name}</title><p>Write to desk@{name}.example before noon, or come here.</p>"
        );
        fs::write(folder.join("a.html"), text).expect("a page");
        place.succeed(&["run", text_of(&folder)]);
    }
    let merge = |others: &str| place.run(&["entities", "merge", "desk@north.example", others]);
    let output = merge("desk@south.example");
    assert_eq!(output.code(), Some(1));
    assert!(
        output
            .stderr
            .contains("is of the group south, and not of north"),
        "{}",
        output.stderr
    );
    let output = merge("nobody@north.example");
    assert!(
        output.stderr.contains("toolkit entities list"),
        "{}",
        output.stderr
    );
    assert_eq!(place.count("entity_merges"), 0);
    assert_eq!(place.count("events WHERE kind = 'entity_merged'"), 0);
    place.succeed(&["db", "verify"]);
}
