//! The page's own evidence: the names that its records and metadata give a type to, looked for in its text, and what
//! they are to the page.
//!
//! Owns which names a page vouches for; how they are compared is the dictionary's. It guesses no type: a heading or a
//! link gives another form of a name that a record has typed, and nothing alone.
//!
//! What a mention stands on is told in its recognizer: `page:` and the record's syntax, `metadata`, `heading` or `link`.

mod authors;
mod forms;
mod kinds;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::{Value, json};

use super::dictionary::{Dictionary, Term};
use super::{Context, Recognizer, RecognizerError, mention};
use crate::extract::records::is_of_head;
use crate::model::{EntityType, ExtractedItem, ExtractionType, Mention, Role};

/// The most bytes of a name.
const MOST_BYTES: usize = 100;

/// Properties that say what a page or a list is about.
const ABOUT: &[&str] = &["mainEntity", "mainEntityOfPage", "about"];

/// Properties that say what someone is to a page.
const ROLES: &[(&str, Role)] = &[
    ("author", Role::Author),
    ("creator", Role::Author),
    ("publisher", Role::Publisher),
    ("contributor", Role::Contributor),
    ("editor", Role::Contributor),
];

/// Finds the names that a page vouches for; without a page it finds nothing.
pub(super) struct Evidence;

impl Recognizer for Evidence {
    fn name(&self) -> &'static str {
        "page"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &[EntityType] {
        &[
            EntityType::Organization,
            EntityType::Person,
            EntityType::Place,
            EntityType::Product,
        ]
    }

    fn find(&self, text: &str, context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let Some(names) = &context.names else {
            return Ok(Vec::new());
        };
        let dictionary = names
            .dictionary
            .as_ref()
            .map_err(|why| RecognizerError::Pattern("page", why.clone()))?;
        let places = dictionary.find(text).into_iter();
        let found = places.map(|place| {
            let form = &names.forms[place.term];
            let meant = &names.meant[form.meant];
            let mut mention = mention(
                form.evidence,
                meant.entity_type.clone(),
                text,
                (place.start, place.end),
                (meant.name.clone(), json!({})),
                form.score,
            );
            mention.role = meant.role;
            mention
        });
        Ok(found.collect())
    }
}

/// The names that one page vouches for, ready to be looked for.
pub struct PageNames {
    /// Why it could not be made, else the dictionary.
    dictionary: Result<Dictionary, String>,
    /// Of each term of the dictionary.
    forms: Vec<Form>,
    meant: Vec<Meant>,
}

/// One way to write a name.
struct Form {
    /// Which of the page's names it is.
    meant: usize,
    evidence: &'static str,
    score: f64,
}

/// Who or what a name means.
struct Meant {
    entity_type: EntityType,
    /// As the page's first record has it.
    name: String,
    role: Role,
}

impl fmt::Debug for PageNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.meant.iter().map(|meant| &meant.name);
        formatter.debug_list().entries(names).finish()
    }
}

impl PageNames {
    /// Reads what was extracted of one page; `None` where that names nothing.
    pub fn of(items: &[ExtractedItem]) -> Option<Self> {
        let mut survey = Survey::default();
        let mut records: Vec<&ExtractedItem> = of_type(items, ExtractionType::Record)
            .filter(|item| !is_of_head(&item.data))
            .collect();
        records.sort_by_key(|item| item.ordinal);
        let records: Vec<&Value> = records.into_iter().map(|item| &item.data).collect();
        let metadata = of_type(items, ExtractionType::Metadata).next();
        let said = |key: &str| metadata.and_then(|item| item.data[key].as_str());
        for &record in &records {
            survey.take_up(record);
        }
        let title = said("title");
        let is_one_work = survey.give_roles(&records, title);
        if let Some(written) = said("author").filter(|_| is_one_work) {
            survey.add_authors(written, said("site_name"));
        }
        if survey.meant.is_empty() {
            return None;
        }
        // Of a document of many contents the first speaks for it; a text that is taken up again has no other.
        let first = of_type(items, ExtractionType::Content).find(|item| item.ordinal == 0);
        if let Some(content) = first {
            for heading in forms::headings(&content.data, &content.text) {
                survey.add_heading(heading);
            }
            let markdown = content.data["markdown"].as_str().unwrap_or_default();
            for (text, address) in forms::links(markdown) {
                survey.add_link(text, address);
            }
        }
        if let Some(title) = title {
            survey.add_heading(title);
        }
        Some(survey.finish())
    }
}

fn of_type(
    items: &[ExtractedItem],
    wanted: ExtractionType,
) -> impl Iterator<Item = &ExtractedItem> {
    items
        .iter()
        .filter(move |item| item.extraction_type == wanted)
}

/// What the records of a page have named so far.
#[derive(Default)]
struct Survey<'a> {
    meant: Vec<Meant>,
    /// By how they are written, in the order of their bytes.
    forms: BTreeMap<String, Form>,
    /// Typed records by what others refer to them by.
    by_id: HashMap<&'a str, usize>,
    /// Whose page an address is.
    by_address: HashMap<&'a str, usize>,
}

impl<'a> Survey<'a> {
    /// Takes up a record with all that are inside it.
    fn take_up(&mut self, data: &'a Value) {
        let evidence = kinds::evidence_of(data["syntax"].as_str().unwrap_or_default());
        let mut left = vec![data];
        while let Some(record) = left.pop() {
            let Some(properties) = record.get("properties").and_then(Value::as_object) else {
                continue;
            };
            let inside = left.len();
            let values = properties.values().filter_map(Value::as_array).flatten();
            left.extend(values.filter(|value| value.get("properties").is_some()));
            left[inside..].reverse();
            if let Some(meant) = self.name(record, evidence) {
                let id = record.get("id").and_then(Value::as_str);
                if let Some(id) = id {
                    self.by_id.entry(id).or_insert(meant);
                }
                let addresses = ["url", "sameAs"].into_iter();
                let addresses = addresses.flat_map(|name| texts(record, name)).chain(id);
                for address in addresses {
                    self.by_address.entry(address).or_insert(meant);
                }
            }
        }
    }

    /// Adds what a record names, if it is of a type that is a kind of entity.
    fn name(&mut self, record: &'a Value, evidence: &'static str) -> Option<usize> {
        let entity_type = kinds::kind_of(record)?;
        let name = texts(record, "name").next().map(folded).or_else(|| {
            let part = |name| texts(record, name).next();
            let (given, family) = (
                part("givenName").or(part("given-name"))?,
                part("familyName").or(part("family-name"))?,
            );
            Some(folded(&format!("{given} {family}")))
        })?;
        let meant = self.add(name, entity_type, evidence, 0.95)?;
        for other in ["alternateName", "legalName"] {
            for text in texts(record, other) {
                self.add_form(folded(text), meant, evidence, 0.95);
            }
        }
        Some(meant)
    }

    /// Adds a name; one that is known already stays what it is.
    fn add(
        &mut self,
        name: String,
        entity_type: EntityType,
        evidence: &'static str,
        score: f64,
    ) -> Option<usize> {
        if let Some(known) = self.forms.get(&name) {
            return Some(known.meant);
        }
        if !forms::is_name(&name) {
            return None;
        }
        let meant = self.meant.len();
        self.meant.push(Meant {
            entity_type,
            name: name.clone(),
            role: Role::Mention,
        });
        self.add_form(name, meant, evidence, score);
        Some(meant)
    }

    fn add_form(&mut self, text: String, meant: usize, evidence: &'static str, score: f64) {
        if forms::is_name(&text) {
            self.forms.entry(text).or_insert(Form {
                meant,
                evidence,
                score,
            });
        }
    }

    /// Says who has made the page and what it is about, as far as its records do; returns whether it has authors of its
    /// own, as a list of works has not.
    fn give_roles(&mut self, records: &[&'a Value], title: Option<&str>) -> bool {
        let is_titled = |record: &Value| {
            let mut names = ["headline", "name"].into_iter();
            names.any(|name| {
                let mut named = texts(record, name).map(folded);
                named.any(|named| title.is_some_and(|title| forms::is_titled(title, &named)))
            })
        };
        let says_who = |record: &Value| ROLES.iter().any(|(name, _)| has(record, name));
        let mut works: Vec<&'a Value> = Vec::new();
        let mut is_one_work = true;
        let mut of_syntax: BTreeMap<&str, usize> = BTreeMap::new();
        for &record in records {
            let inside = ABOUT.iter().flat_map(|name| values(record, name));
            let inside = inside.filter(|one| one.get("properties").is_some());
            for work in std::iter::once(record).chain(inside) {
                if !says_who(work) || kinds::is_part(work) {
                    continue;
                }
                works.push(work);
                if !kinds::is_page(work) {
                    // Who writes a page's record in two syntaxes has made one page.
                    let syntax = record["syntax"].as_str().unwrap_or_default();
                    let known = of_syntax.entry(syntax).or_default();
                    *known += 1;
                    is_one_work &= *known == 1;
                }
            }
        }
        for work in works {
            // Of a list of works each has its own author, and none is the page's.
            if is_one_work || kinds::is_page(work) {
                for (name, role) in ROLES {
                    for value in values(work, name) {
                        self.give_role(value, *role);
                    }
                }
            }
        }
        for &record in records {
            for value in ABOUT.iter().flat_map(|name| values(record, name)) {
                self.give_role(value, Role::Subject);
            }
            if is_titled(record) {
                self.give_role(record, Role::Subject);
            }
        }
        is_one_work
    }

    /// Gives a role to what a value of a property names, unless it has one.
    fn give_role(&mut self, value: &'a Value, role: Role) {
        let by_name = || {
            let name = folded(texts(value, "name").next()?);
            let known = self.forms.get(&name)?.meant;
            kinds::kind_of(value).map(|_| known)
        };
        let by_id = || self.by_id.get(value.get("id")?.as_str()?).copied();
        if let Some(meant) = by_name().or_else(by_id) {
            let known = &mut self.meant[meant].role;
            if *known == Role::Mention {
                *known = role;
            }
        }
    }

    /// Adds whom the page names as its authors: those who are typed, and whoever is called as persons are.
    fn add_authors(&mut self, written: &str, site: Option<&str>) {
        for author in written.split("; ").map(folded) {
            let known = self.forms.get(&author).map(|form| form.meant);
            let meant = known.or_else(|| {
                let is_person = authors::is_person(&author, site);
                is_person.then(|| self.add(author, EntityType::Person, "page:metadata", 0.8))?
            });
            if let Some(meant) = meant {
                self.meant[meant].role = Role::Author;
            }
        }
    }

    /// A heading may be a shorter form of a name: half of its words at least, as they stand in it.
    fn add_heading(&mut self, heading: &str) {
        let heading = folded(heading);
        let words = heading.split(' ').count();
        if words < 2 || self.forms.contains_key(&heading) {
            return;
        }
        let meant = self.meant.iter().position(|meant| {
            meant.entity_type != EntityType::Place
                && meant.name.split(' ').count() <= 2 * words
                && forms::holds_words(&meant.name, &heading)
        });
        if let Some(meant) = meant {
            self.add_form(heading, meant, "page:heading", 0.9);
        }
    }

    /// A link to the page of what a record has typed is another form of its name, if it shares a word with it.
    fn add_link(&mut self, text: &str, address: &str) {
        let text = folded(text);
        if let Some(meant) = self.by_address.get(address).copied()
            && forms::share_word(&self.meant[meant].name, &text)
        {
            self.add_form(text, meant, "page:link", 0.9);
        }
    }

    fn finish(self) -> PageNames {
        let (terms, forms): (Vec<Term>, Vec<Form>) = self
            .forms
            .into_iter()
            .map(|(text, form)| {
                let term = Term {
                    text,
                    case: true,
                    whole_words: true,
                };
                (term, form)
            })
            .unzip();
        PageNames {
            dictionary: Dictionary::new(terms).map_err(|error| error.to_string()),
            forms,
            meant: self.meant,
        }
    }
}

/// Returns the values of a record's property.
fn values<'a>(record: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let values = record
        .get("properties")
        .and_then(|properties| properties.get(name))
        .and_then(Value::as_array);
    values.into_iter().flatten()
}

/// Returns those that are texts.
fn texts<'a>(record: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    values(record, name).filter_map(|value| value.as_str().or_else(|| value.get("text")?.as_str()))
}

fn has(record: &Value, name: &str) -> bool {
    values(record, name).next().is_some()
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
