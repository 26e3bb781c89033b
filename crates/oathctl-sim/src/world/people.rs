//! The people of the tenant.

use std::collections::BTreeMap;

use super::{Done, Method, MethodKind, Refusal, World};
use crate::guid::Guid;
use crate::options::{DeletedHolder, Permit};

/// Place of a person in the order of creation.
pub type PersonIx = u32;

/// One person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Object id.
    pub id: Guid,
    /// User principal name as registered.
    pub upn: String,
    /// Name shown; any script.
    pub display_name: String,
    /// Whether the account may sign in.
    pub enabled: bool,
    /// A guest of another organisation.
    pub guest: bool,
    /// When the person was deleted, if so.
    pub deleted_at: Option<i64>,
    /// Deleted for good: no longer among the deleted.
    pub purged: bool,
    /// Directory roles held, by place in the directory.
    pub roles: Vec<usize>,
    /// Groups the person is directly in, by place in the directory.
    pub groups: Vec<usize>,
    /// Other methods.
    pub methods: Vec<Method>,
    /// When the sign-in sessions were ended, each time.
    pub sessions_revoked: Vec<i64>,
}

impl Person {
    /// Whether the person stands among the deleted.
    #[must_use]
    pub fn is_restorable(&self) -> bool {
        self.deleted_at.is_some() && !self.purged
    }
}

/// What one says to add a person.
#[derive(Debug, Clone, Default)]
pub struct PersonSpec {
    /// User principal name.
    pub upn: String,
    /// Name shown; the UPN if empty.
    pub display_name: String,
    /// The account is disabled.
    pub disabled: bool,
    /// A guest.
    pub guest: bool,
    /// Holds the first directory role.
    pub admin: bool,
    /// Number of authenticator apps.
    pub apps: usize,
    /// Has a phone.
    pub phone: bool,
}

/// Everybody, and the ways to find one.
#[derive(Debug, Default)]
pub struct People {
    all: Vec<Person>,
    by_id: BTreeMap<Guid, PersonIx>,
    by_upn: BTreeMap<String, PersonIx>,
}

impl People {
    /// The person at a place that came from this table.
    #[must_use]
    pub fn get(&self, ix: PersonIx) -> &Person {
        &self.all[ix as usize]
    }

    pub(super) fn get_mut(&mut self, ix: PersonIx) -> &mut Person {
        &mut self.all[ix as usize]
    }

    /// Everybody, the deleted included, in the order of creation.
    pub fn iter(&self) -> impl Iterator<Item = (PersonIx, &Person)> {
        (0..).zip(self.all.iter())
    }

    /// How many there are, the deleted included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// By object id, deleted or not.
    #[must_use]
    pub fn by_id(&self, id: Guid) -> Option<PersonIx> {
        self.by_id.get(&id).copied()
    }

    /// By user principal name, case ignored; only those not deleted.
    #[must_use]
    pub fn by_upn(&self, upn: &str) -> Option<PersonIx> {
        self.by_upn.get(&upn.to_lowercase()).copied()
    }

    /// The last one of this name who was deleted and can still be restored.
    #[must_use]
    pub fn deleted_by_upn(&self, upn: &str) -> Option<PersonIx> {
        let named = |person: &Person| person.upn.to_lowercase() == upn.to_lowercase();
        let fits = |(_, person): &(PersonIx, &Person)| person.is_restorable() && named(person);
        self.iter().filter(fits).max_by_key(|(_, person)| person.deleted_at).map(|(ix, _)| ix)
    }

    pub(super) fn push(&mut self, person: Person) -> PersonIx {
        let ix = PersonIx::try_from(self.all.len()).unwrap_or(PersonIx::MAX);
        self.by_id.insert(person.id, ix);
        self.by_upn.insert(person.upn.to_lowercase(), ix);
        self.all.push(person);
        ix
    }
}

impl World {
    /// Adds a person with a password and what the spec says.
    pub fn add_person(&mut self, spec: &PersonSpec) -> PersonIx {
        let mut kinds = vec![MethodKind::Password];
        kinds.extend(spec.phone.then_some(MethodKind::Phone));
        kinds.extend(std::iter::repeat_n(MethodKind::Authenticator, spec.apps));
        let shown = if spec.display_name.is_empty() { &spec.upn } else { &spec.display_name };
        let person = Person {
            id: self.fresh_id(),
            upn: spec.upn.clone(),
            display_name: shown.clone(),
            enabled: !spec.disabled,
            guest: spec.guest,
            deleted_at: None,
            purged: false,
            roles: Vec::new(),
            groups: Vec::new(),
            methods: kinds.into_iter().map(|kind| self.method(kind)).collect(),
            sessions_revoked: Vec::new(),
        };
        let ix = self.people.push(person);
        if spec.admin {
            self.grant_role(ix, 0);
        }
        ix
    }

    pub(super) fn method(&mut self, kind: MethodKind) -> Method {
        Method { id: self.fresh_id(), kind, created_at: 1_700_000_000_000 }
    }

    /// Deletes a person; what becomes of the tokens is the switch `deleted_holder`. False if already deleted.
    pub fn delete_person(&mut self, ix: PersonIx, now: i64) -> bool {
        let person = self.people.get_mut(ix);
        if person.deleted_at.is_some() {
            return false;
        }
        person.deleted_at = Some(now);
        let key = person.upn.to_lowercase();
        self.people.by_upn.remove(&key);
        if self.options.deleted_holder == DeletedHolder::Release {
            for token in self.held_now(ix).collect::<Vec<_>>() {
                self.take_back(token, now);
            }
        }
        true
    }

    /// Takes a person back from the deleted. False if not among them, or if somebody else has the name by now.
    pub fn restore_person(&mut self, ix: PersonIx) -> bool {
        let person = self.people.get_mut(ix);
        let key = person.upn.to_lowercase();
        if !person.is_restorable() || self.people.by_upn.contains_key(&key) {
            return false;
        }
        self.people.get_mut(ix).deleted_at = None;
        self.people.by_upn.insert(key, ix);
        true
    }

    /// Deletes a person for good; the id answers 404 everywhere from now on.
    pub fn purge_person(&mut self, ix: PersonIx, now: i64) {
        self.delete_person(ix, now);
        let person = self.people.get_mut(ix);
        person.purged = true;
        let id = person.id;
        self.people.by_id.remove(&id);
    }

    /// Ends a person's sign-in sessions. Guests' are their home tenant's, and go on.
    pub(super) fn revoke_sessions(&mut self, person: Guid, now: i64) -> Result<Done, Refusal> {
        let ix = self.people.by_id(person).ok_or(Refusal::NoPerson)?;
        let ignored = self.options.revoke_sessions == Permit::Ignore;
        let who = self.people.get_mut(ix);
        if who.deleted_at.is_some() {
            return Err(Refusal::NoPerson);
        }
        if !who.guest && !ignored {
            who.sessions_revoked.push(now);
        }
        Ok(Done::Nothing)
    }

    /// Gives a person another user principal name; id and tokens stay. False if somebody else has that name.
    pub fn rename_person(&mut self, ix: PersonIx, upn: &str) -> bool {
        let key = upn.to_lowercase();
        let person = self.people.get(ix);
        if person.deleted_at.is_some() || self.people.by_upn(&key).is_some_and(|other| other != ix) {
            return false;
        }
        self.people.by_upn.remove(&person.upn.to_lowercase());
        self.people.get_mut(ix).upn = upn.to_owned();
        self.people.by_upn.insert(key, ix);
        true
    }

    /// Enables or disables an account.
    pub fn set_enabled(&mut self, ix: PersonIx, enabled: bool) {
        self.people.get_mut(ix).enabled = enabled;
    }

    /// Makes a person a holder of the role at this place in the directory.
    pub fn grant_role(&mut self, ix: PersonIx, role: usize) {
        let person = self.people.get_mut(ix);
        if role < self.directory.roles.len() && !person.roles.contains(&role) {
            person.roles.push(role);
            self.directory.roles[role].members.push(ix);
        }
    }

    /// Puts a person into the group at this place in the directory.
    pub fn join_group(&mut self, ix: PersonIx, group: usize) {
        let person = self.people.get_mut(ix);
        if group < self.directory.groups.len() && !person.groups.contains(&group) {
            person.groups.push(group);
            self.directory.groups[group].members.push(ix);
        }
    }
}
