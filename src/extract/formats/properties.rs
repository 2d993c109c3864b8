//! What a zipped document says about itself: the Dublin Core that DOCX, ODT and EPUB share.

use quick_xml::events::Event;

use super::feed::date_of;
use super::metadata;
use super::xml::{self, Entities};
use crate::model::ExtractedItem;

/// The properties found.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) title: Option<String>,
    authors: Vec<String>,
    published: Option<String>,
    modified: Option<String>,
    language: Option<String>,
    description: Option<String>,
}

impl Properties {
    /// Reads them wherever they stand in a part.
    pub(super) fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut entities = Entities::default();
        let mut reader = xml::reader(text);
        let mut value: Option<String> = None;
        // The Dublin Core's date is that of the last change there, and of publication elsewhere.
        let is_open_document = text.contains("<office:document-meta");
        loop {
            match reader.read_event() {
                Ok(Event::Start(_)) => value = Some(String::new()),
                Ok(Event::End(end)) => {
                    if let Some(value) = value.take() {
                        let name = end.local_name();
                        let name: &str = match name.as_ref() {
                            "date" if is_open_document => "modified",
                            other => other,
                        };
                        found.take(name, value.trim());
                    }
                }
                Ok(Event::Eof) | Err(_) => return found,
                Ok(other) => {
                    if let (Some(value), Some(part)) = (&mut value, entities.text_of(&other, 0)) {
                        value.push_str(&part);
                    }
                }
            }
        }
    }

    /// Takes a value that stands under this name of the Dublin Core.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let set = |slot: &mut Option<String>, value: String| {
            slot.get_or_insert(value);
        };
        match name {
            "title" => set(&mut self.title, value.to_owned()),
            "creator" | "initial-creator" if !self.authors.iter().any(|one| one == value) => {
                self.authors.push(value.to_owned());
            }
            "created" | "creation-date" | "date" => set(&mut self.published, date_of(value)),
            "modified" => set(&mut self.modified, date_of(value)),
            "language" => set(&mut self.language, value.to_owned()),
            "description" => set(&mut self.description, value.to_owned()),
            _ => {}
        }
    }

    /// Returns them as what the document says about itself.
    pub(super) fn metadata(&self) -> ExtractedItem {
        let authors = self.authors.join("; ");
        metadata(&[
            ("title", self.title.as_deref()),
            ("author", Some(&authors)),
            ("published", self.published.as_deref()),
            ("modified", self.modified.as_deref()),
            ("language", self.language.as_deref()),
            ("description", self.description.as_deref()),
        ])
    }
}
