//! Seeds of which nothing is stored although nothing failed: rules alone have left everything out.
//!
//! Owns the one gap that says so. Every URL has its outcome and the books balance, so no other line would tell.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Store;
use super::error::Result;
use super::gaps::GapOwner;
use super::value::values;
use crate::model::{Class, Gap, JobId, JobKind, Outcome, Reason, Stage, Timestamp, UriKey};

/// Where in a seed the gap is: not empty, so that looking at the seed once more does not close it.
const POSITION: &str = "seed";

/// What came of the URLs of one group.
#[derive(Default)]
struct Harvest {
    left_out: BTreeMap<String, i64>,
    /// Whether something is stored, or a line of its own says why not.
    is_told: bool,
}

impl Harvest {
    fn detail(&self) -> String {
        if self.left_out.is_empty() {
            return "no URL was found".to_owned();
        }
        let reasons = self.left_out.iter();
        let counted: Vec<String> = reasons
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        format!("left out: {}", counted.join(", "))
    }
}

/// A seed that stands for its group.
struct Seed {
    uri: String,
    source_group: String,
    detail: String,
}

impl Store {
    /// Opens a gap at the seed of each group of which a completed crawl has stored nothing and says nothing else,
    /// and closes those of groups that it has stored something of.
    pub(super) fn settle_barren(&mut self, job: JobId, at: Timestamp) -> Result<()> {
        let row = self.job(job)?;
        if row.kind != JobKind::Crawl {
            return Ok(());
        }
        let harvests = self.harvests(job)?;
        let told = harvests.iter().filter(|(_, harvest)| harvest.is_told);
        let told: Vec<&str> = told.map(|(group, _)| group.as_str()).collect();
        let open = self.count(
            "SELECT COUNT(*) FROM gaps WHERE resolved_at IS NULL AND stage = 'crawl' AND reason = $1",
            &values![Reason::NothingStored.as_str()],
        )?;
        if open > 0 {
            self.execute_among(
                "UPDATE gaps SET resolved_at = $1, resolved_by_job_id = $2 WHERE resolved_at IS NULL \
                 AND stage = 'crawl' AND reason = $3 AND source_group",
                "",
                &values![at, job, Reason::NothingStored.as_str()],
                &told,
            )?;
        }
        let mut seeds = self.barren_seeds(job, &harvests)?;
        if seeds.is_empty() && told.is_empty() {
            seeds.extend(first_seed(&row.params, &harvests));
        }
        for seed in seeds {
            let owner = GapOwner {
                what: UriKey::of(&seed.uri),
                uri: &seed.uri,
                source_group: &seed.source_group,
                source: None,
                extraction: None,
                profile: None,
            };
            let gap = Gap::at(Reason::NothingStored, POSITION, seed.detail);
            self.open_gap(Stage::Crawl, &owner, &gap, job, at)?;
        }
        Ok(())
    }

    fn harvests(&mut self, job: JobId) -> Result<BTreeMap<String, Harvest>> {
        let mut harvests: BTreeMap<String, Harvest> = BTreeMap::new();
        self.engine.query(
            "SELECT source_group, kind, COALESCE(outcome, ''), COALESCE(reason, ''), COUNT(*) FROM frontier \
             WHERE job_id = $1 GROUP BY source_group, kind, COALESCE(outcome, ''), COALESCE(reason, '')",
            &values![job],
            &mut |row| {
                let (kind, outcome, reason): (String, String, String) =
                    (row.get(1)?, row.get(2)?, row.get(3)?);
                let harvest = harvests.entry(row.get(0)?).or_default();
                let class = reason.parse::<Reason>().map(Reason::class);
                if outcome == Outcome::Skipped.as_str() && class == Ok(Class::Decision) {
                    *harvest.left_out.entry(reason).or_default() += row.get::<i64>(4)?;
                } else {
                    // A sitemap that was read is no page.
                    let is_read = [Outcome::New, Outcome::Changed, Outcome::Unchanged]
                        .iter()
                        .any(|one| one.as_str() == outcome);
                    harvest.is_told |= kind == "page" || !is_read;
                }
                Ok(())
            },
        )?;
        Ok(harvests)
    }

    /// Returns the first seed of each group of which nothing is told.
    fn barren_seeds(
        &mut self,
        job: JobId,
        harvests: &BTreeMap<String, Harvest>,
    ) -> Result<Vec<Seed>> {
        let (mut seeds, mut seen) = (Vec::new(), BTreeSet::new());
        if harvests.values().all(|harvest| harvest.is_told) {
            return Ok(seeds);
        }
        self.engine.query(
            "SELECT uri, source_group FROM frontier WHERE job_id = $1 AND depth = 0 AND referrer IS NULL \
             AND COALESCE(reason, '') NOT IN ('archive', 'archive_record', 'archived_robots', 'not_archived', \
             'llms_txt_absent') ORDER BY uri COLLATE \"C\"",
            &values![job],
            &mut |row| {
                let (uri, source_group): (String, String) = (row.get(0)?, row.get(1)?);
                let harvest = harvests.get(&source_group);
                if let Some(harvest) = harvest.filter(|harvest| !harvest.is_told)
                    && seen.insert(source_group.clone())
                {
                    let detail = harvest.detail();
                    seeds.push(Seed {
                        uri,
                        source_group,
                        detail,
                    });
                }
                Ok(())
            },
        )?;
        Ok(seeds)
    }
}

/// Returns the seed that stands for a whole job, as the job was asked for: a folder has no row of its own.
fn first_seed(params: &Json, harvests: &BTreeMap<String, Harvest>) -> Option<Seed> {
    let seeds = ["seeds", "sitemap_seeds"].into_iter();
    let mut seeds = seeds.filter_map(|name| params[name].as_array()?.first()?.as_str());
    let (source_group, detail) = harvests.iter().next().map_or_else(
        || (String::new(), Harvest::default().detail()),
        |(group, harvest)| (group.clone(), harvest.detail()),
    );
    Some(Seed {
        uri: seeds.next()?.to_owned(),
        source_group,
        detail,
    })
}
