//! Settings: default < configuration file < environment < flag.
//!
//! Owns: [`Settings`], their sources and order, the client secret's way in. Does not own: what is done with them
//! ([`crate::wiring`]).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use oathctl_core::pace::Cap;
use oathctl_entra::endpoint::{Cloud, Endpoint};
use oathctl_entra::secret::ClientSecret;
use oathctl_store::{Store, StoreLocation, Thresholds};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cli::{cap, duration};
use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};

const GRAPH_URL: &str = "https://graph.microsoft.com/beta";
const AUTHORITY: &str = "https://login.microsoftonline.com";

/// What may stand in the file, and what the other sources are turned into.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    tenant: Option<String>,
    client_id: Option<String>,
    client_secret_file: Option<String>,
    authority: Option<String>,
    graph_url: Option<String>,
    backend: Option<String>,
    auth: Option<String>,
    state_dir: Option<String>,
    store: Option<String>,
    store_password_file: Option<String>,
    audit_checkpoints: Option<String>,
    pace: Option<String>,
    max_wait: Option<String>,
    timeout: Option<String>,
    custom_endpoint: Option<String>,
    allow_inspected_tls: Option<bool>,
    stock: Option<RawStock>,
}

/// `[stock]` of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStock {
    /// A number for every model, or a table of numbers by model, `*` for all others.
    reorder_below: Option<Value>,
}

/// The settings as they bind.
#[derive(Debug)]
pub struct Settings {
    /// The tenant as named.
    pub tenant: Option<String>,
    /// The application.
    pub client_id: Option<String>,
    /// A file with the client secret.
    client_secret_file: Option<String>,
    /// Base of the sign-in service.
    pub authority: String,
    /// Base of Graph.
    pub graph_url: String,
    /// A host vouched for.
    pub custom_endpoint: Option<String>,
    /// Seeds and codes may go where the certificate ends in no public root (H20).
    pub allow_inspected_tls: bool,
    /// The folder of everything durable.
    pub state_dir: PathBuf,
    /// The journal's place.
    pub store: StoreLocation,
    /// Files that checkpoints of the audit are added to, beside the one in the state folder.
    pub audit_checkpoints: Vec<PathBuf>,
    /// A limit.
    pub pace: Option<Cap>,
    /// Longest wait.
    pub max_wait: Duration,
    /// Longest request.
    pub timeout: Duration,
    /// Below how many free tokens a model is to be reordered.
    pub reorder_below: Thresholds,
}

/// Variable, setting.
const VARIABLES: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", "tenant"),
    ("AZURE_CLIENT_ID", "client_id"),
    ("AZURE_CLIENT_SECRET_FILE", "client_secret_file"),
    ("AZURE_AUTHORITY_HOST", "authority"),
    ("OATHCTL_GRAPH_URL", "graph_url"),
    ("OATHCTL_AUTH", "auth"),
    ("OATHCTL_STATE_DIR", "state_dir"),
    ("OATHCTL_STORE", "store"),
    ("OATHCTL_STORE_PASSWORD_FILE", "store_password_file"),
    ("OATHCTL_AUDIT_CHECKPOINTS", "audit_checkpoints"),
];

impl Settings {
    /// From every source.
    pub fn gather(desk: &Desk) -> Result<Self, Failure> {
        let raw = sources(desk)?;
        if let Some(other) = raw.backend.as_deref().filter(|name| *name != "graph") {
            return Err(
                Failure::usage(format!("There is no back end {}.", quoted(other))).advice("Use `graph`.")
            );
        }
        if let Some(other) = raw.auth.as_deref().filter(|name| *name != "client-secret") {
            return Err(Failure::usage(format!("There is no way to sign in called {}.", quoted(other)))
                .advice("Use `client-secret`."));
        }
        let state_dir = state_dir(desk, raw.state_dir.as_deref())?;
        let store = match &raw.store {
            Some(text) => match StoreLocation::parse(text)? {
                StoreLocation::Sqlite(path) => StoreLocation::sqlite(desk.fs.folders().working.join(path)),
                other => other,
            },
            None => StoreLocation::sqlite(state_dir.join("oathctl.db")),
        };
        let store = match &raw.store_password_file {
            Some(path) => store.with_password(password_of_file(desk, path)?),
            None => store,
        };
        let max_wait = parsed("max_wait", raw.max_wait.as_deref(), duration)?;
        let timeout = parsed("timeout", raw.timeout.as_deref(), duration)?;
        let pace = parsed("pace", raw.pace.as_deref(), cap)?;
        if let Some(path) = &raw.client_secret_file {
            desk.spares("the client secret's file", &desk.fs.path(path))?;
        }
        if let StoreLocation::Sqlite(path) = &store {
            desk.spares("the store", path)?;
        }
        let audit_checkpoints = checkpoints(desk, raw.audit_checkpoints.as_deref())?;
        let flags = &desk.global;
        Ok(Self {
            tenant: raw.tenant,
            client_id: raw.client_id,
            client_secret_file: raw.client_secret_file,
            authority: with_scheme(raw.authority.as_deref().unwrap_or(AUTHORITY)),
            graph_url: raw.graph_url.unwrap_or_else(|| GRAPH_URL.into()),
            custom_endpoint: raw.custom_endpoint,
            allow_inspected_tls: flags.allow_inspected_tls || raw.allow_inspected_tls.unwrap_or(false),
            state_dir,
            store,
            audit_checkpoints,
            pace: flags.pace.or(pace),
            max_wait: flags.max_wait.or(max_wait).unwrap_or(Duration::from_secs(600)),
            timeout: flags.timeout.or(timeout).unwrap_or(Duration::from_secs(100)),
            reorder_below: thresholds(raw.stock.and_then(|stock| stock.reorder_below))?,
        })
    }

    /// Opens the store, with the audit key of the state folder.
    pub async fn open_store(&self, desk: &Desk) -> Result<Store, Failure> {
        let store = Store::open(&self.store).await?;
        Ok(store.audited_by(&self.state_dir, &self.audit_checkpoints, Arc::clone(&desk.entropy)))
    }

    /// Both URLs as they may be used.
    pub fn endpoint(&self) -> Result<Endpoint, Failure> {
        let cloud = cloud_of(&self.graph_url);
        Ok(Endpoint::new(&self.graph_url, &self.authority, cloud, self.custom_endpoint.as_deref())?)
    }

    /// On loopback.
    pub fn is_practice(&self) -> bool {
        self.endpoint().is_ok_and(|endpoint| endpoint.is_practice())
    }

    /// The client secret: environment, its file, or a question on the terminal. Never an argument.
    pub fn client_secret(&self, desk: &Desk) -> Result<ClientSecret, Failure> {
        let given = desk.variable("AZURE_CLIENT_SECRET");
        match (given, &self.client_secret_file) {
            (Some(_), Some(_)) if desk.variable("AZURE_CLIENT_SECRET_FILE").is_some() => {
                Err(Failure::usage("AZURE_CLIENT_SECRET and AZURE_CLIENT_SECRET_FILE are both set.")
                    .advice("Unset one of them."))
            }
            (Some(secret), _) => Ok(ClientSecret::new(secret.to_owned())),
            (None, Some(path)) => secret_of_file(desk, path),
            (None, None) if desk.ui.terminals().can_ask() => ask(desk),
            (None, None) => Err(Failure::usage("There is no client secret to sign in with.").advice(
                "Set AZURE_CLIENT_SECRET_FILE to a file that holds it, or AZURE_CLIENT_SECRET to the secret itself; \
                 on a terminal it is asked for. `oathctl demo` needs none.",
            )),
        }
    }
}

fn secret_of_file(desk: &Desk, path: &str) -> Result<ClientSecret, Failure> {
    let text = desk
        .fs
        .read_text(path)
        .map_err(|error| Failure::unreadable("The client secret's file", path, &error))?;
    let secret = text.trim();
    if secret.is_empty() || secret.lines().count() != 1 {
        return Err(Failure::usage(format!("The client secret's file {} must hold one line.", quoted(path))));
    }
    Ok(ClientSecret::new(secret.to_owned()))
}

/// The one line of the file that holds the password of the store's server.
fn password_of_file(desk: &Desk, path: &str) -> Result<Zeroizing<String>, Failure> {
    let text = desk
        .fs
        .read_text(path)
        .map_err(|error| Failure::unreadable("The store's password file", path, &error))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains('\n') {
        return Err(Failure::usage(format!(
            "The store's password file {} must hold one line.",
            quoted(path)
        )));
    }
    Ok(Zeroizing::new(password.to_owned()))
}

fn ask(desk: &Desk) -> Result<ClientSecret, Failure> {
    let typed = (desk.ask_secret)("Client secret (not shown): ")
        .map_err(|error| Failure::usage("The client secret can't be asked for.").because(io_words(&error)))?;
    match typed.trim() {
        "" => Err(Failure::usage("No client secret was typed.")),
        secret => Ok(ClientSecret::new(secret.to_owned())),
    }
}

fn sources(desk: &Desk) -> Result<Raw, Failure> {
    let mut merged = Figment::new();
    if let Some((path, text)) = config_file(desk)? {
        // Read by itself first, so that a mistake is told with the file's name.
        Figment::from(Toml::string(&text)).extract::<Raw>().map_err(|error| bad_config(&path, &error))?;
        merged = merged.merge(Toml::string(&text));
    }
    let environment: BTreeMap<&str, &str> =
        VARIABLES.iter().filter_map(|(name, setting)| Some((*setting, desk.variable(name)?))).collect();
    let merged = merged.merge(Serialized::globals(environment)).merge(Serialized::globals(flags(desk)));
    merged.extract().map_err(|error| Failure::usage("The settings can't be used.").because(error.to_string()))
}

fn flags(desk: &Desk) -> BTreeMap<&'static str, String> {
    let flags = &desk.global;
    let given = [
        ("tenant", &flags.tenant),
        ("backend", &flags.backend),
        ("auth", &flags.auth),
        ("state_dir", &flags.state_dir),
        ("store", &flags.store),
        ("custom_endpoint", &flags.custom_endpoint),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
}

/// The named file must be there; the usual one may.
fn config_file(desk: &Desk) -> Result<Option<(String, String)>, Failure> {
    let named = desk.global.config.as_deref().or_else(|| desk.variable("OATHCTL_CONFIG"));
    if let Some(path) = named {
        let text = desk
            .fs
            .read_text(path)
            .map_err(|error| Failure::unreadable("The configuration file", path, &error))?;
        return Ok(Some((path.to_owned(), text.as_str().to_owned())));
    }
    let usual = desk.fs.folders().config.as_ref().map(|folder| folder.join("config.toml"));
    let Some(usual) = usual.and_then(|path| path.to_str().map(str::to_owned)) else { return Ok(None) };
    match desk.fs.read_text(&usual) {
        Ok(text) => Ok(Some((usual, text.as_str().to_owned()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::unreadable("The configuration file", &usual, &error)),
    }
}

/// Only the kind of mistake and the setting's name are told: a value may be a secret that strayed in.
fn bad_config(path: &str, error: &figment::Error) -> Failure {
    use figment::error::Kind;
    let why = match &error.kind {
        Kind::UnknownField(name, _) if name.contains("secret") => {
            "a secret doesn't belong there; `client_secret_file` names a file that holds it".into()
        }
        Kind::UnknownField(name, known) => {
            format!("there is no setting `{name}`; there are {}", known.join(", "))
        }
        Kind::InvalidType(..) | Kind::InvalidValue(..) => {
            let path = error.path.join(".");
            let what = match path.as_str() {
                "allow_inspected_tls" => "true or false",
                "stock" => "a table, `[stock]`",
                _ => "a text in quotes",
            };
            format!("`{path}` must be {what}")
        }
        _ => "it is no TOML that can be read".into(),
    };
    Failure::usage(format!("The configuration file {} can't be used.", quoted(path))).because(why)
}

fn state_dir(desk: &Desk, named: Option<&str>) -> Result<PathBuf, Failure> {
    match named {
        Some(path) => Ok(desk.fs.path(path)),
        None => desk.fs.folders().data.clone().ok_or_else(|| {
            Failure::usage("This system names no folder for what lasts.")
                .advice("Name one with `--state-dir` or OATHCTL_STATE_DIR.")
        }),
    }
}

/// Files, separated as the system separates the folders of PATH.
fn checkpoints(desk: &Desk, text: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    let files = std::env::split_paths(text.unwrap_or_default()).filter(|path| !path.as_os_str().is_empty());
    let files: Vec<PathBuf> = files.map(|path| desk.fs.folders().working.join(path)).collect();
    files.iter().try_for_each(|path| desk.spares("a file of checkpoints", path))?;
    Ok(files)
}

fn parsed<T>(
    name: &str,
    text: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    text.map(read)
        .transpose()
        .map_err(|why| Failure::usage(format!("The setting `{name}` can't be used.")).because(why))
}

/// `reorder_below = 20`, or `reorder_below = { "C301" = 50, "*" = 20 }`.
fn thresholds(value: Option<Value>) -> Result<Thresholds, Failure> {
    let wrong = || {
        Failure::usage("The setting `stock.reorder_below` can't be used.")
            .because("it must be a number, or a table of numbers by model")
            .advice("Write `reorder_below = 20`, or `reorder_below = { \"C301\" = 50, \"*\" = 20 }`.")
    };
    let number = |value: &Value| value.to_i128().and_then(|n| u64::try_from(n).ok()).ok_or_else(wrong);
    let mut thresholds = Thresholds::default();
    match value {
        None => {}
        Some(Value::Dict(_, models)) => {
            for (model, below) in &models {
                match model.trim() {
                    "*" => thresholds.others = Some(number(below)?),
                    name => _ = thresholds.models.insert(name.to_owned(), number(below)?),
                }
            }
        }
        Some(value) => thresholds.others = Some(number(&value)?),
    }
    Ok(thresholds)
}

/// The cloud whose Graph the URL names; the global one for loopback and for hosts of nobody.
fn cloud_of(graph_url: &str) -> Cloud {
    let clouds = [Cloud::UsGov, Cloud::UsGovDod, Cloud::China];
    let named =
        |cloud: &Cloud| graph_url.to_ascii_lowercase().contains(&format!("://{}", cloud.graph_host()));
    clouds.into_iter().find(named).unwrap_or_default()
}

/// Azure's variable names a host with or without its scheme.
fn with_scheme(authority: &str) -> String {
    if authority.contains("://") { authority.to_owned() } else { format!("https://{authority}") }
}
