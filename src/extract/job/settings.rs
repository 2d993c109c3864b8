//! What a user can set of an extraction, and how the job keeps it for a resume.
//!
//! Reads no row: ids stand here as the command has found them.

use serde_json::{Value as Json, json};

use crate::extract::Profile;
use crate::model::{JobId, SourceId};
use crate::store::{Scope, Selection};

/// What a user can set of an extraction; stored with the job.
#[derive(Debug, Clone)]
pub struct ExtractSettings {
    /// Reader threads; none given means one a core.
    pub concurrency: Option<usize>,
    pub selection: Selection,
    pub profile: Profile,
}

impl ExtractSettings {
    /// Writes the job's parameters.
    pub(super) fn params(&self) -> Json {
        let Selection {
            scope,
            source,
            group,
            job,
        } = &self.selection;
        let scope = match scope {
            Scope::NotPassed => "not_passed",
            Scope::Stale => "stale",
            Scope::All => "all",
        };
        json!({
            "profile": &*self.profile.name,
            "profile_digest": self.profile.digest,
            "profile_text": self.profile.text(),
            "profile_files": self.profile.files(),
            "concurrency": self.concurrency,
            "selection": {"scope": scope, "source": source, "group": group, "job_id": job},
        })
    }

    /// Reads a job's parameters back; what an earlier version did not keep is as it was then.
    pub(super) fn of_params(params: &Json) -> Self {
        let selection = &params["selection"];
        let text = |name: &str| selection[name].as_str();
        let concurrency = params["concurrency"].as_u64();
        Self {
            concurrency: concurrency.and_then(|count| usize::try_from(count).ok()),
            selection: Selection {
                scope: match text("scope") {
                    Some("stale") => Scope::Stale,
                    Some("all") => Scope::All,
                    _ => Scope::NotPassed,
                },
                source: text("source").and_then(|id| id.parse::<SourceId>().ok()),
                group: text("group").map(str::to_owned),
                job: text("job_id").and_then(|id| id.parse::<JobId>().ok()),
            },
            profile: profile_of(params),
        }
    }
}

/// Reads the profile out of a job's parameters, as it was when the job began; its file may have changed or gone since.
pub fn profile_of(params: &Json) -> Profile {
    let files = params["profile_files"].as_object().into_iter().flatten();
    let files = files
        .filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
        .collect();
    let kept = params["profile"]
        .as_str()
        .zip(params["profile_text"].as_str());
    kept.and_then(|(name, text)| Profile::parse(name, text, &files).ok())
        .unwrap_or_else(Profile::default_profile)
}
