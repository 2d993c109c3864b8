//! The one integration binary: every test here runs the real program, or reads the tree itself.
//!
//! One binary and not one per file, because each would link the crate and the bundled SQLite again.
//! A new file is listed below with a line that says its purpose; a test fails when it is not.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a helper of a test that cannot go on fails that test"
)]

// What the other modules stand on: databases, a web server, the program's own runner.
mod support;

// The sites under fixtures/sites hold what fixtures/README.md promises.
mod fixtures;
// The house's rules, read off the source text.
mod house;
