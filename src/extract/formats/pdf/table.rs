//! The table of objects: where each of them begins, as the file says, or as they are found when it says it wrongly.

use std::collections::{HashMap, HashSet};

use super::filter::{self, Predictor};
use super::object::{Dictionary, Lexer, Object, is_space};

/// Objects of one file.
const OBJECT_LIMIT: usize = 2_000_000;

/// Tables that follow one another in a file that was changed again and again.
const TABLE_LIMIT: usize = 500;

/// Bytes that all tables unpack to.
const TABLE_BYTES: usize = 32 << 20;

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At a byte of the file.
    At(usize),
    /// In the stream of this number.
    In(u32),
}

/// Where all of them stand.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) places: HashMap<u32, Place>,
    pub(super) trailer: Dictionary,
    /// Streams that hold objects, as far as they were looked for.
    pub(super) streams: Vec<u32>,
}

/// Reads the tables that the end of the file points to; `None` when one of them is wrong.
pub(super) fn read(bytes: &[u8]) -> Option<Table> {
    let head = memchr::memmem::find(bytes, b"%PDF-")
        .filter(|at| *at < 2048)
        .unwrap_or(0);
    let end = memchr::memmem::rfind(bytes, b"startxref")?;
    let mut next = Lexer::new(bytes, end + 9).next()?.index();
    let mut table = Table::default();
    let mut seen = HashSet::new();
    let mut room = TABLE_BYTES;
    while let Some(at) = next {
        if !seen.insert(at) || seen.len() > TABLE_LIMIT {
            break;
        }
        // Some programs write something before the head and count without it.
        let trailer = section(bytes, at, &mut table, &mut room)
            .or_else(|| section(bytes, at.checked_add(head)?, &mut table, &mut room))?;
        if let Some(hybrid) = trailer.get("XRefStm").and_then(Object::index) {
            section(bytes, hybrid, &mut table, &mut room);
        }
        next = trailer.get("Prev").and_then(Object::index);
        for (name, value) in trailer {
            table.trailer.entry(name).or_insert(value);
        }
    }
    mend(bytes, &mut table);
    table.trailer.contains_key("Root").then_some(table)
}

/// Looks for the objects that are not where the table says.
fn mend(bytes: &[u8], table: &mut Table) {
    let is_wrong = |(number, place): &(&u32, &Place)| match place {
        Place::At(at) => !begins(&mut Lexer::new(bytes, *at), **number),
        Place::In(stream) => !matches!(table.places.get(stream), Some(Place::At(_))),
    };
    let wrong: Vec<u32> = table
        .places
        .iter()
        .filter(is_wrong)
        .map(|(number, _)| *number)
        .collect();
    if wrong.is_empty() {
        return;
    }
    let found = search(bytes);
    for number in wrong {
        match found.places.get(&number) {
            Some(place) => table.places.insert(number, *place),
            None => table.places.remove(&number),
        };
    }
}

fn section(bytes: &[u8], at: usize, table: &mut Table, room: &mut usize) -> Option<Dictionary> {
    let mut lexer = Lexer::new(bytes, at);
    match lexer.next()? {
        Object::Word(word) if word == "xref" => plain_section(bytes, lexer, table),
        Object::Number(number) => packed_section(bytes, at, number as u32, table, room),
        _ => None,
    }
}

fn plain_section(bytes: &[u8], mut lexer: Lexer<'_>, table: &mut Table) -> Option<Dictionary> {
    loop {
        match lexer.next()? {
            Object::Number(first) => {
                let (first, count) = (first as usize, lexer.next()?.index()?);
                for ordinal in 0..count {
                    let mut ahead = Lexer::of_content(bytes, lexer.at);
                    let (place, _, kind) = (ahead.next()?, ahead.next()?, ahead.next()?);
                    let Object::Word(kind) = kind else {
                        return None;
                    };
                    lexer.at = ahead.at;
                    if kind == "n" && table.places.len() < OBJECT_LIMIT {
                        let number = (first + ordinal) as u32;
                        table
                            .places
                            .entry(number)
                            .or_insert(Place::At(place.index()?));
                    }
                }
            }
            Object::Word(word) if word == "trailer" => {
                return lexer.next()?.dictionary().cloned();
            }
            _ => return None,
        }
    }
}

fn packed_section(
    bytes: &[u8],
    at: usize,
    number: u32,
    table: &mut Table,
    room: &mut usize,
) -> Option<Dictionary> {
    let mut lexer = Lexer::new(bytes, at);
    let Object::Dictionary(dictionary) = object_at(&mut lexer, number)? else {
        return None;
    };
    let of = |name: &str| dictionary.get(name);
    let raw = stream_bytes(bytes, &mut lexer, of("Length").and_then(Object::index))?;
    let filter = match of("Filter") {
        Some(Object::Array(items)) => items.first().and_then(Object::name),
        other => other.and_then(Object::name),
    };
    let rows = match filter {
        Some(filter) => filter::unpack(filter, raw, true, *room)?.bytes,
        None => raw.to_vec(),
    };
    *room = room.saturating_sub(rows.len());
    let parameters = match of("DecodeParms") {
        Some(Object::Array(items)) => items.first().and_then(Object::dictionary),
        other => other.and_then(Object::dictionary),
    };
    let parameter = |name: &str, usual| {
        parameters
            .and_then(|all| all.get(name)?.index())
            .unwrap_or(usual)
    };
    let predictor = Predictor {
        kind: parameter("Predictor", 1),
        colours: parameter("Colors", 1),
        bits: parameter("BitsPerComponent", 8),
        columns: parameter("Columns", 1),
    };
    let rows = filter::unpredict(rows, predictor);
    let widths: Vec<usize> = of("W")?.array()?.iter().filter_map(Object::index).collect();
    let [kinds, firsts, seconds] = widths[..] else {
        return None;
    };
    let width = kinds.checked_add(firsts)?.checked_add(seconds)?;
    if width == 0 || width > 24 {
        return None;
    }
    let size = of("Size").and_then(Object::index).unwrap_or_default();
    let ranges: Vec<usize> = match of("Index").and_then(Object::array) {
        Some(items) => items.iter().filter_map(Object::index).collect(),
        None => vec![0, size],
    };
    let number_of = |field: &[u8]| {
        field
            .iter()
            .fold(0_usize, |all, byte| all << 8 | usize::from(*byte))
    };
    let mut rows = rows.chunks_exact(width);
    for range in ranges.chunks_exact(2) {
        for ordinal in 0..range[1] {
            let Some(row) = rows.next() else { break };
            let (kind, rest) = row.split_at(kinds);
            let (first, _) = rest.split_at(firsts);
            let kind = if kinds == 0 { 1 } else { number_of(kind) };
            let place = match kind {
                1 => Place::At(number_of(first)),
                2 => Place::In(number_of(first) as u32),
                _ => continue,
            };
            if table.places.len() < OBJECT_LIMIT {
                let number = range[0].saturating_add(ordinal) as u32;
                table.places.entry(number).or_insert(place);
            }
        }
    }
    Some(dictionary)
}

/// Returns the object of this number that begins where the lexer is, which is behind it then.
pub(super) fn object_at(lexer: &mut Lexer<'_>, number: u32) -> Option<Object> {
    begins(lexer, number).then(|| lexer.next())?
}

/// Says whether the object of this number begins where the lexer is, and goes behind the beginning: `12 0 obj`.
fn begins(lexer: &mut Lexer<'_>, number: u32) -> bool {
    let mut rest = lexer.rest();
    let mut words = [None; 2];
    for word in &mut words {
        rest = without_space(rest);
        let length = rest
            .iter()
            .take(11)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        *word = std::str::from_utf8(&rest[..length])
            .ok()
            .and_then(|word| word.parse::<u32>().ok());
        rest = &rest[length..];
    }
    let Some(after) = without_space(rest).strip_prefix(b"obj") else {
        return false;
    };
    lexer.at += lexer.rest().len() - after.len();
    words[0] == Some(number) && words[1].is_some()
}

/// Nothing long is read in search of a word that may not be there.
fn without_space(bytes: &[u8]) -> &[u8] {
    let space = bytes
        .iter()
        .take(16)
        .take_while(|byte| is_space(**byte))
        .count();
    &bytes[space..]
}

/// Returns the bytes of the stream whose dictionary the lexer has just read.
pub(super) fn stream_bytes<'a>(
    bytes: &'a [u8],
    lexer: &mut Lexer<'_>,
    length: Option<usize>,
) -> Option<&'a [u8]> {
    lexer.skip_space();
    let rest = bytes.get(lexer.at..)?.strip_prefix(b"stream")?;
    let rest = match rest {
        [b'\r', b'\n', rest @ ..] | [b'\n' | b'\r', rest @ ..] => rest,
        other => other,
    };
    if let Some(found) = length.and_then(|length| rest.get(..length)) {
        let after = without_space(&rest[found.len()..]);
        if after.starts_with(b"endstream") || after.starts_with(b"endobj") {
            return Some(found);
        }
    }
    // The length is wrong, or behind what is left of the file.
    let end = memchr::memmem::find(rest, b"endstream").unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Trailers that are looked at when they have to be looked for.
const TRAILER_LIMIT: usize = 100;

/// Looks for objects from the first byte to the last; of two with one number, the later counts.
pub(super) fn search(bytes: &[u8]) -> Table {
    let mut table = Table::default();
    let mut tables = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"obj") {
        let Some((start, number)) = number_before(bytes, at) else {
            continue;
        };
        if table.places.len() >= OBJECT_LIMIT {
            break;
        }
        table.places.insert(number, Place::At(start));
        let mut lexer = Lexer::new(bytes, at + 3);
        lexer.skip_space();
        if !bytes[lexer.at..].starts_with(b"<<") {
            continue;
        }
        // The names stand near the beginning; no more is looked at, so that a file of few bytes between many
        // beginnings is not read again and again.
        let near = &bytes[lexer.at..bytes.len().min(lexer.at + 400)];
        let near = &near[..memchr::memmem::find(near, b"endobj").unwrap_or(near.len())];
        let is_packed = memchr::memmem::find(near, b"/ObjStm").is_some();
        if is_packed {
            table.streams.push(number);
        }
        let is_table = memchr::memmem::find(near, b"/XRef").is_some();
        if is_table {
            tables.push(lexer.at);
        }
    }
    let first = tables.len().saturating_sub(TRAILER_LIMIT);
    for at in &tables[first..] {
        if let Some(Object::Dictionary(found)) = Lexer::new(bytes, *at).next() {
            add_trailer(&mut table, &found);
        }
    }
    // The last ones count.
    let trailers = memchr::memmem::rfind_iter(bytes, b"trailer").take(TRAILER_LIMIT);
    for at in trailers.collect::<Vec<_>>().into_iter().rev() {
        if let Some(Object::Dictionary(found)) = Lexer::new(bytes, at + 7).next() {
            add_trailer(&mut table, &found);
        }
    }
    table
}

fn add_trailer(table: &mut Table, found: &Dictionary) {
    if found.contains_key("Root") {
        for name in ["Root", "Info", "Encrypt", "ID"] {
            if let Some(value) = found.get(name) {
                table.trailer.insert(name.to_owned(), value.clone());
            }
        }
    }
}

/// Returns where `12 0 obj` begins whose last word begins at `at`, and its number.
fn number_before(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let back = |end: usize, is: fn(u8) -> bool| {
        let least = end.saturating_sub(12);
        let count = bytes[least..end]
            .iter()
            .rev()
            .take_while(|byte| is(**byte))
            .count();
        end - count
    };
    let digits = |byte: u8| byte.is_ascii_digit();
    let generation_end = back(at, is_space);
    let generation = back(generation_end, digits);
    let number_end = back(generation, is_space);
    let number = back(number_end, digits);
    if generation == generation_end || number_end == generation || number == number_end {
        return None;
    }
    let text = std::str::from_utf8(&bytes[number..number_end]).ok()?;
    Some((number, text.parse().ok()?))
}
