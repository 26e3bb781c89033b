//! `oathctl audit forget-person`.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::token::UserId;
use oathctl_store::Store;

use super::actor;
use crate::desk::Desk;
use crate::failure::Failure;

/// Forget who stands behind somebody's pseudonym.
#[derive(Debug, Args)]
pub(super) struct ForgetPerson {
    /// The person's object id
    id: String,
}

impl ForgetPerson {
    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        desk.ui.show(
            "The key that ties this person to a pseudonym is deleted. The records stay, and nobody can say any more whom they \
             name.",
        );
        confirmed(desk)?;
        let id = UserId::new(self.id.trim());
        if !store.audit().forget_person(&id, &actor(desk), desk.clock.utc()).await? {
            return Err(Failure::usage("The audit names nobody by this object id.")
                .advice("`oathctl audit list` shows whom it names."));
        }
        desk.ui.say(
            "Forgotten in the audit. Inventory, journal, reports and older copies may still name this person; whoever has an older \
             copy and the audit key still can.",
        );
        Ok(Exit::Ok)
    }
}

fn confirmed(desk: &Desk) -> Result<(), Failure> {
    if desk.global.yes {
        return Ok(());
    }
    if !desk.ui.terminals().can_ask() {
        return Err(Failure::gate(
            "Nobody is there to confirm, and `--yes` wasn't given; nothing was changed.",
        ));
    }
    match desk.ui.ask("Go on? Type yes: ").as_deref().map(str::trim) {
        Some(yes) if yes.eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(Failure::gate("Not confirmed; nothing was changed.")),
    }
}
