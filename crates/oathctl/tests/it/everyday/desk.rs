//! A practice tenant, a vault with the seeds of true devices, and the devices themselves.

use oathctl_sim::device::{Device, generate};
use oathctl_sim::rng::Rng;
use oathctl_sim::totp::Hash;
use oathctl_sim::world::PersonIx;

use crate::host::Setting;
use crate::tenant::{Ran, Tenant};

/// What stands in front of each seed file.
pub const HEADER: &str = "upn,serial number,secret key,time interval,manufacturer,model\n";

/// A tenant whose helpdesk has a vault.
pub struct Helpdesk {
    pub tenant: Tenant,
    devices: Vec<Device>,
}

impl Helpdesk {
    /// With so many devices whose seeds are in the vault; the tenant knows none of them yet.
    pub fn new(devices: usize) -> Self {
        Self::with(devices, &[])
    }

    /// The same with these switches.
    pub fn with(count: usize, switches: &[(&str, &str)]) -> Self {
        let desk = Self::without_vault(count, switches);
        desk.ok("vault init --new-key-file desk.key");
        desk.ok("vault import tokens.csv");
        desk
    }

    /// A box of devices and a file of their seeds, and no vault.
    pub fn without_vault(count: usize, switches: &[(&str, &str)]) -> Self {
        let tenant = Tenant::with(switches);
        let devices = generate(&mut Rng::new(0x0e0e), count, "T");
        tenant.sim.with(|parts, _| {
            generate(&mut Rng::new(0x0e0e), count, "T")
                .into_iter()
                .for_each(|device| parts.devices.add(device));
        });
        let rows: String = devices.iter().map(|device| row(device, "")).collect();
        tenant.write("tokens.csv", &format!("{HEADER}{rows}"));
        Self { tenant, devices }
    }

    /// Runs `oathctl LINE`, with the vault's key at hand.
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(line, |_| {})
    }

    /// The same on another ground.
    pub fn run_with(&self, line: &str, change: impl FnOnce(&mut Setting)) -> Ran {
        let with_key = |setting: &mut Setting| {
            setting.env.insert("OATHCTL_VAULT_KEY_FILE".into(), "desk.key".into());
            change(setting);
        };
        self.tenant.run_with(&format!("oathctl {line}"), with_key, |_| {})
    }

    /// Somebody at a terminal types this.
    pub fn typed(&self, line: &str, typed: &str) -> Ran {
        self.run_with(line, |setting| {
            setting.terminal = true;
            setting.stdin = typed.to_owned();
        })
    }

    /// Runs a command that must end well.
    pub fn ok(&self, line: &str) -> Ran {
        self.ends(line, 0)
    }

    /// Runs a command that must end with this code.
    pub fn ends(&self, line: &str, code: u8) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code, code, "{line}\n{}{}", ran.out, ran.err);
        ran
    }

    /// The serial of a device.
    pub fn serial(&self, n: usize) -> String {
        self.devices[n].serial.clone()
    }

    /// A row of the vendor's file for it.
    pub fn row(&self, n: usize, upn: &str) -> String {
        row(&self.devices[n], upn)
    }

    /// Somebody of the tenant with methods beside a token.
    pub fn upn(&self, n: u32) -> String {
        self.tenant.upn(n)
    }

    /// Whether the true device `n` lets this person in, a step later than whatever was sent last.
    pub fn signs_in(&self, n: usize, upn: &str) -> Result<(), String> {
        self.tries(&self.serial(n), upn)
    }

    /// The same by serial.
    pub fn tries(&self, serial: &str, upn: &str) -> Result<(), String> {
        {
            let mut parts = self.tenant.sim.lock();
            let period_ms =
                parts.devices.get(serial).map_or(30_000, |device| i64::from(device.period_s) * 1000);
            let into = self.tenant.sim.now(&parts).rem_euclid(period_ms);
            parts.advance_ms += period_ms - into + 1000;
        }
        self.tenant.sim.with(|parts, now| {
            let tried = parts.sign_in_with(upn, serial, now).map_err(|dark| dark.to_string())?;
            let done = tried.map_err(|error| error.to_string())?;
            let by = &parts.world.tokens.get(done.token).serial;
            if by == serial { Ok(()) } else { Err(format!("let in as if by {by}")) }
        })
    }

    /// Status and holder of a device in the tenant.
    pub fn state(&self, n: usize) -> Option<(String, Option<String>)> {
        let serial = self.serial(n);
        let found = self.tenant.state().into_iter().find(|(known, ..)| *known == serial);
        found.map(|(_, status, holder)| (status, holder))
    }

    /// The place of somebody.
    pub fn person(&self, upn: &str) -> PersonIx {
        self.tenant.sim.with(|parts, _| parts.world.people.by_upn(upn).expect("somebody"))
    }
}

fn row(device: &Device, upn: &str) -> String {
    assert_eq!(device.hash, Hash::Sha1);
    let seed = data_encoding::BASE32_NOPAD.encode(device.seed.open());
    format!("{upn},{},{seed},{},Examplar,XT-1\n", device.serial, device.period_s)
}

/// `(status, holder)` as [`Helpdesk::state`] tells it.
pub fn with(status: &str, holder: &str) -> Option<(String, Option<String>)> {
    Some((status.to_owned(), Some(holder.to_owned())))
}

/// In stock.
pub fn in_stock() -> Option<(String, Option<String>)> {
    Some(("available".to_owned(), None))
}
