//! One applying run per tenant and store.
//!
//! Owns: [`RunLock`]. It is the operating system's lock on a file: it is gone with its process, however that ends,
//! so there is nothing to clean up after a kill. The file itself stays: removing it would let two runs each hold
//! a lock on a file of the same name. Where several machines share a store on a server, the server's lock comes
//! beside it, held by a session of its own; a run whose session went away may not go on ([`Leases`]).

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use oathctl_core::token::TenantId;
use sqlx::postgres::PgConnection;

use crate::db::{Db, Sql, Tx};
use crate::error::StoreError;
use crate::os;
use crate::store::Store;

/// The right to apply in a tenant; given back when dropped.
pub struct RunLock {
    holder: PathBuf,
    file: File,
    /// The session that holds the server's lock, and the store that knows of it.
    session: Option<(PgConnection, Store, Lease)>,
}

/// A lock on a server: its number, and the process there that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    number: i64,
    process: i64,
}

/// The locks that runs of this process hold on a server.
#[derive(Debug, Default)]
pub(crate) struct Leases(Mutex<Vec<Lease>>);

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
                let lock = Self { holder, file, session: None };
                lock.tell_who()?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy { holder: who(&holder) }),
            Err(TryLockError::Error(error)) => Err(StoreError::io("the lock")(error)),
        }
    }

    /// Takes the same right in a store that other machines share; on a store of this machine there is nothing more to
    /// take. From then on the store refuses to note a call once the right was lost with its session.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when a run on another machine has it; [`StoreError::Away`] and what else a server says.
    pub async fn hold_in(&mut self, store: &Store, tenant: &TenantId) -> Result<(), StoreError> {
        let Db::Postgres(server) = store.db() else { return Ok(()) };
        let number = server.number(&["run", &file_name(tenant)]);
        let mut session = server.session(&format!("oathctl run, pid {}", std::process::id())).await?;
        let try_lock = Sql::new("SELECT pg_try_advisory_lock($1)::int::bigint").bind(number);
        if try_lock.value::<i64>(&mut session).await? == 0 {
            return Err(StoreError::Busy { holder: who_there(&mut session, number).await? });
        }
        let process = Sql::new("SELECT pg_backend_pid()::bigint").value(&mut session).await?;
        let lease = Lease { number, process };
        store.leases().note(lease);
        self.session = Some((session, store.clone(), lease));
        Ok(())
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
        if let Some((_session, store, lease)) = &self.session {
            store.leases().drop(*lease); // the session closes with us, and the server frees its lock
        }
    }
}

impl fmt::Debug for RunLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunLock").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl Leases {
    fn note(&self, lease: Lease) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(lease);
    }

    fn drop(&self, lease: Lease) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|held| *held != lease);
    }

    /// Fails when one of them is no longer held: another machine may apply in that tenant by now.
    pub(crate) async fn still_held(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for lease in leases {
            let held = format!("SELECT count(*) FROM pg_locks WHERE pid = $2 AND {HELD}");
            let held = Sql::of_names(held).bind(lease.number).bind(lease.process);
            if held.value::<i64>(&mut *tx).await? == 0 {
                return Err(StoreError::LockLost);
            }
        }
        Ok(())
    }
}

/// A lock by its number, of this database: <https://www.postgresql.org/docs/current/view-pg-locks.html>.
const HELD: &str = "locktype = 'advisory' AND objsubid = 1 AND granted
    AND classid::bigint = ($1 >> 32) & 4294967295 AND objid::bigint = $1 & 4294967295
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

async fn who_there(session: &mut PgConnection, number: i64) -> Result<String, StoreError> {
    let ask = format!(
        "SELECT application_name, coalesce(host(client_addr), 'this machine') FROM pg_stat_activity
         WHERE pid IN (SELECT pid FROM pg_locks WHERE {HELD})"
    );
    let Some(row) = Sql::of_names(ask).bind(number).first(session).await? else {
        return Ok("holder unknown".to_owned());
    };
    let (name, from): (Option<String>, String) = (row.get(0)?, row.get(1)?);
    let pid = name.as_deref().and_then(|name| plain_pid(name.strip_prefix("oathctl run, ")?));
    Ok(pid.map_or_else(|| "holder unknown".to_owned(), |pid| format!("{pid} at {from}")))
}

fn who(path: &Path) -> String {
    let text: String = fs::read_to_string(path).unwrap_or_default().chars().take(40).collect();
    plain_pid(text.trim()).unwrap_or_else(|| "holder unknown".to_owned())
}

/// `pid 4711` and nothing else: it is shown.
fn plain_pid(text: &str) -> Option<String> {
    let pid = text.strip_prefix("pid ").filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()))?;
    Some(format!("pid {pid}"))
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
