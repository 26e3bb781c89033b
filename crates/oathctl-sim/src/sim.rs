//! The practice tenant as one thing to hold: the world, the devices, the time, who may sign in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::Devices;
use crate::guid::Guid;
use crate::options::Options;
use crate::rng::Rng;
use crate::secret::Hidden;
use crate::time::SimTime;
use crate::world::{PersonSpec, World};

/// How a practice tenant is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The same seed gives the same tenant.
    pub seed: u64,
    /// Number of invented people, 0 to 100,000.
    pub people: usize,
    /// These people instead of invented ones.
    pub given: Option<Vec<PersonSpec>>,
    /// The switches at the start, and after a reset that asks for it.
    pub options: Options,
}

impl Default for Setup {
    fn default() -> Self {
        Self { seed: 1, people: 100, given: None, options: Options::default() }
    }
}

impl Setup {
    fn world(&self, options: Options) -> World {
        match &self.given {
            Some(people) => World::of_people(self.seed, people, options),
            None => World::synthetic(self.seed, self.people, options),
        }
    }
}

/// What is behind the one lock.
pub struct Parts {
    /// The tenant.
    pub world: World,
    /// The drawer of devices.
    pub devices: Devices,
    /// How far `/_sim/clock` has moved time, in milliseconds.
    pub advance_ms: i64,
}

/// The app that may sign in. Both values are invented with the tenant.
#[derive(Debug)]
pub struct App {
    /// Client id.
    pub client_id: Guid,
    /// Client secret.
    pub client_secret: Hidden<String>,
    /// Tenant id.
    pub tenant_id: Guid,
}

struct Inner {
    setup: Setup,
    app: App,
    parts: Mutex<Parts>,
    time: Arc<dyn SimTime>,
}

/// A handle on the practice tenant; clones are the same tenant.
#[derive(Clone)]
pub struct Sim(Arc<Inner>);

impl Sim {
    /// A tenant as `setup` says, whose time is `time`.
    #[must_use]
    pub fn new(setup: Setup, time: Arc<dyn SimTime>) -> Self {
        let world = setup.world(setup.options.clone());
        let mut rng = Rng::new(setup.seed ^ 0x0A11_CE00);
        let app = App {
            client_id: Guid::random(&mut rng),
            client_secret: Hidden::new(format!("practice~{:016x}{:016x}", rng.next_u64(), rng.next_u64())),
            tenant_id: world.directory.tenant,
        };
        let parts = Mutex::new(Parts { world, devices: Devices::default(), advance_ms: 0 });
        Self(Arc::new(Inner { setup, app, parts, time }))
    }

    /// The app that may sign in.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// How it was set up.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// Everything behind the lock; hold it briefly and never across an await.
    pub fn lock(&self) -> MutexGuard<'_, Parts> {
        // A panic in another test thread leaves no half-made state worth refusing.
        self.0.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True time in the practice world, milliseconds since 1970.
    #[must_use]
    pub fn now(&self, parts: &Parts) -> i64 {
        self.0.time.unix_ms() + parts.advance_ms
    }

    /// Looks at or changes the world, with what was due settled first; gives the closure the time.
    pub fn with<T>(&self, f: impl FnOnce(&mut Parts, i64) -> T) -> T {
        let mut parts = self.lock();
        let now = self.now(&parts);
        parts.world.settle(now);
        f(&mut parts, now)
    }

    /// Makes the tenant new: no tokens, everybody back. Switches and devices stay unless asked.
    pub fn reset(&self, options_too: bool, devices_too: bool) {
        let mut parts = self.lock();
        let options = if options_too { self.0.setup.options.clone() } else { parts.world.options().clone() };
        parts.world = self.0.setup.world(options);
        if devices_too {
            parts.devices = Devices::default();
        }
    }
}
