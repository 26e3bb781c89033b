//! Somebody reads along: no seed and no code leaves (H20).

use std::sync::atomic::{AtomicUsize, Ordering};

use oathctl_core::otp::totp_at;
use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
use oathctl_core::tenant::{
    CodeOffer, CodeSource, Create, CreateHow, DeviceQuery, Held, NotSent, Remote, Reply, TenantRead,
    TenantWrite,
};
use oathctl_core::time::ServerTime;
use oathctl_core::token::{DeviceId, Hash, TotpParams, UserId};
use serde_json::json;

use super::{batch, device, inner};
use crate::graph::GraphSettings;
use crate::testing::{Answer, Bench, Counting, Script, bench, bench_set, json as reply};
use crate::transport::{Broke, INSPECTED, TransportError};

const PARAMS: TotpParams = TotpParams { hash: Hash::Sha1, digits: 6, period_secs: 30 };

/// Seeds and codes, and how often somebody asked.
#[derive(Default)]
struct Secrets(AtomicUsize);

impl SeedSource for Secrets {
    fn with_seed(&self, _: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        f(b"12345678901234567890");
        Ok(())
    }
}

impl CodeSource for Secrets {
    fn code(&self, _: usize, at: ServerTime, _: bool) -> CodeOffer {
        self.0.fetch_add(1, Ordering::SeqCst);
        CodeOffer::Ready(totp_at(b"12345678901234567890", PARAMS, at.0).unwrap())
    }
}

fn items() -> Vec<Create> {
    let item = |n: u32| Create {
        serial: format!("sn-{n}"),
        manufacturer: "M".into(),
        model: "X".into(),
        hash: Hash::Sha1,
        period_secs: 30,
        assign_to: None,
        seed: SeedKey(n),
    };
    (1..=2).map(item).collect()
}

fn held() -> Vec<Held> {
    (1..=2)
        .map(|n| Held { device: DeviceId::new(format!("d-{n}")), user: UserId::new(format!("u-{n}")) })
        .collect()
}

fn watched(bench: &Bench) {
    *bench.script.inspector.lock().unwrap() = Some("Inspection CA".to_owned());
}

/// A bench whose clocks have settled.
async fn settled(answers: Vec<Answer>, allow_inspected_tls: bool) -> Bench {
    let mut script = vec![reply(200, json!({"value": []}))];
    script.extend(answers);
    let settings = GraphSettings { allow_inspected_tls, ..GraphSettings::default() };
    let bench = bench_set(Script::new(script), Counting::new(), settings);
    bench.graph.server_clock().await.unwrap();
    bench
}

fn by_whom() -> Remote {
    Remote { code: Some("tls_inspected".into()), message: Some("Inspection CA".into()), ..Remote::default() }
}

#[tokio::test]
async fn h20_no_seed_is_asked_for_while_somebody_reads_along() {
    for how in [CreateHow::Bulk, CreateHow::Each] {
        let (bench, secrets) = (bench(vec![]), Secrets::default());
        watched(&bench);
        let replies = bench.graph.create(&items(), how, &secrets).await;
        assert_eq!(replies.len(), 2);
        for reply in replies {
            assert!(
                matches!(&reply, Reply::Refused { remote, whole_call: false } if *remote == by_whom()),
                "{reply:?}"
            );
        }
        assert!(bench.script.lines().is_empty());
        assert_eq!(secrets.0.into_inner(), 0);
    }
}

#[tokio::test]
async fn h20_no_code_is_asked_for_and_none_counts_as_refused() {
    let (bench, secrets) = (settled(vec![], false).await, Secrets::default());
    watched(&bench);
    let replies = bench.graph.activate(&held(), &secrets).await;
    assert_eq!(replies.len(), 2);
    for reply in replies {
        assert!(
            matches!(&reply, Reply::NotSent { why: NotSent::Unreachable, remote } if *remote == by_whom()),
            "{reply:?}"
        );
    }
    assert_eq!(bench.script.lines().len(), 1);
    assert_eq!(secrets.0.into_inner(), 0);
}

#[tokio::test]
async fn h20_an_inspection_that_begins_with_the_request_is_told_by_its_word() {
    let refused = || Err(TransportError::NotSent { kind: Broke::Tls, detail: INSPECTED });
    let bench = settled(vec![refused(), refused()], false).await;
    let created = bench.graph.create(&items(), CreateHow::Bulk, &Secrets::default()).await;
    let activated = bench.graph.activate(&held(), &Secrets::default()).await;
    for remote in created.iter().filter_map(kept_back).chain(activated.iter().filter_map(kept_back)) {
        assert_eq!(remote.code.as_deref(), Some("tls_inspected"));
    }
    assert_eq!(
        (created.iter().filter_map(kept_back).count(), activated.iter().filter_map(kept_back).count()),
        (2, 2)
    );
}

fn kept_back<T>(reply: &Reply<T>) -> Option<&Remote> {
    match reply {
        Reply::NotSent { why: NotSent::Unreachable, remote } => Some(remote),
        _ => None,
    }
}

/// Seeds and codes are marked, alone and in batches; what carries none is not, and goes on.
#[tokio::test]
async fn h20_only_seeds_and_codes_need_a_public_root() {
    let ok = || reply(200, batch(vec![inner(1, 204, json!(null)), inner(2, 204, json!(null))]));
    let bench = settled(vec![ok(), ok(), ok(), ok(), ok(), ok()], false).await;
    let (graph, secrets) = (&bench.graph, Secrets::default());
    graph.create(&items(), CreateHow::Bulk, &secrets).await;
    graph.create(&items(), CreateHow::Each, &secrets).await;
    graph.create(&items()[..1], CreateHow::Each, &secrets).await;
    graph.activate(&held(), &secrets).await;
    graph.activate(&held()[..1], &secrets).await;
    watched(&bench);
    graph.assign(&held()).await;
    let marks: Vec<bool> = bench.script.sent.lock().unwrap().iter().map(|sent| sent.public_only).collect();
    assert_eq!(marks, [false, true, true, true, true, true, false]);
}

#[tokio::test]
async fn h20_reads_go_on_under_inspection() {
    let bench = bench(vec![reply(200, json!({"value": [device("d-1", "sn-1")]}))]);
    watched(&bench);
    assert_eq!(bench.graph.devices(&DeviceQuery::All).await.unwrap().len(), 1);
    assert!(!bench.script.nth(0).public_only);
}

#[tokio::test]
async fn h20_what_the_user_allows_is_sent_and_not_marked() {
    let made = |n: u32| inner(n, 201, device(&format!("d-{n}"), &format!("sn-{n}")));
    let answers = vec![
        reply(200, batch(vec![made(1), made(2)])),
        reply(200, batch(vec![inner(1, 204, json!(null)), inner(2, 204, json!(null))])),
    ];
    let bench = settled(answers, true).await;
    watched(&bench);
    let created = bench.graph.create(&items(), CreateHow::Each, &Secrets::default()).await;
    assert!(created.iter().all(|reply| matches!(reply, Reply::Done { .. })), "{created:?}");
    let activated = bench.graph.activate(&held(), &Secrets::default()).await;
    assert!(activated.iter().all(|reply| matches!(reply, Reply::Done { .. })), "{activated:?}");
    assert!(bench.script.sent.lock().unwrap().iter().all(|sent| !sent.public_only));
}
