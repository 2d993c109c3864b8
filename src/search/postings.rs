//! Where each word stands in each text of a segment, packed.
//!
//! A segment is a number of texts that were indexed together. Of each word it has one list: for each text that has
//! it, how far that is from the text before, how often, and the places, each as its distance from the one before.

use std::collections::{BTreeMap, HashMap};

use super::words::words;

/// Texts of one segment.
pub const MOST_TEXTS: usize = 4_096;

/// How long a text is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// With the title's.
    pub words: u32,
    /// The title's stand first, then a place that no word has, then the text's.
    pub title_words: u32,
}

/// Texts on their way into a segment.
#[derive(Debug, Default)]
pub struct Builder {
    lists: BTreeMap<String, List>,
    texts: u32,
}

#[derive(Debug, Default)]
struct List {
    bytes: Vec<u8>,
    /// The number of the next text, had it this one's distance 0.
    next: u32,
}

/// Where one text has a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Of the text, in its segment.
    pub number: u32,
    /// Ascending.
    pub places: Vec<u32>,
}

impl Builder {
    /// Adds a text with its title; it has the number of those added before.
    pub fn add(&mut self, title: &str, text: &str) -> Length {
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        let mut next = 0;
        for word in words(title) {
            places.entry(word.folded).or_default().push(next);
            next += 1;
        }
        let title_words = next;
        // No phrase goes from the one into the other.
        next += 1;
        for word in words(text) {
            places.entry(word.folded).or_default().push(next);
            next += 1;
        }
        for (word, places) in places {
            let list = self.lists.entry(word).or_default();
            put(&mut list.bytes, self.texts - list.next);
            list.next = self.texts + 1;
            put(&mut list.bytes, places.len() as u32);
            let mut before = 0;
            for place in places {
                put(&mut list.bytes, place - before);
                before = place;
            }
        }
        self.texts += 1;
        Length {
            words: next - 1,
            title_words,
        }
    }

    /// Returns each word with its list, by word.
    pub fn finish(self) -> Vec<(String, Vec<u8>)> {
        let lists = self.lists.into_iter();
        lists.map(|(word, list)| (word, list.bytes)).collect()
    }
}

/// Reads a list; one that somebody damaged ends where it makes no sense.
pub fn postings(bytes: &[u8]) -> Vec<Posting> {
    let mut rest = bytes;
    let mut found = Vec::new();
    let mut next: u32 = 0;
    while let Some(posting) = posting(&mut rest, next) {
        let Some(after) = posting.number.checked_add(1) else {
            break;
        };
        next = after;
        found.push(posting);
    }
    found
}

fn posting(rest: &mut &[u8], next: u32) -> Option<Posting> {
    let number = next.checked_add(take(rest)?)?;
    let count = take(rest)?;
    let mut places = Vec::new();
    let mut place: u32 = 0;
    for _ in 0..count {
        place = place.checked_add(take(rest)?)?;
        places.push(place);
    }
    Some(Posting { number, places })
}

/// Writes seven bits a byte, the lowest first; the eighth says that there are more.
fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(rest: &mut &[u8]) -> Option<u32> {
    let mut number: u32 = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read() {
        let mut builder = Builder::default();
        let first = builder.add("Lamp", "the lamp of the tide");
        builder.add("", "nothing");
        builder.add("", &format!("{}lamp", "tide ".repeat(300)));
        assert_eq!((first.words, first.title_words), (6, 1));
        let lists: BTreeMap<String, Vec<u8>> = builder.finish().into_iter().collect();
        let lamp = postings(&lists["lamp"]);
        assert_eq!(
            lamp,
            [
                Posting {
                    number: 0,
                    places: vec![0, 3]
                },
                Posting {
                    number: 2,
                    places: vec![301]
                },
            ]
        );
        assert_eq!(postings(&lists["tide"])[1].places.len(), 300);
    }

    #[test]
    fn a_damaged_list_is_read_as_far_as_it_goes() {
        let mut builder = Builder::default();
        builder.add("", "lamp");
        builder.add("", "lamp lamp");
        let lists = builder.finish();
        let bytes = &lists[0].1;
        for end in 0..bytes.len() {
            assert!(postings(&bytes[..end]).len() < 2);
        }
        for bytes in [
            vec![0xff; 64],
            vec![0, 0xff, 0xff, 0xff, 0xff, 0x0f],
            vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0],
        ] {
            let _ = postings(&bytes);
        }
    }
}
