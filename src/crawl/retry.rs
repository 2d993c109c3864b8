//! When a failed exchange is tried again, and after how long.
//!
//! Owns the list of failures that may pass, the backoff, the reading of Retry-After, which of several broken
//! bodies is kept, and for how long. It neither waits nor fetches.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::fetch::{Answer, BodyEnd, Failure};
use super::host::LONGEST_WAIT;
use crate::model::{Reason, Timestamp, UriKey};

/// The wait before the first further try, in seconds; it doubles with each.
const BASE_SECONDS: f64 = 0.5;

/// The longest time that a host is left alone: servers name any number, and clocks end somewhere.
const LONGEST_PAUSE: Duration = Duration::from_hours(24 * 365);

/// Bytes of broken bodies that are kept of URLs that are put off.
const MOST_KEPT: usize = 16 << 20;

/// Answers that say the server may manage later. 500 and 501 speak of the request, not of the moment.
const RETRIED_STATUSES: [u16; 4] = [429, 502, 503, 504];

/// What to do after a try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Next {
    /// Take what came.
    Take,
    /// Try again after this time.
    Again { wait: Duration },
    /// The server asks to be left alone for longer than a visit waits.
    Later,
}

/// Returns how long the server asks to be left alone, when it is too busy to answer.
pub(super) fn asked_wait(outcome: &Result<Answer, Failure>, now: Timestamp) -> Option<Duration> {
    let answer = outcome.as_ref().ok().filter(|answer| is_busy(answer))?;
    let asked = retry_after(answer.head.header("retry-after")?, now)?;
    Some(asked.min(LONGEST_PAUSE))
}

/// Decides what follows the try numbered `attempt`, from 0, of `retries` + 1, after which the server `asked` to
/// be left alone for a time.
pub(super) fn next(
    outcome: &Result<Answer, Failure>,
    attempt: u32,
    retries: u32,
    asked: Option<Duration>,
) -> Next {
    let may_pass = match outcome {
        Err(failure) => is_passing(failure.reason),
        Ok(answer) => is_busy(answer) || is_broken(answer),
    };
    if asked.is_some_and(|asked| asked > LONGEST_WAIT) {
        return Next::Later;
    }
    if !may_pass || attempt >= retries {
        return Next::Take;
    }
    Next::Again {
        wait: asked.unwrap_or_else(|| backoff(attempt)),
    }
}

fn is_passing(reason: Reason) -> bool {
    matches!(reason, Reason::Timeout | Reason::ConnectionFailed)
}

fn is_busy(answer: &Answer) -> bool {
    RETRIED_STATUSES.contains(&answer.head.status)
}

/// Says whether an answer holds a body that broke off.
pub(super) fn is_broken(answer: &Answer) -> bool {
    matches!(answer.end, BodyEnd::Broken(_))
}

/// The longest body that broke off, kept for the case that no further try brings a whole one.
#[derive(Debug, Default)]
pub(super) struct Remnant(Option<Answer>);

impl Remnant {
    /// Notes what came of a try that is followed by another.
    pub(super) fn keep(&mut self, outcome: Result<Answer, Failure>) {
        self.keep_answer(outcome.ok());
    }

    /// Notes an answer, if it is one whose body broke off.
    pub(super) fn keep_answer(&mut self, answer: Option<Answer>) {
        if let Some(answer) = answer
            && is_broken(&answer)
            && self.is_shorter_than(&answer)
        {
            self.0 = Some(answer);
        }
    }

    /// Returns what to take after the last try: its outcome, unless an earlier one brought more of the body.
    ///
    /// A server that is busy or gone by then says nothing against what it sent before.
    pub(super) fn or_last(self, last: Result<Answer, Failure>) -> Result<Answer, Failure> {
        let is_less = match &last {
            Err(_) => true,
            Ok(answer) => is_busy(answer) || (is_broken(answer) && !self.is_shorter_than(answer)),
        };
        match self.0 {
            Some(kept) if is_less => Ok(kept),
            _ => last,
        }
    }

    /// Returns the body that broke off, if there is one.
    pub(super) fn into_answer(self) -> Option<Answer> {
        self.0
    }

    fn is_shorter_than(&self, answer: &Answer) -> bool {
        self.0
            .as_ref()
            .is_none_or(|kept| kept.body.len() < answer.body.len())
    }
}

/// The remnants of URLs that are put off, until they are asked for again.
#[derive(Debug, Default)]
pub(super) struct Remnants(Mutex<HashMap<UriKey, Answer>>);

impl Remnants {
    /// Takes out what came of a URL's body before it was put off.
    pub(super) fn take(&self, key: UriKey) -> Remnant {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Remnant(kept.remove(&key))
    }

    /// Returns the URLs of which something is kept.
    pub(super) fn keys(&self) -> Vec<UriKey> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keys().copied().collect()
    }

    /// Keeps a remnant until its URL is asked for again; gives it back when there is no room.
    pub(super) fn put(&self, key: UriKey, remnant: Remnant) -> Result<(), Remnant> {
        let Some(answer) = remnant.0 else {
            return Ok(());
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let size: usize = kept.values().map(|answer| answer.body.len()).sum();
        if size + answer.body.len() > MOST_KEPT {
            return Err(Remnant(Some(answer)));
        }
        kept.insert(key, answer);
        Ok(())
    }
}

/// Doubles with each attempt and varies by half either way, so that many workers do not return at once.
fn backoff(attempt: u32) -> Duration {
    // The hasher's keys are random: enough for spreading, and no dependency.
    let random = RandomState::new().hash_one(attempt) as f64 / u64::MAX as f64;
    let seconds = BASE_SECONDS * f64::from(1_u32 << attempt.min(10)) * (0.5 + random);
    Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64()))
}

/// Reads a Retry-After: seconds, or one of the three forms of a date (RFC 9110, 5.6.7 and 10.2.3). The day of
/// the week is not looked at: the date says it, and servers get it wrong.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large to read is a long time all the same.
        return Some(Duration::from_secs(
            value.parse().unwrap_or(u64::from(u32::MAX)),
        ));
    }
    let forms = [
        "%d %b %Y %H:%M:%S GMT",
        "%d-%b-%y %H:%M:%S GMT",
        "%b %e %H:%M:%S %Y",
    ];
    let value = value.split_once(' ').map_or(value, |(_, date)| date.trim());
    let date = forms
        .into_iter()
        .find_map(|form| DateTime::strptime(form, value).ok())?;
    let Ok(then) = TimeZone::UTC.to_timestamp(date) else {
        // The end of the year 9999, which servers do send, lies behind the last moment of a timestamp.
        return Some(Duration::MAX);
    };
    let then = then.as_microsecond();
    let microseconds = then.saturating_sub(now.microseconds()).max(0);
    Some(Duration::from_micros(microseconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::fetch::Head;

    fn now() -> Timestamp {
        "1994-11-06T08:49:27Z".parse().unwrap()
    }

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        Answer {
            head: Head {
                status,
                headers: headers.into_iter().collect(),
                ..Head::default()
            },
            body: vec![],
            end: BodyEnd::Unread,
        }
    }

    fn failed(reason: Reason) -> Result<Answer, Failure> {
        let detail = String::new();
        Err(Failure { reason, detail })
    }

    fn broken(body: &str) -> Answer {
        Answer {
            body: body.into(),
            end: BodyEnd::Broken("reset".to_owned()),
            ..answer(200, None)
        }
    }

    #[test]
    fn the_most_that_came_of_a_body_is_kept() {
        let whole = Answer {
            end: BodyEnd::Whole,
            body: b"w".to_vec(),
            ..answer(200, None)
        };
        for (last, expected) in [
            (Ok(broken("1")), Ok(broken("three"))),
            (Ok(broken("the longest")), Ok(broken("the longest"))),
            (Ok(answer(503, None)), Ok(broken("three"))),
            (failed(Reason::ConnectionFailed), Ok(broken("three"))),
            (failed(Reason::DnsFailed), Ok(broken("three"))),
            (Ok(whole.clone()), Ok(whole)),
            (Ok(answer(404, None)), Ok(answer(404, None))),
        ] {
            let mut remnant = Remnant::default();
            for earlier in [
                Ok(broken("three")),
                Ok(broken("22")),
                failed(Reason::Timeout),
            ] {
                remnant.keep(earlier);
            }
            assert_eq!(remnant.or_last(last), expected);
        }
        let nothing = Remnant::default().or_last(failed(Reason::Timeout));
        assert_eq!(nothing, failed(Reason::Timeout));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (outcome, again) in [
            (Ok(answer(200, None)), false),
            (Ok(answer(404, None)), false),
            (Ok(answer(500, None)), false),
            (Ok(answer(501, None)), false),
            (Ok(answer(429, None)), true),
            (Ok(answer(502, None)), true),
            (Ok(answer(503, None)), true),
            (Ok(answer(504, None)), true),
            (Ok(answer(503, Some("30"))), true),
            (Ok(answer(503, Some("soon"))), true),
            (Ok(broken("a part")), true),
            (failed(Reason::Timeout), true),
            (failed(Reason::ConnectionFailed), true),
            (failed(Reason::DnsFailed), false),
            (failed(Reason::TlsFailed), false),
            (failed(Reason::AddressRefused), false),
        ] {
            let asked = asked_wait(&outcome, now());
            let next_step = next(&outcome, 0, 2, asked);
            assert_eq!(next_step != Next::Take, again, "{outcome:?}");
            assert_eq!(next(&outcome, 2, 2, asked), Next::Take);
        }
        for value in [
            "31",
            "99999999999999999999999",
            "9999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            let outcome = Ok(answer(503, Some(value)));
            let asked = asked_wait(&outcome, now());
            assert_eq!(next(&outcome, 0, 2, asked), Next::Later);
            assert_eq!(next(&outcome, 2, 2, asked), Next::Later);
            assert!(asked <= Some(LONGEST_PAUSE));
        }
        assert_eq!(asked_wait(&Ok(answer(404, Some("31"))), now()), None);
    }

    #[test]
    fn the_server_may_name_the_wait() {
        for value in [
            "10",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Friday, 06-Nov-94 08:49:37 GMT",
            "Tue Nov  6 08:49:37 1994",
        ] {
            let wait = Duration::from_secs(10);
            let outcome = Ok(answer(429, Some(value)));
            let asked = asked_wait(&outcome, now());
            let again = Next::Again { wait };
            assert_eq!(next(&outcome, 0, 1, asked), again, "{value}");
        }
        let past = retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now());
        assert_eq!(past, Some(Duration::ZERO));
    }

    #[test]
    fn the_backoff_doubles_and_varies() {
        for attempt in 0..4 {
            let middle = 0.5 * f64::from(1 << attempt);
            let waits: Vec<_> = (0..50).map(|_| backoff(attempt).as_secs_f64()).collect();
            assert!(
                waits
                    .iter()
                    .all(|wait| (middle * 0.5..=middle * 1.5).contains(wait))
            );
            assert!(waits.iter().any(|wait| (wait - waits[0]).abs() > 1e-6));
        }
        assert!(backoff(u32::MAX) <= LONGEST_WAIT);
    }
}
