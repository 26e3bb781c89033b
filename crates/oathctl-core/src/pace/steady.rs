//! The third law: the tenant refills all the time; hold just below its rate.
//!
//! Owns: the estimate of the rate, the even pace, probing. Does not own: the epochs it learns from.

use super::flight::Flight;
use super::refusal::Epoch;
use crate::time::Mono;

/// The part of the estimate that is held.
const HELD: f64 = 0.97;
/// How long the hold lasts before probing begins, in milliseconds of sending.
const PLATEAU_MS: f64 = 20_000.0;
/// Probing: the cube of the time past the plateau, in these.
const CUBE_MS: f64 = 95_000.0;
/// While unsure: pace above the estimate, growing with the square of the time in these.
const UNSURE: f64 = 1.1;
const SQUARE_MS: f64 = 10_000.0;
/// An estimate is sure from this many operations, or from a minute, on.
const SURE_OPS: f64 = 40.0;
const SURE_MS: f64 = 60_000.0;
/// A refusal so soon after a resume, at a pace believed safe, means the limit has changed.
const SOON_MS: u64 = 8_000;
/// Older knowledge counts for less: the estimate looks back about this far.
const MEMORY_MS: f64 = 120_000.0;
/// A call carries what accrues in this time; in less when the pace is above what is known to be safe.
const CALL_MS: f64 = 2_000.0;
const PROBE_CALL_MS: f64 = 150.0;
/// A slight refusal, which may be chance, lowers the estimate no further than to this part of it.
const SLIGHT: f64 = 0.97;

/// A rate, and how much of it is in hand.
#[derive(Clone, Debug)]
pub(super) struct Steady {
    ops: f64,
    span_ms: f64,
    sure: bool,
    peace_ms: f64,
    credit: f64,
    counted: Mono,
    call_max: usize,
    /// Refusals up to here still belong to an earlier, faster pace.
    settled: Mono,
}

impl Steady {
    /// From the first epoch that has a beginning.
    pub(super) fn new(epoch: &Epoch, flight: &Flight) -> Self {
        let (ops, span_ms) = (epoch.accepted as f64, epoch.span_ms.max(1) as f64);
        let call_max = flight.call;
        let (counted, settled) = (epoch.end, epoch.end);
        let (sure, peace_ms, credit) = (false, 0.0, 0.0);
        let mut new = Self { ops, span_ms, sure, peace_ms, credit, counted, call_max, settled };
        new.judge();
        new
    }

    /// After bursts that a tenant may count for as long as the epoch was.
    pub(super) fn settling(mut self, epoch: &Epoch) -> Self {
        self.settled = epoch.end.plus_ms(epoch.span_ms);
        self
    }

    /// Learns from a further epoch.
    pub(super) fn learn(&mut self, epoch: &Epoch) {
        let (mut ops, span) = (epoch.accepted as f64, epoch.span_ms.max(1) as f64);
        let known = self.ops / self.span_ms;
        (self.credit, self.counted) = (0.0, epoch.end);
        if epoch.end < self.settled {
            return;
        }
        if epoch.slight {
            ops = ops.max(known * SLIGHT * span);
        }
        let doubt = 0.03 + 1.5 / ops.max(1.0) + 1_000.0 / span;
        let changed = !self.is_daring() && epoch.span_ms < SOON_MS;
        if changed || (ops / span - known).abs() > known * doubt {
            (self.ops, self.span_ms) = (ops, span);
        } else {
            let keep = (MEMORY_MS / (self.span_ms + span)).min(1.0);
            (self.ops, self.span_ms) = ((self.ops + ops) * keep, (self.span_ms + span) * keep);
        }
        self.peace_ms = 0.0;
        self.judge();
    }

    /// The pace is above what is known to be safe.
    pub(super) fn is_daring(&self) -> bool {
        !self.sure || self.factor() > 1.0
    }

    fn judge(&mut self) {
        self.sure = self.ops >= SURE_OPS || self.span_ms >= SURE_MS;
    }

    fn factor(&self) -> f64 {
        if self.sure {
            HELD + ((self.peace_ms - PLATEAU_MS).max(0.0) / CUBE_MS).powi(3)
        } else {
            UNSURE + (self.peace_ms / SQUARE_MS).powi(2)
        }
    }

    /// Operations in a millisecond, now.
    fn rate(&self) -> f64 {
        (self.ops / self.span_ms * self.factor()).max(1e-5)
    }

    fn call(&self, flight: &Flight) -> usize {
        let ms = if self.is_daring() { PROBE_CALL_MS } else { CALL_MS };
        ((self.rate() * ms) as usize).clamp(1, flight.call.min(self.call_max).max(1))
    }

    /// How many may leave now, or when.
    pub(super) fn ask(&mut self, now: Mono, want: usize, flight: &Flight) -> Result<usize, Mono> {
        let rate = self.rate();
        let call = self.call(flight);
        // Credit for no more than one call: what nobody used is not saved up. Peace counts only while sending.
        let used = (now.ms_since(self.counted) as f64).min((call as f64 - self.credit).max(0.0) / rate);
        self.credit += used * rate;
        self.peace_ms += used;
        self.counted = now;
        let need = want.min(call);
        if self.credit + 1e-6 >= need as f64 {
            return Ok(need);
        }
        let wait = ((need as f64 - self.credit) / rate).ceil().max(1.0);
        Err(now.plus_ms(wait as u64))
    }

    pub(super) fn granted(&mut self, n: usize) {
        self.credit = (self.credit - n as f64).max(0.0);
    }

    /// A call that was refused in part says how large calls may be.
    pub(super) fn answered(&mut self, accepted: usize, throttled: usize, flight: &Flight) {
        self.call_max = if throttled == 0 || accepted == 0 {
            (self.call_max + 1).min(flight.call)
        } else {
            accepted.max(self.call_max / 2)
        };
    }
}
