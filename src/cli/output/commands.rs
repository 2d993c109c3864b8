//! Commands that are shown to be typed: they name the database as the user did.
//!
//! Owns what is added to them and where. Data stay as they are: who reads them knows which database they
//! came from, and they are equal on both engines.

use std::borrow::Cow;

/// The program's name with the space before a command.
const PROGRAM: &str = "toolkit ";

/// The commands that open a database.
const COMMANDS: [&str; 9] = [
    "run", "crawl", "extract", "retry", "report", "jobs", "sources", "entities", "db",
];

/// Which database the commands that are shown have to name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ShownDatabase {
    /// The default, or that of the environment: none.
    #[default]
    Implied,
    /// What was typed, quoted for a shell.
    Typed(String),
    /// One whose address may hold a password, which is not repeated.
    Secret,
}

impl ShownDatabase {
    /// Returns `text` with commands that can be typed as they are.
    pub fn in_commands<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let places = places(text);
        match self {
            _ if places.is_empty() => Cow::Borrowed(text),
            Self::Implied => Cow::Borrowed(text),
            Self::Secret => Cow::Owned(format!(
                "{text} (with the database's address in TOOLKIT_DATABASE)"
            )),
            Self::Typed(database) => {
                let mut shown = String::with_capacity(text.len() + database.len() + 16);
                let mut from = 0;
                for at in places {
                    shown.push_str(&text[from..at]);
                    shown.extend(["--database ", database, " "]);
                    from = at;
                }
                shown.push_str(&text[from..]);
                Cow::Owned(shown)
            }
        }
    }
}

/// Returns where in `text` the commands begin that open a database, behind the program's name.
fn places(text: &str) -> Vec<usize> {
    let begins = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|letter| matches!(letter, ' ' | '`' | '('))
    };
    let is_command = |at: &usize| {
        let rest = &text[*at..];
        let end = rest.find(|letter: char| !letter.is_ascii_lowercase());
        COMMANDS.contains(&&rest[..end.unwrap_or(rest.len())])
    };
    text.match_indices(PROGRAM)
        .filter(|(at, _)| begins(*at))
        .map(|(at, _)| at + PROGRAM.len())
        .filter(is_command)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_database_that_was_typed() {
        let typed = ShownDatabase::Typed("'a b.db'".to_owned());
        for (text, shown) in [
            ("toolkit extract", "toolkit --database 'a b.db' extract"),
            (
                "`toolkit run SEED` makes one (toolkit jobs list)",
                "`toolkit --database 'a b.db' run SEED` makes one (toolkit --database 'a b.db' jobs list)",
            ),
            (
                "toolkit robots https://e.test/",
                "toolkit robots https://e.test/",
            ),
            ("set it where toolkit runs", "set it where toolkit runs"),
            ("my-toolkit run", "my-toolkit run"),
            ("the toolkit running", "the toolkit running"),
        ] {
            assert_eq!(typed.in_commands(text), shown);
            assert_eq!(ShownDatabase::Implied.in_commands(text), text);
        }
        let secret = ShownDatabase::Secret;
        assert_eq!(secret.in_commands("check the path"), "check the path");
        assert_eq!(
            secret.in_commands("toolkit extract"),
            "toolkit extract (with the database's address in TOOLKIT_DATABASE)"
        );
    }
}
