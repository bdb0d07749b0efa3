//! When a call is sent again, and after how long.
//!
//! Only calls that are marked [`Retry::Idempotent`], after a failure of the transport or an answer that means "later"
//! (facts/akeneo 7.4). The other side's `Retry-After` is honoured in both of its forms, if it fits what is left; if not,
//! the answer is handed back at once, so that the caller can come back on another day. It must not outlive the deadline.
//! A caller in a hurry, who comes back anyway, has one repetition of what may be a hiccup of the network, and no more.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use http::{HeaderMap, StatusCode, header};
use jiff::fmt::rfc2822;

use super::{Answer, CallError, Retry};
use crate::clock::{Clock, Deadline, SystemClock, Timestamp};

/// Tries of an idempotent call, the first included.
const TRIES: usize = 4;
/// The same for a caller in a hurry.
const TRIES_IN_A_HURRY: usize = 2;
/// First pause; it doubles from try to try, plus as much again at random.
const PAUSE: Duration = Duration::from_millis(300);
/// A try is not worth beginning with less than this left.
const WORTHWHILE: Duration = Duration::from_secs(1);

/// What can make a try worth repeating.
enum Setback {
    Answered(Answer),
    Failed(CallError),
}

/// How long a caller puts up with a host that does not do what it is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// This answer is wanted: several tries, pauses as long as the host asks for.
    #[default]
    Patient,
    /// The caller comes back by itself, and many others wait behind it: a time-out and a wish for fewer calls are answers.
    Hurried,
}

/// Runs `one_try` until it is good, pointless to repeat, or out of time.
pub(super) async fn repeated<F, Fut>(
    retry: Retry,
    pace: Pace,
    deadline: Deadline,
    mut one_try: F,
) -> Result<Answer, CallError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Answer, CallError>>,
{
    if retry == Retry::Never {
        return one_try().await;
    }
    let tries = match pace {
        Pace::Patient => TRIES,
        Pace::Hurried => TRIES_IN_A_HURRY,
    };
    let pauses = ExponentialBuilder::new()
        .with_min_delay(PAUSE)
        .with_factor(2.0)
        .with_max_times(tries - 1)
        .with_jitter();
    let attempt = || {
        let trying = one_try();
        async move {
            match trying.await {
                Ok(answer) if means_later(answer.status) => Err(Setback::Answered(answer)),
                Ok(answer) => Ok(answer),
                Err(fault) => Err(Setback::Failed(fault)),
            }
        }
    };
    let outcome = attempt
        .retry(pauses)
        .when(|setback| may_pass(setback, pace))
        .adjust(|setback, pause| wait(setback, pause?, pace, deadline))
        .await;
    match outcome {
        Ok(answer) | Err(Setback::Answered(answer)) => Ok(answer),
        Err(Setback::Failed(fault)) => Err(fault),
    }
}

fn means_later(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

fn may_pass(setback: &Setback, pace: Pace) -> bool {
    match setback {
        Setback::Answered(answer) => pace == Pace::Patient || answer.status != StatusCode::TOO_MANY_REQUESTS,
        Setback::Failed(CallError::TimedOut) => pace == Pace::Patient,
        Setback::Failed(fault) => matches!(fault, CallError::Unreachable(_) | CallError::Interrupted(_)),
    }
}

fn wait(setback: &Setback, pause: Duration, pace: Pace, deadline: Deadline) -> Option<Duration> {
    let asked = match setback {
        Setback::Answered(answer) => retry_after(&answer.headers),
        Setback::Failed(_) => None,
    };
    let wait = pause.max(asked.unwrap_or_default());
    if pace == Pace::Hurried && wait > pause {
        return None;
    }
    (wait.saturating_add(WORTHWHILE) <= deadline.remaining()).then_some(wait)
}

/// How long the other side asks us to wait: seconds or an HTTP date (RFC 9110 section 10.2.3).
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry_after_at(headers, SystemClock.now())
}

/// A date is measured against the answer's own `Date` if it has one, so that a clock that is off does no harm.
fn retry_after_at(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let until = date(text)?;
    let sent = headers
        .get(header::DATE)
        .and_then(|value| date(value.to_str().ok()?))
        .unwrap_or(now);
    Some(Duration::try_from(until.duration_since(sent)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use bytes::Bytes;
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn answer(status: u16, pairs: &[(header::HeaderName, &str)]) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers(pairs),
            body: Bytes::new(),
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let check = |pairs: &[(header::HeaderName, &str)], expect: Option<u64>| {
            assert_eq!(
                retry_after_at(&headers(pairs), now),
                expect.map(Duration::from_secs),
                "{pairs:?}"
            );
        };
        check(&[], None);
        check(&[(header::RETRY_AFTER, "15")], Some(15));
        check(&[(header::RETRY_AFTER, " 0 ")], Some(0));
        check(&[(header::RETRY_AFTER, "Mon, 23 Nov 2026 10:00:30 GMT")], Some(30));
        check(&[(header::RETRY_AFTER, "Mon, 23 Nov 2026 09:00:00 GMT")], Some(0));
        let skewed = [
            (header::RETRY_AFTER, "Mon, 23 Nov 2026 12:00:07 GMT"),
            (header::DATE, "Mon, 23 Nov 2026 12:00:00 GMT"),
        ];
        check(&skewed, Some(7));
        for nonsense in ["-1", "1.5", "soon", "", "99999999999999999999"] {
            check(&[(header::RETRY_AFTER, nonsense)], None);
        }
    }

    async fn tries(
        retry: Retry,
        left: Duration,
        outcome: impl Fn() -> Result<Answer, CallError>,
    ) -> (usize, Result<u16, CallError>) {
        tries_at(Pace::Patient, retry, left, outcome).await
    }

    async fn tries_at(
        pace: Pace,
        retry: Retry,
        left: Duration,
        outcome: impl Fn() -> Result<Answer, CallError>,
    ) -> (usize, Result<u16, CallError>) {
        let count = Cell::new(0);
        let result = repeated(retry, pace, Deadline::after(left), || {
            count.set(count.get() + 1);
            let outcome = outcome();
            async { outcome }
        });
        let result = result.await.map(|answer| answer.status.as_u16());
        (count.get(), result)
    }

    #[tokio::test]
    async fn only_what_may_pass_is_repeated() {
        let minute = Duration::from_secs(60);
        for status in [200, 302, 400, 401, 403, 404, 409, 422, 501] {
            let (count, result) = tries(Retry::Idempotent, minute, || Ok(answer(status, &[]))).await;
            assert_eq!((count, result.unwrap()), (1, status));
        }
        for fault in [
            || CallError::Forbidden,
            || CallError::Tls("bad".into()),
            || CallError::TooLarge,
        ] {
            assert_eq!(tries(Retry::Idempotent, minute, || Err(fault())).await.0, 1);
        }
        for fault in [|| CallError::TimedOut, || CallError::Interrupted("cut".into())] {
            assert_eq!(tries(Retry::Never, minute, || Err(fault())).await.0, 1);
        }
        assert_eq!(tries(Retry::Never, minute, || Ok(answer(503, &[]))).await.0, 1);
    }

    #[tokio::test]
    async fn a_setback_is_repeated_up_to_four_tries() {
        let minute = Duration::from_secs(60);
        let (answered, failed) = tokio::join!(
            tries(Retry::Idempotent, minute, || Ok(answer(503, &[]))),
            tries(Retry::Idempotent, minute, || Err(CallError::Unreachable(
                "refused".into()
            ))),
        );
        assert_eq!(
            (answered.0, answered.1.unwrap()),
            (4, 503),
            "the last answer is handed back, not hidden"
        );
        assert_eq!(failed.0, 4);
        assert!(matches!(failed.1, Err(CallError::Unreachable(_))));
    }

    #[tokio::test]
    async fn a_caller_in_a_hurry_repeats_a_hiccup_once_and_nothing_else() {
        let minute = Duration::from_secs(60);
        let hurried = async |outcome: fn() -> Result<Answer, CallError>| {
            tries_at(Pace::Hurried, Retry::Idempotent, minute, outcome).await.0
        };
        assert_eq!(hurried(|| Ok(answer(503, &[]))).await, 2);
        assert_eq!(hurried(|| Err(CallError::Unreachable("refused".into()))).await, 2);
        assert_eq!(hurried(|| Err(CallError::Interrupted("cut".into()))).await, 2);
        assert_eq!(
            hurried(|| Err(CallError::TimedOut)).await,
            1,
            "the time is gone already"
        );
        assert_eq!(hurried(|| Ok(answer(429, &[]))).await, 1, "it wants fewer calls");
        assert_eq!(hurried(|| Ok(answer(503, &[(header::RETRY_AFTER, "15")]))).await, 1);
        assert_eq!(hurried(|| Ok(answer(200, &[]))).await, 1);
    }

    #[tokio::test]
    async fn a_wait_that_does_not_fit_ends_the_tries_with_the_answer() {
        let (count, result) = tries(Retry::Idempotent, Duration::from_secs(10), || {
            Ok(answer(429, &[(header::RETRY_AFTER, "15")]))
        })
        .await;
        assert_eq!((count, result.unwrap()), (1, 429));
        let (count, _) = tries(Retry::Idempotent, Duration::from_millis(1200), || Ok(answer(503, &[]))).await;
        assert_eq!(count, 1);
    }

    #[test]
    fn the_wait_is_the_longer_of_ours_and_theirs() {
        let deadline = Deadline::after(Duration::from_secs(20));
        let theirs = Setback::Answered(answer(429, &[(header::RETRY_AFTER, "2")]));
        assert_eq!(
            wait(&theirs, PAUSE, Pace::Patient, deadline),
            Some(Duration::from_secs(2))
        );
        assert_eq!(
            wait(&theirs, Duration::from_secs(3), Pace::Patient, deadline),
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            wait(&Setback::Failed(CallError::TimedOut), PAUSE, Pace::Patient, deadline),
            Some(PAUSE)
        );
    }
}
