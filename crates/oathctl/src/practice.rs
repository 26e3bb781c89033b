//! The practice tenant as `sim` and `demo` set it up: people, devices, switches, serving.
//!
//! Owns: the wiring of `oathctl-sim`. Does not own: the tenant's rules.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use oathctl_core::table::Table;
use oathctl_core::token::Hash;
use oathctl_sim::device::Device;
use oathctl_sim::secret::SeedBytes;
use oathctl_sim::server::{LoopbackListener, Ready, serve};
use oathctl_sim::time::{SimTime, TokioTime};
use oathctl_sim::world::PersonSpec;
use oathctl_sim::{Options, Setup, Sim, totp};

use crate::desk::Desk;
use crate::failure::{Failure, quoted};

/// Most invented people.
const MOST_PEOPLE: usize = 100_000;

/// A practice tenant.
pub struct Practice {
    sim: Sim,
}

impl Practice {
    /// A new one, whose time is the host's now and runs on from there. Needs the runtime.
    pub fn new(
        desk: &Desk,
        seed: u64,
        people: usize,
        given: Option<Vec<PersonSpec>>,
        options: Options,
    ) -> Self {
        Self::starting_at(desk.clock.utc().unix_ms(), seed, people, given, options)
    }

    /// The same, at a time of its own.
    pub fn starting_at(
        unix_ms: i64,
        seed: u64,
        people: usize,
        given: Option<Vec<PersonSpec>>,
        options: Options,
    ) -> Self {
        let time: Arc<dyn SimTime> = Arc::new(TokioTime::starting_at(unix_ms));
        Self { sim: Sim::new(Setup { seed, people, given, options }, time) }
    }

    /// The tenant itself.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Puts the tokens of a file into the drawer as honest devices.
    pub fn put_in(&self, table: &Table) {
        for row in table.rows() {
            let Some(params) = row.params() else { continue };
            let hash = match params.hash {
                Hash::Sha1 => totp::Hash::Sha1,
                Hash::Sha256 => totp::Hash::Sha256,
                Hash::Sha512 => totp::Hash::Sha512,
            };
            let device = Device {
                serial: row.serial().to_owned(),
                // A door: the device has its seed.
                seed: SeedBytes::new(row.expose_seed().to_vec()),
                hash,
                digits: params.digits,
                period_s: params.period_secs,
                drift_s: 0,
                broken: false,
            };
            self.sim.with(|parts, _| parts.devices.add(device));
        }
    }

    /// Binds, and says how to come in.
    pub fn bind(&self, at: SocketAddr) -> io::Result<(LoopbackListener, Ready)> {
        let listener = LoopbackListener::bind(at)?;
        let ready = Ready::new(&self.sim, listener.address()?);
        Ok((listener, ready))
    }

    /// Serves until `stop`.
    pub async fn serve(
        &self,
        listener: LoopbackListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        serve(listener, self.sim.clone(), stop).await
    }
}

/// `--users`: a number, or people by name.
pub fn people(desk: &Desk, text: &str) -> Result<(usize, Option<Vec<PersonSpec>>), Failure> {
    if let Ok(count) = text.parse::<usize>() {
        if count > MOST_PEOPLE {
            return Err(Failure::usage(format!("`--users` takes up to {MOST_PEOPLE} people.")));
        }
        return Ok((count, None));
    }
    let content =
        desk.fs.read_text(text).map_err(|error| Failure::unreadable("The file of people", text, &error))?;
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let people: Vec<PersonSpec> = lines.filter_map(person).collect();
    if people.is_empty() {
        return Err(Failure::usage(format!("The file of people {} names nobody.", quoted(text))));
    }
    Ok((0, Some(people)))
}

/// `upn[,display name][,word]…`; a heading is passed over.
fn person(line: &str) -> Option<PersonSpec> {
    let mut cells = line.split(',').map(str::trim);
    let upn = cells.next().filter(|upn| upn.contains('@'))?.to_owned();
    let mut person = PersonSpec { upn, ..PersonSpec::default() };
    for cell in cells.filter(|cell| !cell.is_empty()) {
        match cell.to_ascii_lowercase().as_str() {
            "guest" => person.guest = true,
            "disabled" => person.disabled = true,
            "admin" => person.admin = true,
            "phone" => person.phone = true,
            word => match word.strip_prefix("apps=").and_then(|n| n.parse::<usize>().ok()) {
                Some(apps) => person.apps = apps.min(20),
                None => person.display_name = cell.to_owned(),
            },
        }
    }
    Some(person)
}

/// Switches: those of the file, then those of the flags.
pub fn options(desk: &Desk, file: Option<&str>, set: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    if let Some(path) = file {
        let text = desk
            .fs
            .read_text(path)
            .map_err(|error| Failure::unreadable("The file of switches", path, &error))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            set_one(&mut options, line)?;
        }
    }
    for pair in set {
        set_one(&mut options, pair)?;
    }
    Ok(options)
}

fn set_one(options: &mut Options, pair: &str) -> Result<(), Failure> {
    let advice = "`oathctl sim --list-options` shows them all.";
    let (key, value) = pair
        .split_once('=')
        .ok_or_else(|| Failure::usage(format!("{} is no KEY=VALUE.", quoted(pair))).advice(advice))?;
    options.set(key.trim(), value).map_err(|error| {
        Failure::usage(format!("The switch {} can't be set.", quoted(pair)))
            .because(error.to_string())
            .advice(advice)
    })
}

/// Every switch: name, default, values, certainty, meaning.
pub fn list_options() -> String {
    let mut text = String::new();
    for spec in Options::table() {
        text.push_str(&format!(
            "{}={}\n    values: {}\n    fact: {}\n    {}\n",
            spec.name,
            spec.default_value(),
            spec.values,
            spec.certainty.word(),
            spec.meaning
        ));
    }
    text
}

/// What to type in another terminal.
pub fn how_to(ready: &Ready) -> Vec<String> {
    vec![
        format!("Serving at {} until Ctrl-C. In another terminal:", ready.graph_url),
        format!("  export OATHCTL_GRAPH_URL={}", ready.graph_url),
        format!("  export AZURE_AUTHORITY_HOST={}", ready.authority),
        format!("  export AZURE_TENANT_ID={} AZURE_CLIENT_ID={}", ready.tenant_id, ready.client_id),
        format!("  export AZURE_CLIENT_SECRET={}", ready.client_secret),
        "  oathctl activate tokens.csv".into(),
    ]
}
