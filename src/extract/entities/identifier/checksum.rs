//! Globally unique identifiers, and checksums of MD5 and SHA as hexadecimal digits.

use serde_json::json;

use super::{Found, Run};
use crate::model::EntityType;

/// Algorithms by the length of what they give.
const ALGORITHMS: &[(usize, &str)] = &[
    (40, "sha1"),
    (56, "sha224"),
    (64, "sha256"),
    (96, "sha384"),
    (128, "sha512"),
];

/// Words before digits that are a checksum.
const TOLD: &[&str] = &["md5", "hash", "digest", "checksum", "etag", "sum"];

pub(super) fn read(run: Run<'_>) -> Option<Found> {
    let written = run.written();
    if !written.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match written.len() {
        8 => hyphenated(run),
        32 if !run.is_behind(TOLD) && is_version_of_guid(written) => {
            let lower = written.to_ascii_lowercase();
            let parts = [
                &lower[..8],
                &lower[8..12],
                &lower[12..16],
                &lower[16..20],
                &lower[20..],
            ];
            guid(run, run.end, parts.join("-"), 0.8)
        }
        32 => digest(run, "md5"),
        length => digest(run, ALGORITHMS.iter().find(|known| known.0 == length)?.1),
    }
}

/// The digits that name a version and a variant are those of the standard (RFC 9562).
fn is_version_of_guid(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    matches!(bytes[12], b'1'..=b'8')
        && matches!(bytes[16].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b')
}

fn hyphenated(run: Run<'_>) -> Option<Found> {
    let text = run.text.get(run.start..run.start + 36)?;
    let mut groups = text.split('-');
    let fits = [8, 4, 4, 4, 12].iter().all(|length| {
        groups.next().is_some_and(|group| {
            group.len() == *length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    fits.then(|| guid(run, run.start + 36, text.to_ascii_lowercase(), 0.95))
        .flatten()
}

fn guid(run: Run<'_>, end: usize, normalized: String, score: f64) -> Option<Found> {
    let ends =
        !run.text[end..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (ends && run.before() != Some('-')).then(|| Found {
        entity_type: EntityType::Guid,
        end,
        normalized,
        attributes: json!({}),
        score,
    })
}

fn digest(run: Run<'_>, algorithm: &str) -> Option<Found> {
    // A word of hexadecimal letters, or a number, is not as long, but rows of one digit are.
    let written = run.written();
    let is_mixed = written.bytes().any(|byte| byte.is_ascii_digit())
        && written.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_mixed.then(|| Found {
        entity_type: EntityType::Digest,
        end: run.end,
        normalized: written.to_ascii_lowercase(),
        attributes: json!({"algorithm": algorithm}),
        score: if run.is_behind(&[algorithm]) {
            0.95
        } else {
            0.8
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::{Digest, Guid};

    #[test]
    fn guids_and_checksums_are_told_apart() {
        let guid = "6fa459ea-ee8a-4ca4-894e-db77e160355e";
        let bare = guid.replace('-', "");
        let one = |entity_type, surface: &str, normalized: &str| {
            vec![(entity_type, surface.to_owned(), normalized.to_owned())]
        };
        assert_eq!(
            found(&format!("id {{{}}}", guid.to_uppercase())),
            one(Guid, &guid.to_uppercase(), guid)
        );
        assert_eq!(found(&format!("id {bare}.")), one(Guid, &bare, guid));
        assert_eq!(found(&format!("MD5: {bare}")), one(Digest, &bare, &bare));
        let sha = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
        assert_eq!(found(&format!("sha256 {sha} ok")), one(Digest, sha, sha));
        for text in [
            format!("{guid}-1"),
            "0".repeat(64),
            "deadbeef".to_owned(),
            format!("x{sha}"),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }
}
