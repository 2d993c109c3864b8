//! Source in, extractions and mentions out: main content, metadata and structured records of one page.
//!
//! Pure functions over the bytes and facts they are given: nothing here takes a clock, a network, a
//! database or an environment, and nothing fails; what could not be read is a gap beside what could.

pub mod content;
pub mod entities;
pub mod facts;
mod formats;
pub mod inner_text;
pub mod job;
pub mod locator;
pub mod metadata;
mod page;
pub mod passages;
mod profile;
pub mod records;
pub mod sentences;
pub mod tree;

pub use page::{PageExtraction, PageInput, extract_page};
pub use profile::{EntityRule, NEW_PROFILE, Profile};
