//! Plans that services are sold as, and the features that a plan gives, where their form leaves no doubt.
//!
//! Owns the vocabulary of pricing pages. It would rather miss one than take plain speech for an offer:
//!
//! - A plan is one or two words that plans are called by, in capitals: before `plan`, `tier`, `edition`, `subscription` or
//!   `package`; at the start of a line and before a price; or in a cell of a table beside another such cell.
//! - A feature is an amount of what plans give (`5 users`, `10 GB storage`, `unlimited projects`) or a service that they
//!   come with (`priority support`), alone in its line or cell, or an amount after `unlimited` or `up to`.
//!
//! The normal form of a plan is its name, that of a feature its amount and what it is of: `5_users`.

mod feature;
mod plan;

use super::{Context, Recognizer, RecognizerError, mention};
use crate::model::{EntityType, Mention};

/// A longer line or cell holds more than the name of something.
const MOST_CELL_BYTES: usize = 60;

/// Finds plans and features.
pub(super) struct Offers;

/// Something found: type, place, normal form, parts of it and how sure it is.
struct Found {
    entity_type: EntityType,
    span: (usize, usize),
    normalized: String,
    attributes: serde_json::Value,
    score: f64,
}

impl Recognizer for Offers {
    fn name(&self) -> &'static str {
        "offer"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn types(&self) -> &[EntityType] {
        &[EntityType::Feature, EntityType::Plan]
    }

    fn find(&self, text: &str, _context: &Context) -> Result<Vec<Mention>, RecognizerError> {
        let mut all: Vec<Found> = Vec::new();
        plan::named(text, &mut all);
        feature::counted(text, &mut all);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim_end();
            plan::priced(text, (start, start + content.len()), &mut all);
            let mut at = start;
            let mut before: Option<Found> = None;
            for cell in content.split('\t') {
                let end = at + cell.len();
                if cell.len() <= MOST_CELL_BYTES {
                    feature::alone(text, (at, end), &mut all);
                }
                let named = plan::cell(text, (at, end));
                if named.is_some() || before.is_some() {
                    let is_beside = all
                        .last()
                        .is_some_and(|last| is_cell_before(text, last, at));
                    match (before.take(), named) {
                        (Some(one), Some(other))
                            if !(plan::is_sure(&one.normalized)
                                || plan::is_sure(&other.normalized)) =>
                        {
                            before = Some(other);
                        }
                        (Some(one), Some(other)) => {
                            all.push(one);
                            all.push(other);
                        }
                        (None, Some(other)) if is_beside => all.push(other),
                        (None, Some(other)) => before = Some(other),
                        (_, None) => {}
                    }
                }
                at = end + 1;
            }
            start += line.len();
        }
        all.sort_by_key(|found| (found.span, found.entity_type == EntityType::Plan));
        all.dedup_by(|later, kept| {
            later.span == kept.span && later.entity_type == kept.entity_type
        });
        let mentions = all.into_iter().map(|found| {
            let parts = (found.normalized, found.attributes);
            mention(
                self.name(),
                found.entity_type,
                text,
                found.span,
                parts,
                found.score,
            )
        });
        Ok(mentions.collect())
    }
}

/// Says whether what was found is a plan in the cell before the one that begins at `start`.
fn is_cell_before(text: &str, last: &Found, start: usize) -> bool {
    last.entity_type == EntityType::Plan
        && last.span.1 < start
        && text[last.span.1..start].trim_matches(' ') == "\t"
}

/// Returns where a cell's text is, without the marks that lists and tables put before it.
fn bare(text: &str, (start, end): (usize, usize)) -> (usize, usize) {
    let is_mark = |c: char| c.is_whitespace() || "-–—*•·✓✔✅☑+".contains(c);
    let cell = &text[start..end];
    let left = cell.trim_start_matches(is_mark);
    let start = end - left.len();
    (
        start,
        start + left.trim_end_matches([' ', '.', ',', ';']).len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let mentions = Offers.find(text, &Context::default()).unwrap().into_iter();
        mentions
            .map(|one| {
                (
                    format!("{} {}", one.entity_type, one.surface),
                    one.normalized,
                )
            })
            .collect()
    }

    #[test]
    fn plans_are_found_by_the_word_the_price_and_the_cells_beside() {
        for (text, expected) in [
            (
                "Move to the Pro plan or our Business Plus tier.",
                &["Pro", "Business Plus"][..],
            ),
            (
                "All Enterprise plans include it; the Community Edition does not.",
                &["Enterprise", "Community"],
            ),
            (
                "Starter: $12/month\nTeam \u{2014} \u{20ac}20 per user\nPro\t29 \u{20ac}",
                &["Starter", "Team", "Pro"],
            ),
            (
                "Feature\tFree\tPro\tEnterprise\nSeats\t1\t5\t50",
                &["Free", "Pro", "Enterprise"],
            ),
            (
                "We have a business plan. Business plan writing is an art.",
                &[],
            ),
            ("Pro\nPremium bottles for $10. Basic steps: 5", &[]),
            ("Adult\t\u{a3}8.50\nStudent\t\u{a3}4.00\nFamily: $20", &[]),
            ("Age\tStudent\tFamily\tAll", &[]),
            ("Student: $4 / month", &["Student"]),
            ("Name\tPro\tAge", &[]),
            ("the basic plan of the attack and the Marshall Plan", &[]),
        ] {
            let plans: Vec<String> = found(text).into_iter().map(|(_, name)| name).collect();
            assert_eq!(plans, expected, "{text}");
        }
    }

    #[test]
    fn features_stand_alone_or_are_counted() {
        for (text, surface, normalized) in [
            ("\u{2713} 5 users", "5 users", "5_users"),
            (
                "- 10,000 monthly active users",
                "10,000 monthly active users",
                "10000_monthly_active_users",
            ),
            ("10 GB of storage", "10 GB of storage", "10_GB_storage"),
            (
                "Unlimited projects.",
                "Unlimited projects",
                "unlimited_projects",
            ),
            (
                "It allows up to 3 team members on it",
                "up to 3 team members",
                "3_team_members",
            ),
            (
                "Seats\tPriority  support\tnone",
                "Priority  support",
                "priority_support",
            ),
            ("99.9% uptime SLA", "99.9% uptime SLA", "99.9%_uptime_sla"),
        ] {
            let expected = [(format!("feature {surface}"), normalized.to_owned())];
            assert_eq!(found(text), expected, "{text}");
        }
        for text in [
            "5 users have said so",
            "Ask phone support about it",
            "up to 3 years",
            "unlimited joy",
            "users",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        for unit in [
            "Pro ",
            "plan ",
            "Pro plan ",
            "Pro\t",
            "up to ",
            "unlimited ",
            "5 users\t",
            "Pro $",
            "\t",
            "- ",
        ] {
            let text = unit.repeat(400_000 / unit.len());
            Offers.find(&text, &Context::default()).unwrap();
        }
    }
}
