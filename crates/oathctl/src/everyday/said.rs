//! Which sentences a small request is told in, before and after; for a large one numbers say more.
//!
//! Owns: when there are sentences, who is named in them. Does not own: the sentences
//! ([`crate::words::en::everyday`]).

use std::collections::BTreeMap;

use oathctl_core::plan::{Plan, PlanRow, Seen};
use oathctl_core::report::{Outcome, RowReport};
use oathctl_core::snapshot::Snapshot;
use oathctl_core::tenant::{DeviceStatus, User};
use oathctl_core::token::UserId;

use crate::words;
use crate::words::en::everyday::{self, About};
use crate::words::en::foreign::clean;

/// More rows than this are told in numbers.
const FEW: usize = 12;

/// What is going to happen, token by token; nothing for a large plan.
pub(super) fn before(
    plan: &Plan,
    snapshot: &Snapshot,
    names: &BTreeMap<UserId, String>,
) -> Option<Vec<String>> {
    if plan.rows.len() > FEW {
        return None;
    }
    let mut lines: Vec<String> = plan.rows.iter().map(|row| row_before(row, snapshot, names)).collect();
    lines.extend(everyday::left_without(plan.totals.left_without));
    Some(lines)
}

fn row_before(row: &PlanRow, snapshot: &Snapshot, names: &BTreeMap<UserId, String>) -> String {
    let holder = match &row.seen {
        Seen::Present { holder: Some(holder), .. } => {
            Some(names.get(holder).cloned().unwrap_or_else(|| name_of(holder, snapshot)))
        }
        _ => None,
    };
    let person = row.user.as_ref().map(|id| name_of(id, snapshot)).or_else(|| row.upn.as_deref().map(clean));
    let about = About {
        serial: &clean(&row.serial),
        person: person.as_deref(),
        holder: holder.as_deref(),
        was_active: matches!(&row.seen, Seen::Present { status: DeviceStatus::Activated, .. }),
        stays_out: row.asked.lost || row.asked.retired,
        left: row.asked.left,
    };
    match &row.end {
        Some(end) => match (&end.why, end.outcome) {
            (Some(why), _) => everyday::left_alone(&about, &words::message(why)),
            (None, outcome) => everyday::there_already(&about, outcome, &row.asked.wish),
        },
        None => everyday::before(&about, &row.asked.wish, &row.steps, row.asked.after.is_some()),
    }
}

/// How it went, token by token; nothing for a large run or for one of a file.
pub fn after(plan: &Plan, rows: &[RowReport]) -> Option<Vec<String>> {
    let fits = rows.len() == plan.rows.len() && rows.len() <= FEW;
    let lines = plan.rows.iter().zip(rows).filter_map(|(planned, row)| row_after(planned, row));
    fits.then(|| lines.collect())
}

fn row_after(planned: &PlanRow, row: &RowReport) -> Option<String> {
    if matches!(row.outcome, Outcome::Failed | Outcome::Unknown) {
        return None; // told below, with what to do
    }
    let person = row.upn.as_deref().map(clean);
    let serial = clean(&planned.serial);
    let stays_out = planned.asked.lost || planned.asked.retired;
    let about = About {
        serial: &serial,
        person: person.as_deref(),
        holder: None,
        was_active: false,
        stays_out,
        left: false,
    };
    Some(match (&row.detail, &planned.asked.wish) {
        (Some(why), _) => everyday::left_alone(&about, &words::message(why)),
        (None, wish) if row.changed => everyday::after(&about, wish, row.outcome),
        (None, wish) => everyday::there_already(&about, row.outcome, wish),
    })
}

/// `Ada Lovelace (ada@contoso.com)`.
fn name_of(id: &UserId, snapshot: &Snapshot) -> String {
    let by_id = snapshot.users.get(&id.as_str().to_lowercase()).and_then(Option::as_ref);
    let found = by_id.or_else(|| snapshot.users.values().flatten().find(|user| user.id == *id));
    match found {
        Some(User { name, upn, .. }) if name.is_empty() || name.eq_ignore_ascii_case(upn) => clean(upn),
        Some(User { name, upn, .. }) => format!("{} ({})", clean(name), clean(upn)),
        None => listed(id, snapshot).unwrap_or_else(|| clean(id.as_str())),
    }
}

/// As the list of devices names somebody who can't be read any more.
fn listed(id: &UserId, snapshot: &Snapshot) -> Option<String> {
    let holders = snapshot.devices.iter().filter_map(|device| device.holder.as_ref());
    let name = holders.filter(|holder| holder.id == *id).find_map(|holder| holder.name.as_deref())?;
    Some(format!("{} ({})", clean(name), clean(id.as_str())))
}
