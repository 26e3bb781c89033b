//! What `demo` shows: a practice tenant in this process, a vendor's file for it, people who try their tokens.
//!
//! Owns: [`Showcase`]. Everything lies in one temporary folder and goes away with it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use oathctl_entra::http_reqwest::HttpTransport;
use oathctl_entra::transport::Transport;
use oathctl_sim::Options;
use oathctl_sim::server::Ready;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::host::{Environment, Folders, Fs};
use crate::practice::Practice;

/// Tokens in the box.
const TOKENS: usize = 80;
/// Invented people.
const PEOPLE: usize = 120;
/// How long each request takes.
const LATENCY_MS: u64 = 100;
/// Rows that are wrong on purpose.
pub const EXPECTED_REFUSALS: usize = 2;
/// The place of a guest among the invented people, and the rows at which the wrong ones stand.
const GUEST: u32 = 13;
const GUEST_ROW: usize = 19;
const UNKNOWN_ROW: usize = 47;

/// A tenant, a folder, a file.
pub struct Showcase {
    folder: TempDir,
    ready: Ready,
    rows: Vec<(String, String)>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// Somebody who tried a token.
pub struct Tried {
    /// The token.
    pub serial: String,
    /// The person.
    pub upn: String,
    /// It worked.
    pub signed_in: bool,
}

impl Showcase {
    /// Starts the tenant on a thread of its own and writes the vendor's file.
    pub fn open(desk: &Desk) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("oathctl-demo-")
            .tempdir_in(&desk.fs.folders().temp)
            .map_err(|error| Failure::unwritable("A temporary folder in", "the temporary folder", &error))?;
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let base = desk.clock.utc().unix_ms();
        let server = std::thread::spawn(move || serve(base, &tell, stopped));
        let (ready, people) =
            told.recv().map_err(|_| Failure::own("The practice tenant can't listen on loopback."))?;
        let mut showcase = Self { folder, ready, rows: Vec::new(), stop: Some(stop), server: Some(server) };
        showcase.write_file(desk, &people)?;
        Ok(showcase)
    }

    /// A desk at which nothing of the environment counts but what names this tenant (H5).
    pub fn desk(&self, outer: &Desk, global: Global) -> Desk {
        let ready = &self.ready;
        let env: Environment = [
            ("OATHCTL_GRAPH_URL", &ready.graph_url),
            ("AZURE_AUTHORITY_HOST", &ready.authority),
            ("AZURE_TENANT_ID", &ready.tenant_id),
            ("AZURE_CLIENT_ID", &ready.client_id),
            ("AZURE_CLIENT_SECRET", &ready.client_secret),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Zeroizing::new(value.clone())))
        .collect();
        outer.elsewhere(env, self.fs(), global)
    }

    /// The first people whose rows are right press their buttons and sign in.
    pub fn try_out(&self, desk: &Desk, count: usize) -> Result<Vec<Tried>, Failure> {
        let right =
            (0..TOKENS).filter(|n| *n != GUEST_ROW && *n != UNKNOWN_ROW).filter_map(|n| self.rows.get(n));
        let chosen: Vec<_> = right.step_by(TOKENS / count.max(1)).take(count).cloned().collect();
        desk.block_on(async {
            let control = Control::of(&self.ready);
            let mut tried = Vec::new();
            for (serial, upn) in chosen {
                let shown = control.call("GET", &format!("/devices/{serial}/code"), None).await?;
                let answer = control
                    .call("POST", "/sign-in", Some(json!({"upn": upn, "code": shown["code"]})))
                    .await?;
                tried.push(Tried { serial, upn, signed_in: answer["ok"] == true });
            }
            Ok(tried)
        })
    }

    fn fs(&self) -> Fs {
        let folder = self.folder.path().to_owned();
        Fs::new(Folders {
            working: folder.clone(),
            data: Some(folder.join("state")),
            config: None,
            temp: folder,
        })
    }

    /// The file as a vendor would deliver it, with the people already in it.
    fn write_file(&mut self, desk: &Desk, people: &[String]) -> Result<(), Failure> {
        let box_of_tokens = desk.block_on(async {
            let control = Control::of(&self.ready);
            control.call("POST", "/devices", Some(json!({"generate": TOKENS, "prefix": "P"}))).await
        })?;
        let mut csv =
            Zeroizing::new(String::from("upn,serial number,secret key,time interval,manufacturer,model\r\n"));
        let devices = box_of_tokens["devices"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (device, upn) in devices.iter().zip(people) {
            let (serial, seed) = (text(&device["serial"]), text(&device["seed"]));
            csv.push_str(&format!("{},{serial},{seed},30,Practice,P-1\r\n", upn.replace('\'', "''")));
            self.rows.push((serial.to_owned(), upn.clone()));
        }
        self.fs()
            .write_private("tokens.csv", csv.as_bytes())
            .map_err(|error| Failure::unwritable("The demo's file", "tokens.csv", &error))
    }
}

impl Drop for Showcase {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

type Opened = (Ready, Vec<String>);

/// The server's thread: says how to come in and who lives there, then serves until told to stop.
fn serve(base_ms: i64, tell: &std::sync::mpsc::Sender<Opened>, stopped: oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let practice = Practice::starting_at(base_ms, 1, PEOPLE, None, slow_enough());
        let at = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let Ok((listener, ready)) = practice.bind(at) else { return };
        let people = cast(&practice);
        if tell.send((ready, people)).is_err() {
            return;
        }
        let told = async {
            let _ = stopped.await;
        };
        let _ = practice.serve(listener, told).await;
    });
}

/// A tenant far away, so that there is something to watch.
fn slow_enough() -> Options {
    Options { latency_ms: LATENCY_MS, ..Options::default() }
}

/// Who gets a token: ordinary people, and two rows that are wrong on purpose.
fn cast(practice: &Practice) -> Vec<String> {
    practice.sim().with(|parts, _| {
        let people = &parts.world.people;
        let ordinary = people.iter().filter(|(ix, person)| {
            // The five-app person has no room, administrators need a flag, `#EXT#` looks like a guest.
            let ordinary = person.enabled && person.roles.is_empty() && ix % 100 != 43;
            ordinary && !person.upn.contains("#EXT#")
        });
        let mut cast: Vec<String> = ordinary.map(|(_, person)| person.upn.clone()).take(TOKENS).collect();
        if let Some(slot) = cast.get_mut(GUEST_ROW) {
            *slot = people.get(GUEST).upn.clone();
        }
        if let Some(slot) = cast.get_mut(UNKNOWN_ROW) {
            let domain = slot.rsplit('@').next().unwrap_or_default().to_owned();
            *slot = format!("nobody.here@{domain}");
        }
        cast
    })
}

/// The practice tenant's control routes.
struct Control {
    base: String,
    transport: HttpTransport,
}

impl Control {
    fn of(ready: &Ready) -> Self {
        Self { base: ready.control_url.clone(), transport: HttpTransport::new(Duration::from_secs(5)) }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let fault = |why: String| Failure::own("The practice tenant doesn't answer.").because(why);
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())))
            .map_err(|error| fault(error.to_string()))?;
        let reply = self.transport.send(request, Duration::from_secs(10)).await;
        let reply = reply.map_err(|error| fault(error.to_string()))?;
        serde_json::from_slice(reply.body()).map_err(|_| fault("it answered without JSON".into()))
    }
}
