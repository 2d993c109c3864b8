//! Class names of the first microformats and what they are called today (microformats.org, each format's page
//! on backward compatibility).

use super::Kind;

/// Returns today's name of the format that an older class begins.
pub(super) fn format(class: &str) -> Option<&'static str> {
    Some(match class {
        "vcard" => "h-card",
        "hentry" => "h-entry",
        "hproduct" => "h-product",
        "hfeed" => "h-feed",
        _ => return None,
    })
}

/// Returns what an older class names in a record of `format`.
pub(super) fn property(format: &str, class: &str) -> Option<(Kind, &'static str)> {
    let names: &[(&str, Kind, &str)] = match format {
        "h-card" => CARD,
        "h-entry" => ENTRY,
        "h-product" => PRODUCT,
        "h-feed" => FEED,
        _ => &[],
    };
    let found = names.iter().find(|(known, _, _)| *known == class);
    found.map(|(_, kind, name)| (*kind, *name))
}

const CARD: &[(&str, Kind, &str)] = &[
    ("fn", Kind::Plain, "name"),
    ("honorific-prefix", Kind::Plain, "honorific-prefix"),
    ("given-name", Kind::Plain, "given-name"),
    ("additional-name", Kind::Plain, "additional-name"),
    ("family-name", Kind::Plain, "family-name"),
    ("honorific-suffix", Kind::Plain, "honorific-suffix"),
    ("nickname", Kind::Plain, "nickname"),
    ("email", Kind::Address, "email"),
    ("logo", Kind::Address, "logo"),
    ("photo", Kind::Address, "photo"),
    ("url", Kind::Address, "url"),
    ("uid", Kind::Address, "uid"),
    ("category", Kind::Plain, "category"),
    ("street-address", Kind::Plain, "street-address"),
    ("extended-address", Kind::Plain, "extended-address"),
    ("post-office-box", Kind::Plain, "post-office-box"),
    ("locality", Kind::Plain, "locality"),
    ("region", Kind::Plain, "region"),
    ("postal-code", Kind::Plain, "postal-code"),
    ("country-name", Kind::Plain, "country-name"),
    ("latitude", Kind::Plain, "latitude"),
    ("longitude", Kind::Plain, "longitude"),
    ("tel", Kind::Plain, "tel"),
    ("note", Kind::Plain, "note"),
    ("bday", Kind::Time, "bday"),
    ("org", Kind::Plain, "org"),
    ("organization-name", Kind::Plain, "organization-name"),
    ("organization-unit", Kind::Plain, "organization-unit"),
    ("title", Kind::Plain, "job-title"),
    ("role", Kind::Plain, "role"),
];

const ENTRY: &[(&str, Kind, &str)] = &[
    ("entry-title", Kind::Plain, "name"),
    ("entry-summary", Kind::Plain, "summary"),
    ("entry-content", Kind::Embedded, "content"),
    ("published", Kind::Time, "published"),
    ("updated", Kind::Time, "updated"),
    ("author", Kind::Plain, "author"),
    ("category", Kind::Plain, "category"),
];

const PRODUCT: &[(&str, Kind, &str)] = &[
    ("fn", Kind::Plain, "name"),
    ("photo", Kind::Address, "photo"),
    ("brand", Kind::Plain, "brand"),
    ("category", Kind::Plain, "category"),
    ("description", Kind::Plain, "description"),
    ("identifier", Kind::Address, "identifier"),
    ("url", Kind::Address, "url"),
    ("review", Kind::Plain, "review"),
    ("price", Kind::Plain, "price"),
];

const FEED: &[(&str, Kind, &str)] = &[
    ("site-description", Kind::Plain, "summary"),
    ("description", Kind::Plain, "summary"),
    ("site-title", Kind::Plain, "name"),
    ("title", Kind::Plain, "name"),
    ("author", Kind::Plain, "author"),
    ("photo", Kind::Address, "photo"),
];
