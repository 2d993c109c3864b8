//! `toolkit.toml`: where it is looked for, and what its text says.

use std::path::{Path, PathBuf};

use clap::Command;
use serde_json::Value;

use super::names::{Reach, SECTIONS, Section};
use super::value::{Wrong, beyond, check, is_list, is_switch, located, split};
use super::{Entry, Origin, option_of};
use crate::toml_keys::{Faults, Keys, Reading, document, kind, place};

/// What the file is called.
const NAME: &str = "toolkit.toml";

/// Bytes of its text.
const MOST_BYTES: usize = 1 << 20;

/// Looks for the file in `folder` and upward from there.
///
/// The way ends with the top of a repository, with the home folder, and before a folder that belongs to somebody
/// else: whoever may write to a folder above, as anybody may to a common one, is not to say what happens below.
pub fn find(folder: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let mine = owner(folder);
    for folder in folder.ancestors() {
        if owner(folder) != mine {
            return None;
        }
        let file = folder.join(NAME);
        if file.is_file() {
            return (owner(&file) == mine).then_some(file);
        }
        if Some(folder) == home || folder.join(".git").exists() {
            return None;
        }
    }
    None
}

#[cfg(unix)]
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| found.uid())
}

/// Folders have no such owner there; the home folder and repositories bound the way.
#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

/// Reads the file's text. Paths in it count from `folder`; one that the user has named may reach beyond it.
pub fn entries(
    text: &str,
    file: &Path,
    folder: &Path,
    is_named: bool,
    definition: &Command,
) -> Result<Vec<Entry>, Faults> {
    let table = document(text, NAME, MOST_BYTES, "write less into it")?;
    let reading = Reading::new(text);
    let everywhere = &SECTIONS[0];
    let known: Vec<&str> = everywhere
        .keys()
        .chain(SECTIONS.iter().skip(1).map(|section| section.name))
        .collect();
    let top = Keys::new(&reading, &table, 0..0, NAME, &known);
    let mut reader = Reader {
        text,
        file,
        folder,
        is_named,
        definition,
        reading: &reading,
        entries: Vec::new(),
    };
    reader.section(everywhere, &top);
    for section in &SECTIONS[1..] {
        if let Some((table, span)) = top.table(section.name) {
            let known: Vec<&str> = section.keys().collect();
            let name = format!("[{}]", section.name);
            let keys = Keys::new(&reading, table, span, &name, &known);
            reader.section(section, &keys);
        }
    }
    let entries = reader.entries;
    reading.finish(entries)
}

struct Reader<'r, 't> {
    text: &'t str,
    file: &'r Path,
    folder: &'r Path,
    is_named: bool,
    definition: &'r Command,
    reading: &'r Reading<'t>,
    entries: Vec<Entry>,
}

impl Reader<'_, '_> {
    fn section(&mut self, section: &'static Section, keys: &Keys<'_, '_>) {
        for key in section.keys() {
            let Some(written) = keys.get(key) else {
                continue;
            };
            if section.reach(key) == Reach::Beyond && !self.is_named {
                let (message, fix) = beyond(&format!("`{key}`"), &format!("--{key}"));
                self.reading.fault(&keys.key_place(key), message, fix);
                continue;
            }
            let Some(option) = option_of(self.definition, section, key) else {
                continue;
            };
            let Some(value) = keys.any(key) else { continue };
            match self.values(option, &value.value) {
                Ok(values) => {
                    let (line, _) = place(self.text, keys.key_place(key).start);
                    let path = self.file.to_owned();
                    self.entries.push(Entry {
                        section: section.name,
                        key,
                        values,
                        origin: Origin::File { path, line },
                    });
                }
                Err(Mismatch::Kind(wanted)) => {
                    let found = kind(written.get_ref());
                    let message = format!("`{key}` must be {wanted}, not {found}");
                    let fix = format!("write {wanted}");
                    self.reading.fault(&value.span, message, fix);
                }
                Err(Mismatch::Value((message, fix))) => {
                    self.reading.fault(&value.span, message, fix);
                }
            }
        }
    }

    fn values(&self, option: &clap::Arg, value: &Value) -> Result<Vec<String>, Mismatch> {
        if is_switch(option) {
            let flag = value.as_bool().ok_or(Mismatch::Kind("true or false"))?;
            return Ok(vec![flag.to_string()]);
        }
        match value {
            Value::Array(values) if is_list(option) => {
                let lists = values.iter().map(|value| self.scalar(option, value));
                let lists: Vec<Vec<String>> = lists.collect::<Result<_, _>>()?;
                Ok(lists.concat())
            }
            value => self.scalar(option, value),
        }
    }

    fn scalar(&self, option: &clap::Arg, value: &Value) -> Result<Vec<String>, Mismatch> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ if is_list(option) => return Err(Mismatch::Kind("a string, or a list of strings")),
            _ => return Err(Mismatch::Kind("a string or a number")),
        };
        let name = option.get_long().unwrap_or_default();
        let values = split(option, &text);
        for value in &values {
            check(option, value).map_err(Mismatch::Value)?;
        }
        let located = values
            .iter()
            .map(|value| located(name, value, self.folder, self.is_named));
        located.collect::<Result<_, _>>().map_err(Mismatch::Value)
    }
}

/// Why a value is none of its option.
enum Mismatch {
    Kind(&'static str),
    Value(Wrong),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn the_way_up_ends_with_a_repository_and_with_home() {
        let place = folder();
        let top = place.path();
        let inner = top.join("home/site/pages");
        std::fs::create_dir_all(&inner).unwrap();
        let home = top.join("home");
        std::fs::write(top.join(NAME), "").unwrap();
        assert_eq!(find(&inner, Some(&home)), None);
        assert_eq!(find(&inner, None), Some(top.join(NAME)));
        std::fs::write(home.join(NAME), "").unwrap();
        assert_eq!(find(&inner, Some(&home)), Some(home.join(NAME)));
        std::fs::create_dir(home.join("site/.git")).unwrap();
        assert_eq!(find(&inner, Some(&home)), None);
        std::fs::write(home.join("site").join(NAME), "").unwrap();
        assert_eq!(
            find(&inner, Some(&home)),
            Some(home.join("site").join(NAME))
        );
    }

    fn faults(text: &str, is_named: bool) -> String {
        let file = Path::new(NAME);
        let definition = crate::cli::definition();
        match entries(text, file, Path::new(""), is_named, &definition) {
            Ok(entries) => format!("{} entries", entries.len()),
            Err(faults) => faults.to_string(),
        }
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        for (text, expected) in [
            ("delya = 1", "line 1, column 1: unknown key `delya`"),
            (
                "[crawl]\ndelya = 1",
                "line 2, column 1: unknown key `delya` (write `delay`)",
            ),
            ("[crawl]\nresume = 'last'", "unknown key `resume`"),
            ("[craw]", "unknown key `craw` (write `crawl`)"),
            (
                "[crawl]\ndelay = \"much\"",
                "line 2, column 9: `delay`: \"much\" is no duration",
            ),
            ("[crawl]\nconcurrency = 0", "at least 1 is needed"),
            (
                "[crawl]\nmax-pages = true",
                "must be a string or a number, not a boolean",
            ),
            (
                "[crawl]\nhidden = 'yes'",
                "`hidden` must be true or false, not a string",
            ),
            (
                "[crawl]\ninclude = [true]",
                "must be a string, or a list of strings",
            ),
            (
                "format = 'tabel'",
                "unknown format \"tabel\" (write \"table\")",
            ),
            ("quiet = [", "line 1, column"),
            (
                "[crawl]\nproxy = 'http://h:1'",
                "`proxy` reaches beyond the folder",
            ),
            (
                "database = '../x.db'",
                "a path out of its folder as `database`",
            ),
            ("database = 'postgres://h/d'", "a server as `database`"),
        ] {
            let told = faults(text, false);
            assert!(told.contains(expected), "{text}\n{told}");
        }
    }

    #[test]
    fn values_of_each_kind_are_read() {
        let text = "format = 'json'\nquiet = true\n[crawl]\ndelay = 0.5\nmax-pages = 1_000\n\
                    hosts = ['a.example', 'b.example,c.example']\n[extract]\nprofile = 'product'\n";
        let definition = crate::cli::definition();
        let found = entries(text, Path::new(NAME), Path::new(""), false, &definition).unwrap();
        let found: Vec<String> = found
            .iter()
            .map(|entry| format!("{} {} {}", entry.section, entry.key, entry.values.join(" ")))
            .collect();
        assert_eq!(
            found,
            [
                " format json",
                " quiet true",
                "crawl delay 0.5",
                "crawl hosts a.example b.example c.example",
                "crawl max-pages 1000",
                "extract profile product",
            ]
        );
        let beyond = "[crawl]\nproxy = 'http://h:1'\nauth = 'h=env:X'\nignore-robots = true";
        assert_eq!(faults(beyond, true), "3 entries");
    }
}
