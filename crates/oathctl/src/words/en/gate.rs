//! Refusals of the gate.
//!
//! Owns: [`gate_refusal`]: both numbers and the flag. Does not own: any limit.

use oathctl_core::gate::{GateRefusal, GateRule};

/// What the plan would do, what is allowed, and the flag that allows it.
pub fn gate_refusal(refusal: &GateRefusal) -> String {
    let GateRefusal { rule, planned, allowed, flag } = refusal;
    let planned = *planned;
    match rule {
        GateRule::Reassignments => format!(
            "The plan takes {} from present holders, and {allowed} may be taken. If that is meant, say \
             `{flag} {planned}`.",
            tokens(planned)
        ),
        GateRule::Deletions => format!(
            "The plan takes away or deletes {}, and {allowed} may be. If that is meant, say `{flag} {planned}`.",
            tokens(planned)
        ),
        GateRule::OtherDomains => format!(
            "Of the people in the file {planned} belong to domains that this tenant doesn't have, and {allowed} to its \
             own, so it may be the wrong tenant. Compare the tenant's name and id; if it's the right one, say `{flag}`."
        ),
    }
}

fn tokens(n: u64) -> String {
    super::page::count(n, "token")
}
