//! The gate between plan and apply: numbers, limits, and the flag that lifts each.
//!
//! Owns: [`gate`], [`GateRefusal`]. Does not own: the confirmation (a person's or `--yes`), which answers only what
//! the gate has let through.

use serde::Serialize;

use crate::plan::Plan;

/// At least this many are allowed where a share is smaller.
pub const ALLOWED_AT_LEAST: u64 = 10;
/// The share allowed without a number, in percent.
pub const ALLOWED_PERCENT: u64 = 5;

/// A rule the gate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateRule {
    /// Tokens that change their holder.
    Reassignments,
    /// Tokens taken from people or deleted.
    Deletions,
    /// People whose domain is not verified in this tenant.
    OtherDomains,
}

/// Both numbers and the flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateRefusal {
    /// Which rule.
    pub rule: GateRule,
    /// What the plan has.
    pub planned: u64,
    /// What is allowed.
    pub allowed: u64,
    /// The flag that lifts it.
    pub flag: &'static str,
}

/// Everything the plan does beyond its limits; empty when it may go to the confirmation.
pub fn gate(plan: &Plan) -> Vec<GateRefusal> {
    let totals = &plan.totals;
    let mut refusals = Vec::new();
    let mut hold = |rule, planned, allowed, flag| {
        if planned > allowed {
            refusals.push(GateRefusal { rule, planned, allowed, flag });
        }
    };
    let reassign = plan.limits.max_reassign.unwrap_or_else(|| share(totals.rows));
    hold(GateRule::Reassignments, totals.reassign, reassign, "--max-reassign");
    let delete = plan.limits.max_delete.unwrap_or_else(|| share(totals.tenant_devices));
    hold(GateRule::Deletions, totals.unassign.max(totals.delete), delete, "--max-delete");
    if !plan.options.other_domains_ok && totals.people_foreign > totals.people_home {
        hold(GateRule::OtherDomains, totals.people_foreign, totals.people_home, "--other-domains-ok");
    }
    refusals
}

fn share(of: u64) -> u64 {
    (of * ALLOWED_PERCENT / 100).max(ALLOWED_AT_LEAST)
}
