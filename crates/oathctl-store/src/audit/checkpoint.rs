//! Checkpoints: what the chain was at a moment, kept where the database is not.
//!
//! Owns: [`Checkpoint`], its line, files of such lines. Does not own: where they are kept. A checkpoint stored where a key holder
//! can't write holds him to everything before it.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use oathctl_core::time::Utc;
use serde::{Deserialize, Serialize};

use super::key::ChainKeys;
use super::{Audit, chain};
use crate::error::StoreError;
use crate::wire;

/// The schema's name.
const SCHEMA: &str = "oathctl.audit-checkpoint/1";
/// No line is longer.
const MOST_BYTES: usize = 4096;

/// What a chain was at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// `oathctl.audit-checkpoint/1`.
    pub schema: String,
    /// Which chain.
    pub chain: String,
    /// How many records it had.
    pub records: u64,
    /// The check value of the last, in hex.
    pub mac: String,
    /// When it was made.
    pub at: Utc,
    /// The check value of all this, in hex: only a key holder makes checkpoints.
    pub proof: String,
}

impl Checkpoint {
    fn proof(&self, keys: &ChainKeys) -> String {
        let text = format!("{SCHEMA}\0{}\0{}\0{}\0{}", self.chain, self.records, self.mac, self.at);
        HEXLOWER.encode(&keys.checkpoints.mac(text.as_bytes()))
    }

    /// Made with the key of its chain, and not altered since.
    pub(super) fn is_genuine(&self, keys: &ChainKeys) -> bool {
        self.schema == SCHEMA
            && self.chain == keys.chain
            && subtle::ConstantTimeEq::ct_eq(self.proof(keys).as_bytes(), self.proof.as_bytes()).into()
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// None that happens.
    pub fn to_line(&self) -> Result<String, StoreError> {
        Ok(wire::to_text(self)? + "\n")
    }

    /// Adds its line to the end of a file, which is made, 0600, where there is none; on the disk when it returns.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::DiskFull`].
    pub fn append_to(&self, path: &Path) -> Result<(), StoreError> {
        let failed = || StoreError::io("the file of checkpoints");
        let line = self.to_line()?;
        if !path.exists() {
            crate::os::private_file(path).map_err(failed())?;
        }
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().append(true).open(path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        write().map_err(failed())
    }

    /// The checkpoints of a file, and how many lines of it are none.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn read_from(path: &Path) -> Result<(Vec<Self>, u64), StoreError> {
        let failed = || StoreError::io("the file of checkpoints");
        let file = std::fs::File::open(path).map_err(failed())?;
        let (mut found, mut others) = (Vec::new(), 0);
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(failed())?;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(checkpoint) if line.len() <= MOST_BYTES => found.push(checkpoint),
                _ => others += 1,
            }
        }
        Ok((found, others))
    }
}

impl Audit<'_> {
    /// What the chain of this key is now; `None` when nothing was written yet.
    ///
    /// # Errors
    /// [`StoreError::NoAudit`], [`StoreError::AuditBroken`], and the store's.
    pub async fn checkpoint(&self, at: Utc) -> Result<Option<Checkpoint>, StoreError> {
        let keeper = self.0.keeper()?;
        let Some(key) = keeper.key_at_hand()? else { return Ok(None) };
        let mut tx = self.0.db().snapshot().await?;
        let Some(keys) = chain::find(&mut tx, &key).await? else { return Ok(None) };
        let head = chain::head(&mut tx, &keys).await?;
        let mut checkpoint = Checkpoint {
            schema: SCHEMA.to_owned(),
            chain: keys.chain.clone(),
            records: head.records,
            mac: HEXLOWER.encode(&head.mac),
            at,
            proof: String::new(),
        };
        checkpoint.proof = checkpoint.proof(&keys);
        Ok(Some(checkpoint))
    }

    /// The files that checkpoints go to.
    pub fn checkpoint_files(&self) -> &[PathBuf] {
        self.0.keeper.as_deref().map_or(&[], |keeper| &keeper.checkpoints)
    }

    /// A file that takes none stops nothing that was done already; [`Self::verify`] says how far the last one reaches.
    pub(crate) async fn checkpoint_everywhere(&self, at: Utc) {
        if let Ok(Some(checkpoint)) = self.checkpoint(at).await {
            for path in self.checkpoint_files() {
                let _ = checkpoint.append_to(path);
            }
        }
    }
}
