//! Where the key file lies.
//!
//! Owns: reading it, replacing it in one step, and the lock that lets one process at a time change the vault. Does
//! not own: its bytes ([`super::keyfile`]).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::VaultError;
use crate::error::StoreError;
use crate::os;

/// Larger than any that is written, in bytes: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;

/// The key file beside the database, and its lock.
#[derive(Clone)]
pub(crate) struct Disk {
    path: PathBuf,
}

impl Disk {
    /// `NAME.db` has its key file as `NAME.vault-keys`.
    pub(super) fn beside(database: &Path) -> Self {
        Self { path: database.with_extension("vault-keys") }
    }

    /// True when there is one.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`VaultError::None`] when there is none.
    pub(super) fn read(&self) -> Result<Vec<u8>, VaultError> {
        match fs::metadata(&self.path) {
            Ok(found) if found.len() > MOST_BYTES => Err(VaultError::tampered("the key file's length")),
            Ok(_) => fs::read(&self.path).map_err(|error| failed(error).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(VaultError::None),
            Err(error) => Err(failed(error).into()),
        }
    }

    /// Replaces it: after a crash either the old bytes are there or the new ones. Nothing in it is in clear.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(bytes).map_err(failed)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let part = self.path.with_extension("vault-keys.part");
        let mut file = os::private_file(&part)?;
        file.set_len(0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &self.path)?;
        os::sync_folder(self.path.parent().unwrap_or(Path::new(".")))
    }

    /// Waits for its turn to change the vault; given back when the file is dropped.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let file = os::private_file(&self.path.with_extension("vault-lock"));
        let file = file.map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }
}

fn failed(error: io::Error) -> StoreError {
    StoreError::io("the vault's key file")(error)
}
