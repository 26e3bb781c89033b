//! The real world behind a [`Host`].
//!
//! Owns: the system's clocks, randomness, environment, signals. The only place that asks for them.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use oathctl_core::time::{Clock, Entropy, Mono, Utc};
use oathctl_files::{NoRandomness, Random};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::{Folders, Fs, Host, Interrupts, Terminals};

impl Host {
    /// The process as it was started.
    #[expect(clippy::disallowed_methods, reason = "the host is where the environment comes from")]
    pub fn real() -> Self {
        let env = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, Zeroizing::new(value.into_string().ok()?)))
            })
            .collect();
        let is_terminal = Terminals {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
            stderr: io::stderr().is_terminal(),
        };
        Self {
            clock: Arc::new(SystemClock::started_now()),
            entropy: Arc::new(SystemEntropy),
            env,
            fs: Fs::new(folders()),
            stdin: Box::new(io::stdin()),
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
            is_terminal,
            moving_bar: is_terminal.stderr,
            ask_secret: Arc::new(|question| rpassword::prompt_password(question).map(Zeroizing::new)),
            interrupts: Arc::new(Signals),
        }
    }
}

fn folders() -> Folders {
    let own = directories::ProjectDirs::from("", "", "oathctl");
    Folders {
        working: std::env::current_dir().unwrap_or_default(),
        // Local rather than roaming: seeds' journals are no matter for a profile server.
        data: own.as_ref().map(|dirs| dirs.data_local_dir().to_owned()),
        config: own.as_ref().map(|dirs| dirs.config_dir().to_owned()),
        temp: std::env::temp_dir(),
    }
}

/// The machine's clocks.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Its monotonic clock begins now.
    #[expect(clippy::disallowed_methods, reason = "the host is where time comes from")]
    pub fn started_now() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the host is where time comes from")]
    fn utc(&self) -> Utc {
        let ms = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Utc::from_unix_ms(ms(since)),
            Err(before) => Utc::from_unix_ms(-ms(before.duration())),
        }
    }

    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        // One more: a timer counts from a millisecond that has begun.
        let left = at.ms_since(self.mono()) + 1;
        Box::pin(tokio::time::sleep(Duration::from_millis(left)))
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buf: &mut [u8]) {
        // The vault's keys come from here: without randomness there must be no key, and there is nothing to go on with.
        if getrandom::fill(buf).is_err() {
            std::process::abort();
        }
    }
}

/// The system's randomness for keys and salts; it says when there is none.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

/// Ctrl-C, and SIGTERM where there is one.
struct Signals;

impl Interrupts for Signals {
    fn next(&self) -> BoxFuture<'static, ()> {
        Box::pin(async {
            let never = Notify::new();
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                if let Ok(mut end) = signal(SignalKind::terminate()) {
                    let ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
                    futures_util::future::select(ctrl_c, std::pin::pin!(end.recv())).await;
                    return;
                }
            }
            if tokio::signal::ctrl_c().await.is_err() {
                never.notified().await;
            }
        })
    }
}
