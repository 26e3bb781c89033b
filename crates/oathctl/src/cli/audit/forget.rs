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
        desk.confirmed()?;
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
