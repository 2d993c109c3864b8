//! Progress as events: how far a stage is, every few seconds, for who reads a log rather than a terminal.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::stderr::event;
use crate::model::ProgressUpdate;

/// Between two events of one stage, but for its first and its last.
const INTERVAL: Duration = Duration::from_secs(5);

/// The events of one command.
#[derive(Debug)]
pub struct ProgressLog {
    stage: Option<Stage>,
}

/// What is going on, since when.
#[derive(Debug)]
struct Stage {
    began: Instant,
    /// What was done when it began: a resume does not begin with nothing.
    done_before: u64,
    last: ProgressUpdate,
    told: Instant,
    is_told: bool,
}

impl ProgressLog {
    pub fn new() -> Self {
        Self { stage: None }
    }

    /// Notes an update, and tells it when it is time.
    pub fn update(&mut self, update: ProgressUpdate) {
        for fields in self.at(update, Instant::now()) {
            event("info", "progress", fields);
        }
    }

    /// Tells how far the last stage got.
    pub fn finish(&mut self) {
        if let Some(fields) = self.rest(Instant::now()) {
            event("info", "progress", fields);
        }
    }

    fn at(&mut self, update: ProgressUpdate, now: Instant) -> Vec<Value> {
        let mut told = Vec::new();
        match &mut self.stage {
            Some(stage) if stage.is_same(update) => {
                stage.last = update;
                stage.is_told = now - stage.told >= INTERVAL;
                if stage.is_told {
                    stage.told = now;
                    told.push(stage.fields(now));
                }
            }
            _ => {
                told.extend(self.rest(now));
                let stage = Stage {
                    began: now,
                    done_before: update.done,
                    last: update,
                    told: now,
                    is_told: true,
                };
                told.push(stage.fields(now));
                self.stage = Some(stage);
            }
        }
        told
    }

    fn rest(&mut self, now: Instant) -> Option<Value> {
        let stage = self.stage.take()?;
        (!stage.is_told).then(|| stage.fields(now))
    }
}

impl Stage {
    fn is_same(&self, update: ProgressUpdate) -> bool {
        (self.last.label, self.last.job) == (update.label, update.job)
    }

    fn fields(&self, now: Instant) -> Value {
        let seconds = (now - self.began).as_secs_f64();
        let rate = (self.last.done.saturating_sub(self.done_before)) as f64 / seconds;
        let rate = (seconds > 0.0).then_some(rate).filter(|rate| *rate > 0.0);
        let left = self.last.total.zip(rate).map(|(total, rate)| {
            let left = total.saturating_sub(self.last.done) as f64 / rate;
            rounded(left)
        });
        json!({
            "job_id": self.last.job,
            "stage": self.last.label,
            "done": self.last.done,
            "failed": self.last.failed,
            "total": self.last.total,
            "rate_per_second": rate.map(rounded),
            "elapsed_seconds": rounded(seconds),
            "left_seconds": left,
        })
    }
}

/// A millisecond is as fine as anybody reads it.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(label: &'static str, done: u64) -> ProgressUpdate {
        ProgressUpdate {
            done,
            failed: 1,
            total: Some(100),
            label,
            job: None,
        }
    }

    #[test]
    fn a_stage_is_told_when_it_begins_every_few_seconds_and_at_its_end() {
        let mut log = ProgressLog::new();
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let told = log.at(update("crawling", 10), began);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["rate_per_second"], Value::Null);
        assert!(log.at(update("crawling", 15), after(4)).is_empty());
        let told = log.at(update("crawling", 20), after(5));
        assert_eq!(told[0]["rate_per_second"], 2.0);
        assert_eq!(told[0]["left_seconds"], 40.0);
        assert!(log.at(update("crawling", 24), after(6)).is_empty());
        // What was not told of a stage is, before the next one begins.
        let told = log.at(update("extracting", 0), after(8));
        assert_eq!(
            (&told[0]["stage"], &told[0]["done"]),
            (&json!("crawling"), &json!(24))
        );
        assert_eq!(told[1]["stage"], "extracting");
        assert!(log.rest(after(9)).is_none());
    }
}
