//! Where the tenant's time comes from, and how it is spelled. Nothing here reads a clock by itself.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{OffsetDateTime, UtcOffset};

/// True time, injected. The tenant adds what `/_sim/clock` advanced and its own skew.
pub trait SimTime: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_ms(&self) -> i64;
}

/// A fixed start plus whatever a monotonic tokio clock has run since: real in a server, virtual under paused time.
#[derive(Debug, Clone)]
pub struct TokioTime {
    base_ms: i64,
    started: tokio::time::Instant,
}

impl TokioTime {
    /// Time that stands at `base_ms` now and runs with tokio's clock.
    #[must_use]
    pub fn starting_at(base_ms: i64) -> Self {
        Self { base_ms, started: tokio::time::Instant::now() }
    }
}

impl SimTime for TokioTime {
    fn unix_ms(&self) -> i64 {
        self.base_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
    }
}

/// Time that moves only when told to.
#[derive(Debug)]
pub struct ManualTime(AtomicI64);

impl ManualTime {
    /// Stands at `unix_ms`.
    #[must_use]
    pub fn at(unix_ms: i64) -> Self {
        Self(AtomicI64::new(unix_ms))
    }

    /// Moves by `ms`, backwards if negative.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl SimTime for ManualTime {
    fn unix_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

fn at(unix_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(UtcOffset::UTC)
}

/// `2026-11-22T03:40:00Z` (RFC 3339), whole seconds.
#[must_use]
pub fn rfc3339(unix_ms: i64) -> String {
    format!("{}Z", graph_stamp(unix_ms))
}

/// `2026-11-22T03:40:00`, as Graph writes `innerError.date`.
#[must_use]
pub fn graph_stamp(unix_ms: i64) -> String {
    spelled(unix_ms, 'T')
}

/// `2026-11-22 03:40:00Z`, as the sign-in service writes it.
#[must_use]
pub fn login_stamp(unix_ms: i64) -> String {
    format!("{}Z", spelled(unix_ms, ' '))
}

fn spelled(unix_ms: i64, between: char) -> String {
    let t = at(unix_ms);
    let (date, time) = (t.date(), t.time());
    format!(
        "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// `Sun, 22 Nov 2026 03:40:00 GMT` (RFC 9110 §5.6.7), for `Date` and `Retry-After`.
#[must_use]
pub fn http_date(unix_ms: i64) -> String {
    let t = at(unix_ms);
    let (day, month) = (t.weekday().to_string(), t.month().to_string());
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        &day[..3],
        t.day(),
        &month[..3],
        t.year(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let ms = 1_795_318_800_999;
        assert_eq!(rfc3339(ms), "2026-11-22T03:40:00Z");
        assert_eq!(login_stamp(ms), "2026-11-22 03:40:00Z");
        assert_eq!(http_date(ms), "Sun, 22 Nov 2026 03:40:00 GMT");
    }
}
