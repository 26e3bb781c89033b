//! Refusals: how long to be silent, and what was accepted between one resume and the next.
//!
//! Owns: [`Refusals`]. Does not own: what is concluded from an [`Epoch`].

use super::Feedback;
use crate::time::Mono;

/// First wait when the tenant names none, in milliseconds; doubled each time, up to [`BACKOFF_MAX_MS`].
const BACKOFF_MS: u64 = 1_000;
const BACKOFF_MAX_MS: u64 = 60_000;

/// The time from one resume instant (or the start) to the next, ended by a refusal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch {
    /// Operations accepted in it.
    pub accepted: u64,
    /// From resume to resume, in milliseconds.
    pub span_ms: u64,
    /// The part of it at the end in which nothing was allowed, in milliseconds.
    pub silent_ms: u64,
    /// The tenant itself named the resume instant.
    pub named: bool,
    /// It did not, and refused little beside what it had accepted: perhaps it only stumbled.
    pub slight: bool,
    /// When it ended and the next began.
    pub end: Mono,
}

impl Epoch {
    /// Operations accepted in a millisecond.
    pub(super) fn rate(&self) -> f64 {
        self.accepted as f64 / self.span_ms.max(1) as f64
    }

    /// The tenant asked for a longer wait than its rate explains (whole seconds, rounded up): it does not
    /// refill all the time but at once, at the end of a window.
    pub(super) fn ends_a_window(&self) -> bool {
        self.named && self.rate() * self.silent_ms.saturating_sub(1_000) as f64 >= 3.0
    }
}

/// What the end of a silence means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    /// The tenant has shown its limit.
    Epoch(Epoch),
    /// It stumbled: it refused whole calls and named no wait, as gateways do that are overloaded for a moment.
    /// The epoch goes on.
    Stumble,
}

/// A refusal is slight if so many times as many operations were accepted since the last.
const SLIGHT: u64 = 5;
/// Refused calls are scattered, not a limit, if so many times as many went well since the last.
const SCATTERED: u32 = 3;
/// So many more refusals in a row than scattered ones are a limit after all.
const STUBBORN: u32 = 3;

/// One refusal, with all that belong to the same event.
#[derive(Clone, Copy, Debug)]
struct Refusal {
    at: Mono,
    resume: Mono,
    named: bool,
    /// It belongs to an event that is over; it only asks for more silence.
    late: bool,
    /// Some calls were refused in part.
    partly: bool,
    calls: u32,
    refused: u64,
}

impl Refusal {
    fn new(at: Mono, resume: Mono, late: bool) -> Self {
        Self { at, resume, named: false, late, partly: false, calls: 0, refused: 0 }
    }

    fn add(&mut self, feedback: &Feedback, resume: Mono) {
        self.named |= feedback.until.is_some();
        self.resume = self.resume.max(resume);
        self.partly |= feedback.accepted > 0;
        self.calls += 1;
        self.refused += feedback.throttled as u64;
    }
}

/// What is known of refusals.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals {
    open: Option<Refusal>,
    last_at: Option<Mono>,
    since: Option<Mono>,
    /// Accepted in the running epoch, and since the last silence.
    accepted: u64,
    accepted_since: u64,
    /// Calls that went well since the last silence.
    good_calls: u32,
    doublings: u32,
    /// This tenant has named a wait before.
    names: bool,
    stubborn: u32,
}

impl Refusals {
    /// Counts the accepted operations of a call into the running epoch.
    pub(super) fn accepted(&mut self, n: usize) {
        self.good_calls += u32::from(n > 0);
        self.accepted += n as u64;
        self.accepted_since += n as u64;
    }

    /// Notes a refusal. True when it is news, false when the call left before the last refusal was known.
    pub(super) fn refused(&mut self, now: Mono, feedback: &Feedback) -> bool {
        let news = self.open.is_none() && self.last_at.is_none_or(|last| feedback.sent_at >= last);
        let resume = match feedback.until {
            Some(until) => until.max(now.plus_ms(1)),
            None if news => now.plus_ms(self.backoff_ms()),
            None => now,
        };
        if self.open.is_some() || news || feedback.until.is_some() {
            let open = self.open.get_or_insert(Refusal::new(now, resume, !news));
            open.add(feedback, resume);
        }
        self.names |= feedback.until.is_some();
        self.last_at = self.last_at.max(Some(now));
        news
    }

    /// Twice the last one, if nothing was accepted since.
    fn backoff_ms(&mut self) -> u64 {
        self.doublings = if self.accepted_since > 0 { 0 } else { self.doublings };
        let backoff = (BACKOFF_MS << self.doublings.min(6)).min(BACKOFF_MAX_MS);
        self.doublings += 1;
        backoff
    }

    /// Until when nothing may leave.
    pub(super) fn held_until(&self, now: Mono) -> Option<Mono> {
        self.open.map(|open| open.resume).filter(|&resume| resume > now)
    }

    /// The same, when the tenant itself named the instant.
    pub(super) fn retry_after(&self, now: Mono) -> Option<Mono> {
        self.open.filter(|open| open.named && open.resume > now).map(|open| open.resume)
    }

    /// The tenant named no instant for the last refusal, and nothing was accepted since: send one to try.
    pub(super) fn is_trying(&self) -> bool {
        self.doublings > 0 && self.accepted_since == 0
    }

    /// Whole calls refused without a named wait: a stumble, if the tenant is known to name its waits, or no limit
    /// is known, or the pace was `safe`; but not again and again.
    fn is_stumble(&mut self, refusal: &Refusal, good_calls: u32, safe: bool) -> bool {
        if refusal.named || refusal.partly {
            self.stubborn = 0;
            return safe && !refusal.named;
        }
        let scattered = refusal.calls.saturating_mul(SCATTERED) <= good_calls;
        self.stubborn = if scattered { self.stubborn.saturating_sub(1) } else { self.stubborn + 1 };
        self.stubborn < STUBBORN && (self.names || self.since.is_none() || safe)
    }

    /// Ends the epoch once the wait is over. `None` while there is nothing to end. An epoch in which nothing
    /// was accepted goes on: it was too early. So does one that ends in a stumble, unless the pace was
    /// `daring`.
    pub(super) fn close(&mut self, now: Mono, daring: bool) -> Option<Ended> {
        let open = self.open.take_if(|open| open.resume <= now)?;
        if open.late {
            return None;
        }
        let since = std::mem::take(&mut self.accepted_since);
        let good_calls = std::mem::take(&mut self.good_calls);
        let slight = !open.named && open.refused * SLIGHT <= since;
        if self.is_stumble(&open, good_calls, slight && !daring) {
            return Some(Ended::Stumble);
        }
        if self.accepted == 0 && self.since.is_some() {
            return None;
        }
        let epoch = Epoch {
            accepted: self.accepted,
            span_ms: self.since.map_or(0, |since| open.resume.ms_since(since)),
            silent_ms: open.resume.ms_since(open.at),
            named: open.named,
            slight,
            end: open.resume,
        };
        (self.since, self.accepted) = (Some(open.resume), 0);
        Some(Ended::Epoch(epoch))
    }
}
