//! Who may get a token: guests, disabled accounts, administrators, policy, room, other methods (H1, H5, H6, H14).
//!
//! Owns: [`People`]. Does not own: what the device needs ([`super::steps`]). What could not be read refuses nobody
//! and is counted as unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::{PlanOptions, PlanRow, PlanTotals, Seen};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::snapshot::{Snapshot, is_chosen};
use crate::table::Table;
use crate::tenant::{Device, DeviceStatus, Methods, ROOM, Target, User};
use crate::token::{UserId, upn_domain};

pub(super) struct People<'a> {
    snapshot: &'a Snapshot,
    options: &'a PlanOptions,
    /// Devices of the listing by holder: a lower bound where methods cannot be read.
    held: BTreeMap<&'a UserId, u32>,
    /// Devices this plan gives to a person so far.
    given: BTreeMap<UserId, u32>,
    home: u64,
    foreign: u64,
}

impl<'a> People<'a> {
    pub(super) fn new(table: &Table, snapshot: &'a Snapshot, options: &'a PlanOptions) -> Self {
        let mut held = BTreeMap::new();
        for holder in snapshot.devices.iter().filter_map(|device| device.holder.as_ref()) {
            *held.entry(&holder.id).or_insert(0) += 1;
        }
        let (home, foreign) = count_domains(table, snapshot, options);
        Self { snapshot, options, held, given: BTreeMap::new(), home, foreign }
    }

    /// Why this person may not get the token, if so.
    pub(super) fn refuses(&self, user: &User, steps: &[StepKind], device: Option<&Device>) -> Option<Reason> {
        if user.guest == Some(true) {
            return Some(Reason::PersonGuest);
        }
        if user.enabled == Some(false) {
            return Some(Reason::PersonDisabled);
        }
        if self.is_kept_from(&user.id) {
            return Some(Reason::AdminTarget);
        }
        if !self.options.ignore_policy && self.is_excluded(&user.id) == Some(true) {
            return Some(Reason::PolicyExcluded);
        }
        let brings_one = steps.contains(&StepKind::Assign) && !device.is_some_and(|d| d.is_held_by(&user.id));
        if brings_one && self.holds(&user.id) >= ROOM {
            return Some(Reason::NoRoom { held: self.holds(&user.id) });
        }
        let alone = self.methods(&user.id).is_some_and(|methods| !has_another(methods));
        if self.options.require_other_method && alone && steps.contains(&StepKind::Activate) {
            return Some(Reason::NoOtherMethod);
        }
        None
    }

    /// A person with a directory role whose tokens nobody may touch without `--include-admins` (H6).
    pub(super) fn is_kept_from(&self, user: &UserId) -> bool {
        !self.options.include_admins && self.is_admin(user)
    }

    /// Notes that the plan gives this person a token.
    pub(super) fn takes(&mut self, user: Option<&User>, steps: &[StepKind]) {
        if let Some(user) = user
            && steps.contains(&StepKind::Assign)
        {
            *self.given.entry(user.id.clone()).or_insert(0) += 1;
        }
    }

    /// Adds what the confirmation tells about people.
    pub(super) fn count(&self, totals: &mut PlanTotals, rows: &[PlanRow]) {
        let touched: BTreeSet<&UserId> =
            rows.iter().filter(|row| !row.steps.is_empty()).filter_map(|row| row.user.as_ref()).collect();
        let activated: BTreeSet<&UserId> = rows
            .iter()
            .filter(|row| row.steps.contains(&StepKind::Activate))
            .filter_map(|row| row.user.as_ref())
            .collect();
        let remade = remade(rows);
        for user in &activated {
            let without = |methods: &Methods| {
                let taken = remade.get(user).copied().unwrap_or(0);
                Methods { hardware: methods.hardware.saturating_sub(taken), ..methods.clone() }
            };
            match self.methods(user).map(without).as_ref() {
                None => totals.methods_unknown += 1,
                Some(methods) if !has_another(methods) => totals.only_method += 1,
                Some(methods) if prompts_change(methods) => totals.first_prompt += 1,
                Some(_) => {}
            }
        }
        totals.left_without = self.left_without(rows);
        totals.admins = touched.iter().filter(|user| self.is_admin(user)).count() as u64;
        totals.admins_unknown = self.snapshot.admins.known().is_none();
        let policy = self.snapshot.policy.known();
        totals.policy_unknown = policy.is_none();
        totals.policy_off = policy.is_some_and(|policy| !policy.enabled);
        (totals.people_home, totals.people_foreign) = (self.home, self.foreign);
    }

    /// People whose last method goes, in so far as it can be known: only where somebody let that through.
    fn left_without(&self, rows: &[PlanRow]) -> u64 {
        let mut taken: BTreeMap<&UserId, u32> = BTreeMap::new();
        let mut given: BTreeSet<&UserId> = BTreeSet::new();
        for row in rows {
            let takes = row.steps.iter().any(|s| matches!(s, StepKind::Unassign | StepKind::Deactivate));
            if let Seen::Present { holder: Some(holder), status: DeviceStatus::Activated, .. } = &row.seen
                && takes
            {
                *taken.entry(holder).or_insert(0) += 1;
            }
            if row.steps.contains(&StepKind::Activate) {
                given.extend(row.user.as_ref());
            }
        }
        let loses_all = |(user, taken): &(&UserId, u32)| {
            let has = |methods: &Methods| methods.hardware + methods.authenticators + methods.other_mfa;
            !given.contains(*user) && self.methods(user).is_some_and(|methods| has(methods) <= *taken)
        };
        taken.into_iter().filter(loses_all).count() as u64
    }

    fn methods(&self, user: &UserId) -> Option<&Methods> {
        self.snapshot.methods.get(user)?.known()
    }

    fn holds(&self, user: &UserId) -> u32 {
        let listed = self.held.get(user).copied().unwrap_or(0);
        let taken = self.methods(user).map_or(listed, |methods| methods.taken(listed));
        taken + self.given.get(user).copied().unwrap_or(0)
    }

    fn is_admin(&self, user: &UserId) -> bool {
        self.snapshot.admins.known().is_some_and(|admins| admins.contains(user))
    }

    /// `None` when it cannot be known.
    fn is_excluded(&self, user: &UserId) -> Option<bool> {
        let policy = self.snapshot.policy.known()?;
        let within = |targets: &[Target]| {
            let hits: Vec<Option<bool>> = targets.iter().map(|target| self.is_target(target, user)).collect();
            if hits.contains(&Some(true)) {
                return Some(true);
            }
            if hits.contains(&None) { None } else { Some(false) }
        };
        match (within(&policy.exclude), within(&policy.include)) {
            (Some(true), _) => Some(true),
            (_, Some(false)) => Some(true),
            (Some(false), Some(true)) => Some(false),
            (_, None) | (None, _) => None,
        }
    }

    fn is_target(&self, target: &Target, user: &UserId) -> Option<bool> {
        match target {
            Target::Everybody => Some(true),
            Target::Person(person) => Some(person == user),
            Target::Group(group) => Some(self.snapshot.members.get(group)?.known()?.contains(user)),
        }
    }
}

/// Tokens of this plan that are taken from their person to be made anew: until then they are no other method.
fn remade(rows: &[PlanRow]) -> BTreeMap<&UserId, u32> {
    let mut remade = BTreeMap::new();
    for row in rows.iter().filter(|row| row.steps.contains(&StepKind::Delete)) {
        if let Seen::Present { holder: Some(holder), .. } = &row.seen {
            *remade.entry(holder).or_insert(0) += 1;
        }
    }
    remade
}

fn has_another(methods: &Methods) -> bool {
    methods.hardware + methods.authenticators + methods.other_mfa > 0
}

/// System-preferred MFA asks for a TOTP before text message and voice; whoever has only those sees a new prompt.
fn prompts_change(methods: &Methods) -> bool {
    methods.phone > 0
        && methods.other_mfa == methods.phone
        && methods.authenticators == 0
        && methods.hardware == 0
}

fn count_domains(table: &Table, snapshot: &Snapshot, options: &PlanOptions) -> (u64, u64) {
    let domains = &snapshot.identity.domains;
    if domains.is_empty() {
        return (0, 0);
    }
    let people: BTreeSet<String> = table
        .rows()
        .filter(|row| is_chosen(row, options))
        .filter_map(|row| row.upn().map(crate::token::upn_key))
        .collect();
    let home =
        people.iter().filter(|upn| upn_domain(upn).is_some_and(|domain| domains.contains(&domain))).count();
    (home as u64, (people.len() - home) as u64)
}
