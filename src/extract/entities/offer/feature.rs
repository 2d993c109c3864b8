//! What plans give, and where it is said.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde_json::json;

use super::{Found, bare};
use crate::model::EntityType;

/// An amount of something, or a service; groups `amount`, `unit`, `of`, `service`.
const FEATURE: &str = r"(?ix)^(?:
    (?: up\ to\ +)? (?<amount>unlimited|\d[\d,.]*) \ + (?:
        (?: (?<unit>[kmgt]b) \ + )? (?:of\ +)? (?<of>storage|bandwidth|transfer|disk\ space|file\ storage|cloud\ storage)
        | (?<things> (?: (?:active|additional|api|concurrent|custom|guest|monthly|paid|private|public|team|user) \ +){0,2}
            (?: accounts? | boards? | builds? | collaborators? | contacts? | dashboards? | domains? | editors? | forms?
            | integrations? | invoices? | keys? | licen[sc]es? | members? | pages? | pipelines? | products? | projects?
            | repositories | repository | seats? | sites? | users? | viewers? | webhooks? | websites? | workflows?
            | workspaces? ) ) )
    | (?<service> (?: 24/7 | 24x7 | chat | community | dedicated | email | live\ chat | phone | premium | priority
            | round-the-clock ) (?:\ + (?:chat|email|phone|customer))? \ + support
        | single\ sign-on | sso | saml\ sso | two-factor\ authentication | audit\ logs? | role-based\ access\ control
        | custom\ (?:domains?|branding|roles) | white[-\ ]label(?:ing|ling)? | version\ history | priority\ onboarding
        | dedicated\ account\ manager | sla | uptime\ sla | (?: 99\.\d+ % \ * ) uptime (?:\ sla)? )
    )";

fn pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN.get_or_init(|| Regex::new(FEATURE).ok()).as_ref()
}

/// Finds the feature that a line or a cell is, and nothing else.
pub(super) fn alone(text: &str, cell: (usize, usize), all: &mut Vec<Found>) {
    let (start, end) = bare(text, cell);
    if let Some(found) = read(text, start, end)
        && found.span.1 == end
    {
        all.push(found);
    }
}

/// Finds the amounts that `unlimited` or `up to` begins.
pub(super) fn counted(text: &str, all: &mut Vec<Found>) {
    static SEARCH: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let search = SEARCH.get_or_init(|| {
        let mut builder = AhoCorasick::builder();
        let builder = builder.ascii_case_insensitive(true);
        builder.build(["unlimited ", "up to "]).ok()
    });
    for begin in search.iter().flat_map(|search| search.find_iter(text)) {
        let start = begin.start();
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let end = text.floor_char_boundary((start + super::MOST_CELL_BYTES).min(text.len()));
        let line = text[start..end].find(['\n', '\t']);
        all.extend(read(text, start, line.map_or(end, |length| start + length)));
    }
}

/// Reads what a place begins with.
fn read(text: &str, start: usize, end: usize) -> Option<Found> {
    let captures = pattern()?.captures(&text[start..end])?;
    let whole = captures.get(0)?;
    let span = (start, start + whole.end());
    // The word may go on, or a rate follow, which is a limit.
    if text[span.1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/')) {
        return None;
    }
    let part = |name: &str| captures.name(name).map(|part| part.as_str());
    let words = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join("_")
            .to_lowercase()
    };
    let (normalized, attributes) = if let Some(service) = part("service") {
        let service = words(service);
        (service.clone(), json!({"feature": service}))
    } else {
        let amount = part("amount")?
            .trim_end_matches(['.', ','])
            .replace(',', "")
            .to_lowercase();
        let feature = words(part("of").or(part("things"))?);
        let mut attributes = json!({"feature": feature, "amount": amount});
        let mut normalized = amount;
        if let Some(unit) = part("unit").map(str::to_uppercase) {
            normalized = format!("{normalized}_{unit}");
            attributes["unit"] = json!(unit);
        }
        (format!("{normalized}_{feature}"), attributes)
    };
    Some(Found {
        entity_type: EntityType::Feature,
        span,
        normalized,
        attributes,
        score: 0.8,
    })
}
