//! `toolkit` crawls, extracts, and can always say what is incomplete and where everything came from.
//!
//! # The way of the data
//!
//! ```text
//! cli -> crawl -> store -> extract -> store -> report -> cli/output
//! ```
//!
//! | room | in | out |
//! |---|---|---|
//! | [`model`] | | the nouns; imports no other room |
//! | `markup` | | tokens of a page, for crawl and extract; imports no other room |
//! | `toml_keys` | | keys of a TOML text and the place of each fault, for profiles and settings; imports no other room |
//! | [`crawl`] | seeds | sources, frontier outcomes, gaps |
//! | [`extract`] | sources | extractions, mentions, gaps |
//! | [`search`] | words | the sources that have them, best first |
//! | [`report`] | rows | one struct a report |
//! | [`store`] | | every line of SQL, two engines behind one seam |
//! | [`cli`] | arguments, environment | stdout, stderr, files that were asked for, exit code |
//!
//! # Invariants, each held by a test in `tests/it/house.rs`
//!
//! - SQL stands only under `store/`; `rusqlite` is named in one file, `postgres` in one.
//! - Printing and reading the environment happen only in `cli/`.
//! - `model`, `markup` and `toml_keys` import nothing from the crate.
//! - Extractors take no clock, network or store; time is passed in.
//! - Stages never call each other: each reads what the one before has stored.

pub mod cli;
pub mod crawl;
pub mod extract;
mod markup;
pub mod model;
pub mod report;
pub mod search;
pub mod store;
pub mod tls;
mod toml_keys;
