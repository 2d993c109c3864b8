//! Whether a page's doctype asks for quirks (HTML, 13.2.6.4.1), in which a paragraph may hold a table.

/// Public identifiers of documents from before the standards, by their beginning and in lower case.
const QUIRKY_BEGINNINGS: &[&str] = &[
    "+//silmaril//dtd html pro v0r11 19970101//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html ",
    "-//ietf//dtd html//",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0 html strict//",
    "-//microsoft//dtd internet explorer 2.0 html//",
    "-//microsoft//dtd internet explorer 2.0 tables//",
    "-//microsoft//dtd internet explorer 3.0 html strict//",
    "-//microsoft//dtd internet explorer 3.0 html//",
    "-//microsoft//dtd internet explorer 3.0 tables//",
    "-//netscape comm. corp.//dtd html//",
    "-//netscape comm. corp.//dtd strict html//",
    "-//o'reilly and associates//dtd html 2.0//",
    "-//o'reilly and associates//dtd html extended 1.0//",
    "-//o'reilly and associates//dtd html extended relaxed 1.0//",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sun microsystems corp.//dtd hotjava html//",
    "-//sun microsystems corp.//dtd hotjava strict html//",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html 2.0//",
    "-//webtechs//dtd mozilla html//",
];

const QUIRKY_PUBLIC: &[&str] = &[
    "-//w3o//dtd w3 html strict 3.0//en//",
    "-/w3c/dtd html 4.0 transitional/en",
    "html",
];

const QUIRKY_SYSTEM: &str = "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// Quirky only without a system identifier.
const QUIRKY_ALONE: &[&str] = &[
    "-//w3c//dtd html 4.01 frameset//",
    "-//w3c//dtd html 4.01 transitional//",
];

/// Says whether a page has quirks whose doctype holds `text`; `is_whole` when a `>` ends it.
pub(super) fn has_quirks(text: &str, is_whole: bool) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    let name_end = text
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if !is_whole || name != "html" {
        return true;
    }
    let rest = rest.trim_start();
    let (public, system) = if let Some(rest) = rest.strip_prefix("public") {
        let Some((public, rest)) = quoted(rest) else {
            return true;
        };
        if rest.trim_start().is_empty() {
            (Some(public), None)
        } else {
            let Some((system, _)) = quoted(rest) else {
                return true;
            };
            (Some(public), Some(system))
        }
    } else if let Some(rest) = rest.strip_prefix("system") {
        let Some((system, _)) = quoted(rest) else {
            return true;
        };
        (None, Some(system))
    } else {
        return !rest.is_empty();
    };
    let begins = |beginnings: &[&str]| {
        public.is_some_and(|public| beginnings.iter().any(|known| public.starts_with(known)))
    };
    public.is_some_and(|public| QUIRKY_PUBLIC.contains(&public))
        || system == Some(QUIRKY_SYSTEM)
        || begins(QUIRKY_BEGINNINGS)
        || (system.is_none() && begins(QUIRKY_ALONE))
}

/// Returns the quoted string that `text` begins with, and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_doctypes_have_quirks() {
        for (text, quirks) in [
            (" html", false),
            (" HTML ", false),
            ("html", false),
            ("", true),
            (" html x", true),
            (" svg", true),
            (" html SYSTEM 'about:legacy-compat'", false),
            (" html PUBLIC", true),
            (" html PUBLIC \"-//W3C//DTD HTML 4.01//EN", true),
            (" html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"", false),
            (" html PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\"", true),
            (
                " html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"",
                true,
            ),
            (
                " html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" \"http://www.w3.org/TR/html4/loose.dtd\"",
                false,
            ),
            (
                " html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"x\"",
                false,
            ),
        ] {
            assert_eq!(has_quirks(text, true), quirks, "{text}");
        }
        assert!(has_quirks(" html", false));
    }
}
