//! People who are to get a token and hold another one already (H4).
//!
//! Owns: the refusal, with their number. Does not own: how many tokens somebody may hold (`oathctl-core`).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::plan::Plan;
use oathctl_core::snapshot::Snapshot;
use oathctl_core::token::{UserId, serial_key};

use crate::failure::Failure;
use crate::words::en::foreign::clean;

/// So many are named.
const NAMED: usize = 5;

/// Refuses a plan that gives somebody a second token. Tokens of the file itself don't count: what an earlier run of
/// it has done is no second token.
pub fn refuse(snapshot: &Snapshot, plan: &Plan) -> Result<(), Failure> {
    let own: BTreeSet<String> = plan.rows.iter().map(|row| serial_key(&row.serial)).collect();
    let others = snapshot.devices.iter().filter(|device| !own.contains(&serial_key(&device.serial)));
    let key = |user: &UserId| user.as_str().to_ascii_lowercase();
    let holders: BTreeSet<String> =
        others.filter_map(|device| device.holder.as_ref()).map(|holder| key(&holder.id)).collect();
    let people = plan.pending().filter_map(|row| Some((key(row.user.as_ref()?), row.upn.as_deref()?)));
    let found: BTreeMap<String, &str> = people.filter(|(user, _)| holders.contains(user)).collect();
    if found.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = found.values().take(NAMED).map(|upn| clean(upn)).collect();
    let more = if found.len() > NAMED { ", …" } else { "" };
    Err(Failure::gate(format!(
        "Of the people of `--users` {} would get a second token; nothing was changed.",
        found.len()
    ))
    .called("second_token")
    .because(format!("these hold one: {}{more}", named.join(", ")))
    .advice(
        "See whether the list is the right one. If a second token is meant, say `--additional`; if not, leave these \
         people out with `--exclude`.",
    ))
}
