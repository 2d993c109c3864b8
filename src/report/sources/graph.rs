//! Where one source came from and what was made of it, as a small graph: what led to it, the jobs that brought
//! its contents, those contents, and what was extracted by whom.

use std::collections::BTreeMap;

use super::SourceReport;
use crate::report::Graph;

/// Further contents or groups of extractions are counted, not drawn: the tables have them all.
const DRAWN: usize = 8;

/// Draws what the report tells.
pub(super) fn of(report: &SourceReport) -> Graph {
    let mut graph = Graph {
        title: "provenance",
        question: "Where did it come from, and what was made of it?",
        nodes: Vec::new(),
        edges: Vec::new(),
    };
    let source = graph.add(
        2,
        report.source.uri.clone(),
        report.source.source_group.clone(),
    );
    let payloads = report.trail.iter().filter_map(|step| step.payload.as_ref());
    let mut referrers = payloads.filter_map(|payload| payload["referrer"].as_str());
    if let Some(referrer) = referrers.next() {
        let node = graph.add(0, referrer, "linked to it");
        graph.nodes[node].volatile = true;
        graph.edges.push((node, source, "link".to_owned()));
    }
    bodies(report, source, &mut graph);
    extractions(report, source, &mut graph);
    graph
}

fn job_name(number: Option<i64>) -> String {
    number.map_or_else(
        || "unknown job".to_owned(),
        |number| format!("job {number}"),
    )
}

fn bodies(report: &SourceReport, source: usize, graph: &mut Graph) {
    let mut jobs: BTreeMap<Option<i64>, usize> = BTreeMap::new();
    for version in report.versions.iter().take(DRAWN) {
        let number = version.brought_by_job;
        let job = *jobs
            .entry(number)
            .or_insert_with(|| graph.add(0, job_name(number), "crawl"));
        let end = version.body_digest.len().saturating_sub(8);
        let digest = version.body_digest.get(end..).unwrap_or_default();
        let size = version.body_size.unwrap_or(0);
        let state = match (version.current, version.kept) {
            (true, _) => "current",
            (false, true) => "kept",
            (false, false) => "dropped",
        };
        let body = graph.add(
            1,
            format!("content {digest}"),
            format!("{size} bytes, {state}"),
        );
        graph.edges.push((job, body, "brought".to_owned()));
        graph.edges.push((body, source, String::new()));
    }
    more(report.versions.len(), "contents", 1, graph);
}

fn extractions(report: &SourceReport, source: usize, graph: &mut Graph) {
    type Group = (i64, i64, i64);
    let mut groups: BTreeMap<(&str, &str, Option<i64>), Group> = BTreeMap::new();
    for line in &report.extractions {
        let key = (
            line.profile.as_str(),
            line.extraction_type.as_str(),
            line.made_by_job,
        );
        let group = groups.entry(key).or_default();
        group.0 += 1;
        group.1 += line.mentions;
        group.2 += i64::from(line.entities_extracted == Some(true));
    }
    for ((profile, kind, job), (count, mentions, complete)) in groups.iter().take(DRAWN) {
        let name = format!("{count} {kind}, {mentions} mentions");
        let detail = format!("profile {profile}, {complete} of {count} complete");
        let node = graph.add(3, name, detail);
        graph.edges.push((source, node, job_name(*job)));
    }
    more(groups.len(), "kinds of extractions", 3, graph);
}

fn more(count: usize, what: &str, column: usize, graph: &mut Graph) {
    if count > DRAWN {
        graph.add(
            column,
            format!("{} more {what}", count - DRAWN),
            "in the tables below",
        );
    }
}
