//! The inventory: what we know of every token.
//!
//! Owns: the tables `tokens` (the things), `token_devices` (how each stands in a tenant), `token_events` (what
//! happened), `token_models`, `listings`; one file a deed. Does not own: seeds (the vault), runs (the journal), what
//! follows from a mark (the planner refuses). Every change is one transaction with its events.
//!
//! A token is known by serial and maker; in a tenant by the device's id. A serial alone may mean several.

mod facts;
mod history;
mod keep;
mod lines;
mod list;
mod marks;
mod note;
mod places;
mod refresh;
mod stock;
mod token;

use crate::store::Store;

pub use history::{Event, EventKind};
pub use list::{Filter, Marking, Sort};
pub use note::{Deed, Noted};
pub use places::{Placed, Placement};
pub use refresh::{Change, ChangeKind};
pub use stock::{Low, ModelFacts, StockLine, Thresholds};
pub use token::{Drift, HeldBy, Mark, Marked, Token, TokenFacts, TokenStatus};

/// Tokens handled in one transaction, and in one statement.
const BATCH: usize = 500;

/// The inventory of a store.
#[derive(Clone, Copy)]
pub struct Inventory<'s>(&'s Store);

impl Store {
    /// What we know of every token.
    pub fn inventory(&self) -> Inventory<'_> {
        Inventory(self)
    }
}

/// A token as people name it: its serial, and its maker where makers share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenName<'a> {
    /// As printed on it, in any case.
    pub serial: &'a str,
    /// Its maker; any, when `None`.
    pub maker: Option<&'a str>,
}

impl<'a> From<&'a str> for TokenName<'a> {
    fn from(serial: &'a str) -> Self {
        Self { serial, maker: None }
    }
}
