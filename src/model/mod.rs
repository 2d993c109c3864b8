//! The nouns every other room speaks: ids, digests, times, jobs, sources, extractions, entities, gaps
//! with the registry of reasons, runs and events.
//!
//! Pure values and the rules that hold for them alone. This room imports no other room, opens nothing
//! and prints nothing; the only clock it reads is [`Timestamp::now`], which callers pass on as a value.

mod block;
mod charset;
mod compression;
mod digest;
mod entity;
mod event;
mod extraction;
mod failure;
mod fetch;
mod gap;
mod id;
mod job;
mod json;
mod offset;
mod progress;
mod reason;
mod shell;
mod simhash;
mod source;
mod stop;
mod time;

pub use block::{Block, BlockKey, block_keys, blocks};
pub use charset::{Charset, CharsetSource, DecodedText, charset_of, decode_text};
pub use compression::{PackedLinks, compressed};
pub use digest::{Digest, Hasher, StreamHasher, UriKey};
pub use entity::{EntityType, Mention, Role};
pub use event::{Event, EventKind, Run};
pub use extraction::{ExtractedItem, ExtractionType, WindowResult, WindowState};
pub use failure::chain_text;
pub use fetch::{
    Awaited, Body, Claim, Declared, DiscoveredLink, FetchFacts, FrontierEntry, LinkDecision,
    Outcome, PageOutcome, PageResult, RobotsDecision, StoredVersion, UrlKind,
};
pub use gap::Gap;
pub use id::{
    EntityId, ExtractionId, GapId, IdParseError, JobId, RunId, SearchSegmentId, SourceId, WorkerId,
};
pub(crate) use job::words;
pub use job::{Job, JobKind, JobState};
pub use json::{canonical_json, clean_json, clean_text};
pub use offset::Offset;
pub use progress::ProgressUpdate;
pub use reason::{Class, Reason, Stage};
pub use shell::quoted;
pub use simhash::Simhash;
pub use source::SourceChange;
pub use stop::StopFlag;
pub use time::Timestamp;
