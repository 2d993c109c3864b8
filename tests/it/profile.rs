//! `toolkit profile`, and `page --profile`: what a user is told of profiles, and what they find.

use serde_json::{Value, json};

use crate::support::toolkit::{Output, Toolkit};

const SHOP: &str = "\
[[group]]
name = \"product\"
record = \"Product\"
key = [\"name\"]

[[group.field]]
name = \"name\"
selector = \"h1\"
required = true

[[group.field]]
name = \"price\"
type = \"money\"
json_ld = \"offers.price\"
labels = [\"Price\"]

[[group.field]]
name = \"colour\"
labels = [\"Colour\"]
lookup = \"colours.csv\"

[[group.field]]
name = \"height\"
type = \"quantity\"
labels = [\"Height\"]
required = true
";

const MILL: &str = "<html lang=en><title>Mill</title><script type=application/ld+json>{\"@context\": \
    \"https://schema.org\", \"@type\": \"Product\", \"name\": \"Mill\", \"offers\": {\"price\": \"12.50\", \
    \"priceCurrency\": \"EUR\"}}</script><h1>Mill</h1><p>It turns in every wind there is.</p>\
    <dl><dt>Price<dd>13.50 EUR<dt>Colour<dd>Rot</dl>";

/// Makes a user with a profile, what it names, and a page.
fn user() -> Toolkit {
    let user = Toolkit::new();
    for (name, text) in [
        ("shop.toml", SHOP),
        ("colours.csv", "rot,red\n"),
        ("mill.html", MILL),
    ] {
        std::fs::write(user.folder().join(name), text).expect("a file");
    }
    user
}

fn write(user: &Toolkit, name: &str, text: &str) {
    std::fs::write(user.folder().join(name), text).expect("a file");
}

/// Returns one column of a table of a report.
fn column(output: &Output, table: &str, key: &str) -> Vec<Value> {
    let report = output.json();
    let rows = report[table].as_array().expect("rows").iter();
    rows.map(|row| row[key].clone()).collect()
}

#[test]
fn the_built_in_profiles_are_listed_shown_and_sound() {
    let user = Toolkit::new();
    let listed = column(
        &user.succeed(["profile", "list", "--format", "json"]),
        "rows",
        "profile",
    );
    let names = [
        "article",
        "default",
        "documentation",
        "event",
        "forum-thread",
        "job-posting",
        "organization",
        "product",
        "recipe",
    ];
    assert_eq!(listed, names);
    for name in names {
        let text = user.succeed(["profile", "show", name]).stdout;
        assert!(text.contains("description = "), "{name}");
        write(&user, "copy.toml", &text);
        let checked = user.succeed(["profile", "check", "copy.toml", "--format", "json"]);
        assert_eq!(column(&checked, "faults", "line"), [0; 0], "{name}");
    }
    let shown = user
        .succeed(["profile", "show", "recipe", "--format", "json"])
        .json();
    assert_eq!(shown["profile"], "recipe");
}

#[test]
fn a_new_profile_is_explained_and_sound_and_never_written_over_another() {
    let user = Toolkit::new();
    let output = user.succeed(["profile", "new", "mine"]);
    assert_eq!(output.stdout, "mine.toml\n");
    user.succeed(["profile", "check", "mine.toml"]);
    // What stands in comments has to be true as well.
    let text = std::fs::read_to_string(user.folder().join("mine.toml")).expect("a profile");
    let keys = text.lines().filter_map(|line| {
        let key = line.strip_prefix("# ")?;
        let begins = key.starts_with('[')
            || key
                .split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '));
        (begins && !key.starts_with("item")).then_some(key)
    });
    let uncommented: Vec<_> = keys.collect();
    let mut all = String::new();
    for line in text.lines() {
        let bare = line
            .strip_prefix("# ")
            .filter(|bare| uncommented.contains(bare));
        all.push_str(bare.unwrap_or(line));
        all.push('\n');
    }
    write(&user, "all.toml", &all);
    write(&user, "colours.csv", "rot,red\n");
    assert!(all.matches("\n[[").count() > text.matches("\n[[").count());
    user.succeed(["profile", "check", "all.toml"]);

    let again = user.run(["profile", "new", "mine"]);
    assert_eq!(again.code(), Some(1), "{}", again.snapshot());
    assert!(
        again.stderr.contains("cannot write mine.toml"),
        "{}",
        again.stderr
    );
    user.succeed(["profile", "new", "theirs", "--from", "product"]);
    let product = user.succeed(["profile", "show", "product"]).stdout;
    assert_eq!(
        std::fs::read_to_string(user.folder().join("theirs.toml")).expect("a profile"),
        product
    );
    assert_eq!(user.run(["profile", "new", "../mine"]).code(), Some(2));
}

#[test]
fn every_fault_is_told_with_file_line_column_and_what_to_write() {
    let user = user();
    let bad = SHOP
        .replace("selector = \"h1\"", "selector = \"h1 >\"")
        .replace("\"money\"", "\"mony\"")
        .replace("json_ld", "jsonld");
    write(&user, "bad.toml", &bad);
    write(&user, "colours.csv", "rot,red\n,blue\n");
    let output = user.run(["profile", "check", "bad.toml", "--format", "csv"]);
    assert_eq!(output.code(), Some(3), "{}", output.snapshot());
    insta::assert_snapshot!(output.stdout.replace('\r', ""), @r#"
    file,line,column,message,fix
    bad.toml,8,17,the selector ends where an element is to be named,"write a name, .class, #id, [attribute] or *"
    bad.toml,13,8,"unknown type ""mony""","write ""money"""
    bad.toml,14,1,unknown key `jsonld`,write `json_ld`
    colours.csv,2,1,the line has no term,"write a term, or leave the line out"
    "#);

    // Every other command refuses it with the same words.
    let output = user.run(["page", "mill.html", "--profile", "bad.toml"]);
    insta::assert_snapshot!(output.snapshot(), @r#"
    -- stderr
    error: profile bad.toml has faults
      cause: bad.toml:8:17: the selector ends where an element is to be named (write a name, .class, #id, [attribute] or *)
      cause: bad.toml:13:8: unknown type "mony" (write "money")
      cause: bad.toml:14:1: unknown key `jsonld` (write `json_ld`)
      cause: colours.csv:2:1: the line has no term (write a term, or leave the line out)
    hint: toolkit profile check bad.toml
    -- exit 2
    "#);
    for (arguments, code) in [
        (["profile", "check", "none.toml"], 1),
        (["profile", "show", "none"], 2),
        (["profile", "check", "none"], 2),
    ] {
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(code), "{}", output.snapshot());
    }
}

#[test]
fn a_profile_reads_no_file_from_elsewhere() {
    let user = user();
    write(
        &user,
        "secret.toml",
        &SHOP.replace("colours.csv", "../secret.csv"),
    );
    std::fs::write(user.folder().join("../secret.csv"), "a,hidden,word\n").expect("a file");
    let output = user.run(["profile", "check", "secret.toml"]);
    assert_eq!(output.code(), Some(3), "{}", output.snapshot());
    assert!(
        output.stdout.contains("is not beside the profile"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_trial_shows_each_value_with_its_evidence_and_each_gap() {
    let user = user();
    let output = user.succeed([
        "profile",
        "test",
        "shop.toml",
        "mill.html",
        "--format",
        "json",
    ]);
    assert_eq!(
        column(&output, "fields", "field"),
        ["name", "price", "colour"]
    );
    assert_eq!(
        column(&output, "fields", "value"),
        [json!("Mill"), json!(12.5), json!("red")]
    );
    assert_eq!(
        column(&output, "fields", "evidence"),
        ["selector", "json_ld", "fact"]
    );
    assert_eq!(
        column(&output, "gaps", "reason"),
        ["field_conflict", "field_missing"]
    );
    let positions = column(&output, "gaps", "position");
    assert_eq!(
        positions,
        [
            "product.price[0] script[type=\"application/ld+json\"]:nth(1) # -> offers.price",
            "product.height[0]"
        ]
    );
    let checked = user.run(["profile", "test", "shop.toml", "mill.html", "--check"]);
    assert_eq!(checked.code(), Some(3), "{}", checked.snapshot());
    insta::assert_snapshot!(checked.snapshot(), @r#"
    -- stdout
    fields
    page       group    instance  field   value  unit  evidence  confidence  locator
    ---------  -------  --------  ------  -----  ----  --------  ----------  -----------------------------------------------------------
    mill.html  product         0  name    Mill   -     selector         0.8  html > body > h1:nth-child(1)
    mill.html  product         0  price   12.5   EUR   json_ld        0.476  script[type="application/ld+json"]:nth(1) # -> offers.price
    mill.html  product         0  colour  red    -     fact             0.8  definition_list Colour

    gaps
    page       reason          class  position                                                                      detail
    ---------  --------------  -----  ----------------------------------------------------------------------------  ------------------------------------------------------------------------------------------------------------------------
    mill.html  field_conflict  loss   product.price[0] script[type="application/ld+json"]:nth(1) # -> offers.price  "12.50" (json_ld script[type="application/ld+json"]:nth(1) # -> offers.price) is kept against "13.50 EUR" (fact definition_list Price)
    mill.html  field_missing   loss   product.height[0]                                                             no height was found
    -- exit 3
    "#);
    let unread = user.run([
        "profile",
        "test",
        "shop.toml",
        "none.html",
        "mill.html",
        "--check",
    ]);
    assert_eq!(unread.code(), Some(1), "{}", unread.snapshot());
    assert!(unread.stdout.contains("mill.html"), "{}", unread.stdout);
}

#[test]
fn a_page_is_printed_with_its_fields() {
    let user = user();
    let page = user
        .succeed(["page", "mill.html", "--profile", "shop.toml"])
        .json_lines()
        .remove(0);
    let product = &page["fields"][0];
    assert_eq!(
        (&product["group"], &product["key"]),
        (&json!("product"), &json!("mill"))
    );
    let text = page["text"].as_str().expect("a text");
    let name = &product["fields"][0];
    let end = |key: &str| name[key].as_u64().expect("an end") as usize;
    assert_eq!(&text[end("start")..end("end")], "Mill");
    let reasons: Vec<_> = page["gaps"]
        .as_array()
        .expect("gaps")
        .iter()
        .map(|gap| &gap["reason"])
        .collect();
    assert!(reasons.contains(&&json!("field_missing")), "{reasons:?}");

    let without = user.succeed(["page", "mill.html"]).json_lines().remove(0);
    assert_eq!(without["fields"], json!([]));
}

#[test]
fn a_hostile_profile_is_refused_in_short() {
    let user = user();
    for (name, text) in [
        ("deep.toml", format!("a = {}", "[".repeat(200_000))),
        (
            "pattern.toml",
            format!("{SHOP}pattern = '{}'\n", "(a|b)*".repeat(150_000)),
        ),
        (
            "fields.toml",
            format!(
                "[[group]]\nname = 'g'\n{}",
                "[[group.field]]\nname = 'f'\n".repeat(35_000)
            ),
        ),
        ("large.toml", " ".repeat(9 << 20)),
    ] {
        write(&user, name, &text);
        let output = user.run(["profile", "check", name, "--format", "jsonl"]);
        assert!(matches!(output.code(), Some(1 | 3)), "{name}");
        assert!(output.stdout.len() + output.stderr.len() < 40_000, "{name}");
    }
}

#[test]
fn the_manual_tells_the_truth() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/profiles.md");
    let manual = std::fs::read_to_string(manual).expect("the manual");
    let user = user();
    let blocks = |kind: &str| {
        let begin = format!("```{kind}\n");
        let after = manual.split(&begin).skip(1).map(str::to_owned);
        let blocks = after.filter_map(|after| Some(after.split_once("```")?.0.to_owned()));
        blocks.collect::<Vec<_>>()
    };
    let profiles = blocks("toml");
    assert_eq!(profiles.len(), 2);
    write(&user, "owners.csv", "term\nMill & Sons\n");
    for (name, profile) in ["example.toml", "entities.toml"].into_iter().zip(&profiles) {
        write(&user, name, profile);
        user.succeed(["profile", "check", name]);
    }
    write(&user, "page.html", MILL);
    std::fs::remove_file(user.folder().join("shop.toml")).expect("a file");
    let lines = blocks("sh").join("");
    for line in lines.lines() {
        let words = line.split_whitespace().skip(1);
        user.succeed(words);
    }
    // Each key, type and rule that a fault can name is explained.
    let faults = "zz = 1\n[applies]\nzz = 1\n[[group]]\nname = 'g'\nzz = 1\n[[group.field]]\nname = 'f'\nzz = 1\n\
        type = 'zzzzz'\nmerge = 'zzzzz'\nmetadata = 'zzzzz'\n[[entity]]\ntype = 'e'\nterms = 'x'\nzz = 1\n";
    write(&user, "faults.toml", faults);
    let output = user.run(["profile", "check", "faults.toml", "--format", "json"]);
    let fixes = column(&output, "faults", "fix");
    assert_eq!(fixes.len(), 8, "{}", output.stdout);
    for fix in fixes {
        let fix = fix.as_str().expect("a text").to_owned();
        let words = fix
            .rsplit_once(" takes ")
            .or_else(|| fix.rsplit_once(" of "))
            .expect("a list")
            .1;
        for word in words.split(", ") {
            let explained =
                manual.contains(&format!("`{word}`")) || manual.contains(&format!("[{word}]"));
            assert!(
                explained || manual.contains(&format!("[[group.{word}]]")),
                "{word}"
            );
        }
    }
}
