//! What is read from the environment, in one place.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::crawl::{CrawlSettings, Error, Secrets, check_transport, redacted, secret_variables};
use crate::extract::entities::arm_fault;
pub use crate::model::quoted;
use crate::store::{Credentials, DatabaseAddress, arm_crash_point as arm};

/// Names a crash point for a test build, as `transaction.place:n`.
const CRASH_AT: &str = "TOOLKIT_CRASH_AT";

/// Names a fault of recognizers for a test build, as `error:k`, `panic:k` or `timeout:k`, `k` a window's number.
const FAULT_AT: &str = "TOOLKIT_FAULT_AT";

/// Arms the crash point and the fault that a test names; does nothing in a build that is shipped.
pub fn arm_faults() {
    if let Ok(specification) = std::env::var(CRASH_AT) {
        arm(&specification);
    }
    if let Ok(specification) = std::env::var(FAULT_AT) {
        arm_fault(&specification);
    }
}

/// Reads the passwords that libpq's users keep outside the address.
pub fn credentials() -> Credentials {
    Credentials {
        password: std::env::var("PGPASSWORD")
            .ok()
            .filter(|text| !text.is_empty()),
        password_file: password_file(),
    }
}

/// Reads the variables that a crawl's settings name; their values go to the crawl and nowhere else.
pub fn secrets(settings: &CrawlSettings) -> Result<Secrets, Error> {
    let variables = secret_variables(settings)?;
    let values: HashMap<String, String> = variables
        .iter()
        .filter_map(|name| Some((name.clone(), std::env::var(name).ok()?)))
        .collect();
    if let Some(missing) = variables
        .into_iter()
        .find(|name| !values.contains_key(name))
    {
        return Err(Error::NoSecret(missing));
    }
    let secrets = Secrets::new(values);
    check_transport(settings, &secrets)?;
    Ok(secrets)
}

/// Returns the user's home folder.
pub fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// Reads a variable; an empty one counts as not set.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn password_file() -> Option<String> {
    let path = std::env::var_os("PGPASSFILE")
        .map(PathBuf::from)
        .or_else(|| home().map(|home| home.join(".pgpass")))?;
    // As libpq does: a file that others may read is not trusted with passwords.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).ok()?.permissions().mode();
        if mode & 0o077 != 0 {
            return None;
        }
    }
    std::fs::read_to_string(path).ok()
}

/// The options that settings stood in for, as they would be typed; belongs to the command line as much as what was
/// typed, which is the whole process's as well.
static IMPLIED: OnceLock<Vec<String>> = OnceLock::new();

/// Notes the options that settings stand in for, once the command line is read.
pub fn imply(words: Vec<String>) {
    // Nobody reads two command lines in one process.
    let _ = IMPLIED.set(words);
}

/// The command line as typed, quoted for a shell, with what settings stood in for and without the database's
/// address: it stands in that very database, reads alike on both engines, and no password can be in it.
pub fn command_line() -> String {
    let typed = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    let implied = IMPLIED.get().into_iter().flatten().cloned();
    shown_words(typed.chain(implied)).join(" ")
}

fn shown_words(mut arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut words = vec!["toolkit".to_owned()];
    while let Some(word) = arguments.next() {
        // What a file of settings said is here in words of its own.
        if matches!(word.as_str(), "--database" | "--config") {
            arguments.next();
        } else if !word.starts_with("--database=") && !word.starts_with("--config=") {
            words.push(quoted(&without_password(&word)));
        }
    }
    words
}

/// Returns the value of a setting as it may be shown.
pub fn without_secrets(option: &str, value: &str) -> String {
    const HIDDEN: &str = "… (may hold a password)";
    let is_hidden = match option {
        "database" => {
            DatabaseAddress::parse(value).map_or(true, |address| address.may_hold_password())
        }
        // As it must be, the secret is in a variable; a value that is not is refused where it is used.
        "auth" | "header" | "proxy-auth" => !value.contains("env:"),
        _ => false,
    };
    if is_hidden {
        HIDDEN.to_owned()
    } else if option == "database" {
        value.to_owned()
    } else {
        without_userinfo(value)
    }
}

/// Takes `user:password@` out of a word, or out of what follows the `=` of an option.
fn without_password(word: &str) -> String {
    match word.split_once('=') {
        Some((option, value)) if option.starts_with('-') => {
            format!("{option}={}", without_userinfo(value))
        }
        _ => without_userinfo(word),
    }
}

/// Takes `user:password@` out of a URL, in every spelling that a crawl takes for a seed.
pub fn without_userinfo(word: &str) -> String {
    let scheme = word.split(':').next().unwrap_or_default().trim_start();
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        return redacted(word);
    }
    // A URL in the middle of a word, or of another kind.
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => word.to_owned(),
    }
}

/// Says whether a person can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_kept_of_a_seed() {
        for (word, expected) in [
            ("http://u:p@h/x@y", "http://h/x@y"),
            ("http:u:p@h", "http://h/"),
            (" HTTP:/u:p@h", "http://h/"),
            ("http:///u:p@h", "http://h/"),
            (r"Https:\\u:p@h", "https://h/"),
            ("http:u:p@[::1", "http:…@[::1"),
            ("--flag=http:u:p@h", "--flag=http://h/"),
            ("--flag=HTTP://u:p@h", "--flag=http://h/"),
            ("--exclude=http://u:p@h[0-9]", "--exclude=http://…@h[0-9]"),
            ("see http://u:p@h/x", "see http://h/x"),
            ("ftp://u:p@h/x", "ftp://h/x"),
            ("https://h/?a=u@v", "https://h/?a=u@v"),
            ("--flag=https://h/?a=u@v", "--flag=https://h/?a=u@v"),
            ("http.d/u:p@h", "http.d/u:p@h"),
            ("a/folder", "a/folder"),
        ] {
            assert_eq!(without_password(word), expected, "{word}");
        }
    }

    #[test]
    fn the_database_is_not_shown() {
        let typed = [
            "run",
            "http://u:p@h/a b",
            "--database",
            "postgres://u:p@h/d",
            "--database=x",
            "-q",
        ];
        let shown = shown_words(typed.into_iter().map(str::to_owned));
        assert_eq!(shown.join(" "), "toolkit run http://h/a%20b -q");
    }
}
