//! The life of a token: create, assign, activate, deactivate, unassign, change, delete; and what stands against each.

use std::sync::Arc;

use super::token::Token;
use super::{
    Changes, Details, Done, MOST_PER_PERSON, NewToken, PersonIx, Refusal, Status, TokenIx, TokenRef, World,
};
use crate::guid::Guid;
use crate::options::{DeletedHolder, Permit, Quota, Reactivate, SelfRemoval, Uniqueness, WrongCode};
use crate::secret::CodeText;
use crate::totp::Hash;

impl World {
    pub(super) fn create(&mut self, new: NewToken, now: i64) -> Result<TokenIx, Refusal> {
        self.check_new(&new)?;
        let person = match new.assign_to {
            Some(id) => Some(self.assignable(id)?),
            None => None,
        };
        let details = Details {
            display_name: new.display_name,
            manufacturer: new.manufacturer,
            model: new.model,
            period_s: new.period_s,
            hash: new.hash,
        };
        let id = self.fresh_id();
        let ix = self.tokens.push(Token::new(id, new.serial.trim().to_owned(), new.seed, details, now));
        if let Some(person) = person.flatten() {
            self.hand_over(ix, person, now);
        }
        Ok(ix)
    }

    fn check_new(&self, new: &NewToken) -> Result<(), Refusal> {
        check_details(new.period_s, new.hash)?;
        for (name, text) in
            [("serialNumber", &new.serial), ("manufacturer", &new.manufacturer), ("model", &new.model)]
        {
            if text.trim().is_empty() {
                return Err(Refusal::BadField(name));
            }
        }
        if new.seed.open().is_empty() {
            return Err(Refusal::BadField("secretKey"));
        }
        let taken = self.tokens.by_serial(&new.serial).iter().map(|ix| self.tokens.get(*ix)).any(|other| {
            other.exists()
                && (self.options.uniqueness == Uniqueness::Serial
                    || other.details().manufacturer.eq_ignore_ascii_case(&new.manufacturer))
        });
        if taken { Err(Refusal::DuplicateSerial) } else { Ok(()) }
    }

    /// The person, if he may be given one more token; `Ok(None)` if the tenant would only pretend.
    fn assignable(&self, person: Guid) -> Result<Option<PersonIx>, Refusal> {
        let ix = self.target(person)?;
        let who = self.people.get(ix);
        if who.deleted_at.is_some() {
            return Err(Refusal::NoPerson);
        }
        if who.guest {
            return Err(Refusal::Guest);
        }
        let pretend = self.refuse_admin(ix)?;
        let held = self.held_now(ix).count();
        let apps = who.methods.iter().filter(|method| method.kind.counts_as_app()).count();
        if held + apps >= MOST_PER_PERSON {
            return Err(Refusal::TooMany);
        }
        Ok((!pretend).then_some(ix))
    }

    fn target(&self, person: Guid) -> Result<PersonIx, Refusal> {
        let ix = self.people.by_id(person).ok_or(Refusal::NoPerson)?;
        let reachable =
            self.people.get(ix).deleted_at.is_none() || self.options.deleted_holder == DeletedHolder::Keep;
        if reachable { Ok(ix) } else { Err(Refusal::NoPerson) }
    }

    /// `Ok(true)` if the write has to be pretended.
    fn refuse_admin(&self, person: PersonIx) -> Result<bool, Refusal> {
        if self.people.get(person).roles.is_empty() {
            return Ok(false);
        }
        match self.options.admin_targets {
            Permit::Allow => Ok(false),
            Permit::Forbid => Err(Refusal::AdminTarget),
            Permit::Ignore => Ok(true),
        }
    }

    pub(super) fn held_now(&self, person: PersonIx) -> impl Iterator<Item = TokenIx> {
        self.tokens.ever_held_by(person).iter().copied().filter(move |ix| {
            let token = self.tokens.get(*ix);
            token.exists() && token.holder() == Some(person)
        })
    }

    fn hand_over(&mut self, ix: TokenIx, person: PersonIx, now: i64) {
        self.tokens.note_holder(ix, person);
        self.tokens.get_mut(ix).change(now, |version| {
            version.status = Status::Assigned;
            version.holder = Some(person);
            version.holder_since = now;
        });
    }

    pub(super) fn assign(&mut self, token: &TokenRef, person: Guid, now: i64) -> Result<Done, Refusal> {
        self.target(person)?;
        let ix = self.tokens.find(token).ok_or(Refusal::NoToken)?;
        if self.tokens.get(ix).holder().is_some() {
            return Err(Refusal::AlreadyAssigned);
        }
        if let Some(person) = self.assignable(person)? {
            self.hand_over(ix, person, now);
        }
        Ok(Done::Token(ix))
    }

    pub(super) fn activate(
        &mut self,
        token: &TokenRef,
        person: Guid,
        code: &CodeText,
        display_name: Option<String>,
        now: i64,
    ) -> Result<Done, Refusal> {
        let (ix, holder) = self.held_by(token, person)?;
        self.token_at(ix, now).filter(|view| view.holder == Some(holder)).ok_or(Refusal::NoMethod)?;
        let pretend = self.refuse_admin(holder)?;
        self.may_activate(ix, holder)?;
        if self.over_quota(now)? || pretend {
            return Ok(Done::Nothing);
        }
        self.judge_activation(ix, code, display_name, now)
    }

    fn may_activate(&self, ix: TokenIx, holder: PersonIx) -> Result<(), Refusal> {
        let relearn = self.options.reactivate == Reactivate::Relearn;
        if self.tokens.get(ix).status() == Status::Activated && !relearn {
            return Err(Refusal::AlreadyActivated);
        }
        if self.options.policy_blocks_activation && !self.policy_covers(holder) {
            return Err(Refusal::Policy);
        }
        Ok(())
    }

    fn judge_activation(
        &mut self,
        ix: TokenIx,
        code: &CodeText,
        display_name: Option<String>,
        now: i64,
    ) -> Result<Done, Refusal> {
        let Some(counter) = self.find_at_activation(ix, code, now) else {
            if self.options.wrong_code == WrongCode::FailedActivation {
                self.tokens.get_mut(ix).change(now, |version| version.status = Status::FailedActivation);
            }
            return Err(Refusal::WrongCode);
        };
        self.learn(ix, counter, now, self.options.activation_consumes_code);
        self.tokens.get_mut(ix).change(now, |version| {
            version.status = Status::Activated;
            if let Some(name) = display_name {
                Arc::make_mut(&mut version.details).display_name = Some(name);
            }
        });
        Ok(Done::Nothing)
    }

    /// `Ok(true)`: beyond the quota, and the tenant keeps silent about it.
    fn over_quota(&mut self, now: i64) -> Result<bool, Refusal> {
        let window = i64::try_from(self.options.activation_quota_window_s).unwrap_or(300) * 1000;
        while self.activations.front().is_some_and(|at| *at <= now - window) {
            self.activations.pop_front();
        }
        let full = self.activations.len() as u64 >= self.options.activation_quota_count;
        if !full || self.options.activation_quota == Quota::Off {
            self.activations.push_back(now);
            return Ok(false);
        }
        match self.options.activation_quota {
            Quota::TooMany => {
                Err(Refusal::Quota { until: self.activations.front().map_or(now, |at| at + window) })
            }
            Quota::BadRequest => Err(Refusal::WrongCode),
            Quota::Silence | Quota::Off => Ok(true),
        }
    }

    pub(super) fn assign_and_activate(
        &mut self,
        token: &TokenRef,
        person: Guid,
        code: &CodeText,
        display_name: Option<String>,
        now: i64,
    ) -> Result<Done, Refusal> {
        let wanted = self.target(person)?;
        let ix = self.tokens.find(token).ok_or(Refusal::NoToken)?;
        let fresh = match self.tokens.get(ix).holder() {
            Some(holder) if holder == wanted => false,
            Some(_) => return Err(Refusal::AlreadyAssigned),
            None => true,
        };
        let holder = if fresh { self.assignable(person)? } else { Some(wanted) };
        let Some(holder) = holder else { return Ok(Done::Nothing) };
        let pretend = self.refuse_admin(holder)?;
        self.may_activate(ix, holder)?;
        if self.over_quota(now)? || pretend {
            return Ok(Done::Nothing);
        }
        if fresh && self.find_at_activation(ix, code, now).is_none() {
            return Err(Refusal::WrongCode);
        }
        if fresh {
            self.hand_over(ix, holder, now);
        }
        self.judge_activation(ix, code, display_name, now)
    }

    fn held_by(&self, token: &TokenRef, person: Guid) -> Result<(TokenIx, PersonIx), Refusal> {
        let holder = self.target(person)?;
        let ix = self.tokens.find(token).ok_or(Refusal::NoMethod)?;
        if self.tokens.get(ix).holder() == Some(holder) { Ok((ix, holder)) } else { Err(Refusal::NoMethod) }
    }

    pub(super) fn deactivate(&mut self, token: &TokenRef, person: Guid, now: i64) -> Result<Done, Refusal> {
        let (ix, holder) = self.held_by(token, person)?;
        let pretend = self.refuse_admin(holder)?;
        if self.tokens.get(ix).status() != Status::Activated {
            return Err(Refusal::NotActivated);
        }
        if !pretend {
            self.tokens.get_mut(ix).change(now, |version| version.status = Status::Assigned);
        }
        Ok(Done::Nothing)
    }

    pub(super) fn unassign(
        &mut self,
        token: &TokenRef,
        person: Guid,
        etag: Option<u64>,
        now: i64,
    ) -> Result<Done, Refusal> {
        let (ix, holder) = self.held_by(token, person)?;
        self.check_etag(ix, etag)?;
        if !self.refuse_admin(holder)? {
            self.take_back(ix, now);
        }
        Ok(Done::Nothing)
    }

    /// Its holder removes it in Security info.
    pub(crate) fn remove_own(&mut self, token: &TokenRef, now: i64) -> Result<(), Refusal> {
        let ix = self.tokens.find(token).ok_or(Refusal::NoToken)?;
        match self.options.self_removal {
            SelfRemoval::Unassign => self.take_back(ix, now),
            SelfRemoval::Deactivate => {
                self.tokens.get_mut(ix).change(now, |version| version.status = Status::Assigned);
            }
        }
        Ok(())
    }

    pub(super) fn take_back(&mut self, ix: TokenIx, now: i64) {
        let token = self.tokens.get_mut(ix);
        token.drift_steps = 0;
        token.change(now, |version| {
            version.status = Status::Available;
            version.holder = None;
        });
    }

    fn check_etag(&self, ix: TokenIx, etag: Option<u64>) -> Result<(), Refusal> {
        let present = self.tokens.get(ix).now().number;
        match etag {
            Some(expected) if self.options.etags && expected != present => Err(Refusal::Changed),
            _ => Ok(()),
        }
    }

    pub(super) fn update(
        &mut self,
        token: &TokenRef,
        changes: Changes,
        etag: Option<u64>,
        now: i64,
    ) -> Result<Done, Refusal> {
        let ix = self.tokens.find(token).ok_or(Refusal::NoToken)?;
        self.check_etag(ix, etag)?;
        let present = self.tokens.get(ix);
        if present.holder().is_some() {
            return Err(Refusal::InUse);
        }
        let mut details = present.details().clone();
        changes.apply(&mut details);
        check_details(details.period_s, details.hash)?;
        self.tokens.get_mut(ix).change(now, |version| version.details = Arc::new(details));
        Ok(Done::Nothing)
    }

    pub(super) fn delete(&mut self, token: &TokenRef, etag: Option<u64>, now: i64) -> Result<Done, Refusal> {
        let ix = self.tokens.find(token).ok_or(Refusal::NoToken)?;
        self.check_etag(ix, etag)?;
        if self.tokens.get(ix).holder().is_some() {
            return Err(Refusal::InUse);
        }
        self.tokens.get_mut(ix).change(now, |version| version.gone = true);
        Ok(Done::Nothing)
    }
}

impl Changes {
    fn apply(self, details: &mut Details) {
        if let Some(name) = self.display_name {
            details.display_name = name;
        }
        if let Some(manufacturer) = self.manufacturer {
            details.manufacturer = manufacturer;
        }
        if let Some(model) = self.model {
            details.model = model;
        }
        details.period_s = self.period_s.unwrap_or(details.period_s);
        details.hash = self.hash.unwrap_or(details.hash);
    }
}

/// 30 or 60 seconds, SHA-1 or SHA-256; six digits are the only kind there is.
fn check_details(period_s: u32, hash: Hash) -> Result<(), Refusal> {
    if !matches!(period_s, 30 | 60) {
        return Err(Refusal::BadField("timeIntervalInSeconds"));
    }
    if hash == Hash::Sha512 { Err(Refusal::BadField("hashFunction")) } else { Ok(()) }
}
