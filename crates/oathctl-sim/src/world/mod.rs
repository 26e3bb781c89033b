//! The rules of the tenant as one state machine. Owns people, groups, the method policy, tokens and what the
//! tenant has learned of their clocks. Time (milliseconds since 1970) is an argument, randomness a seeded generator; no
//! sockets, no JSON, no runtime.
//!
//! Every change is a [`Write`]; every refusal a [`Refusal`]. Reads say at which time they look, so that a
//! stale read is the same read at an earlier time.

mod codes;
mod directory;
mod faults;
mod limiter;
mod methods;
mod people;
mod policy;
mod refusal;
mod rules;
mod search;
mod sign_in;
mod synthetic;
mod token;
mod tokens;
mod write;

use std::collections::{BTreeMap, VecDeque};

pub use directory::{Directory, Group, Role};
pub use faults::{CallFaults, CallKind, Duplicate, Strike};
pub use limiter::{Limiter, OperationCounts};
pub use methods::{Method, MethodKind};
pub use people::{People, Person, PersonIx, PersonSpec};
pub use policy::{Policy, Target, TargetKind};
pub use refusal::Refusal;
pub use search::finds;
pub use sign_in::{SignIn, SignInFailure};
pub use token::{Details, Status, Token, TokenView};
pub use tokens::{TokenIx, Tokens};
pub use write::{Bulk, Changes, Done, NewToken, TokenRef, When, Write};

use crate::guid::Guid;
use crate::options::{OptionError, Options};
use crate::rng::Rng;

/// Most hardware tokens and authenticator apps one person may have, together.
pub const MOST_PER_PERSON: usize = 5;

/// The tenant.
pub struct World {
    /// The switches.
    options: Options,
    /// Everybody, the deleted included.
    pub people: People,
    /// Every token, the deleted included.
    pub tokens: Tokens,
    /// Groups, roles, domains.
    pub directory: Directory,
    /// Who may use hardware tokens.
    pub policy: Policy,
    /// The limiter of operations.
    pub limiter: Limiter,
    rng: Rng,
    fault_rng: Rng,
    activations: VecDeque<i64>,
    pending: BTreeMap<(i64, u64), Write>,
    deferred: u64,
}

impl World {
    /// A tenant with `people` synthetic people and no tokens; the same `seed` gives the same tenant.
    #[must_use]
    pub fn synthetic(seed: u64, people: usize, options: Options) -> Self {
        let mut world = Self::empty(seed, options);
        synthetic::populate(&mut world, people);
        world
    }

    /// A tenant of the people given.
    #[must_use]
    pub fn of_people(seed: u64, people: &[PersonSpec], options: Options) -> Self {
        let mut world = Self::empty(seed, options);
        for spec in people {
            world.add_person(spec);
        }
        world
    }

    fn empty(seed: u64, options: Options) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            fault_rng: Rng::new(options.fault_seed),
            directory: Directory::new(&mut rng),
            people: People::default(),
            tokens: Tokens::default(),
            policy: Policy::default(),
            limiter: Limiter::default(),
            activations: VecDeque::new(),
            pending: BTreeMap::new(),
            deferred: 0,
            options,
            rng,
        }
    }

    /// The switches as they stand.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sets a switch. Setting `fault_seed` starts the sequence of faults anew.
    ///
    /// # Errors
    /// As [`Options::set`].
    pub fn set_option(&mut self, key: &str, value: &str) -> Result<(), OptionError> {
        self.options.set(key, value)?;
        if key == "fault_seed" {
            self.fault_rng = Rng::new(self.options.fault_seed);
        }
        Ok(())
    }

    /// A fresh object id.
    pub fn fresh_id(&mut self) -> Guid {
        Guid::random(&mut self.rng)
    }

    /// The generator of ids and other harmless randomness.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// The tenant's idea of the time, given true time; codes are judged by it.
    #[must_use]
    pub fn tenant_clock(&self, now: i64) -> i64 {
        now + self.options.clock_skew_s * 1000
    }

    /// Number of effects that are still to come because their reply was lost.
    #[must_use]
    pub fn pending_effects(&self) -> usize {
        self.pending.len()
    }

    /// How a token looks at time `at`, lags applied; `None` if it was not there.
    #[must_use]
    pub fn token_at(&self, ix: TokenIx, at: i64) -> Option<TokenView<'_>> {
        let lag = |ms: u64| at - i64::try_from(ms).unwrap_or(i64::MAX / 4);
        self.tokens.get(ix).seen(
            at,
            lag(self.options.status_lag_ms),
            lag(self.options.assign_visibility_delay_ms),
        )
    }

    /// The tokens a person is seen to hold at time `at`, oldest first.
    pub fn held_at(&self, person: PersonIx, at: i64) -> impl Iterator<Item = TokenView<'_>> {
        self.tokens
            .ever_held_by(person)
            .iter()
            .filter_map(move |ix| self.token_at(*ix, at))
            .filter(move |view| view.holder == Some(person))
    }
}
