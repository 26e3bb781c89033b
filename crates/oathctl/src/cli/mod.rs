//! The command line as a table of contents: one line a command, one file a command.
//!
//! To add one: a file with its arguments and a `run`, a line in `Command`, a line in `dispatch`.

mod activate;
mod apply;
pub(crate) mod audit;
mod check;
mod code;
mod completions;
mod convert;
mod demo;
mod explain;
mod global;
mod held;
mod keep;
mod lying;
mod man;
mod pair;
mod plan;
mod planning;
mod resume;
mod runs;
mod schema;
mod sim;
mod stock;
mod store;
mod tokens;
mod unlock;
mod users;
mod values;
mod vault;
mod verify;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::host::Host;
use crate::places::Places;
use crate::ui::Ui;
use crate::words::en::foreign::clean;

pub use global::{ColourWhen, Global, Output};
pub use planning::{Planning, Reading};
pub use unlock::Unlock;
pub use values::{cap, duration};

/// OATH hardware tokens for Microsoft Entra ID, in bulk: import, assign, activate, and the truth about each.
#[derive(Debug, Parser)]
#[command(name = "oathctl", version, max_term_width = 100, subcommand_required = false)]
#[command(after_help = "Begin with `oathctl demo`: the main job on a practice tenant, from start to end.\n\
    Then `oathctl check tokens.csv` reads a real file offline, and `oathctl activate tokens.csv` does the job.")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do the main job: read the file, check, plan, ask, import, assign, activate, read back, report.
    Activate(activate::Activate),
    /// Read and judge a seed file offline; tell every fault by its place.
    Check(check::Check),
    /// Write the tokens of any readable file into a file of another format.
    Convert(convert::Convert),
    /// Put a box of tokens and a list of people together, shown before it is written.
    Pair(pair::Pair),
    /// Make the plan of `activate` and write it down; change nothing.
    Plan(plan::Plan),
    /// Carry out a plan that was written down, if it still holds.
    Apply(apply::Apply),
    /// Go on with a run that was cut off.
    Resume(resume::Resume),
    /// Look at runs.
    Runs(runs::Runs),
    /// Keep seeds, encrypted, for the day a token has to be given to a tenant again.
    Vault(vault::Vault),
    /// Look at tokens, give them out, replace them, take them back.
    Tokens(tokens::Tokens),
    /// Hold what a device shows against its seed: is it this one, and how is its clock?
    Verify(verify::Verify),
    /// Show the code that a token in stock shows now.
    Code(code::Code),
    /// Look at people: tokens, other methods, room for more.
    Users(users::Users),
    /// What lies where, and what to reorder.
    Stock(Box<stock::Stock>),
    /// Put the store aside, put it back, look it over.
    Store(store::Store),
    /// Look at who did what, and whether the record of it is whole.
    Audit(audit::Audit),
    /// Serve the practice tenant on this machine, until Ctrl-C.
    Sim(sim::Sim),
    /// Show the main job on a practice tenant, from start to end, in seconds.
    Demo(demo::Demo),
    /// Tell what a reason means and what to do.
    Explain(explain::Explain),
    /// Print a JSON Schema of what oathctl writes.
    Schema(schema::Schema),
    /// Print completions for a shell.
    Completions(completions::Completions),
    /// Write the man pages.
    #[command(hide = true)]
    Man(man::Man),
}

/// Runs a command line.
pub fn run(args: impl IntoIterator<Item = OsString>, host: Host) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let parsed = Cli::try_parse_from(&args);
    let output = parsed.as_ref().map_or_else(|_| wanted(&args), |cli| cli.global.output);
    let desk = match parsed {
        Ok(Cli { global, command: Some(command) }) => {
            Desk::new(host, global, places(&command)).map(|desk| (desk, command))
        }
        Ok(Cli { command: None, .. }) => return short_help(host),
        Err(error) => return told_by_clap(&error, output, host),
    };
    match desk {
        Ok((desk, command)) => ended(&desk.ui, output, dispatch(command, &desk)),
        Err(told) => {
            let (ui, failure) = *told;
            ended(&ui, output, Err(failure))
        }
    }
}

/// Tells what ended a command early, and a standard output that took nothing.
fn ended(ui: &Ui, output: Option<Output>, done: Result<Exit, Failure>) -> Exit {
    let exit = done.unwrap_or_else(|failure| {
        failure.show(ui);
        tell_script(ui, output, &failure);
        failure.exit
    });
    if ui.has_lost_data() {
        ui.wrong("oathctl: What was asked for could not be written to standard output; is its disk full?");
        return exit.and(Exit::Own);
    }
    exit
}

/// Whoever asked for JSON gets a document in every case; commands that have one of their own have printed it.
fn tell_script(ui: &Ui, output: Option<Output>, failure: &Failure) {
    if output == Some(Output::Json) && !ui.has_given_data() {
        ui.data(&format!("{}\n", serde_json::to_string_pretty(&failure.document()).unwrap_or_default()));
    }
}

/// `--output json` on a command line that can't be understood as a whole.
fn wanted(args: &[OsString]) -> Option<Output> {
    let mut words = args.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    words
        .find(|word| word.starts_with("--output"))
        .and_then(|flag| match flag.split_once('=') {
            Some((_, value)) => Some(value.to_owned()),
            None => words.next().map(|value| value.into_owned()),
        })
        .filter(|value| value == "json")
        .map(|_| Output::Json)
}

fn dispatch(command: Command, desk: &Desk) -> Result<Exit, Failure> {
    match command {
        Command::Activate(it) => it.run(desk),
        Command::Check(it) => it.run(desk),
        Command::Convert(it) => it.run(desk),
        Command::Pair(it) => it.run(desk),
        Command::Plan(it) => it.run(desk),
        Command::Apply(it) => it.run(desk),
        Command::Resume(it) => it.run(desk),
        Command::Runs(it) => it.run(desk),
        Command::Vault(it) => it.run(desk),
        Command::Tokens(it) => it.run(desk),
        Command::Verify(it) => it.run(desk),
        Command::Code(it) => it.run(desk),
        Command::Users(it) => it.run(desk),
        Command::Stock(it) => it.run(desk),
        Command::Store(it) => it.run(desk),
        Command::Audit(it) => it.run(desk),
        Command::Sim(it) => it.run(desk),
        Command::Demo(it) => it.run(desk),
        Command::Explain(it) => it.run(desk),
        Command::Schema(it) => it.run(desk),
        Command::Completions(it) => it.run(desk),
        Command::Man(it) => it.run(desk),
    }
}

/// What a command reads and writes, of those that write.
fn places(command: &Command) -> Places {
    match command {
        Command::Activate(it) => it.places(),
        Command::Check(it) => it.places(),
        Command::Convert(it) => it.places(),
        Command::Pair(it) => it.places(),
        Command::Plan(it) => it.places(),
        Command::Apply(it) => it.places(),
        Command::Resume(it) => it.places(),
        Command::Vault(it) => it.places(),
        Command::Tokens(it) => it.places(),
        Command::Verify(it) => it.places(),
        Command::Code(it) => it.places(),
        Command::Stock(it) => it.places(),
        Command::Store(it) => it.places(),
        Command::Audit(it) => it.places(),
        Command::Sim(it) => it.places(),
        Command::Runs(_)
        | Command::Users(_)
        | Command::Demo(_)
        | Command::Explain(_)
        | Command::Schema(_)
        | Command::Completions(_)
        | Command::Man(_) => Places::default(),
    }
}

/// The whole command line, for completions and man pages.
fn whole() -> clap::Command {
    Cli::command()
}

fn short_help(host: Host) -> Exit {
    let ui = Ui::new(host.stdin, host.stdout, host.stderr, host.is_terminal);
    ui.data(&format!("{}\n", whole().render_help()));
    Exit::Ok
}

/// Help and version to standard output, wrong use to standard error.
fn told_by_clap(error: &clap::Error, output: Option<Output>, host: Host) -> Exit {
    let ui = Ui::new(host.stdin, host.stdout, host.stderr, host.is_terminal);
    let plain = error.render().to_string();
    if error.use_stderr() {
        ui.wrong(plain.trim_end());
        let first = plain.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure =
            Failure::usage(clean(first)).advice("Run the command with `--help` to see its arguments.");
        tell_script(&ui, output, &failure);
        return Exit::Usage;
    }
    ui.data(&plain);
    Exit::Ok
}
