//! Seeds going in.
//!
//! Owns: [`Vault::import`]: what is new, what is known, what contradicts; both halves written so that a crash leaves
//! no half of a seed; reading back. Does not own: reading the vendor's file.

use std::collections::BTreeMap;

use oathctl_core::time::Utc;
use oathctl_core::token::serial_key;
use subtle::ConstantTimeEq;

use super::error::VaultError;
use super::keyfile::{Compartment, MOST};
use super::payload::{Parameters, Payload};
use super::rows::{self, Row, TokenKey};
use super::secret::Key;
use super::{Door, Vault};

/// A seed to be kept.
#[derive(Clone, Copy)]
pub struct NewSeed<'a> {
    /// As printed on the token.
    pub serial: &'a str,
    /// Its maker; empty when not known.
    pub maker: &'a str,
    /// Its model; empty when not known.
    pub model: &'a str,
    /// Hash, digits, period.
    pub parameters: Parameters,
    /// The bytes.
    pub seed: &'a [u8],
}

/// What came of an import, by the number of the seed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Kept now, with their new keys.
    pub added: Vec<(usize, TokenKey)>,
    /// There already, with the same seed and parameters.
    pub known: Vec<(usize, TokenKey)>,
    /// There already, with the same parameters, and sealed away: whether the seed is the same nobody here can tell.
    pub sealed: Vec<(usize, TokenKey)>,
    /// There already with another seed or other parameters; nothing was changed.
    pub conflicts: Vec<usize>,
    /// Not kept: no seed, or one longer than any token's.
    pub refused: Vec<usize>,
}

/// What the vault holds under a serial, beside what is to be kept.
enum Compared {
    Same,
    Sealed,
    Other,
}

impl Vault {
    /// Keeps seeds: all that are new, or after an error none of them. Everything added is read back from both halves
    /// and compared before this returns.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] when what is read back is not what was given; [`VaultError::Changed`]; the store's.
    pub async fn import(&mut self, seeds: &[NewSeed<'_>], at: Utc) -> Result<Imported, VaultError> {
        let mut turn = self.turn().await?;
        let mut done = Imported::default();
        let new = self.sort_out(seeds, &mut done).await?;
        if new.is_empty() {
            return Ok(done);
        }
        if self.keys.len() + new.len() > MOST {
            return Err(VaultError::Store(crate::StoreError::Io {
                what: "the vault",
                detail: format!("it holds at most {MOST} seeds"),
            }));
        }
        let mut rows = Vec::with_capacity(new.len());
        for n in new {
            let row = self.seal(&seeds[n], at)?;
            done.added.push((n, row.token));
            rows.push(row);
        }
        // Keys first: keys without seeds are harmless, seeds without keys would be lost.
        self.save(&mut turn, at).await?;
        let mut tx = turn.begin().await?;
        rows::insert(&mut tx, &rows).await?;
        rows::put_meta(&mut tx, &self.header.store, self.header.generation).await?;
        tx.commit().await?;
        self.read_back(seeds, &done.added).await?;
        Ok(done)
    }

    /// Tells new seeds from known ones; a serial that stands twice in the import counts once.
    async fn sort_out(&self, seeds: &[NewSeed<'_>], done: &mut Imported) -> Result<Vec<usize>, VaultError> {
        let keys: Vec<String> = seeds.iter().map(|new| serial_key(new.serial)).collect();
        let mut held: BTreeMap<(String, String), Row> = BTreeMap::new();
        for row in rows::by_serials(&self.store, &keys).await? {
            held.insert((row.serial_key.clone(), row.maker_key.clone()), row);
        }
        let mut new = Vec::new();
        let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (n, seed) in seeds.iter().enumerate() {
            let key = (keys[n].clone(), serial_key(seed.maker));
            let fits = Payload::new(seed.parameters, seed.seed).is_some() && !key.0.is_empty();
            match (held.get(&key), taken.get(&key)) {
                _ if !fits => done.refused.push(n),
                (Some(row), _) => match self.compare(row, seed)? {
                    Compared::Same => done.known.push((n, row.token)),
                    Compared::Sealed => done.sealed.push((n, row.token)),
                    Compared::Other => done.conflicts.push(n),
                },
                (None, Some(first)) if same(&seeds[*first], seed) => {}
                (None, Some(_)) => done.conflicts.push(n),
                (None, None) => {
                    taken.insert(key, n);
                    new.push(n);
                }
            }
        }
        Ok(new)
    }

    /// A seed that was sealed away counts as another one when its parameters differ; else nobody here can tell.
    fn compare(&self, row: &Row, new: &NewSeed<'_>) -> Result<Compared, VaultError> {
        let same = match self.payload(row) {
            Ok(held) => {
                self.doors.note(Door::Comparison);
                let seeds: bool = held.expose_seed().ct_eq(new.seed).into();
                seeds && held.parameters == new.parameters
            }
            Err(VaultError::Sealed) if row.parameters == new.parameters => return Ok(Compared::Sealed),
            Err(VaultError::Sealed) => false,
            Err(error) => return Err(error),
        };
        Ok(if same { Compared::Same } else { Compared::Other })
    }

    fn seal(&mut self, new: &NewSeed<'_>, at: Utc) -> Result<Row, VaultError> {
        let payload =
            Payload::new(new.parameters, new.seed).ok_or(VaultError::tampered("a seed's length"))?;
        let (mut token, mut key_id) = ([0; 16], [0; 16]);
        self.entropy.fill(&mut token);
        self.entropy.fill(&mut key_id);
        let mut row = Row {
            token,
            serial: new.serial.trim().to_owned(),
            serial_key: serial_key(new.serial),
            maker: new.maker.trim().to_owned(),
            maker_key: serial_key(new.maker),
            model: new.model.trim().to_owned(),
            parameters: new.parameters,
            added_at: at,
            key_id,
            version: 1,
            sealed: Vec::new(),
        };
        let key = Key::random(&*self.entropy);
        row.sealed = key.seal(&*self.entropy, &self.chain.bound(&row).to_bytes(), payload.bytes());
        let wrapped = self.wrap(&key_id, &key, Compartment::Stock)?;
        self.keys.insert(key_id, wrapped);
        Ok(row)
    }

    /// From the disk, not from memory: what the next process will see.
    async fn read_back(
        &mut self,
        seeds: &[NewSeed<'_>],
        added: &[(usize, TokenKey)],
    ) -> Result<(), VaultError> {
        let lost = || VaultError::tampered("what was just written");
        let file = super::KeyFile::from_bytes(&self.place.read().await?, &self.chain.key)?;
        self.keys = file.keys;
        let keys: Vec<String> = added.iter().map(|(n, _)| serial_key(seeds[*n].serial)).collect();
        let rows = rows::by_serials(&self.store, &keys).await?;
        let rows: BTreeMap<TokenKey, Row> = rows.into_iter().map(|row| (row.token, row)).collect();
        for (n, token) in added {
            let row = rows.get(token).ok_or_else(lost)?;
            if !matches!(self.compare(row, &seeds[*n])?, Compared::Same) {
                return Err(lost());
            }
        }
        Ok(())
    }
}

fn same(one: &NewSeed<'_>, other: &NewSeed<'_>) -> bool {
    one.parameters == other.parameters && bool::from(one.seed.ct_eq(other.seed))
}
