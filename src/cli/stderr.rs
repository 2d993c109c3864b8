//! What is said to the user beside the data: lines on standard error.

use std::io::Write as _;

use super::arguments::GlobalArguments;
use super::output::visible;

/// Tells the user something on standard error, unless asked to be quiet.
pub fn note(global: &GlobalArguments, text: &str) {
    if !global.quiet {
        tell(text);
    }
}

/// Writes a line to standard error; a closed one is no failure.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}
