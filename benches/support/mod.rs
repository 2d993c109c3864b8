//! What both benches stand on: a generated site, places for databases, and medians of interleaved rounds.
//! Nothing here is measured.

pub mod place;
pub mod rounds;
pub mod site;
