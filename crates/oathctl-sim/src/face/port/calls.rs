//! One call: latency, faults, the effect, the reply's date.

use oathctl_core::tenant::{ClockSample, Remote, TenantError, TenantErrorKind};
use oathctl_core::time::{Mono, ServerTime, Utc};

use super::{PortTenant, TIMEOUT_MS};
use crate::face::words::told_wait_ms;
use crate::world::{CallFaults, CallKind, Duplicate, Strike, When, World};

/// Times of one call, as the world needs them.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub now: i64,
    pub read_at: i64,
    pub when: When,
    pub arrived: i64,
}

/// A call that was answered, whatever the answer.
pub(super) struct Answered<T> {
    pub value: T,
    pub sample: ClockSample,
}

impl<T> Answered<T> {
    /// The `Date` of the reply.
    pub fn at(&self) -> ServerTime {
        ServerTime(self.sample.server)
    }
}

/// A call without an answer of its own.
pub(super) enum Broken {
    Throttled { until: Option<Mono>, remote: Remote },
    Doubt(Remote),
}

/// The words of a fault.
pub(super) fn remote(status: u16, code: &str, message: &str) -> Remote {
    Remote {
        status: Some(status),
        code: Some(code.to_owned()),
        message: Some(message.to_owned()),
        request_id: None,
    }
}

pub(super) fn too_many() -> Remote {
    remote(429, "TooManyRequests", "Please retry again later.")
}

/// Repetitions of a read before it is given up.
const READS_MOST: u32 = 12;

enum Told<T> {
    Value(T, i64),
    Broken(Strike, Option<u64>),
}

impl PortTenant {
    pub(super) async fn pause(&self, ms: u64) {
        if ms > 0 {
            self.clock.sleep_until(self.clock.mono().plus_ms(ms)).await;
        }
    }

    /// Sends one call; `act` is its effect, and happens twice when the request does.
    pub(super) async fn call<T: Send>(
        &self,
        kind: CallKind,
        act: impl Fn(&mut World, Moment) -> T + Send + Sync,
    ) -> Result<Answered<T>, Broken> {
        let sent = self.clock.mono();
        let (faults, arrived) = self.sim.with(|parts, now| (parts.world.draw_faults(kind), now));
        self.pause(faults.latency_ms / 2).await;
        let told = self.sim.with(|parts, now| effect(&mut parts.world, faults, now, arrived, &act));
        self.pause(faults.latency_ms - faults.latency_ms / 2).await;
        match told {
            Told::Value(value, date) => {
                let sample = ClockSample {
                    server: Utc::from_unix_secs(date.div_euclid(1000)),
                    sent,
                    received: self.clock.mono(),
                    our: self.clock.utc(),
                };
                self.server_clock.sample(&sample);
                Ok(Answered { value, sample })
            }
            Told::Broken(strike, wait_ms) => Err(self.broken(strike, wait_ms, sent).await),
        }
    }

    async fn broken(&self, strike: Strike, wait_ms: Option<u64>, sent: Mono) -> Broken {
        if let Strike::Lost | Strike::Delayed { .. } = strike {
            self.clock.sleep_until(sent.plus_ms(TIMEOUT_MS)).await;
        }
        match strike {
            Strike::TooMany { .. } => {
                let until = wait_ms.map(|ms| self.clock.mono().plus_ms(ms));
                Broken::Throttled { until, remote: too_many() }
            }
            _ => Broken::Doubt(doubt(strike)),
        }
    }

    /// A read: repeated until it is answered, or given up.
    pub(super) async fn read<T: Send>(
        &self,
        act: impl Fn(&World, i64) -> T + Send + Sync,
    ) -> Result<Answered<T>, TenantError> {
        let mut last = Remote::default();
        for attempt in 0..READS_MOST {
            let outcome = self
                .call(CallKind::Read, |world, moment| {
                    world
                        .admit(1, moment.arrived, moment.now)
                        .map_err(|until| told_wait_ms(world, until, moment.now))?;
                    Ok::<T, Option<u64>>(act(world, moment.read_at))
                })
                .await;
            let back_off = 250u64 << attempt.min(6);
            let wait_ms = match outcome {
                Ok(Answered { value: Ok(value), sample }) => return Ok(Answered { value, sample }),
                Ok(Answered { value: Err(wait_ms), .. }) => wait_ms.unwrap_or(back_off),
                Err(Broken::Throttled { until, remote }) => {
                    last = remote;
                    until.map_or(back_off, |at| at.ms_since(self.clock.mono()))
                }
                Err(Broken::Doubt(remote)) => {
                    last = remote;
                    back_off
                }
            };
            self.pause(wait_ms).await;
        }
        Err(TenantError { kind: TenantErrorKind::Unreachable, detail: "timeout".to_owned(), remote: last })
    }
}

fn effect<T>(
    world: &mut World,
    faults: CallFaults,
    now: i64,
    arrived: i64,
    act: &impl Fn(&mut World, Moment) -> T,
) -> Told<T> {
    match faults.strike {
        Strike::TooMany { retry_after_ms } => {
            let at = retry_after_ms.map(|ms| now + i64::try_from(ms).unwrap_or(0));
            return Told::Broken(faults.strike, at.and_then(|at| told_wait_ms(world, at, now)));
        }
        Strike::Internal | Strike::Unavailable | Strike::ResetBefore | Strike::Html | Strike::Redirect => {
            return Told::Broken(faults.strike, None);
        }
        _ => {}
    }
    let when = match faults.strike {
        Strike::Delayed { by_ms } => When::Later(now + by_ms),
        _ => When::Now(now),
    };
    let moment = Moment { now, read_at: now - faults.stale_ms, when, arrived };
    let first = act(world, moment);
    let value = match faults.duplicate {
        None => first,
        Some(Duplicate::FirstReply) => {
            act(world, moment);
            first
        }
        Some(Duplicate::SecondReply) => act(world, moment),
    };
    match faults.strike {
        Strike::None => Told::Value(value, world.tenant_clock(now) + faults.date_lie_ms),
        strike => Told::Broken(strike, None),
    }
}

pub(super) fn doubt(strike: Strike) -> Remote {
    match strike {
        Strike::Internal => remote(500, "generalException", "An unexpected error occurred."),
        Strike::Unavailable => remote(503, "serviceNotAvailable", "The service is temporarily unavailable."),
        Strike::GatewayTimeout => {
            remote(504, "UnknownError", "The gateway did not receive a response in time.")
        }
        _ => Remote::default(),
    }
}
