//! Numbers and what they count: percentages, ages, temperatures, money, quantities, limits, prices and ordinals.
//!
//! One recognizer for all of them, because each begins with the same number, which is looked for once. A noun is a file:
//! it says whether a number is one of its own, and owns its words and its normal form.

mod age;
mod currency;
mod digits;
mod exact;
mod limit;
mod money;
mod number;
mod numeral;
mod ordinal;
mod percentage;
mod phrase;
mod pricing;
mod quantity;
mod temperature;
mod units;
mod words;

use serde_json::Value;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};
use numeral::{Numeral, Numerals};

/// Finds numbers and what they count.
pub(super) struct Amounts;

/// What a noun found.
struct Found {
    entity_type: EntityType,
    span: (usize, usize),
    normalized: String,
    attributes: Value,
    score: f64,
}

impl Recognizer for Amounts {
    fn name(&self) -> &'static str {
        "amount"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &'static [EntityType] {
        &[
            EntityType::Number,
            EntityType::Ordinal,
            EntityType::Percentage,
            EntityType::Money,
            EntityType::Quantity,
            EntityType::Temperature,
            EntityType::Age,
            EntityType::Limit,
            EntityType::Pricing,
        ]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut all: Vec<Mention> = Vec::new();
        let mut keep = |found: Found| {
            let parts = (found.normalized, found.attributes);
            all.push(mention(
                self.name(),
                found.entity_type,
                text,
                found.span,
                parts,
                found.score,
            ));
        };
        let mut numerals = Numerals::new(text);
        let mut taken = 0;
        while let Some(numeral) = numerals.next() {
            // A number also where more is made of it: who asks for numbers alone gets them all.
            number::read(text, &numeral).map(&mut keep);
            if let Some(end) = nouns(text, &numeral, taken, &mut keep) {
                taken = end;
                // The smaller part of an amount, and the time of a limit, are no numbers of their own.
                numerals.skip_to(end);
            }
        }
        for start in numerals.relative_words() {
            ordinal::relative(text, *start).map(&mut keep);
        }
        all.sort_by_key(|mention| (mention.start, mention.end));
        Ok(all)
    }
}

/// Asks each noun for a number, and returns the end of what the first of them made of it.
fn nouns(
    text: &str,
    numeral: &Numeral,
    taken: usize,
    keep: &mut impl FnMut(Found),
) -> Option<usize> {
    if let Some(amount) = money::read(text, numeral, taken) {
        let price = pricing::read(text, &amount);
        keep(money::found(&amount));
        let end = price.as_ref().map_or(amount.span.1, |price| price.span.1);
        price.map(keep);
        return Some(end);
    }
    let limit = limit::read(text, numeral);
    let measured = percentage::read(text, numeral)
        .or_else(|| age::read(text, numeral))
        .or_else(|| temperature::read(text, numeral))
        .or_else(|| quantity::read(text, numeral))
        .or_else(|| ordinal::read(text, numeral));
    let end = [&limit, &measured]
        .into_iter()
        .flatten()
        .map(|found| found.span.1)
        .max();
    limit.into_iter().chain(measured).for_each(keep);
    end
}

/// Says whether no letter, digit or underscore follows.
fn ends_word(text: &str, end: usize) -> bool {
    !text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns surface and normal form of each mention of a type.
    pub(super) fn found(text: &str, wanted: &EntityType) -> Vec<(String, String)> {
        let all = Amounts.find(text, &Context::default()).unwrap();
        let of_type = all
            .into_iter()
            .filter(|mention| mention.entity_type == *wanted);
        of_type
            .map(|mention| (mention.surface, mention.normalized))
            .collect()
    }
}
