//! In which language a page is, as far as its URL, its server, its markup or its words tell.
//!
//! Owns tags and evidence. What follows from a language is decided by the scope and by the reading of a page.

use url::{Host, Url};

use crate::markup::visible::each_run;

/// What is stored of a page whose language cannot be told.
pub(super) const UNKNOWN: &str = "unknown";

/// How much of a text is looked at.
const SAMPLE: usize = 4_096;

/// Fewer letters tell nothing.
const FEWEST_CHARACTERS: usize = 60;

/// Primary tags of two letters (ISO 639-1), by which a part of a URL is known to name a language.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs \
    cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz \
    ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv \
    mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru \
    rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur \
    uz ve vi vo wa wo xh yi yo za zh zu";

/// Query parameters that name a language.
const PARAMETERS: [&str; 5] = ["hl", "lang", "language", "locale", "lng"];

/// Returns the primary language of a BCP 47 tag in lower case: `de` of `de-AT`; none of what is no tag.
pub(super) fn primary(tag: &str) -> Option<String> {
    let first = tag.trim().split(['-', '_']).next().unwrap_or_default();
    let is_tag =
        (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_tag.then(|| first.to_ascii_lowercase())
}

/// Returns the language that a URL names: by its first segment (`/de/`), its host (`de.example.com`) or its
/// query (`?lang=de`).
pub(super) fn of_url(url: &Url) -> Option<String> {
    let segment = url.path_segments().and_then(|mut segments| {
        let first = segments.next()?;
        // `/it` alone may be a page of that name.
        segments.next().and(known(first))
    });
    segment.or_else(|| of_host(url)).or_else(|| of_query(url))
}

fn of_host(url: &Url) -> Option<String> {
    let Some(Host::Domain(host)) = url.host() else {
        return None;
    };
    let (label, rest) = host.split_once('.')?;
    rest.contains('.').then(|| known(label)).flatten()
}

fn of_query(url: &Url) -> Option<String> {
    url.query_pairs()
        .find(|(name, _)| PARAMETERS.contains(&name.to_ascii_lowercase().as_str()))
        .and_then(|(_, value)| known(&value))
}

/// Reads `de`, `de-AT` and `de_at`, and nothing that merely begins so.
fn known(text: &str) -> Option<String> {
    let (language, region) = match text.split_once(['-', '_']) {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    let is_region = region.is_none_or(|region| {
        (2..=4).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let language = language.to_ascii_lowercase();
    let is_known = language.len() == 2 && TWO_LETTERS.split(' ').any(|known| known == language);
    (is_known && is_region).then_some(language)
}

/// Returns the languages that a server (`Content-Language`, a list) or else the markup (`lang`) declares.
pub(super) fn declared(header: Option<&str>, attribute: Option<&str>) -> Vec<String> {
    let of_header: Vec<String> = header
        .into_iter()
        .flat_map(|header| header.split(','))
        .filter_map(primary)
        .collect();
    if of_header.is_empty() {
        attribute.and_then(primary).into_iter().collect()
    } else {
        of_header
    }
}

/// Tells the language of a text, which is UTF-8, by its words; `None` when that is not certain.
pub(super) fn detected(text: &[u8], is_markup: bool) -> Option<String> {
    let mut sample = Vec::with_capacity(SAMPLE + SAMPLE / 4);
    let mut add = |run: &[u8]| {
        sample.extend_from_slice(&run[..run.len().min(SAMPLE)]);
        sample.push(b' ');
        sample.len() < SAMPLE
    };
    if is_markup {
        each_run(text, &mut add);
    } else {
        add(text);
    }
    let sample = String::from_utf8_lossy(&sample);
    if sample.chars().filter(|c| c.is_alphabetic()).count() < FEWEST_CHARACTERS {
        return None;
    }
    let found = whatlang::detect(&sample).filter(whatlang::Info::is_reliable)?;
    Some(two_letters(found.lang()).to_owned())
}

/// Returns the shortest code of a language, the one that BCP 47 wants (RFC 5646, 2.2.1).
fn two_letters(language: whatlang::Lang) -> &'static str {
    const SHORT: [(&str, &str); 70] = [
        ("afr", "af"),
        ("aka", "ak"),
        ("amh", "am"),
        ("ara", "ar"),
        ("aze", "az"),
        ("bel", "be"),
        ("ben", "bn"),
        ("bul", "bg"),
        ("cat", "ca"),
        ("ces", "cs"),
        ("cmn", "zh"),
        ("cym", "cy"),
        ("dan", "da"),
        ("deu", "de"),
        ("ell", "el"),
        ("eng", "en"),
        ("epo", "eo"),
        ("est", "et"),
        ("fin", "fi"),
        ("fra", "fr"),
        ("guj", "gu"),
        ("heb", "he"),
        ("hin", "hi"),
        ("hrv", "hr"),
        ("hun", "hu"),
        ("hye", "hy"),
        ("ind", "id"),
        ("ita", "it"),
        ("jav", "jv"),
        ("jpn", "ja"),
        ("kan", "kn"),
        ("kat", "ka"),
        ("khm", "km"),
        ("kor", "ko"),
        ("lat", "la"),
        ("lav", "lv"),
        ("lit", "lt"),
        ("mal", "ml"),
        ("mar", "mr"),
        ("mkd", "mk"),
        ("mya", "my"),
        ("nep", "ne"),
        ("nld", "nl"),
        ("nob", "nb"),
        ("ori", "or"),
        ("pan", "pa"),
        ("pes", "fa"),
        ("pol", "pl"),
        ("por", "pt"),
        ("ron", "ro"),
        ("rus", "ru"),
        ("sin", "si"),
        ("slk", "sk"),
        ("slv", "sl"),
        ("sna", "sn"),
        ("spa", "es"),
        ("srp", "sr"),
        ("swe", "sv"),
        ("tam", "ta"),
        ("tel", "te"),
        ("tgl", "tl"),
        ("tha", "th"),
        ("tuk", "tk"),
        ("tur", "tr"),
        ("ukr", "uk"),
        ("urd", "ur"),
        ("uzb", "uz"),
        ("vie", "vi"),
        ("yid", "yi"),
        ("zul", "zu"),
    ];
    let code = language.code();
    SHORT
        .iter()
        .find(|(long, _)| *long == code)
        .map_or(code, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_language() {
        for (url, expected) in [
            ("https://e.com/de/a", Some("de")),
            ("https://e.com/de/", Some("de")),
            ("https://e.com/pt-BR/a", Some("pt")),
            ("https://e.com/zh_hans/a", Some("zh")),
            ("https://de.e.com/a", Some("de")),
            ("https://e.com/?lang=DE-at", Some("de")),
            ("https://e.com/?hl=fr&x=1", Some("fr")),
            ("https://e.com/it", None),
            ("https://e.com/dev/a", None),
            ("https://e.com/a/de/", None),
            ("https://de.com/a", None),
            ("https://e.com/?lang=rust", None),
            ("http://127.0.0.1/a", None),
        ] {
            let found = of_url(&Url::parse(url).unwrap());
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_page_declares_its_language() {
        for (header, attribute, expected) in [
            (Some("de-AT, en"), Some("fr"), vec!["de", "en"]),
            (None, Some("pt-BR"), vec!["pt"]),
            (Some(""), Some("EN"), vec!["en"]),
            (Some("*"), None, vec![]),
            (None, Some("x-klingon"), vec![]),
            (None, None, vec![]),
        ] {
            assert_eq!(
                declared(header, attribute),
                expected,
                "{header:?} {attribute:?}"
            );
        }
    }

    #[test]
    fn words_tell_the_language_when_there_are_enough() {
        let german = "Der Verein wurde im Jahr 1924 gegründet und unterhält mehrere Hütten, zu denen \
                      markierte Wege führen. Die Wanderungen beginnen meist am Bahnhof des Ortes.";
        let english = "The club was founded in 1924 and keeps several huts, which are reached by marked \
                       paths. Most of the walks begin at the railway station of the village nearby.";
        assert_eq!(detected(german.as_bytes(), false).as_deref(), Some("de"));
        let markup = format!("<style>p {{ margin: 0 }}</style><p>{english}");
        assert_eq!(detected(markup.as_bytes(), true).as_deref(), Some("en"));
        assert_eq!(detected(b"<p>Der Verein", true), None);
        assert_eq!(detected(b"12 34 56", false), None);
    }

    #[test]
    fn every_language_that_is_told_has_its_short_code() {
        for language in whatlang::Lang::all() {
            assert_eq!(two_letters(*language).len(), 2, "{language:?}");
        }
    }
}
