//! One token as the tenant holds it, with its past: reads may look a few seconds back.

use std::sync::Arc;

use super::PersonIx;
use crate::guid::Guid;
use crate::secret::SeedBytes;
use crate::totp::{Codes, Hash};

/// Graph's `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody holds it.
    Available,
    /// Held, not yet activated.
    Assigned,
    /// In use.
    Activated,
    /// A wrong code was sent (only by a switch).
    FailedActivation,
}

impl Status {
    /// Graph's spelling.
    #[must_use]
    pub fn graph_name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::Activated => "activated",
            Self::FailedActivation => "failedActivation",
        }
    }
}

/// The descriptive part of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Shown to the user.
    pub display_name: Option<String>,
    /// Maker.
    pub manufacturer: String,
    /// Type.
    pub model: String,
    /// 30 or 60 seconds.
    pub period_s: u32,
    /// SHA-1 or SHA-256.
    pub hash: Hash,
}

/// State of a token from `at` on.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub number: u64,
    pub at: i64,
    pub gone: bool,
    pub status: Status,
    pub holder: Option<PersonIx>,
    pub holder_since: i64,
    pub details: Arc<Details>,
    pub last_used: Option<i64>,
}

/// A token with its seed, its past and what was learned of its clock.
#[derive(Debug)]
pub struct Token {
    /// Object id; the id of the person's method is the same.
    pub id: Guid,
    /// As it was given.
    pub serial: String,
    /// When it was created.
    pub created_at: i64,
    /// Steps by which codes differ from the tenant's clock, learned at activation and sign-in.
    pub drift_steps: i64,
    pub(super) seed: SeedBytes,
    pub(super) used: Vec<i64>,
    pub(super) versions: Vec<Version>,
}

/// A token as somebody sees it at some moment.
#[derive(Debug, Clone)]
pub struct TokenView<'a> {
    /// Object id.
    pub id: Guid,
    /// As it was given.
    pub serial: &'a str,
    /// As seen, perhaps late.
    pub status: Status,
    /// As seen, perhaps late.
    pub holder: Option<PersonIx>,
    /// When it was assigned.
    pub holder_since: i64,
    /// Name, maker, model, period, hash.
    pub details: &'a Details,
    /// Last sign-in with it.
    pub last_used: Option<i64>,
    /// When it was created.
    pub created_at: i64,
    /// Grows with each change.
    pub etag: u64,
}

/// Versions kept beside the first and the newest ones.
const PAST_KEPT: usize = 64;
/// Spent codes remembered, per token.
const USED_KEPT: usize = 16;

impl Token {
    pub(super) fn new(id: Guid, serial: String, seed: SeedBytes, details: Details, now: i64) -> Self {
        let first = Version {
            number: 1,
            at: now,
            gone: false,
            status: Status::Available,
            holder: None,
            holder_since: now,
            details: Arc::new(details),
            last_used: None,
        };
        Self { id, serial, created_at: now, drift_steps: 0, seed, used: Vec::new(), versions: vec![first] }
    }

    /// The newest version; a token always has one.
    pub(super) fn now(&self) -> &Version {
        &self.versions[self.versions.len() - 1]
    }

    /// Whether it exists now.
    #[must_use]
    pub fn exists(&self) -> bool {
        !self.now().gone
    }

    /// Its status now, no lag applied.
    #[must_use]
    pub fn status(&self) -> Status {
        self.now().status
    }

    /// Its holder now, no delay applied.
    #[must_use]
    pub fn holder(&self) -> Option<PersonIx> {
        self.now().holder
    }

    /// Name, maker, model, period, hash as of now.
    #[must_use]
    pub fn details(&self) -> &Details {
        &self.now().details
    }

    /// Last sign-in with it.
    #[must_use]
    pub fn last_used(&self) -> Option<i64> {
        self.now().last_used
    }

    pub(super) fn change(&mut self, now: i64, change: impl FnOnce(&mut Version)) {
        let mut next = self.now().clone();
        next.at = now.max(next.at);
        next.number += 1;
        change(&mut next);
        if self.versions.len() > PAST_KEPT {
            self.versions.remove(1);
        }
        self.versions.push(next);
    }

    pub(super) fn spend(&mut self, counter: i64) {
        if self.used.len() == USED_KEPT {
            self.used.remove(0);
        }
        self.used.push(counter);
    }

    pub(super) fn codes(&self) -> Codes {
        let details = self.details();
        Codes::new(&self.seed, details.hash, 6, details.period_s)
    }

    fn version_at(&self, at: i64) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.at <= at)
    }

    /// How it looks at `at`, with `status` as of `status_at` and assignments made after `holder_at` unseen.
    pub(super) fn seen(&self, at: i64, status_at: i64, holder_at: i64) -> Option<TokenView<'_>> {
        let version = self.version_at(at).filter(|version| !version.gone)?;
        let status = self.version_at(status_at).map_or(Status::Available, |late| late.status);
        let holder = version.holder.filter(|_| version.holder_since <= holder_at);
        Some(TokenView {
            id: self.id,
            serial: &self.serial,
            status: if holder.is_none() && version.holder.is_some() { Status::Available } else { status },
            holder,
            holder_since: version.holder_since,
            details: &version.details,
            last_used: version.last_used,
            created_at: self.created_at,
            etag: version.number,
        })
    }
}
