//! Reads Rust source as text, well enough to hold the house's rules against it: code without comments and
//! string literals, the literals by themselves, and the paths a file reaches for inside the crate.

use std::path::Path;

/// A source file, taken apart.
#[derive(Debug, Default)]
pub struct SourceFile {
    /// Relative to the crate's root, with forward slashes.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// Code alone: each comment is a space, each literal an empty pair of quotes.
    pub code: String,
    /// String literals as written.
    pub literals: Vec<String>,
}

impl SourceFile {
    /// Takes a source apart.
    pub fn new(path: &str, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            ..Self::default()
        };
        let mut rest = text;
        while !rest.is_empty() {
            rest = &rest[file.take(rest)..];
        }
        file
    }

    /// Returns every Rust file below `folder` of the crate, in order; none when there is no such folder.
    pub fn all_below(folder: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        walkdir::WalkDir::new(root.join(folder))
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "rs"))
            .map(|entry| {
                let path = entry.path().strip_prefix(root).expect("below the root");
                let path = path.to_string_lossy().replace('\\', "/");
                let text =
                    std::fs::read_to_string(entry.path()).expect("cannot read a source file");
                Self::new(&path, &text)
            })
            .collect()
    }

    /// Returns the file without its tests, which stand at its end or in a file `tests.rs` of their own.
    #[must_use]
    pub fn without_tests(&self) -> Self {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return Self::new(&self.path, "");
        }
        let end = self.text.find("#[cfg(test)]\nmod tests");
        Self::new(&self.path, &self.text[..end.unwrap_or(self.text.len())])
    }

    /// Takes one comment, literal or character off the front of `rest`; returns its length.
    fn take(&mut self, rest: &str) -> usize {
        if rest.starts_with("//") {
            self.code.push(' ');
            return rest.find('\n').unwrap_or(rest.len());
        }
        if rest.starts_with("/*") {
            self.code.push(' ');
            return block_comment_length(rest);
        }
        if let Some(length) = raw_string_length(rest)
            && !self
                .code
                .ends_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            return self.keep_literal(&rest[..length]);
        }
        if rest.starts_with('"') {
            return self.keep_literal(&rest[..string_length(rest)]);
        }
        if let Some(length) = character_length(rest) {
            self.code.push_str("''");
            return length;
        }
        let first = rest.chars().next().unwrap_or_default();
        self.code.push(first);
        first.len_utf8()
    }

    fn keep_literal(&mut self, literal: &str) -> usize {
        self.literals.push(literal.to_owned());
        self.code.push_str("\"\"");
        literal.len()
    }

    /// Returns the paths inside the crate that the code names, from its root: `crawl::links` for
    /// `crate::crawl::links::Link`, and the same for `super::…` and each part of a `use` in braces.
    pub fn crate_paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (keyword, base) in [("crate::", Vec::new()), ("super::", self.parent_module())] {
            for (at, _) in self.code.match_indices(keyword) {
                let before = self.code[..at].chars().next_back();
                let continues =
                    before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
                if continues {
                    continue;
                }
                let mut base = base.clone();
                let mut rest = &self.code[at + keyword.len()..];
                while let Some(further) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = further;
                }
                for branch in branches(rest) {
                    let mut path = base.clone();
                    path.extend(branch);
                    let path = path.join("::");
                    if !found.contains(&path) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }

    /// Returns the module that `super` names in this file.
    fn parent_module(&self) -> Vec<String> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let mut module: Vec<_> = path
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        module.pop();
        module
    }
}

/// Splits what follows `crate::` into its branches, each up to two names long: enough to tell rooms and
/// their files apart.
fn branches(rest: &str) -> Vec<Vec<String>> {
    let Some(group) = rest.strip_prefix('{') else {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        let names = rest[..end].split("::").filter(|name| !name.is_empty());
        return vec![names.take(2).map(str::to_owned).collect()];
    };
    let mut found = Vec::new();
    let (mut depth, mut start) = (1, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (character == ',' && depth == 1) || depth == 0 {
            let branch = group[start..at].trim();
            if !branch.is_empty() {
                found.extend(nested(branch));
            }
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// A branch of a group may hold a group itself: `crawl::{links, fetch}`.
fn nested(branch: &str) -> Vec<Vec<String>> {
    let Some((head, group)) = branch.split_once("::{") else {
        return branches(branch);
    };
    let inner = branches(&format!("{{{group}"));
    inner
        .into_iter()
        .map(|names| {
            let head = head.split("::").map(str::to_owned);
            head.chain(names).take(2).collect()
        })
        .collect()
}

/// Block comments nest in Rust.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn raw_string_length(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].strip_prefix('"')?;
    let start = text.len() - after.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text[start..].find(&end).map(|at| start + at + end.len());
    Some(length.unwrap_or(text.len()))
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a character literal; `None` for a lifetime.
fn character_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let mut characters = inner.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        let (escape, _) = characters.next()?;
        let after = escape + 1;
        return inner[after..].find('\'').map(|at| after + at + 2);
    }
    let (end, second) = characters.next()?;
    (second == '\'').then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_taken_out() {
        let text = r##"
            let a = "x // no comment \" still"; // println!("no")
            let b = r#"raw " quote"#; /* a /* nested */ comment */ let c: &'a str = b'"';
            let d = '\''; let e = '"'; let f = br"bytes"; let g = "ä";
        "##;
        let file = SourceFile::new("src/x.rs", text);
        assert_eq!(
            file.literals,
            [
                r#""x // no comment \" still""#,
                r##"r#"raw " quote"#"##,
                r#"br"bytes""#,
                r#""ä""#
            ]
        );
        let code: Vec<_> = file.code.split_whitespace().collect();
        assert_eq!(
            code.join(" "),
            r#"let a = ""; let b = ""; let c: &'a str = b''; let d = ''; let e = ''; let f = ""; let g = "";"#
        );
    }

    #[test]
    fn tests_at_the_end_are_cut() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { use crate::store; }\n";
        let file = SourceFile::new("src/x.rs", text);
        assert_eq!(file.crate_paths(), ["store"]);
        assert!(file.without_tests().crate_paths().is_empty());
        let file = SourceFile::new("src/report/tests.rs", "use crate::store;");
        assert!(file.without_tests().crate_paths().is_empty());
    }

    #[test]
    fn paths_inside_the_crate_are_found() {
        for (path, code, expected) in [
            ("src/a/b.rs", "crate::model::Job::new()", vec!["model::Job"]),
            ("src/a/b.rs", "$crate::model; my_crate::x", vec![]),
            (
                "src/a/b.rs",
                "use crate::{model::{Job, Gap as G}, store, crawl::links::{Link, all}};",
                vec!["model::Job", "model::Gap", "store", "crawl::links"],
            ),
            ("src/a/b.rs", "super::c::D", vec!["a::c::D"]),
            ("src/a/mod.rs", "super::store::Store", vec!["store::Store"]),
            (
                "src/a/b/c.rs",
                "super::super::super::store::Store",
                vec!["store::Store"],
            ),
            ("src/a/b.rs", "// crate::store\n\"crate::store\"", vec![]),
        ] {
            assert_eq!(
                SourceFile::new(path, code).crate_paths(),
                expected,
                "{code}"
            );
        }
    }
}
