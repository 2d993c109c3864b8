//! `toolkit annotate`: the mentions in lines of text, printed with no database.

use serde_json::{Value, json};

use crate::support::toolkit::{Output, Toolkit};

fn annotate(arguments: &[&str], input: &str) -> Output {
    let user = Toolkit::new();
    let output = user
        .command(["annotate"].iter().chain(arguments))
        .input(input)
        .run();
    let left = std::fs::read_dir(user.folder())
        .expect("the folder")
        .count();
    assert_eq!(left, 0, "no database is made");
    output
}

/// Returns type, text and normal form of what a line names.
fn found(line: &Value) -> Vec<(&str, &str, &str)> {
    let mentions = line["entities"].as_array().expect("a list");
    let field = |mention: &'_ Value, name: &str| mention[name].as_str().map(str::to_owned);
    let told = mentions.iter().map(|mention| {
        assert!(field(mention, "recognizer").is_some() && mention["score"].is_f64());
        let field = |name: &str| mention[name].as_str().expect("a string");
        (field("type"), field("text"), field("normalized"))
    });
    told.collect()
}

#[test]
fn each_line_has_a_line_also_when_it_names_nothing() {
    let output = annotate(&[], "Ask jo@Example.org.\r\n\nIt costs $12.50\n");
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    let lines = output.json_lines();
    let ids: Vec<_> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, ["-:1", "-:2", "-:3"]);
    assert_eq!(
        found(&lines[0]),
        [("EMAIL", "jo@Example.org", "jo@example.org")]
    );
    assert_eq!(lines[1]["entities"], json!([]));
    assert_eq!(found(&lines[2]), [("MONEY", "$12.50", "12.5 USD")]);
}

#[test]
fn places_are_told_in_code_points_and_in_bytes() {
    let text = "\u{1f600}é a@b.org ü c@d.org";
    let input = json!({"id": 7, "text": text}).to_string();
    let output = annotate(&["--jsonl"], &input);
    let lines = output.json_lines();
    assert_eq!(lines[0]["id"], 7);
    let places: Vec<_> = lines[0]["entities"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|mention| {
            let [start, end, start_byte, end_byte] = ["start", "end", "start_byte", "end_byte"]
                .map(|name| mention[name].as_u64().expect("a number") as usize);
            let by_bytes = &text[start_byte..end_byte];
            let by_points: String = text.chars().skip(start).take(end - start).collect();
            assert_eq!(mention["text"], by_bytes);
            assert_eq!(by_points, by_bytes);
            (start, start_byte)
        })
        .collect();
    assert_eq!(places, [(3, 7), (13, 18)]);
}

#[test]
fn a_line_that_is_no_text_is_told_and_the_others_go_on() {
    let input = "{\"id\": \"a\", \"text\": \"jo@example.org\"}\n{\"id\": \"b\"}\nno json\n\
        {\"id\": \"c\", \"text\": \"\", \"reference\": \"someday\"}\n{\"text\": \"nothing\"}\n";
    let output = annotate(&["--jsonl"], input);
    assert_eq!(output.code(), Some(1));
    let lines = output.json_lines();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["id"].clone(), line["error"].is_string()))
        .collect();
    let expected = [
        (json!("a"), false),
        (json!("b"), true),
        (json!("-:3"), true),
        (json!("c"), true),
        (json!("-:5"), false),
    ];
    assert_eq!(told, expected, "{}", output.snapshot());
    assert_eq!(lines[0]["entities"].as_array().map(Vec::len), Some(1));
    for place in [
        "-:2: missing field",
        "-:3: expected",
        "-:4: reference: \"someday\"",
    ] {
        assert!(
            output.stderr.contains(place),
            "{place}: {}",
            output.snapshot()
        );
    }
}

#[test]
fn a_line_of_ten_megabytes_is_read_to_its_end() {
    let words = "word and number ".repeat(650_000);
    let input = json!({"id": "long", "text": format!("{words}jo@example.org")}).to_string();
    let output = annotate(&["--jsonl", "--types", "email"], &input);
    let lines = output.json_lines();
    let expected = [("EMAIL", "jo@example.org", "jo@example.org")];
    assert_eq!(found(&lines[0]), expected);
    assert_eq!(lines[0]["entities"][0]["start"], words.len());
}

#[test]
fn types_and_recognizers_are_chosen() {
    let text = "jo@example.org pays $5 at https://example.org/";
    let types = |arguments: &[&str]| {
        let output = annotate(arguments, text);
        let lines = output.json_lines();
        let found = found(&lines[0]).into_iter().map(|one| one.0.to_owned());
        found.collect::<Vec<_>>()
    };
    assert_eq!(types(&[]), ["EMAIL", "MONEY", "URL"]);
    assert_eq!(types(&["--types", "MONEY,url"]), ["MONEY", "URL"]);
    assert_eq!(types(&["--recognizers", "email"]), ["EMAIL"]);
    for wrong in [
        ["--types", "colour"],
        ["--recognizers", "nobody"],
        ["--types", "person"],
        ["--format", "csv"],
    ] {
        assert_eq!(annotate(&wrong, text).code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn files_are_read_in_turn_and_a_missing_one_is_told() {
    let user = Toolkit::new();
    std::fs::write(user.folder().join("one.txt"), "\u{feff}a@b.org\nc@d.org").expect("a file");
    std::fs::write(user.folder().join("two.txt"), b"\xff\n").expect("a file");
    let output = user.run(["annotate", "one.txt", "gone.txt", "two.txt"]);
    assert_eq!(output.code(), Some(1));
    let lines = output.json_lines();
    let ids: Vec<_> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, ["one.txt:1", "one.txt:2", "two.txt:1"]);
    assert_eq!(lines[0]["entities"][0]["start_byte"], 0);
    assert!(output.stderr.contains("cannot read gone.txt"));
    assert!(output.stderr.contains("two.txt:1: not UTF-8 at byte 1"));
}
