//! What speaks against a page's text being what a reader would come for: pictures alone, a shell that scripts
//! fill, a wall before the content, an error told with a good status, or evidence that does not agree.
//!
//! A doubt is a gap beside the text, never a reason to keep the text back. All of it is weighed against the
//! length of the text: what is long is content, whatever words stand in it.

use super::{Content, JUDGED};
use crate::extract::tree::{NodeIndex, Tag, Tree};
use crate::model::{Gap, Reason};

/// Below this agreement the content is uncertain. Of development pages with less, nearly every third text shares
/// less than half of its words with what a person takes; of those with more, every fourteenth.
const LEAST_AGREEMENT: f64 = 0.6;

/// Bytes of text that a wall has at most: a notice and its buttons.
const WALL_BYTES: usize = 900;

/// Bytes of text that a page of pictures or a shell has at most.
const SCARCE_BYTES: usize = 120;

/// Bytes of text that an error page has at most: it offers a search and a way back.
const ERROR_BYTES: usize = 1500;

/// Returns what speaks against `content`; `title` is what the page calls itself.
pub fn doubts(tree: &Tree, content: Option<&Content>, title: Option<&str>) -> Vec<Gap> {
    let text = content.map_or("", |content| content.text.as_str());
    let folded = fold(text);
    let title = fold(title.unwrap_or_default());
    let found = error_page(&folded, &title)
        .or_else(|| captcha(tree, &folded, &title))
        .or_else(|| login(tree, &folded))
        .or_else(|| cookies(&folded))
        .or_else(|| shell(tree, text))
        .or_else(|| pictures(tree, text));
    match (found, content) {
        (Some(gap), _) => vec![gap],
        (None, None) => vec![Gap::whole(Reason::NoContent, "the page shows no text")],
        (None, Some(content)) => Vec::from_iter(uncertain(content)),
    }
}

fn uncertain(content: &Content) -> Option<Gap> {
    // Of a page with few blocks the rules alone decide, and how far they differ says little.
    let judged = content.agreement.filter(|_| content.chosen_by == JUDGED)?;
    (judged < LEAST_AGREEMENT).then(|| {
        let detail = format!("the evidence agrees on {:.0} % of the text", judged * 100.0);
        Gap::whole(Reason::ContentUncertain, detail)
    })
}

fn error_page(text: &str, title: &str) -> Option<Gap> {
    const TOLD: &[&str] = &[
        "404",
        "page not found",
        "page can not be found",
        "page cannot be found",
        "page does not exist",
        "page doesn't exist",
        "page isn't available",
        "seite nicht gefunden",
        "seite wurde nicht gefunden",
        "page introuvable",
        "página no encontrada",
        "pagina non trovata",
        "not found",
    ];
    if text.len() > ERROR_BYTES {
        return None;
    }
    let told = TOLD.iter().find(|told| has_words(title, told));
    // Without a title that says so, the text must begin with it.
    let told = told.or_else(|| {
        let start = &text[..text.floor_char_boundary(200)];
        TOLD[1..]
            .iter()
            .find(|told| **told != "not found" && has_words(start, told))
    })?;
    Some(Gap::whole(
        Reason::SoftNotFound,
        format!("the page says {told:?}"),
    ))
}

fn captcha(tree: &Tree, text: &str, title: &str) -> Option<Gap> {
    const TOLD: &[&str] = &[
        "captcha",
        "are you a robot",
        "not a robot",
        "you are human",
        "you are a human",
        "checking your browser",
        "just a moment",
        "unusual traffic",
        "attention required",
        "access denied",
        "access to this page has been denied",
        "security check",
        "kein roboter",
    ];
    if text.len() > WALL_BYTES {
        return None;
    }
    let told = TOLD
        .iter()
        .find(|told| has_words(title, told) || has_words(text, told));
    let marked = || {
        let marks = [
            "g-recaptcha",
            "h-captcha",
            "cf-turnstile",
            "challenge-form",
            "px-captcha",
        ];
        marks
            .into_iter()
            .find(|mark| text.len() < SCARCE_BYTES && holds_mark(tree, mark))
    };
    let told = told.copied().or_else(marked)?;
    Some(Gap::whole(
        Reason::CaptchaWall,
        format!("the page says {told:?}"),
    ))
}

fn login(tree: &Tree, text: &str) -> Option<Gap> {
    const TOLD: &[&str] = &[
        "log in",
        "login",
        "sign in",
        "signin",
        "anmelden",
        "einloggen",
        "password",
        "passwort",
        "connexion",
        "iniciar sesión",
        "accedi",
    ];
    if text.len() > WALL_BYTES {
        return None;
    }
    let has_field = tree
        .elements(0, Tag::Input)
        .any(|node| is_value(tree, node, "type", "password"));
    let told = TOLD.iter().find(|told| has_words(text, told));
    match told {
        Some(told) if has_field => Some(Gap::whole(
            Reason::LoginWall,
            format!("the page says {told:?}"),
        )),
        None if has_field && text.len() < SCARCE_BYTES => Some(Gap::whole(
            Reason::LoginWall,
            "the page asks for a password",
        )),
        _ => None,
    }
}

fn cookies(text: &str) -> Option<Gap> {
    const ASKED: &[&str] = &[
        "accept",
        "agree",
        "consent",
        "reject",
        "allow",
        "preferences",
        "akzeptieren",
        "zustimmen",
        "einwilligung",
        "ablehnen",
        "accepter",
        "aceptar",
        "accetta",
    ];
    if text.is_empty() || text.len() > WALL_BYTES {
        return None;
    }
    let mentions = text.matches("cookie").count();
    let asks = ASKED.iter().filter(|asked| has_words(text, asked)).count();
    // A notice speaks of little else: once in every forty words and more.
    let words = text.split_whitespace().count();
    (mentions >= 1 && asks >= 1 && (mentions + asks) * 30 >= words).then(|| {
        Gap::whole(
            Reason::CookieWall,
            format!("{mentions} of {words} words are of cookies"),
        )
    })
}

fn shell(tree: &Tree, text: &str) -> Option<Gap> {
    const MOUNTS: &[&str] = &[
        "root",
        "app",
        "__next",
        "__nuxt",
        "___gatsby",
        "svelte",
        "app-root",
        "main-app",
    ];
    if text.len() > SCARCE_BYTES
        || !tree
            .elements(0, Tag::Script)
            .any(|node| is_script(tree, node))
    {
        return None;
    }
    let mount = (1..tree.len()).find(|node| {
        let id = tree.attribute(*node, "id");
        id.is_some_and(|id| MOUNTS.contains(&id)) && tree.short_text(*node, SCARCE_BYTES).is_some()
    });
    if let Some(mount) = mount {
        let id = tree.attribute(mount, "id").unwrap_or_default();
        return Some(Gap::whole(
            Reason::ScriptShell,
            format!("scripts fill #{id}"),
        ));
    }
    let asks = tree
        .elements(0, Tag::Noscript)
        .any(|node| fold(&tree.raw_text(node)).contains("javascript"))
        || fold(text).contains("javascript");
    asks.then(|| Gap::whole(Reason::ScriptShell, "the page asks for scripts"))
}

fn pictures(tree: &Tree, text: &str) -> Option<Gap> {
    if text.len() > SCARCE_BYTES {
        return None;
    }
    let is_pixel = |node| {
        ["width", "height"]
            .into_iter()
            .any(|name| is_value(tree, node, name, "1") || is_value(tree, node, name, "0"))
    };
    let shown = tree
        .elements(0, Tag::Img)
        .filter(|node| !is_pixel(*node))
        .count();
    // One picture beside a line of text is a logo.
    (shown > 0 && (text.is_empty() || shown > 2)).then(|| {
        Gap::whole(
            Reason::ImageOnly,
            format!("{shown} images and {} bytes of text", text.len()),
        )
    })
}

/// Says whether an element holds a script that runs, rather than data.
fn is_script(tree: &Tree, node: NodeIndex) -> bool {
    let of_type = tree
        .attribute(node, "type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    of_type.is_empty() || of_type == "module" || of_type.contains("javascript")
}

fn is_value(tree: &Tree, node: NodeIndex, name: &str, wanted: &str) -> bool {
    tree.attribute(node, name)
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
}

fn holds_mark(tree: &Tree, mark: &str) -> bool {
    (1..tree.len()).any(|node| {
        let named = ["class", "id"]
            .into_iter()
            .filter_map(|name| tree.attribute(node, name));
        named
            .into_iter()
            .any(|value| value.split_whitespace().any(|word| word == mark))
    })
}

fn fold(text: &str) -> String {
    text.to_lowercase().replace('\u{2019}', "'")
}

/// Says whether `words` stand in `text` and are not part of longer ones.
fn has_words(text: &str, words: &str) -> bool {
    let is_apart = |edge: Option<char>| edge.is_none_or(|edge| !edge.is_alphanumeric());
    text.match_indices(words).any(|(start, found)| {
        is_apart(text[..start].chars().next_back())
            && is_apart(text[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::content::{About, find};
    use crate::extract::tree;

    fn doubted(html: &str) -> Vec<&'static str> {
        let tree = tree::parse(html);
        let title = tree
            .elements(0, Tag::Title)
            .next()
            .map(|node| tree.folded_text(node));
        let content = find(&tree, About::default());
        let gaps = doubts(&tree, content.as_ref(), title.as_deref());
        gaps.iter().map(|gap| gap.reason.as_str()).collect()
    }

    #[test]
    fn each_doubt_has_its_reason() {
        for (html, expected) in [
            ("<p>A short note about the tide.", &[][..]),
            ("<body>", &["no_content"]),
            ("<img src=a.png><img src=b.png width=1>", &["image_only"]),
            ("<img src=dot.gif width=1 height=1>", &["no_content"]),
            (
                "<div id=root></div><script src=a.js></script>",
                &["script_shell"],
            ),
            (
                "<div id=root></div><script type=application/json>{}</script>",
                &["no_content"],
            ),
            (
                "<p>Please wait</p><script src=a.js></script><noscript>You need to enable JavaScript.</noscript>",
                &["script_shell"],
            ),
            (
                "<title>404</title><p>Sorry. Try the search.",
                &["soft_not_found"],
            ),
            (
                "<h1>Seite nicht gefunden</h1><p>Zur Startseite",
                &["soft_not_found"],
            ),
            (
                "<p>We use cookies. Accept all cookies or manage your preferences.",
                &["cookie_wall"],
            ),
            (
                "<p>Please log in.<form>Name <input><input type=password></form>",
                &["login_wall"],
            ),
            (
                "<title>Just a moment...</title><p>Checking your browser",
                &["captcha_wall"],
            ),
            (
                "<p>Wait</p><div class='x g-recaptcha'></div>",
                &["captcha_wall"],
            ),
        ] {
            assert_eq!(doubted(html), expected, "{html}");
        }
    }

    #[test]
    fn a_long_text_is_content_whatever_words_stand_in_it() {
        let words = "We accept cookies, ask for a password to log in, check for a captcha and explain error 404. ";
        let html = format!(
            "<article><p>{}</article><input type=password>",
            words.repeat(30)
        );
        assert_eq!(doubted(&html), [""; 0]);
    }
}
