//! Activation: codes asked for at the last moment, for the tenant's clock (H7, H8).
//!
//! Owns: the order access token, clock, code, and waiting for codes. Does not own: which code; the
//! [`CodeSource`] says.
//! <https://learn.microsoft.com/en-us/graph/api/hardwareoathauthenticationmethod-activate>

use async_trait::async_trait;
use oathctl_core::stop::StopLevel;
use oathctl_core::tenant::{CodeOffer, CodeSource, Held, NotSent, Remote, Reply, TenantError};
use oathctl_core::time::ServerTime;

use super::GraphBackend;
use super::batch::Inner;
use super::path;
use super::shape::{Activation, Body};
use super::verdict::Verdict;
use super::write::{Build, Built};
use crate::secret::BodySecret;
use crate::signin::sleep;

/// The longest wait for codes within one call: one period of the slower tokens.
const LONGEST_WAIT_MS: i64 = 60_000;
/// How often codes are asked for within one building; tokens that drift apart may never be ready together.
const ROUNDS: u32 = 3;

impl GraphBackend {
    pub(super) async fn activate_now(&self, items: &[Held], codes: &dyn CodeSource) -> Vec<Reply<()>> {
        let timeout = self.settings.activate_timeout.min(self.settings.timeout);
        let mut build = Codes { backend: self, items, codes };
        let verdicts = self.write_items(items.len(), timeout, &mut build).await;
        verdicts.into_iter().map(|verdict| verdict.into_reply(|_, _| Some(()))).collect()
    }
}

struct Codes<'a> {
    backend: &'a GraphBackend,
    items: &'a [Held],
    codes: &'a dyn CodeSource,
}

/// What one round of asking gave.
struct Round {
    items: Vec<Result<Inner, Verdict>>,
    /// The latest instant an item wants to be asked again at.
    wait_until: Option<ServerTime>,
}

#[async_trait]
impl Build for Codes<'_> {
    async fn build(&mut self, pending: &[usize]) -> Result<Built, TenantError> {
        let mut left_ms = LONGEST_WAIT_MS;
        let mut rounds = 0;
        loop {
            rounds += 1;
            let access_token = self.backend.access_token().await?;
            let Some(now) = self.tenant_time() else {
                return Ok(Built { access_token, items: not_sent(pending, NotSent::Clock) });
            };
            let round = self.ask(pending, now);
            let Some(until) = round.wait_until.filter(|_| rounds < ROUNDS) else {
                return Ok(Built { access_token, items: round.items });
            };
            let wait_ms = until.0.ms_since(now.0).max(1);
            left_ms -= wait_ms;
            if left_ms < 0 {
                return Ok(Built { access_token, items: round.items });
            }
            // The codes of this round would age; they are wiped, and asked for anew.
            drop(round);
            if self.wait(wait_ms).await.is_err() {
                return Ok(Built { access_token, items: not_sent(pending, NotSent::Stopped) });
            }
        }
    }
}

impl Codes<'_> {
    fn tenant_time(&self) -> Option<ServerTime> {
        let clock = &self.backend.clock;
        self.backend.dates.server().now(clock.mono(), clock.utc()).ok()
    }

    fn ask(&self, pending: &[usize], now: ServerTime) -> Round {
        let single = pending.len() == 1;
        let mut round = Round { items: Vec::with_capacity(pending.len()), wait_until: None };
        for at in pending {
            let offer = self.codes.code(*at, now, single);
            if let CodeOffer::WaitUntil(until) = &offer {
                round.wait_until = round.wait_until.max(Some(*until));
            }
            round.items.push(self.request(*at, offer));
        }
        round
    }

    fn request(&self, at: usize, offer: CodeOffer) -> Result<Inner, Verdict> {
        let (item, code) = match (self.items.get(at), offer) {
            (Some(item), CodeOffer::Ready(code)) => (item, code),
            // Still not ready when the others leave: it may come again.
            (_, CodeOffer::WaitUntil(_)) => return Err(verdict(NotSent::Clock)),
            _ => return Err(verdict(NotSent::NoCode)),
        };
        let method = path::method(item.user.as_str(), item.device.as_str());
        Ok(Inner {
            method: "POST",
            path: format!("{method}/activate"),
            body: Some(Body::Activate(Activation { code: BodySecret::code(&code) })),
            if_match: None,
            route: "POST activate",
        })
    }

    async fn wait(&self, ms: i64) -> Result<(), ()> {
        let clock = &*self.backend.clock;
        let at = clock.mono().plus_ms(u64::try_from(ms).unwrap_or(0));
        sleep(clock, &self.backend.stop, StopLevel::Drain, at).await
    }
}

fn verdict(why: NotSent) -> Verdict {
    Verdict::NotSent { why, remote: Remote::default() }
}

fn not_sent(pending: &[usize], why: NotSent) -> Vec<Result<Inner, Verdict>> {
    pending.iter().map(|_| Err(verdict(why))).collect()
}
