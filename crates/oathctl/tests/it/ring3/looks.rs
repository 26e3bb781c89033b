//! The tenant's time, which counts how often the tenant looks at it: twice a request, at its arrival and at its effect.
//! That makes "at the k-th request" exact without anybody polling or sleeping.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use oathctl_sim::time::SimTime;

type Deed = Box<dyn FnOnce() + Send>;

/// Counts, and strikes once at a number.
#[derive(Default)]
pub struct Count {
    taken: AtomicU64,
    trap: Mutex<Option<(u64, Deed)>>,
}

impl Count {
    /// At the `nth` from now (from 1) does this deed, once.
    pub fn at(&self, nth: u64, deed: impl FnOnce() + Send + 'static) {
        *self.trap.lock().unwrap() = Some((self.taken() + nth, Box::new(deed)));
    }

    /// Whether what was set to happen is still to come; it won't any more.
    pub fn disarm(&self) -> bool {
        self.trap.lock().unwrap().take().is_some()
    }

    /// How many there were.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::SeqCst)
    }

    /// One more.
    pub fn step(&self) {
        let taken = self.taken.fetch_add(1, Ordering::SeqCst) + 1;
        let due = self.trap.lock().unwrap().take_if(|(at, _)| taken >= *at);
        if let Some((_, deed)) = due {
            deed();
        }
    }
}

/// Time that runs with the machine's, begins at the beginning of a step, and can strike.
pub struct Looks {
    base_ms: i64,
    started: Instant,
    /// The looks. A deed at one of them is done under the tenant's lock: it must not ask the tenant anything.
    pub count: Arc<Count>,
}

impl Looks {
    #[expect(clippy::disallowed_methods, reason = "ring 3 runs by the wall clock")]
    pub fn new() -> Arc<Self> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        // A second into the next step of half a minute: codes of the first requests have a whole window before them.
        let base_ms = (i64::try_from(wall).unwrap() / 30_000 + 1) * 30_000 + 1_000;
        Arc::new(Self { base_ms, started: Instant::now(), count: Arc::default() })
    }

    /// At the `nth` look from now (from 1) does this deed, once.
    pub fn at(&self, nth: u64, deed: impl FnOnce() + Send + 'static) {
        self.count.at(nth, deed);
    }

    /// Whether what was set to happen is still to come; it won't any more.
    pub fn disarm(&self) -> bool {
        self.count.disarm()
    }
}

impl SimTime for Looks {
    fn unix_ms(&self) -> i64 {
        self.count.step();
        self.base_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap()
    }
}
