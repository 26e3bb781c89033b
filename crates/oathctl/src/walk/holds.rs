//! Whether what was planned still holds: the age, the tenant, the steps.
//!
//! Owns: these three questions and what is shown when the answer is no. Does not own: planning.

use oathctl_core::journal::StepKind;
use oathctl_core::plan::{Difference, Plan, differences};
use oathctl_core::time::Utc;
use oathctl_core::token::TenantId;

use super::Walk;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::tell;
use crate::words;
use crate::words::en::foreign::clean;

/// Plans and unfinished runs expire after this (H15).
const LIFE_MS: i64 = 24 * 3_600_000;
/// So many differences are told one by one.
const TOLD: usize = 20;

/// H15: a plan or run of yesterday needs `--stale-ok`.
pub fn still_fresh(desk: &Desk, made_at: Utc, what: &str, stale_ok: bool) -> Result<(), Failure> {
    let age_ms = desk.clock.utc().ms_since(made_at);
    if stale_ok || age_ms <= LIFE_MS {
        return Ok(());
    }
    Err(Failure::gate(format!("The {what} is {} hours old; after 24 it may revive what somebody has changed since.", age_ms / 3_600_000))
        .called("stale")
        .advice("Make a new plan with `oathctl activate` or `oathctl plan`; or, if nobody touched these tokens, say `--stale-ok`."))
}

impl Walk<'_> {
    /// The plan was made for the tenant that was signed in to (H5).
    pub fn is_for(&self, plan: &Plan) -> Result<(), Failure> {
        self.is_tenant(&plan.tenant, &plan.tenant_name)
    }

    fn is_tenant(&self, tenant: &TenantId, name: &str) -> Result<(), Failure> {
        let here = &self.identity;
        if here.tenant.as_str().eq_ignore_ascii_case(tenant.as_str()) {
            return Ok(());
        }
        Err(Failure::gate("It was planned for another tenant; nothing was changed.")
            .called("other_tenant")
            .because(format!(
                "planned for {} ({tenant}), signed in to {} ({})",
                clean(name),
                clean(&here.name),
                here.tenant
            ))
            .advice("Sign in to the tenant it was planned for, or make a new plan."))
    }

    /// What is done has dropped out, and nothing is new or different; else what is, row by row.
    pub fn still_holds(&self, old: &Plan, fresh: &Plan) -> Result<(), Failure> {
        let found = differences(old, fresh);
        if found.is_empty() {
            return Ok(());
        }
        let rows = old.rows.len();
        let mut failure = Failure::gate(format!(
            "The plan no longer holds for {} of {}; nothing was changed.",
            found.len(),
            tell::counted(rows, "row")
        ))
        .called("plan_differs");
        for difference in found.iter().take(TOLD) {
            failure = failure.because(line(difference));
        }
        if found.len() > TOLD {
            failure = failure.because(format!("… and {} more", found.len() - TOLD));
        }
        Err(failure.advice("Make a new plan with `oathctl plan`, look at it, and apply that."))
    }
}

fn line(difference: &Difference) -> String {
    let Difference { row: _, serial, planned, now, why } = difference;
    let serial = clean(serial);
    match why {
        Some(why) => format!("{serial}: {}", words::message(why)),
        None if planned == now => format!("{serial}: its person is another account now"),
        None => format!("{serial}: planned {}, now {}", steps(planned), steps(now)),
    }
}

fn steps(steps: &[StepKind]) -> String {
    let words: Vec<String> = steps.iter().map(|step| format!("{step:?}").to_lowercase()).collect();
    if words.is_empty() { "nothing to do".into() } else { words.join(" + ") }
}
