//! What goes wrong on the way. One seeded stream; each call takes the same number of draws, whatever the
//! switches, so that switching one fault on does not reshuffle the others.

use super::World;
use crate::options::FaultScope;
use crate::rng::Rng;

/// Which sort of call is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// Sign-in.
    Login,
    /// A call that only reads.
    Read,
    /// A call that may write.
    Write,
}

/// The one thing that goes wrong with a call, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Nothing.
    None,
    /// 429; wait so many milliseconds, if it says.
    TooMany {
        /// Milliseconds to wait.
        retry_after_ms: Option<u64>,
    },
    /// 500 before the effect.
    Internal,
    /// 503 before the effect.
    Unavailable,
    /// 504 after the effect.
    GatewayTimeout,
    /// Reset before the effect.
    ResetBefore,
    /// Reset after the effect.
    ResetAfter,
    /// The effect happens, no reply.
    Lost,
    /// No reply, and the effect comes so many milliseconds later.
    Delayed {
        /// Milliseconds until the effect.
        by_ms: i64,
    },
    /// HTML instead of JSON, before the effect.
    Html,
    /// A redirect elsewhere, before the effect.
    Redirect,
}

/// A request that arrives twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicate {
    /// The first reply comes back.
    FirstReply,
    /// The second reply comes back.
    SecondReply,
}

/// Everything drawn for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallFaults {
    /// The main fault.
    pub strike: Strike,
    /// The request arrives twice.
    pub duplicate: Option<Duplicate>,
    /// A read looks so many milliseconds back.
    pub stale_ms: i64,
    /// `Date` lies by so many milliseconds.
    pub date_lie_ms: i64,
    /// The next link leads to another host.
    pub foreign_next_link: bool,
    /// The whole duration of the call, in milliseconds.
    pub latency_ms: u64,
}

impl World {
    /// Draws what happens to the next call.
    pub fn draw_faults(&mut self, kind: CallKind) -> CallFaults {
        let in_scope = match self.options.fault_scope {
            FaultScope::All => true,
            FaultScope::Graph => kind != CallKind::Login,
            FaultScope::Writes => kind == CallKind::Write,
            FaultScope::Reads => kind == CallKind::Read,
            FaultScope::Login => kind == CallKind::Login,
        };
        let mut rng = self.fault_rng.clone();
        let drawn = self.draw(&mut rng, in_scope, kind);
        self.fault_rng = rng;
        drawn
    }

    /// Draws what happens to one inner request of a batch: a refusal with a status, or nothing.
    pub fn draw_inner(&mut self) -> Strike {
        let at = self.fault_rng.unit();
        if self.options.fault_inner { self.strike_at(at, 4) } else { Strike::None }
    }

    fn draw(&self, rng: &mut Rng, in_scope: bool, kind: CallKind) -> CallFaults {
        let o = &self.options;
        let at = rng.unit();
        let twice = rng.chance(o.p_duplicate.0).then(|| rng.clone().chance(0.5));
        let stale = rng.chance(o.p_stale.0);
        let lie = rng.chance(o.p_lying_date.0);
        let foreign = rng.chance(o.p_foreign_next_link.0);
        let jitter = rng.clone().below(o.latency_jitter_ms + 1);
        rng.next_u64();
        CallFaults {
            strike: if in_scope { self.strike_at(at, usize::MAX) } else { Strike::None },
            duplicate: twice.filter(|_| in_scope && kind == CallKind::Write).map(|first| match first {
                true => Duplicate::FirstReply,
                false => Duplicate::SecondReply,
            }),
            stale_ms: if stale && in_scope { (o.stale_s * 1000.0) as i64 } else { 0 },
            date_lie_ms: (o.date_skew_s + if lie { o.lying_date_s } else { 0 }) * 1000,
            foreign_next_link: foreign && in_scope,
            latency_ms: o.latency_ms + jitter,
        }
    }

    /// The fault that lies at `at` on the line of probabilities; only the first `kinds` of them.
    fn strike_at(&self, at: f64, kinds: usize) -> Strike {
        let o = &self.options;
        let retry_after_ms = Some(o.fault_retry_after_ms);
        let line = [
            (o.p_429.0, Strike::TooMany { retry_after_ms }),
            (o.p_429_bare.0, Strike::TooMany { retry_after_ms: None }),
            (o.p_500.0, Strike::Internal),
            (o.p_503.0, Strike::Unavailable),
            (o.p_504_after.0, Strike::GatewayTimeout),
            (o.p_reset_before.0, Strike::ResetBefore),
            (o.p_reset_after.0, Strike::ResetAfter),
            (o.p_lost.0, Strike::Lost),
            (o.p_delayed.0, Strike::Delayed { by_ms: (o.delayed_effect_s * 1000.0) as i64 }),
            (o.p_html.0, Strike::Html),
            (o.p_redirect.0, Strike::Redirect),
        ];
        let mut edge = 0.0;
        for (probability, strike) in line.into_iter().take(kinds) {
            edge += probability;
            if at < edge {
                return strike;
            }
        }
        Strike::None
    }
}
