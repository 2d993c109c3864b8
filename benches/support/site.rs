//! A site of one's own making: the same pages for the same seed, on every machine.

use std::fmt::Write as _;

/// How large a page is, about.
const PAGE_BYTES: usize = 27_000;
/// Links on each page.
const LINKS: usize = 40;
/// Distinct words; enough for text to compress as prose does.
const WORDS: usize = 3_000;

/// A site whose pages name each other so that every one is reached from the first.
pub struct Site {
    pages: usize,
    /// Paragraphs that pages are cut from.
    text: String,
}

impl Site {
    /// Makes a site of so many pages.
    pub fn new(pages: usize) -> Self {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let words: Vec<String> = (0..WORDS).map(|_| word(&mut random)).collect();
        let mut text = String::new();
        while text.len() < 40 * PAGE_BYTES {
            text.push_str("<p>");
            for _ in 0..80 {
                text.push_str(&words[random.below(WORDS)]);
                text.push(' ');
            }
            text.push_str("</p>\n");
        }
        Self { pages, text }
    }

    /// Returns how many pages there are.
    pub fn len(&self) -> usize {
        self.pages
    }

    /// Returns the path of a page.
    pub fn path(number: usize) -> String {
        format!("/page-{number}.html")
    }

    /// Returns the numbers of the pages that a page links to: two that only it is sure to reach, and others.
    pub fn links(&self, number: usize) -> Vec<usize> {
        let mut random = Random(number as u64 + 1);
        let mut links: Vec<usize> = [2 * number + 1, 2 * number + 2]
            .into_iter()
            .filter(|child| *child < self.pages)
            .collect();
        while links.len() < LINKS {
            links.push(random.below(self.pages));
        }
        links
    }

    /// Returns a page's bytes.
    pub fn page(&self, number: usize) -> Vec<u8> {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <title>Page {number}</title></head>\n<body><h1>Page {number}</h1>\n<ul>\n"
        );
        for link in self.links(number) {
            let path = Self::path(link);
            let _ = writeln!(page, "<li><a href=\"{path}\">To page {link}</a></li>");
        }
        page.push_str("</ul>\n");
        let wanted = PAGE_BYTES - page.len();
        let begin = Random(number as u64 + 7).below(self.text.len() - wanted);
        page.push_str(&self.text[begin..begin + wanted]);
        page.push_str("</body></html>\n");
        page.into_bytes()
    }
}

/// xorshift64*, which is enough where nobody attacks.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // A few rounds at once, so that neighbouring seeds do not begin alike.
        for _ in 0..3 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
        }
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

fn word(random: &mut Random) -> String {
    let letters = b"aeioulnrstdmkpbg";
    (0..2 + random.below(8))
        .map(|_| char::from(letters[random.below(letters.len())]))
        .collect()
}
