//! Whether what was planned still holds: the age, the tenant, the steps.
//!
//! Owns: these three questions and what is shown when the answer is no. Does not own: planning.

use oathctl_core::plan::{Plan, PlanRow};
use oathctl_core::time::Utc;
use oathctl_core::token::TenantId;

use super::Walk;
use crate::desk::Desk;
use crate::failure::Failure;
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
            .because(format!(
                "planned for {} ({tenant}), signed in to {} ({})",
                clean(name),
                clean(&here.name),
                here.tenant
            ))
            .advice("Sign in to the tenant it was planned for, or make a new plan."))
    }

    /// Every step of the fresh plan was planned before: what is done has dropped out, nothing is new or different.
    pub fn still_holds(&self, old: &Plan, fresh: &Plan) -> Result<(), Failure> {
        let different: Vec<String> =
            old.rows.iter().zip(&fresh.rows).filter_map(|(old, fresh)| difference(old, fresh)).collect();
        if different.is_empty() && old.rows.len() == fresh.rows.len() {
            return Ok(());
        }
        let mut failure = Failure::gate(format!(
            "The plan no longer holds for {} of {} rows; nothing was changed.",
            different.len(),
            old.rows.len()
        ));
        for line in different.iter().take(TOLD) {
            failure = failure.because(line.clone());
        }
        if different.len() > TOLD {
            failure = failure.because(format!("… and {} more", different.len() - TOLD));
        }
        Err(failure.advice("Make a new plan with `oathctl plan`, look at it, and apply that."))
    }
}

/// What is new or different in a row; `None` when nothing is, or when its steps are done.
fn difference(old: &PlanRow, fresh: &PlanRow) -> Option<String> {
    let serial = clean(&old.serial);
    if old.row != fresh.row || old.serial != fresh.serial || old.upn != fresh.upn || old.goal != fresh.goal {
        return Some(format!("{serial}: the row is another one"));
    }
    let failed_now = fresh.end.as_ref().and_then(|end| end.why.as_ref());
    let failed_then = old.end.as_ref().and_then(|end| end.why.as_ref());
    if let Some(why) = failed_now.filter(|why| Some(*why) != failed_then) {
        return Some(format!("{serial}: {}", words::message(why)));
    }
    if old.user.is_some() && old.user != fresh.user {
        return Some(format!("{serial}: its person is another account now"));
    }
    // Done steps are a beginning of the planned ones; what is left must be their end, made for a state they lead to.
    (!old.steps.ends_with(&fresh.steps))
        .then(|| format!("{serial}: planned {}, now {}", steps(old), steps(fresh)))
}

fn steps(row: &PlanRow) -> String {
    let words: Vec<String> = row.steps.iter().map(|step| format!("{step:?}").to_lowercase()).collect();
    if words.is_empty() { "nothing to do".into() } else { words.join(" + ") }
}
