//! What a profile may say, and what is said of what it may not.

use proptest::prelude::*;

use super::*;

fn errors(text: &str) -> Vec<String> {
    let files = Files::from([("bad.csv".to_owned(), "a,b\n,c".to_owned())]);
    let Err(errors) = definition(text, &files) else {
        return Vec::new();
    };
    let errors = errors.0.into_iter();
    errors
        .map(|error| format!("{error} | {}", error.fix))
        .collect()
}

/// A field with these lines, from line 5 on.
fn field(lines: &str) -> String {
    format!("[[group]]\nname = 'g'\n[[group.field]]\nname = 'f'\n{lines}")
}

#[test]
fn everything_that_a_profile_may_say_is_read() {
    let text = r#"
        description = "All of it"
        [applies]
        urls = ['^https://shop\.example/']
        page_types = ["product"]
        languages = ["en", "de"]
        [[group]]
        name = "offer"
        many = true
        required = true
        item = "li.offer"
        key = ["name"]
        limit = 10
        [[group.field]]
        name = "name"
        type = "text"
        selector = ["h2", ".title"]
        pattern = '(?<value>\w+)'
        required = true
        max = 80
        merge = "majority"
        [[group.field]]
        name = "colour"
        type = "enum"
        labels = ["Colour", "Farbe"]
        lookup = "colours.csv"
        default = "none"
        [[group]]
        name = "page"
        record = "Product"
        [[group.field]]
        name = "price"
        type = "money"
        json_ld = "offers.price"
        min = 0.5
        [[group.field]]
        name = "until"
        type = "date"
        metadata = "published"
        min = 2020-01-01
        ask = "Until when is it offered?"
        [[group.field]]
        name = "tags"
        type = "list"
        selector = "meta[name=keywords]"
        attribute = "content"
        separator = ","
        [[entity]]
        type = "plan"
        terms = ["Basic", "Pro"]
        case = true
        [[entity]]
        type = "part"
        pattern = 'AX-(?<number>\d+)'
        normalize = "AX${number}"
    "#;
    let files = Files::from([("colours.csv".to_owned(), "rot,red\nblau,blue".to_owned())]);
    let definition = definition(text, &files).unwrap();
    assert_eq!(definition.groups.len(), 2);
    let offer = &definition.groups[0];
    assert_eq!((offer.many, offer.limit, offer.key.len()), (true, 10, 1));
    assert_eq!(
        offer.fields[1].lookup.as_ref().unwrap().get("ROT"),
        Some("red")
    );
    assert_eq!(definition.entities.len(), 2);
    assert_eq!(file_names(text).unwrap(), ["colours.csv"]);
}

#[test]
fn each_fault_has_its_place_and_what_to_write() {
    let cases = [
        ("a = \n".to_owned(), "line 1, column 5: ", "write TOML"),
        (
            "descripton = 'x'".to_owned(),
            "line 1, column 1: unknown key `descripton`",
            "write `description`",
        ),
        (
            "[[groups]]\nname = 'g'".to_owned(),
            "line 1, column 3: unknown key `groups`",
            "write `group`",
        ),
        (
            "[group]\nname = 'g'".to_owned(),
            "line 1, column 2: `group` must be a list of tables",
            "[[group]]",
        ),
        (
            "[[applies]]\n".to_owned(),
            "line 1, column 3: `applies` must be a table",
            "[applies]",
        ),
        (
            "[applies]\nurls = ['(']".to_owned(),
            "line 2, column 10: unclosed group",
            "regular expression",
        ),
        (
            "[applies]\npage_types = 'produkt'".to_owned(),
            "line 2, column 14: unknown page_types",
            "write \"product\"",
        ),
        (
            "[applies]\nlanguages = 'english'".to_owned(),
            "line 2, column 13: \"english\" is no language",
            "two or three",
        ),
        (
            "[[group]]\n".to_owned(),
            "line 1, column 1: a group without a name",
            "write name",
        ),
        (
            "[[group]]\nname = 'a b'".to_owned(),
            "line 2, column 8: \"a b\" is no name",
            "letters",
        ),
        (
            "[[group]]\nname = 'g'".to_owned(),
            "line 1, column 1: group `g` has no field",
            "[[group.field]]",
        ),
        (
            field("type = 'txt'\nlabels = 'x'"),
            "line 5, column 8: unknown type \"txt\"",
            "write \"text\"",
        ),
        (
            field("selctor = 'p'\nlabels = 'x'"),
            "line 5, column 1: unknown key `selctor`",
            "write `selector`",
        ),
        (
            field("selector = 'p > .a:frist-child'"),
            "line 5, column 19: `:frist-child`",
            "write :first-child",
        ),
        (
            field("selector = \"\"\"p >\"\"\""),
            "line 5, column 18: the selector ends",
            "write a name",
        ),
        (
            field("selector = 5"),
            "line 5, column 12: `selector` must be a string, not a whole number",
            "write a string",
        ),
        (
            field("labels = []"),
            "line 5, column 10: `labels` is an empty list",
            "leave",
        ),
        (
            field("pattern = 'a(b'"),
            "line 5, column 13: unclosed group",
            "regular expression",
        ),
        (
            field("pattern = '(?<valu>a)'"),
            "line 5, column 11: unknown group `valu`",
            "name it `value`",
        ),
        (
            field("pattern = 'a{0,1000}{0,1000}'"),
            "line 5, column 11: `pattern` is too large",
            "smaller",
        ),
        (
            field("json_ld = 'a'"),
            "line 5, column 11: `json_ld` needs to know",
            "record =",
        ),
        (
            field("json_ld = 'og:a..b'"),
            "line 5, column 17: a name of a property is missing",
            "points between",
        ),
        (
            field("labels = 'x'\ntype = 'enum'"),
            "line 6, column 1: an enum needs",
            "allowed",
        ),
        (
            field("labels = 'x'\nattribute = 'y'"),
            "line 6, column 1: `attribute` goes with",
            "selector",
        ),
        (
            field("labels = 'x'\nrequired = true\ndefault = 'y'"),
            "line 7, column 1: `default` and `required`",
            "keep one",
        ),
        (
            field("labels = 'x'\ntype = 'integer'\ndefault = 'y'"),
            "line 7, column 11: the default of a integer",
            "whole number",
        ),
        (
            field("labels = 'x'\ntype = 'integer'\nmin = 3\nmax = 2"),
            "line 7, column 1: `min` is greater",
            "exchange",
        ),
        (
            field("labels = 'x'\nmerge = 'min'"),
            "line 6, column 9: a text has neither",
            "best",
        ),
        (
            field("labels = 'x'\nmin = '3'"),
            "line 6, column 7: `min` must be a number",
            "write a number",
        ),
        (
            field("labels = 'x'\ntype = 'date'\nmin = 3"),
            "line 7, column 7: `min` of a date",
            "2024-12-31",
        ),
        (
            field("labels = 'x'\nlookup = 'bad.csv'"),
            "bad.csv: line 2, column 1: the line has no term",
            "write a term",
        ),
        (
            field("labels = 'x'\nlookup = 'none.csv'"),
            "line 6, column 10: file \"none.csv\" was not read",
            "beside",
        ),
        (
            field("required = true"),
            "line 3, column 1: nothing says where field `f` is",
            "selector",
        ),
        (
            field("labels = 'x'\n[[group.field]]\nname = 'f'\nlabels = 'y'"),
            "line 6, column 1: a second field `f`",
            "name of its own",
        ),
        (
            "[[group]]\nname = 'g'\nmany = true\n[[group.field]]\nname = 'f'\nlabels = 'x'"
                .to_owned(),
            "line 3, column 1: nothing says what an instance is",
            "`item`",
        ),
        (
            "[[group]]\nname = 'g'\nkey = 'e'\n[[group.field]]\nname = 'f'\nlabels = 'x'"
                .to_owned(),
            "line 3, column 7: group `g` has no field `e`",
            "write",
        ),
        (
            "[[entity]]\nterms = 'x'".to_owned(),
            "line 1, column 1: an entity without a type",
            "type",
        ),
        (
            "[[entity]]\ntype = 'x'".to_owned(),
            "line 1, column 1: nothing says what the entity",
            "terms",
        ),
    ];
    for (text, begins, fix) in cases {
        let errors = errors(&text);
        let is_told = errors.iter().any(|error| {
            error.starts_with(begins) && error.split(" | ").nth(1).unwrap().contains(fix)
        });
        assert!(
            is_told,
            "{text}\nwanted {begins} … {fix}\nfound {errors:#?}"
        );
    }
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_text() {
    let text = field("selector = ':x'\nmin = 'y'\nmrge = 'z'");
    let lines: Vec<_> = definition(&text, &Files::new())
        .unwrap_err()
        .0
        .iter()
        .map(|error| error.line)
        .collect();
    assert_eq!(lines, [5, 6, 7]);
}

#[test]
fn hostile_profiles_are_refused_in_short() {
    let many = "[[group.field]]\nname = 'f'\nlabels = 'x'\n".repeat(20_000);
    let bombs = [
        format!("description = {}", "[".repeat(100_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
        field(&format!("pattern = '{}'", "a".repeat(900_000))),
        field(&format!("pattern = '{}'", "(a{0,99}){0,99}".repeat(50))),
        field(&format!("selector = '{}'", "a > ".repeat(200_000))),
        field(&format!("json_ld = 'a{}'", ".a".repeat(100_000))),
        format!("[[group]]\nname = 'g'\n{many}"),
        "[[group]]\nname = 'g'\n".repeat(40_000),
        "x".repeat(2 << 20),
    ];
    for bomb in bombs {
        let errors = errors(&bomb);
        assert!((1..=50).contains(&errors.len()), "{}", errors.len());
        assert!(
            errors.iter().all(|error| error.len() < 500),
            "{:?}",
            errors[0]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands behind a key, the profile is read or its faults have places in the text.
    #[test]
    fn any_value_is_read_or_has_a_place(
        key in "(name|type|selector|pattern|json_ld|labels|metadata|min|max|default|allowed|lookup|merge|zz)",
        value in "(['\"].{0,20}['\"]|[-0-9.e]{1,8}|\\[.{0,12}\\]|true|2024-0[1-9]-01|.{0,12})",
    ) {
        let text = field(&format!("{key} = {value}"));
        if let Err(errors) = definition(&text, &Files::new()) {
            let lines = text.lines().count();
            prop_assert!(!errors.0.is_empty());
            for error in errors.0 {
                prop_assert!((1..=lines + 1).contains(&error.line) && error.column >= 1, "{error}");
                prop_assert!(!error.fix.is_empty());
            }
        }
    }
}
