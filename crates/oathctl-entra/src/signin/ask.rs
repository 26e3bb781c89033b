//! One request to the login host, repeated while that helps: asking for an access token changes nothing.
//!
//! Owns: [`SignIn`], what every credential needs. Does not own: what is asked, or what the answer means.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, Request, Response};
use oathctl_core::stop::{Stop, StopLevel};
use oathctl_core::tenant::{ClockSample, Remote, TenantError, TenantErrorKind};
use oathctl_core::time::{Clock, Mono};

use crate::counters::Counters;
use crate::dates;
use crate::endpoint::Endpoint;
use crate::fault::{fault, foreign, no_reply, stopped, unavailable};
use crate::remote::clean;
use crate::retry_after::not_before;
use crate::transport::{Broke, Transport, TransportError};

/// Sends of one sign-in request.
const TRIES: u32 = 4;

/// What every way to sign in needs. Cheap to clone.
#[derive(Clone)]
pub struct SignIn {
    /// Sends.
    pub transport: Arc<dyn Transport>,
    /// Where to.
    pub endpoint: Endpoint,
    /// Our clocks.
    pub clock: Arc<dyn Clock>,
    /// The way to end early.
    pub stop: Stop,
    /// Counts.
    pub counters: Arc<Counters>,
    /// How long one request may take.
    pub timeout: Duration,
    /// The longest `Retry-After` that is obeyed.
    pub max_wait: Duration,
}

/// A reply of the login host that is JSON.
pub(crate) struct Reply {
    pub(crate) http: Response<Bytes>,
    pub(crate) date: Option<ClockSample>,
}

impl SignIn {
    /// Sends until there is a JSON reply below 500 that is no 429.
    pub(crate) async fn ask(
        &self,
        route: &'static str,
        request: impl Fn() -> Request<Bytes> + Send + Sync,
    ) -> Result<Reply, TenantError> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.counters.sent(route, 1);
            let sent = self.clock.mono();
            let reply = self.transport.send(request(), self.timeout).await;
            let tried = match reply {
                Ok(reply) => self.judge(reply, sent),
                Err(error) => Tried::without_reply(&error),
            };
            let (error, until) = match tried {
                Tried::Reply(reply) => return Ok(reply),
                Tried::Final(error) => return Err(error),
                Tried::Again { error, until } => (error, until),
            };
            if tries >= TRIES {
                return Err(error);
            }
            self.wait(tries, until, &error.remote).await?;
        }
    }

    fn judge(&self, http: Response<Bytes>, sent: Mono) -> Tried {
        let status = http.status().as_u16();
        let remote = Remote { status: Some(status), ..Remote::default() };
        match status {
            300..=399 => Tried::Final(foreign("redirect", remote)),
            429 | 500..=599 => {
                let until = self.until(http.headers());
                Tried::Again { error: unavailable(status, remote), until }
            }
            _ if looks_like_html(http.headers(), http.body()) => Tried::Final(foreign("html", remote)),
            _ => {
                let date = dates::sample(http.headers(), sent, &*self.clock);
                Tried::Reply(Reply { http, date })
            }
        }
    }

    fn until(&self, headers: &HeaderMap) -> Option<Mono> {
        let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        not_before(text, self.clock.mono(), self.clock.utc())
    }

    async fn wait(&self, tries: u32, until: Option<Mono>, remote: &Remote) -> Result<(), TenantError> {
        let now = self.clock.mono();
        let backoff = now.plus_ms(500 << tries.min(4));
        let limit = now.plus(self.max_wait);
        if until.is_some_and(|until| until > limit) {
            return Err(fault(TenantErrorKind::WaitTooLong, "retry_after", remote.clone()));
        }
        // Our own patience is never what the tenant asked for.
        let at = until.map_or(backoff, |until| until.max(backoff)).min(limit);
        sleep(&*self.clock, &self.stop, StopLevel::Drain, at).await.map_err(|()| stopped())
    }
}

/// What one send came to.
enum Tried {
    Reply(Reply),
    Final(TenantError),
    Again { error: TenantError, until: Option<Mono> },
}

impl Tried {
    /// A certificate or a proxy does not mend itself in seconds.
    fn without_reply(error: &TransportError) -> Self {
        match error.kind() {
            Broke::Tls | Broke::Proxy | Broke::Request | Broke::TooLarge => Self::Final(no_reply(error)),
            Broke::Dns | Broke::Connect | Broke::Timeout | Broke::Reset => {
                Self::Again { error: no_reply(error), until: None }
            }
        }
    }
}

/// Sleeps until `at`; `Err` when the run was told to stop (at `level`) before that.
pub(crate) async fn sleep(clock: &dyn Clock, stop: &Stop, level: StopLevel, at: Mono) -> Result<(), ()> {
    let asked = std::pin::pin!(stop.asked(level));
    match select(asked, clock.sleep_until(at)).await {
        Either::Left(_) => Err(()),
        Either::Right(_) => Ok(()),
    }
}

/// A web page where JSON should be: a portal, a proxy's error page.
pub(crate) fn looks_like_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared = headers.get(http::header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).map(clean);
    let said = declared.is_some_and(|t| t.to_ascii_lowercase().contains("html"));
    said || body.trim_ascii_start().first() == Some(&b'<')
}
