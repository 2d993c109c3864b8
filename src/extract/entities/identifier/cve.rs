//! Numbers of known faults (`CVE-2021-44228`).

use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

/// Returns the name of a fault's number before a year, or the run itself.
pub(super) fn named_before(run: Run<'_>) -> Run<'_> {
    const NAME: usize = 4;
    let end = run.start.saturating_sub(1);
    let named = run
        .start
        .checked_sub(NAME)
        .filter(|start| run.text.is_char_boundary(*start));
    let name = named.map(|start| Run { start, end, ..run });
    name.filter(|name| run.text.is_char_boundary(end) && begins(*name))
        .unwrap_or(run)
}

fn begins(run: Run<'_>) -> bool {
    run.end - run.start == 3
        && run.written().eq_ignore_ascii_case("cve")
        && run.tail().starts_with(['-', '\u{2011}'])
}

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    if !begins(run) {
        return None;
    }
    let hyphen = run.tail().chars().next().map_or(0, char::len_utf8);
    let tail = &run.tail()[hyphen..];
    let (year, rest) = tail.split_at_checked(4)?;
    let number = rest.strip_prefix(['-', '\u{2011}'])?;
    let length = number
        .bytes()
        .take(20)
        .take_while(u8::is_ascii_digit)
        .count();
    let is_year =
        year.bytes().all(|byte| byte.is_ascii_digit()) && ("1999".."2100").contains(&year);
    let end = run.text.len() - number.len() + length;
    (is_year && (4..20).contains(&length) && !number[length..].starts_with(char::is_alphanumeric))
        .then(|| Found {
            entity_type: EntityType::Cve,
            end,
            normalized: format!("CVE-{year}-{}", &number[..length]),
            attributes: json!({"year": year.parse::<u16>().unwrap_or_default()}),
            score: 1.0,
        })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Cve;

    #[test]
    fn faults_are_found_by_their_form() {
        assert_eq!(
            found("fixes cve-2023-12345."),
            [(
                Cve,
                "cve-2023-12345".to_owned(),
                "CVE-2023-12345".to_owned()
            )]
        );
        for text in [
            "CVE-20-12345",
            "CVE-2023-123",
            "CVE-1823-12345",
            "XCVE-2023-12345",
        ] {
            assert!(found(text).iter().all(|one| one.0 != Cve), "{text}");
        }
    }
}
