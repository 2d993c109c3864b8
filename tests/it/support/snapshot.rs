//! What differs from run to run and from machine to machine, replaced by a word in brackets, so that the
//! rest of an output can be compared by the letter. Only this; what a user sees is not tidied up.

use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::FOLDER_PREFIX;
use super::database::SCHEMA_PREFIX;

struct Rule {
    pattern: Regex,
    word: &'static str,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let temporary = regex::escape(&std::env::temp_dir().display().to_string());
    let temporary = format!(
        "{}/{FOLDER_PREFIX}[A-Za-z0-9]+",
        temporary.trim_end_matches('/')
    );
    let fixtures = regex::escape(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    let version = regex::escape(env!("CARGO_PKG_VERSION"));
    let schema = format!("{SCHEMA_PREFIX}[0-9a-f]{{32}}");
    [
        // Both engines' addresses become one word, so that one snapshot serves both.
        (
            format!(r#"postgres(?:ql)?://[^\s"'<>]*{schema}"#),
            "[DATABASE]",
        ),
        (format!("{temporary}/toolkit\\.db"), "[DATABASE]"),
        (schema, "[SCHEMA]"),
        (temporary, "[TEMPORARY]"),
        (fixtures, "[FIXTURES]"),
        (
            r"(?<keep>\b(?:127\.0\.0\.1|localhost):)\d{1,5}\b".into(),
            "[PORT]",
        ),
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b".into(),
            "[UUID]",
        ),
        (
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?\b)".into(),
            "[TIME]",
        ),
        (r"\b\d{8}T\d{6}(?:\d{6})?Z\b".into(), "[TIME]"),
        (
            r#"(?<keep>"?\bduration_seconds"?\s*[:=]\s*)[\d.]+(?:e-?\d+)?"#.into(),
            "[DURATION]",
        ),
        (
            r"(?<keep>\b(?:in|after|took) )\d+(?:\.\d+)?\s?(?:µs|ms|s|min|h)\b".into(),
            "[DURATION]",
        ),
        (
            format!(
                r#"(?<keep>\btoolkit[ /]v?|\b(?:program_)?version"?\s*[:=]?\s*"?v?){version}\b"#
            ),
            "[VERSION]",
        ),
    ]
    .into_iter()
    .map(|(pattern, word)| Rule {
        pattern: Regex::new(&pattern).expect("a rule of this file"),
        word,
    })
    .collect()
});

/// Replaces paths, ports, ids, times, durations and the program's version. `folder` is the one the program
/// ran in.
pub fn normalized(text: &str, folder: &Path) -> String {
    let mut text = text.replace(&folder.display().to_string(), "[FOLDER]");
    for rule in RULES.iter() {
        text = rule
            .pattern
            .replace_all(&text, |found: &Captures| {
                let kept = found.name("keep").map_or("", |kept| kept.as_str());
                format!("{kept}{}", rule.word)
            })
            .into_owned();
    }
    text
}

/// Replaces SHA-256 digests in full, for outputs that name the head of a chain.
pub fn without_digests(text: &str) -> String {
    static DIGEST: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[0-9a-f]{64}\b").expect("a fixed pattern"));
    DIGEST.replace_all(text, "[DIGEST]").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::database::{Engine, TestDatabase};
    use crate::support::{site, temporary_folder};

    #[test]
    fn what_varies_is_replaced_and_nothing_else() {
        let folder = Path::new("/somewhere/folder");
        for (text, expected) in [
            ("stored 12 pages in 1.25 s", "stored 12 pages in [DURATION]"),
            ("12 pages in 3 groups", "12 pages in 3 groups"),
            (
                r#""duration_seconds": 0.031,"#,
                r#""duration_seconds": [DURATION],"#,
            ),
            (
                "job 01890a5d-ac96-774b-bcce-b302099a8057 at 2026-01-02T03:04:05.678901Z",
                "job [UUID] at [TIME]",
            ),
            ("2026-01-02 03:04:05.6+00 end", "[TIME] end"),
            ("opening day 2026-05-01", "opening day 2026-05-01"),
            ("a.db.before-V2-20260102T030405Z", "a.db.before-V2-[TIME]"),
            (
                "http://127.0.0.1:45123/a:8080",
                "http://127.0.0.1:[PORT]/a:8080",
            ),
            ("/somewhere/folder/a.html", "[FOLDER]/a.html"),
            (
                concat!("toolkit ", env!("CARGO_PKG_VERSION")),
                "toolkit [VERSION]",
            ),
            (
                concat!(r#""version": ""#, env!("CARGO_PKG_VERSION"), r#"""#),
                r#""version": "[VERSION]""#,
            ),
            (
                concat!("price ", env!("CARGO_PKG_VERSION")),
                concat!("price ", env!("CARGO_PKG_VERSION")),
            ),
        ] {
            assert_eq!(normalized(text, folder), expected);
        }
        let digest = "0f".repeat(32);
        let text = format!("head {digest}, body {digest}0");
        let expected = format!("head [DIGEST], body {digest}0");
        assert_eq!(without_digests(&text), expected);
    }

    #[test]
    fn places_of_a_test_are_replaced() {
        let folder = temporary_folder();
        let other = temporary_folder();
        let sqlite = TestDatabase::new(Engine::Sqlite);
        let postgres = TestDatabase::new(Engine::Postgres);
        let text = format!(
            "{} {} {}/x {}/y {}",
            sqlite.address(),
            postgres.schema(),
            other.path().display(),
            folder.path().display(),
            site("harbor").display(),
        );
        assert_eq!(
            normalized(&text, folder.path()),
            "[DATABASE] [SCHEMA] [TEMPORARY]/x [FOLDER]/y [FIXTURES]/sites/harbor"
        );
        let address = format!(
            "postgres://u@%2Ftmp/d?options=-csearch_path%3D{}",
            postgres.schema()
        );
        assert_eq!(normalized(&address, folder.path()), "[DATABASE]");
    }
}
