//! A PDF file: where its objects are, and what its streams hold (ISO 32000-2, 7.5).
//!
//! Owns the budget of one file. Whatever refers to whatever, a reference costs one look-up, a chain of them is
//! short, and all that is unpacked together has a limit; what is behind it reads as nothing, and is told.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::filter::{self, Predictor};
use super::object::{Dictionary, Lexer, Object};
use super::table::{self, Place, Table};

/// Bytes that one stream unpacks to, at most.
const STREAM_LIMIT: usize = 32 << 20;

/// Bytes that all streams together unpack to, at most; one that is read twice counts twice.
const UNPACKED_LIMIT: usize = 256 << 20;

/// Bytes of streams of objects that are kept.
const PACKED_LIMIT: usize = 96 << 20;

/// Bytes that are read as objects, at most; one that is read twice counts twice.
const READ_LIMIT: usize = 256 << 20;

/// References that lead to references.
const CHAIN_LIMIT: usize = 16;

/// Filters of one stream.
const FILTER_LIMIT: usize = 4;

/// Why a file cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It needs a password, or is encrypted in an unknown way.
    Encrypted,
    /// No catalogue of pages is found in it.
    NoPages,
}

/// A stream that was found and not yet unpacked.
#[derive(Debug, Clone)]
pub(super) struct Stream<'a> {
    pub(super) dictionary: Dictionary,
    raw: &'a [u8],
}

/// What a stream holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Why there is no more of it; `None` when it is whole.
    pub(super) fault: Option<&'static str>,
    pub(super) is_cut: bool,
}

/// Objects inside a stream, with where each begins.
struct Packed {
    bytes: Vec<u8>,
    starts: HashMap<u32, usize>,
}

/// An open file.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    table: Table,
    packed: RefCell<HashMap<u32, Rc<Packed>>>,
    /// Bytes of those that may yet be kept.
    packed_left: Cell<usize>,
    /// Bytes that may yet be unpacked.
    left: Cell<usize>,
    /// Bytes that may yet be read as objects.
    unread: Cell<usize>,
    /// Something was left out because of either.
    pub(super) was_cut: Cell<bool>,
    /// Its table of objects was wrong, so they were looked for.
    pub(super) was_repaired: bool,
    /// Its pages, when nothing is left of the tree that they hang on.
    pub(super) loose_pages: Vec<Object>,
}

impl<'a> File<'a> {
    /// Opens a file.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let whole = match table::read(bytes) {
            Some(table) => Some(Self::with_table(bytes, table, false)?),
            None => None,
        };
        let file = whole.filter(Self::has_tree);
        let mut file = match file {
            Some(file) => file,
            None => Self::with_table(bytes, table::search(bytes), true)?,
        };
        if !file.has_tree() {
            file.loose_pages = file.find_pages();
            if file.loose_pages.is_empty() {
                return Err(Unreadable::NoPages);
            }
        }
        Ok(file)
    }

    fn with_table(bytes: &'a [u8], table: Table, was_repaired: bool) -> Result<Self, Unreadable> {
        let mut file = Self {
            bytes,
            table,
            packed: RefCell::default(),
            packed_left: Cell::new(PACKED_LIMIT),
            left: Cell::new(UNPACKED_LIMIT),
            unread: Cell::new(READ_LIMIT),
            was_cut: Cell::new(false),
            was_repaired,
            loose_pages: Vec::new(),
        };
        if file.table.trailer.contains_key("Encrypt") {
            return Err(Unreadable::Encrypted);
        }
        if was_repaired {
            file.find_packed();
        }
        Ok(file)
    }

    /// Looks for pages that no tree leads to, in the order of the file.
    fn find_pages(&self) -> Vec<Object> {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for (number, place) in &self.table.places {
            let object = self.object(*number);
            let kind = object.dictionary().and_then(|one| one.get("Type")?.name());
            if kind == Some("Page") {
                let at = match place {
                    Place::At(at) => *at,
                    Place::In(stream) => match self.table.places.get(stream) {
                        Some(Place::At(at)) => *at,
                        _ => 0,
                    },
                };
                found.push((at, *number));
            }
        }
        found.sort_unstable();
        found
            .into_iter()
            .map(|(_, number)| Object::Reference(number))
            .collect()
    }

    /// Adds the objects that stand in streams, when no table tells of them.
    fn find_packed(&mut self) {
        let mut numbers: Vec<u32> = self.table.streams.clone();
        numbers.sort_unstable();
        for number in numbers {
            let Some(packed) = self.packed(number) else {
                continue;
            };
            for object in packed.starts.keys() {
                self.table
                    .places
                    .entry(*object)
                    .or_insert(Place::In(number));
            }
        }
        if !self.table.trailer.contains_key("Root") {
            let mut all: Vec<u32> = self.table.places.keys().copied().collect();
            all.sort_unstable();
            let root = all.into_iter().rev().find(|number| {
                let object = self.object(*number);
                let kind = object
                    .dictionary()
                    .and_then(|one| one.get("Type")?.name().map(str::to_owned));
                kind.as_deref() == Some("Catalog")
            });
            if let Some(root) = root {
                self.table
                    .trailer
                    .insert("Root".to_owned(), Object::Reference(root));
            }
        }
    }

    /// Returns what the file says about itself as a whole.
    pub(super) fn trailer(&self) -> &Dictionary {
        &self.table.trailer
    }

    pub(super) fn catalogue(&self) -> Option<Cow<'_, Dictionary>> {
        self.dictionary(&self.table.trailer, "Root")
    }

    /// Says whether there is a tree of pages.
    fn has_tree(&self) -> bool {
        let root = self.catalogue();
        root.is_some_and(|root| self.dictionary(&root, "Pages").is_some())
    }

    /// Returns what `value` refers to, or itself.
    pub(super) fn resolved(&self, value: &Object) -> Object {
        let mut found = value.clone();
        for _ in 0..CHAIN_LIMIT {
            match found {
                Object::Reference(number) => found = self.object(number),
                other => return other,
            }
        }
        Object::Null
    }

    /// Returns a value of a dictionary, wherever it stands.
    pub(super) fn get(&self, dictionary: &Dictionary, name: &str) -> Object {
        dictionary
            .get(name)
            .map_or(Object::Null, |value| self.resolved(value))
    }

    pub(super) fn dictionary<'d>(
        &self,
        of: &'d Dictionary,
        name: &str,
    ) -> Option<Cow<'d, Dictionary>> {
        match of.get(name)? {
            Object::Dictionary(found) => Some(Cow::Borrowed(found)),
            other => match self.resolved(other) {
                Object::Dictionary(found) => Some(Cow::Owned(found)),
                _ => None,
            },
        }
    }

    pub(super) fn number(&self, of: &Dictionary, name: &str) -> Option<f64> {
        self.get(of, name).number()
    }

    /// Returns the numbers of an array, each wherever it stands.
    pub(super) fn numbers(&self, of: &Dictionary, name: &str) -> Vec<f64> {
        let found = self.get(of, name);
        let items = found.array().unwrap_or_default().iter();
        items
            .filter_map(|item| self.resolved(item).number())
            .collect()
    }

    /// Takes what was read from the budget; says whether there was enough.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.unread.get().checked_sub(bytes.max(1));
        self.unread.set(left.unwrap_or(0));
        if left.is_none() {
            self.was_cut.set(true);
        }
        left.is_some()
    }

    /// Says whether the budget is spent: an object that never ends costs what is left of the file each time it is read.
    fn is_spent(&self) -> bool {
        let is_spent = self.unread.get() == 0;
        if is_spent {
            self.was_cut.set(true);
        }
        is_spent
    }

    fn object(&self, number: u32) -> Object {
        if self.is_spent() {
            return Object::Null;
        }
        match self.table.places.get(&number) {
            Some(Place::At(at)) => {
                let mut lexer = Lexer::new(self.bytes, *at);
                let found = table::object_at(&mut lexer, number);
                let found = found.filter(|_| self.spend(lexer.at.saturating_sub(*at)));
                found.unwrap_or(Object::Null)
            }
            Some(Place::In(stream)) => {
                let Some(packed) = self.packed(*stream) else {
                    return Object::Null;
                };
                let Some(start) = packed.starts.get(&number) else {
                    return Object::Null;
                };
                let mut lexer = Lexer::new(&packed.bytes, *start);
                let found = lexer
                    .next()
                    .filter(|_| self.spend(lexer.at.saturating_sub(*start)));
                found.unwrap_or(Object::Null)
            }
            None => Object::Null,
        }
    }

    /// Returns the objects that stand in a stream. The stream itself stands in none, nor does anything that
    /// says how to unpack it, so this never calls itself.
    fn packed(&self, number: u32) -> Option<Rc<Packed>> {
        if let Some(found) = self.packed.borrow().get(&number) {
            return Some(Rc::clone(found));
        }
        let Some(Place::At(at)) = self.table.places.get(&number) else {
            return None;
        };
        let stream = self.stream_at(*at, number)?;
        let content = self.content_of(&stream, &|value| self.plain(value));
        let Some(left) = self.packed_left.get().checked_sub(content.bytes.len()) else {
            self.was_cut.set(true);
            return None;
        };
        self.packed_left.set(left);
        let whole = |name: &str| self.plain(stream.dictionary.get(name)?).index();
        let (count, first) = (whole("N")?, whole("First")?);
        let mut lexer = Lexer::of_content(&content.bytes, 0);
        let mut starts = HashMap::new();
        for _ in 0..count {
            let (Some(object), Some(offset)) = (lexer.next(), lexer.next()) else {
                break;
            };
            let (Some(object), Some(offset)) = (object.index(), offset.index()) else {
                break;
            };
            starts
                .entry(object as u32)
                .or_insert(first.saturating_add(offset));
        }
        let found = Rc::new(Packed {
            bytes: content.bytes,
            starts,
        });
        self.packed.borrow_mut().insert(number, Rc::clone(&found));
        Some(found)
    }

    /// Resolves a value without any stream.
    fn plain(&self, value: &Object) -> Object {
        let Object::Reference(number) = value else {
            return value.clone();
        };
        match self.table.places.get(number) {
            Some(Place::At(at)) => {
                let mut lexer = Lexer::new(self.bytes, *at);
                table::object_at(&mut lexer, *number).unwrap_or(Object::Null)
            }
            _ => Object::Null,
        }
    }

    /// Returns the stream that `value` refers to.
    pub(super) fn stream(&self, value: &Object) -> Option<Stream<'a>> {
        let Object::Reference(number) = value else {
            return None;
        };
        match self.table.places.get(number) {
            Some(Place::At(at)) => self.stream_at(*at, *number),
            _ => None,
        }
    }

    fn stream_at(&self, at: usize, number: u32) -> Option<Stream<'a>> {
        if self.is_spent() {
            return None;
        }
        let mut lexer = Lexer::new(self.bytes, at);
        let object = table::object_at(&mut lexer, number)?;
        if !self.spend(lexer.at.saturating_sub(at)) {
            return None;
        }
        let Object::Dictionary(dictionary) = object else {
            return None;
        };
        let length = dictionary
            .get("Length")
            .and_then(|length| self.plain(length).index());
        let raw = table::stream_bytes(self.bytes, &mut lexer, length)?;
        self.spend(raw.len()).then_some(Stream { dictionary, raw })
    }

    /// Unpacks a stream.
    pub(super) fn content(&self, stream: &Stream<'_>) -> Content {
        self.content_of(stream, &|value| self.resolved(value))
    }

    fn content_of(&self, stream: &Stream<'_>, resolve: &dyn Fn(&Object) -> Object) -> Content {
        let get = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| stream.dictionary.get(*name));
            found.map_or(Object::Null, resolve)
        };
        let listed = |value: Object| match value {
            Object::Array(items) => items.iter().map(resolve).collect(),
            Object::Null => Vec::new(),
            one => vec![one],
        };
        let filters: Vec<Object> = listed(get(["Filter", "F"]));
        let parameters: Vec<Object> = listed(get(["DecodeParms", "DP"]));
        let mut content = Content {
            bytes: stream.raw.to_vec(),
            ..Content::default()
        };
        for (ordinal, filter) in filters.iter().take(FILTER_LIMIT).enumerate() {
            let name = filter.name().unwrap_or_default();
            if name == "Crypt" {
                continue;
            }
            let own = parameters.get(ordinal).and_then(Object::dictionary);
            let of = |name: &str| own.and_then(|own| resolve(own.get(name)?).index());
            let room = STREAM_LIMIT.min(self.left.get());
            let is_early = of("EarlyChange") != Some(0);
            let Some(found) = filter::unpack(name, &content.bytes, is_early, room) else {
                return Content {
                    fault: Some("it is packed in a way that no text is"),
                    ..Content::default()
                };
            };
            self.left
                .set(self.left.get().saturating_sub(found.bytes.len()));
            if found.is_cut {
                self.was_cut.set(true);
                content.is_cut = true;
                content.fault = Some("it unpacks to more than is read of one file");
            } else if found.is_broken {
                content.fault = Some("what it is packed in breaks off");
            }
            let predictor = Predictor {
                kind: of("Predictor").unwrap_or(1),
                colours: of("Colors").unwrap_or(1),
                bits: of("BitsPerComponent").unwrap_or(8),
                columns: of("Columns").unwrap_or(1),
            };
            content.bytes = filter::unpredict(found.bytes, predictor);
        }
        content
    }
}
