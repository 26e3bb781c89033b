//! Ring 2: the engine over the real Graph client over the practice tenant's router, in one process, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use oathctl_core::table::Table;
use oathctl_entra::counters::Counters;
use oathctl_entra::endpoint::{Cloud, Endpoint, TenantName};
use oathctl_entra::graph::{GraphBackend, GraphParts, GraphSettings};
use oathctl_entra::secret::ClientSecret;
use oathctl_entra::signin::{ClientSecretCredential, SignIn};
use oathctl_entra::transport::{Broke, Transport, TransportError};
use oathctl_sim::Sim;
use oathctl_sim::face::http::{SimFault, router};
use tower::ServiceExt;

use super::clock::VirtualClock;
use super::death::Death;
use super::exact::assert_all_active;
use super::harsh::{self, ROWS, Trial, settle};
use super::life::{self, Body, Life};
use super::tenant::{BASE_MS, input, tenant};

const GRAPH: &str = "http://127.0.0.1:9/beta";
const LOGIN: &str = "http://127.0.0.1:9";

/// Calls the practice tenant's router in this process.
pub struct InProcess {
    router: axum::Router,
    death: Arc<Death>,
}

impl InProcess {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let Ok(response) = self.router.clone().oneshot(request.map(axum::body::Body::from)).await;
        let lost = TransportError::Lost { kind: Broke::Reset, detail: "" };
        match response.extensions().get::<SimFault>() {
            None => {
                let (parts, body) = response.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| lost)?;
                Ok(http::Response::from_parts(parts, body))
            }
            Some(SimFault::ResetBefore | SimFault::ResetAfter) => Err(lost),
            Some(SimFault::Lost) => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let reply = self.death.survive(tokio::time::timeout(timeout, self.call(request))).await;
        reply.unwrap_or(Err(TransportError::Lost { kind: Broke::Timeout, detail: "" }))
    }
}

impl InProcess {
    pub fn new(sim: &Sim, body: &Body) -> Self {
        Self { router: router(sim.clone()), death: body.death.clone() }
    }
}

pub fn connect(sim: &Sim, body: &Body) -> GraphBackend {
    connect_by(Arc::new(InProcess::new(sim, body)), sim, body)
}

/// The real client, signed in by client secret.
pub fn connect_by(transport: Arc<dyn Transport>, sim: &Sim, body: &Body) -> GraphBackend {
    let endpoint = Endpoint::new(GRAPH, LOGIN, Cloud::Global, None).unwrap();
    let counters = Arc::new(Counters::new());
    let sign_in = SignIn {
        transport: transport.clone(),
        endpoint: endpoint.clone(),
        clock: body.clock.clone(),
        stop: body.stop.clone(),
        counters: counters.clone(),
        timeout: Duration::from_secs(20),
        max_wait: Duration::from_secs(600),
    };
    let app = sim.app();
    let tenant = TenantName::parse(&app.tenant_id.to_string()).unwrap();
    let secret = ClientSecret::new(app.client_secret.open().clone());
    let credential = ClientSecretCredential::new(sign_in, tenant, app.client_id.to_string(), secret);
    GraphBackend::new(GraphParts {
        transport,
        credential: Arc::new(credential),
        endpoint,
        tenant: None,
        permits: body.permits.clone(),
        server_clock: body.server_clock.clone(),
        clock: body.clock.clone(),
        stop: body.stop.clone(),
        counters,
        settings: GraphSettings { timeout: Duration::from_secs(20), ..GraphSettings::default() },
    })
}

async fn run(sim: &Sim, table: &Table) -> Life {
    let clock = Arc::new(VirtualClock::starting_at(BASE_MS, 0));
    life::run(table, clock, &[], |body| connect(sim, body)).await
}

pub async fn trial(trial: Trial) -> Life {
    let Trial { sim, table, clock, dooms } = trial;
    life::run(&table, clock, &dooms, |body| connect(&sim, body)).await
}

#[tokio::test(start_paused = true)]
async fn a_calm_tenant_takes_few_requests() {
    let sim = tenant(1, 1000, &[("latency_ms", "100")]);
    let begun = tokio::time::Instant::now();
    let life = run(&sim, &input(1, 1000)).await;
    let took = begun.elapsed();
    assert_all_active(&sim, &life.finished.rows, "calm");
    assert!(life.calls <= 150, "{} requests", life.calls);
    assert!(took <= Duration::from_secs(5), "{took:?} of the tenant's time");
}

/// What Microsoft leaves unknown is a switch; the outcome is the same whichever way it stands.
#[tokio::test(start_paused = true)]
async fn every_unknown_of_the_tenant_ends_the_same() {
    let ways: &[&[(&str, &str)]] = &[
        &[("bulk_max_items", "5")],
        &[("bulk_max_items", "1")],
        &[("bulk_failure", "all_or_nothing"), ("p_duplicate", "0.05")],
        &[("bulk_failure", "stop_at_first"), ("p_duplicate", "0.05")],
        &[("bulk_status", "200"), ("bulk_item_shape", "device")],
        &[("inventory_item_shape", "device"), ("page_size", "7")],
        &[("echo_content_id", "on")],
        &[("conflict_status", "409"), ("p_duplicate", "0.05")],
        &[("wrong_code", "failed_activation")],
        &[("status_lag_ms", "9000")],
        &[("assign_visibility_delay_ms", "15000"), ("status_lag_ms", "4000")],
        &[("activation_range", "narrow"), ("activation_consumes_code", "on")],
        &[("reactivate", "relearn"), ("p_duplicate", "0.05")],
        &[("assign_to_unpermitted", "ignore")],
        &[("etags", "on"), ("device_in_methods", "never")],
        &[("retry_after", "decimal"), ("p_429", "0.1")],
        &[("retry_after", "date"), ("p_429", "0.1")],
        &[("p_429_bare", "0.1"), ("fault_inner", "on")],
        &[("p_500", "0.1"), ("fault_inner", "on")],
        &[("batch_order", "reversed"), ("clock_skew_s", "-20")],
    ];
    for switches in ways {
        let sim = tenant(3, ROWS, switches);
        let outcome = run(&sim, &input(3, ROWS)).await;
        settle(&sim).await;
        assert_all_active(&sim, &outcome.finished.rows, &format!("{switches:?}"));
    }
}

/// Microsoft documents 200 activations in 5 minutes, and nobody knows how Graph says so.
#[tokio::test(start_paused = true)]
async fn a_quota_of_activations_is_waited_out_however_it_is_told() {
    for form in ["429", "400", "silence"] {
        let sim = tenant(5, 450, &[("activation_quota", form), ("latency_ms", "100")]);
        let outcome = run(&sim, &input(5, 450)).await;
        assert_all_active(&sim, &outcome.finished.rows, form);
        let codes: u32 = outcome.finished.rows.iter().map(|row| row.attempts).sum();
        // Silence shows only when nothing happens: the codes beyond the quota are sent again once for each window.
        let most = if form == "silence" { 450 + 250 + 50 } else { 450 + 150 };
        assert!(codes <= most, "{form}: {codes} codes for 450 tokens");
    }
}

#[test]
fn ring2_one_seed() {
    let seed = harsh::asked("OATHCTL_RING_SEED").unwrap_or(1);
    let life = harsh::alone("ring2", seed, trial).unwrap();
    assert!(!life.tape.is_empty());
}

#[test]
fn ring2_two_hundred_seeds_are_exact() {
    let runs: Vec<Result<Life, String>> = (1..=200).map(|seed| harsh::alone("ring2", seed, trial)).collect();
    let failures: Vec<&String> = runs.iter().filter_map(|run| run.as_ref().err()).collect();
    assert!(failures.is_empty(), "{} of 200 seeds: {failures:#?}", failures.len());
    let killed: usize = runs.iter().flatten().map(|life| life.processes - 1).sum();
    assert!(killed > 50, "the kills happened: {killed}");
}

#[test]
fn the_same_seed_gives_the_same_events() {
    for seed in 301..=310 {
        let twice = || harsh::alone("ring2", seed, trial).unwrap().tape;
        let first = twice();
        assert!(!first.is_empty());
        assert_eq!(first, twice(), "seed {seed}");
    }
}
