//! What is asked, as a command or a page says it.
//!
//! Owns: [`Request`] and its parts: plain values. Does not own: finding out which tokens and people they mean
//! ([`super::resolve`]).

use oathctl_core::fault::Severity;
use oathctl_core::plan::{Limits, PlanInput, PlanOptions, Wish};
use oathctl_core::reason::Reason;
use oathctl_core::token::{Mark, UserId};

/// One command's worth of wishes.
pub struct Request {
    /// What is to happen.
    pub verb: Verb,
    /// To which tokens.
    pub about: About,
    /// What is asked and allowed.
    pub options: PlanOptions,
    /// The numbers of the gate.
    pub limits: Limits,
    /// Any row that can't go on refuses all.
    pub strict: bool,
    /// Whoever holds another token already gets no second one (H4).
    pub first_only: bool,
    /// The list it came from, if there was one.
    pub input: PlanInput,
}

/// What is to happen to tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// To a person.
    Assign,
    /// Active, for the person who has it or had it last.
    Activate,
    /// Inactive; it stays its person's.
    Deactivate,
    /// Taken from its person.
    Unassign,
    /// The same, back to stock.
    Release,
    /// Taken from its person and marked: nothing revives it.
    TakeOut(TakeOut),
    /// Another one in its place.
    Replace(Replace),
    /// Another display name; `{serial}` stands for the serial.
    Rename(String),
    /// Deleted and made anew from our seed.
    Reseed,
    /// Out of the tenant.
    Delete,
}

impl Verb {
    /// Its word on the command line.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Unassign => "unassign",
            Self::Release | Self::TakeOut(_) => "release",
            Self::Replace(_) => "replace",
            Self::Rename(_) => "rename",
            Self::Reseed => "reseed",
            Self::Delete => "delete",
        }
    }

    /// A row of it makes no sense without a person.
    pub const fn needs_person(&self) -> bool {
        matches!(self, Self::Assign)
    }

    /// A list of it names two tokens a line.
    pub fn needs_pairs(&self) -> bool {
        matches!(self, Self::Replace(Replace { by: Successor::Listed, .. }))
    }

    /// What the planner is asked for one token. A replacement is two tokens' wishes and has none of its own.
    pub(super) fn wish(&self, serial: &str) -> Wish {
        match self {
            Self::Assign | Self::Activate | Self::Replace(_) => Wish::Give,
            Self::Deactivate => Wish::Deactivate,
            Self::Unassign | Self::Release | Self::TakeOut(_) => Wish::Release,
            Self::Rename(name) => Wish::Rename { name: name.replace("{serial}", serial) },
            Self::Reseed => Wish::Reseed,
            Self::Delete => Wish::Delete,
        }
    }
}

/// How a token is taken out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeOut {
    /// How it is marked.
    pub mark: Mark,
    /// The person's sign-in sessions end with it.
    pub revoke: bool,
}

/// How a token is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// By which one.
    pub by: Successor,
    /// The old one is gone and has to die first.
    pub lost: bool,
    /// The new one is in the person's hand already.
    pub in_hand: bool,
    /// The person's sign-in sessions end with the old one.
    pub revoke: bool,
}

/// What takes a token's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Successor {
    /// This one.
    Serial(String),
    /// The next of the same model from stock.
    Next,
    /// The one that the list names beside it.
    Listed,
}

/// Which tokens are meant.
pub enum About {
    /// These, in their order.
    Tokens(Vec<Named>),
    /// All that this person holds.
    HeldBy(String),
    /// All of the vault that are somebody's and not active.
    Waiting,
    /// All whose holders have left: deleted; with a number, also accounts seen disabled for so many days.
    Leavers {
        /// So many days.
        disabled_for: Option<u32>,
    },
}

/// A token as it was named.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Its serial.
    pub serial: String,
    /// Whose it is or is to be.
    pub who: Option<Who>,
    /// What takes its place, where the list says so.
    pub new: Option<String>,
    /// Its line in the list; zero where there is none.
    pub line: u64,
    /// What is wrong with that line.
    pub fault: Option<(Severity, Reason)>,
}

/// A person as named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By user principal name.
    Upn(String),
    /// By object id.
    Id(UserId),
}
