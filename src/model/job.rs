//! Jobs: what a user asked for, and how far it got.

use serde::Serialize;
use serde_json::Value;

use super::{JobId, Timestamp};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word that is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!(
                        "{text:?} is none of {}",
                        Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
                    )),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a job does.
    JobKind {
        /// Seeds in, sources out.
        Crawl = "crawl",
        /// Sources in, extractions and mentions out.
        Extract = "extract",
    }
}

words! {
    /// Where a job stands.
    JobState {
        /// Waits for a worker.
        Queued = "queued",
        /// A worker is on it, or died on it: its lease tells which.
        Running = "running",
        /// Every unit has an outcome.
        Completed = "completed",
        /// It could not go on; `error` says why.
        Failed = "failed",
        /// Asked to stop, still finishing what is in flight.
        Cancelling = "cancelling",
        /// Stopped on request; can be resumed.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Says whether a job in this state can be taken on again.
    pub fn is_resumable(self) -> bool {
        self != Self::Completed
    }
}

/// A row of `jobs`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    /// Higher is taken first.
    pub priority: i64,
    /// The configuration in effect, without secrets.
    pub params: Value,
    /// What came of it, once it has ended.
    pub result: Option<Value>,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}
