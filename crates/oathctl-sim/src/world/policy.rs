//! The method policy for hardware OATH tokens: on or off, for whom, except whom.

use super::{PersonIx, World};
use crate::guid::Guid;

/// What an id in the policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A group.
    Group,
    /// A person.
    User,
}

/// Whom the policy includes or excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `None` is everybody (`all_users`).
    pub id: Option<Guid>,
    /// What the id names.
    pub kind: TargetKind,
}

/// The policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether the method is on.
    pub enabled: bool,
    /// For whom.
    pub include: Vec<Target>,
    /// Except whom.
    pub exclude: Vec<Target>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            enabled: true,
            include: vec![Target { id: None, kind: TargetKind::Group }],
            exclude: Vec::new(),
        }
    }
}

impl World {
    /// Whether this person may use hardware tokens: the method is on, he is included, and not excluded.
    #[must_use]
    pub fn policy_covers(&self, person: PersonIx) -> bool {
        let groups: Vec<Guid> =
            self.groups_of(person).into_iter().map(|group| self.directory.groups[group].id).collect();
        let me = self.people.get(person).id;
        let meets = |target: &Target| match (target.id, target.kind) {
            (None, _) => true,
            (Some(id), TargetKind::User) => id == me,
            (Some(id), TargetKind::Group) => groups.contains(&id),
        };
        self.policy.enabled && self.policy.include.iter().any(meets) && !self.policy.exclude.iter().any(meets)
    }
}
