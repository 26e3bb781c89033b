//! What will happen, as a value: the plan. Made by [`make`], a pure function; consumed by `crate::engine`.
//!
//! Owns: [`Plan`], its rows and options, its digest. Does not own: consent ([`crate::gate`]), writing. A plan holds
//! object ids and the state each step was made for; no seed and nothing derived from a single seed.

mod canonical;
mod compare;
mod everyday;
mod make;
mod person;
mod steps;
pub mod unbegun;
mod wish;

use serde::{Deserialize, Serialize};

pub use canonical::{canonical_json, digest_of};
pub use compare::{Difference, differences};
pub(crate) use make::seen;
pub use make::{PlanSource, make};
pub use wish::{Asked, Goal, Wish, Wishes};

use crate::journal::StepKind;
use crate::place::Place;
use crate::reason::Reason;
use crate::report::{Outcome, Proof, SeedOrigin};
use crate::table::RowId;
use crate::tenant::{Backend, DeviceStatus};
use crate::time::Utc;
use crate::token::{DeviceId, TenantId, TotpParams, UserId};

/// The schema's name.
pub const PLAN_SCHEMA: &str = "oathctl.plan/1";

/// How far the rows are to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpTo {
    /// In the tenant.
    Imported,
    /// With its person.
    Assigned,
    /// Active.
    #[default]
    Activated,
}

/// What the caller allows and asks; part of the plan and of its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// How far.
    pub up_to: UpTo,
    /// Tokens held by somebody else may move.
    pub reassign: bool,
    /// Devices whose seed may not be ours are deleted and made anew.
    pub recreate: bool,
    /// People with directory roles are not refused.
    pub include_admins: bool,
    /// People outside the method policy are not refused.
    pub ignore_policy: bool,
    /// People without another method are refused.
    pub require_other_method: bool,
    /// Taking somebody's last method away is not refused.
    pub last_method_ok: bool,
    /// People of other domains may be the majority.
    pub other_domains_ok: bool,
    /// People's methods are read before planning.
    pub preflight: bool,
    /// Serials chosen by `--only`, as keys; `None` for all.
    pub only: Option<Vec<String>>,
    /// Serials and people left out by `--exclude`, as keys.
    pub exclude: Vec<String>,
    /// A host that is neither Microsoft's nor loopback, if one was allowed.
    pub custom_endpoint: Option<String>,
    /// Tokens may be deleted although nobody holds their seed any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub seed_lost: bool,
}

/// The numbers a plan may reach without being refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// `--max-reassign`.
    pub max_reassign: Option<u64>,
    /// `--max-delete`.
    pub max_delete: Option<u64>,
}

/// The input a plan was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInput {
    /// Its path as given, for `resume`.
    pub path: Option<String>,
    /// SHA-256 of its bytes as delivered, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the file given with `--users`, where there was one.
    pub users_sha256: Option<String>,
    /// Rows in it.
    pub rows: u64,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: String,
    /// The tenant it is for.
    pub tenant: TenantId,
    /// Its display name.
    pub tenant_name: String,
    /// The host everything goes to.
    pub host: String,
    /// True on loopback.
    pub practice: bool,
    /// The back end.
    pub backend: Backend,
    /// When it was made (our clock).
    pub made_at: Utc,
    /// What was asked and allowed.
    pub options: PlanOptions,
    /// Its input.
    pub input: PlanInput,
    /// Its limits.
    pub limits: Limits,
    /// The numbers shown before consent.
    pub totals: PlanTotals,
    /// Every row of the input, in its order.
    pub rows: Vec<PlanRow>,
    /// SHA-256 over the canonical JSON of everything else, lower-case hex.
    pub digest: String,
}

/// What the tenant showed for a row when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Seen {
    /// No device with this serial.
    Absent,
    /// This one.
    Present {
        /// Its id.
        device: DeviceId,
        /// Its status.
        status: DeviceStatus,
        /// Its holder.
        holder: Option<UserId>,
    },
}

/// What is planned for one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// Which row.
    pub row: RowId,
    /// Its serial, as the input has it.
    pub serial: String,
    /// Its person.
    pub upn: Option<String>,
    /// The person's object id.
    pub user: Option<UserId>,
    /// Where it stands.
    pub source: Place,
    /// The state the steps were made for.
    pub seen: Seen,
    /// The writes, in order; empty when there is nothing to do.
    pub steps: Vec<StepKind>,
    /// How far the row is to go.
    pub goal: Goal,
    /// How it ends if there is nothing to do.
    pub end: Option<PlannedEnd>,
    /// What is asked of it, where that is not what a file asks of its rows.
    #[serde(default, skip_serializing_if = "Asked::is_ordinary")]
    pub asked: Asked,
    /// What its codes are made with, where a step needs the seed: a vault that gives others is not believed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<TotpParams>,
}

/// The end of a row that needs no step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedEnd {
    /// How.
    pub outcome: Outcome,
    /// Why, where there is a reason.
    pub why: Option<Reason>,
    /// What is known of its working.
    pub proof: Proof,
    /// Whose seed the tenant holds.
    pub seed_origin: Option<SeedOrigin>,
}

/// The numbers of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTotals {
    /// Rows of the input.
    pub rows: u64,
    /// Devices of the tenant.
    pub tenant_devices: u64,
    /// True when only the devices concerned were read, so that nobody knows how many there are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub devices_partial: bool,
    /// Devices to create.
    pub create: u64,
    /// Devices to assign (in creation or by themselves).
    pub assign: u64,
    /// Devices to activate.
    pub activate: u64,
    /// Devices that change their holder.
    pub reassign: u64,
    /// Devices to take from somebody.
    pub unassign: u64,
    /// Devices to delete.
    pub delete: u64,
    /// Devices to make inactive.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deactivate: u64,
    /// Devices to rename.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rename: u64,
    /// People whose sign-in sessions are ended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revoke_sessions: u64,
    /// People who are left without any method, because somebody said so.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_without: u64,
    /// Rows already where they should be.
    pub already: u64,
    /// Rows that cannot go on.
    pub failed: u64,
    /// Rows left out.
    pub skipped: u64,
    /// People for whom this becomes the only method beyond a password.
    pub only_method: u64,
    /// People whose first prompt changes (phone methods come after a token).
    pub first_prompt: u64,
    /// People whose methods could not be read.
    pub methods_unknown: u64,
    /// People with a directory role among those touched.
    pub admins: u64,
    /// True when roles could not be read.
    pub admins_unknown: bool,
    /// True when the method policy could not be read.
    pub policy_unknown: bool,
    /// True when the policy is switched off.
    pub policy_off: bool,
    /// People whose domain is verified in the tenant.
    pub people_home: u64,
    /// People of other domains.
    pub people_foreign: u64,
}

/// Numbers that old plans do not have stay out of new ones where they say nothing: a digest covers every key.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Plan {
    /// Computes and sets the digest.
    pub fn sealed(mut self) -> Self {
        self.digest = digest_of(&self);
        self
    }

    /// Counts steps and ends anew, after rows were changed.
    pub fn recount(&mut self) {
        make::count_rows(&mut self.totals, &self.rows);
    }

    /// True when the digest is the one of the content.
    pub fn is_intact(&self) -> bool {
        self.digest == digest_of(self)
    }

    /// What is asked of each row, as a journal or a file gives the plan back.
    pub fn wishes(&self) -> Wishes {
        self.rows.iter().map(|row| (row.row, row.asked.clone())).collect()
    }

    /// Rows with something to do.
    pub fn pending(&self) -> impl Iterator<Item = &PlanRow> {
        self.rows.iter().filter(|row| !row.steps.is_empty())
    }
}

#[cfg(test)]
mod tests;
