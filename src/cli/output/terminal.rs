//! What is known about the terminal, if there is one.
//!
//! The one place of the output that reads the environment; the formats are told through `OutputOptions`.

use std::env;
use std::ffi::OsStr;
use std::io::{IsTerminal as _, stderr, stdout};

use terminal_size::{Height, Width, terminal_size};

/// Says whether standard output goes to a terminal.
pub fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

/// Says whether standard error goes to a terminal.
pub fn stderr_is_terminal() -> bool {
    stderr().is_terminal()
}

/// Returns how many columns the terminal on standard output has; `None` when it is none.
pub fn terminal_width() -> Option<usize> {
    if !stdout_is_terminal() {
        return None;
    }
    // Some pseudo-terminals say 0 for "not known"; 80 is what terminals have without being told.
    let known = terminal_size().map(|(Width(columns), _)| usize::from(columns));
    Some(known.filter(|columns| *columns > 0).unwrap_or(80))
}

/// Returns how many lines the terminal on standard output has; `None` when it is none, or does not say.
pub fn terminal_height() -> Option<usize> {
    let size = stdout_is_terminal().then(terminal_size).flatten();
    let known = size.map(|(_, Height(lines))| usize::from(lines));
    known.filter(|lines| *lines > 0)
}

/// Says whether standard output may be coloured: on a terminal that can, unless `NO_COLOR` is set.
pub fn color_is_wanted() -> bool {
    let no_color = env::var_os("NO_COLOR");
    let term = env::var_os("TERM");
    allows_color(stdout_is_terminal(), no_color.as_deref(), term.as_deref())
}

/// An empty `NO_COLOR` counts as not set (no-color.org).
fn allows_color(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    terminal && no_color.is_none_or(OsStr::is_empty) && term != Some(OsStr::new("dumb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_needs_a_terminal_and_no_objection() {
        for (terminal, no_color, term, allowed) in [
            (true, None, Some("xterm"), true),
            (true, None, None, true),
            (true, Some(""), None, true),
            (true, Some("1"), None, false),
            (true, Some("0"), None, false),
            (true, None, Some("dumb"), false),
            (false, None, Some("xterm"), false),
        ] {
            let result = allows_color(terminal, no_color.map(OsStr::new), term.map(OsStr::new));
            assert_eq!(result, allowed, "{terminal} {no_color:?} {term:?}");
        }
    }
}
