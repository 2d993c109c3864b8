//! Numbers of bank accounts (IBAN), by their check digits and the form of their country.

use iban::{Iban, IbanLike as _};
use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

/// The longest that is allowed, and the shortest that is in use.
const LONGEST: usize = 34;
const SHORTEST: usize = 15;

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    let bytes = run.written().as_bytes();
    let begins = bytes.len() >= 4
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    if !begins || run.before() == Some('-') {
        return None;
    }
    // Groups of four with one space between, or no space at all.
    let text = run.text.as_bytes();
    let mut compact = String::with_capacity(LONGEST);
    let mut ends = Vec::new();
    let mut at = run.start;
    loop {
        let group = text[at..]
            .iter()
            .take(LONGEST + 1)
            .take_while(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            .count();
        compact.push_str(&run.text[at..at + group]);
        at += group;
        let ends_here = !text
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if group == 0 || compact.len() > LONGEST || !ends_here {
            break;
        }
        if compact.len() >= SHORTEST {
            ends.push((compact.len(), at));
        }
        let goes_on = group == 4
            && text.get(at) == Some(&b' ')
            && text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !goes_on {
            break;
        }
        at += 1;
    }
    ends.into_iter().rev().find_map(|(length, end)| {
        let account: Iban = compact[..length].parse().ok()?;
        Some(Found {
            entity_type: EntityType::Iban,
            end,
            normalized: account.electronic_str().to_owned(),
            attributes: json!({"country": account.country_code()}),
            score: 1.0,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Iban;

    #[test]
    fn accounts_are_checked() {
        for (text, surface) in [
            (
                "pay to DE89 3704 0044 0532 0130 00.",
                "DE89 3704 0044 0532 0130 00",
            ),
            ("GB82WEST12345698765432", "GB82WEST12345698765432"),
            ("NL91 ABNA 0417 1643 00 BIC", "NL91 ABNA 0417 1643 00"),
        ] {
            assert_eq!(
                found(text),
                [(Iban, surface.to_owned(), surface.replace(' ', ""))],
                "{text}"
            );
        }
        for text in ["DE88 3704 0044 0532 0130 00", "AB12 word", "XX00"] {
            assert!(found(text).iter().all(|one| one.0 != Iban), "{text}");
        }
    }
}
