//! The three streams as commands use them: data out, everything else to standard error, questions.
//!
//! Owns: [`Ui`], colour, the mark of the practice tenant. Does not own: words.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host::Terminals;

/// What everything on loopback says.
pub const PRACTICE: &str = "PRACTICE TENANT";

type Sink = Arc<Mutex<Box<dyn Write + Send>>>;

/// How to speak.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// With colour on standard error and output.
    pub colour: Colour,
    /// Only what was asked for and what went wrong.
    pub quiet: bool,
    /// More of what is being done: 0, 1, 2.
    pub verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On terminals, unless `NO_COLOR`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The streams. Clones write to the same ones.
#[derive(Clone)]
pub struct Ui {
    out: Sink,
    err: Sink,
    log: Option<Sink>,
    stdin: Arc<Mutex<BufReader<Box<dyn Read + Send>>>>,
    terminals: Terminals,
    colour_out: bool,
    colour_err: bool,
    manner: Manner,
    practice: Arc<AtomicBool>,
    lost: Arc<AtomicBool>,
    given: Arc<AtomicBool>,
}

impl Ui {
    /// Over these streams. `no_colour` is the environment's word.
    pub fn new(
        stdin: Box<dyn Read + Send>,
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        terminals: Terminals,
    ) -> Self {
        let sink = |to| Arc::new(Mutex::new(to));
        Self {
            out: sink(out),
            err: sink(err),
            log: None,
            stdin: Arc::new(Mutex::new(BufReader::new(stdin))),
            terminals,
            colour_out: false,
            colour_err: false,
            manner: Manner::default(),
            practice: Arc::default(),
            lost: Arc::default(),
            given: Arc::default(),
        }
    }

    /// Takes on a manner.
    pub fn behave(&mut self, manner: Manner, no_colour: bool) {
        let colour = |terminal: bool| match manner.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !no_colour,
        };
        self.colour_out = colour(self.terminals.stdout);
        self.colour_err = colour(self.terminals.stderr);
        self.manner = manner;
    }

    /// Writes what goes to standard error to this as well.
    pub fn log_to(&mut self, log: Box<dyn Write + Send>) {
        self.log = Some(Arc::new(Mutex::new(log)));
    }

    /// Writes nothing more to the log.
    pub fn end_log(&self) {
        if let Some(log) = &self.log {
            *lock(log) = Box::new(std::io::sink());
        }
    }

    /// From here on everything says PRACTICE TENANT.
    pub fn mark_practice(&self) {
        self.practice.store(true, Ordering::Relaxed);
    }

    /// Which streams are terminals.
    pub fn terminals(&self) -> Terminals {
        self.terminals
    }

    /// How to speak.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// Data: what was asked for. A reader that went away is no fault of ours.
    pub fn data(&self, text: &str) {
        self.given.store(true, Ordering::Relaxed);
        match write_to(&self.out, text) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                self.lost.store(true, Ordering::Relaxed)
            }
            _ => {}
        }
    }

    /// The same for what is no text.
    pub fn data_bytes(&self, bytes: &[u8]) {
        self.given.store(true, Ordering::Relaxed);
        let mut out = lock(&self.out);
        if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    /// Something went to standard output.
    pub fn has_given_data(&self) -> bool {
        self.given.load(Ordering::Relaxed)
    }

    /// Data could not be written, though somebody was there to read it.
    pub fn has_lost_data(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// A heading within data.
    pub fn heading(&self, text: &str) -> String {
        if self.colour_out { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Something that went wrong; said even when quiet. Each line that is not indented stands for itself.
    pub fn wrong(&self, text: &str) {
        let marked = match text.split_once(": ") {
            Some(("oathctl", rest)) if self.colour_err => format!("\x1b[1;31moathctl:\x1b[0m {rest}"),
            _ => text.to_owned(),
        };
        self.stderr_line(&marked, text);
    }

    /// A line about what is being done.
    pub fn say(&self, text: &str) {
        if !self.manner.quiet {
            self.stderr_line(text, text);
        } else {
            self.to_log(text);
        }
    }

    /// A line only for those who asked for more.
    pub fn detail(&self, text: &str) {
        if self.manner.verbose > 0 {
            self.stderr_line(text, text);
        } else {
            self.to_log(text);
        }
    }

    /// A line that must be seen whatever the manner (a question's ground).
    pub fn show(&self, text: &str) {
        self.stderr_line(text, text);
    }

    /// The mark to put before a line, empty away from loopback.
    pub fn mark(&self) -> String {
        if self.practice.load(Ordering::Relaxed) { format!("[{PRACTICE}] ") } else { String::new() }
    }

    /// Asks on the terminal; the line typed, without its end. `None` at the end of input.
    pub fn ask(&self, question: &str) -> Option<String> {
        let _ = write_to(&self.err, &format!("{}{question}", self.mark()));
        let mut line = String::new();
        let read = lock(&self.stdin).read_line(&mut line);
        if !line.ends_with('\n') {
            let _ = write_to(&self.err, "\n");
        }
        read.ok().filter(|n| *n > 0).map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Standard input as it stands, for reading a file from it.
    pub fn with_stdin<T>(&self, read: impl FnOnce(&mut dyn Read) -> T) -> T {
        read(&mut *lock(&self.stdin))
    }

    fn stderr_line(&self, shown: &str, plain: &str) {
        let mark = self.mark();
        let _ = write_to(&self.err, &format!("{mark}{shown}\n"));
        self.to_log(plain);
    }

    fn to_log(&self, text: &str) {
        if let Some(log) = &self.log {
            let _ = write_to(log, &format!("{}{text}\n", self.mark()));
        }
    }
}

fn write_to(sink: &Sink, text: &str) -> std::io::Result<()> {
    let mut sink = lock(sink);
    sink.write_all(text.as_bytes())?;
    sink.flush()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
