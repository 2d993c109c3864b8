//! What sources say, taken together: one record per group and type, and how many sources agree.

use std::fs;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, lines_where, text_of};

use Engine::{Postgres, Sqlite};

fn with_lamps(engine: Engine) -> (Workplace, tempfile::TempDir) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    for (name, height, colour) in [
        ("a", "31 cm", "Red"),
        ("b", "31 cm", "red"),
        ("c", "28 cm", "Blue"),
    ] {
        let page = format!(
            "<title>Harbour lamp</title><h1>Harbour lamp</h1><p>A lamp for the harbour that burns for nine hours.</p>\
             <dl><dt>Height</dt><dd>{height}</dd><dt>Colour</dt><dd>{colour}</dd></dl>"
        );
        fs::write(folder.path().join(format!("{name}.html")), page).expect("a page");
    }
    place.succeed(&["run", text_of(folder.path())]);
    (place, folder)
}

fn line<'a>(report: &'a Value, field: &str) -> &'a Value {
    let lines = lines_where(report, "rows", |line| line["field"] == field);
    assert_eq!(lines.len(), 1, "{field} in {report}");
    lines[0]
}

#[rstest]
fn what_most_sources_say_is_the_value(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, folder) = with_lamps(engine);
    let report = place.json(&["report", "facts"]);
    let height = line(&report, "Height");
    let uri = |name: &str| json!(format!("file://{}/{name}.html", folder.path().display()));
    assert_eq!(
        [
            &height["value"],
            &height["unit"],
            &height["agree"],
            &height["disagree"],
            &height["uri"]
        ],
        [&json!("31"), &json!("cm"), &json!(2), &json!(1), &uri("a")]
    );
    assert_eq!(height["made_by_job"], json!(2));
    // The span is where that source says so.
    let text = place.value(
        "SELECT content FROM extractions JOIN sources ON sources.id = source_id \
                            WHERE extraction_type = 'content' AND uri LIKE '%/a.html'",
    );
    let at = |name: &str| usize::try_from(height[name].as_u64().expect("a byte")).expect("it fits");
    assert_eq!(&text[at("start")..at("end")], "31 cm");
    // Case is how it is written, not what is said.
    let colour = line(&report, "Colour");
    assert_eq!(
        [&colour["agree"], &colour["disagree"]],
        [&json!(2), &json!(1)]
    );

    let by_source = place.json(&["report", "facts", "--group-by", "source"]);
    assert_eq!(
        lines_where(&by_source, "rows", |line| line["field"] == "Height").len(),
        3
    );
    let by_field = place.json(&["report", "facts", "--group-by", "field"]);
    assert_eq!(line(&by_field, "Height")["source_group"], Value::Null);

    // The same rows give the same report, also when they were made anew.
    let stable = ["report", "facts", "--stable", "--format", "json"];
    let before = place.succeed(&stable).stdout;
    assert_eq!(place.succeed(&stable).stdout, before);
    place.succeed(&["extract", "--force"]);
    let again = place.succeed(&stable).stdout;
    assert_eq!(
        again,
        before.replace("\"made_by_job\": 2", "\"made_by_job\": 3")
    );
    assert_eq!(
        place.json(&["report", "facts", "--profile", "other"])["rows"],
        json!([])
    );
}

const LAMPS: &str = "
[[group]]
name = 'lamp'
key = ['name']
[[group.field]]
name = 'name'
metadata = 'title'
required = true
[[group.field]]
name = 'height'
type = 'quantity'
labels = ['Height']
merge = 'max'
[[group.field]]
name = 'colours'
type = 'list'
labels = ['Colour']
[[group.field]]
name = 'weight'
type = 'quantity'
labels = ['Weight']
required = true
";

#[rstest]
fn a_profile_says_how_values_are_merged(#[values(Sqlite, Postgres)] engine: Engine) {
    let (place, _folder) = with_lamps(engine);
    let profile = place.user.folder().join("lamps.toml");
    fs::write(&profile, LAMPS).expect("a profile");
    place.succeed(&["extract", "--profile", text_of(&profile)]);
    assert_eq!(
        place.count("extractions WHERE extraction_type = 'fields'"),
        3
    );

    let report = place.json(&["report", "facts", "--profile", text_of(&profile)]);
    let height = line(&report, "height");
    assert_eq!(
        [
            &height["key"],
            &height["value"],
            &height["unit"],
            &height["merge"],
            &height["agree"]
        ],
        [
            &json!("harbour lamp"),
            &json!(31),
            &json!("cm"),
            &json!("max"),
            &json!(2)
        ]
    );
    assert_eq!(height["evidence"], json!("fact"));
    assert!(height["confidence"].as_f64().expect("evidence weighs") > 0.0);
    let colours = lines_where(&report, "rows", |line| line["field"] == "colours");
    let told: Vec<_> = colours
        .iter()
        .map(|line| (&line["value"], &line["agree"], &line["disagree"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("Red"), &json!(2), &json!(1)),
            (&json!("Blue"), &json!(1), &json!(2))
        ]
    );

    // What a page lacks is a gap of that page, by the profile that asked for it.
    let incomplete = place.json(&["report", "incomplete"]);
    let missing = lines_where(&incomplete, "rows", |line| {
        line["reason"] == "field_missing"
    });
    assert_eq!(missing.len(), 3, "{incomplete}");
    assert!(missing.iter().all(|line| {
        line["position"]
            .as_str()
            .is_some_and(|at| at.starts_with("lamp.weight"))
    }));
}
