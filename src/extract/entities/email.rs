//! E-mail addresses (RFC 5321), with the domain in lower case.

use linkify::{LinkFinder, LinkKind};
use serde_json::json;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};

/// Finds e-mail addresses.
pub(super) struct Emails;

impl Recognizer for Emails {
    fn name(&self) -> &'static str {
        "email"
    }

    fn version(&self) -> &'static str {
        "2"
    }

    fn types(&self) -> &'static [EntityType] {
        &[EntityType::Email]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Email]);
        let found = finder.links(text).filter_map(|link| {
            // A quote, an equals sign or a slash before an address is of the text around it, though RFC 5321 allows it.
            let written = link.as_str();
            let address = written
                .trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
            let (normalized, domain, score) = validated(address)?;
            let is_path = written.starts_with('/') && address.len() < written.len();
            let span = (link.end() - address.len(), link.end());
            // RFC 5321 has no address that begins with a point, or holds two of them in a row.
            let is_cut = text[..span.0].ends_with('.') && !text[..span.0].ends_with("...");
            if is_cut || is_path {
                return None;
            }
            let parts = (normalized, json!({"domain": domain}));
            Some(mention(
                self.name(),
                EntityType::Email,
                text,
                span,
                parts,
                score,
            ))
        });
        Ok(found.collect())
    }
}

/// Returns the normal form, the domain and how sure it is an address.
fn validated(address: &str) -> Option<(String, String, f64)> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let labels_hold = domain.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    });
    // Stars stand for letters that are left out ("j***@example.com"), so it is not the address.
    let is_masked = local.contains('*');
    // RFC 5321, 4.5.3.1: 64 octets before the sign, 254 for the whole path.
    if local.is_empty()
        || is_masked
        || local.ends_with('.')
        || local.contains("..")
        || local.len() > 64
        || address.len() > 254
        || !labels_hold
    {
        return None;
    }
    let suffix = psl::suffix(domain.as_bytes())?;
    let known = suffix.is_known();
    // Retina image names ("logo@2x.png") look like addresses; no such top-level domain exists.
    let top = domain.rsplit('.').next()?;
    let plausible = known || (top.len() >= 2 && top.chars().all(char::is_alphabetic));
    let is_file = [
        "png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "html",
    ]
    .contains(&top);
    (plausible && !is_file).then(|| {
        (
            format!("{local}@{domain}"),
            domain,
            if known { 1.0 } else { 0.5 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_normalized() {
        let text = "Write to Jo.Doe@Example.COM, (a+b@xn--bcher-kva.example) or mailto:x@y.co.uk, 'z@y.org'.";
        let found: Vec<_> = Emails
            .find(text, &Context::default())
            .unwrap()
            .into_iter()
            .map(|mention| {
                assert_eq!(mention.surface, text[mention.start..mention.end]);
                mention.normalized
            })
            .collect();
        assert_eq!(
            found,
            [
                "Jo.Doe@example.com",
                "a+b@xn--bcher-kva.example",
                "x@y.co.uk",
                "z@y.org"
            ]
        );
    }

    #[test]
    fn what_is_no_address_is_left() {
        for text in [
            "@handle",
            "logo@2x.png",
            "a@b",
            "a@-b.com",
            "x @ y.com",
            "j***@example.com",
            "jo..doe@example.com",
            ".jo@example.com",
            "//lists.example.com/users@example.com",
        ] {
            assert_eq!(
                Emails.find(text, &Context::default()).unwrap(),
                [],
                "{text}"
            );
        }
        let long = format!("{}@example.com", "a".repeat(65));
        assert_eq!(Emails.find(&long, &Context::default()).unwrap(), []);
    }
}
