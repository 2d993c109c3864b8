//! How the parts of an office document lead to each other (ECMA-376, part 2, 9.3).

use quick_xml::events::Event;

use super::package::Package;
use super::xml::{self, attribute};

/// One part that another leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type.
    pub(super) kind: String,
    /// The name of the part in the package.
    pub(super) part: String,
}

/// Reads where a part leads to, or the package as a whole when its name is empty.
pub(super) fn of_part(package: &mut Package<'_>, part: &str) -> Vec<Relation> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let between = if folder.is_empty() { "" } else { "/" };
    let text = package.optional(&format!("{folder}{between}_rels/{name}.rels"));
    text.map(|text| read(&text, folder)).unwrap_or_default()
}

/// Returns the first part of a kind that a package as a whole leads to.
pub(super) fn main_part(package: &mut Package<'_>, usual: &str) -> String {
    let all = of_part(package, "");
    let found = all.into_iter().find(|one| one.kind == "officeDocument");
    found.map_or_else(|| usual.to_owned(), |one| one.part)
}

fn read(text: &str, folder: &str) -> Vec<Relation> {
    let mut found = Vec::new();
    let mut reader = xml::reader(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let is_inside = attribute(&tag, "TargetMode").is_none_or(|mode| mode != "External");
                let target = attribute(&tag, "Target").filter(|_| is_inside);
                if let (Some(kind), Some(target)) = (attribute(&tag, "Type"), target) {
                    found.push(Relation {
                        id: attribute(&tag, "Id").unwrap_or_default(),
                        kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                        part: below(folder, &target),
                    });
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// Returns the name of the part that `target` names from within `folder`.
fn below(folder: &str, target: &str) -> String {
    let mut steps: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|step| !step.is_empty()).collect(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_names_of_parts() {
        let text = "<Relationships><Relationship Id='a' Type='http://x/worksheet' Target='sheets/one.xml'/>\
            <Relationship Id='b' Type='http://x/image' Target='../media/two.png'/>\
            <Relationship Id='c' Type='http://x/styles' Target='/xl/three.xml'/>\
            <Relationship Id='d' Type='http://x/link' Target='https://example.com/' TargetMode='External'/></Relationships>";
        let found = read(text, "xl");
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.kind.as_str(), one.part.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("worksheet", "xl/sheets/one.xml"),
                ("image", "media/two.png"),
                ("styles", "xl/three.xml")
            ]
        );
    }
}
