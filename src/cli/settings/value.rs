//! One value of an option, as text that the parser takes: is it one, and where does a path lead?

use std::path::{Component, Path};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use crate::store::DatabaseAddress;
use crate::toml_keys::{nearest, shown};

/// What is wrong, and what to write instead.
pub type Wrong = (String, String);

/// Says whether an option is one that is there or not, and takes no value.
pub fn is_switch(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// Says whether an option may be given several times.
pub fn is_list(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

/// Splits a text where the option's own values are split.
pub fn split(option: &Arg, text: &str) -> Vec<String> {
    match option.get_value_delimiter() {
        Some(delimiter) => text.split(delimiter).map(str::to_owned).collect(),
        None => vec![text.to_owned()],
    }
}

/// Reads a switch as people write one in a variable.
pub fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Lets the parser itself say whether it takes a value.
pub fn check(option: &Arg, text: &str) -> Result<(), Wrong> {
    let name = option.get_long().unwrap_or_default();
    if name == "database" {
        return match DatabaseAddress::parse(text) {
            Ok(_) => Ok(()),
            Err(error) => {
                let fix = "write a path, or postgres://USER@HOST/NAME";
                Err((error.to_string(), fix.to_owned()))
            }
        };
    }
    // What it excludes and needs is of no matter to the value, and is not there to be asked.
    let alone = option
        .clone()
        .conflicts_with(Resettable::Reset)
        .requires(Resettable::Reset)
        .required_unless_present(Resettable::Reset)
        .overrides_with(Resettable::Reset);
    let parser = Command::new("toolkit")
        .no_binary_name(true)
        .disable_help_flag(true)
        .arg(alone);
    let Err(error) = parser.try_get_matches_from([format!("--{name}={text}")]) else {
        return Ok(());
    };
    if error.kind() == ErrorKind::InvalidValue
        && let Some(ContextValue::Strings(known)) = error.get(ContextKind::ValidValue)
    {
        let fix = match nearest(text, known.iter().map(String::as_str)) {
            Some(near) => format!("write \"{near}\""),
            None => format!("write one of {}", known.join(", ")),
        };
        return Err((format!("unknown {name} \"{}\"", shown(text)), fix));
    }
    let cause = std::error::Error::source(&error);
    let message = cause.map_or_else(|| error.kind().to_string(), ToString::to_string);
    Err((
        format!("`{name}`: {message}"),
        "`--help` of its command says what it takes".to_owned(),
    ))
}

/// Says what a path of `toolkit.toml` means where the program runs: it counts from the file's own folder.
///
/// In a file that the user did not name, it leads out of that folder nowhere.
pub fn located(option: &str, text: &str, folder: &Path, is_named: bool) -> Result<String, Wrong> {
    let (prefix, path) = match option {
        "database" => match DatabaseAddress::parse(text) {
            Ok(DatabaseAddress::File(path)) => ("sqlite:", path),
            Ok(DatabaseAddress::Server(_)) if !is_named => {
                return Err(beyond(
                    "a server as `database`",
                    "TOOLKIT_DATABASE, --database",
                ));
            }
            _ => return Ok(text.to_owned()),
        },
        "ca-file" => ("", text.into()),
        // A name is that of a built-in profile.
        "profile" if names_file(text) => ("", text.into()),
        _ => return Ok(text.to_owned()),
    };
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !is_inside && !is_named {
        let what = format!("a path out of its folder as `{option}`");
        return Err(beyond(&what, &format!("--{option}")));
    }
    if folder.as_os_str().is_empty() {
        return Ok(text.to_owned());
    }
    let joined = folder.join(path);
    let joined = joined.to_str().ok_or_else(|| {
        let message = format!("the path {} is no text", joined.display());
        (message, "give the folder another name".to_owned())
    })?;
    Ok(format!("{prefix}{joined}"))
}

/// Says whether a profile is given by its file.
fn names_file(profile: &str) -> bool {
    let extension = Path::new(profile).extension();
    extension.is_some_and(|extension| extension == "toml") || profile.contains(['/', '\\'])
}

/// The fault of a value that only a file may hold that the user has named.
pub fn beyond(what: &str, typed: &str) -> Wrong {
    (
        format!("{what} reaches beyond the folder, and nobody named this file"),
        format!("use {typed}, or name the file: --config or TOOLKIT_CONFIG"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_from_the_folder_of_its_file() {
        let folder = Path::new("/site");
        for (option, text, expected) in [
            ("database", "a.db", "sqlite:/site/a.db"),
            ("database", "sqlite:data/a.db", "sqlite:/site/data/a.db"),
            ("profile", "product", "product"),
            ("profile", "mine.toml", "/site/mine.toml"),
            ("user-agent", "../x", "../x"),
        ] {
            let found = located(option, text, folder, false);
            assert_eq!(found.as_deref(), Ok(expected), "{option} {text}");
        }
        let here = located("database", "a.db", Path::new(""), false);
        assert_eq!(here.as_deref(), Ok("a.db"));
    }

    #[test]
    fn what_nobody_named_leads_nowhere_else() {
        let folder = Path::new("/site");
        for (option, text, named) in [
            ("database", "../a.db", "sqlite:/site/../a.db"),
            ("database", "/a.db", "sqlite:/a.db"),
            ("database", "postgres://h/d", "postgres://h/d"),
            ("database", "host=h dbname=d", "host=h dbname=d"),
            ("profile", "/etc/x.toml", "/etc/x.toml"),
            ("ca-file", "../ca.pem", "/site/../ca.pem"),
        ] {
            assert!(located(option, text, folder, false).is_err(), "{text}");
            let found = located(option, text, folder, true);
            assert_eq!(found.as_deref(), Ok(named), "{option} {text}");
        }
    }

    #[test]
    fn switches_are_read() {
        assert_eq!(switch("Yes"), Some(true));
        assert_eq!(switch("0"), Some(false));
        assert_eq!(switch("perhaps"), None);
    }
}
