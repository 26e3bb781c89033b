//! Seeds lent to a run.
//!
//! Owns: [`Vault::lend`] and [`Lent`]: the sealed rows of chosen tokens, each opened only while its seed is used.
//! Does not own: which tokens a run needs.
//!
//! A run asks for seeds where nothing can be awaited, so what is sealed is read before it begins; in memory it stays
//! sealed. Every row is opened once on the way and compared with its index: an altered vault is told before
//! anything is sent, not by the row in the middle of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use oathctl_core::seed::{SeedError, SeedKey, SeedSource};

use super::chain::Chain;
use super::error::VaultError;
use super::keyfile::Wrapped;
use super::rows::{self, Row, TokenKey};
use super::{Door, Doors, Listed, Vault};

/// The most seeds that are lent at once: rows are numbered by 32 bits.
const MOST: usize = u32::MAX as usize;

/// Sealed seeds and what opens them, for one run. Its keys are wiped when it is dropped. What happens to the vault
/// meanwhile changes nothing here: a seed forgotten there is still lent here until the run ends.
pub struct Lent {
    chain: Chain,
    rows: BTreeMap<SeedKey, (Row, Wrapped)>,
    lacking: Vec<(SeedKey, Lack)>,
    doors: Arc<Doors>,
}

/// Why a seed is not among those lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The vault does not hold it: never did, or was made to forget it.
    NotHeld,
    /// It lies in the sealed compartment, which this unlocker does not open.
    Sealed,
}

impl Vault {
    /// Lends the seeds of these tokens, each under its place in the list.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] when one of them does not open or differs from its index; the store's. A seed that
    /// is not there or sealed away is no error of the whole: [`Lent::lacking`] names it.
    pub async fn lend(&self, tokens: &[TokenKey]) -> Result<Lent, VaultError> {
        let wanted: Vec<_> = (0..).map(SeedKey).zip(tokens.iter().copied()).take(MOST).collect();
        self.lend_as(&wanted).await
    }

    /// The same under keys of the caller's own, such as the rows of a plan made earlier.
    ///
    /// # Errors
    /// As [`Self::lend`].
    pub async fn lend_as(&self, wanted: &[(SeedKey, TokenKey)]) -> Result<Lent, VaultError> {
        let tokens: Vec<TokenKey> = wanted.iter().map(|(_, token)| *token).collect();
        let found = rows::by_tokens(&self.store, &tokens).await?;
        let found: BTreeMap<TokenKey, Row> = found.into_iter().map(|row| (row.token, row)).collect();
        let mut lent = Lent {
            chain: self.chain.clone(),
            rows: BTreeMap::new(),
            lacking: Vec::new(),
            doors: Arc::clone(&self.doors),
        };
        for (key, token) in wanted {
            let held = found.get(token).and_then(|row| Some((row, self.keys.get(&row.key_id)?)));
            let Some((row, wrapped)) = held else {
                lent.lacking.push((*key, Lack::NotHeld));
                continue;
            };
            match self.chain.payload(row, wrapped) {
                Ok(_) => {
                    lent.rows.insert(*key, (row.clone(), wrapped.clone()));
                }
                Err(VaultError::Sealed) => lent.lacking.push((*key, Lack::Sealed)),
                Err(error) => return Err(error),
            }
        }
        Ok(lent)
    }
}

impl Lent {
    /// Those that were asked for and are not lent, in the order they were asked for.
    pub fn lacking(&self) -> &[(SeedKey, Lack)] {
        &self.lacking
    }

    /// Which token a seed is of, as its index says.
    pub fn token(&self, key: SeedKey) -> Option<Listed> {
        self.rows.get(&key).map(|(row, _)| Listed::from(row))
    }

    /// Lends one through a door.
    ///
    /// # Errors
    /// [`SeedError::NotHeld`].
    pub fn through(&self, door: Door, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        let (row, wrapped) = self.rows.get(&key).ok_or(SeedError::NotHeld)?;
        // It opened when it was lent, and nobody can have altered it since.
        let payload = self.chain.payload(row, wrapped).map_err(|_| SeedError::NotHeld)?;
        self.doors.note(door);
        f(payload.expose_seed());
        Ok(())
    }
}

impl SeedSource for Lent {
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.through(Door::Import, key, f)
    }

    fn with_seed_for_code(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.through(Door::Code, key, f)
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lent({} seeds, ***)", self.rows.len())
    }
}
