//! Changes to an open vault: unlockers, compartments, new keys, forgetting.
//!
//! Owns: [`Vault::add_unlocker`], [`Vault::remove_unlocker`], [`Vault::rekey`], [`Vault::hand_out`],
//! [`Vault::take_back`], [`Vault::forget`], the lists. Does not own: who may do so.

use std::collections::BTreeSet;

use oathctl_core::time::Utc;
use oathctl_core::token::serial_key;

use super::chain::Chain;
use super::envelope::Pair;
use super::error::VaultError;
use super::keyfile::{Compartment, KeyFile, KeyId};
use super::place::{Place, Turn};
use super::rows::{self, Listed, Row, TokenKey};
use super::secret::Key;
use super::unlocker::{NewUnlocker, Opener, Secrets, Unlocker};
use super::{Store, Vault};

/// An unlocker, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlockerInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `passphrase`, `key_file`, `age`.
    pub kind: &'static str,
    /// For an age unlocker: whose.
    pub recipient: Option<String>,
    /// When it was added.
    pub added_at: Utc,
    /// It opens the sealed compartment too.
    pub opens_sealed: bool,
}

impl From<&Unlocker> for UnlockerInfo {
    fn from(unlocker: &Unlocker) -> Self {
        let kind = unlocker.way.word();
        Self {
            id: unlocker.id.clone(),
            name: unlocker.name.clone(),
            kind,
            recipient: (kind == "age").then(|| unlocker.recipient.clone()),
            added_at: unlocker.added_at,
            opens_sealed: unlocker.sealed.is_some(),
        }
    }
}

impl Vault {
    /// The unlockers as the file names them, of a vault that need not be open: unchecked until it is.
    ///
    /// # Errors
    /// [`VaultError::None`], [`VaultError::Newer`], [`VaultError::Tampered`].
    pub async fn unlockers_of(store: &Store) -> Result<Vec<UnlockerInfo>, VaultError> {
        let header = KeyFile::header_of(&Place::of(store).read().await?)?;
        Ok(header.unlockers.iter().map(UnlockerInfo::from).collect())
    }

    /// The unlockers, under their check value.
    pub fn unlockers(&self) -> Vec<UnlockerInfo> {
        self.header.unlockers.iter().map(UnlockerInfo::from).collect()
    }

    /// Adds one and tries it before it is written.
    ///
    /// # Errors
    /// [`VaultError::Unusable`], [`VaultError::Sealed`] when it is to open more than this one does.
    pub async fn add_unlocker(&mut self, new: &NewUnlocker, at: Utc) -> Result<String, VaultError> {
        let mut turn = self.turn().await?;
        let made = Unlocker::make(&self.chain.id, new, &self.chain.secrets(), at, &*self.entropy)?;
        let id = made.id.clone();
        self.header.unlockers.push(made);
        self.commit(&mut turn, at).await?;
        Ok(id)
    }

    /// Removes one, by id or name, and makes all keys anew, so that nothing he has opens what is here now. An old
    /// copy of both halves he can still open.
    ///
    /// # Errors
    /// [`VaultError::UnknownUnlocker`]; [`VaultError::LastUnlocker`] for the last, or the last that opens the sealed
    /// compartment; [`VaultError::Sealed`] when this vault is not open for that.
    pub async fn remove_unlocker(&mut self, given: &str, at: Utc) -> Result<(), VaultError> {
        let mut turn = self.turn().await?;
        let named = |unlocker: &Unlocker| unlocker.id == given || unlocker.name == given;
        let unknown = || VaultError::UnknownUnlocker { given: given.to_owned() };
        let at_hand = self.header.unlockers.iter().filter(|unlocker| named(unlocker)).count();
        if at_hand != 1 {
            return Err(unknown());
        }
        let left: Vec<Unlocker> =
            self.header.unlockers.iter().filter(|unlocker| !named(unlocker)).cloned().collect();
        if !left.iter().any(|unlocker| unlocker.sealed.is_some()) {
            return Err(VaultError::LastUnlocker);
        }
        self.renew(&mut turn, left, at).await
    }

    /// Makes all keys anew for the unlockers there are.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] when the sealed compartment is not open; the store's.
    pub async fn rekey(&mut self, at: Utc) -> Result<(), VaultError> {
        let mut turn = self.turn().await?;
        let unlockers = self.header.unlockers.clone();
        self.renew(&mut turn, unlockers, at).await
    }

    /// New vault key, new sealed compartment, a new key for every seed. Between the two halves the key file holds
    /// old and new keys of the seeds, all under the new vault key: a crash leaves a vault that opens.
    async fn renew(&mut self, turn: &mut Turn, unlockers: Vec<Unlocker>, at: Utc) -> Result<(), VaultError> {
        self.chain.sealed_identity()?;
        let mut rows = self.all_rows().await?;
        let mut fresh = Vec::with_capacity(rows.len());
        for row in &mut rows {
            let compartment = self.keys.get(&row.key_id).map_or(Compartment::Stock, |w| w.compartment);
            match self.payload(row) {
                Ok(payload) => {
                    let old = self.chain.seed_key(&row.key_id, &self.keys[&row.key_id])?;
                    let key = Key::random(&*self.entropy);
                    let old_id = row.key_id;
                    self.entropy.fill(&mut row.key_id);
                    row.version += 1;
                    row.sealed = key.seal(&*self.entropy, &self.chain.bound(row).to_bytes(), payload.bytes());
                    fresh.push((old_id, old, row.key_id, key, compartment));
                }
                Err(VaultError::NotHeld) => {}
                Err(error) => return Err(error),
            }
        }
        let pair = Pair::generate();
        let secrets = Secrets { vault: Key::random(&*self.entropy), sealed: Some(pair.identity) };
        let unlockers = unlockers.iter().map(|unlocker| unlocker.rewrap(&self.chain.id, &secrets));
        self.header.unlockers = unlockers.collect::<Result<_, _>>()?;
        self.header.sealed_recipient = pair.recipient;
        self.chain = Chain::new(self.chain.id, secrets);
        self.keys.clear();
        for (old_id, old, id, key, compartment) in &fresh {
            let (before, after) = (self.wrap(old_id, old, *compartment)?, self.wrap(id, key, *compartment)?);
            self.keys.insert(*old_id, before);
            self.keys.insert(*id, after);
        }
        self.save(turn, at).await?;
        let mut tx = turn.begin().await?;
        for row in &rows {
            rows::reseal(&mut tx, row).await?;
        }
        rows::put_meta(&mut tx, &self.header.store, self.header.generation).await?;
        tx.commit().await?;
        fresh.iter().for_each(|(old_id, ..)| {
            self.keys.remove(old_id);
        });
        self.commit(turn, at).await
    }

    /// Moves seeds of handed-out tokens to the sealed compartment; how many were moved. Needs nobody who could open
    /// that. What is not held, or lies there already, stays as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn hand_out(&mut self, tokens: &[TokenKey], at: Utc) -> Result<u64, VaultError> {
        self.shift(tokens, Compartment::Sealed, at).await
    }

    /// Moves seeds of tokens that came back to the stock, as [`Self::hand_out`] does the other way.
    ///
    /// # Errors
    /// [`VaultError::Sealed`]; the store's.
    pub async fn take_back(&mut self, tokens: &[TokenKey], at: Utc) -> Result<u64, VaultError> {
        self.shift(tokens, Compartment::Stock, at).await
    }

    async fn shift(&mut self, tokens: &[TokenKey], to: Compartment, at: Utc) -> Result<u64, VaultError> {
        let mut turn = self.turn().await?;
        let mut moved = Vec::new();
        for row in rows::by_tokens(&self.store, tokens).await? {
            let Some(wrapped) = self.keys.get(&row.key_id).filter(|wrapped| wrapped.compartment != to) else {
                continue;
            };
            let key = self.chain.seed_key(&row.key_id, wrapped)?;
            moved.push((row.key_id, self.wrap(&row.key_id, &key, to)?));
        }
        let count = u64::try_from(moved.len()).unwrap_or(u64::MAX);
        if count > 0 {
            self.keys.extend(moved);
            self.commit(&mut turn, at).await?;
        }
        Ok(count)
    }

    /// Forgets seeds: their keys leave the key file first, then their rows the database. Nobody can recover them from
    /// the live store; whoever has an older copy of both *and* an unlocker of that time can.
    ///
    /// # Errors
    /// [`VaultError::NotHeld`] when one of them is not there; then none is forgotten.
    pub async fn forget(&mut self, tokens: &[TokenKey], at: Utc) -> Result<(), VaultError> {
        let mut turn = self.turn().await?;
        let mut rows = Vec::new();
        for token in tokens {
            rows.push(rows::one(&self.store, token).await?.ok_or(VaultError::NotHeld)?);
        }
        let gone: BTreeSet<KeyId> = rows.iter().map(|row| row.key_id).collect();
        self.keys.retain(|id, _| !gone.contains(id));
        self.save(&mut turn, at).await?;
        let mut tx = turn.begin().await?;
        for row in &rows {
            rows::delete(&mut tx, &row.token).await?;
        }
        rows::put_meta(&mut tx, &self.header.store, self.header.generation).await?;
        tx.commit().await?;
        Ok(self.store.clean_up().await?)
    }

    /// Every token, in the order of serials, from the index; the vault need not be open.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(store: &Store) -> Result<Vec<Listed>, VaultError> {
        let mut listed: Vec<Listed> = pages(store).await?.into_iter().map(Listed::from).collect();
        listed.sort_by(|a, b| (&a.serial, &a.maker).cmp(&(&b.serial, &b.maker)));
        Ok(listed)
    }

    /// Tokens with this serial: more than one where makers share it.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(store: &Store, serial: &str) -> Result<Vec<Listed>, VaultError> {
        let found = rows::by_serials(store, &[serial_key(serial)]).await?;
        Ok(found.into_iter().map(Listed::from).collect())
    }

    /// Where a seed lies; `None` when it is not held.
    ///
    /// # Errors
    /// The store's.
    pub async fn compartment(&self, token: &TokenKey) -> Result<Option<Compartment>, VaultError> {
        let row = rows::one(&self.store, token).await?;
        Ok(row.and_then(|row| self.keys.get(&row.key_id)).map(|wrapped| wrapped.compartment))
    }

    /// True when `opener` opens this vault as it is on the disk now. For the trial after `init`.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub async fn tries(&self, opener: &Opener) -> Result<bool, VaultError> {
        let tried = Vault::open(&self.store, opener, self.entropy.clone()).await;
        match tried {
            Ok(_) => Ok(true),
            Err(VaultError::Refused) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn all_rows(&self) -> Result<Vec<Row>, VaultError> {
        pages(&self.store).await
    }
}

async fn pages(store: &Store) -> Result<Vec<Row>, VaultError> {
    let mut all: Vec<Row> = Vec::new();
    loop {
        let page = rows::page(store, all.last().map(|row| &row.token)).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
