//! The target of a page that sends its readers on by `meta http-equiv=refresh`.
//!
//! Owns the syntax of that value alone; whether and where it is followed is decided with the other links.

/// Returns the target in a refresh's `content`, `5; url='next.html'` (HTML, 4.2.5.3); none when the page
/// refreshes itself.
pub(super) fn target(content: &str) -> Option<String> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let rest = content.trim_start_matches(is_space);
    let after_time = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if after_time.len() == rest.len() {
        return None;
    }
    let rest = after_time.trim_start_matches(is_space);
    if rest.len() == after_time.len() && !rest.starts_with([';', ',']) {
        return None;
    }
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest);
    let rest = rest.trim_start_matches(is_space);
    let target = after_url_sign(rest).unwrap_or(rest);
    let target = match target.chars().next() {
        Some(quote @ ('"' | '\'')) => target[1..].split(quote).next().unwrap_or_default(),
        _ => target,
    };
    (!target.is_empty()).then(|| target.to_owned())
}

fn after_url_sign(text: &str) -> Option<&str> {
    let head = text.get(..3)?;
    let rest = text[3..].trim_start_matches(|c: char| c.is_ascii_whitespace());
    let rest = rest.strip_prefix('=')?;
    head.eq_ignore_ascii_case("url")
        .then(|| rest.trim_start_matches(|c: char| c.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_in_every_spelling() {
        for (content, expected) in [
            ("5; url=next.html", Some("next.html")),
            (" 0.5 ,URL = 'a b' c", Some("a b")),
            ("0;next.html?x=1", Some("next.html?x=1")),
            ("0 next.html", Some("next.html")),
            (".5;url=x", Some("x")),
            ("0;url=\"open", Some("open")),
            ("0;urls.html", Some("urls.html")),
            ("0;é", Some("é")),
            ("30", None),
            ("0;url=", None),
            ("0url=x", None),
            ("url=x", None),
            ("", None),
        ] {
            assert_eq!(target(content).as_deref(), expected, "{content}");
        }
    }
}
