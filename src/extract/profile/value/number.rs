//! Numbers as people and programs write them: which mark groups digits, which begins the fraction.

use std::sync::OnceLock;

use regex::Regex;

/// Languages whose fractions begin with a comma, by primary subtag.
const COMMA_LANGUAGES: &[&str] = &[
    "bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "lv",
    "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "vi",
];

/// How a mark is read where it could be either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Separators {
    /// A point in `1.234` begins a fraction.
    point_is_decimal: bool,
    /// A comma in `1,234` does.
    comma_is_decimal: bool,
}

impl Separators {
    /// Goes by who wrote it, then by the page's language.
    pub fn of(by_machine: bool, language: Option<&str>) -> Self {
        let language = language.and_then(|tag| tag.split(['-', '_']).next());
        let language = language.map(str::to_ascii_lowercase);
        let comma = language.is_some_and(|language| COMMA_LANGUAGES.contains(&language.as_str()));
        Self {
            point_is_decimal: by_machine || !comma,
            comma_is_decimal: comma && !by_machine,
        }
    }

    /// Prices have two digits behind the point: three are a group.
    pub const OF_MONEY: Self = Self {
        point_is_decimal: false,
        comma_is_decimal: false,
    };
}

/// Returns the number in a text that holds exactly one.
pub(super) fn only_number(text: &str, separators: Separators) -> Result<f64, String> {
    if let Ok(number) = text.trim().parse::<f64>()
        && number.is_finite()
        && separators.point_is_decimal
    {
        return Ok(number);
    }
    let Some(pattern) = pattern() else {
        return Err("is no number".to_owned());
    };
    let mut numbers = pattern.find_iter(text);
    let (first, second) = (numbers.next(), numbers.next());
    match (first, second) {
        (None, _) => Err("is no number".to_owned()),
        (Some(_), Some(_)) => Err("is several numbers".to_owned()),
        (Some(number), None) => {
            let before = text[..number.start()].chars().next_back();
            let is_part = before.is_some_and(char::is_alphabetic)
                && !number.as_str().starts_with(['+', '-', '−']);
            if is_part {
                return Err("is a word with a number in it".to_owned());
            }
            decimal(number.as_str(), separators).ok_or_else(|| "is no number".to_owned())
        }
    }
}

fn pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    let number = r"[+\-−]?(?:[0-9]{1,3}(?:[ \u{a0}\u{202f}][0-9]{3})+|[0-9]+)(?:[.,'’][0-9]+)*";
    PATTERN.get_or_init(|| Regex::new(number).ok()).as_ref()
}

fn decimal(written: &str, separators: Separators) -> Option<f64> {
    let (sign, digits) = match written.strip_prefix(['-', '−']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, written.strip_prefix('+').unwrap_or(written)),
    };
    let last = digits.rfind(['.', ',']);
    let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
    let decimal_at = match last {
        None => None,
        Some(at) => {
            let mark = digits[at..].chars().next()?;
            let fraction = digits.len() - at - 1;
            let alone = points + commas == 1;
            let is_decimal = match mark {
                _ if points > 0 && commas > 0 => digits.matches(mark).count() == 1,
                _ if !alone => false,
                _ if fraction != 3 || digits.starts_with('0') || at > 3 => true,
                '.' => separators.point_is_decimal,
                _ => separators.comma_is_decimal,
            };
            is_decimal.then_some(at)
        }
    };
    let (whole, fraction) = match decimal_at {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    // Groups have three digits, so that no date and no version is read as a number.
    let mut groups = whole.split(|c: char| !c.is_ascii_digit());
    let first = groups.next()?;
    let mut plain = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        plain.push_str(group);
    }
    let number: f64 = format!("{plain}.{fraction}0").parse().ok()?;
    number.is_finite().then_some(sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_by_writer_and_language() {
        let machine = Separators::of(true, Some("de"));
        let english = Separators::of(false, Some("en-US"));
        let german = Separators::of(false, Some("de"));
        for (text, separators, number) in [
            ("12.5", machine, Ok(12.5)),
            ("1.234", machine, Ok(1.234)),
            ("1e3", machine, Ok(1000.0)),
            ("1,234", english, Ok(1234.0)),
            ("1.234", english, Ok(1.234)),
            ("1.234", german, Ok(1234.0)),
            ("1,234", german, Ok(1.234)),
            ("1,234", Separators::OF_MONEY, Ok(1234.0)),
            ("1,23", english, Ok(1.23)),
            ("1,234,567", german, Ok(1_234_567.0)),
            ("1.234.567,89", english, Ok(1_234_567.89)),
            ("1 234,5", english, Ok(1234.5)),
            ("1'234.50", english, Ok(1234.5)),
            ("0.125", german, Ok(0.125)),
            ("-3", english, Ok(-3.0)),
            ("−3 °C", english, Ok(-3.0)),
            ("about 12 pieces", english, Ok(12.0)),
            ("10 to 20", english, Err("is several numbers")),
            ("10-20", english, Err("is several numbers")),
            ("x12", english, Err("is a word with a number in it")),
            ("12.03.2024", english, Err("is no number")),
            ("none", english, Err("is no number")),
            ("", english, Err("is no number")),
        ] {
            let number = number.map_err(str::to_owned);
            assert_eq!(only_number(text, separators), number, "{text}");
        }
        assert!(only_number(&"9".repeat(1_000), english).is_err());
    }
}
