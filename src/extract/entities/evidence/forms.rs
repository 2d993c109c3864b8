//! How names are written: what may be one, and where headings and links give another form of it.

use serde_json::Value;

use super::MOST_BYTES;

/// Says whether a text may be looked for as a name: one word alone has to begin as names do.
pub(super) fn is_name(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let begins = text.chars().next();
    let is_word_of_language = !text.contains(' ') && begins.is_some_and(char::is_lowercase);
    let is_address = text.contains("://") || text.contains('@');
    let has_no_case = begins.is_some_and(|c| !c.is_lowercase() && !c.is_uppercase());
    let least = if has_no_case { 2 } else { 3 };
    text.len() <= MOST_BYTES && letters >= least && !is_word_of_language && !is_address
}

/// Says whether a page with this title is the page of what is called so.
pub(super) fn is_titled(title: &str, name: &str) -> bool {
    let title = super::folded(title).to_lowercase();
    let name = name.to_lowercase();
    let rest = title.strip_prefix(name.as_str());
    let ends = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    !name.is_empty()
        && rest.is_some_and(|rest| rest.is_empty() || (name.contains(' ') && ends(rest)))
}

/// Says whether the words of `part` stand in `name`, one after the other.
pub(super) fn holds_words(name: &str, part: &str) -> bool {
    let name: Vec<&str> = name.split(' ').collect();
    let part: Vec<&str> = part.split(' ').collect();
    name.len() > part.len() && name.windows(part.len()).any(|window| window == part)
}

/// Says whether two names share a word that is more than a particle.
pub(super) fn share_word(name: &str, other: &str) -> bool {
    let is_of_name =
        |word: &&str| word.chars().count() >= 3 && word.starts_with(char::is_uppercase);
    let mut words = other.split(' ').filter(is_of_name);
    words.any(|word| name.split(' ').any(|known| known == word))
}

/// Returns the headings of a content.
pub(super) fn headings<'a>(data: &'a Value, text: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = data["blocks"].as_array().into_iter().flatten();
    blocks.filter_map(move |block| {
        block.get("heading")?;
        let place = |name: &str| usize::try_from(block[name].as_u64()?).ok();
        text.get(place("start")?..place("end")?)
    })
}

/// Returns text and address of the links in Markdown as it is written here; one that holds a bracket is left.
pub(super) fn links(markdown: &str) -> impl Iterator<Item = (&str, &str)> {
    markdown.match_indices("](").filter_map(|(at, _)| {
        let line = &markdown[markdown[..at].rfind('\n').map_or(0, |end| end + 1)..at];
        let text = &line[line.rfind('[')? + 1..];
        let rest = &markdown[at + 2..];
        let address = &rest[..rest.find([')', ' ', '\n'])?];
        (!text.is_empty() && !text.contains(']')).then_some((text, address))
    })
}
