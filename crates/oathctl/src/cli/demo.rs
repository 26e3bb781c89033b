//! `oathctl demo`: the main job on a practice tenant, from start to end.

use clap::Args;
use oathctl_core::report::Exit;

use super::activate::{Wishes, activate};
use super::global::{Global, Output};
use super::planning::{Planning, Reading};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input::How;
use crate::keys::Keys;
use crate::showcase::{EXPECTED_REFUSALS, Showcase, Tried};
use crate::ui::PRACTICE;
use crate::walk::Delivery;

/// How many devices are tried out at the end.
const TRIED: usize = 10;

/// Show the main job on a practice tenant, from start to end, in seconds. Asks nothing, leaves nothing behind.
#[derive(Debug, Args)]
pub struct Demo {}

impl Demo {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let showcase = Showcase::open(desk)?;
        let inner = showcase.desk(
            desk,
            Global {
                yes: true,
                output: desk.global.output,
                quiet: desk.global.quiet,
                verbose: desk.global.verbose,
                ..Global::default()
            },
        );
        let ui = &desk.ui;
        ui.say(&format!(
            "{PRACTICE}: a tenant on this machine, with invented people and a box of 80 invented tokens."
        ));
        ui.say("Two rows are wrong on purpose: a guest, and somebody the tenant doesn't have.");
        ui.say("");
        ui.say("$ oathctl activate tokens.csv");
        let exit = run_once(&inner)?;
        if desk.output() != Output::Text {
            return Ok(expected(exit));
        }
        ui.say("");
        ui.say(&format!(
            "Now {TRIED} people get their tokens, press the button and sign in with the code shown:"
        ));
        let tried = showcase.try_out(desk, TRIED)?;
        for one in &tried {
            ui.data(&format!("  {}\n", told(one)));
        }
        ui.say("");
        ui.say("The same command once more: nothing is done twice, and used tokens are known to work.");
        ui.say("$ oathctl activate tokens.csv");
        let again = run_once(&inner)?;
        let all_signed_in = tried.iter().all(|one| one.signed_in);
        next(desk);
        Ok(if all_signed_in { expected(exit).and(expected(again)) } else { Exit::Own })
    }
}

fn run_once(desk: &Desk) -> Result<Exit, Failure> {
    let (reading, keys) = (Reading::default(), Keys::default());
    let wishes = Wishes { planning: &Planning::default(), how: How::new(&reading, &keys), keep: None };
    activate(desk, "tokens.csv", wishes, &Delivery::default())
}

/// The rows that are wrong on purpose make a run end with 3; here that is as it should be.
fn expected(exit: Exit) -> Exit {
    if exit == Exit::Rows && EXPECTED_REFUSALS > 0 { Exit::Ok } else { exit.and(Exit::Own) }
}

fn told(one: &Tried) -> String {
    let Tried { serial, upn, signed_in } = one;
    format!("{serial}  {upn}  {}", if *signed_in { "signed in" } else { "could not sign in" })
}

fn next(desk: &Desk) {
    desk.ui.data(
        "\nFor a real tenant:\n  \
         oathctl check tokens.csv                     reads the vendor's file offline and tells every fault\n  \
         export AZURE_TENANT_ID=… AZURE_CLIENT_ID=…   the tenant, and an app registration in it\n  \
         export AZURE_CLIENT_SECRET_FILE=…            a file with its secret (or let it be asked for)\n  \
         oathctl activate tokens.csv                  plans, shows the numbers, asks, and does the job\n\
         To rehearse with a file of your own: oathctl sim\n",
    );
}
