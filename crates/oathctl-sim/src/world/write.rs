//! Changes as values, so that one can also take effect later than it was answered.

use super::{Policy, Refusal, TokenIx, World};
use crate::guid::Guid;
use crate::options::BulkFailure;
use crate::secret::{CodeText, SeedBytes};
use crate::totp::Hash;

/// A token to be created.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Serial number.
    pub serial: String,
    /// Maker.
    pub manufacturer: String,
    /// Type.
    pub model: String,
    /// The seed.
    pub seed: SeedBytes,
    /// 30 or 60 seconds.
    pub period_s: u32,
    /// The hash.
    pub hash: Hash,
    /// Shown to the user.
    pub display_name: Option<String>,
    /// The person to give it to at once.
    pub assign_to: Option<Guid>,
}

/// Which token is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRef {
    /// By object id.
    Id(Guid),
    /// By serial, case ignored.
    Serial(String),
}

/// New values for a token; `None` leaves a value.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Shown to the user.
    pub display_name: Option<Option<String>>,
    /// Maker.
    pub manufacturer: Option<String>,
    /// Type.
    pub model: Option<String>,
    /// 30 or 60 seconds.
    pub period_s: Option<u32>,
    /// The hash.
    pub hash: Option<Hash>,
}

/// A change of the tenant. `etag` is what the client believes to be the present version.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are named by the rule they feed")]
pub enum Write {
    /// Create one token.
    Create(NewToken),
    /// Create several, by the switch `bulk_failure`; items that could not be read are refusals already.
    Bulk(Vec<Result<NewToken, Refusal>>),
    /// Give a token to a person.
    Assign { token: TokenRef, person: Guid },
    /// Activate a person's token.
    Activate { token: TokenRef, person: Guid, code: CodeText, display_name: Option<String> },
    /// Give it and activate it; nothing stays of it if the code is wrong.
    AssignAndActivate { token: TokenRef, person: Guid, code: CodeText, display_name: Option<String> },
    /// Take it out of use; the person keeps it.
    Deactivate { token: TokenRef, person: Guid },
    /// Take it from the person.
    Unassign { token: TokenRef, person: Guid, etag: Option<u64> },
    /// Change the description of an unassigned token.
    Update { token: TokenRef, changes: Changes, etag: Option<u64> },
    /// Delete an unassigned token.
    Delete { token: TokenRef, etag: Option<u64> },
    /// End a person's sign-in sessions.
    RevokeSessions { person: Guid },
    /// Replace the method policy.
    SetPolicy(Policy),
}

/// What became of a bulk body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// One for each item that was judged, in order.
    pub items: Vec<Result<TokenIx, Refusal>>,
    /// The refusal that ended the whole body, by the modes that have one.
    pub ended: Option<Refusal>,
}

/// A change that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// This token was created or assigned.
    Token(TokenIx),
    /// A bulk body was worked through.
    Bulk(Bulk),
    /// Done, nothing to show.
    Nothing,
    /// It will happen later.
    Later,
}

/// When a change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this time, which is now.
    Now(i64),
    /// At this later time.
    Later(i64),
}

impl World {
    /// Carries out a change, or notes it for later.
    ///
    /// # Errors
    /// The rule that stands against it; nothing has changed then, except as the switches for wrong codes and bulk say.
    pub fn write(&mut self, write: Write, when: When) -> Result<Done, Refusal> {
        match when {
            When::Now(now) => self.carry_out(write, now),
            When::Later(due) => {
                self.deferred += 1;
                self.pending.insert((due, self.deferred), write);
                Ok(Done::Later)
            }
        }
    }

    /// Lets everything happen that was due by `now`. Every face calls this before it looks.
    pub fn settle(&mut self, now: i64) {
        while let Some(entry) = self.pending.first_entry() {
            let due = entry.key().0;
            if due > now {
                break;
            }
            let write = entry.remove();
            // Nobody waits for this answer: its reply was lost long ago.
            let _refused = self.carry_out(write, due);
        }
    }

    fn carry_out(&mut self, write: Write, now: i64) -> Result<Done, Refusal> {
        match write {
            Write::Create(new) => self.create(new, now).map(Done::Token),
            Write::Bulk(items) => Ok(Done::Bulk(self.bulk(items, now))),
            Write::Assign { token, person } => self.assign(&token, person, now),
            Write::Activate { token, person, code, display_name } => {
                self.activate(&token, person, &code, display_name, now)
            }
            Write::AssignAndActivate { token, person, code, display_name } => {
                self.assign_and_activate(&token, person, &code, display_name, now)
            }
            Write::Deactivate { token, person } => self.deactivate(&token, person, now),
            Write::Unassign { token, person, etag } => self.unassign(&token, person, etag, now),
            Write::Update { token, changes, etag } => self.update(&token, changes, etag, now),
            Write::Delete { token, etag } => self.delete(&token, etag, now),
            Write::RevokeSessions { person } => self.revoke_sessions(person, now),
            Write::SetPolicy(policy) => {
                self.policy = policy;
                Ok(Done::Nothing)
            }
        }
    }

    fn bulk(&mut self, items: Vec<Result<NewToken, Refusal>>, now: i64) -> Bulk {
        let before = self.tokens.len();
        let mode = self.options.bulk_failure;
        let mut done = Bulk { items: Vec::with_capacity(items.len()), ended: None };
        for item in items {
            let outcome = item.and_then(|new| self.create(new, now));
            done.items.push(outcome);
            if let (Err(refusal), false) = (outcome, mode == BulkFailure::PerItem) {
                done.ended = Some(refusal);
                break;
            }
        }
        if done.ended.is_some() && mode == BulkFailure::AllOrNothing {
            self.tokens.truncate(before);
            done.items.clear();
        }
        done
    }
}
