//! Identifiers of researchers (ORCID), by their check digit (ISO 7064, 11-2).

use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    if run.end - run.start != 4 || run.before() == Some('-') {
        return None;
    }
    let written = run.text.get(run.start..run.start + 19)?;
    let bytes = written.as_bytes();
    let mut total = 0_u32;
    for (at, byte) in bytes.iter().enumerate() {
        match (at, byte) {
            (4 | 9 | 14, b'-') => {}
            (4 | 9 | 14, _) => return None,
            (18, b'X' | b'x') => total += 10,
            (18, digit) if digit.is_ascii_digit() => total += u32::from(digit - b'0'),
            (_, digit) if digit.is_ascii_digit() => total = (total + u32::from(digit - b'0')) * 2,
            _ => return None,
        }
    }
    let end = run.start + 19;
    // Identifiers are given out of the blocks that ISNI set aside, which begin with noughts.
    (total % 11 == 1 && written.starts_with("000") && run.ends_at(end)).then(|| Found {
        entity_type: EntityType::Orcid,
        end,
        normalized: written.to_ascii_uppercase(),
        attributes: json!({}),
        score: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Orcid;

    #[test]
    fn the_check_digit_decides() {
        assert_eq!(
            found("ORCID 0000-0002-1825-0097."),
            [(
                Orcid,
                "0000-0002-1825-0097".to_owned(),
                "0000-0002-1825-0097".to_owned()
            )]
        );
        assert_eq!(found("0000-0002-1694-233x")[0].2, "0000-0002-1694-233X");
        for text in [
            "0000-0002-1825-0098",
            "0000-0002-1825-00971",
            "1-0000-0002-1825-0097",
        ] {
            assert!(found(text).iter().all(|one| one.0 != Orcid), "{text}");
        }
    }
}
