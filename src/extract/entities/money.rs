//! Amounts of money as `<amount> <ISO 4217 code>`, exact to the last digit written.

use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention, neighbours};
use crate::model::{EntityType, Mention};

/// Finds amounts of money.
pub(super) struct Money;

/// Signs and the currencies they mean; a bare dollar sign is taken for the United States'.
const SIGNS: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CA$", "CAD"),
    ("NZ$", "NZD"),
    ("HK$", "HKD"),
    ("NT$", "TWD"),
    ("MX$", "MXN"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("S$", "SGD"),
    ("R$", "BRL"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("₴", "UAH"),
    ("₦", "NGN"),
    ("₱", "PHP"),
    ("zł", "PLN"),
];

const CODES: &str = "USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|MXN|ZAR|KRW|SGD|HKD|\
    TWD|TRY|ILS|THB|PHP|IDR|MYR|VND|AED|SAR|EGP|NGN|KES|UAH|RON|BGN|ISK|ARS|CLP|COP|PEN";

const NAMES: &[(&str, &str)] = &[
    ("us dollar", "USD"),
    ("u.s. dollar", "USD"),
    ("dollar", "USD"),
    ("euro", "EUR"),
    ("pound", "GBP"),
    ("yen", "JPY"),
    ("rupee", "INR"),
    ("swiss franc", "CHF"),
];

/// Words after an amount and the power of ten they stand for.
const MULTIPLIERS: &[(&str, usize)] = &[
    ("thousand", 3),
    ("tausend", 3),
    ("k", 3),
    ("millionen", 6),
    ("million", 6),
    ("mio", 6),
    ("mn", 6),
    ("m", 6),
    ("milliarden", 9),
    ("billion", 9),
    ("mrd", 9),
    ("bn", 9),
    ("b", 9),
    ("trillion", 12),
    ("tn", 12),
];

fn pattern() -> Result<&'static Regex, RecognizerError> {
    static PATTERN: OnceLock<Result<Regex, RecognizerError>> = OnceLock::new();
    PATTERN
        .get_or_init(|| {
            let signs: Vec<_> = SIGNS.iter().map(|(sign, _)| regex::escape(sign)).collect();
            let signs = signs.join("|");
            let gap = "[ \u{a0}\u{202f}]?";
            let number = "[0-9]{1,3}(?:[,.'’ \u{a0}\u{202f}][0-9]{3}){1,5}(?:[.,][0-9]{1,2})?|[0-9]{1,15}(?:[.,][0-9]{1,4})?";
            let factor = "(?i:thousand|tausend|million(?:en)?|milliarden|billion|trillion|mio\\.?|mrd\\.?|bn|mn|tn|[kmb])";
            let names = "(?i:(?:u\\.?s\\.? |swiss )?(?:dollar|euro|pound|franc|rupee)s?|yen)";
            let written = format!(
                "(?:(?P<before>{signs}|(?:{CODES})){gap}(?P<n1>{number})(?:(?P<g1>[ \u{a0}-]?)(?P<f1>{factor}))?)\
                 |(?:(?P<n2>{number})(?:[ \u{a0}-]?(?P<f2>{factor}))?{gap}(?P<after>{signs}|(?:{CODES})|{names}))"
            );
            Regex::new(&written).map_err(|error| RecognizerError::Pattern("money", error.to_string()))
        })
        .as_ref()
        .map_err(Clone::clone)
}

impl Recognizer for Money {
    fn name(&self) -> &'static str {
        "money"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Money]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let found = pattern()?
            .captures_iter(text)
            .filter_map(|captures| self.read(text, &captures));
        Ok(found.collect())
    }
}

impl Money {
    fn read(&self, text: &str, captures: &Captures<'_>) -> Option<Mention> {
        let group = |name: &str| captures.name(name).map(|found| found.as_str());
        let whole = captures.get(0)?;
        let (start, mut end) = (whole.start(), whole.end());
        let mut factor = group("f1").or(group("f2"));
        // A letter that begins the next word is no multiplier: "$5 more".
        if let Some(multiplier) = captures.name("f1")
            && text[end..].starts_with(char::is_alphanumeric)
        {
            end = captures
                .name("g1")
                .map_or(multiplier.start(), |gap| gap.start());
            factor = None;
        }
        if !stands_alone(text, start, end) {
            return None;
        }
        let written = group("before").or(group("after"))?;
        let currency = currency_of(written)?;
        let amount = amount_of(group("n1").or(group("n2"))?, factor)?;
        let parts = (
            format!("{amount} {currency}"),
            json!({"amount": amount, "currency": currency}),
        );
        let score = match written {
            "$" | "¥" => 0.8,
            _ if NAMES
                .iter()
                .any(|(name, _)| written.to_lowercase().starts_with(name)) =>
            {
                0.8
            }
            _ => 0.95,
        };
        Some(mention(
            self.name(),
            EntityType::Money,
            text,
            (start, end),
            parts,
            score,
        ))
    }
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = neighbours(text, start, end);
    let first = text[start..].chars().next();
    let begins_with_sign = first.is_some_and(|c| !c.is_alphanumeric());
    let joins_before = |c: char| {
        c.is_ascii_digit()
            || (!begins_with_sign
                && (c.is_alphanumeric() || matches!(c, '_' | '/' | '#' | '.' | ',' | '-')))
            || (begins_with_sign && c.is_alphabetic())
    };
    let number_goes_on = after.is_some_and(|c| matches!(c, '.' | ','))
        && text[end + 1..].starts_with(|c: char| c.is_ascii_digit());
    before.is_none_or(|c| !joins_before(c))
        && after.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        && !number_goes_on
}

fn currency_of(written: &str) -> Option<&str> {
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == written) {
        return Some(code);
    }
    if written.len() == 3 && written.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(written);
    }
    let name = written.to_lowercase().replace("us dollar", "u.s. dollar");
    NAMES
        .iter()
        .find_map(|(known, code)| name.starts_with(known).then_some(*code))
}

/// Reads a number in English or continental spelling and moves its point by the multiplier.
fn amount_of(written: &str, factor: Option<&str>) -> Option<String> {
    let last = written.rfind(['.', ',']);
    let fraction = last.map_or(0, |at| written.len() - at - 1);
    let separators = written.matches(['.', ',']).count();
    let mixed = written.contains('.') && written.contains(',');
    let is_decimal = match (fraction, separators) {
        (0, _) => false,
        // "1.234" is a thousand and more, "0.234" is not.
        (3, 1) => written.starts_with('0'),
        (3, _) => {
            mixed
                && written[..last?].contains(['.', ','])
                && !written[..last?].ends_with(|c: char| !c.is_ascii_digit())
                && written.matches(written.get(last?..=last?)?).count() == 1
        }
        _ => true,
    };
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let mut decimals = if is_decimal { fraction } else { 0 };
    let mut digits = digits;
    let shift = factor.map_or(Some(0), power_of)?;
    for _ in 0..shift {
        if decimals > 0 {
            decimals -= 1;
        } else {
            digits.push('0');
        }
    }
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    let whole = whole.trim_start_matches('0');
    let rest = rest.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if rest.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{rest}")
    })
}

fn power_of(factor: &str) -> Option<usize> {
    let word = factor.to_lowercase();
    let word = word.trim_end_matches('.');
    MULTIPLIERS
        .iter()
        .find_map(|(known, power)| (*known == word).then_some(*power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        Money
            .find(text, &Context::default())
            .unwrap()
            .into_iter()
            .map(|mention| (mention.surface, mention.normalized))
            .collect()
    }

    #[test]
    fn amounts_are_normalized() {
        let cases = [
            ("costs $1,234.50 now", "$1,234.50", "1234.5 USD"),
            ("US$ 5 million", "US$ 5 million", "5000000 USD"),
            ("C$2.5bn", "C$2.5bn", "2500000000 CAD"),
            ("A$100", "A$100", "100 AUD"),
            ("1.234,56 €", "1.234,56 €", "1234.56 EUR"),
            ("10 000 EUR", "10 000 EUR", "10000 EUR"),
            ("EUR 12", "EUR 12", "12 EUR"),
            ("£0.99.", "£0.99", "0.99 GBP"),
            ("€1.234", "€1.234", "1234 EUR"),
            ("¥1,000,000", "¥1,000,000", "1000000 JPY"),
            ("$5 more", "$5", "5 USD"),
            ("$20k", "$20k", "20000 USD"),
            ("3.5 million dollars", "3.5 million dollars", "3500000 USD"),
            ("CHF 1'250.00", "CHF 1'250.00", "1250 CHF"),
            ("2,5 Mio. Euro", "2,5 Mio. Euro", "2500000 EUR"),
            ("$007", "$007", "7 USD"),
        ];
        for (text, surface, normalized) in cases {
            assert_eq!(
                found(text),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_money_is_left() {
        for text in [
            "$HOME",
            "regex $1a",
            "$x",
            "5 europeans",
            "12 USDA",
            "a 100 m race",
            "1.2.3€4.5.6.7",
            "$1.2.3",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
