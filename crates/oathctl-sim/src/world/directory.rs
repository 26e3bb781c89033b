//! Groups, directory roles and the organisation itself. Ids and names are invented.

use super::{PersonIx, World};
use crate::guid::Guid;
use crate::rng::Rng;

/// A group; groups may hold groups.
#[derive(Debug, Clone)]
pub struct Group {
    /// Object id.
    pub id: Guid,
    /// Name.
    pub name: &'static str,
    /// The group it lies in, by place.
    pub parent: Option<usize>,
    /// People directly in it.
    pub members: Vec<PersonIx>,
}

/// A directory role that is in use.
#[derive(Debug, Clone)]
pub struct Role {
    /// Object id.
    pub id: Guid,
    /// Id of its template, which role assignments name.
    pub template: Guid,
    /// Name.
    pub name: &'static str,
    /// Who holds it.
    pub members: Vec<PersonIx>,
}

/// The organisation with its groups and roles.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Tenant id.
    pub tenant: Guid,
    /// Name of the organisation.
    pub name: &'static str,
    /// Verified domains, the default first, the initial last.
    pub domains: Vec<&'static str>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Roles.
    pub roles: Vec<Role>,
}

/// The default domain of the practice tenant; `.example` never exists (RFC 2606).
pub const DEFAULT_DOMAIN: &str = "practice.example";
/// The initial domain.
pub const INITIAL_DOMAIN: &str = "oathpractice.onmicrosoft.com";

const GROUPS: [(&str, Option<usize>); 6] = [
    ("Everybody on site", None),
    ("Factory", Some(0)),
    ("Night shift", Some(1)),
    ("Hospital", Some(0)),
    ("School", None),
    ("Token pilot", None),
];

const ROLES: [&str; 4] =
    ["Global Administrator", "Authentication Administrator", "User Administrator", "Global Reader"];

impl Directory {
    pub(super) fn new(rng: &mut Rng) -> Self {
        Self {
            tenant: Guid::random(rng),
            name: "Practice Tenant",
            domains: vec![DEFAULT_DOMAIN, "second.practice.example", INITIAL_DOMAIN],
            groups: GROUPS
                .iter()
                .map(|(name, parent)| Group {
                    id: Guid::random(rng),
                    name,
                    parent: *parent,
                    members: Vec::new(),
                })
                .collect(),
            roles: ROLES
                .iter()
                .map(|name| Role {
                    id: Guid::random(rng),
                    template: Guid::random(rng),
                    name,
                    members: Vec::new(),
                })
                .collect(),
        }
    }

    /// Place of the group with this id.
    #[must_use]
    pub fn group(&self, id: Guid) -> Option<usize> {
        self.groups.iter().position(|group| group.id == id)
    }

    /// Whether `inner` is `outer` or lies in it, at any depth.
    #[must_use]
    pub fn lies_in(&self, inner: usize, outer: usize) -> bool {
        let mut at = Some(inner);
        while let Some(group) = at {
            if group == outer {
                return true;
            }
            at = self.groups[group].parent;
        }
        false
    }
}

impl World {
    /// Every group a person is in, directly or through another, by place, ascending.
    #[must_use]
    pub fn groups_of(&self, person: PersonIx) -> Vec<usize> {
        let direct = &self.people.get(person).groups;
        (0..self.directory.groups.len())
            .filter(|outer| direct.iter().any(|inner| self.directory.lies_in(*inner, *outer)))
            .collect()
    }

    /// Everybody in a group, directly or through another, not deleted, ascending from the place `from`.
    pub fn members_from(&self, group: usize, from: usize) -> impl Iterator<Item = PersonIx> {
        self.people.iter().skip(from).filter_map(move |(ix, person)| {
            let inside = person.groups.iter().any(|inner| self.directory.lies_in(*inner, group));
            (inside && person.deleted_at.is_none()).then_some(ix)
        })
    }
}
