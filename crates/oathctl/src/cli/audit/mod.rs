//! `oathctl audit`: who did what, and whether that is as it was written.
//!
//! Owns: the list of its commands. Does not own: the chain (`oathctl-store`).

mod checkpoint;
mod export;
mod forget;
mod list;
mod verify;

use clap::{Args, Subcommand};
use oathctl_core::journal::Actor;
use oathctl_core::report::Exit;
use oathctl_store::{AuditDeed, DeedKind, Store};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::os;
use crate::places::Places;

/// Who did what.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl audit list --latest 20\n  \
    oathctl audit list --person 5f7c0d1e-0000-4000-8000-000000000001\n  \
    oathctl audit verify\n  \
    oathctl audit export --format cef --out audit.cef\n  \
    oathctl audit checkpoint --to /mnt/worm/oathctl.jsonl")]
pub struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List records, the oldest first
    List(list::List),
    /// Read every record and compare the chain with the checkpoints
    Verify(verify::Verify),
    /// Write records for a collector or a spreadsheet
    Export(export::Export),
    /// Add a checkpoint to the files that checkpoints go to
    Checkpoint(checkpoint::ToFiles),
    /// Forget who stands behind somebody's pseudonym; the chain stays whole
    ForgetPerson(forget::ForgetPerson),
}

impl Audit {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            What::Export(it) => it.places(),
            What::Checkpoint(it) => it.places(),
            What::Verify(it) => it.places(),
            What::List(_) | What::ForgetPerson(_) => Places::default(),
        }
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            let done = match self.what {
                What::List(it) => it.run(desk, &store).await,
                What::Verify(it) => it.run(desk, &store).await,
                What::Export(it) => it.run(desk, &store).await,
                What::Checkpoint(it) => it.run(desk, &store).await,
                What::ForgetPerson(it) => it.run(desk, &store).await,
            };
            store.close().await;
            done
        })
    }
}

/// Writes down what is about to be done here, or just was.
pub(crate) async fn note(
    desk: &Desk,
    store: &Store,
    kind: DeedKind,
    serials: &[&str],
    count: usize,
) -> Result<(), Failure> {
    let (actor, count) = (actor(desk), u64::try_from(count).ok());
    let deed = AuditDeed { serials, count, ..AuditDeed::new(kind, &actor, desk.clock.utc()) };
    Ok(store.audit().append(&deed).await?)
}

/// Who is at this desk, for a record of the audit.
pub(crate) fn actor(desk: &Desk) -> Actor {
    Actor { os_user: desk.variable(os::USER_VARIABLE).map(str::to_owned), signed_in_as: None }
}
