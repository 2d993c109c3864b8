//! Reads documents as their readers do: the commands that they show, and the flags that they name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// Returns a file of the tree, by its path from the top.
pub fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Splits a command line into words as a shell does, up to what is the shell's own: a comment, a pipe, a
/// redirection, the next command.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        match letters.peek() {
            None | Some('#' | '|' | '>' | '<' | ';' | '&') => return words,
            Some(_) => {}
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(letter) =
            letters.next_if(|letter| quote.is_some() || !letter.is_whitespace())
        {
            match (quote, letter) {
                (Some(open), _) if open == letter => quote = None,
                (None, '\'' | '"') => quote = Some(letter),
                _ => word.push(letter),
            }
        }
        assert!(quote.is_none(), "a quote is left open: {line}");
        words.push(word);
    }
}

/// Returns the long flags that a text names, with their two hyphens.
pub fn flags(text: &str) -> BTreeSet<String> {
    static FLAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\w-])(--[a-z][a-z-]*[a-z])").expect("a fixed pattern")
    });
    let found = FLAG.captures_iter(text);
    found.map(|found| found[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_a_shell_does() {
        for (line, expected) in [
            ("toolkit run a", vec!["toolkit", "run", "a"]),
            (
                "toolkit run 'a b' --x=\"c d\"",
                vec!["toolkit", "run", "a b", "--x=c d"],
            ),
            ("  toolkit  jobs # all", vec!["toolkit", "jobs"]),
            ("toolkit jobs > file", vec!["toolkit", "jobs"]),
            ("toolkit jobs || echo no", vec!["toolkit", "jobs"]),
            ("# nothing", vec![]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }

    #[test]
    fn flags_are_found_and_dashes_are_not() {
        let text = "`--max-body 200KB`, --all; a--b, ---, -- and -q; (--by group)";
        let expected = ["--all", "--by", "--max-body"].map(str::to_owned);
        assert_eq!(flags(text), BTreeSet::from(expected));
    }
}
