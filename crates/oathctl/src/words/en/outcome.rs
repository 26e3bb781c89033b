//! How a row ended, and how far its device is known to work.
//!
//! Owns: [`outcome`], [`proof`]. Only a device that showed its code or was used to sign in is called working.

use oathctl_core::report::{Outcome, Proof};

/// A label for a row or a total.
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Activated => "activated",
        Outcome::AlreadyActive => "already active",
        Outcome::Assigned => "assigned",
        Outcome::Imported => "imported",
        Outcome::Deleted => "deleted",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
        Outcome::Unknown => "unknown",
    }
}

/// What is known of the device, as the end of "This token is …".
pub const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "not proven",
        Proof::ReadBack => "active in the tenant, the device itself untried",
        Proof::Batch => "active in the tenant, and another device of its batch showed the right code",
        Proof::Device => "working: this device showed the right code",
        Proof::SignIn => "working: used to sign in since",
    }
}
