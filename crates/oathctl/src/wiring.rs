//! From settings to a connection: the one function that chooses and builds the back end.
//!
//! Owns: [`connect`], [`Connection`]. Does not own: where settings come from, nor anything that is done with it.

use std::sync::Arc;
use std::time::Duration;

use oathctl_core::offset::ServerClock;
use oathctl_core::pace::{self, Permits};
use oathctl_core::stop::Stop;
use oathctl_core::tenant::{TenantRead, TenantWrite};
use oathctl_entra::counters::Counters;
use oathctl_entra::endpoint::TenantName;
use oathctl_entra::graph::{GraphBackend, GraphParts, GraphSettings};
use oathctl_entra::http_reqwest::HttpTransport;
use oathctl_entra::secret::ClientSecret;
use oathctl_entra::signin::{ClientSecretCredential, SignIn, resolve_tenant};
use oathctl_entra::tls::Trust;
use oathctl_entra::transport::Transport;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::settings::Settings;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A back end: reads and writes.
pub trait Backend: TenantRead + TenantWrite {
    /// As something that only reads.
    fn reads(&self) -> &dyn TenantRead;
    /// As something that writes.
    fn writes(&self) -> &dyn TenantWrite;
}

impl<T: TenantRead + TenantWrite> Backend for T {
    fn reads(&self) -> &dyn TenantRead {
        self
    }

    fn writes(&self) -> &dyn TenantWrite {
        self
    }
}

/// Everything one run speaks through.
pub struct Connection {
    /// The tenant.
    pub tenant: Box<dyn Backend>,
    /// Its clock.
    pub server_clock: Arc<ServerClock>,
    /// The pacer.
    pub permits: Permits,
    /// What it cost.
    pub counters: Arc<Counters>,
    /// The way to end.
    pub stop: Stop,
    /// A host vouched for, if there is one.
    pub custom_endpoint: Option<String>,
    /// Whose certificates were seen.
    pub trust: Trust,
}

/// Builds clocks, permits, transport, credential and back end. Sends nothing but, for a tenant named by a domain,
/// one request to the sign-in service.
pub async fn connect(
    desk: &Desk,
    settings: &Settings,
    stop: &Stop,
    counters: &Arc<Counters>,
) -> Result<Connection, Failure> {
    let endpoint = settings.endpoint()?;
    let app = App::of(desk, settings)?;
    let http = HttpTransport::new(CONNECT_TIMEOUT.min(settings.timeout));
    let trust = http.trust();
    let transport: Arc<dyn Transport> = Arc::new(http);
    let sign_in = SignIn {
        transport: Arc::clone(&transport),
        endpoint: endpoint.clone(),
        clock: Arc::clone(&desk.clock),
        stop: stop.clone(),
        counters: Arc::clone(counters),
        timeout: settings.timeout,
        max_wait: settings.max_wait,
    };
    let tenant = resolve_tenant(&sign_in, &app.tenant).await?;
    let credential = Arc::new(ClientSecretCredential::new(sign_in, app.tenant, app.client_id, app.secret));
    let server_clock = Arc::new(ServerClock::new());
    let permits = permits(desk, settings, stop);
    let backend = GraphBackend::new(GraphParts {
        transport,
        credential,
        endpoint,
        tenant: Some(tenant),
        permits: permits.clone(),
        server_clock: Arc::clone(&server_clock),
        clock: Arc::clone(&desk.clock),
        stop: stop.clone(),
        counters: Arc::clone(counters),
        settings: graph_settings(settings),
    });
    let custom_endpoint = settings.custom_endpoint.clone();
    Ok(Connection {
        tenant: Box::new(backend),
        server_clock,
        permits,
        counters: Arc::clone(counters),
        stop: stop.clone(),
        custom_endpoint,
        trust,
    })
}

/// Who signs in where.
struct App {
    tenant: TenantName,
    client_id: String,
    secret: ClientSecret,
}

impl App {
    /// The secret comes last: nobody is asked for one that could not be used.
    fn of(desk: &Desk, settings: &Settings) -> Result<Self, Failure> {
        let named =
            settings.tenant.as_deref().ok_or_else(|| missing("tenant", "`--tenant` or AZURE_TENANT_ID"))?;
        let tenant = TenantName::parse(named)?;
        let client_id =
            settings.client_id.clone().ok_or_else(|| missing("application", "AZURE_CLIENT_ID"))?;
        Ok(Self { tenant, client_id, secret: settings.client_secret(desk)? })
    }
}

fn permits(desk: &Desk, settings: &Settings, stop: &Stop) -> Permits {
    let max_wait_ms = u64::try_from(settings.max_wait.as_millis()).unwrap_or(u64::MAX);
    let pacing = pace::Settings { max_wait_ms, ..pace::Settings::default() }.with_cap(settings.pace);
    Permits::new(Arc::clone(&desk.clock), stop.clone(), &pacing)
}

fn graph_settings(settings: &Settings) -> GraphSettings {
    let defaults = GraphSettings::default();
    GraphSettings {
        timeout: settings.timeout,
        activate_timeout: defaults.activate_timeout.min(settings.timeout),
        max_wait: settings.max_wait,
        allow_inspected_tls: settings.allow_inspected_tls,
        ..defaults
    }
}

fn missing(what: &str, by: &str) -> Failure {
    Failure::usage(format!("No {what} is named.")).advice(format!(
        "Name it by {by}. To try without a real tenant: `oathctl demo`, or `oathctl sim` and the values of its line."
    ))
}
