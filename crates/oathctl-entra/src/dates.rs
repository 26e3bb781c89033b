//! From the `Date` of replies to the tenant's clock (H8).
//!
//! Owns: which replies count, and the comparison of login host and Graph. Does not own: what is concluded
//! ([`oathctl_core::offset::ServerClock`]).

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::header::{AGE, DATE};
use oathctl_core::offset::ServerClock;
use oathctl_core::tenant::ClockSample;
use oathctl_core::time::{Clock, Mono};

use crate::retry_after::http_date;

/// Login host and Graph further apart than this: one of them lies, and two Graph replies must agree first.
const APART_MS: i64 = 5_000;

/// Feeds one [`ServerClock`].
pub(crate) struct Dates {
    server: Arc<ServerClock>,
    clock: Arc<dyn Clock>,
    /// The login host's last `Date`, until a Graph reply was compared with it.
    login: Mutex<Option<ClockSample>>,
}

impl Dates {
    pub(crate) fn new(server: Arc<ServerClock>, clock: Arc<dyn Clock>) -> Self {
        Self { server, clock, login: Mutex::new(None) }
    }

    /// Takes in a reply that is known to be Graph's.
    pub(crate) fn take_graph(&self, headers: &HeaderMap, sent: Mono) -> Option<ClockSample> {
        let graph = sample(headers, sent, &*self.clock)?;
        let login = self.login.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(login) = login.filter(|login| apart_ms(login, &graph) > APART_MS) {
            // Contradicting samples hold activations until two agree; that is the rule for this as well.
            self.server.sample(&login);
        }
        self.server.sample(&graph);
        Some(graph)
    }

    /// Keeps the login host's time for comparison; it is not Graph's.
    pub(crate) fn take_login(&self, sample: ClockSample) {
        *self.login.lock().unwrap_or_else(PoisonError::into_inner) = Some(sample);
    }

    pub(crate) fn server(&self) -> &ServerClock {
        &self.server
    }
}

/// One reading. A reply out of a cache (`Age`) has an old `Date` and gives none.
pub(crate) fn sample(headers: &HeaderMap, sent: Mono, clock: &dyn Clock) -> Option<ClockSample> {
    let cached = headers.get(AGE).and_then(|age| age.to_str().ok()).is_some_and(|age| age.trim() != "0");
    if cached {
        return None;
    }
    let server = http_date(headers.get(DATE)?.to_str().ok()?)?;
    Some(ClockSample { server, sent, received: clock.mono(), our: clock.utc() })
}

fn apart_ms(a: &ClockSample, b: &ClockSample) -> i64 {
    let between = i64::try_from(b.received.0).unwrap_or(0) - i64::try_from(a.received.0).unwrap_or(0);
    (b.server.ms_since(a.server) - between).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{START, TestClock, http_date};
    use oathctl_core::offset::Unsettled;

    fn headers(date: i64) -> HeaderMap {
        HeaderMap::from_iter([(DATE, http_date(date).parse().unwrap())])
    }

    fn dates(login_ahead: i64) -> (Dates, Arc<TestClock>) {
        let clock = TestClock::new();
        let dates = Dates::new(Arc::new(ServerClock::new()), Arc::clone(&clock) as Arc<dyn Clock>);
        let login = sample(&headers(START + login_ahead), clock.mono(), &*clock).unwrap();
        dates.take_login(login);
        (dates, clock)
    }

    #[test]
    fn h08_login_host_and_graph_apart_hold_until_two_replies_agree() {
        let (dates, clock) = dates(30);
        dates.take_graph(&headers(START), clock.mono());
        assert_eq!(dates.server().now(clock.mono(), clock.utc()), Err(Unsettled::Disagreement));
        clock.pass(1_000);
        dates.take_graph(&headers(START + 1), clock.mono());
        assert_eq!(dates.server().now(clock.mono(), clock.utc()).unwrap().0.unix_secs(), START + 1);
    }

    #[test]
    fn h08_close_enough_is_no_contradiction() {
        let (dates, clock) = dates(4);
        dates.take_graph(&headers(START), clock.mono());
        assert_eq!(dates.server().now(clock.mono(), clock.utc()).unwrap().0.unix_secs(), START);
    }
}
