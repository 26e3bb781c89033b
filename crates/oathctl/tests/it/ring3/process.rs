//! The program as a child process: what it says while it runs, signals, how it ended.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longer than any run of a test may take; only a hang gets there.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running program. Killed when dropped.
pub struct Process {
    child: Child,
    out: Stream,
    err: Stream,
}

/// How it ended.
pub struct Ended {
    /// The exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Process {
    /// Starts it in a folder with this environment and no other, and `input` on standard input.
    pub fn start(folder: &Path, env: &BTreeMap<String, String>, line: &str, input: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_oathctl"))
            .args(line.split_whitespace())
            .current_dir(folder)
            .env_clear()
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have ended already; then nobody reads.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let out = Stream::of(child.stdout.take().unwrap());
        let err = Stream::of(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Waits until it has said this on standard error; false if it ended without.
    pub fn said(&self, text: &str) -> bool {
        self.err.wait(PATIENCE, |seen| seen.contains(text))
    }

    /// The same for standard output.
    pub fn printed(&self, text: &str) -> bool {
        self.out.wait(PATIENCE, |seen| seen.contains(text))
    }

    /// Waits for its end.
    pub fn end(self) -> Ended {
        self.end_within(PATIENCE)
    }

    /// The same; longer than `patience` is a hang.
    pub fn end_within(mut self, patience: Duration) -> Ended {
        let (out, err) = (self.out.all(patience), self.err.all(patience));
        let status = self.child.wait().unwrap();
        Ended { code: status.code(), signal: status.signal(), out, err }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After `end` both fail, and that is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal; the process is known to be there.
pub fn send(pid: Pid, signal: Signal) {
    kill_process(pid, signal).unwrap();
}

impl Ended {
    /// Both streams, for messages of tests.
    pub fn all(&self) -> String {
        format!("code {:?}, signal {:?}\n{}{}", self.code, self.signal, self.out, self.err)
    }
}

#[derive(Default)]
struct Heard {
    text: String,
    closed: bool,
}

/// A stream that is read all the time.
struct Stream {
    heard: Arc<(Mutex<Heard>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let heard = Arc::<(Mutex<Heard>, Condvar)>::default();
        let (shared, mut buffer) = (Arc::clone(&heard), [0; 8192]);
        let reader = std::thread::spawn(move || {
            loop {
                let read = pipe.read(&mut buffer).unwrap_or(0);
                let mut heard = shared.0.lock().unwrap();
                heard.text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                heard.closed = read == 0;
                shared.1.notify_all();
                if heard.closed {
                    return;
                }
            }
        });
        Self { heard, reader: Some(reader) }
    }

    /// Waits until the text satisfies, or the stream has closed.
    fn wait(&self, patience: Duration, satisfied: impl Fn(&str) -> bool) -> bool {
        let heard = self.heard.0.lock().unwrap();
        let goes_on = |heard: &mut Heard| !heard.closed && !satisfied(&heard.text);
        let (heard, waited) = self.heard.1.wait_timeout_while(heard, patience, goes_on).unwrap();
        assert!(!waited.timed_out(), "it hangs; it said so far: {}", heard.text);
        satisfied(&heard.text)
    }

    fn all(&mut self, patience: Duration) -> String {
        self.wait(patience, |_| false);
        let _ = self.reader.take().map(JoinHandle::join);
        self.heard.0.lock().unwrap().text.clone()
    }
}
