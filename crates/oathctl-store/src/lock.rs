//! One applying run per tenant and store.
//!
//! Owns: [`RunLock`]. It is the operating system's lock on a file: it is gone with its process, however that ends,
//! so there is nothing to clean up after a kill. The file itself stays: removing it would let two runs each hold
//! a lock on a file of the same name.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use oathctl_core::token::TenantId;

use crate::error::StoreError;
use crate::os;

/// The right to apply in a tenant; given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    holder: PathBuf,
    file: File,
}

impl RunLock {
    /// Takes the lock of `tenant` under `state_dir`/locks, or says at once who holds it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another run has it; [`StoreError::Io`] or [`StoreError::DiskFull`] when the lock
    /// file can't be made.
    pub fn take(state_dir: &Path, tenant: &TenantId) -> Result<Self, StoreError> {
        let folder = state_dir.join("locks");
        os::private_folder(&folder).map_err(StoreError::io("the folder of locks"))?;
        let name = file_name(tenant);
        let file =
            os::private_file(&folder.join(format!("{name}.lock"))).map_err(StoreError::io("the lock"))?;
        let holder = folder.join(format!("{name}.holder"));
        match file.try_lock() {
            Ok(()) => {
                let lock = Self { holder, file };
                lock.tell_who()?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy { holder: who(&holder) }),
            Err(TryLockError::Error(error)) => Err(StoreError::io("the lock")(error)),
        }
    }

    /// In a file of its own: where locks are mandatory, nobody else could read the locked one.
    fn tell_who(&self) -> Result<(), StoreError> {
        let mut file = os::private_file(&self.holder).map_err(StoreError::io("the lock"))?;
        let text = format!("pid {}", std::process::id());
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(StoreError::io("the lock"))
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // The name first: after the lock it could be the next holder's. Failing is harmless, the lock decides.
        let _ = File::options().write(true).open(&self.holder).and_then(|file| file.set_len(0));
        let _ = self.file.unlock();
    }
}

fn who(path: &Path) -> String {
    let text: String = fs::read_to_string(path).unwrap_or_default().chars().take(40).collect();
    let plain = text.trim().strip_prefix("pid ").filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
    plain.map_or_else(|| "holder unknown".to_owned(), |pid| format!("pid {pid}"))
}

/// A tenant's id is a GUID; whatever else it may be becomes a harmless file name, each its own.
fn file_name(tenant: &TenantId) -> String {
    let mut name = String::new();
    for byte in tenant.as_str().bytes() {
        match byte.to_ascii_lowercase() {
            plain @ (b'0'..=b'9' | b'a'..=b'z' | b'-') => name.push(char::from(plain)),
            other => name.push_str(&format!("_{other:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_can_not_leave_their_folder() {
        assert_eq!(file_name(&TenantId::new("3F2A-00")), "3f2a-00");
        assert_eq!(file_name(&TenantId::new("../x")), "_2e_2e_2fx");
        assert_ne!(file_name(&TenantId::new("a_2e")), file_name(&TenantId::new("a.")));
    }
}
