//! The audit: who did what, in a chain that can't be changed unseen.
//!
//! Owns: the tables `audit_chains`, `audit_records`, `audit_people`, the audit key, checkpoints. The journal writes what a
//! run is about to do and what came of it, in its own transactions; other deeds come by [`Audit::append`]. Does not own:
//! what is a deed, nor where checkpoints are kept.
//!
//! The promise (H29): any change by someone *without* the audit key is found; a key holder can forge what came after the
//! last checkpoint stored where he can't write; [`Audit::verify`] says how many records that covers.

mod chain;
mod checkpoint;
mod deed;
mod export;
mod forget;
mod key;
mod list;
mod person;
mod verify;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oathctl_core::time::Entropy;

use crate::store::Store;
use key::{AuditKey, ChainKeys};

pub use checkpoint::Checkpoint;
pub use deed::{AuditDeed, DeedKind};
pub use export::AuditFormat;
pub use list::{AuditFilter, AuditRecord};
pub use verify::{AuditBroken, ChainVerified, Fault, Verified};

pub(crate) use chain::Entry;

/// In the state folder: checkpoints against older copies of the database.
const CHECKPOINTS: &str = "audit-checkpoints.jsonl";

/// The audit of a store.
#[derive(Clone, Copy)]
pub struct Audit<'s>(&'s Store);

/// What a store needs to write records.
pub(crate) struct Keeper {
    folder: PathBuf,
    checkpoints: Vec<PathBuf>,
    entropy: Arc<dyn Entropy>,
    known: Mutex<Known>,
}

/// What was found out once.
#[derive(Default)]
struct Known {
    key: Option<Arc<AuditKey>>,
    chain: Option<Arc<ChainKeys>>,
    /// Pseudonyms by lower-case id, of a time when so many had been forgotten.
    people: BTreeMap<String, String>,
    forgotten: u64,
    /// Those of the record written last, by its check value: it may have been taken back with its transaction.
    pending: BTreeMap<String, String>,
    pending_mac: Vec<u8>,
}

impl Known {
    /// What was learned with the last record is believed only when that record is the head now.
    fn settle(&mut self, head: &[u8], forgotten: u64) {
        let (pending, of) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.pending_mac));
        if self.forgotten != forgotten {
            self.people.clear(); // somebody was forgotten since: his pseudonym must not be used any more
            self.forgotten = forgotten;
        } else if of == head {
            self.people.extend(pending);
        }
    }

    fn pseudonym(&self, id: &str) -> Option<&String> {
        let id = person::key(id);
        self.people.get(&id).or_else(|| self.pending.get(&id))
    }
}

impl Store {
    /// The same store with the audit key of a state folder, which is made when the first record is written. Without
    /// it nothing that needs a record can be written. When a run ends, a checkpoint is added to a file in the state
    /// folder and to each of `checkpoints`.
    #[must_use]
    pub fn audited_by(
        mut self,
        state_dir: &Path,
        checkpoints: &[PathBuf],
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let mut files = vec![state_dir.join(CHECKPOINTS)];
        files.extend_from_slice(checkpoints);
        let (folder, known) = (state_dir.to_owned(), Mutex::default());
        let keeper = Keeper { folder, checkpoints: files, entropy, known };
        self.keeper = Some(Arc::new(keeper));
        self
    }

    /// Who did what.
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("folder", &self.folder).finish_non_exhaustive()
    }
}
