//! What a command has in hand: the host's parts, the global flags, the settings once they are needed.
//!
//! Owns: [`Desk`], the runtime for commands that need one, the way from a signal to [`Stop`]. Does not own: any
//! command.

use std::path::Path;
use std::sync::Arc;

use oathctl_core::stop::{Stop, StopLevel};
use oathctl_core::time::{Clock, Entropy};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::cli::{ColourWhen, Global, Output};
use crate::failure::Failure;
use crate::host::{AskSecret, Environment, Fs, Host, Interrupts};
use crate::os;
use crate::places::Places;
use crate::settings::Settings;
use crate::ui::{Colour, Manner, Ui};

/// What a command has in hand.
pub struct Desk {
    /// The streams.
    pub ui: Ui,
    /// Our clocks.
    pub clock: Arc<dyn Clock>,
    /// For run ids and for the vault's keys.
    pub entropy: Arc<dyn Entropy>,
    /// The environment.
    pub env: Environment,
    /// Files.
    pub fs: Fs,
    /// Asks for a secret.
    pub ask_secret: AskSecret,
    /// Requests to end.
    pub interrupts: Arc<dyn Interrupts>,
    /// A bar may be drawn.
    pub moving_bar: bool,
    /// The global flags.
    pub global: Global,
    places: Places,
}

impl Desk {
    /// Takes the host apart. Outputs that would write over an input, and a log file that can't be written, are told
    /// through the returned [`Ui`].
    pub fn new(host: Host, global: Global, places: Places) -> Result<Self, Box<(Ui, Failure)>> {
        let Host {
            clock,
            entropy,
            env,
            fs,
            stdin,
            stdout,
            stderr,
            is_terminal,
            moving_bar,
            ask_secret,
            interrupts,
        } = host;
        let mut ui = Ui::new(stdin, stdout, stderr, is_terminal);
        let colour = match global.color.unwrap_or_default() {
            ColourWhen::Auto => Colour::Auto,
            ColourWhen::Always => Colour::Always,
            ColourWhen::Never => Colour::Never,
        };
        let no_colour = env.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        ui.behave(Manner { colour, quiet: global.quiet, verbose: global.verbose }, no_colour);
        let places = everywhere(places, &global, &env, &fs);
        if let Err(failure) = places.apart(&fs) {
            return Err(Box::new((ui, failure)));
        }
        if let Some(path) = &global.log_file {
            match os::append_private(&fs.path(path)) {
                Ok(file) => ui.log_to(Box::new(file)),
                Err(error) => return Err(Box::new((ui, Failure::unwritable("The log file", path, &error)))),
            }
        }
        Ok(Self { ui, clock, entropy, env, fs, ask_secret, interrupts, moving_bar, global, places })
    }

    /// The same streams and clocks with another environment, other folders, other flags.
    pub fn elsewhere(&self, env: Environment, fs: Fs, global: Global) -> Self {
        Self {
            ui: self.ui.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            env,
            fs,
            ask_secret: Arc::clone(&self.ask_secret),
            interrupts: Arc::clone(&self.interrupts),
            moving_bar: self.moving_bar,
            global,
            places: Places::default(),
        }
    }

    /// Refuses when an output of this command is a file that turned out to be read or kept too.
    pub fn spares(&self, what: &'static str, path: &Path) -> Result<(), Failure> {
        self.places.spares(&self.fs, what, path).map_err(|(failure, is_log)| {
            if is_log {
                self.ui.end_log();
            }
            failure
        })
    }

    /// Asks once whether to go on, on a terminal; `--yes` answers. What is meant was shown before.
    pub fn confirmed(&self) -> Result<(), Failure> {
        if self.global.yes {
            return Ok(());
        }
        if !self.ui.terminals().can_ask() {
            return Err(Failure::gate(
                "Nobody is there to confirm, and `--yes` wasn't given; nothing was changed.",
            ));
        }
        match self.ui.ask("Go on? Type yes: ").as_deref().map(str::trim) {
            Some(yes) if yes.eq_ignore_ascii_case("yes") => Ok(()),
            _ => Err(Failure::gate("Not confirmed; nothing was changed.")),
        }
    }

    /// A variable of the environment; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// What goes to standard output.
    pub fn output(&self) -> Output {
        self.global.output.unwrap_or_default()
    }

    /// The settings, from every source.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let settings = Settings::gather(self)?;
        if settings.is_practice() {
            self.ui.mark_practice();
        }
        Ok(settings)
    }

    /// Runs an asynchronous command to its end.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = runtime()?;
        let done = runtime.block_on(work);
        // A question may still wait for its answer in a thread of its own; nobody waits for that.
        runtime.shutdown_background();
        done
    }

    /// From here on the first request to end drains, the second aborts. Needs the runtime.
    pub fn heed_interrupts(&self, stop: &Stop) -> Heeding {
        let (interrupts, ui, stop) = (Arc::clone(&self.interrupts), self.ui.clone(), stop.clone());
        Heeding(tokio::spawn(async move {
            interrupts.next().await;
            stop.ask(StopLevel::Drain);
            ui.show(
                "Stopping: nothing new is sent; what is under way is brought to its end (30 s at most). \
                     Once more aborts.",
            );
            interrupts.next().await;
            stop.ask(StopLevel::Abort);
            ui.show("Aborted. The journal knows what was under way.");
        }))
    }
}

/// Ends with its run.
pub struct Heeding(JoinHandle<()>);

impl Drop for Heeding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The files of every command beside its own.
fn everywhere(places: Places, global: &Global, env: &Environment, fs: &Fs) -> Places {
    let variable = |name: &str| env.get(name).map(|value| value.trim().to_owned());
    let usual = fs.folders().config.as_ref().map(|folder| folder.join("config.toml"));
    places
        .read("the configuration", global.config.as_deref())
        .read("the configuration", variable("OATHCTL_CONFIG").as_deref())
        .read("the configuration", usual.as_deref().and_then(Path::to_str))
        .read("the client secret's file", variable("AZURE_CLIENT_SECRET_FILE").as_deref())
        .read("the passphrase file", variable(crate::keys::FILE_VARIABLE).as_deref())
        .write("--log-file", global.log_file.as_deref())
}

fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::own("The runtime can't be started.").because(error.to_string()))?;
    let _entered = runtime.enter();
    os::survive_size_limits();
    Ok(runtime)
}
