//! What a robots.txt says about a URL.
//!
//! The only report that stands on no row: its decision is handed in.

use serde::Serialize;

use super::line::{Line, lines, table};
use super::{Report, Table};
use crate::model::RobotsDecision;

lines! {
    /// The decision about one URL.
    RobotsLine {
        uri: String => text;
        agent: String => text;
        allowed: bool => text;
        /// The number of the deciding line, from 1; `None` when no rule matches.
        line: Option<i64> => number;
        /// That line, as written.
        rule: Option<String> => text;
        /// The status of the fetch of robots.txt, why there was none, or the name of the file read.
        fetch_status: String => text;
        /// Seconds that the agent is asked to leave between two fetches.
        crawl_delay_seconds: Option<f64> => seconds.stable;
    }

    /// A sitemap that the file names.
    SitemapLine {
        sitemap: String => text;
    }
}

/// `robots`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RobotsReport {
    pub rows: Vec<RobotsLine>,
    pub sitemaps: Vec<SitemapLine>,
}

/// Makes the report of one decision.
pub fn robots(
    uri: String,
    agent: &str,
    decision: RobotsDecision,
    crawl_delay_seconds: Option<f64>,
    sitemaps: Vec<String>,
) -> RobotsReport {
    RobotsReport {
        rows: vec![RobotsLine {
            uri,
            agent: agent.to_owned(),
            allowed: decision.allowed,
            line: decision.line.map(i64::from),
            rule: decision.rule,
            fetch_status: decision.fetch_status,
            crawl_delay_seconds,
        }],
        sitemaps: sitemaps
            .into_iter()
            .map(|sitemap| SitemapLine { sitemap })
            .collect(),
    }
}

impl Report for RobotsReport {
    fn tables(&self) -> Vec<Table> {
        let mut decision = Table::new("decision", "", RobotsLine::columns());
        for row in &self.rows {
            decision.push(row.cells());
        }
        vec![
            decision,
            table("sitemaps", "The file names no sitemap.", &self.sitemaps),
        ]
    }
}
