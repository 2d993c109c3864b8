//! Amounts of money as `<amount> <ISO 4217 code>`, exact to the last digit written.

use serde_json::json;

use super::digits::Form;
use super::exact::Exact;
use super::numeral::{self, Numeral};
use super::phrase;
use super::{Found, currency, ends_word};
use crate::model::EntityType;

/// An amount: what pricing goes on from.
pub(super) struct Amount {
    pub(super) span: (usize, usize),
    pub(super) value: Exact,
    pub(super) currency: &'static str,
    score: f64,
}

/// Letters and words behind digits that multiply them, where they are money's; a letter only right behind them.
const MULTIPLIERS: &[(&str, i32)] = &[
    ("Millionen", 6),
    ("Milliarden", 9),
    ("Milliarde", 9),
    ("Million", 6),
    ("tausend", 3),
    ("Tausend", 3),
    ("millones", 6),
    ("millions", 6),
    ("milliards", 9),
    ("Mio.", 6),
    ("Mio", 6),
    ("mio", 6),
    ("Mrd.", 9),
    ("Mrd", 9),
    ("MM", 6),
    ("mm", 6),
    ("mn", 6),
    ("bn", 9),
    ("Bn", 9),
    ("BN", 9),
    ("tn", 12),
    ("trn", 12),
    ("m", 6),
    ("b", 9),
    ("B", 9),
    ("T", 12),
];

/// Words by which pounds are money, and by which they are weight.
const PAID: &[&str] = &[
    "cost", "pay", "paid", "price", "spen", "worth", "buy", "bought", "sold", "fee", "salar", "£",
    "pence", "invest", "fund", "debt", "tax", "sterling", "earn", "fine", "profit", "sales",
    "revenue", "budget",
];
const WEIGHED: &[&str] = &[
    "weigh",
    "baby",
    "lbs",
    "ounce",
    "kilo",
    "heav",
    "lost",
    "gain",
    "fat",
    "muscle",
    "lift",
    "pressure",
    "per square",
];

/// Reads an amount: the sign, code or name of a currency beside a number. Nothing before `from` is looked at: it belongs
/// to what was found before.
pub(super) fn read(text: &str, numeral: &Numeral, from: usize) -> Option<Amount> {
    numeral.value.filter(|_| !numeral.is_ordinal)?;
    before(text, numeral, from)
        .or_else(|| after(text, numeral))
        .map(|amount| with_part(text, amount, numeral))
}

/// Makes a mention of an amount.
pub(super) fn found(amount: &Amount) -> Found {
    let value = amount.value.to_string();
    Found {
        entity_type: EntityType::Money,
        span: amount.span,
        normalized: format!("{value} {}", amount.currency),
        attributes: json!({"amount": value, "currency": amount.currency}),
        score: amount.score,
    }
}

/// A sign or a code before the number.
fn before(text: &str, numeral: &Numeral, from: usize) -> Option<Amount> {
    // A sign of its own may have been taken for the number's: "-$5" has it before, "$-5" behind.
    let edge = numeral.letters.unwrap_or(numeral.start);
    let head = text.get(from..edge)?;
    if let Some(letters) = numeral.letters {
        let word = &text[letters..numeral.start];
        let code = currency::code(word, true)
            .or_else(|| word.eq_ignore_ascii_case("rs").then_some("INR"))?;
        return amount(text, numeral, letters, code, 0.95);
    }
    let bare = head
        .strip_suffix([' ', '\u{a0}', '\u{202f}'])
        .unwrap_or(head);
    if let Some((sign, code)) = currency::sign_before(bare) {
        let outer = &bare[..bare.len() - sign.len()];
        let prefixed = currency::prefix(outer, sign);
        let taken = prefixed.map_or(0, |(_, length)| length);
        let inner = &outer[..outer.len() - taken];
        // "abc$5" and "5$6" are code.
        let is_free = !inner.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            || inner.ends_with(|c: char| c.is_ascii_digit());
        let code = prefixed.map_or(code, |(code, _)| code);
        let score = if prefixed.is_none() && matches!(sign, "$" | "¥") {
            0.8
        } else {
            0.95
        };
        let start = from + inner.len();
        let mut made = is_free
            .then(|| amount(text, numeral, start, code, score))
            .flatten()?;
        let minus = inner
            .strip_suffix(['-', '−'])
            .filter(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()));
        if let Some(rest) = minus {
            made.span.0 = from + rest.len();
            made.value = made.value.negated();
        }
        return Some(made);
    }
    let letters = bare
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphabetic)
        .take(5)
        .count();
    let word = &bare[bare.len() - letters..];
    let start = from + bare.len() - letters;
    let begins =
        !text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/'));
    if begins && let Some(code) = currency::code(word, true) {
        return amount(text, numeral, start, code, 0.95);
    }
    let rupees = ["Rs.", "Rs", "rs.", "₨"]
        .iter()
        .find(|word| bare.ends_with(**word))?;
    let start = from + bare.len() - rupees.len();
    let begins = !text[..start].ends_with(char::is_alphanumeric);
    begins
        .then(|| amount(text, numeral, start, "INR", 0.9))
        .flatten()
}

/// Makes an amount that ends with the number and what multiplies it.
fn amount(
    text: &str,
    numeral: &Numeral,
    start: usize,
    currency: &'static str,
    score: f64,
) -> Option<Amount> {
    let (value, end) = multiplied(text, numeral)?;
    let value = if parts_thousands(numeral, currency) {
        value.shifted(3)?
    } else {
        value
    };
    ends_word(text, end).then_some(Amount {
        span: (start, end),
        value,
        currency,
        score,
    })
}

fn parts_thousands(numeral: &Numeral, currency: &str) -> bool {
    let is_small = numeral.value.is_some_and(|value| value.is_less_than(1));
    numeral.form == Some(Form::PointThousands)
        && !is_small
        && currency::point_parts_thousands(currency)
}

fn multiplied(text: &str, numeral: &Numeral) -> Option<(Exact, usize)> {
    let value = numeral.value?;
    let at = phrase::behind(text, numeral.end);
    let rest = &text[at..];
    let has_letter = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    if !has_letter || numeral.is_scaled || numeral.form.is_none() {
        return Some((value, numeral.end));
    }
    let known = MULTIPLIERS.iter().find(|(word, _)| {
        let is_letter = word.len() == 1;
        rest.starts_with(word)
            && ends_word(text, at + word.len())
            && (at == numeral.end || !is_letter && *word != "mm")
    });
    match known {
        Some((word, power)) => Some((value.shifted(*power)?, at + word.len())),
        None => Some((value, numeral.end)),
    }
}

/// A sign, a code or a name behind the number.
fn after(text: &str, numeral: &Numeral) -> Option<Amount> {
    if numeral.is_joined || numeral.letters.is_some() {
        return None;
    }
    let (value, end) = multiplied(text, numeral)?;
    let at = phrase::behind(text, end);
    let rest = &text[at..];
    let made = |value: Exact, currency, end, score| {
        let value = if parts_thousands(numeral, currency) {
            value.shifted(3)?
        } else {
            value
        };
        Some(Amount {
            span: (numeral.start, end),
            value,
            currency,
            score,
        })
    };
    if let Some((sign, code)) = currency::sign_after(rest) {
        let end = at + sign.len();
        let goes_on = text[end..]
            .trim_start_matches(' ')
            .starts_with(|c: char| c.is_ascii_digit());
        return (ends_word(text, end) && !goes_on)
            .then(|| made(value, code, end, 0.9))
            .flatten();
    }
    if rest.starts_with('¢') {
        return made(value.shifted(-2)?, "USD", at + '¢'.len_utf8(), 0.8);
    }
    let letters = rest
        .bytes()
        .take(6)
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let word = &rest[..letters];
    if ends_word(text, at + letters) {
        if let Some(code) = currency::code(word, false) {
            return made(value, code, at + letters, 0.95);
        }
        // "48 MGBP", "30 kEUR".
        let scaled = word
            .strip_prefix('M')
            .map(|code| (code, 6))
            .or_else(|| word.strip_prefix(['k', 'K']).map(|code| (code, 3)));
        if let Some((code, power)) = scaled
            && code.bytes().all(|byte| byte.is_ascii_uppercase())
            && let Some(code) = currency::code(code, false)
        {
            return made(value.shifted(power)?, code, at + letters, 0.9);
        }
    }
    let named = phrase::longest(text, at, currency::names());
    if let Some(((code, power), end)) = named {
        return made(value.shifted(power)?, code, end, 0.8);
    }
    let pounds = ["pounds", "pound"].iter().find(|name| {
        rest.as_bytes()
            .get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    let span = (numeral.start, at + pounds.len());
    let is_large = numeral.is_scaled && !value.is_less_than(1_000_000);
    let is_money =
        is_large || phrase::is_near(text, span, PAID) && !phrase::is_near(text, span, WEIGHED);
    (is_money && ends_word(text, span.1))
        .then(|| made(value, "GBP", span.1, 0.7))
        .flatten()
}

/// Takes in the smaller part of an amount: "3 dollars and 20 cents", "3 dollars 20" at the end of a phrase.
fn with_part(text: &str, mut amount: Amount, numeral: &Numeral) -> Amount {
    if amount.span.0 != numeral.start || amount.value.as_whole().is_none() {
        return amount;
    }
    let end = amount.span.1;
    let tail = &text[end..];
    let joined = [" and ", ", ", " "]
        .iter()
        .find(|joint| tail.starts_with(**joint));
    let Some(next) = joined.and_then(|joint| numeral::at(text, end + joint.len())) else {
        return amount;
    };
    let part = next
        .value
        .filter(|part| !next.is_ordinal && part.as_whole().is_some() && part.is_less_than(100));
    let Some(part) = part else { return amount };
    let at = phrase::behind(text, next.end);
    let named = phrase::longest(text, at, currency::names());
    let end = match named {
        Some(((code, -2), end)) if code == amount.currency || code == "USD" => end,
        Some(_) => return amount,
        None => {
            let mut after = text[next.end..].trim_start_matches(' ').chars();
            let is_last = match after.next() {
                None => true,
                Some('.' | ',') => after.next().is_none_or(|c| !c.is_alphanumeric()),
                Some(c) => matches!(c, ';' | '!' | '?' | ')' | '\n' | '"' | '”'),
            };
            if !is_last || joined == Some(&", ") || part.is_less_than(10) {
                return amount;
            }
            next.end
        }
    };
    let sum = part.shifted(-2).and_then(|part| amount.value.plus(part));
    if let Some(sum) = sum {
        amount.value = sum;
        amount.span.1 = end;
    }
    amount
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Money;

    #[test]
    fn amounts_are_normalized() {
        for (text, surface, normalized) in [
            ("costs $1,234.50 now", "$1,234.50", "1234.5 USD"),
            ("US$ 5 million", "US$ 5 million", "5000000 USD"),
            ("C$2.5bn", "C$2.5bn", "2500000000 CAD"),
            ("A$100", "A$100", "100 AUD"),
            ("1.234,56 €", "1.234,56 €", "1234.56 EUR"),
            ("10 000 EUR", "10 000 EUR", "10000 EUR"),
            ("EUR 12", "EUR 12", "12 EUR"),
            ("£0.99.", "£0.99", "0.99 GBP"),
            ("€1.234", "€1.234", "1234 EUR"),
            ("$1.234 a litre", "$1.234", "1.234 USD"),
            ("¥1,000,000", "¥1,000,000", "1000000 JPY"),
            ("$5 more", "$5", "5 USD"),
            ("$20k", "$20k", "20000 USD"),
            ("3.5 million dollars", "3.5 million dollars", "3500000 USD"),
            ("CHF 1'250.00", "CHF 1'250.00", "1250 CHF"),
            ("2,5 Mio. Euro", "2,5 Mio. Euro", "2500000 EUR"),
            ("$007", "$007", "7 USD"),
            ("-$40", "-$40", "-40 USD"),
            ("GBP250 each", "GBP250", "250 GBP"),
            ("750SEK", "750SEK", "750 SEK"),
            ("some 7 MEUR in", "7 MEUR", "7000000 EUR"),
            (
                "six dollars and 25 cents",
                "six dollars and 25 cents",
                "6.25 USD",
            ),
            ("nine euros forty.", "nine euros forty", "9.4 EUR"),
            ("it paid a hundred pounds", "a hundred pounds", "100 GBP"),
            ("80 cents", "80 cents", "0.8 USD"),
            (
                "two hundred Swiss francs",
                "two hundred Swiss francs",
                "200 CHF",
            ),
            ("Rs. 4 lakh", "Rs. 4 lakh", "400000 INR"),
        ] {
            assert_eq!(
                found(text, &Money),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        let two = found("eur 10 usd 20", &Money);
        assert_eq!(
            two.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(),
            ["10 EUR", "20 USD"]
        );
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
            "ALL 5 doors",
            "TRY 3 times",
            "two pounds of flour",
            "top 10",
            "the 2nd dollar",
        ] {
            assert_eq!(found(text, &Money), [], "{text}");
        }
    }
}
