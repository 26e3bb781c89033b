//! What a run tells afterwards: `oathctl.run/1`.
//!
//! Owns: [`RunReport`], [`RowReport`], [`Outcome`], [`Proof`], exit codes. Does not own: the words for people
//! (`message` and `advice` are filled by the binary) nor where the report goes.

use serde::{Deserialize, Serialize};

use crate::journal::Actor;
use crate::place::Place;
use crate::reason::Reason;
use crate::tenant::{Backend, Remote};
use crate::time::Utc;
use crate::token::{DeviceId, RunId, TenantId, UserId};

/// The schema's name.
pub const RUN_SCHEMA: &str = "oathctl.run/1";

/// How one row ended. Every row ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Active now, by this run, read back.
    Activated,
    /// Active for its person before this run; left alone.
    AlreadyActive,
    /// With its person, as asked, not active.
    Assigned,
    /// In the tenant, as asked, without a person.
    Imported,
    /// Out of the tenant, as asked.
    Deleted,
    /// It did not reach what was asked; `reason` says why.
    Failed,
    /// Left out on purpose.
    Skipped,
    /// Nobody can say; `resume` finds out.
    Unknown,
}

/// How far it is known that the device works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Not at all.
    None,
    /// The tenant says so.
    ReadBack,
    /// And another device of the batch showed the right code.
    Batch,
    /// This very device showed the right code.
    Device,
    /// Used to sign in since.
    SignIn,
}

/// Whether the tenant's seed is known to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedOrigin {
    /// We created the device, and the tenant acknowledged it.
    Created,
    /// It was there, or its creation was never acknowledged: the seed is taken on trust.
    Adopted,
}

/// One row's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// Its serial.
    pub serial: Option<String>,
    /// Its person.
    pub upn: Option<String>,
    /// Where it stands in the input.
    pub source: Place,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether this run changed anything in the tenant for it.
    pub changed: bool,
    /// How far it is proven.
    pub proof: Proof,
    /// Whose seed the tenant holds.
    pub seed_origin: Option<SeedOrigin>,
    /// The drift the code was computed with, in seconds.
    pub drift_s: Option<i64>,
    /// The reason's word, for every outcome that needs one.
    pub reason: Option<String>,
    /// The reason with its parameters.
    pub detail: Option<Reason>,
    /// What happened, in a sentence (English).
    pub message: Option<String>,
    /// What to do (English).
    pub advice: Option<String>,
    /// The device.
    pub device_id: Option<DeviceId>,
    /// The person's object id.
    pub user_id: Option<UserId>,
    /// Codes sent for it.
    pub attempts: u32,
    /// The tenant's own words, when it had any.
    pub remote: Option<Remote>,
}

/// Counts of the outcomes, and of what is proven to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows with [`Outcome::Activated`].
    pub activated: u64,
    /// Rows with [`Outcome::AlreadyActive`].
    pub already_active: u64,
    /// Rows with [`Outcome::Assigned`].
    pub assigned: u64,
    /// Rows with [`Outcome::Imported`].
    pub imported: u64,
    /// Rows with [`Outcome::Deleted`].
    #[serde(default)]
    pub deleted: u64,
    /// Rows with [`Outcome::Failed`].
    pub failed: u64,
    /// Rows with [`Outcome::Skipped`].
    pub skipped: u64,
    /// Rows with [`Outcome::Unknown`].
    pub unknown: u64,
    /// Rows whose proof is `device` or `sign_in`: the only ones that may be called working.
    pub proven: u64,
}

impl Totals {
    /// Counts rows.
    pub fn of(rows: &[RowReport]) -> Self {
        let mut totals = Self::default();
        for row in rows {
            let counter = match row.outcome {
                Outcome::Activated => &mut totals.activated,
                Outcome::AlreadyActive => &mut totals.already_active,
                Outcome::Assigned => &mut totals.assigned,
                Outcome::Imported => &mut totals.imported,
                Outcome::Deleted => &mut totals.deleted,
                Outcome::Failed => &mut totals.failed,
                Outcome::Skipped => &mut totals.skipped,
                Outcome::Unknown => &mut totals.unknown,
            };
            *counter += 1;
            if matches!(row.proof, Proof::Device | Proof::SignIn) {
                totals.proven += 1;
            }
        }
        totals
    }
}

/// The input of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputReport {
    /// Its path as given.
    pub path: Option<String>,
    /// SHA-256 of its bytes as delivered, in lower-case hex.
    pub sha256: Option<String>,
}

/// What a run cost the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestReport {
    /// HTTP requests.
    pub total: u64,
    /// Operations: inner requests and items of bulk bodies.
    pub operations: u64,
    /// HTTP requests by route.
    pub by_route: std::collections::BTreeMap<String, u64>,
    /// Operations answered "too fast".
    pub throttled: u64,
    /// Operations sent again.
    pub repeated: u64,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`RUN_SCHEMA`].
    pub schema: String,
    /// oathctl's version.
    pub version: String,
    /// The run; `None` where none began.
    pub run: Option<RunId>,
    /// Who.
    pub actor: Actor,
    /// The tenant; `None` where nobody was signed in.
    pub tenant: Option<TenantId>,
    /// True on the practice tenant.
    pub practice: bool,
    /// The back end.
    pub backend: Backend,
    /// When it began.
    pub started_at: Utc,
    /// When it ended.
    pub finished_at: Utc,
    /// The exit code.
    pub exit_code: u8,
    /// The options it ran with, without secrets.
    pub options: serde_json::Value,
    /// The plan's digest.
    pub plan_digest: Option<String>,
    /// The input.
    pub input: InputReport,
    /// Server minus ours in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// What it cost.
    pub requests: RequestReport,
    /// The counts.
    pub totals: Totals,
    /// Why it didn't begin, or came to no end; `None` for a run that came to its end.
    #[serde(default)]
    pub stopped: Option<StopReport>,
    /// Every row of the input, in its order; none where it was never read.
    pub rows: Vec<RowReport>,
}

/// Why a run didn't begin, or came to no end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopReport {
    /// A stable word.
    pub reason: String,
    /// What happened, in a sentence (English).
    pub message: String,
    /// What to do (English).
    pub advice: Option<String>,
}

/// The exit codes, and which wins when several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Exit {
    /// Every row reached what was asked.
    Ok = 0,
    /// oathctl itself could not go on.
    Own = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Some rows failed or stayed unknown.
    Rows = 3,
    /// Sign-in refused, or a permission missing for all.
    SignIn = 4,
    /// The tenant could not be reached.
    Unreachable = 5,
    /// Input rejected.
    Input = 6,
    /// Gate or confirmation.
    Gate = 7,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// From the strongest to the weakest.
    const ORDER: [Exit; 9] = [
        Exit::Interrupted,
        Exit::Own,
        Exit::Gate,
        Exit::Input,
        Exit::SignIn,
        Exit::Unreachable,
        Exit::Usage,
        Exit::Rows,
        Exit::Ok,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The stronger of two.
    pub fn and(self, other: Exit) -> Exit {
        Self::ORDER.into_iter().find(|e| *e == self || *e == other).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_exit_wins() {
        assert_eq!(Exit::Rows.and(Exit::Interrupted), Exit::Interrupted);
        assert_eq!(Exit::Unreachable.and(Exit::SignIn), Exit::SignIn);
        assert_eq!(Exit::Ok.and(Exit::Rows), Exit::Rows);
        assert_eq!(Exit::Gate.and(Exit::Own), Exit::Own);
    }
}
