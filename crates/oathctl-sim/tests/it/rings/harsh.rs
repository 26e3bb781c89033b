//! A harsh world: faults of every kind, a wall clock that is wrong and steps, a machine that sleeps, up to three kills.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use oathctl_core::table::Table;
use oathctl_sim::Sim;
use oathctl_sim::rng::Rng;

use super::clock::VirtualClock;
use super::death::Doom;
use super::exact::assert_all_active;
use super::life::Life;
use super::tenant::{BASE_MS, input, tenant};

pub const ROWS: usize = 60;

pub const SWITCHES: &[(&str, &str)] = &[
    ("latency_ms", "80"),
    ("latency_jitter_ms", "240"),
    ("p_503", "0.05"),
    ("p_reset_after", "0.02"),
    ("p_lost", "0.02"),
    ("p_delayed", "0.01"),
    ("delayed_effect_s", "150"),
    ("p_stale", "0.2"),
    ("stale_s", "3"),
    ("access_token_lifetime_s", "20"),
    ("p_duplicate", "0.01"),
];

/// What a ring runs: the tenant, the input, our clock, and when its processes die.
pub struct Trial {
    pub sim: Sim,
    pub table: Table,
    pub clock: Arc<VirtualClock>,
    pub dooms: Vec<Doom>,
}

/// One seed of a ring, on a thread and a runtime of its own: every run begins at the same virtual instant, and a
/// failed one is told, not fatal.
pub fn alone<F: Future<Output = Life> + 'static>(
    ring: &'static str,
    seed: u64,
    run: fn(Trial) -> F,
) -> Result<Life, String> {
    thread_of(seed, move || harsh(ring, seed, run))
}

/// Work on a thread and a runtime of its own, in virtual time; a panic of it is told.
pub fn thread_of<T: Send + 'static, F: Future<Output = T>>(
    seed: u64,
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<T, String> {
    let trial = move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(work())
    };
    std::thread::spawn(trial).join().map_err(|panic| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => format!("seed {seed} panicked"),
    })
}

async fn harsh<F: Future<Output = Life>>(ring: &str, seed: u64, run: fn(Trial) -> F) -> Life {
    let mut dice = Rng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (fault_seed, delay) =
        (seed.to_string(), ["0", "2500", "10000"][usize::try_from(dice.below(3)).unwrap()]);
    let mut switches = SWITCHES.to_vec();
    switches.extend([("fault_seed", fault_seed.as_str()), ("assign_visibility_delay_ms", delay)]);
    let sim = tenant(seed, ROWS, &switches);
    let wrong_ms = i64::try_from(dice.below(7_200_000)).unwrap() - 3_600_000;
    let clock = Arc::new(VirtualClock::starting_at(BASE_MS, wrong_ms));
    let dooms =
        (0..dice.below(4)).map(|_| Doom { at: 8 + dice.below(40), after: dice.below(2) == 1 }).collect();
    let trouble = trouble(sim.clone(), clock.clone(), &mut dice);
    let running = run(Trial { sim: sim.clone(), table: input(seed, ROWS), clock, dooms });
    futures_util::pin_mut!(trouble, running);
    let life = match select(running, trouble).await {
        Either::Left((life, _)) => life,
        Either::Right(((), running)) => running.await,
    };
    settle(&sim).await;
    show(&life.tape);
    let context =
        format!("seed {seed} (OATHCTL_RING_SEED={seed} cargo nextest run -p oathctl-sim {ring}_one_seed)");
    assert_all_active(&sim, &life.finished.rows, &context);
    life
}

/// The wall clock steps once, and the machine sleeps once.
async fn trouble(sim: Sim, clock: Arc<VirtualClock>, dice: &mut Rng) {
    let (first, second) = (dice.below(20_000), dice.below(20_000));
    let step = i64::try_from(dice.below(600_000)).unwrap() - 300_000;
    let asleep = i64::try_from(dice.below(400_000)).unwrap();
    tokio::time::sleep(Duration::from_millis(first)).await;
    clock.step_ms(step);
    tokio::time::sleep(Duration::from_millis(second)).await;
    sim.lock().advance_ms += asleep;
    clock.step_ms(asleep);
}

/// Lets everything that was delayed arrive.
pub async fn settle(sim: &Sim) {
    tokio::time::sleep(Duration::from_secs(600)).await;
    sim.with(|_, _| ());
}

/// The events of a run, for whoever looks at one seed.
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "asked for by a person at a terminal")]
pub fn show(tape: &str) {
    if std::env::var_os("OATHCTL_RING_TAPE").is_some() {
        println!("{tape}");
    }
}

/// A number from the environment: which seed, how many minutes.
#[expect(clippy::disallowed_methods, reason = "how a person or xtask tells a test what to do")]
pub fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}
