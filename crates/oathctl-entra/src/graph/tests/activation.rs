//! Activation: access token, clock, code, in this order; codes anew for everything sent anew.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use oathctl_core::otp::totp_at;
use oathctl_core::stop::StopLevel;
use oathctl_core::tenant::{CodeOffer, CodeSource, Held, NotSent, Reply, TenantRead, TenantWrite};
use oathctl_core::time::{Clock, ServerTime, Utc};
use oathctl_core::token::{DeviceId, Hash, TotpParams, UserId};
use serde_json::{Value, json};

use super::{batch, inner};
use crate::testing::{Answer, Bench, START, bench, error, json as reply};

const PARAMS: TotpParams = TotpParams { hash: Hash::Sha1, digits: 6, period_secs: 30 };
/// RFC 6238's seed; its code of step 37037036 (2005-03-18T01:58:29Z) begins with a zero: 081804.
const SEED: &[u8] = b"12345678901234567890";

/// What a source was asked.
#[derive(Debug, PartialEq)]
struct Asked {
    item: usize,
    at: i64,
    single: bool,
}

/// Offers by its script, then the code of RFC 6238's example.
#[derive(Default)]
struct Source {
    script: Mutex<VecDeque<CodeOffer>>,
    asked: Mutex<Vec<Asked>>,
}

impl Source {
    fn offering(offers: Vec<CodeOffer>) -> Self {
        Self { script: Mutex::new(offers.into()), asked: Mutex::default() }
    }

    fn times(&self) -> Vec<i64> {
        self.asked.lock().unwrap().iter().map(|asked| asked.at - START).collect()
    }
}

impl CodeSource for Source {
    fn code(&self, item: usize, at: ServerTime, single: bool) -> CodeOffer {
        self.asked.lock().unwrap().push(Asked { item, at: at.0.unix_secs(), single });
        self.script.lock().unwrap().pop_front().unwrap_or_else(ready)
    }
}

fn ready() -> CodeOffer {
    CodeOffer::Ready(totp_at(SEED, PARAMS, Utc::from_unix_secs(1_111_111_109)).unwrap())
}

fn later(secs: i64) -> CodeOffer {
    CodeOffer::WaitUntil(ServerTime(Utc::from_unix_secs(START + secs)))
}

fn held(n: u32) -> Held {
    Held { device: DeviceId::new(format!("d-{n}")), user: UserId::new(format!("u-{n}")) }
}

/// A bench whose clocks have settled.
async fn settled(mut answers: Vec<Answer>) -> Bench {
    answers.insert(0, reply(200, json!({"value": []})));
    let bench = bench(answers);
    bench.graph.server_clock().await.unwrap();
    bench
}

#[tokio::test]
async fn the_code_is_text_with_its_leading_zero() {
    let bench = settled(vec![reply(204, Value::Null)]).await;
    let source = Source::default();
    let replies = bench.graph.activate(&[held(1)], &source).await;
    assert!(matches!(replies[0], Reply::Done { .. }), "{replies:?}");
    let sent = bench.script.nth(1);
    assert_eq!(sent.line, "POST /beta/users/u-1/authentication/hardwareOathMethods/d-1/activate");
    assert_eq!(sent.raw, r#"{"verificationCode":"081804"}"#);
    assert!(sent.timeout < Duration::from_secs(30));
    assert_eq!(*source.asked.lock().unwrap(), [Asked { item: 0, at: START, single: true }]);
}

#[tokio::test]
async fn h08_without_a_settled_clock_no_code_is_asked_for() {
    let bench = bench(vec![]);
    let source = Source::default();
    let replies = bench.graph.activate(&[held(1), held(2)], &source).await;
    assert!(replies.iter().all(|r| matches!(r, Reply::NotSent { why: NotSent::Clock, .. })), "{replies:?}");
    assert!(source.times().is_empty());
    assert_eq!(*bench.credential.given.lock().unwrap(), 1);
}

#[tokio::test]
async fn h08_an_old_sample_counts_as_none() {
    let bench = settled(vec![]).await;
    bench.clock.pass(61_000);
    let replies = bench.graph.activate(&[held(1)], &Source::default()).await;
    assert!(matches!(replies[0], Reply::NotSent { why: NotSent::Clock, .. }), "{replies:?}");
}

#[tokio::test]
async fn waiting_asks_all_again() {
    let bench =
        settled(vec![reply(200, batch(vec![inner(1, 204, Value::Null), inner(2, 204, Value::Null)]))]).await;
    let source = Source::offering(vec![ready(), later(12)]);
    let replies = bench.graph.activate(&[held(1), held(2)], &source).await;
    assert!(replies.iter().all(|r| matches!(r, Reply::Done { .. })), "{replies:?}");
    assert_eq!(source.times(), [0, 0, 12, 12]);
    assert_eq!(bench.script.lines().len(), 2);
}

#[tokio::test]
async fn nobody_waits_longer_than_a_period() {
    let bench = settled(vec![reply(204, Value::Null)]).await;
    let source = Source::offering(vec![ready(), later(200)]);
    let replies = bench.graph.activate(&[held(1), held(2)], &source).await;
    assert!(matches!(replies[0], Reply::Done { .. }), "{replies:?}");
    assert!(matches!(replies[1], Reply::NotSent { why: NotSent::Clock, .. }), "{replies:?}");
    assert!(bench.clock.mono().0 < 60_000);
}

#[tokio::test]
async fn no_code_is_told_and_the_others_go() {
    let bench = settled(vec![reply(204, Value::Null)]).await;
    let source = Source::offering(vec![CodeOffer::None, ready()]);
    let replies = bench.graph.activate(&[held(1), held(2)], &source).await;
    assert!(matches!(replies[0], Reply::NotSent { why: NotSent::NoCode, .. }), "{replies:?}");
    assert!(matches!(replies[1], Reply::Done { .. }), "{replies:?}");
    assert!(bench.script.lines()[1].contains("/u-2/"));
}

#[tokio::test]
async fn after_a_401_the_codes_are_asked_for_anew() {
    let expired = || error("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
    let bench = settled(vec![
        reply(200, batch(vec![inner(1, 401, expired()), inner(2, 204, Value::Null)])),
        reply(204, Value::Null),
    ])
    .await;
    let source = Source::default();
    let replies = bench.graph.activate(&[held(1), held(2)], &source).await;
    assert!(replies.iter().all(|r| matches!(r, Reply::Done { .. })), "{replies:?}");
    let asked = source.asked.lock().unwrap();
    let shape: Vec<(usize, bool)> = asked.iter().map(|a| (a.item, a.single)).collect();
    assert_eq!(shape, [(0, false), (1, false), (0, true)]);
}

#[tokio::test]
async fn a_drain_ends_the_waiting_and_nothing_leaves() {
    let bench = settled(vec![]).await;
    bench.stop.ask(StopLevel::Drain);
    let replies = bench.graph.activate(&[held(1)], &Source::offering(vec![later(9)])).await;
    assert!(matches!(replies[0], Reply::NotSent { why: NotSent::Stopped, .. }), "{replies:?}");
}
