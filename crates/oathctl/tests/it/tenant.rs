//! A practice tenant on loopback, and a folder to work in.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Instant;

use oathctl_sim::server::{LoopbackListener, Ready, serve};
use oathctl_sim::time::{SimTime, TokioTime};
use oathctl_sim::{Options, Setup, Sim};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::host::{Kept, NOON_MS, Setting, host, now};

/// A tenant, a folder, the environment that names both.
pub struct Tenant {
    pub sim: Sim,
    pub ready: Ready,
    pub folder: TempDir,
    started: Instant,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// How a command ended.
pub struct Ran {
    pub args: Vec<String>,
    pub out: String,
    pub err: String,
    pub code: u8,
}

impl Tenant {
    /// With a hundred invented people and these switches.
    pub fn with(options: &[(&str, &str)]) -> Self {
        Self::of_seed(1, options)
    }

    /// Another seed is another tenant.
    pub fn of_seed(seed: u64, options: &[(&str, &str)]) -> Self {
        let mut switches = Options::default();
        for (key, value) in options {
            switches.set(key, value).unwrap();
        }
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let server = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let started = now();
                let time: Arc<dyn SimTime> = Arc::new(TokioTime::starting_at(NOON_MS));
                let sim = Sim::new(Setup { seed, options: switches, ..Setup::default() }, time);
                let at = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let listener = LoopbackListener::bind(at).unwrap();
                let ready = Ready::new(&sim, listener.address().unwrap());
                tell.send((sim.clone(), ready, started)).unwrap();
                let told = async {
                    let _ = stopped.await;
                };
                serve(listener, sim, told).await.unwrap();
            });
        });
        let (sim, ready, started) = told.recv().unwrap();
        Self { sim, ready, started, folder: TempDir::new().unwrap(), stop: Some(stop), server: Some(server) }
    }

    /// An ordinary one.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// One with twelve active tokens, which `moved.csv` wants for twelve other people.
    pub fn wanted_elsewhere() -> Self {
        let tenant = Self::new();
        let people = |places: Range<u32>| places.map(|n| tenant.upn(n)).collect::<Vec<_>>();
        tenant.write("tokens.csv", &csv(&people(80..92)));
        tenant.write("moved.csv", &csv(&people(68..80)));
        assert_eq!(tenant.run("oathctl activate tokens.csv --yes").code, 0);
        tenant
    }

    /// The environment that names it.
    pub fn env(&self) -> BTreeMap<String, String> {
        let Ready { graph_url, authority, tenant_id, client_id, client_secret, .. } = &self.ready;
        [
            ("OATHCTL_GRAPH_URL", graph_url),
            ("AZURE_AUTHORITY_HOST", authority),
            ("AZURE_TENANT_ID", tenant_id),
            ("AZURE_CLIENT_ID", client_id),
            ("AZURE_CLIENT_SECRET", client_secret),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Reads one back.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Runs a command line against it.
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(line, |_| {}, |_| {})
    }

    /// The same on another ground; `watch` gets standard error before the run begins.
    pub fn run_with(&self, line: &str, change: impl FnOnce(&mut Setting), watch: impl FnOnce(&Kept)) -> Ran {
        let mut setting = Setting { env: self.env(), started: self.started, ..Setting::default() };
        change(&mut setting);
        run_in(self.folder.path(), line, setting, watch)
    }

    /// The person at a place of the invented ones.
    pub fn upn(&self, place: u32) -> String {
        self.sim.with(|parts, _| parts.world.people.get(place).upn.clone())
    }

    /// Sets a switch.
    pub fn set(&self, key: &str, value: &str) {
        self.sim.with(|parts, _| parts.world.set_option(key, value).unwrap());
    }

    /// Serial, status, holder of everything there.
    pub fn state(&self) -> Vec<(String, String, Option<String>)> {
        self.sim.with(|parts, _| {
            let world = &parts.world;
            let tokens = world.tokens.iter().filter(|token| token.exists());
            let mut state: Vec<_> = tokens
                .map(|token| {
                    let holder = token.holder().map(|ix| world.people.get(ix).upn.clone());
                    (token.serial.clone(), token.status().graph_name().to_owned(), holder)
                })
                .collect();
            state.sort();
            state
        })
    }

    /// How many tokens are active.
    pub fn active(&self) -> usize {
        self.state().iter().filter(|(_, status, _)| status == "activated").count()
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

/// Runs a command line in a folder.
pub fn run_in(folder: &Path, line: &str, setting: Setting, watch: impl FnOnce(&Kept)) -> Ran {
    let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let (host, out, err) = host(folder, setting);
    watch(&err);
    let code = oathctl::run_code(args.iter().map(Into::into), host);
    Ran { args, out: out.text(), err: err.text(), code }
}

/// Microsoft's CSV of `count` tokens for these people, with seeds nobody has.
pub fn csv(people: &[String]) -> String {
    let mut text = String::from("upn,serial number,secret key,time interval,manufacturer,model\n");
    for (n, upn) in people.iter().enumerate() {
        text.push_str(&row(n, upn));
    }
    text
}

/// One row of it.
pub fn row(n: usize, upn: &str) -> String {
    format!("{upn},S{n:05},{},30,Vendor,T-1\n", seed(n))
}

/// A synthetic seed in Base32: 32 characters, each file's its own.
pub fn seed(n: usize) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ (n as u64 + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (0..32)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(alphabet[(state % 32) as usize])
        })
        .collect()
}
