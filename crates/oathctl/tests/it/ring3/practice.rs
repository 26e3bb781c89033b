//! A practice tenant on loopback in this process, and a folder with what belongs to it: the vendor's file, the client
//! secret in a file, the state.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use oathctl_sim::device::{Device, generate};
use oathctl_sim::rng::Rng;
use oathctl_sim::server::{LoopbackListener, Ready, serve};
use oathctl_sim::world::{PersonSpec, Status};
use oathctl_sim::{Options, Setup, Sim};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::looks::Looks;
use super::process::Process;
use crate::search::base32;

pub const HEADER: &str = "upn,serial number,secret key,time interval,manufacturer,model\r\n";

/// The tenant, its folder, its server.
pub struct Practice {
    pub sim: Sim,
    pub looks: Arc<Looks>,
    pub ready: Ready,
    pub folder: TempDir,
    /// All of the environment that the program gets.
    pub env: BTreeMap<String, String>,
    server: Option<Server>,
}

/// Ends when its half of the channel is dropped.
pub struct Server {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

pub fn upn(n: usize) -> String {
    format!("person{n:05}@practice.example")
}

/// Honest devices, each seed its own box.
pub fn devices(seed: u64, count: usize) -> Vec<Device> {
    generate(&mut Rng::new(seed ^ 0x0033_0033), count, "RING")
}

/// One row of the vendor's file.
pub fn row(device: &Device, person: &str) -> String {
    format!("{person},{},{},30,Examplar,XT-1\r\n", device.serial, base32(device.seed.open()))
}

impl Practice {
    /// A tenant of `count` people, each with one device in hand, and `tokens.csv` with the seeds.
    pub fn new(seed: u64, count: usize, switches: &[(&str, &str)]) -> Self {
        let person = |n| PersonSpec { upn: upn(n), phone: true, ..PersonSpec::default() };
        let practice = Self::of((0..count).map(person).collect(), seed, switches);
        let mut csv = HEADER.to_owned();
        for (n, device) in devices(seed, count).into_iter().enumerate() {
            csv.push_str(&row(&device, &upn(n)));
            practice.sim.with(|parts, _| parts.devices.add(device));
        }
        practice.write("tokens.csv", &csv);
        practice
    }

    /// A tenant of these people, and no file.
    pub fn of(people: Vec<PersonSpec>, seed: u64, switches: &[(&str, &str)]) -> Self {
        let mut options = Options::default();
        for (key, value) in switches {
            options.set(key, value).unwrap();
        }
        let looks = Looks::new();
        let sim = Sim::new(Setup { seed, people: 0, given: Some(people), options }, looks.clone());
        let (address, server) = open(&sim, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let ready = Ready::new(&sim, address);
        let folder = TempDir::new().unwrap();
        let env = env(&ready, folder.path());
        let practice = Self { sim, looks, ready, folder, env, server: Some(server) };
        practice.write("secret.txt", &format!("{}\n", practice.ready.client_secret));
        std::fs::create_dir(practice.path("tmp")).unwrap();
        practice
    }

    /// Starts the program with these words behind its name.
    pub fn start(&self, line: &str) -> Process {
        self.start_with(line, "")
    }

    /// The same with something on standard input.
    pub fn start_with(&self, line: &str, input: &str) -> Process {
        Process::start(self.folder.path(), &self.env, line, input)
    }

    /// The same, up to the point where all is done and told but the report, which goes into a pipe that nobody reads.
    pub fn start_at_report(&self, line: &str) -> Process {
        let made = Command::new("mkfifo").arg(self.path("report.json")).status().unwrap();
        assert!(made.success());
        let process = self.start(&format!("{line} --report report.json"));
        assert!(process.printed("Of the active tokens"));
        process
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn set(&self, key: &str, value: &str) {
        self.sim.with(|parts, _| parts.world.set_option(key, value).unwrap());
    }

    /// How many tokens there are.
    pub fn alive(&self) -> usize {
        self.sim.with(|parts, _| parts.world.tokens.iter().filter(|token| token.exists()).count())
    }

    /// How many of them are active.
    pub fn active(&self) -> usize {
        self.sim.with(|parts, _| {
            let alive = parts.world.tokens.iter().filter(|token| token.exists());
            alive.filter(|token| token.status() == Status::Activated).count()
        })
    }

    /// A report that was written.
    pub fn report(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// Time goes on to a second into the next step, as if somebody came back a little later.
    pub fn later(&self) {
        let mut parts = self.sim.lock();
        let into_step = self.sim.now(&parts).rem_euclid(30_000);
        parts.advance_ms += 31_000 - into_step;
    }

    /// Takes the server out, for whoever is to end it.
    pub fn take_server(&mut self) -> Server {
        self.server.take().unwrap()
    }

    /// Serves again where it did before.
    pub fn serve_again(&mut self) {
        let at = self.ready.authority.strip_prefix("http://").unwrap().parse().unwrap();
        self.server = Some(open(&self.sim, at).1);
    }
}

fn env(ready: &Ready, folder: &Path) -> BTreeMap<String, String> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    [
        ("OATHCTL_GRAPH_URL", ready.graph_url.clone()),
        ("AZURE_AUTHORITY_HOST", ready.authority.clone()),
        ("AZURE_TENANT_ID", ready.tenant_id.clone()),
        ("AZURE_CLIENT_ID", ready.client_id.clone()),
        ("AZURE_CLIENT_SECRET_FILE", path("secret.txt")),
        ("OATHCTL_STATE_DIR", path("state")),
        ("HOME", path("home")),
        ("TMPDIR", path("tmp")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl Server {
    /// Every connection breaks and nobody listens any more.
    pub fn end(self) {
        self.hang_up().join().unwrap();
    }

    /// The same, for whoever stands in the server's own thread and can't wait for it.
    pub fn hang_up(self) -> JoinHandle<()> {
        drop(self.stop);
        self.thread
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.end();
        }
    }
}

/// Serves on a thread and a runtime of its own; when told to stop, the runtime goes, and with it every connection.
fn open(sim: &Sim, at: SocketAddr) -> (SocketAddr, Server) {
    let (sim, (stop, stopped), (tell, told)) = (sim.clone(), oneshot::channel::<()>(), mpsc::channel());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = LoopbackListener::bind(at).unwrap();
            tell.send(listener.address().unwrap()).unwrap();
            let serving = std::pin::pin!(serve(listener, sim, std::future::pending()));
            futures_util::future::select(serving, stopped).await;
        });
    });
    (told.recv().unwrap(), Server { stop, thread })
}
