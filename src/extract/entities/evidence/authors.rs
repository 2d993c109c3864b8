//! Whether an author that a page names without a type is a person: called as persons are, and not as a desk or a firm.

/// Words that no person is called by.
const NO_PERSON: &[&str] = &[
    "admin",
    "administrator",
    "agency",
    "and",
    "association",
    "blog",
    "club",
    "community",
    "company",
    "contributor",
    "contributors",
    "corp",
    "corporation",
    "department",
    "desk",
    "editor",
    "editorial",
    "editors",
    "for",
    "foundation",
    "gmbh",
    "group",
    "guest",
    "inc",
    "institute",
    "limited",
    "llc",
    "ltd",
    "magazine",
    "media",
    "ministry",
    "news",
    "newsroom",
    "of",
    "office",
    "online",
    "press",
    "redaktion",
    "rédaction",
    "redacción",
    "reporter",
    "reporters",
    "service",
    "society",
    "staff",
    "support",
    "team",
    "the",
    "university",
    "unknown",
    "user",
    "webmaster",
    "writer",
    "writers",
];

/// Words in a name that are written small.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn",
    "la", "le", "ten", "ter", "van", "von", "y", "zu",
];

pub(super) fn is_person(author: &str, site: Option<&str>) -> bool {
    let words: Vec<&str> = author.split(' ').collect();
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_word = |word: &&str| {
        let is_letter = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.');
        let small = word.trim_end_matches('.').to_lowercase();
        word.chars().all(is_letter)
            && (is_capital(word) || PARTICLES.contains(word))
            && !NO_PERSON.contains(&small.as_str())
    };
    let is_site = site.is_some_and(|site| {
        let (site, author) = (site.to_lowercase(), author.to_lowercase());
        site.contains(&author) || author.contains(&site)
    });
    let ends = words.first().is_some_and(|word| is_capital(word))
        && words
            .last()
            .is_some_and(|word| is_capital(word) && word.len() > 1);
    (2..=5).contains(&words.len()) && ends && !is_site && words.iter().all(is_word)
}
