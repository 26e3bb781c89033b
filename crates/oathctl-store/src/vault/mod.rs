//! The vault: seeds, each under a key of its own, for whoever has to give a token to a tenant again.
//!
//! Owns: [`Vault`] (made, opened, read), its formats and its promises. [`import`] takes seeds in, [`change`] has
//! unlockers, compartments and forgetting, [`lend`] what a run borrows; [`rows`] is the database's half, [`keyfile`] and [`place`] the other.
//! Does not own: who may ask (the caller), what a code is (`oathctl-core`), prompting.
//!
//! The chain: seed ← seed key (in the key file) ← vault key, or for handed-out tokens the identity of the sealed
//! compartment ← unlocker ← passphrase, key file or age identity. `docs/vault.md` has the bytes.

mod chain;
mod change;
mod disk;
mod envelope;
mod error;
mod header;
mod import;
mod keyfile;
mod lend;
mod payload;
pub(crate) mod place;
mod rows;
pub(crate) mod secret;
mod table;
mod unlocker;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use oathctl_core::time::{Entropy, Utc};

pub use change::UnlockerInfo;
pub use error::VaultError;
pub use import::{Imported, NewSeed};
pub use keyfile::Compartment;
pub use lend::{Lack, Lent};
pub use payload::Parameters;
pub use rows::{Listed, TokenKey};
pub use unlocker::{NewUnlocker, Opener, Owner, new_key_file};

use crate::db::{On, Tx};
use crate::store::Store;
use chain::Chain;
use envelope::Pair;
use header::Header;
use keyfile::{KeyFile, KeyId, Wrapped};
use payload::Payload;
use place::{Place, Turn};
use rows::Row;
use secret::Key;
use unlocker::{Secrets, Unlocker};

/// Through which door a seed leaves; each is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A code is computed.
    Code,
    /// It goes into the body of an import.
    Import,
    /// It goes into an encrypted export.
    Export,
    /// It is compared with what was to be kept, and goes nowhere.
    Comparison,
}

/// How often each door was opened since the vault was.
#[derive(Debug, Default)]
pub struct Doors([AtomicU64; 4]);

impl Doors {
    /// Seeds that went through `door`.
    pub fn count(&self, door: Door) -> u64 {
        self.0[door as usize].load(Ordering::Relaxed)
    }

    fn note(&self, door: Door) {
        self.0[door as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// An open vault. Its keys are wiped when it is dropped.
pub struct Vault {
    store: Store,
    place: Place,
    entropy: Arc<dyn Entropy>,
    header: Header,
    keys: BTreeMap<KeyId, Wrapped>,
    chain: Chain,
    opened_by: String,
    /// How often seeds left, those that were lent included.
    pub doors: Arc<Doors>,
}

impl Vault {
    /// True when the store has one.
    ///
    /// # Errors
    /// The store's.
    pub async fn exists(store: &Store) -> Result<bool, VaultError> {
        Ok(Place::of(store).exists().await?)
    }

    /// Makes an empty one and leaves it open. Try each unlocker with [`Self::open`] before any seed goes in.
    ///
    /// # Errors
    /// [`VaultError::Exists`]; [`VaultError::LastUnlocker`] without any unlocker or with none for the sealed
    /// compartment; [`VaultError::Unusable`] for what is no recipient or key file.
    pub async fn init(
        store: &Store,
        unlockers: &[NewUnlocker],
        at: Utc,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, VaultError> {
        let place = Place::of(store);
        let mut turn = place.turn(store).await?;
        if place.exists().await? || rows::meta(store).await?.is_some() {
            return Err(VaultError::Exists);
        }
        if !unlockers.iter().any(|new| new.opens_sealed) {
            return Err(VaultError::LastUnlocker);
        }
        let mut id = [0; 16];
        entropy.fill(&mut id);
        let pair = Pair::generate();
        let secrets = Secrets { vault: Key::random(&*entropy), sealed: Some(pair.identity) };
        let made = unlockers.iter().map(|new| Unlocker::make(&id, new, &secrets, at, &*entropy));
        let unlockers: Vec<Unlocker> = made.collect::<Result<_, _>>()?;
        let header = Header {
            store: HEXLOWER.encode(&id),
            generation: 0,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            changed_at: at,
            sealed_recipient: pair.recipient,
            unlockers,
        };
        let chain = Chain::new(id, secrets);
        let (keys, opened_by, doors) = (BTreeMap::new(), String::new(), Arc::default());
        let mut vault = Self { store: store.clone(), place, entropy, header, keys, chain, opened_by, doors };
        vault.commit(&mut turn, at).await?;
        Ok(vault)
    }

    /// Opens it. Every unlocker of the kind is tried; then every byte of the key file is checked.
    ///
    /// # Errors
    /// [`VaultError::None`], [`VaultError::Newer`], [`VaultError::NoUnlocker`], [`VaultError::Refused`],
    /// [`VaultError::Tampered`], also when database and key file are not of one vault or not of one time.
    pub async fn open(store: &Store, opener: &Opener, entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        let place = Place::of(store);
        let bytes = place.read().await?;
        let (secrets, opened_by) = KeyFile::header_of(&bytes)?.open(opener)?;
        let KeyFile { header, keys } = KeyFile::from_bytes(&bytes, &secrets.vault)?;
        let chain = Chain::new(header.store_id()?, secrets);
        let (store, doors) = (store.clone(), Arc::default());
        let vault = Self { store, place, entropy, header, keys, chain, opened_by, doors };
        same_time(&vault.store, &vault.header).await?;
        Ok(vault)
    }

    /// True when seeds of handed-out tokens can be read too.
    pub fn opens_sealed(&self) -> bool {
        self.chain.sealed.is_some()
    }

    /// Which unlocker opened it: its id.
    pub fn opened_by(&self) -> &str {
        &self.opened_by
    }

    /// Lends one seed with its parameters; the borrow ends with the call.
    ///
    /// # Errors
    /// [`VaultError::NotHeld`] for a token the vault does not have or was made to forget, [`VaultError::Sealed`],
    /// [`VaultError::Tampered`] when it does not open or differs from its clear columns.
    pub async fn with_seed<R>(
        &self,
        token: &TokenKey,
        door: Door,
        f: impl FnOnce(&Parameters, &[u8]) -> R,
    ) -> Result<R, VaultError> {
        let row = rows::one(&self.store, token).await?.ok_or(VaultError::NotHeld)?;
        let payload = self.payload(&row)?;
        self.doors.note(door);
        Ok(f(&payload.parameters, payload.expose_seed()))
    }

    /// Opens every seed that this unlocker can, and compares each with its index.
    ///
    /// # Errors
    /// The first that does not open: [`VaultError::Tampered`].
    pub async fn verify(&self) -> Result<Verified, VaultError> {
        let mut verified = Verified::default();
        let mut after = None;
        loop {
            let page = rows::page(&self.store, after.as_ref()).await?;
            let Some(last) = page.last() else { return Ok(verified) };
            after = Some(last.token);
            for row in &page {
                match self.payload(row) {
                    Ok(_) => verified.opened += 1,
                    Err(VaultError::Sealed) => verified.sealed += 1,
                    Err(VaultError::NotHeld) => verified.forgotten += 1,
                    Err(error) => return Err(error),
                }
            }
        }
    }

    fn payload(&self, row: &Row) -> Result<Payload, VaultError> {
        let wrapped = self.keys.get(&row.key_id).ok_or(VaultError::NotHeld)?;
        self.chain.payload(row, wrapped)
    }

    fn wrap(&self, id: &KeyId, key: &Key, compartment: Compartment) -> Result<Wrapped, VaultError> {
        self.chain.wrap(&*self.entropy, (id, key), compartment, &self.header.sealed_recipient)
    }

    /// Waits for the turn to change the vault, and takes in what others changed before.
    async fn turn(&mut self) -> Result<Turn, VaultError> {
        let turn = self.place.turn(&self.store).await?;
        self.refresh().await?;
        Ok(turn)
    }

    /// Writes the key half, then notes its generation in the database.
    async fn commit(&mut self, turn: &mut Turn, at: Utc) -> Result<(), VaultError> {
        self.save(turn, at).await?;
        let mut tx = turn.begin().await?;
        rows::put_meta(&mut tx, &self.header.store, self.header.generation).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the key half as it stands here, one generation on.
    async fn save(&mut self, turn: &mut Turn, at: Utc) -> Result<(), VaultError> {
        let mut header = self.header.clone();
        header.generation += 1;
        header.changed_at = at;
        header.written_by = env!("CARGO_PKG_VERSION").to_owned();
        let file = KeyFile { header, keys: std::mem::take(&mut self.keys) };
        let written = turn.replace(&file.to_bytes(&self.chain.key)).await;
        self.keys = file.keys;
        written?;
        self.header = file.header;
        Ok(())
    }

    /// Takes in what another process changed meanwhile; call under the lock. An unlocker that was removed there
    /// made a new vault key, and ours opens nothing any more.
    async fn refresh(&mut self) -> Result<(), VaultError> {
        let bytes = self.place.read().await?;
        if KeyFile::header_of(&bytes)?.generation == self.header.generation {
            return Ok(());
        }
        let file = KeyFile::from_bytes(&bytes, &self.chain.key).map_err(|_| VaultError::Changed)?;
        self.header = file.header;
        self.keys = file.keys;
        Ok(())
    }
}

/// An older key half beside a newer database, or the other way round, is a copy that was brought back. One step
/// apart is what a crash between the two leaves.
async fn same_time<'c>(on: impl Into<On<'c>>, header: &Header) -> Result<(), VaultError> {
    let Some((vault, generation)) = rows::meta(on).await? else {
        return if header.generation <= 1 { Ok(()) } else { Err(VaultError::Older { half: "database" }) };
    };
    match () {
        () if vault != header.store => Err(VaultError::tampered("database and key file are of two vaults")),
        () if header.generation < generation => Err(VaultError::Older { half: "key file" }),
        () if header.generation > generation + 1 => Err(VaultError::Older { half: "database" }),
        () => Ok(()),
    }
}

/// The generation of a store's vault, as far as it can be told without opening it: the header is readable, and the
/// two halves are of one vault and one time. `None` without a vault.
pub(crate) async fn generation(store: &Store) -> Result<Option<u64>, VaultError> {
    let place = Place::of(store);
    if !place.exists().await? {
        let known = rows::meta(store).await?;
        return if known.is_some() { Err(VaultError::tampered("the key file is gone")) } else { Ok(None) };
    }
    let header = KeyFile::header_of(&place.read().await?)?;
    same_time(store, &header).await?;
    Ok(Some(header.generation))
}

/// The halves of a backup belong together.
///
/// # Errors
/// [`VaultError::NoKeys`], [`VaultError::Older`], [`VaultError::Tampered`], [`VaultError::Newer`].
pub(crate) async fn are_of_one_time(database: &mut Tx<'_>, keys: Option<&[u8]>) -> Result<(), VaultError> {
    match keys {
        Some(keys) => same_time(database, &KeyFile::header_of(keys)?).await,
        None if rows::meta(database).await?.is_some() => Err(VaultError::NoKeys),
        None => Ok(()),
    }
}

/// When a key half was written, as it says itself.
pub(crate) fn changed_at(keys: &[u8]) -> Option<Utc> {
    KeyFile::header_of(keys).ok().map(|header| header.changed_at)
}

/// What [`Vault::verify`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Seeds that opened and agree with their index.
    pub opened: u64,
    /// Seeds this unlocker does not open.
    pub sealed: u64,
    /// Tokens whose seed was forgotten.
    pub forgotten: u64,
}
