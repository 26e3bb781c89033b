//! One kind's pacer: what must wait, which law holds, and how one law follows the other.
//!
//! Owns: [`Pacer`]. Does not own: the laws themselves (the sibling modules).

use std::collections::VecDeque;

use super::cap::Capped;
use super::flight::Flight;
use super::learning::Learning;
use super::opening::Opening;
use super::refusal::{Ended, Epoch, Refusals};
use super::steady::Steady;
use super::window::Window;
use super::{Ask, Feedback, Kind, Settings};
use crate::time::Mono;

/// Longest look back of [`Pacer::accepted_in_last`]: the window of the documented activation quota.
const LOOK_BACK_MS: u64 = 300_000;

/// Decides when operations of one kind may leave.
#[derive(Clone, Debug)]
pub struct Pacer {
    kind: Kind,
    flight: Flight,
    cap: Option<Capped>,
    refusals: Refusals,
    law: Law,
    /// The tenant seemed to refill at once, and was then found not to.
    no_windows: bool,
    accepted: VecDeque<(Mono, usize)>,
}

#[derive(Clone, Debug)]
enum Law {
    Opening(Opening),
    Learning(Learning),
    Steady(Steady),
    Window(Window),
}

impl Pacer {
    /// A pacer that knows nothing of the tenant.
    pub fn new(kind: Kind, settings: &Settings) -> Self {
        let (call, calls_max) = (settings.call.max(1), settings.calls_in_flight.max(1));
        Self {
            kind,
            flight: Flight { call, calls_max, calls: 0, ops: 0 },
            cap: settings.cap(kind).map(Capped::new),
            refusals: Refusals::default(),
            law: Law::Opening(Opening::new(kind)),
            no_windows: false,
            accepted: VecDeque::new(),
        }
    }

    /// May up to `want` operations (0 counts as 1) leave now, in one call?
    pub fn ask(&mut self, now: Mono, want: usize) -> Ask {
        if let Some(until) = self.held_until(now) {
            return Ask::At(until);
        }
        match self.refusals.close(now, self.law.is_daring()) {
            Some(Ended::Epoch(epoch)) => self.follow(&epoch),
            Some(Ended::Stumble) => self.law.stumble(&self.flight),
            None => {}
        }
        if self.flight.is_full() || (self.refusals.is_trying() && self.flight.calls > 0) {
            return Ask::AfterAnswer;
        }
        let want = if self.refusals.is_trying() { 1 } else { want.clamp(1, self.flight.call) };
        let n = match self.law.ask(now, want, &self.flight) {
            Ask::Go(n) => n,
            wait => return wait,
        };
        match self.cap.as_mut().map_or(Ok(n), |cap| cap.room(now, n)) {
            Ok(n) => self.grant(now, n),
            Err(at) => Ask::At(at),
        }
    }

    fn grant(&mut self, now: Mono, n: usize) -> Ask {
        if let Some(cap) = &mut self.cap {
            cap.took(now, n);
        }
        self.flight.calls += 1;
        self.flight.ops += n;
        self.law.granted(now, n);
        Ask::Go(n)
    }

    /// What became of one grant.
    pub fn answered(&mut self, now: Mono, feedback: &Feedback) {
        self.flight.calls = self.flight.calls.saturating_sub(1);
        self.flight.ops = self.flight.ops.saturating_sub(feedback.granted);
        self.note_accepted(now, feedback.accepted);
        self.refusals.accepted(feedback.accepted);
        let news = feedback.throttled > 0 && self.refusals.refused(now, feedback);
        self.law.answered(feedback, news, &self.flight);
    }

    /// Another kind was refused: perhaps it is the same limit, so do not grow.
    pub fn hint(&mut self) {
        if let Law::Opening(opening) = &mut self.law {
            opening.hint(&self.flight);
        }
    }

    /// Until when nothing may leave because of a refusal.
    pub fn held_until(&self, now: Mono) -> Option<Mono> {
        self.refusals.held_until(now)
    }

    /// Like [`Self::held_until`], when the tenant itself named the instant.
    pub fn retry_after(&self, now: Mono) -> Option<Mono> {
        self.refusals.retry_after(now)
    }

    /// Operations accepted within the last `window_ms` milliseconds, at most five minutes back.
    pub fn accepted_in_last(&self, now: Mono, window_ms: u64) -> usize {
        self.accepted.iter().filter(|(at, _)| now.ms_since(*at) <= window_ms).map(|(_, n)| n).sum()
    }

    /// Operations that wait for an answer.
    pub fn in_flight(&self) -> usize {
        self.flight.ops
    }

    /// The law after an epoch has ended.
    fn follow(&mut self, epoch: &Epoch) {
        let window = epoch.ends_a_window() && !self.no_windows;
        let next = match &mut self.law {
            Law::Opening(_) if epoch.accepted == 0 => Law::Opening(Opening::new(self.kind)),
            Law::Opening(_) => Law::Learning(Learning::new(epoch)),
            Law::Learning(_) if !window => Law::Steady(Steady::new(epoch, &self.flight)),
            Law::Learning(walk) if walk.was_idle(epoch) => Law::Learning(Learning::new(epoch)),
            Law::Learning(_) => Law::Window(Window::new(epoch)),
            Law::Steady(_) if window => Law::Learning(Learning::new(epoch)),
            Law::Steady(steady) => return steady.learn(epoch),
            Law::Window(window) => {
                if window.learn(epoch) {
                    return;
                }
                self.no_windows = true;
                let known = window.as_epoch(epoch.end);
                Law::Steady(Steady::new(&known, &self.flight).settling(&known))
            }
        };
        self.law = next;
    }

    fn note_accepted(&mut self, now: Mono, n: usize) {
        while self.accepted.front().is_some_and(|(at, _)| now.ms_since(*at) > LOOK_BACK_MS) {
            self.accepted.pop_front();
        }
        if n > 0 {
            self.accepted.push_back((now, n));
        }
    }
}

impl Law {
    /// The pace is above what is known to be safe, so that a refusal says something about the limit.
    fn is_daring(&self) -> bool {
        matches!(self, Self::Steady(steady) if steady.is_daring())
    }

    fn stumble(&mut self, flight: &Flight) {
        if let Self::Opening(opening) = self {
            opening.stumble(flight);
        }
    }

    fn ask(&mut self, now: Mono, want: usize, flight: &Flight) -> Ask {
        match self {
            Self::Opening(opening) => opening.ask(want, flight).map_or(Ask::AfterAnswer, Ask::Go),
            Self::Learning(walk) => walk.ask(want, flight).map_or(Ask::AfterAnswer, Ask::Go),
            Self::Steady(steady) => steady.ask(now, want, flight).map_or_else(Ask::At, Ask::Go),
            Self::Window(window) => match window.ask(now, want, flight) {
                Ok(n) => n.map_or(Ask::AfterAnswer, Ask::Go),
                Err(at) => Ask::At(at),
            },
        }
    }

    fn granted(&mut self, now: Mono, n: usize) {
        match self {
            Self::Opening(_) => {}
            Self::Learning(walk) => walk.granted(now, n),
            Self::Steady(steady) => steady.granted(n),
            Self::Window(window) => window.granted(n),
        }
    }

    fn answered(&mut self, feedback: &Feedback, news: bool, flight: &Flight) {
        match self {
            Self::Opening(opening) => opening.accepted(feedback.accepted, flight),
            Self::Learning(walk) => walk.accepted(feedback.accepted),
            Self::Steady(steady) if news || feedback.throttled == 0 => {
                steady.answered(feedback.accepted, feedback.throttled, flight);
            }
            Self::Steady(_) => {}
            Self::Window(window) => window.accepted(feedback.accepted),
        }
    }
}
