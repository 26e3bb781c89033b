//! A host for tests: a clock that begins at a fixed time, an environment of its own, streams that are kept.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, pending};
use oathctl::host::{Folders, Fs, Host, Interrupts, Terminals};
use oathctl_core::time::{Clock, Entropy, Mono, Utc};
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// 2026-11-22T12:00:00Z.
pub const NOON_MS: i64 = 1_795_348_800_000;

/// Begins at a fixed time and runs as fast as any.
pub struct TestClock {
    base_ms: i64,
    started: Instant,
}

/// Now, for [`Setting::started`].
#[expect(clippy::disallowed_methods, reason = "real sockets need time that runs")]
pub fn now() -> Instant {
    Instant::now()
}

impl Clock for TestClock {
    fn utc(&self) -> Utc {
        Utc::from_unix_ms(self.base_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap())
    }

    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.started.elapsed().as_millis()).unwrap())
    }

    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        let left = at.ms_since(self.mono()) + 1;
        Box::pin(tokio::time::sleep(Duration::from_millis(left)))
    }
}

/// Bytes that count up over all runs of a test.
pub struct CountingEntropy;

static NEXT: AtomicU8 = AtomicU8::new(1);

impl Entropy for CountingEntropy {
    fn fill(&self, buf: &mut [u8]) {
        buf.fill(NEXT.fetch_add(1, Ordering::SeqCst));
    }
}

/// A text, and whom to tell.
type Awaited = (String, Arc<Notify>);

/// A stream whose text is kept, and which can tell when a text was written.
#[derive(Clone, Default)]
pub struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    awaited: Arc<Mutex<Vec<Awaited>>>,
}

impl Kept {
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }

    /// Notifies once this text was written.
    pub fn when(&self, text: &str, notify: &Arc<Notify>) {
        self.awaited.lock().unwrap().push((text.to_owned(), Arc::clone(notify)));
    }
}

impl Write for Kept {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let mut bytes = self.bytes.lock().unwrap();
        bytes.extend_from_slice(part);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.awaited.lock().unwrap().retain(|(wanted, notify)| {
            let is_there = text.contains(wanted.as_str());
            if is_there {
                notify.notify_one();
            }
            !is_there
        });
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody interrupts, or one who is told to.
pub struct Nobody;

impl Interrupts for Nobody {
    fn next(&self) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

/// Interrupts once for each notice.
pub struct OnNotice(pub Arc<Notify>);

impl Interrupts for OnNotice {
    fn next(&self) -> BoxFuture<'static, ()> {
        let notify = Arc::clone(&self.0);
        Box::pin(async move { notify.notified().await })
    }
}

/// What a test says about its host.
pub struct Setting {
    pub env: BTreeMap<String, String>,
    pub stdin: String,
    /// In place of `stdin`.
    pub input: Option<Box<dyn Read + Send>>,
    pub terminal: bool,
    /// What is typed where nothing is shown.
    pub typed: String,
    pub interrupts: Arc<dyn Interrupts>,
    /// What the clock showed at `started`.
    pub begins_ms: i64,
    /// When the practice tenant's clock began to run.
    pub started: Instant,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            env: BTreeMap::new(),
            stdin: String::new(),
            input: None,
            terminal: false,
            typed: "typed~secret".into(),
            interrupts: Arc::new(Nobody),
            begins_ms: NOON_MS,
            started: now(),
        }
    }
}

/// The host and the streams it writes to.
pub fn host(folder: &Path, setting: Setting) -> (Host, Kept, Kept) {
    let Setting { env, stdin, input, terminal, typed, interrupts, begins_ms, started } = setting;
    let (out, err) = (Kept::default(), Kept::default());
    let folders = Folders {
        working: folder.to_owned(),
        data: Some(folder.join("state")),
        config: Some(folder.join("config")),
        temp: folder.to_owned(),
    };
    let host = Host {
        clock: Arc::new(TestClock { base_ms: begins_ms, started }),
        entropy: Arc::new(CountingEntropy),
        env: env.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect(),
        fs: Fs::new(folders),
        stdin: input.unwrap_or_else(|| Box::new(Cursor::new(stdin.into_bytes()))),
        stdout: Box::new(out.clone()),
        stderr: Box::new(err.clone()),
        is_terminal: Terminals { stdin: terminal, stdout: terminal, stderr: terminal },
        moving_bar: false,
        ask_secret: Arc::new(move |_| Ok(Zeroizing::new(typed.clone()))),
        interrupts,
    };
    (host, out, err)
}
