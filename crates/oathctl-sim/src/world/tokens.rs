//! All tokens of the tenant and the ways to find one.

use std::collections::BTreeMap;

use super::token::Token;
use super::{PersonIx, TokenRef};
use crate::guid::Guid;

/// Place of a token in the order of creation.
pub type TokenIx = u32;

/// Every token ever created, in that order, and the indexes over them.
#[derive(Debug, Default)]
pub struct Tokens {
    all: Vec<Token>,
    by_id: BTreeMap<Guid, TokenIx>,
    by_serial: BTreeMap<String, Vec<TokenIx>>,
    by_holder: BTreeMap<PersonIx, Vec<TokenIx>>,
}

/// How serials are compared: trimmed, case ignored.
#[must_use]
pub fn serial_key(serial: &str) -> String {
    serial.trim().to_uppercase()
}

impl Tokens {
    /// The token at a place that came from this table.
    #[must_use]
    pub fn get(&self, ix: TokenIx) -> &Token {
        &self.all[ix as usize]
    }

    pub(super) fn get_mut(&mut self, ix: TokenIx) -> &mut Token {
        &mut self.all[ix as usize]
    }

    /// Number of tokens ever created.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none was ever created.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Every token ever created, deleted ones included, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Token> {
        self.all.iter()
    }

    /// The token with this id, deleted or not.
    #[must_use]
    pub fn by_id(&self, id: Guid) -> Option<TokenIx> {
        self.by_id.get(&id).copied()
    }

    /// All tokens that ever had this serial (case ignored), oldest first.
    #[must_use]
    pub fn by_serial(&self, serial: &str) -> &[TokenIx] {
        self.by_serial.get(&serial_key(serial)).map_or(&[], Vec::as_slice)
    }

    /// All tokens that were ever assigned to a person.
    #[must_use]
    pub fn ever_held_by(&self, person: PersonIx) -> &[TokenIx] {
        self.by_holder.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The token meant, if it exists now.
    #[must_use]
    pub fn find(&self, token: &TokenRef) -> Option<TokenIx> {
        match token {
            TokenRef::Id(id) => self.by_id(*id).filter(|ix| self.get(*ix).exists()),
            TokenRef::Serial(serial) => {
                self.by_serial(serial).iter().copied().find(|ix| self.get(*ix).exists())
            }
        }
    }

    pub(super) fn push(&mut self, token: Token) -> TokenIx {
        let ix = TokenIx::try_from(self.all.len()).unwrap_or(TokenIx::MAX);
        self.by_id.insert(token.id, ix);
        self.by_serial.entry(serial_key(&token.serial)).or_default().push(ix);
        self.all.push(token);
        ix
    }

    /// Takes back the newest tokens, as if they had never been made, until `len` are left.
    pub(super) fn truncate(&mut self, len: usize) {
        for token in self.all.drain(len..) {
            let ix = self.by_id.remove(&token.id);
            if let Some(same) = self.by_serial.get_mut(&serial_key(&token.serial)) {
                same.retain(|other| Some(*other) != ix);
            }
            for held in self.by_holder.values_mut() {
                held.retain(|other| Some(*other) != ix);
            }
        }
    }

    pub(super) fn note_holder(&mut self, ix: TokenIx, person: PersonIx) {
        let held = self.by_holder.entry(person).or_default();
        if !held.contains(&ix) {
            held.push(ix);
        }
    }
}
