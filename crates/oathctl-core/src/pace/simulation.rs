//! Tenants that limit, in virtual time, and what a pacer makes of them. Shared by the tests and by the example
//! that prints the figures.
//!
//! Owns: [`Limit`], [`Case`], [`Outcome`], [`run`]. Does not own: any expectation.

use std::collections::{BTreeMap, VecDeque};

use super::pace::{Ask, Feedback, Kind, Pacer, Settings};
use super::time::Mono;

/// How a tenant limits operations.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// Not at all.
    None,
    /// A token bucket: full at first, refilled all the time.
    Bucket {
        /// Operations it holds.
        ops: u64,
        /// Milliseconds in which that many are refilled.
        ms: u64,
    },
    /// A window that begins at `phase` + k·`ms`.
    Window {
        /// Operations in a window.
        ops: u64,
        /// Its length in milliseconds.
        ms: u64,
        /// When the run starts, this many milliseconds of a window are over.
        phase: u64,
    },
    /// Any span of `ms` milliseconds holds at most `ops`.
    Sliding {
        /// Operations.
        ops: u64,
        /// Milliseconds.
        ms: u64,
    },
}

impl Limit {
    /// Operations it permits between `from`, when its worth is spent, and `to`. A window counts by the part of
    /// it that is over at `to`; what is left of a spent one is nothing.
    pub fn permits(self, from: u64, to: u64) -> f64 {
        match self {
            Self::None => f64::INFINITY,
            Self::Bucket { ops, ms } | Self::Sliding { ops, ms } => {
                (to - from) as f64 * ops as f64 / ms as f64
            }
            Self::Window { ops, ms, phase } => {
                let next = ((from + phase) / ms + 1) * ms - phase;
                to.saturating_sub(next) as f64 * ops as f64 / ms as f64
            }
        }
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Case {
    /// The limits: the first from 0 on, others from their instant (milliseconds) on.
    pub limits: Vec<(u64, Limit)>,
    /// Milliseconds from sending to the answer; the tenant decides half way.
    pub latency_ms: u64,
    /// Up to this much more on the way to the tenant, scattered.
    pub jitter_ms: u64,
    /// Pacers that send against the same limit.
    pub pacers: usize,
    /// Operations each call could carry.
    pub want: usize,
    /// When to end, in milliseconds.
    pub end_ms: u64,
    /// End when this many were accepted.
    pub end_ops: u64,
    /// The tenant names no wait.
    pub unnamed: bool,
    /// One in n calls, scattered, is refused as a whole, without a named wait; 0: none.
    pub fail_every: u64,
    /// One in n calls, scattered, gets no answer; 0: none.
    pub lose_every: u64,
    /// What the pacers are told.
    pub settings: Settings,
}

impl Case {
    /// One pacer, full calls, 100 ms, for so long.
    pub fn new(limit: Limit, end_ms: u64) -> Self {
        Self {
            limits: vec![(0, limit)],
            latency_ms: 100,
            jitter_ms: 0,
            pacers: 1,
            want: 20,
            end_ms,
            end_ops: u64::MAX,
            unnamed: false,
            fail_every: 0,
            lose_every: 0,
            settings: Settings::default(),
        }
    }
}

/// One call, as the tenant saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it left.
    pub sent: u64,
    /// When the tenant decided.
    pub at: u64,
    /// Operations accepted.
    pub accepted: u64,
    /// Operations refused.
    pub refused: u64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every call, in order.
    pub calls: Vec<Seen>,
    /// Calls that left before a `Retry-After` known by then.
    pub too_early: u64,
    /// The last answer, in milliseconds.
    pub end_ms: u64,
}

impl Outcome {
    /// When the tenant first refused.
    pub fn first_refusal(&self) -> Option<u64> {
        self.calls.iter().find(|call| call.refused > 0).map(|call| call.at)
    }

    /// Operations accepted after `from` and up to `to`.
    pub fn accepted(&self, from: u64, to: u64) -> u64 {
        self.calls.iter().filter(|call| call.at > from && call.at <= to).map(|call| call.accepted).sum()
    }

    /// Operations sent and refused up to `to`.
    pub fn sent_and_refused(&self, to: u64) -> (u64, u64) {
        let seen = self.calls.iter().filter(|call| call.at <= to);
        seen.fold((0, 0), |(sent, refused), call| {
            (sent + call.accepted + call.refused, refused + call.refused)
        })
    }

    /// Per cent of what the limit permits from the first refusal until `ms` later that was accepted in that time.
    pub fn rate_percent(&self, limit: Limit, ms: u64) -> f64 {
        let from = self.first_refusal().unwrap_or(0);
        self.accepted(from, from + ms) as f64 * 100.0 / limit.permits(from, from + ms)
    }

    /// Per cent of the operations sent up to `ms` after the first refusal that were refused.
    pub fn refused_percent(&self, ms: u64) -> f64 {
        let (sent, refused) = self.sent_and_refused(self.first_refusal().unwrap_or(0).saturating_add(ms));
        refused as f64 * 100.0 / sent.max(1) as f64
    }
}

/// The tenant's books. Thousandths of operations, so that all is exact.
struct Tenant {
    limits: Vec<(u64, Limit)>,
    level: u64,
    since: u64,
    log: VecDeque<u64>,
    entered: usize,
}

impl Tenant {
    fn limit_at(&mut self, at: u64) -> Limit {
        let n = self.limits.iter().filter(|(from, _)| *from <= at).count();
        let limit = self.limits[n - 1].1;
        if n != self.entered {
            self.entered = n;
            self.level = match limit {
                Limit::Bucket { ops, .. } if n == 1 => ops * 1000,
                Limit::Bucket { ops, .. } => self.level.min(ops * 1000),
                _ => 0,
            };
            self.since = if n == 1 { 0 } else { at };
        }
        limit
    }

    /// How many of `n` it accepts at `at`, and milliseconds until it would accept the next.
    fn decide(&mut self, at: u64, n: u64) -> (u64, u64) {
        match self.limit_at(at) {
            Limit::None => (n, 0),
            Limit::Bucket { ops, ms } => {
                self.level = (self.level + (at - self.since) * ops * 1000 / ms).min(ops * 1000);
                self.since = at;
                let k = n.min(self.level / 1000);
                self.level -= k * 1000;
                (k, (1000 - self.level.min(1000)).div_ceil((ops * 1000 / ms).max(1)).max(1))
            }
            Limit::Window { ops, ms, phase } => {
                let begin = (at + phase) / ms * ms;
                if begin != self.since || self.log.is_empty() {
                    (self.since, self.level) = (begin, 0);
                    self.log.push_back(at);
                }
                let k = n.min(ops.saturating_sub(self.level));
                self.level += k;
                (k, begin + ms - (at + phase))
            }
            Limit::Sliding { ops, ms } => {
                while self.log.front().is_some_and(|&then| then + ms <= at) {
                    self.log.pop_front();
                }
                let k = n.min(ops.saturating_sub(self.log.len() as u64));
                self.log.extend((0..k).map(|_| at));
                (k, self.log.front().map_or(1, |&then| then + ms - at))
            }
        }
    }
}

enum Event {
    Arrive { pacer: usize, n: usize, sent: u64 },
    Answer { pacer: usize, feedback: Feedback },
    Ask { pacer: usize },
}

/// A number made of another, scattered but always the same.
fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33
}

fn strikes(number: u64, every: u64) -> bool {
    every > 0 && scattered(number).is_multiple_of(every)
}

/// Lets the pacers send as fast as they allow until the case ends.
pub fn run(case: &Case) -> Outcome {
    let mut run = Run::new(case);
    while let Some(((now, _), event)) = run.events.pop_first() {
        if now > case.end_ms || run.done >= case.end_ops {
            break;
        }
        match event {
            Event::Arrive { pacer, n, sent } => run.arrive(now, pacer, n, sent),
            Event::Answer { pacer, feedback } => {
                run.answer(now, pacer, &feedback);
                run.send(now, pacer);
            }
            Event::Ask { pacer } => {
                run.due[pacer] = run.due[pacer].filter(|&at| at > now);
                run.send(now, pacer);
            }
        }
    }
    run.outcome
}

struct Run<'a> {
    case: &'a Case,
    pacers: Vec<Pacer>,
    /// By pacer: nothing before this, as it knows by now.
    until: Vec<u64>,
    /// By pacer: when it is going to ask again.
    due: Vec<Option<u64>>,
    tenant: Tenant,
    /// By instant and order of creation.
    events: BTreeMap<(u64, u64), Event>,
    created: u64,
    done: u64,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(case: &'a Case) -> Self {
        // Writes first: what the figures promise is about them; reads open with less care.
        let kinds = [Kind::Write, Kind::Activate].into_iter().cycle().take(case.pacers);
        let mut run = Self {
            case,
            pacers: kinds.map(|kind| Pacer::new(kind, &case.settings)).collect(),
            until: vec![0; case.pacers],
            due: vec![None; case.pacers],
            tenant: Tenant {
                limits: case.limits.clone(),
                level: 0,
                since: 0,
                log: VecDeque::new(),
                entered: 0,
            },
            events: BTreeMap::new(),
            created: 0,
            done: 0,
            outcome: Outcome { calls: Vec::new(), too_early: 0, end_ms: 0 },
        };
        (0..case.pacers).for_each(|pacer| run.at(0, Event::Ask { pacer }));
        run
    }

    fn at(&mut self, at: u64, event: Event) {
        self.events.insert((at, self.created), event);
        self.created += 1;
    }

    /// The tenant decides, and its answer sets out.
    fn arrive(&mut self, now: u64, pacer: usize, n: usize, sent: u64) {
        let number = self.outcome.calls.len() as u64 + 1;
        let fails = strikes(number, self.case.fail_every);
        let lost = !fails && strikes(number + 7, self.case.lose_every);
        let (accepted, wait) = if fails { (0, 0) } else { self.tenant.decide(now, n as u64) };
        let refused = n as u64 - accepted;
        self.outcome.calls.push(Seen { sent, at: now, accepted, refused });
        let back = now + self.case.latency_ms - self.case.latency_ms / 2;
        let named = refused > 0 && !fails && !self.case.unnamed;
        let heard = Feedback {
            accepted: accepted as usize,
            throttled: refused as usize,
            until: named.then(|| Mono(back + wait.div_ceil(1000) * 1000)),
            ..Feedback::default()
        };
        let heard = if lost { Feedback { lost: n, ..Feedback::default() } } else { heard };
        self.at(
            back,
            Event::Answer { pacer, feedback: Feedback { granted: n, sent_at: Mono(sent), ..heard } },
        );
    }

    fn answer(&mut self, now: u64, pacer: usize, feedback: &Feedback) {
        self.pacers[pacer].answered(Mono(now), feedback);
        self.until[pacer] = self.until[pacer].max(feedback.until.map_or(0, |at| at.0));
        self.done += feedback.accepted as u64;
        self.outcome.end_ms = now;
    }

    /// Sends all that this pacer lets go.
    fn send(&mut self, now: u64, pacer: usize) {
        loop {
            match self.pacers[pacer].ask(Mono(now), self.case.want) {
                Ask::Go(n) => {
                    assert!(n >= 1 && n <= self.case.want, "granted {n} of {}", self.case.want);
                    self.outcome.too_early += u64::from(now < self.until[pacer]);
                    let late = scattered(self.created) % (self.case.jitter_ms + 1);
                    let at = now + self.case.latency_ms / 2 + late;
                    self.at(at, Event::Arrive { pacer, n, sent: now });
                }
                Ask::At(at) => {
                    assert!(at.0 > now, "asked to come again at once");
                    if self.due[pacer].is_none_or(|known| at.0 < known) {
                        self.due[pacer] = Some(at.0);
                        self.at(at.0, Event::Ask { pacer });
                    }
                    return;
                }
                Ask::AfterAnswer => {
                    assert!(self.pacers[pacer].in_flight() > 0, "waits for an answer that will not come");
                    return;
                }
            }
        }
    }
}
