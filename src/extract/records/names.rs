//! Names of types and properties: which vocabulary they are of, and their short form.

/// Takes schema.org's address off a name; any other name stays as it is.
pub(in crate::extract) fn shortened(name: &str) -> &str {
    let name = name.trim();
    let bare = ["https://", "http://"]
        .iter()
        .find_map(|scheme| name.strip_prefix(scheme))
        .map(|rest| rest.strip_prefix("www.").unwrap_or(rest))
        .and_then(|rest| rest.strip_prefix("schema.org/"))
        .or_else(|| name.strip_prefix("schema:"));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(name)
}

/// Says whether a context or a vocabulary is schema.org's.
pub(super) fn is_schema_org(address: &str) -> bool {
    let address = address.trim().trim_end_matches(['/', '#']);
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let host = host.split('/').next().unwrap_or_default();
    host.eq_ignore_ascii_case("schema.org")
}

/// Prefixes that need no declaration: those of the W3C's initial context for RDFa 1.1 that pages use.
const PREFIXES: &[(&str, &str)] = &[
    ("cc", "http://creativecommons.org/ns#"),
    ("ctag", "http://commontag.org/ns#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("dc11", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("gr", "http://purl.org/goodrelations/v1#"),
    ("ical", "http://www.w3.org/2002/12/cal/icaltzd#"),
    ("og", "http://ogp.me/ns#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("rev", "http://purl.org/stuff/rev#"),
    ("schema", "http://schema.org/"),
    ("sioc", "http://rdfs.org/sioc/ns#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("v", "http://rdf.data-vocabulary.org/#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xhv", "http://www.w3.org/1999/xhtml/vocab#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Returns what a prefix stands for without a declaration.
pub(super) fn known_prefix(prefix: &str) -> Option<&'static str> {
    PREFIXES
        .iter()
        .find_map(|(known, address)| known.eq_ignore_ascii_case(prefix).then_some(*address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_schema_org_is_shortened() {
        for (name, short) in [
            ("http://schema.org/Product", "Product"),
            (" https://www.schema.org/Product ", "Product"),
            ("schema:Product", "Product"),
            ("Product", "Product"),
            ("http://schema.org/", "http://schema.org/"),
            (
                "http://data-vocabulary.org/Breadcrumb",
                "http://data-vocabulary.org/Breadcrumb",
            ),
        ] {
            assert_eq!(shortened(name), short);
        }
        for (address, is_it) in [
            ("http://schema.org", true),
            ("https://schema.org/", true),
            ("schema.org", true),
            ("https://schema.org/docs/jsonldcontext.jsonld", true),
            ("http://schema.organic/", false),
            ("http://www.w3.org/ns/activitystreams", false),
        ] {
            assert_eq!(is_schema_org(address), is_it, "{address}");
        }
    }
}
