//! Progress on standard error: a line that says how far a stage is, how fast, and how long is left.
//!
//! Stages hand over values and never print; this file shows them, only on a terminal and not with `--quiet`. Where
//! the log is JSON, `progress/log.rs` tells them as events instead, wherever they go.
//! Standard output is not touched, so what is piped stays data.

mod log;

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::output::stderr_is_terminal;
use super::stderr::is_json;
use crate::model::ProgressUpdate;
use log::ProgressLog;

const WITH_TOTAL: &str =
    "{spinner} {prefix} {pos}/{len} ({percent}%){msg}, {rate}, {eta} left, {elapsed} so far";
const WITHOUT_TOTAL: &str = "{spinner} {prefix} {pos}{msg}, {rate}, {elapsed} so far";
const UNCOUNTED: &str = "{spinner} {prefix}, {elapsed} so far";

/// How often the line is redrawn while nothing is reported, so that waiting does not look like hanging.
const TICK: Duration = Duration::from_millis(250);

/// A line of progress that is taken away when it is finished or dropped.
#[derive(Debug)]
pub struct ProgressLine {
    bar: Option<ProgressBar>,
    log: Option<ProgressLog>,
    last: Option<ProgressUpdate>,
}

impl ProgressLine {
    /// Makes a line on standard error, or a silent one when that is no terminal or `quiet` is asked for.
    pub fn new(quiet: bool) -> Self {
        if quiet || is_json() || !stderr_is_terminal() {
            return Self {
                bar: None,
                log: (!quiet && is_json()).then(ProgressLog::new),
                last: None,
            };
        }
        let line = Self::on(ProgressDrawTarget::stderr());
        if let Some(bar) = &line.bar {
            bar.enable_steady_tick(TICK);
        }
        line
    }

    fn on(target: ProgressDrawTarget) -> Self {
        Self {
            bar: Some(ProgressBar::with_draw_target(None, target)),
            log: None,
            last: None,
        }
    }

    /// Shows an update; pass `|update| line.update(update)` to a stage.
    pub fn update(&mut self, update: ProgressUpdate) {
        if let Some(log) = &mut self.log {
            log.update(update);
        }
        let Some(bar) = &self.bar else { return };
        let last = self.last.replace(update);
        if last.map(|last| last.label) != Some(update.label) {
            // The next stage has a rate and a time of its own.
            bar.reset();
            bar.set_prefix(update.label);
        }
        if last.map(|last| (last.label, last.total.is_some()))
            != Some((update.label, update.total.is_some()))
        {
            bar.set_style(style(update.total.is_some()));
        }
        match update.total {
            // More can be done than was known a moment ago; a bar beyond its end says nothing.
            Some(total) => bar.set_length(total.max(update.done)),
            None => bar.unset_length(),
        }
        if last.map(|last| (last.label, last.failed)) != Some((update.label, update.failed)) {
            bar.set_message(failures(update.failed));
        }
        bar.set_position(update.done);
    }

    /// Shows that a stage has begun of which nobody can say how far it is.
    pub fn begin(&mut self, label: &'static str) {
        if let Some(log) = &mut self.log {
            log.update(ProgressUpdate {
                done: 0,
                failed: 0,
                total: None,
                label,
                job: None,
            });
        }
        let Some(bar) = &self.bar else { return };
        self.last = None;
        bar.reset();
        bar.set_prefix(label);
        bar.set_style(styled(UNCOUNTED));
    }

    /// Takes the line away, so that what is printed next stands on a clean line.
    pub fn finish(&mut self) {
        if let Some(mut log) = self.log.take() {
            log.finish();
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.finish();
    }
}

fn style(has_total: bool) -> ProgressStyle {
    styled(if has_total { WITH_TOTAL } else { WITHOUT_TOTAL })
}

fn styled(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", write_rate)
}

fn write_rate(state: &ProgressState, out: &mut dyn Write) {
    // Nobody is told of a failure to draw.
    let _ = write!(out, "{:.1}/s", state.per_sec());
}

fn failures(failed: u64) -> String {
    if failed == 0 {
        String::new()
    } else {
        format!(", {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers every text drawn on it.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn drawn(&self) -> String {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            200
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("<cleared>")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line() -> (ProgressLine, Screen) {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        (ProgressLine::on(target), screen)
    }

    fn drawn_after(line: &mut ProgressLine, screen: &Screen, update: ProgressUpdate) -> String {
        line.update(update);
        screen.drawn();
        line.bar.as_ref().unwrap().force_draw();
        screen.drawn()
    }

    #[test]
    fn rate_time_left_and_failures_are_shown() {
        let (mut line, screen) = line();
        let update = ProgressUpdate {
            done: 3,
            failed: 1,
            total: Some(12),
            label: "pages",
            job: None,
        };
        let drawn = drawn_after(&mut line, &screen, update);
        assert!(drawn.contains("pages 3/12 (25%), 1 failed, "), "{drawn}");
        assert!(drawn.contains("/s, ") && drawn.contains(" left"), "{drawn}");
        line.finish();
        assert!(screen.drawn().ends_with("<cleared>"));
    }

    #[test]
    fn a_total_may_be_unknown_grow_and_be_passed() {
        let (mut line, screen) = line();
        let mut update = ProgressUpdate {
            done: 5,
            failed: 0,
            total: None,
            label: "pages",
            job: None,
        };
        let drawn = drawn_after(&mut line, &screen, update);
        assert!(drawn.contains("pages 5, "), "{drawn}");
        assert!(!drawn.contains("left"), "{drawn}");
        update.total = Some(4);
        let drawn = drawn_after(&mut line, &screen, update);
        assert!(drawn.contains("pages 5/5 (100%)"), "{drawn}");
        update.total = Some(10);
        let drawn = drawn_after(&mut line, &screen, update);
        assert!(drawn.contains("pages 5/10 (50%)"), "{drawn}");
    }

    #[test]
    fn the_next_stage_starts_afresh() {
        let (mut line, screen) = line();
        let mut update = ProgressUpdate {
            done: 9,
            failed: 2,
            total: Some(9),
            label: "pages",
            job: None,
        };
        line.update(update);
        update.label = "sources";
        update.done = 0;
        update.failed = 0;
        let drawn = drawn_after(&mut line, &screen, update);
        assert!(drawn.contains("sources 0/9 (0%), "), "{drawn}");
        assert!(!drawn.contains("failed"), "{drawn}");
    }

    #[test]
    fn what_cannot_be_counted_shows_how_long_it_has_taken() {
        let (mut line, screen) = line();
        line.begin("copying");
        line.bar.as_ref().unwrap().force_draw();
        let drawn = screen.drawn();
        assert!(drawn.contains("copying, 0s so far"), "{drawn}");
        assert!(!drawn.contains("/s"), "{drawn}");
    }

    #[test]
    fn quiet_shows_nothing() {
        assert!(ProgressLine::new(true).bar.is_none());
    }
}
